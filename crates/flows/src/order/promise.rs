//! What the customer is told of units that wait: the day on which their supply is expected. A pre-order does not
//! leave before the day on which it comes out.

use super::amended::Promised;
use super::delivery::Supply;
use super::state::Units;
use super::turn::Turn;
use crate::out::Res;
use crate::stock::messages::{Promise, Promised as Changed};
use retail::time::Time;
use std::sync::Arc;

/// The pool's first answer. Lines that wait without a supply of their own are promised the day they were sold with.
pub(super) fn answered(t: &mut Turn<'_>, expected: &[Promise]) -> Res {
    promised(t, expected)?;
    let doc = Arc::clone(&t.doc);
    for (i, l) in (0_u16..).zip(&doc.lines) {
        let waits = if l.is_pooled() { t.body.waiting(&doc, i) } else { 0 };
        let told: i64 = t.body.promises.iter().filter(|p| p.0 == i).map(|p| p.3).sum();
        if let (Some(at), true) = (l.available_from, waits > told) {
            let word = if l.supply == Supply::Preorder { "preorder" } else { "backorder" };
            note(t, Promised(i, word.to_owned(), day(at), waits - told))?;
        }
    }
    Ok(())
}

/// What is promised to some lines has changed.
pub(super) fn changed(t: &mut Turn<'_>, said: &Changed) -> Res {
    for line in &said.lines {
        let line = t.line(line)?;
        t.body.promises.retain(|p| p.0 != line);
    }
    promised(t, &said.expected)
}

fn promised(t: &mut Turn<'_>, expected: &[Promise]) -> Res {
    for p in expected {
        let line = t.goods(&p.line, &p.sku)?;
        note(t, Promised(line, p.supply.clone(), p.date.clone(), p.quantity))?;
    }
    Ok(())
}

fn note(t: &mut Turn<'_>, promise: Promised) -> Res {
    let l = t.placed(promise.0)?;
    let fact = serde_json::json!({
        "line": l.id, "sku": l.sku, "supply": promise.1, "date": promise.2, "quantity": promise.3,
    });
    t.body.promises.push(promise);
    t.out.fact("order.promised", &fact)
}

/// The day of an instant, `YYYY-MM-DD`.
fn day(at: Time) -> String {
    at.to_string().chars().take(10).collect()
}

/// Forgets what was promised of lines that no longer wait.
pub(super) fn forget(t: &mut Turn<'_>) {
    if t.body.promises.is_empty() {
        return;
    }
    let doc = Arc::clone(&t.doc);
    let waits: Vec<bool> = (0_u16..).take(doc.lines.len()).map(|i| t.body.waiting(&doc, i) > 0).collect();
    t.body.promises.retain(|p| waits.get(usize::from(p.0)).copied().unwrap_or(false));
}

/// When units of a line may leave at the earliest, if that is still to come.
fn held_until(t: &Turn<'_>, units: &Units) -> Option<Time> {
    let line = t.doc.lines.get(usize::from(units.0)).filter(|l| l.supply == Supply::Preorder)?;
    line.available_from.filter(|at| *at > t.now)
}

/// Whether units are reserved and not to leave yet.
pub(super) fn is_early(t: &Turn<'_>, units: &Units) -> bool {
    held_until(t, units).is_some()
}

/// When the first of them may.
pub(super) fn due(t: &Turn<'_>) -> Option<Time> {
    t.body.reserved.iter().filter_map(|u| held_until(t, u)).min()
}
