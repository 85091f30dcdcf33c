//! Asks the orders to give back what is due, and hears what they grant and when it is paid.

use super::authorise::currency_of;
use super::documents;
use super::state::{Request, RequestState};
use super::turn::Turn;
use crate::messages::{Granted, Release, Request as Ask, RequestLine, Verdict};
use crate::out::Res;
use hub::process::Fault;
use std::sync::Arc;

/// Asks for everything that is due and not asked for, one request per order. It waits until the ERP has
/// authorised the return.
pub(super) fn request(t: &mut Turn<'_>) -> Res {
    if t.body.pending.keys().any(|k| k.starts_with("create_return_order:")) {
        return Ok(());
    }
    let mut asks: Vec<(u16, Vec<(u16, i64)>)> = Vec::new();
    for line in t.body.line_numbers() {
        let mut due = t.body.due(line, &t.policy.returns) - t.body.asked(line);
        for (i, part) in (0_u16..).zip(&mut t.body.parts) {
            let n = (part.units.0 - part.units.1 - part.units.3).min(due);
            if part.line != line || n <= 0 {
                continue;
            }
            part.units.1 += n;
            due -= n;
            match asks.iter_mut().find(|a| a.0 == part.order) {
                Some(a) => a.1.push((i, n)),
                None => asks.push((part.order, vec![(i, n)])),
            }
        }
    }
    for (order, lines) in asks {
        let id = (t.body.requests.len() + 1).to_string();
        let lines_asked = named(t, &lines);
        let ask = Ask {
            rma: t.rma().to_owned(),
            id,
            lines: lines_asked,
            fees: Vec::new(),
            exchange: None,
            paid_by: None,
        };
        let state = RequestState::Asked;
        t.body.requests.push(Request { order, lines, state, credit: String::new(), amount: 0 });
        t.order(order, "credit.request", &ask)?;
    }
    Ok(())
}

fn named(t: &Turn<'_>, lines: &[(u16, i64)]) -> Vec<RequestLine> {
    let named = lines.iter().filter_map(|(part, quantity)| {
        let part = t.body.parts.get(usize::from(*part))?;
        Some(RequestLine {
            return_line: t.doc.lines.get(usize::from(part.line))?.id.clone(),
            order_line: part.order_line.clone(),
            quantity: *quantity,
            outcome: retail::returns::LineOutcome::Refund,
        })
    });
    named.collect()
}

/// Gives back to the orders what can no longer become due: units that will not come, or were rejected.
pub(super) fn give_up(t: &mut Turn<'_>) -> Res {
    let mut back: Vec<(u16, Vec<(u16, i64)>)> = Vec::new();
    for line in t.body.line_numbers() {
        let all_asked = t.body.asked(line) >= t.body.due(line, &t.policy.returns);
        if !all_asked || !t.body.line_final(line) {
            continue;
        }
        for (i, part) in (0_u16..).zip(&mut t.body.parts) {
            let n = part.units.0 - part.units.1 - part.units.3;
            if part.line != line || n <= 0 {
                continue;
            }
            part.units.3 += n;
            match back.iter_mut().find(|b| b.0 == part.order) {
                Some(b) => b.1.push((i, n)),
                None => back.push((part.order, vec![(i, n)])),
            }
        }
    }
    for (order, lines) in back {
        let release = Release { rma: t.rma().to_owned(), lines: named(t, &lines) };
        t.order(order, "return.release", &release)?;
    }
    Ok(())
}

fn position(t: &Turn<'_>, rma: &str, id: &str) -> Res<usize> {
    t.same(rma)?;
    let at = id.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    at.filter(|i| *i < t.body.requests.len())
        .ok_or_else(|| Fault::new("unknown_credit", format!("return {rma} asked no credit {id:?}")))
}

/// The order has granted a credit: what is given back may differ from what the customer claimed.
pub(super) fn granted(t: &mut Turn<'_>, said: &Granted) -> Res {
    let r = position(t, &said.rma, &said.id)?;
    let doc = Arc::clone(&t.doc);
    let Some(request) = t.body.requests.get_mut(r).filter(|r| r.state == RequestState::Asked) else {
        return Ok(());
    };
    request.state = RequestState::Granted;
    request.credit.clone_from(&said.credit);
    request.amount = said.amount;
    let order = request.order;
    for l in &said.lines {
        let Some(line) = t.line(&l.return_line) else { continue };
        let before = t.body.credited(line);
        let part = t
            .body
            .parts
            .iter_mut()
            .find(|p| p.line == line && p.order == order && p.order_line == l.order_line);
        if let Some(part) = part {
            part.units.2 += l.quantity;
        }
        // Units of a line are counted on, so that what was claimed for all of them rounds once.
        let claimed = doc.lines.get(usize::from(line)).and_then(|x| x.claimed).and_then(|price| {
            let upto = |n| price.times(n, said.currency).map(|m| m.minor);
            upto(before + l.quantity)?.checked_sub(upto(before)?)
        });
        if let Some(claimed) = claimed.filter(|c| *c != l.amount) {
            t.out.fact(
                "return.price_differed",
                &serde_json::json!({
                    "line": l.return_line, "credit": said.credit, "quantity": l.quantity, "claimed": claimed,
                    "paid": l.amount, "difference": claimed - l.amount, "currency": said.currency,
                }),
            )?;
        }
    }
    t.out.clear("credit_denied");
    t.out.fact("return.credited", &serde_json::json!({"credit": said.credit, "amount": said.amount}))
}

/// The money has gone back.
pub(super) fn settled(t: &mut Turn<'_>, said: &Verdict) -> Res {
    let r = position(t, &said.rma, &said.id)?;
    let Some(request) = t.body.requests.get_mut(r).filter(|r| r.state != RequestState::Settled) else {
        return Ok(());
    };
    let first = request.state != RequestState::Reversed;
    request.state = RequestState::Settled;
    let request = request.clone();
    t.out.clear("credit_failed");
    t.out.fact("return.refunded", &serde_json::json!({"credit": said.credit, "amount": said.amount}))?;
    // A credit that was paid, came back and is paid after all has been told already.
    if first { documents::refunded(t, &request, said.currency) } else { Ok(()) }
}

/// The money did not go, or came back. The order still owes it.
pub(super) fn failed(t: &mut Turn<'_>, said: &Verdict) -> Res {
    let r = position(t, &said.rma, &said.id)?;
    let Some(request) = t.body.requests.get_mut(r) else { return Ok(()) };
    let reason = said.reason.as_deref().unwrap_or_default();
    if request.state == RequestState::Asked {
        // The order holds nothing for this return: a bug in one of the two, and no money moves on it.
        t.out.raise(
            "credit_denied",
            "integration",
            format!(
                "{} was asked to give back units for return {} and would not: {reason}",
                said.credit, said.rma
            ),
            "compare the return with the order's returnable units",
        );
    }
    request.state = match request.state {
        RequestState::Settled | RequestState::Reversed => RequestState::Reversed,
        _ => RequestState::Failed,
    };
    t.out.fact("return.refund_failed", &serde_json::json!({"credit": said.credit, "reason": reason}))
}

/// What has been paid back in all, in the currency of each order: (amount, currency code).
pub(super) fn paid(t: &Turn<'_>) -> Vec<(i64, retail::money::Currency)> {
    let mut sums: Vec<(i64, retail::money::Currency)> = Vec::new();
    for r in t.body.requests.iter().filter(|r| r.state == RequestState::Settled) {
        let order = t.body.orders.get(usize::from(r.order)).map(|o| o.0.as_str());
        let currency = currency_of(t, order);
        match sums.iter_mut().find(|s| s.1 == currency) {
            Some(s) => s.0 += r.amount,
            None => sums.push((r.amount, currency)),
        }
    }
    sums
}
