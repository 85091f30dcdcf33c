//! Holds: reasons why nothing of an order is released, as a set. What is held stays reserved; what was released
//! before is recalled as far as it has not left. It goes on when the set is empty.

use super::counts::settled;
use super::events::{HoldLifted, HoldRequested};
use super::gates::Hold;
use super::naming;
use super::recall;
use super::turn::Turn;
use crate::out::Res;
use std::sync::Arc;

/// Who holds where no person asked for it.
pub(super) const HUB: &str = "hub";

/// The hold of an order that its tenders do not cover any more.
pub(super) const PAYMENT_DUE: &str = "payment_due";

/// The hold of a check, and of what a tender's authorisation wants: a code, or `{code}.{tender}`.
fn family(code: &str) -> &str {
    code.split_once('.').map_or(code, |(family, _)| family)
}

/// The exception of a hold: code, owner, next step.
fn alarm(code: &str, by: &str) -> (&'static str, &'static str, &'static str) {
    if by != HUB {
        return (
            "held_by_request",
            "operations",
            "find out what it waits for, then lift the hold or cancel the order",
        );
    }
    match family(code) {
        "customer" => (
            "held_for_customer",
            "customer_service",
            "settle it with the customer, then lift the hold or cancel the order",
        ),
        "promotions" => (
            "held_for_promotions",
            "commerce",
            "compare the discounts with the promotion, then lift the hold or cancel the order",
        ),
        "tax" => (
            "held_for_tax",
            "finance",
            "find out which tax is right; lift the hold to charge what was placed, or cancel the order",
        ),
        "fraud" => {
            ("held_for_fraud", "operations", "review the order; lift the hold to let it go on, or cancel it")
        }
        PAYMENT_DUE => (
            "held_for_payment_due",
            "customer_service",
            "have the customer pay the rest; the report of the payment lifts the hold",
        ),
        _ => (
            "held_for_payment",
            "finance",
            "have the payment authorised again; the report of it lifts the hold",
        ),
    }
}

/// All exceptions that holds raise.
const ALARMS: [&str; 7] = [
    "held_by_request",
    "held_for_customer",
    "held_for_promotions",
    "held_for_tax",
    "held_for_fraud",
    "held_for_payment_due",
    "held_for_payment",
];

/// Holds the order, unless there is nothing left to hold. The same hold for the same reason changes nothing.
pub(super) fn place(t: &mut Turn<'_>, code: &str, reason: &str, by: &str) -> Res {
    let doc = Arc::clone(&t.doc);
    let same = t.body.stops.get(code).is_some_and(|h| h.reason == reason);
    if same || t.body.completed || (t.body.answered && settled(&doc, &t.body)) {
        return Ok(());
    }
    let since = t.body.stops.get(code).map_or(t.now.0, |h| h.since);
    let hold = Hold { reason: reason.to_owned(), by: by.to_owned(), since };
    t.body.stops.insert(code.to_owned(), hold);
    t.out.fact("order.held", &serde_json::json!({"hold": code, "reason": reason, "by": by}))?;
    let (alarm, owner, next) = alarm(code, by);
    t.out.raise(alarm, owner, format!("order {} is held for {code}: {reason}", t.name.value), next);
    for line in (0_u16..).take(doc.lines.len()) {
        recall::recall(t, line)?;
    }
    Ok(())
}

/// Lifts a hold; one that is not there changes nothing.
pub(super) fn lift(t: &mut Turn<'_>, code: &str, by: &str) -> Res {
    if t.body.stops.remove(code).is_none() {
        return Ok(());
    }
    clear(t);
    t.out.fact("order.hold_lifted", &serde_json::json!({"hold": code, "by": by}))
}

/// Ends the exceptions for which no hold stands any more.
fn clear(t: &mut Turn<'_>) {
    let left: Vec<&str> = t.body.stops.iter().map(|(code, h)| alarm(code, &h.by).0).collect();
    for over in ALARMS.into_iter().filter(|a| !left.contains(a)) {
        t.out.raise.retain(|a| a.code != over);
        t.out.clear(over);
    }
}

/// A person or another system wants the order held.
pub(super) fn requested(t: &mut Turn<'_>, event: &HoldRequested) -> Res {
    naming::same_order(t, &event.order)?;
    let reason = if event.reason.is_empty() { "no reason given" } else { &event.reason };
    place(t, &event.hold, reason, &event.by)
}

/// A person or another system lets it go on: also without the verdict of a check of that name.
pub(super) fn lifted(t: &mut Turn<'_>, event: &HoldLifted) -> Res {
    naming::same_order(t, &event.order)?;
    for (code, check) in &mut t.body.checks {
        if *code == event.hold {
            check.until = None;
        }
    }
    lift(t, &event.hold, &event.by)
}

/// Whether nothing may be released.
pub(super) fn stands(t: &Turn<'_>) -> bool {
    !t.body.stops.is_empty() || t.body.checks.values().any(|c| c.until.is_some())
}

/// Once every unit is shipped or cancelled there is nothing left to hold.
pub(super) fn settle(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    if t.body.stops.is_empty() || !settled(&doc, &t.body) {
        return Ok(());
    }
    let codes: Vec<String> = t.body.stops.keys().cloned().collect();
    codes.iter().try_for_each(|code| lift(t, code, HUB))
}
