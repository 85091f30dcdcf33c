//! Pays credits back once the money they come out of has been captured, each on the tenders it was paid with.

use super::doc::Doc;
use super::documents;
use super::naming::credit_id;
use super::state::{Credit, CreditPart, CreditState};
use super::turn::{LineValue, Turn};
use crate::messages::{Failed, Open, OpenLine, Settled, Verdict};
use crate::out::Res;
use crate::policy::RefundFirst;
use hub::process::Fault;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RefundReport<'a> {
    id: &'a str,
    order: &'a str,
    source_id: &'a str,
    rma: &'a str,
    currency: &'a str,
    amount: i64,
    lines: Vec<LineValue<'a>>,
}

/// Opens refunds for held credits. They wait until everything that was shipped is captured, so that no refund
/// comes before its capture (M6).
pub(super) fn open(t: &mut Turn<'_>) -> Res {
    for c in 0..t.body.credits.len() {
        if t.body.credits.get(c).is_some_and(|x| x.state == CreditState::Held) {
            one(t, c)?;
        }
    }
    Ok(())
}

fn one(t: &mut Turn<'_>, c: usize) -> Res {
    let doc = Arc::clone(&t.doc);
    let Some(amount) = t.body.credits.get(c).map(|x| x.amount) else { return Ok(()) };
    if amount == 0 {
        return all_settled(t, c);
    }
    let captured: i64 = t.body.tenders.iter().map(|x| x.captured).sum();
    if captured < t.body.invoiced(&doc) {
        return Ok(());
    }
    let refundable: i64 = t.body.tenders.iter().map(|x| x.refundable().max(0)).sum();
    if refundable < amount {
        t.out.raise(
            "refund_exceeds_capture",
            "finance",
            format!("credit {} is {amount} and only {refundable} can still be refunded", credit_id(t, c)),
            "find out who refunded the difference; the credit stays held until it can be paid",
        );
        return Ok(());
    }
    let mut order: Vec<usize> = (0..doc.tenders.len()).collect();
    if t.policy.refund_first == RefundFirst::Last {
        order.reverse();
    }
    let (mut left, mut parts) = (amount, Vec::new());
    for i in order {
        let Some(sums) = t.body.tenders.get_mut(i) else { continue };
        let n = left.min(sums.refundable().max(0));
        if n > 0 {
            sums.refund_asked += n;
            left -= n;
            parts.push(CreditPart(u16::try_from(i).unwrap_or(u16::MAX), n, false));
        }
    }
    if let Some(credit) = t.body.credits.get_mut(c) {
        credit.parts.clone_from(&parts);
        credit.state = CreditState::Asked;
    }
    t.out.clear("refund_exceeds_capture");
    for (p, part) in parts.iter().enumerate() {
        ask(t, c, p, part)?;
    }
    Ok(())
}

/// The id of a credit's refund on its `p`th tender: the credit's own for the first.
fn refund_id(t: &Turn<'_>, c: usize, p: usize) -> String {
    let credit = credit_id(t, c);
    if p == 0 { credit } else { format!("{credit}.{}", p + 1) }
}

fn ask(t: &mut Turn<'_>, c: usize, p: usize, part: &CreditPart) -> Res {
    let doc = Arc::clone(&t.doc);
    let (Some(credit), Some(tender)) = (t.body.credits.get(c), doc.tenders.get(usize::from(part.0))) else {
        return Ok(());
    };
    let id = refund_id(t, c, p);
    let lines = if p == 0 { values(&doc, credit) } else { Vec::new() };
    let lines = lines.into_iter().map(|l| OpenLine {
        line: l.line.to_owned(),
        quantity: l.quantity,
        amount: l.amount,
        tax: l.tax,
    });
    let open = Open {
        credit: id,
        order: t.name.value.clone(),
        rma: Some(credit.rma.clone()),
        executor: tender.executor.clone(),
        payment: tender.payment.clone(),
        currency: doc.currency,
        amount: part.1,
        tender: tender.id.clone(),
        lines: lines.collect(),
    };
    t.out.tell(&t.name.tenant, ("refund", &open.credit), "refund.open", &open)
}

/// A credit's lines with their values; units of one line that came back on several return lines are one line.
fn values<'d>(doc: &'d Doc, credit: &Credit) -> Vec<LineValue<'d>> {
    let mut lines: Vec<LineValue<'d>> = Vec::new();
    for l in documents::values(doc, credit.lines.iter().map(|(_, line, from, to)| (*line, *from, *to))) {
        match lines.iter_mut().find(|x| x.line == l.line) {
            Some(x) => {
                x.quantity += l.quantity;
                x.amount += l.amount;
                x.tax += l.tax;
            }
            None => lines.push(l),
        }
    }
    lines
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
        return all_settled(t, c);
    }
    Ok(())
}

fn all_settled(t: &mut Turn<'_>, c: usize) -> Res {
    if let Some(credit) = t.body.credits.get_mut(c) {
        credit.state = CreditState::Settled;
    }
    t.out.clear("refund_failed");
    let id = credit_id(t, c);
    let Some(credit) = t.body.credits.get(c).cloned() else { return Ok(()) };
    t.out.fact("credit.settled", &serde_json::json!({"credit": id, "amount": credit.amount}))?;
    tell(t, c, "credit.settled", None)?;
    if credit.amount == 0 { Ok(()) } else { report(t, &id, &credit) }
}

/// Tells the storefront, which moves no money on it. A credit that failed after it was settled and is paid after
/// all is told again under the same id, which changes nothing there.
fn report(t: &mut Turn<'_>, id: &str, credit: &Credit) -> Res {
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    let args = RefundReport {
        id,
        order,
        source_id: &doc.source_id,
        rma: &credit.rma,
        currency: doc.currency.code(),
        amount: credit.amount,
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
    let id = credit_id(t, c);
    t.out.fact("credit.failed", &serde_json::json!({"credit": id, "reason": said.reason}))?;
    tell(t, c, "credit.failed", Some(said.reason.clone()))
}

fn tell(t: &mut Turn<'_>, c: usize, kind: &'static str, reason: Option<String>) -> Res {
    let Some(credit) = t.body.credits.get(c) else { return Ok(()) };
    let verdict = Verdict {
        rma: credit.rma.clone(),
        id: credit.request.clone(),
        credit: credit_id(t, c),
        currency: t.doc.currency,
        amount: credit.amount,
        reason,
    };
    t.out.tell(&t.name.tenant, ("return", &verdict.rma), kind, &verdict)
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<RefundReport<'_>>("report_refund")]
}
