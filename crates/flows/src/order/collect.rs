//! Collected by the customer: goods wait at a store, the storefront says so, and being collected counts as shipped
//! and delivered. What nobody collects in time is cancelled, or a person is told.

use super::cancel;
use super::events::{Confirmed, Parcel};
use super::naming;
use super::ship;
use super::state::{Cancellation, CancellationState, FulfilmentState as F};
use super::turn::Turn;
use super::wishes::{PickedUp, Ready};
use crate::out::Res;
use crate::policy::Uncollected;
use retail::time::Time;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ReportReady<'a> {
    id: &'a str,
    order: &'a str,
    source_id: &'a str,
    place: &'a str,
}

/// Goods wait to be collected.
pub(super) fn ready(t: &mut Turn<'_>, event: &Ready) -> Res {
    naming::same_order(t, &event.order)?;
    let f = naming::fulfilment_at(t, &event.fulfilment)?;
    let n = u16::try_from(f).unwrap_or(u16::MAX);
    let Some(fulfilment) = t.body.fulfilments.get(f) else { return Ok(()) };
    // What was collected, cancelled or taken back meanwhile waits no longer.
    let here = fulfilment.2 == F::Open || (fulfilment.4 && !collected(t, n));
    if t.body.ready.contains_key(&n) || !here {
        return Ok(());
    }
    t.body.ready.insert(n, event.ready_at.0);
    t.out.fact(
        "order.ready_for_pickup",
        &serde_json::json!({"fulfilment": event.fulfilment, "place": event.place}),
    )?;
    let place = event.place.clone();
    report(t, &event.fulfilment, &place)
}

/// Whether all that left under a fulfilment order is with the customer.
fn collected(t: &Turn<'_>, f: u16) -> bool {
    let mut of = t.body.shipments.iter().filter(|s| s.fulfilment == Some(f)).peekable();
    of.peek().is_none() || of.all(|s| s.delivered.is_some())
}

fn report(t: &mut Turn<'_>, id: &str, place: &str) -> Res {
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    t.storefront("report_ready", id, &ReportReady { id, order, source_id: &doc.source_id, place })
}

/// Tells the storefront again of goods that wait.
pub(super) fn report_again(t: &mut Turn<'_>, id: &str) -> Res {
    let f = naming::fulfilment_at(t, id)?;
    let place = t.body.fulfilments.get(f).map(|f| t.body.place_name(f.0).to_owned()).unwrap_or_default();
    let unit = t.body.fulfilments.get(f).and_then(|f| f.3.first()).map(|u| t.doc.deliver(u.0).place);
    report(t, id, &unit.flatten().unwrap_or(place))
}

/// Goods were collected. Where they left the warehouse before, they are delivered now; else they leave and are
/// delivered at once.
pub(super) fn picked_up(t: &mut Turn<'_>, event: PickedUp) -> Res {
    naming::same_order(t, &event.order)?;
    let f = naming::fulfilment_at(t, &event.fulfilment)?;
    let n = u16::try_from(f).unwrap_or(u16::MAX);
    let Some(fulfilment) = t.body.fulfilments.get(f) else { return Ok(()) };
    let at = event.picked_up_at;
    let known = t.body.shipments.iter().any(|s| s.id == event.shipment);
    if !known && !fulfilment.4 && event.lines.is_empty() {
        // A store can be quicker than the warehouse's word on what it sent there.
        return ship::wait(t, "fulfilment.picked_up", &event);
    }
    if known || (fulfilment.4 && (fulfilment.3.is_empty() || event.lines.is_empty())) {
        for s in 0..t.body.shipments.len() {
            let of = t.body.shipments.get(s).is_some_and(|s| s.fulfilment == Some(n));
            if of {
                ship::arrived(t, s, at)?;
            }
        }
    } else {
        let place = t.body.place_name(fulfilment.0).to_owned();
        let parcel = Parcel {
            id: event.shipment.clone(),
            carrier: String::new(),
            tracking: String::new(),
            lines: event.lines,
        };
        let confirmed = Confirmed {
            shipment: event.shipment.clone(),
            fulfilment: event.fulfilment,
            order: event.order,
            place,
            shipped_at: at,
            parcels: vec![parcel],
        };
        ship::confirmed(t, confirmed)?;
        if let Some(s) = t.body.shipments.iter().position(|s| s.id == event.shipment) {
            ship::arrived(t, s, at)?;
        }
    }
    if t.body.fulfilments.get(f).is_none_or(|f| f.3.is_empty()) && collected(t, n) {
        t.body.ready.remove(&n);
        if t.body.ready.is_empty() {
            t.out.clear("not_collected");
        }
    }
    Ok(())
}

/// When the first of what waits has waited long enough.
pub(super) fn due(t: &Turn<'_>) -> Option<Time> {
    let waits = t.body.ready.values().filter(|at| **at != NOTED).min();
    waits.map(|at| Time(*at).plus(t.policy.fulfilment.collect_within))
}

/// Stands for the time of what has waited too long and was seen to.
const NOTED: i64 = i64::MAX;

/// Nobody came. What has not left the books is cancelled by policy, so that the store puts it back; what has was
/// sold, and a person is told.
pub(super) fn timer(t: &mut Turn<'_>) {
    let late: Vec<u16> = t
        .body
        .ready
        .iter()
        .filter(|(_, at)| **at != NOTED && Time(**at).plus(t.policy.fulfilment.collect_within) <= t.now)
        .map(|(f, _)| *f)
        .collect();
    for f in late {
        t.body.ready.insert(f, NOTED);
        let id = naming::fulfilment_id(t, usize::from(f));
        let Some(units) = t.body.fulfilments.get(usize::from(f)).map(|f| f.3.clone()) else { continue };
        let mut lines: Vec<(u16, i64, i64)> = Vec::new();
        for u in &units {
            let free = cancel::left(t, u.0) - cancel::wished(t, u.0);
            match lines.iter_mut().find(|l| l.0 == u.0) {
                Some(l) => l.1 = (l.1 + u.2).min(free),
                None => lines.push((u.0, u.2.min(free), 0)),
            }
        }
        lines.retain(|l| l.1 > 0);
        let cancels = t.policy.fulfilment.uncollected == Uncollected::Cancel && !lines.is_empty();
        t.out.raise(
            "not_collected",
            "customer_service",
            format!("nobody has collected {id} of order {}", t.name.value),
            "have the store put the goods back once their cancellation is through; what was sold already comes back \
             by a return",
        );
        if cancels {
            let (key, reason) = (format!("uncollected-{id}"), "not_collected".to_owned());
            let state = CancellationState::Open;
            t.body.cancellations.push(Cancellation { key, reason, lines, state });
        }
    }
}

/// Forgets what waited under fulfilment orders that are over.
pub(super) fn forget(t: &mut Turn<'_>) {
    if t.body.ready.is_empty() {
        return;
    }
    let over: Vec<u16> = t
        .body
        .ready
        .keys()
        .copied()
        .filter(|f| t.body.fulfilments.get(usize::from(*f)).is_some_and(|x| x.2 == F::Ended && !x.4))
        .collect();
    for f in over {
        t.body.ready.remove(&f);
    }
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<ReportReady<'_>>("report_ready")]
}
