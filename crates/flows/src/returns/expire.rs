//! What ends a return that does not come, and what warns before the law's deadline.

use super::documents::{self, UpdateLine};
use super::events::{Cancelled, RetryRequested};
use super::state::{Closed, Late, Warning};
use super::turn::Turn;
use super::{deadline, dispose, label};
use crate::out::Res;
use crate::pending::Pending;
use crate::tell;
use hub::process::Fault;
use retail::time::Time;
use std::sync::Arc;

/// The customer keeps it after all. Once goods have arrived that is too late.
pub(super) fn cancelled(t: &mut Turn<'_>, event: &Cancelled) -> Res {
    t.same(&event.rma)?;
    if t.body.closed == Some(Closed::Cancelled) {
        return Ok(());
    }
    if t.body.any_received() || t.body.completed || !t.body.requests.is_empty() {
        let why =
            format!("return {} has been received or credited; it cannot be cancelled any more", t.name.value);
        return Err(Fault::new("cancelled_too_late", why));
    }
    t.body.closed = Some(Closed::Cancelled);
    t.out.fact("return.cancelled", &serde_json::json!({}))
}

/// When the return wants to be woken.
pub(super) fn due(t: &Turn<'_>) -> Option<Time> {
    moments(t).into_iter().map(|(at, _)| at).min()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    Arrival,
    Warn(Warning),
}

fn moments(t: &Turn<'_>) -> Vec<(Time, Moment)> {
    let (body, spans) = (&t.body, &t.policy.spans);
    let mut moments = Vec::new();
    if body.completed {
        return moments;
    }
    let warned = |w| body.warned.contains(&w);
    if body.decided && body.line_numbers().any(|l| body.expected(l) > 0) {
        moments.push((Time(body.since).plus(spans.arrival), Moment::Arrival));
    }
    if let Some(at) = body.received_at.filter(|_| body.uninspected() > 0 && !warned(Warning::Inspection)) {
        moments.push((Time(at).plus(spans.inspection), Moment::Warn(Warning::Inspection)));
    }
    let unmatched = body.late.iter().any(|l| l.1 == Late::Unmatched);
    if unmatched && !warned(Warning::Match) {
        moments
            .push((Time(body.since).plus(t.policy.returns.rules.match_after), Moment::Warn(Warning::Match)));
    }
    let missing = body.line_numbers().any(|l| body.expected(l) > 0);
    if let Some(at) = body.carried.filter(|_| missing && !warned(Warning::Carried)) {
        moments.push((Time(at).plus(t.policy.returns.rules.receipt_after), Moment::Warn(Warning::Carried)));
    }
    if !body.early.is_empty() && body.late.is_empty() && !warned(Warning::Early) {
        moments.push((Time(body.since).plus(spans.early), Moment::Warn(Warning::Early)));
    }
    if !deadline::owes(t) {
        return moments;
    }
    if let Some(at) = deadline::of(t).filter(|_| !warned(Warning::Deadline)) {
        let at = Time(at.0.saturating_sub(spans.deadline_warning.0));
        // A return that comes in late is not warned about the moment it opens.
        moments
            .push((at.max(Time(body.since).plus(spans.deadline_warning)), Moment::Warn(Warning::Deadline)));
    }
    if let Some(at) = deadline::broken(t).filter(|_| !warned(Warning::Passed)) {
        moments.push((at, Moment::Warn(Warning::Passed)));
    }
    moments
}

pub(super) fn timer(t: &mut Turn<'_>) -> Res {
    for (at, moment) in moments(t) {
        if at > t.now {
            continue;
        }
        match moment {
            Moment::Arrival => expire(t)?,
            Moment::Warn(w) => warn(t, w),
        }
    }
    Ok(())
}

/// What has not arrived by now is no longer waited for.
fn expire(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let missing: Vec<(u16, i64)> =
        t.body.line_numbers().map(|l| (l, t.body.expected(l))).filter(|m| m.1 > 0).collect();
    t.body.closed = Some(Closed::Expired);
    let n: i64 = missing.iter().map(|m| m.1).sum();
    t.out.fact("return.expired", &serde_json::json!({"quantity": n}))?;
    if missing.iter().any(|(l, _)| t.body.ahead.iter().any(|a| a.0 == *l)) {
        t.out.raise(
            "credited_and_not_returned",
            "customer_service",
            format!("units of return {} were credited before they came, and never came", t.name.value),
            "claim the goods or the money from the customer",
        );
    }
    let lines = missing.iter().filter_map(|(i, quantity)| {
        let line = doc.lines.get(usize::from(*i))?;
        Some(UpdateLine { line: &line.id, status: "declined", reason: Some("expired"), quantity: *quantity })
    });
    documents::update(t, "declined", Some("expired"), lines.collect(), None)
}

fn warn(t: &mut Turn<'_>, warning: Warning) {
    t.body.warned.push(warning);
    let rma = t.rma();
    match warning {
        Warning::Inspection => t.out.raise(
            "inspection_overdue",
            "operations",
            format!("{} units of return {rma} were received and not inspected", t.body.uninspected()),
            "have the place inspect them",
        ),
        Warning::Deadline => t.out.raise(
            "deadline_near",
            "customer_service",
            format!(
                "return {rma} is to be paid back by law by {}",
                deadline::of(t).map(|d| d.to_string()).unwrap_or_default()
            ),
            "have the goods inspected, or pay back without waiting for them",
        ),
        Warning::Passed => t.out.raise(
            "deadline_passed",
            "customer_service",
            format!(
                "return {rma} was to be settled by law by {} and is not",
                deadline::of(t).map(|d| d.to_string()).unwrap_or_default()
            ),
            "settle it today: have the goods inspected, or pay back without waiting for them",
        ),
        Warning::Match => t.out.raise(
            "return_unmatched",
            "customer_service",
            format!("goods of return {rma} belong to no order that is known"),
            "find the sale and match its lines (return.matched), or say that there is none",
        ),
        Warning::Carried => t.out.raise(
            "return_not_received",
            "warehouse",
            format!("the carrier has handed the parcel of return {rma} over, and no receipt has come"),
            "find the parcel at the dock and report its receipt, or report it lost (return.lost)",
        ),
        Warning::Early => t.out.raise(
            "early_event_waits",
            "integration",
            format!("{} event(s) of return {rma} wait for a receipt that has not come", t.body.early.len()),
            "have the warehouse send the receipt again",
        ),
    }
}

/// A person says: offer again what was refused.
pub(super) fn retry_requested(t: &mut Turn<'_>, event: &RetryRequested) -> Res {
    t.same(&event.rma)?;
    let refused: Vec<String> =
        t.body.pending.iter().filter(|(_, p)| **p == Pending::Refused).map(|(k, _)| k.clone()).collect();
    let mut orders = false;
    t.out.clear("command_fault");
    if t.body.raised.iter().any(|code| code == "revision_unknown") {
        t.out.clear("revision_unknown");
        super::request::ask(t)?;
    }
    tell::seen_to(&mut t.out, &t.body.raised);
    for key in refused {
        t.body.pending.remove(&key);
        let (op, id) = key.split_once(':').unwrap_or((key.as_str(), ""));
        match op {
            "create_return_order" if !orders => {
                orders = true;
                let approved: Vec<u16> = t.body.line_numbers().filter(|l| t.body.approved(*l) > 0).collect();
                documents::return_orders(t, &approved)?;
            }
            "expect_return" => {
                let lines: Vec<u16> = t.body.line_numbers().collect();
                documents::expect(t, &lines)?;
            }
            "buy_return_label" => label::buy(t)?,
            "dispose" | "post_return_receipt" => dispose::again(t, op, id)?,
            // A later update says more than the one that was refused; of the last, a person has told the customer.
            "update_return" => t.out.clear(crate::refusal::code(op)),
            _ => {}
        }
    }
    Ok(())
}
