//! The label by which goods come back, bought by the hub where a carrier plays its role and policy says so.

use super::documents;
use super::state::Label;
use super::turn::Turn;
use crate::out::Res;
use crate::pending::Pending;
use hub::process::Fault;
use retail::envelope::Json;
use retail::returns::ReturnStart;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Buy<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a str>,
    /// The place that it is sent to.
    to: &'a str,
    lines: Vec<BuyLine<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BuyLine<'a> {
    line: &'a str,
    sku: &'a str,
    quantity: i64,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Bought {
    tracking: String,
    #[serde(default)]
    label: String,
}

/// Buys one label for all that is to come, once.
pub(super) fn buy(t: &mut Turn<'_>) -> Res {
    let wanted = t.policy.returns.rules.labels && t.policy.asks.contains("carrier");
    let mine = matches!(t.doc.start, ReturnStart::Request | ReturnStart::RefundedElsewhere);
    let key = format!("buy_return_label:{}", t.rma());
    let under_way = t.body.label.is_some() || t.body.pending.contains_key(&key);
    if !wanted || !mine || t.doc.tracking.is_some() || under_way || t.body.any_received() {
        return Ok(());
    }
    let (doc, body, policy) = (Arc::clone(&t.doc), t.body.clone(), t.policy);
    let lines: Vec<BuyLine<'_>> = (0_u16..)
        .zip(&doc.lines)
        .filter(|(i, _)| body.expected(*i) > 0)
        .map(|(i, l)| BuyLine {
            line: &l.id,
            sku: body.sku(&doc, i).unwrap_or_default(),
            quantity: body.expected(i),
        })
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    let order = body.orders.first().map(|o| o.0.as_str());
    let args = Buy { id: t.rma(), order, to: &policy.returns.place, lines };
    t.command(("carrier", ""), "buy_return_label", t.rma(), &args)
}

/// The carrier has sold it.
pub(super) fn bought(t: &mut Turn<'_>, result: &Json) -> Res {
    let read: Result<Bought, _> = serde_json::from_str(result.get());
    let bought = match read {
        Ok(bought) if !bought.tracking.is_empty() => bought,
        Ok(_) => return unusable(t, "its tracking number is empty"),
        Err(e) => return unusable(t, &e.to_string()),
    };
    t.out.named(&t.name.tenant, "tracking", &bought.tracking);
    t.out.fact("return.label_bought", &serde_json::json!({"tracking": bought.tracking}))?;
    t.body.label = Some(Label { tracking: bought.tracking, label: bought.label });
    documents::labelled(t)
}

fn unusable(t: &mut Turn<'_>, why: &str) -> Res {
    t.body.pending.insert(format!("buy_return_label:{}", t.rma()), Pending::Refused);
    t.out.raise(
        "command_fault",
        "integration",
        format!("the label of return {} cannot be used: {why}", t.name.value),
        "repair the connector or its mapping, then request a retry of the return",
    );
    Ok(())
}

/// Whether a tracking number is of the parcel that comes back.
pub(super) fn is_of(t: &Turn<'_>, tracking: &str) -> Result<(), Fault> {
    let bought = t.body.label.as_ref().map(|l| l.tracking.as_str());
    if bought == Some(tracking) || t.doc.tracking.as_deref() == Some(tracking) {
        return Ok(());
    }
    let why = format!("no parcel of return {} has the tracking number {tracking:?}", t.name.value);
    Err(Fault::new("unknown_tracking", why))
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<Buy<'_>>("buy_return_label")]
}
