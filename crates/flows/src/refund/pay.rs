//! Asks for the credit memo and for the money.

use super::decide::Turn;
use super::state::Phase;
use crate::messages::{Onward, OpenLine, Pay, Settled, is_virtual};
use crate::out::{Res, To};
use crate::pending::Pending;
use hub::process::Fault;
use retail::credit::CreditKind;
use retail::envelope::Class;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CreditMemo<'a> {
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rma: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<CreditKind>,
    order: &'a str,
    currency: &'a str,
    lines: &'a [OpenLine],
    total: i64,
    #[serde(skip_serializing_if = "is_zero")]
    withheld: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(n: &i64) -> bool {
    *n == 0
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ReverseMemo<'a> {
    id: &'a str,
    /// Of the memo that it undoes.
    reference: &'a str,
    order: &'a str,
    reason: &'a str,
    currency: &'a str,
    total: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Refund<'a> {
    payment: &'a str,
    order: &'a str,
    credit: &'a str,
    amount: i64,
    currency: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StoreCredit<'a> {
    id: &'a str,
    order: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    amount: i64,
    currency: &'a str,
}

/// Starts: the credit memo first, where this refund carries it. Nothing is settled at once.
pub(super) fn open(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let fact = serde_json::json!({
        "credit": doc.credit, "amount": doc.amount, "executor": doc.executor, "pay": doc.pay,
    });
    t.out.fact("refund.opened", &fact)?;
    if doc.amount == 0 {
        t.body.phase = Phase::Succeeded;
        return settled(t);
    }
    if doc.lines.is_empty() { ask(t) } else { memo(t) }
}

/// The sum of the lines of the memo that this refund carries.
pub(super) fn memo_total(t: &Turn<'_>) -> i64 {
    t.doc.lines.iter().map(|l| l.amount).sum()
}

/// What the memo is known by: the credit, and after a reversal a number of its own.
pub(super) fn memo_id(t: &Turn<'_>) -> String {
    if t.body.reversed_memo.is_some() { id(t) } else { t.doc.credit.clone() }
}

pub(super) fn memo(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    t.body.phase = Phase::Memo;
    let (reference, total) = (memo_id(t), memo_total(t));
    let args = CreditMemo {
        reference: &reference,
        rma: doc.rma.as_deref(),
        kind: doc.kind,
        order: &doc.order,
        currency: doc.currency.code(),
        lines: &doc.lines,
        total,
        withheld: doc.withheld,
    };
    let object = format!("credit/{}", doc.credit);
    let to = To { role: "erp", at: "", object: &object, class: Class::Refund };
    let key = t.out.command(to, "post_credit_memo", &reference, &args)?;
    t.body.pending.insert(key, Pending::Sent);
    Ok(())
}

/// Has the ERP undo the memo of a refund that failed after it had succeeded, where it is this refund's alone.
pub(super) fn reverse_memo(t: &mut Turn<'_>, reason: &str) -> Res {
    let doc = Arc::clone(&t.doc);
    let alone = !doc.lines.is_empty() && memo_total(t) - doc.withheld == doc.amount && doc.withheld == 0;
    if !t.policy.credits.reverse_memo || !alone {
        return Ok(());
    }
    t.body.reversed_memo = Some((memo_id(t), reason.to_owned()));
    ask_reversal(t)
}

/// The key under which the reversal of the last memo is asked for.
pub(super) fn reversal_key(t: &Turn<'_>) -> Option<String> {
    t.body.reversed_memo.as_ref().map(|(memo, _)| format!("reverse_credit_memo:{memo}-V"))
}

/// Asks the ERP for the reversal of the memo that is noted as reversed.
pub(super) fn ask_reversal(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let Some((memo, reason)) = t.body.reversed_memo.clone() else { return Ok(()) };
    let id = format!("{memo}-V");
    let args = ReverseMemo {
        id: &id,
        reference: &memo,
        order: &doc.order,
        reason: &reason,
        currency: doc.currency.code(),
        total: memo_total(t),
    };
    let object = format!("credit/{}", doc.credit);
    let to = To { role: "erp", at: "", object: &object, class: Class::Refund };
    let key = t.out.command(to, "reverse_credit_memo", &id, &args)?;
    t.body.pending.insert(key, Pending::Sent);
    Ok(())
}

/// Asks for the money, in whichever way it goes.
pub(super) fn ask(t: &mut Turn<'_>) -> Res {
    t.body.phase = Phase::Asked;
    match t.doc.pay {
        Pay::Refund => refund(t),
        Pay::StoreCredit => store_credit(t),
        Pay::Onward => onward(t),
        Pay::Recorded => {
            t.body.phase = Phase::Succeeded;
            Ok(())
        }
    }
}

/// Asks the executor. The key is made from the credit, and its generation rises only after a proven failure.
fn refund(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    if is_virtual(&doc.executor) || doc.executor.is_empty() {
        let why = format!("refund {} is for executor {:?}, which is no system", doc.credit, doc.executor);
        return Err(Fault::new("no_executor", why));
    }
    let args = Refund {
        payment: &doc.payment,
        order: &doc.order,
        credit: &doc.credit,
        amount: doc.amount,
        currency: doc.currency.code(),
    };
    let object = format!("payment/{}", doc.payment);
    let to = To { role: "payments", at: &doc.executor, object: &object, class: Class::Refund };
    let key = t.out.command(to, "refund", &id(t), &args)?;
    t.body.pending.insert(key, Pending::Sent);
    Ok(())
}

/// Has store credit issued. Its outcome is heard like a refund's: what is unknown is looked up.
fn store_credit(t: &mut Turn<'_>) -> Res {
    let (doc, id) = (Arc::clone(&t.doc), id(t));
    let args = StoreCredit {
        id: &id,
        order: &doc.order,
        customer: doc.customer.as_deref(),
        amount: doc.amount,
        currency: doc.currency.code(),
    };
    let object = format!("credit/{}", doc.credit);
    let to = To { role: "payments", at: &doc.executor, object: &object, class: Class::Refund };
    let key = t.out.command(to, "issue_store_credit", &id, &args)?;
    t.body.pending.insert(key, Pending::Sent);
    Ok(())
}

/// Asks the order that an exchange order's value came from: its tenders were paid, this order's were not.
fn onward(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let Some((original, _)) = doc.payment.rsplit_once("-C") else {
        let why = format!("payment {:?} of refund {} names no credit of an order", doc.payment, doc.credit);
        return Err(Fault::new("no_original", why));
    };
    let ask = Onward {
        exchange_order: doc.order.clone(),
        credit: doc.credit.clone(),
        currency: doc.currency,
        amount: doc.amount,
    };
    t.out.tell(&t.name.tenant, ("order", original), "refund.onward", &ask)
}

fn id(t: &Turn<'_>) -> String {
    match t.body.generation {
        0 => t.doc.credit.clone(),
        n => format!("{}~{}", t.doc.credit, n + 1),
    }
}

/// Whether a command moves this refund's money.
pub(super) fn moves_money(op: &str) -> bool {
    matches!(op, "refund" | "issue_store_credit")
}

/// The key under which the money is asked for now.
pub(super) fn key(t: &Turn<'_>) -> String {
    let op = if t.doc.pay == Pay::StoreCredit { "issue_store_credit" } else { "refund" };
    format!("{op}:{}", id(t))
}

/// Tells the order that it is paid.
pub(super) fn settled(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let said = Settled {
        credit: doc.credit.clone(),
        currency: doc.currency,
        amount: doc.amount,
        reference: t.body.reference.clone(),
    };
    t.out.tell(&t.name.tenant, ("order", &doc.order), "refund.settled", &said)
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![
        command::<CreditMemo<'_>>("post_credit_memo"),
        command::<ReverseMemo<'_>>("reverse_credit_memo"),
        command::<Refund<'_>>("refund"),
        command::<StoreCredit<'_>>("issue_store_credit"),
    ]
}
