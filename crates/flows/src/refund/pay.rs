//! Asks for the credit memo and for the money.

use super::decide::Turn;
use super::state::Phase;
use crate::messages::{OpenLine, Settled};
use crate::out::{Res, To};
use crate::pending::Pending;
use retail::envelope::Class;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CreditMemo<'a> {
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rma: Option<&'a str>,
    order: &'a str,
    currency: &'a str,
    lines: &'a [OpenLine],
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

/// Starts: the credit memo first, where this refund carries it. Nothing is settled at once.
pub(super) fn open(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let fact = serde_json::json!({"credit": doc.credit, "amount": doc.amount, "executor": doc.executor});
    t.out.fact("refund.opened", &fact)?;
    if doc.amount == 0 {
        t.body.phase = Phase::Succeeded;
        return settled(t);
    }
    if doc.lines.is_empty() { ask(t) } else { memo(t) }
}

pub(super) fn memo(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    t.body.phase = Phase::Memo;
    let args = CreditMemo {
        reference: &doc.credit,
        rma: doc.rma.as_deref(),
        order: &doc.order,
        currency: doc.currency.code(),
        lines: &doc.lines,
        total: doc.lines.iter().map(|l| l.amount).sum(),
    };
    let object = format!("credit/{}", doc.credit);
    let to = To { role: "erp", at: "", object: &object, class: Class::Refund };
    let key = t.out.command(to, "post_credit_memo", &doc.credit, &args)?;
    t.body.pending.insert(key, Pending::Sent);
    Ok(())
}

/// Asks the executor. The key is made from the credit, and its generation rises only after a proven failure.
pub(super) fn ask(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    t.body.phase = Phase::Asked;
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

fn id(t: &Turn<'_>) -> String {
    match t.body.generation {
        0 => t.doc.credit.clone(),
        n => format!("{}~{}", t.doc.credit, n + 1),
    }
}

/// The key under which the refund is asked for now.
pub(super) fn key(t: &Turn<'_>) -> String {
    format!("refund:{}", id(t))
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
    vec![command::<CreditMemo<'_>>("post_credit_memo"), command::<Refund<'_>>("refund")]
}
