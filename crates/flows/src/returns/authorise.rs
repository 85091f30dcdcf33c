//! Says, per line and quantity, what may come back: what the order holds, if policy allows it. Everything else
//! is declined with a reason.

use super::state::{Answer, Late, Part};
use super::turn::Turn;
use super::{documents, exchange, keep, label, start};
use crate::messages::{Checked, CheckedLine, Release, RequestLine};
use crate::out::Res;
use crate::policy::WindowFrom;
use hub::process::Fault;
use retail::money::Currency;
use retail::returns::{LineOutcome, ReturnType};
use retail::time::Span;
use std::sync::Arc;

/// An order has answered.
pub(super) fn checked(t: &mut Turn<'_>, answer: &Checked) -> Res {
    t.same(&answer.rma)?;
    let Some(at) = t.body.orders.iter().position(|o| o.0 == answer.order) else {
        let why = format!("return {} asked nothing of order {:?}", t.name.value, answer.order);
        return Err(Fault::new("unknown_order", why));
    };
    let order = u16::try_from(at).unwrap_or(u16::MAX);
    if !t.policy.knows(answer.revision) {
        t.out.raise(
            "revision_unknown",
            "integration",
            format!(
                "order {} was placed under revision {n} of the settings, whose text (revisions/{n:04}.toml) is lost",
                answer.order,
                n = answer.revision
            ),
            "put the revision's file back into the data folder, start the hub again, then request a retry of the return",
        );
        return Ok(());
    }
    let Some(asked) = t.body.orders.get_mut(at).filter(|o| o.1 == Answer::Awaited) else { return Ok(()) };
    asked.1 = if answer.known { Answer::Known } else { Answer::Unknown };
    asked.2 = answer.currency;
    exchange::channel(t, order, answer);
    t.placed_under(order, answer);
    let mut back = Vec::new();
    for l in &answer.lines {
        let Some(line) = t.line(&l.return_line) else { continue };
        if t.body.sku(&t.doc, line).is_none() {
            t.body.skus.push((line, l.sku.clone()));
        }
        let refusal = if t.body.closed.is_some() { Some("cancelled") } else { policy(t, order, line, l) };
        if refusal.is_some() && l.held > 0 {
            back.push(RequestLine {
                return_line: l.return_line.clone(),
                order_line: l.order_line.clone(),
                quantity: l.held,
                outcome: LineOutcome::Refund,
            });
        }
        if let Some(reason) = refusal {
            if l.held > 0 {
                t.body.declined.push((line, l.held, reason.to_owned()));
            }
            continue;
        }
        keep::by_policy(t, order, line, l, answer.currency);
        t.body.parts.push(Part {
            line,
            order,
            order_line: l.order_line.clone(),
            kind: l.kind,
            category: l.category.clone(),
            units: (l.held, 0, 0, 0),
        });
    }
    if !back.is_empty() {
        let release = Release { rma: answer.rma.clone(), lines: back };
        t.order(order, "return.release", &release)?;
    }
    Ok(())
}

/// Why policy declines an order line's units, if it does.
fn policy(t: &Turn<'_>, order: u16, line: u16, l: &CheckedLine) -> Option<&'static str> {
    let rules = t.promised(order);
    let kind = t.doc.lines.get(usize::from(line))?.kind;
    let by_choice = matches!(kind, ReturnType::Withdrawal | ReturnType::Commercial);
    if by_choice && rules.not_returnable.contains(&l.category) {
        return Some("not_returnable");
    }
    let from = match rules.window_from {
        WindowFrom::Shipped => l.shipped_at.unwrap_or(l.placed_at),
        WindowFrom::Placed => l.placed_at,
    };
    let late = t.doc.notice > from.plus(Span::days(rules.days(&l.category, kind)));
    late.then_some("window_closed")
}

/// Judges the lines whose orders have answered: first all that name an order, later those that were matched to one.
/// What no order holds of them is declined, and everyone is told. Answers whether any line was judged.
pub(super) fn decide(t: &mut Turn<'_>) -> Res<bool> {
    let first = !t.body.decided;
    if first && t.body.awaits_orders() {
        return Ok(false);
    }
    let judged: Vec<u16> = if first {
        t.body.decided = true;
        t.body.line_numbers().filter(|l| t.body.late(*l).is_none()).collect()
    } else {
        t.body.line_numbers().filter(|l| answered(t, *l)).collect()
    };
    if judged.is_empty() {
        return Ok(first);
    }
    t.body.late.retain(|l| !judged.contains(&l.0));
    let doc = Arc::clone(&t.doc);
    for i in &judged {
        let Some(l) = doc.lines.get(usize::from(*i)) else { continue };
        let answered: i64 =
            t.body.approved(*i) + t.body.declined.iter().filter(|d| d.0 == *i).map(|d| d.1).sum::<i64>();
        let rest = l.quantity - answered;
        if rest > 0 {
            let sold = t.body.parts.iter().any(|p| p.line == *i) || answered > 0;
            let reason = if sold { "nothing_returnable" } else { "no_sale_found" };
            t.body.declined.push((*i, rest, reason.to_owned()));
        }
    }
    t.body.parts.retain(|p| p.units.0 > 0);
    refused(t, &judged)?;
    let approved: i64 = judged.iter().map(|l| t.body.approved(*l)).sum();
    if approved > 0 {
        t.body.rounds += 1;
        t.out.fact("return.authorised", &serde_json::json!({"quantity": approved}))?;
        documents::return_orders(t, &judged)?;
        documents::expect(t, &judged)?;
        label::buy(t)?;
        exchange::in_advance(t)?;
    }
    documents::decision(t, &judged)?;
    start::over(t, &judged)?;
    Ok(true)
}

/// Whether a line that was matched has its order's answer.
fn answered(t: &Turn<'_>, line: u16) -> bool {
    let order = t.wish(line).and_then(|l| l.order.as_deref());
    t.body.late(line) == Some(Late::Asking)
        && !t.body.orders.iter().any(|o| Some(o.0.as_str()) == order && o.1 == Answer::Awaited)
}

/// One fact per declined part of a line, with what was claimed for it.
fn refused(t: &mut Turn<'_>, judged: &[u16]) -> Res {
    let doc = Arc::clone(&t.doc);
    for (line, quantity, reason) in t.body.declined.clone().into_iter().filter(|d| judged.contains(&d.0)) {
        let Some(l) = doc.lines.get(usize::from(line)) else { continue };
        let currency = currency_of(t, l.order.as_deref());
        let claimed = l.claimed.and_then(|p| p.times(quantity, currency)).map(|m| m.minor);
        let fact = serde_json::json!({
            "line": l.id, "order": l.order, "sku": t.body.sku(&doc, line), "quantity": quantity, "reason": reason,
            "claimed_amount": claimed, "currency": currency,
        });
        t.out.fact("return.line_refused", &fact)?;
    }
    Ok(())
}

/// The currency of an order, or the entity's where there is no order to say.
pub(super) fn currency_of(t: &Turn<'_>, order: Option<&str>) -> Currency {
    let known = t.body.orders.iter().find(|o| Some(o.0.as_str()) == order).and_then(|o| o.2);
    known.unwrap_or(t.policy.currency)
}
