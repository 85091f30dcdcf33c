//! Releases what is reserved to the order management, turns its allocation into fulfilment orders, and takes in
//! what either could not do.
//!
//! Units that the order management or a warehouse refuses stay reserved, because by the pool's word they are
//! there: they are offered again after a while, a few times, and then a person must look. Giving them back to
//! the pool would only have it reserve the same units again, at once and for ever.

use super::counts::{put, sum, take, take_at};
use super::delivery::{Address, Method};
use super::doc::Doc;
use super::events::{Allocated, Short};
use super::holding;
use super::naming::{self, fulfilment_id, release_id};
use super::state::{Erp, Fulfilment, FulfilmentState as F, Release, ReleaseState as R, Units};
use super::turn::{LineUnits, Turn};
use super::{cancel, label, pool, promise, readdress, vendor};
use crate::out::{Res, To};
use hub::process::Fault;
use retail::envelope::Class;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ReleaseOrder<'a> {
    id: &'a str,
    order: &'a str,
    lines: Vec<Placed<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Placed<'a> {
    line: &'a str,
    sku: &'a str,
    quantity: i64,
    place: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CreateFulfilment<'a> {
    id: &'a str,
    order: &'a str,
    /// Left out where it is merely shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    /// The store where it is collected.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_to: Option<&'a Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<PrintedLabel<'a>>,
    lines: Vec<LineUnits<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PrintedLabel<'a> {
    tracking: &'a str,
    label: &'a str,
}

/// How a fulfilment order's goods reach the customer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Way {
    /// The method's word in commands.
    pub word: &'static str,
    /// The store where they are collected; none where they are sent to the customer.
    pub place: Option<String>,
}

/// How the goods of a fulfilment order get there; none once it holds no units.
pub(super) fn method(t: &Turn<'_>, f: usize) -> Option<Way> {
    let fulfilment = t.body.fulfilments.get(f)?;
    let line = fulfilment.3.first()?.0;
    if fulfilment.1 == vendor::NO_RELEASE {
        return Some(Way { word: "dropship", place: None });
    }
    let deliver = t.doc.deliver(line);
    if !deliver.is_collected() {
        return Some(Way { word: deliver.method.word(), place: None });
    }
    // Where the store has the goods they wait there; else they are sent to it.
    let here = deliver.place.as_deref() == Some(t.body.place_name(fulfilment.0));
    let word = if here { Method::Pickup } else { Method::ShipToStore }.word();
    Some(Way { word, place: deliver.place })
}

/// Releases what is reserved, as far as policy lets part of an order go.
pub(super) fn release(t: &mut Turn<'_>) -> Res {
    let told = t.body.erp == Erp::Done || (t.body.erp == Erp::Asked && !t.policy.erp_first);
    if t.body.reserved.is_empty() || !told || holding::stands(t) {
        return Ok(());
    }
    let waits = |t: &Turn<'_>| (0_u16..).take(t.doc.lines.len()).any(|l| t.body.waiting(&t.doc, l) > 0);
    if !t.policy.partial_release && waits(t) {
        return Ok(());
    }
    let reserved = std::mem::take(&mut t.body.reserved);
    let (early, units): (Vec<Units>, Vec<Units>) =
        reserved.into_iter().partition(|u| promise::is_early(t, u));
    t.body.reserved = early;
    let (direct, mut units): (Vec<Units>, Vec<Units>) = units.into_iter().partition(|u| vendor::ships(t, u));
    vendor::release(t, direct)?;
    if units.is_empty() {
        return Ok(());
    }
    units.sort_unstable_by_key(|u| (u.0, u.1));
    let quantity = sum(&units);
    t.body.releases.push(Release(R::Asked, units));
    let r = t.body.releases.len() - 1;
    ask(t, r)?;
    t.out.fact("order.released", &serde_json::json!({"release": release_id(t, r), "quantity": quantity}))
}

/// Asks the order management for a release.
pub(super) fn ask(t: &mut Turn<'_>, r: usize) -> Res {
    let Some(units) = t.body.releases.get(r).map(|r| r.1.clone()) else { return Ok(()) };
    let id = release_id(t, r);
    let doc = Arc::clone(&t.doc);
    let places = t.body.places.clone();
    let lines = units.iter().filter_map(|u| {
        let line = doc.lines.get(usize::from(u.0))?;
        let place = places.get(usize::from(u.1)).map_or("", String::as_str);
        Some(Placed { line: &line.id, sku: &line.sku, quantity: u.2, place })
    });
    let (order, object) = (t.order(), format!("order/{}", t.order()));
    let args = ReleaseOrder { id: &id, order, lines: lines.collect() };
    let to = To { role: "oms", at: "", object: &object, class: Class::Fulfilment };
    t.command(to, "release_order", &id, &args)
}

/// The order management has said who ships what. A release is allocated once.
pub(super) fn allocated(t: &mut Turn<'_>, event: &Allocated) -> Res {
    naming::same_order(t, &event.order)?;
    let r = naming::release_at(t, &event.release)?;
    let Some(release) = t.body.releases.get(r) else { return Ok(()) };
    let (state, mut units) = (release.0, release.1.clone());
    if state == R::Ended || units.is_empty() {
        return Ok(());
    }
    let release = u16::try_from(r).unwrap_or(u16::MAX);
    let mut shares = Vec::with_capacity(event.fulfilments.len());
    for share in &event.fulfilments {
        let mut taken = Vec::new();
        let place = t.body.place(&share.place);
        for u in &share.lines {
            let line = t.goods(&u.line, &u.sku)?;
            let part = take_at(&mut units, line, Some(place), u.quantity);
            if sum(&part) != u.quantity {
                let why = format!(
                    "it allocates {} of line {:?} in release {}, more than was released",
                    u.quantity, u.line, event.release
                );
                return Err(Fault::new("allocated_beyond_release", why));
            }
            put(&mut taken, part);
        }
        shares.push((place, taken));
    }
    if let Some(release) = t.body.releases.get_mut(r) {
        release.1.clear();
        if state != R::Recalled {
            release.0 = R::Ended;
        }
    }
    for (place, taken) in shares {
        if state == R::Recalled {
            t.body.fulfilments.push(Fulfilment(place, release, F::Held, taken, false));
        } else {
            open(t, place, release, taken)?;
        }
    }
    if units.is_empty() {
        t.body.retries = 0;
        t.out.fact("order.allocated", &serde_json::json!({"release": event.release}))
    } else {
        let short = sum(&units);
        t.out.fact("order.allocated", &serde_json::json!({"release": event.release, "short": short}))?;
        stuck(t, units, "the order management could not allocate");
        Ok(())
    }
}

/// Makes a place's share a fulfilment order there, less what a request wants cancelled.
/// While the order is held they are merely reserved.
pub(super) fn open(t: &mut Turn<'_>, place: u16, release: u16, mut units: Vec<Units>) -> Res {
    if !t.body.stops.is_empty() {
        put(&mut t.body.reserved, units);
        return Ok(());
    }
    let lines: Vec<u16> = units.iter().map(|u| u.0).collect();
    for line in lines {
        // What is reserved already serves the request first.
        let wanted = (cancel::wished(t, line) - t.body.reserved_of(line)).max(0);
        let wanted = take(&mut units, line, wanted);
        put(&mut t.body.reserved, wanted);
    }
    while let Some(first) = units.first().copied() {
        // What reaches the customer in another way is another fulfilment order.
        let way = t.doc.deliver(first.0);
        let (share, rest): (Vec<Units>, Vec<Units>) =
            units.into_iter().partition(|u| t.doc.deliver(u.0) == way);
        units = rest;
        let quantity = sum(&share);
        t.body.fulfilments.push(Fulfilment(place, release, F::Open, share, false));
        let f = t.body.fulfilments.len() - 1;
        ask_fulfilment(t, f)?;
        let (id, at) = (fulfilment_id(t, f), t.body.place_name(place).to_owned());
        t.out.fact(
            "fulfilment.requested",
            &serde_json::json!({"fulfilment": id, "place": at, "quantity": quantity}),
        )?;
    }
    Ok(())
}

/// Units by their lines, for a warehouse.
pub(super) fn contents<'d>(doc: &'d Doc, units: &[Units]) -> Vec<LineUnits<'d>> {
    let mut lines: Vec<LineUnits<'d>> = Vec::with_capacity(units.len());
    for u in units {
        let Some(line) = doc.lines.get(usize::from(u.0)) else { continue };
        match lines.iter_mut().find(|l| l.line == line.id) {
            Some(same) => same.quantity += u.2,
            None => lines.push(LineUnits { line: &line.id, sku: Some(&line.sku), quantity: u.2 }),
        }
    }
    lines
}

/// Asks a warehouse for a fulfilment order, once it has its label where the hub buys them.
pub(super) fn ask_fulfilment(t: &mut Turn<'_>, f: usize) -> Res {
    if label::is_wanted(t, f) {
        return label::buy(t, f);
    }
    let Some(fulfilment) = t.body.fulfilments.get(f).cloned() else { return Ok(()) };
    let id = fulfilment_id(t, f);
    let (doc, way) = (Arc::clone(&t.doc), method(t, f));
    let at = t.body.place_name(fulfilment.0).to_owned();
    let sent = way.as_ref().is_some_and(|w| w.place.is_none());
    let address = readdress::address(t).filter(|_| sent);
    let label = t.body.labels.get(&u16::try_from(f).unwrap_or(u16::MAX)).cloned();
    let (order, object) = (t.order(), format!("fulfilment/{id}"));
    let args = CreateFulfilment {
        id: &id,
        order,
        method: way.as_ref().map(|w| w.word).filter(|w| *w != "ship"),
        place: way.as_ref().and_then(|w| w.place.as_deref()),
        ship_to: address.as_ref(),
        label: label.as_ref().map(|l| PrintedLabel { tracking: &l.0, label: &l.1 }),
        lines: contents(&doc, &fulfilment.3),
    };
    let to = To { role: "wms", at: &at, object: &object, class: Class::Fulfilment };
    t.command(to, "create_fulfilment", &id, &args)
}

/// A warehouse could not find units: they will not come from there. The pool looks elsewhere.
pub(super) fn short(t: &mut Turn<'_>, event: &Short) -> Res {
    naming::same_order(t, &event.order)?;
    let report = format!("{}/{}", event.fulfilment, event.id);
    if t.body.shorts.contains(&report) {
        return Ok(());
    }
    let f = naming::fulfilment_at(t, &event.fulfilment)?;
    let mut missing = Vec::new();
    let mut beyond = 0;
    for u in &event.lines {
        let line = t.goods(&u.line, &u.sku)?;
        let Some(fulfilment) = t.body.fulfilments.get_mut(f) else { continue };
        let taken = take_at(&mut fulfilment.3, line, Some(fulfilment.0), u.quantity);
        beyond += u.quantity - sum(&taken);
        put(&mut missing, taken);
    }
    t.body.shorts.push(report);
    if let Some(fulfilment) = t.body.fulfilments.get_mut(f)
        && fulfilment.3.is_empty()
    {
        fulfilment.2 = F::Ended;
    }
    if beyond > 0 {
        t.out.raise(
            "short_beyond_fulfilment",
            "operations",
            format!("{} was reported short of {beyond} units that it did not hold", event.fulfilment),
            "compare the fulfilment order with the warehouse and count the place",
        );
    }
    if missing.is_empty() {
        return Ok(());
    }
    t.out.fact(
        "fulfilment.fell_short",
        &serde_json::json!({"fulfilment": event.fulfilment, "quantity": sum(&missing)}),
    )?;
    let (dropped, missing): (Vec<Units>, Vec<Units>) = missing.into_iter().partition(|u| vendor::ships(t, u));
    vendor::short(t, &event.fulfilment, dropped);
    if missing.is_empty() { Ok(()) } else { pool::missing(t, &event.fulfilment, &missing) }
}

/// Units were refused: they stay reserved and are offered again later.
pub(super) fn stuck(t: &mut Turn<'_>, units: Vec<Units>, what: &str) {
    let (n, order) = (sum(&units), t.order());
    put(&mut t.body.stuck, units);
    let again = t.body.retries < t.policy.spans.retries;
    t.body.retry_at = again.then(|| t.now.plus(t.policy.spans.retry).0);
    if !again {
        t.out.raise(
            "release_refused",
            "operations",
            format!("{what} {n} units of order {order}, {} times", t.body.retries + 1),
            "find out why, then request a retry of the order or cancel the lines",
        );
    }
}

/// Offers again what was refused.
pub(super) fn retry(t: &mut Turn<'_>) {
    let units = std::mem::take(&mut t.body.stuck);
    put(&mut t.body.reserved, units);
    t.body.retry_at = None;
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<ReleaseOrder<'_>>("release_order"), command::<CreateFulfilment<'_>>("create_fulfilment")]
}
