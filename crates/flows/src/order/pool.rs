//! What the order and its pool say to each other about stock.
//!
//! The order is the master of its demand, the pool of where units are. A message may cross another: when units
//! were cancelled while the pool supplied them, the order gives back exactly what it was sent and no longer wants.

use super::counts::{put, take};
use super::doc::{Doc, Line};
use super::promise;
use super::state::Units;
use super::turn::Turn;
use super::withdrawn;
use crate::out::Res;
use crate::stock::messages::{
    Held, Missing, Release, Reserve, Reserved, ShelfTouched, Ship, Supplied, Wanted,
};
use crate::stock::more::ReserveMore;
use std::collections::BTreeSet;

/// Asks for the whole demand at once.
pub(super) fn reserve(t: &mut Turn<'_>) -> Res {
    let lines = wanted(&t.doc, 0);
    let order = t.order().to_owned();
    let (channel, hold) = (t.doc.source.clone(), t.doc.hold.clone());
    t.pool("stock.reserve", &Reserve { order, channel, hold, lines })
}

/// Asks for what a change added: the lines from that one on.
pub(super) fn reserve_more(t: &mut Turn<'_>, change: &str, from: usize) -> Res {
    let lines = wanted(&t.doc, from);
    if lines.is_empty() {
        return Ok(());
    }
    let (order, id) = (t.order().to_owned(), change.to_owned());
    t.pool("stock.reserve_more", &ReserveMore { order, id, lines })
}

fn wanted(doc: &Doc, from: usize) -> Vec<Wanted> {
    let lines = (0_u16..).zip(&doc.lines).skip(from).filter(|(_, l)| l.is_pooled());
    lines
        .map(|(i, l)| Wanted {
            line: l.id.clone(),
            sku: l.sku.clone(),
            quantity: l.quantity,
            at: doc.deliver(i).place,
        })
        .collect()
}

/// The pool's definite answer; a second one changes nothing.
pub(super) fn reserved(t: &mut Turn<'_>, answer: &Reserved) -> Res {
    if t.body.answered {
        return Ok(());
    }
    t.body.answered = true;
    accept(t, &answer.lines)?;
    promise::answered(t, &answer.expected)
}

/// Supply came for units that waited.
pub(super) fn supplied(t: &mut Turn<'_>, supply: &Supplied) -> Res {
    accept(t, &supply.lines)
}

fn accept(t: &mut Turn<'_>, sent: &[Held]) -> Res {
    let mut unwanted = Vec::new();
    for at in sent {
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
        if l.is_pooled() {
            still.push(Wanted { line: l.id.clone(), sku: l.sku.clone(), quantity: *quantity, at: None });
        }
    }
    if lines.is_empty() && still.is_empty() {
        return Ok(());
    }
    let order = t.order().to_owned();
    t.pool("stock.release", &Release { order, reason: reason.to_owned(), lines, waiting: still })
}

/// The line that units count for which left although nobody had released them: none of the order's, so that they
/// take no reservation and no waiting demand with them.
const NO_LINE: &str = "-";

/// Units have left, and perhaps some more than were released.
pub(super) fn ship(
    t: &mut Turn<'_>,
    shipment: &str,
    units: &[Units],
    (place, over): (u16, &[(u16, i64)]),
) -> Res {
    let (order, mut lines) = (t.order().to_owned(), named(t, units)?);
    for (line, quantity) in over {
        let mut at = named(t, &[Units(*line, place, *quantity)])?;
        at.iter_mut().for_each(|l| NO_LINE.clone_into(&mut l.line));
        lines.append(&mut at);
    }
    if lines.is_empty() {
        return Ok(());
    }
    t.out.clear(withdrawn::CODE);
    t.pool("stock.ship", &Ship { order, shipment: shipment.to_owned(), at: Some(t.occurred), lines })
}

/// A place could not find units that were reserved there.
pub(super) fn missing(t: &mut Turn<'_>, fulfilment: &str, units: &[Units]) -> Res {
    let (order, lines) = (t.order().to_owned(), named(t, units)?);
    t.out.clear(withdrawn::CODE);
    t.pool(
        "stock.missing",
        &Missing { order, fulfilment: fulfilment.to_owned(), at: Some(t.occurred), lines },
    )
}

/// The storefront has booked a shipment: where it keeps stock by place, the pool tells it what is there now.
pub(super) fn shelf_touched(t: &mut Turn<'_>) -> Res {
    let channel = t.doc.source.clone();
    if !t.policy.keeps_places(&channel) {
        return Ok(());
    }
    let pooled = t.doc.lines.iter().filter(|l| l.is_pooled());
    let skus: BTreeSet<String> = pooled.map(|l| l.sku.clone()).collect();
    if skus.is_empty() {
        return Ok(());
    }
    t.pool("stock.shelf_touched", &ShelfTouched { channel, skus: skus.into_iter().collect() })
}

/// Units by their names, without those that no pool keeps.
pub(super) fn named(t: &Turn<'_>, units: &[Units]) -> Res<Vec<Held>> {
    let pooled = |u: &&Units| t.doc.lines.get(usize::from(u.0)).is_none_or(Line::is_pooled);
    units
        .iter()
        .filter(pooled)
        .map(|u| {
            let l = t.placed(u.0)?;
            Ok(Held {
                line: l.id.clone(),
                sku: l.sku.clone(),
                place: t.body.place_name(u.1).to_owned(),
                quantity: u.2,
            })
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
