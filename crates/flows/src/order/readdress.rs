//! Sends goods elsewhere: taken at once while nothing is with a warehouse; what is there is amended, or taken back
//! and released again where the warehouse will not; what has left cannot be helped and is shown to a person.

use super::change::conflict;
use super::counts::settled;
use super::delivery::Address;
use super::naming::{self, fulfilment_at, fulfilment_id};
use super::state::{Erp, FulfilmentState as F};
use super::turn::Turn;
use super::wishes::AddressChanged;
use super::{label, recall, release};
use crate::out::{Res, To};
use retail::envelope::Class;
use serde::Serialize;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Amend<'a> {
    id: &'a str,
    order: &'a str,
    ship_to: &'a Address,
}

/// Where goods go now.
pub(super) fn address(t: &Turn<'_>) -> Option<Address> {
    t.body.amended.address.clone().or_else(|| {
        let area = t.doc.ship_to.clone()?;
        Some(Address { area, person: t.doc.to.clone() })
    })
}

/// Takes a new address in. An older wish than the last one, or the same again, changes nothing.
pub(super) fn changed(t: &mut Turn<'_>, event: AddressChanged) -> Res {
    naming::same_order(t, &event.order)?;
    let new = event.ship_to.check()?;
    let older = t.body.amended.moved_at.is_some_and(|at| at > t.occurred.0);
    if older || t.body.amended.changes.contains(&event.id) {
        return Ok(());
    }
    t.body.amended.changes.push(event.id.clone());
    t.body.amended.moved_at = Some(t.occurred.0);
    if address(t).as_ref() == Some(&new) {
        return Ok(());
    }
    let on_their_way: Vec<&str> = t
        .body
        .shipments
        .iter()
        .filter(|s| s.place.is_some() && s.fulfilment.is_none() && s.delivered.is_none())
        .map(|s| s.id.as_str())
        .collect();
    if !on_their_way.is_empty() {
        let what = format!("{} went to the address before it", on_their_way.join(", "));
        conflict(t, &what);
    }
    if t.body.completed || settled(&t.doc, &t.body) {
        conflict(t, "nothing is left to be sent to the new address");
        return Ok(());
    }
    let area = &new.area;
    let fact = serde_json::json!({
        "change": event.id, "country": area.country, "region": area.region, "postcode": area.postcode,
        "by": event.by,
    });
    t.out.fact("order.address_changed", &fact)?;
    t.body.amended.address = Some(new);
    t.body.amended.moves += 1;
    t.body.amended.untold |= t.body.erp != Erp::Untold;
    for f in 0..t.body.fulfilments.len() {
        let there = t.body.fulfilments.get(f).is_some_and(|x| x.2 == F::Open);
        let sent = release::method(t, f).is_some_and(|m| m.place.is_none());
        if there && sent {
            one(t, f)?;
        }
    }
    Ok(())
}

/// Tells a warehouse, or takes the fulfilment order back where its label has the address on it already.
fn one(t: &mut Turn<'_>, f: usize) -> Res {
    if label::is_hubs(t) {
        return take_back(t, f);
    }
    let (id, at) = (fulfilment_id(t, f), t.body.fulfilments.get(f).map(|x| x.0));
    let (Some(address), Some(at)) = (address(t), at) else { return Ok(()) };
    let place = t.body.place_name(at).to_owned();
    let (order, object) = (t.order(), format!("fulfilment/{id}"));
    let to = To { role: "wms", at: &place, object: &object, class: Class::Fulfilment };
    let key = format!("{id}~{}", t.body.amended.moves);
    t.command(to, "amend_fulfilment", &key, &Amend { id: &id, order, ship_to: &address })
}

fn take_back(t: &mut Turn<'_>, f: usize) -> Res {
    let Some(x) = t.body.fulfilments.get_mut(f).filter(|x| x.2 == F::Open) else { return Ok(()) };
    x.2 = F::Recalled;
    t.body.amended.readdressing.push(u16::try_from(f).unwrap_or(u16::MAX));
    recall::ask_fulfilment(t, f)
}

/// The warehouse will not change the address: the units are taken back, to be released again.
pub(super) fn refused(t: &mut Turn<'_>, id: &str) -> Res {
    let fulfilment = id.split_once('~').map_or(id, |(f, _)| f);
    let f = fulfilment_at(t, fulfilment)?;
    let Some((state, left)) = t.body.fulfilments.get(f).map(|x| (x.2, x.4)) else { return Ok(()) };
    if state == F::Open {
        return take_back(t, f);
    }
    if left {
        conflict(t, &format!("{fulfilment} has left for the address before it"));
    }
    Ok(())
}

/// A fulfilment order could not be taken back: where that was for its address, its goods go to the one before.
pub(super) fn too_late(t: &mut Turn<'_>, f: usize) {
    let n = u16::try_from(f).unwrap_or(u16::MAX);
    let before = t.body.amended.readdressing.len();
    t.body.amended.readdressing.retain(|x| *x != n);
    if t.body.amended.readdressing.len() < before {
        let id = fulfilment_id(t, f);
        conflict(t, &format!("{id} leaves for the address before it"));
    }
}

/// Forgets fulfilment orders that were taken back.
pub(super) fn forget(t: &mut Turn<'_>) {
    let fulfilments = &t.body.fulfilments;
    let over = |f: u16| fulfilments.get(usize::from(f)).is_none_or(|x| x.2 == F::Ended);
    t.body.amended.readdressing.retain(|f| !over(*f));
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<Amend<'_>>("amend_fulfilment")]
}
