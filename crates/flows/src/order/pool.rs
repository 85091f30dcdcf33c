//! What the order and its pool say to each other about stock.
//!
//! The order is the master of its demand, the pool of where units are. A message may cross another: when units
//! were cancelled while the pool supplied them, the order gives back exactly what it was sent and no longer wants.

use super::counts::{put, take};
use super::state::Units;
use super::turn::Turn;
use crate::out::Res;
use crate::read::field;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Units of a line at a place.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct At {
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    pub place: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
}

/// Units of a line for which there is no stock.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Want {
    pub line: String,
    pub sku: String,
    pub quantity: i64,
}

#[derive(Serialize)]
struct Reserve<'a> {
    order: &'a str,
    lines: Vec<Want>,
}

#[derive(Serialize)]
struct Release<'a> {
    order: &'a str,
    reason: &'a str,
    lines: Vec<At>,
    waiting: Vec<Want>,
}

#[derive(Serialize)]
struct Ship<'a> {
    order: &'a str,
    shipment: &'a str,
    lines: Vec<At>,
}

#[derive(Serialize)]
struct Missing<'a> {
    order: &'a str,
    fulfilment: &'a str,
    lines: Vec<At>,
}

/// `stock.reserved` and `stock.supplied`.
#[derive(Debug, Deserialize)]
pub(crate) struct Reserved {
    pub lines: Vec<At>,
}

/// Asks for the whole demand at once.
pub(super) fn reserve(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let lines = doc.lines.iter().filter(|l| l.is_goods());
    let lines = lines.map(|l| Want { line: l.id.clone(), sku: l.sku.clone(), quantity: l.quantity }).collect();
    let order = t.order();
    t.pool("stock.reserve", &Reserve { order, lines })
}

/// The pool's definite answer; a second one changes nothing.
pub(super) fn reserved(t: &mut Turn<'_>, answer: &Reserved) -> Res {
    if t.body.answered {
        return Ok(());
    }
    t.body.answered = true;
    accept(t, answer)
}

/// Supply came for units that waited.
pub(super) fn supplied(t: &mut Turn<'_>, supply: &Reserved) -> Res {
    accept(t, supply)
}

fn accept(t: &mut Turn<'_>, sent: &Reserved) -> Res {
    let mut unwanted = Vec::new();
    for at in &sent.lines {
        let line = t.goods(&at.line, &at.sku)?;
        let place = t.body.place(&at.place);
        let wanted = at.quantity.min(t.body.waiting(&t.doc, line)).max(0);
        if wanted > 0 {
            put(&mut t.body.reserved, [Units(line, place, wanted)]);
        }
        if at.quantity > wanted {
            unwanted.push(Units(line, place, at.quantity - wanted));
        }
    }
    if unwanted.is_empty() { Ok(()) } else { release(t, "not_wanted", &unwanted, &[]) }
}

/// Gives units back to the pool: reserved ones by place, and ones that still wait for stock.
pub(super) fn release(t: &mut Turn<'_>, reason: &str, reserved: &[Units], waiting: &[(u16, i64)]) -> Res {
    let lines = named(t, reserved)?;
    let mut still = Vec::with_capacity(waiting.len());
    for (line, quantity) in waiting {
        let l = t.placed(*line)?;
        still.push(Want { line: l.id.clone(), sku: l.sku.clone(), quantity: *quantity });
    }
    let order = t.order();
    t.pool("stock.release", &Release { order, reason, lines, waiting: still })
}

/// Units have left, `place` saying from where.
pub(super) fn ship(t: &mut Turn<'_>, shipment: &str, units: &[Units]) -> Res {
    let (order, lines) = (t.order(), named(t, units)?);
    t.pool("stock.ship", &Ship { order, shipment, lines })
}

/// A place could not find units that were reserved there.
pub(super) fn missing(t: &mut Turn<'_>, fulfilment: &str, units: &[Units]) -> Res {
    let (order, lines) = (t.order(), named(t, units)?);
    t.pool("stock.missing", &Missing { order, fulfilment, lines })
}

fn named(t: &Turn<'_>, units: &[Units]) -> Res<Vec<At>> {
    units
        .iter()
        .map(|u| {
            let l = t.placed(u.0)?;
            Ok(At { line: l.id.clone(), sku: l.sku.clone(), place: t.body.place_name(u.1).to_owned(), quantity: u.2 })
        })
        .collect()
}

/// Takes up to `wanted` units of a line out of what is reserved and not released.
pub(super) fn unreserve(t: &mut Turn<'_>, line: u16, wanted: i64) -> Vec<Units> {
    let mut taken = take(&mut t.body.reserved, line, wanted);
    let so_far: i64 = taken.iter().map(|u| u.2).sum();
    put(&mut taken, take(&mut t.body.stuck, line, wanted - so_far));
    taken
}
