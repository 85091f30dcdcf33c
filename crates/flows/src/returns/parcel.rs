//! Where the parcel is that brings goods back: on its way, handed over, lost.

use super::documents::{self, UpdateLine};
use super::events::{Lost, Tracked};
use super::label;
use super::rules::RefundLost;
use super::state::Closed;
use super::turn::Turn;
use crate::out::Res;
use std::sync::Arc;

/// The carrier has said something. Words that come late or twice change nothing.
pub(super) fn tracked(t: &mut Turn<'_>, event: &Tracked) -> Res {
    label::is_of(t, &event.tracking)?;
    t.occurred = event.at;
    match event.status.as_str() {
        "in_transit" | "out_for_delivery" | "attempted" | "available_for_pickup" if t.body.sent.is_none() => {
            t.body.sent = Some(event.at.0);
            t.out.fact("return.sent", &serde_json::json!({"tracking": event.tracking}))
        }
        "delivered" if t.body.carried.is_none() => {
            t.body.sent = t.body.sent.or(Some(event.at.0));
            t.body.carried = Some(event.at.0);
            t.out.fact("return.delivered", &serde_json::json!({"tracking": event.tracking}))
        }
        "lost" if t.body.carried.is_none() => {
            let ours = t.body.label.is_some();
            lose(t, None, ours, "carrier")
        }
        _ => Ok(()),
    }
}

/// Somebody says that it will not come.
pub(super) fn lost(t: &mut Turn<'_>, event: &Lost) -> Res {
    t.same(&event.rma)?;
    let ours = t.body.label.is_some();
    lose(t, event.refund, ours, event.by.as_deref().unwrap_or("operator"))
}

/// What of it has not come is not awaited any more. Whether it is credited all the same is policy, or a person's word.
fn lose(t: &mut Turn<'_>, said: Option<bool>, ours: bool, by: &str) -> Res {
    let missing: Vec<(u16, i64)> =
        t.body.line_numbers().map(|l| (l, t.body.expected(l))).filter(|m| m.1 > 0).collect();
    if t.body.lost || t.body.closed.is_some() || missing.is_empty() {
        return Ok(());
    }
    let refund = said.unwrap_or(match t.policy.returns.rules.refund_lost {
        RefundLost::Always => true,
        RefundLost::Never => false,
        RefundLost::Ours => ours,
    });
    t.body.lost = true;
    t.body.closed = (!refund).then_some(Closed::Lost);
    t.out.clear("return_not_received");
    let n: i64 = missing.iter().map(|m| m.1).sum();
    t.out.fact("return.lost", &serde_json::json!({"quantity": n, "credited": refund, "by": by}))?;
    if refund {
        return Ok(());
    }
    t.out.raise(
        "return_lost",
        "customer_service",
        format!("{n} units of return {} are lost on their way back and not credited", t.name.value),
        "agree with the customer and the carrier; a goodwill credit of the order gives the money back",
    );
    let doc = Arc::clone(&t.doc);
    let lines = missing.iter().filter_map(|(i, quantity)| {
        let line = doc.lines.get(usize::from(*i))?;
        Some(UpdateLine { line: &line.id, status: "declined", reason: Some("lost"), quantity: *quantity })
    });
    documents::update(t, "declined", Some("lost"), lines.collect(), None)
}
