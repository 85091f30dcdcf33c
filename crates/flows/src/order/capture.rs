//! Takes the money for what was shipped from the tenders, each through its executor, and lets go of what was
//! authorised for nothing.

use super::counts::settled;
use super::state::TenderSums;
use super::tenders;
use super::turn::Turn;
use crate::messages::is_virtual;
use crate::out::{Res, To};
use crate::pending::Pending;
use crate::policy::{CaptureRule, SingleCapture};
use retail::envelope::Class;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Capture<'a> {
    payment: &'a str,
    order: &'a str,
    amount: i64,
    currency: &'a str,
    several: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Void<'a> {
    payment: &'a str,
    order: &'a str,
}

/// Captures what is due and not asked for, on the tenders in the order in which they were given; what was taken at
/// checkout counts first. On a tender that can be captured once, only when nothing more can come, unless policy
/// has the rest authorised anew or everything taken with the first shipment.
pub(super) fn capture(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let complete = settled(&doc, &t.body);
    let sold = t.body.invoiced(&doc);
    if t.body.unfunded || sold == 0 {
        return Ok(());
    }
    let at_first = t.policy.capture == CaptureRule::AtFirstShipment;
    let spread: i64 = t.body.tenders.iter().map(|x| x.capture_asked.max(x.captured)).sum();
    let mut due = if at_first { tenders::wanted(t) } else { sold } - spread;
    for i in 0..doc.tenders.len() {
        let amount = due.min(tenders::open(t, i));
        let renews = by_renewal(t, i);
        let (Some(tender), Some(sums)) = (doc.tenders.get(i), t.body.tenders.get_mut(i)) else { continue };
        let taken = sums.capture_asked.max(sums.captured);
        let several = tender.several && t.policy.capture != CaptureRule::WhenComplete;
        let now = complete || several || renews || at_first;
        if is_virtual(&tender.executor) || amount <= 0 || !now || (sums.capture_asked > 0 && !several) {
            continue;
        }
        due -= amount;
        sums.capture_asked = taken + amount;
        sums.captures.push(amount);
        ask(t, i, amount, several && !complete)?;
    }
    Ok(())
}

/// Whether a tender is captured in part and what is left of it authorised anew.
pub(super) fn by_renewal(t: &Turn<'_>, tender: usize) -> bool {
    t.policy.capture == CaptureRule::PerShipment
        && t.policy.checkout.single_capture == SingleCapture::Reauthorise
        && t.doc.tenders.get(tender).is_some_and(|x| !x.several)
}

/// The key's generation rises with each capture of a tender, and after a proven failure.
fn ask(t: &mut Turn<'_>, tender: usize, amount: i64, several: bool) -> Res {
    let doc = Arc::clone(&t.doc);
    let (Some(x), Some(sums)) = (doc.tenders.get(tender), t.body.tenders.get(tender)) else { return Ok(()) };
    let id = match sums.captures.len() {
        0 | 1 => x.payment.clone(),
        n => format!("{}~{n}", x.payment),
    };
    let (order, object) = (t.order(), format!("payment/{}", x.payment));
    let args = Capture { payment: &x.payment, order, amount, currency: doc.currency.code(), several };
    let to = To { role: "payments", at: &x.executor, object: &object, class: Class::Checkout };
    t.command(to, "capture", &id, &args)?;
    t.out.fact("payment.capture_asked", &serde_json::json!({"payment": x.payment, "amount": amount}))
}

/// A capture is done: `amount` more has been taken from a payment.
pub(super) fn done(t: &mut Turn<'_>, key: &str, amount: Option<i64>) -> Res {
    let Some(i) = tender_of(t, key) else { return Ok(()) };
    let doc = Arc::clone(&t.doc);
    let (Some(tender), Some(sums)) = (doc.tenders.get(i), t.body.tenders.get_mut(i)) else { return Ok(()) };
    let asked = asked_with(sums, key);
    let open = sums.capture_asked - sums.captured;
    if let Some(amount) = amount.filter(|a| *a != asked) {
        t.out.raise(
            "capture_differs",
            "finance",
            format!("{asked} was to be captured on {} and {amount} was, in {}", tender.payment, doc.currency),
            "compare the payment at its provider with the order's invoices",
        );
    }
    // What its executor has reported already is not taken twice.
    let got = amount.unwrap_or(asked).min(open);
    took(t, i, got)?;
    tenders::captured_in_part(t, i)
}

/// Money was taken on a tender: recorded, once.
pub(super) fn took(t: &mut Turn<'_>, i: usize, amount: i64) -> Res {
    let doc = Arc::clone(&t.doc);
    let (Some(tender), Some(sums)) = (doc.tenders.get(i), t.body.tenders.get_mut(i)) else { return Ok(()) };
    if amount <= 0 {
        return Ok(());
    }
    sums.captured += amount;
    sums.capture_asked = sums.capture_asked.max(sums.captured);
    t.out.post(t.posting().captured(&tender.executor, doc.money(amount)))?;
    t.out.clear("capture_failed");
    t.out.fact("payment.captured", &serde_json::json!({"payment": tender.payment, "amount": amount}))
}

/// The executor would not: goods have left and the money has not come.
pub(super) fn refused(t: &mut Turn<'_>, key: &str, why: &str) {
    let payment = tender_of(t, key).and_then(|i| t.doc.tenders.get(i)).map_or("", |x| x.payment.as_str());
    t.out.raise(
        "capture_failed",
        "finance",
        format!("the capture of payment {payment} for order {} was refused: {why}", t.name.value),
        "settle it with the customer or have it authorised again, then request a retry of the order",
    );
}

/// What was asked with the capture that has this key.
fn asked_with(sums: &TenderSums, key: &str) -> i64 {
    let n = key.rsplit_once('~').and_then(|(_, n)| n.parse().ok()).unwrap_or(1_usize);
    sums.captures.get(n.saturating_sub(1)).copied().unwrap_or_default()
}

/// Asks again for what was refused, under a new generation of its key. Other captures of the tender may be under way
/// and still count as asked for.
pub(super) fn retry(t: &mut Turn<'_>, key: &str) -> Res {
    let Some(i) = tender_of(t, key) else { return Ok(()) };
    t.body.pending.remove(key);
    let Some(sums) = t.body.tenders.get_mut(i) else { return Ok(()) };
    let asked = sums.capture_asked;
    sums.capture_asked = (asked - asked_with(sums, key)).max(sums.captured);
    let open = asked - sums.capture_asked;
    tenders::not_captured(t, i, open)
}

/// The tender that a capture's or void's key speaks of.
fn tender_of(t: &Turn<'_>, key: &str) -> Option<usize> {
    let id = key.split_once(':').map_or(key, |(_, id)| id);
    t.doc.tenders.iter().position(|x| {
        id.strip_prefix(x.payment.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('~'))
    })
}

/// Nothing more will be sold and what was is paid: authorisations on which nothing was taken are let go.
pub(super) fn void(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let taken: i64 = t.body.tenders.iter().map(|x| x.captured).sum();
    let over = settled(&doc, &t.body) && !t.body.unfunded && taken >= t.body.invoiced(&doc);
    if t.body.completed || !over {
        return Ok(());
    }
    for (i, tender) in doc.tenders.iter().enumerate() {
        let free = tenders::open(t, i) > 0 && !is_virtual(&tender.executor);
        let Some(sums) = t.body.tenders.get_mut(i) else { continue };
        if !free || !sums.captures.is_empty() || sums.captured > 0 {
            continue;
        }
        // A void is the last thing that is asked of a tender.
        sums.captures.push(0);
        let (order, object) = (t.order(), format!("payment/{}", tender.payment));
        let to = To { role: "payments", at: &tender.executor, object: &object, class: Class::Checkout };
        t.command(to, "void", &tender.payment, &Void { payment: &tender.payment, order })?;
    }
    Ok(())
}

/// Whether a capture of a tender is not through: on its way, or refused and waiting for a person.
pub(super) fn is_open(t: &Turn<'_>, tender: usize) -> bool {
    let mut keys = t.body.pending.keys().filter(|k| k.starts_with("capture:"));
    keys.any(|k| tender_of(t, k) == Some(tender))
}

/// Whether some capture is on its way, so that money which its executor reports may be that one's.
pub(super) fn under_way(t: &Turn<'_>, tender: usize) -> Option<String> {
    let keys = t.body.pending.iter().filter(|(k, p)| k.starts_with("capture:") && **p != Pending::Refused);
    keys.map(|(k, _)| k).find(|k| tender_of(t, k) == Some(tender)).cloned()
}

/// Lets go again of an authorisation whose void was refused.
pub(super) fn retry_void(t: &mut Turn<'_>, key: &str) {
    let Some(i) = tender_of(t, key) else { return };
    t.body.pending.remove(key);
    if let Some(sums) = t.body.tenders.get_mut(i) {
        sums.captures.clear();
    }
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<Capture<'_>>("capture"), command::<Void<'_>>("void")]
}
