//! Units have left: stock is told, delivery and invoice are posted, the storefront hears of its parcels.

use super::counts::{put, sum, take_at};
use super::doc::Line;
use super::documents;
use super::events::{Confirmed, Delivered};
use super::holding;
use super::naming;
use super::state::{FulfilmentState as F, Parcel, Shipment, Units};
use super::turn::Turn;
use super::{cancel, collect, pool, release, track};
use crate::early::Early;
use crate::out::Res;
use crate::read::read;
use hub::process::Fault;
use retail::time::Time;
use serde::Serialize;
use std::sync::Arc;

/// A warehouse has shipped. The same shipment again, under whatever message id, changes nothing.
pub(super) fn confirmed(t: &mut Turn<'_>, event: Confirmed) -> Res {
    naming::same_order(t, &event.order)?;
    if t.body.shipments.iter().any(|s| s.id == event.shipment) {
        return Ok(());
    }
    let f = naming::fulfilment_at(t, &event.fulfilment)?;
    t.occurred = event.shipped_at;
    let mut totals: Vec<(u16, i64)> = Vec::new();
    let mut parcels = Vec::with_capacity(event.parcels.len());
    for parcel in event.parcels {
        let mut lines = Vec::with_capacity(parcel.lines.len());
        for u in &parcel.lines {
            let line = t.goods(&u.line, &u.sku)?;
            lines.push((line, u.quantity));
            match totals.iter_mut().find(|x| x.0 == line) {
                Some(x) => x.1 += u.quantity,
                None => totals.push((line, u.quantity)),
            }
        }
        parcels.push(Parcel(parcel.id, parcel.carrier, parcel.tracking, lines));
    }
    if totals.is_empty() {
        let why = format!("shipment {:?} has no units; a shipment carries at least one", event.shipment);
        return Err(Fault::new("line_count", why));
    }
    let place = t.body.place(&event.place);
    let collected = release::method(t, f).is_some_and(|m| m.place.is_some());
    let (mut left, mut invoiced, mut over) = (Vec::new(), Vec::new(), Vec::new());
    for (line, n) in totals {
        let Some(fulfilment) = t.body.fulfilments.get_mut(f) else { continue };
        let held = sum(&take_at(&mut fulfilment.3, line, Some(place), n));
        if held > 0 {
            put(&mut left, [Units(line, place, held)]);
            invoiced.push((line, held));
        }
        if n > held {
            over.push((line, n - held));
        }
    }
    if let Some(fulfilment) = t.body.fulfilments.get_mut(f) {
        fulfilment.4 = true;
        if fulfilment.3.is_empty() {
            fulfilment.2 = F::Ended;
        }
    }
    pool::ship(t, &event.shipment, &left, (place, &over))?;
    t.out.named(&t.name.tenant, "shipment", &event.shipment);
    for Parcel(_, _, tracking, _) in &parcels {
        t.out.named(&t.name.tenant, "tracking", tracking);
    }
    overshipped(t, &event.shipment, over);
    let shipment = Shipment {
        id: event.shipment,
        place: Some(place),
        at: event.shipped_at.0,
        lines: Vec::new(),
        parcels,
        delivered: None,
        fulfilment: collected.then(|| u16::try_from(f).unwrap_or(u16::MAX)),
    };
    let n = u16::try_from(t.body.shipments.len() + 1).unwrap_or(u16::MAX);
    track::follow(t, n, &shipment.parcels);
    provide(t, shipment, &invoiced)?;
    news(t)
}

/// More left than was released: recorded and shown, never invoiced.
fn overshipped(t: &mut Turn<'_>, shipment: &str, over: Vec<(u16, i64)>) {
    let n: i64 = over.iter().map(|o| o.1).sum();
    for (line, more) in over {
        match t.body.over.iter_mut().find(|o| o.0 == line) {
            Some(o) => o.1 += more,
            None => t.body.over.push((line, more)),
        }
    }
    if n > 0 {
        t.out.raise(
            "overshipped",
            "operations",
            format!(
                "shipment {shipment} of order {} carried {n} units more than were released",
                t.name.value
            ),
            "ask the customer to keep or send back the surplus, and count the place",
        );
    }
}

/// Counts units as shipped and invoices them. What needs no shipping goes with the first that is; what was added
/// since, with the next.
fn provide(t: &mut Turn<'_>, mut shipment: Shipment, units: &[(u16, i64)]) -> Res {
    let doc = Arc::clone(&t.doc);
    let goods = |i: u16| doc.lines.get(usize::from(i)).is_some_and(Line::is_goods);
    let carries = units.iter().any(|u| goods(u.0));
    let n = u16::try_from(t.body.shipments.len() + 1).unwrap_or(u16::MAX);
    for (i, (d, l)) in (0_u16..).zip(doc.lines.iter().zip(&mut t.body.lines)) {
        let more = match units.iter().find(|u| u.0 == i) {
            Some(u) => u.1,
            None if carries && !d.is_goods() && !d.is_digital() => d.quantity - l.cancelled - l.shipped,
            None => 0,
        };
        if more > 0 {
            shipment.lines.push((i, l.shipped, l.shipped + more));
            l.shipped += more;
            l.last = n;
        }
    }
    let (mut amount, mut tax) = (0, 0);
    for (line, from, to) in &shipment.lines {
        let share = doc.share(*line, *from, *to);
        amount += share.0;
        tax += share.1;
    }
    let quantity: i64 = units.iter().map(|u| u.1).sum();
    let place = shipment.place.map(|p| t.body.place_name(p).to_owned());
    let fact = serde_json::json!({
        "shipment": shipment.id, "place": place, "quantity": quantity, "amount": amount, "tax": tax,
    });
    let invoiced = !shipment.lines.is_empty();
    t.body.shipments.push(shipment);
    t.out.fact("order.shipped", &fact)?;
    t.out.post(t.posting().order_invoiced(doc.money(amount - tax), doc.money(tax)))?;
    if invoiced { documents::shipment(t, n) } else { Ok(()) }
}

/// Lines that need no shipping are provided at once when no more goods will be shipped.
pub(super) fn without_goods(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let goods_open = doc
        .lines
        .iter()
        .zip(&t.body.lines)
        .any(|(d, l)| d.is_goods() && l.cancelled + l.shipped < d.quantity);
    let wished = t.body.cancellations.iter().any(|c| c.state == super::state::CancellationState::Open);
    if goods_open || wished || holding::stands(t) {
        return Ok(());
    }
    at_once(t, |d| !d.is_goods() && !d.is_digital())
}

/// Digital lines are provided as soon as the order goes on, whatever becomes of the others.
pub(super) fn digital(t: &mut Turn<'_>) -> Res {
    if holding::stands(t) || !t.doc.lines.iter().any(Line::is_digital) {
        return Ok(());
    }
    at_once(t, Line::is_digital)
}

/// Provides what is left of some lines without anything leaving.
fn at_once(t: &mut Turn<'_>, of: impl Fn(&Line) -> bool) -> Res {
    let doc = Arc::clone(&t.doc);
    let units: Vec<(u16, i64)> = (0_u16..)
        .zip(doc.lines.iter().zip(&t.body.lines))
        .filter(|(i, (d, l))| of(d) && l.cancelled + l.shipped < d.quantity && cancel::wished(t, *i) == 0)
        .map(|(i, (d, l))| (i, d.quantity - l.cancelled - l.shipped))
        .collect();
    if units.is_empty() {
        return Ok(());
    }
    let id = format!("{}-V{}", t.order(), t.body.shipments.len() + 1);
    let (place, at) = (None, t.occurred.0);
    let shipment =
        Shipment { id, place, at, lines: Vec::new(), parcels: Vec::new(), delivered: None, fulfilment: None };
    provide(t, shipment, &units)
}

/// The customer has it. Recorded; shipping is what transferred control.
pub(super) fn delivered(t: &mut Turn<'_>, event: &Delivered) -> Res {
    naming::same_order(t, &event.order)?;
    match t.body.shipments.iter().position(|s| s.id == event.shipment) {
        Some(s) => arrived(t, s, event.delivered_at),
        None => wait(t, "shipment.delivered", event),
    }
}

/// A shipment is with the customer; its parcels are followed no longer.
pub(super) fn arrived(t: &mut Turn<'_>, s: usize, at: Time) -> Res {
    let Some(shipment) = t.body.shipments.get_mut(s).filter(|s| s.delivered.is_none()) else {
        return Ok(());
    };
    shipment.delivered = Some(at.0);
    let id = shipment.id.clone();
    t.body.tracks.retain(|x| usize::from(x.shipment) != s + 1);
    t.out.fact("order.delivered", &serde_json::json!({"shipment": id}))
}

/// Somebody is quicker than a warehouse's confirmation: what they say waits for its shipment.
pub(super) fn wait(t: &mut Turn<'_>, kind: &str, event: &impl Serialize) -> Res {
    let early = Early { kind: kind.to_owned(), occurred: t.occurred, data: crate::out::raw(event)? };
    if !t.body.early.contains(&early) {
        t.body.early.push(early);
    }
    Ok(())
}

/// Takes in what carriers and stores said of a shipment before it was known.
fn news(t: &mut Turn<'_>) -> Res {
    for early in std::mem::take(&mut t.body.early) {
        t.occurred = early.occurred;
        match early.kind.as_str() {
            "parcel.tracked" => track::tracked(t, &read(&early.kind, &early.data)?)?,
            "fulfilment.picked_up" => collect::picked_up(t, read(&early.kind, &early.data)?)?,
            _ => delivered(t, &read(&early.kind, &early.data)?)?,
        }
    }
    Ok(())
}
