//! What became of a credit's refunds: paid, failed, paid and come back; and who is told.

use super::credit::{Credit, CreditState, Way};
use super::naming::credit_id;
use super::refunds::{refund_id, tell, values};
use super::turn::{LineValue, Turn};
use crate::messages::{Failed, Settled};
use crate::out::Res;
use hub::process::Fault;
use retail::credit::CreditKind;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RefundReport<'a> {
    id: &'a str,
    order: &'a str,
    source_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rma: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<CreditKind>,
    currency: &'a str,
    amount: i64,
    #[serde(skip_serializing_if = "is_zero")]
    withheld: i64,
    #[serde(skip_serializing_if = "is_zero")]
    applied: i64,
    #[serde(skip_serializing_if = "is_zero")]
    issued: i64,
    lines: Vec<LineValue<'a>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(n: &i64) -> bool {
    *n == 0
}

/// Which credit and which part of it a refund pays.
fn part_of(t: &Turn<'_>, refund: &str) -> Res<(usize, usize)> {
    let of = |c: usize| t.body.credits.get(c).map_or(0, |x| x.parts.len());
    (0..t.body.credits.len())
        .flat_map(|c| (0..of(c)).map(move |p| (c, p)))
        .find(|(c, p)| refund_id(t, *c, *p) == refund)
        .ok_or_else(|| {
            Fault::new("unknown_credit", format!("order {} asked no refund {refund:?}", t.name.value))
        })
}

/// A refund has reached the customer's provider.
pub(super) fn settled(t: &mut Turn<'_>, said: &Settled) -> Res {
    let (c, p) = part_of(t, &said.credit)?;
    let Some(credit) = t.body.credits.get_mut(c) else { return Ok(()) };
    if let Some(part) = credit.parts.get_mut(p) {
        part.2 = true;
    }
    if credit.state != CreditState::Settled && credit.parts.iter().all(|x| x.2) {
        return all(t, c);
    }
    Ok(())
}

/// Every part of a credit is settled.
pub(super) fn all(t: &mut Turn<'_>, c: usize) -> Res {
    if let Some(credit) = t.body.credits.get_mut(c) {
        credit.state = CreditState::Settled;
    }
    t.out.clear("refund_failed");
    let id = credit_id(t, c);
    let Some(credit) = t.body.credits.get(c).cloned() else { return Ok(()) };
    // What is paid for an exchange order is told by that order.
    let refunded = if credit.wish.taken_over { 0 } else { credit.by_tender() };
    let fact = serde_json::json!({"credit": id, "amount": credit.amount, "refunded": refunded});
    t.out.fact("credit.settled", &fact)?;
    if credit.wish.taken_over {
        return answer(t, &credit);
    }
    tell(t, c, "credit.settled", None)?;
    let told = credit.amount == 0 || credit.wish.known_there;
    if told { Ok(()) } else { report(t, &id, &credit) }
}

/// Tells the refund of an exchange order, which this order paid, that it is paid.
pub(super) fn answer(t: &mut Turn<'_>, credit: &Credit) -> Res {
    let said = Settled {
        credit: credit.request.clone(),
        currency: t.doc.currency,
        amount: credit.amount,
        reference: String::new(),
    };
    t.out.tell(&t.name.tenant, ("refund", &said.credit), "refund.settled", &said)
}

/// Tells the storefront, which moves no money on it. A credit that failed after it was settled and is paid after
/// all is told again under the same id, which changes nothing there.
fn report(t: &mut Turn<'_>, id: &str, credit: &Credit) -> Res {
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    let args = RefundReport {
        id,
        order,
        source_id: &doc.source_id,
        rma: Some(credit.rma.as_str()).filter(|rma| !rma.is_empty()),
        kind: Some(credit.kind.0).filter(|k| *k != CreditKind::Return),
        currency: doc.currency.code(),
        amount: credit.amount,
        withheld: credit.part(Way::Withheld),
        applied: credit.wish.applied,
        issued: credit.wish.issued,
        lines: values(&doc, credit),
    };
    t.storefront("report_refund", id, &args)
}

/// Tells the storefront again of a refund that it refused to hear of.
pub(super) fn report_again(t: &mut Turn<'_>, id: &str) -> Res {
    let found = (0..t.body.credits.len()).find(|c| credit_id(t, *c) == id);
    match found.and_then(|c| t.body.credits.get(c)).cloned() {
        Some(credit) => report(t, id, &credit),
        None => Ok(()),
    }
}

/// The money did not go, or came back. It is still owed, and counts as spent until it is paid after all.
pub(super) fn failed(t: &mut Turn<'_>, said: &Failed) -> Res {
    let (c, p) = part_of(t, &said.credit)?;
    let Some(credit) = t.body.credits.get_mut(c) else { return Ok(()) };
    if let Some(part) = credit.parts.get_mut(p) {
        part.2 = false;
    }
    credit.state = CreditState::Failed;
    let (id, taken_over, request) = (credit_id(t, c), t.body.credits.get(c), String::new());
    let (taken_over, request) =
        taken_over.map_or((false, request), |x| (x.wish.taken_over, x.request.clone()));
    t.out.fact("credit.failed", &serde_json::json!({"credit": id, "reason": said.reason}))?;
    if taken_over {
        let said = Failed { credit: request, reason: said.reason.clone() };
        return t.out.tell(&t.name.tenant, ("refund", &said.credit), "refund.failed", &said);
    }
    tell(t, c, "credit.failed", Some(said.reason.clone()))
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<RefundReport<'_>>("report_refund")]
}
