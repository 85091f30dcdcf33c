//! What the provider says of a refund, by answer or by event, in whatever order and however often.

use super::decide::{Turn, unknown_event};
use super::events::{Report, RetryRequested};
use super::pay;
use super::state::Phase;
use crate::messages::{Failed, Pay};
use crate::out::Res;
use crate::pending::Pending;
use crate::read::read;
use crate::tell;
use hub::process::Fault;
use retail::envelope::Event;
use retail::money::Money;
use std::sync::Arc;

pub(super) fn event(t: &mut Turn<'_>, e: &Event) -> Res {
    t.occurred = e.occurred;
    if e.kind == "refund.retry_requested" {
        let ask: RetryRequested = read(&e.kind, &e.data)?;
        same(t, &ask.credit)?;
        let seen = tell::seen_to(&mut t.out, &t.body.raised);
        return retry(t).or_else(|fault| if seen { Ok(()) } else { Err(fault) });
    }
    let report: Report = read(&e.kind, &e.data)?;
    same(t, &report.credit)?;
    if report.currency != t.doc.currency {
        let why = format!("it is in {} and the refund in {}", report.currency, t.doc.currency);
        return Err(Fault::new("currency_differs", why));
    }
    if !report.refund.is_empty() && t.body.failed.contains(&report.refund) {
        return Ok(());
    }
    if t.doc.pay == Pay::Recorded {
        let why = format!("{} moves no money: nobody can report that it did", t.name.value);
        return Err(Fault::new("nothing_to_pay", why));
    }
    match e.kind.as_str() {
        "refund.succeeded" if report.amount != t.doc.amount => {
            amount_differs(t, report.amount);
            Ok(())
        }
        "refund.succeeded" => {
            settle_key(t);
            succeeded(t, &report.refund)
        }
        "refund.failed" => {
            settle_key(t);
            failed(t, &report.refund, report.reason.as_deref().unwrap_or("the provider gave no reason"))
        }
        "refund.pending" => {
            pending(t, &report.refund);
            Ok(())
        }
        kind => Err(unknown_event(kind)),
    }
}

fn same(t: &Turn<'_>, credit: &str) -> Res {
    if credit == t.name.value {
        return Ok(());
    }
    let why = format!("it says {credit:?} and came under the name of {:?}", t.name.value);
    Err(Fault::new("credit_differs", why))
}

/// The verdict of an accepted command came by event; another's own outcome is still to come.
fn settle_key(t: &mut Turn<'_>) {
    let key = pay::key(t);
    if t.body.pending.get(&key) == Some(&Pending::Accepted) {
        t.body.pending.remove(&key);
        t.out.settle.push(key);
    }
}

/// The provider has taken it; its verdict is awaited.
pub(super) fn pending(t: &mut Turn<'_>, reference: &str) {
    if !matches!(t.body.phase, Phase::Asked | Phase::Unknown | Phase::Pending) {
        return;
    }
    t.body.phase = Phase::Pending;
    if !reference.is_empty() {
        reference.clone_into(&mut t.body.reference);
    }
    if t.body.due.is_none() {
        t.body.due = Some(t.now.plus(t.policy.spans.refund).0);
    }
}

/// The money went. Said again, it changes nothing; said of a second refund of the same credit, it is money gone
/// twice. A refusal that turns out to have paid is a payment all the same: the provider's ledger is the answer.
pub(super) fn succeeded(t: &mut Turn<'_>, reference: &str) -> Res {
    if t.body.failed.iter().any(|f| f == reference) && !reference.is_empty() {
        return Ok(());
    }
    let doc = Arc::clone(&t.doc);
    let amount = Money::new(doc.amount, doc.currency);
    if t.body.phase == Phase::Succeeded {
        let known = t.body.reference.is_empty() || reference.is_empty() || t.body.reference == reference;
        if known {
            if t.body.reference.is_empty() {
                reference.clone_into(&mut t.body.reference);
            }
            return Ok(());
        }
        t.body.failed.push(reference.to_owned());
        match doc.pay {
            Pay::StoreCredit => t.out.post(t.posting().store_credit_issued(amount))?,
            _ => t.out.post(t.posting().refunded_elsewhere(&doc.executor, amount))?,
        }
        t.out.raise(
            "refunded_twice",
            "finance",
            format!(
                "{} paid credit {} by {} and again by {reference}",
                doc.executor, doc.credit, t.body.reference
            ),
            "have the second payment returned by the provider or the customer",
        );
        return Ok(());
    }
    t.body.phase = Phase::Succeeded;
    t.body.due = None;
    if !reference.is_empty() {
        reference.clone_into(&mut t.body.reference);
    }
    for code in ["refund_failed", "refund_reversed", "refund_pending_long", "refund_amount_differs"] {
        t.out.clear(code);
    }
    match doc.pay {
        Pay::StoreCredit => t.out.post(t.posting().store_credit_issued(amount))?,
        Pay::Refund | Pay::Onward => t.out.post(t.posting().refund_paid(&doc.executor, amount))?,
        Pay::Recorded => {}
    }
    let fact = serde_json::json!({
        "credit": doc.credit, "amount": doc.amount, "pay": doc.pay, "reference": t.body.reference,
    });
    t.out.fact("refund.succeeded", &fact)?;
    t.out.named(&t.name.tenant, "provider_refund", &t.body.reference);
    pay::settled(t)
}

/// The money did not go; or it had gone and came back: then exactly that payment is reversed in the books, and the
/// refund is open again.
pub(super) fn failed(t: &mut Turn<'_>, reference: &str, reason: &str) -> Res {
    let doc = Arc::clone(&t.doc);
    if !reference.is_empty() && t.body.failed.iter().any(|f| f == reference) {
        return Ok(());
    }
    let late = t.body.phase == Phase::Succeeded;
    let of_another = !reference.is_empty() && !t.body.reference.is_empty() && t.body.reference != reference;
    if late && of_another {
        t.body.failed.push(reference.to_owned());
        return Ok(());
    }
    if matches!(t.body.phase, Phase::Failed | Phase::Reversed) {
        if !reference.is_empty() {
            t.body.failed.push(reference.to_owned());
        }
        return Ok(());
    }
    let reference = if reference.is_empty() { t.body.reference.clone() } else { reference.to_owned() };
    if !reference.is_empty() {
        t.body.failed.push(reference);
    }
    t.body.reference.clear();
    t.body.due = None;
    if late {
        let amount = Money::new(doc.amount, doc.currency);
        match doc.pay {
            Pay::StoreCredit => t.out.post(t.posting().store_credit_reversed(amount))?,
            Pay::Refund | Pay::Onward => t.out.post(t.posting().refund_reversed(&doc.executor, amount))?,
            Pay::Recorded => {}
        }
        t.body.phase = Phase::Reversed;
        pay::reverse_memo(t, reason)?;
        t.out.raise(
            "refund_reversed",
            "finance",
            format!("refund {} of {} had succeeded and failed afterwards: {reason}", doc.credit, doc.amount),
            "find another way to the customer's money, then request a retry of the refund",
        );
    } else {
        t.body.phase = Phase::Failed;
        t.out.raise(
            "refund_failed",
            "finance",
            format!("refund {} of {} failed: {reason}", doc.credit, doc.amount),
            "mend the cause at the provider, then request a retry of the refund",
        );
    }
    t.out.fact(
        "refund.failed",
        &serde_json::json!({"credit": doc.credit, "reason": reason, "reversed": late}),
    )?;
    let said = Failed { credit: doc.credit.clone(), reason: reason.to_owned() };
    t.out.tell(&t.name.tenant, ("order", &doc.order), "refund.failed", &said)
}

/// The provider speaks of another amount than was asked: nothing is settled on that word.
pub(super) fn amount_differs(t: &mut Turn<'_>, theirs: i64) {
    t.out.raise(
        "refund_amount_differs",
        "finance",
        format!("{} was to refund {} for {} and says {theirs}", t.doc.executor, t.doc.amount, t.name.value),
        "compare the refund at the provider with the credit and settle the difference",
    );
}

/// A person says: ask again. Only what is proven to have failed is asked again, under a new key.
fn retry(t: &mut Turn<'_>) -> Res {
    if pay::reversal_key(t).is_some_and(|key| t.body.pending.get(&key) == Some(&Pending::Refused)) {
        t.out.clear("memo_reversal_refused");
        pay::ask_reversal(t)?;
    }
    let memo = format!("post_credit_memo:{}", pay::memo_id(t));
    if t.body.pending.get(&memo) == Some(&Pending::Refused) {
        t.out.clear("credit_memo_refused");
        return pay::memo(t);
    }
    let key = pay::key(t);
    if t.body.pending.get(&key) == Some(&Pending::Refused) {
        // It could not even be sent: the same key is free.
        t.out.clear("command_fault");
        t.out.clear("refund_failed");
        return pay::ask(t);
    }
    match t.body.phase {
        Phase::Failed | Phase::Reversed => {
            t.body.generation += 1;
            t.out.clear("refund_failed");
            t.out.clear("refund_reversed");
            if t.body.reversed_memo.is_some() { pay::memo(t) } else { pay::ask(t) }
        }
        Phase::Succeeded => {
            Err(Fault::new("nothing_to_retry", format!("refund {} has succeeded", t.name.value)))
        }
        _ => Err(Fault::new(
            "nothing_to_retry",
            format!(
                "refund {} is {}; only a proven failure may be asked again",
                t.name.value,
                t.body.phase.code()
            ),
        )),
    }
}
