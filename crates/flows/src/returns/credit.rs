//! Asks the orders to give back what is due, and hears what they grant and when it is paid.

use super::authorise::currency_of;
use super::state::{Doc, Request, RequestState};
use super::turn::Turn;
use super::{documents, exchange, fees};
use crate::messages::{Granted, Release, Request as Ask, RequestLine, Verdict};
use crate::out::Res;
use hub::process::Fault;
use retail::returns::LineOutcome;
use std::sync::Arc;

/// Units of one order that are asked for together: those with the same fee, and those that pay for one exchange.
struct Group {
    order: u16,
    exchanged: bool,
    restocking: Option<usize>,
    /// (part, quantity).
    lines: Vec<(u16, i64)>,
}

/// Asks for everything that is due and not asked for. It waits until the ERP has authorised the return.
pub(super) fn request(t: &mut Turn<'_>) -> Res {
    if t.body.pending.keys().any(|k| k.starts_with("create_return_order:")) {
        return Ok(());
    }
    let doc = Arc::clone(&t.doc);
    let mut groups: Vec<Group> = Vec::new();
    for line in t.body.line_numbers() {
        let mut due = t.body.due(&doc, line, &t.policy.returns) - t.body.asked(line);
        let Some(wish) = doc.lines.get(usize::from(line)).filter(|_| due > 0) else { continue };
        let exchanged = wish.outcome == LineOutcome::Exchange;
        for i in (0_u16..).take(t.body.parts.len()) {
            let Some(part) = t.body.parts.get(usize::from(i)).cloned() else { continue };
            let n = (part.units.0 - part.units.1 - part.units.3).min(due);
            if part.line != line || n <= 0 || (exchanged && !exchange::ready(t, part.order)) {
                continue;
            }
            if let Some(part) = t.body.parts.get_mut(usize::from(i)) {
                part.units.1 += n;
            }
            due -= n;
            let restocking = fees::restocking(t, wish, &part);
            let same = |g: &&mut Group| {
                g.order == part.order && g.exchanged == exchanged && g.restocking == restocking
            };
            match groups.iter_mut().find(same) {
                Some(g) => g.lines.push((i, n)),
                None => groups.push(Group { order: part.order, exchanged, restocking, lines: vec![(i, n)] }),
            }
        }
        ahead(t, &doc, line)?;
    }
    for group in groups {
        ask(t, group)?;
    }
    Ok(())
}

fn ask(t: &mut Turn<'_>, group: Group) -> Res {
    let Group { order, exchanged, restocking, lines } = group;
    let id = (t.body.requests.len() + 1).to_string();
    let paid_by = t.doc.paid.as_ref().map(|p| p.refund.clone());
    let units =
        |t: &Turn<'_>, (part, n): &(u16, i64)| t.body.parts.get(usize::from(*part)).map(|p| (p.line, *n));
    let counted: Vec<(u16, i64)> = lines.iter().filter_map(|l| units(t, l)).collect();
    let (exchange, pays) = match exchanged.then(|| exchange::asked(t, order, &counted)).flatten() {
        Some((n, pays)) => (Some(n), Some(pays)),
        None => (None, None),
    };
    let fees = if paid_by.is_some() { Vec::new() } else { fees::of(t, order, restocking, &counted) };
    let mut lines_named = named(t, &lines);
    if exchanged && exchange.is_none() {
        // Too few came for one unit of what was wanted: they are refunded.
        lines_named.iter_mut().for_each(|l| l.outcome = LineOutcome::Refund);
    }
    let rma = t.rma().to_owned();
    let ask = Ask { rma, id, lines: lines_named, fees, exchange: pays, paid_by };
    let state = RequestState::Asked;
    t.body.requests.push(Request { order, lines, state, credit: String::new(), amount: 0, exchange });
    t.order(order, "credit.request", &ask)
}

/// Says which units are credited before they came, or without coming, and why.
fn ahead(t: &mut Turn<'_>, doc: &Doc, line: u16) -> Res {
    let known = t.body.ahead.iter().find(|a| a.0 == line).map_or(0, |a| a.1);
    let here = t.body.lines.get(usize::from(line)).map_or(0, |l| l.received);
    let more = t.body.asked(line) - here - known;
    let why = t.body.ahead_of_goods(doc, line, &t.policy.returns);
    let (Some(why), Some(wish)) = (why.filter(|_| more > 0 && t.body.is_goods(line)), t.wish(line)) else {
        return Ok(());
    };
    let fact = serde_json::json!({"line": wish.id, "quantity": more, "why": why});
    match t.body.ahead.iter_mut().find(|a| a.0 == line) {
        Some(a) => a.1 += more,
        None => t.body.ahead.push((line, more)),
    }
    t.out.fact("return.credited_ahead", &fact)
}

fn named(t: &Turn<'_>, lines: &[(u16, i64)]) -> Vec<RequestLine> {
    let named = lines.iter().filter_map(|(part, quantity)| {
        let part = t.body.parts.get(usize::from(*part))?;
        let wish = t.wish(part.line)?;
        // What could not be repaired is refunded.
        let outcome = if wish.outcome.gives_value() { wish.outcome } else { LineOutcome::Refund };
        Some(RequestLine {
            return_line: wish.id.clone(),
            order_line: part.order_line.clone(),
            quantity: *quantity,
            outcome,
        })
    });
    named.collect()
}

/// Gives back to the orders what can no longer become due: units that will not come, were rejected, or are the
/// customer's again. Units that stay with the retailer for nothing are held on.
pub(super) fn give_up(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let mut back: Vec<(u16, Vec<(u16, i64)>)> = Vec::new();
    for line in t.body.line_numbers() {
        let all_asked = t.body.asked(line) >= t.body.due(&doc, line, &t.policy.returns);
        if !all_asked || !t.body.line_final(line) {
            continue;
        }
        let mut stays = t.body.taken_back(&doc, line);
        for (i, part) in (0_u16..).zip(&mut t.body.parts) {
            let open = part.units.0 - part.units.1 - part.units.3;
            if part.line != line || open <= 0 {
                continue;
            }
            let n = open - open.min(stays);
            stays -= open - n;
            part.units.3 += n;
            if n > 0 {
                match back.iter_mut().find(|b| b.0 == part.order) {
                    Some(b) => b.1.push((i, n)),
                    None => back.push((part.order, vec![(i, n)])),
                }
            }
        }
    }
    for (order, lines) in back {
        let mut named = named(t, &lines);
        named.iter_mut().for_each(|l| l.outcome = LineOutcome::Refund);
        let release = Release { rma: t.rma().to_owned(), lines: named };
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
    let exchange = t.body.requests.get(r).and_then(|r| r.exchange);
    if let Some(n) = exchange {
        exchange::granted(t, n, said)?;
    }
    t.out.clear("credit_denied");
    t.out.clear("credit_declined");
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
    let (asked, exchange) = (request.state == RequestState::Asked, request.exchange);
    request.state = match request.state {
        RequestState::Settled | RequestState::Reversed => RequestState::Reversed,
        _ => RequestState::Failed,
    };
    if asked && reason == "declined" {
        t.out.raise(
            "credit_declined",
            "customer_service",
            format!(
                "the credit {} of return {} was declined by whoever approves such sums",
                said.credit, said.rma
            ),
            "tell the customer, and have the goods sent back or the credit granted by hand",
        );
    } else if asked {
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
    if let Some(n) = exchange.filter(|_| asked) {
        exchange::denied(t, n)?;
    }
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
