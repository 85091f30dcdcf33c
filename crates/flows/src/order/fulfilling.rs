//! The parts of an order's picture that are about its way to the customer: bundles, promises, parcels.

use super::doc::{Doc, ShipTo};
use super::state::Body;
use retail::time::Time;
use serde_json::{Value, json};

/// What was promised of units of a line that wait.
pub(super) fn promised(body: &Body, line: u16) -> Vec<Value> {
    let of = body.promises.iter().filter(|p| p.0 == line);
    of.map(|p| json!({"supply": p.1, "date": p.2, "quantity": p.3})).collect()
}

/// Since when the `n`th fulfilment order, counted from 1, waits to be collected.
pub(super) fn ready_at(body: &Body, n: usize) -> Option<Time> {
    let f = u16::try_from(n.checked_sub(1)?).ok()?;
    body.ready.get(&f).filter(|at| **at != i64::MAX).map(|at| Time(*at))
}

/// A shipment's parcels that are on their way.
pub(super) fn parcels(body: &Body, shipment: &str) -> Vec<Value> {
    let Some(n) = body.shipments.iter().position(|s| s.id == shipment) else { return Vec::new() };
    let of = body.tracks.iter().filter(|t| usize::from(t.shipment) == n + 1);
    of.map(|t| json!({"tracking": t.tracking, "status": t.status, "at": t.at.map(Time)})).collect()
}

/// Where goods go, without who receives them.
pub(super) fn area<'a>(doc: &'a Doc, body: &'a Body) -> Option<&'a ShipTo> {
    body.amended.address.as_ref().map(|a| &a.area).or(doc.ship_to.as_ref())
}

/// Bundles as they were sold. `shipped` and `returnable` count whole ones, `credited` those of which every component
/// was given back, `partly_credited` those of which some was.
pub(super) fn bundles(doc: &Doc, body: &Body) -> Vec<Value> {
    let bundles = doc.bundles.iter().map(|b| {
        let sum = |of: &dyn Fn(u16) -> i64| {
            let units: Vec<(&str, i64)> =
                b.components.iter().map(|(line, _)| (line.as_str(), doc.same(line).map(of).sum())).collect();
            move |line: &str| units.iter().find(|u| u.0 == line).map_or(0, |u| u.1)
        };
        let counted = |i: u16| body.lines.get(usize::from(i)).copied().unwrap_or_default();
        let shipped = b.whole(sum(&|i| counted(i).shipped));
        let credited = b.whole(sum(&|i| counted(i).credited));
        let touched = b.touched(sum(&|i| counted(i).credited));
        json!({
            "line": b.id, "sku": b.sku, "title": b.title, "ordered": b.quantity, "charge": b.charge,
            "tax": b.tax, "components": b.components.iter().map(|c| &c.0).collect::<Vec<_>>(),
            "cancelled": b.whole(sum(&|i| counted(i).cancelled)), "shipped": shipped, "credited": credited,
            "partly_credited": touched - credited, "returnable": b.whole(sum(&|i| body.returnable(i))),
        })
    });
    bundles.collect()
}
