//! What the ERP and the storefront are told of an order. Amounts are charges with the tax inside, and the tax of
//! them stands beside; every document of an order is in the order's one currency.

use super::doc::{Doc, Line, ShipTo};
use super::invoicing;
use super::prices::Price;
use super::state::{Erp, Parcel};
use super::turn::{LineUnits, LineValue, Turn};
use crate::out::Res;
use retail::order::LineKind;
use retail::time::Time;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SalesOrder<'a> {
    id: &'a str,
    number: &'a str,
    placed_at: Time,
    currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_to: Option<&'a ShipTo>,
    lines: Vec<SalesLine<'a>>,
    total: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Amendment<'a> {
    id: &'a str,
    order: &'a str,
    currency: &'a str,
    add: Vec<SalesLine<'a>>,
    change: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_to: Option<&'a ShipTo>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SalesLine<'a> {
    line: &'a str,
    sku: &'a str,
    kind: LineKind,
    quantity: i64,
    unit_price: String,
    amount: i64,
    tax: i64,
    #[serde(skip_serializing_if = "<[Price]>::is_empty")]
    prices: &'a [Price],
    /// The bundle that it is a component of.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'a str>,
    /// The line whose quantity it raises.
    #[serde(skip_serializing_if = "Option::is_none")]
    raises: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Cancellation<'a> {
    id: &'a str,
    order: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_id: Option<&'a str>,
    reason: &'a str,
    lines: Vec<LineUnits<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Delivery<'a> {
    id: &'a str,
    order: &'a str,
    shipment: &'a str,
    place: &'a str,
    shipped_at: Time,
    lines: Vec<LineUnits<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ShipmentReport<'a> {
    id: &'a str,
    order: &'a str,
    source_id: &'a str,
    /// The place that it left.
    place: &'a str,
    shipped_at: Time,
    parcels: Vec<ParcelReport<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ParcelReport<'a> {
    id: &'a str,
    carrier: &'a str,
    tracking: &'a str,
    lines: Vec<LineUnits<'a>>,
}

/// Units of lines by their names.
pub(super) fn units<'d>(doc: &'d Doc, lines: &[(u16, i64)]) -> Vec<LineUnits<'d>> {
    let named = lines.iter().filter_map(|(i, quantity)| {
        doc.lines.get(usize::from(*i)).map(|l| LineUnits { line: &l.id, sku: None, quantity: *quantity })
    });
    named.collect()
}

/// Values of units `from..to` of lines.
pub(super) fn values<'d>(doc: &'d Doc, lines: impl Iterator<Item = (u16, i64, i64)>) -> Vec<LineValue<'d>> {
    lines
        .filter_map(|(i, from, to)| {
            let (amount, tax) = doc.share(i, from, to);
            doc.lines.get(usize::from(i)).map(|l| LineValue { line: &l.id, quantity: to - from, amount, tax })
        })
        .collect()
}

fn sales_lines(lines: &[Line]) -> Vec<SalesLine<'_>> {
    let lines = lines.iter().map(|l| SalesLine {
        line: &l.id,
        sku: &l.sku,
        kind: l.kind,
        quantity: l.quantity,
        unit_price: l.unit_price.to_string(),
        amount: l.charge,
        tax: l.tax,
        prices: &l.prices,
        parent: l.parent.as_deref(),
        raises: l.raises.as_deref(),
    });
    lines.collect()
}

/// How many lines the sales order was written with.
pub(super) fn written(t: &Turn<'_>) -> u16 {
    let placed = t.doc.lines.len() - t.body.amended.lines.len().min(t.doc.lines.len());
    t.body.amended.written.unwrap_or_else(|| u16::try_from(placed).unwrap_or(u16::MAX))
}

/// What the sales order comes to as it was written.
pub(super) fn written_total(t: &Turn<'_>) -> i64 {
    t.doc.lines.iter().take(usize::from(written(t))).map(|l| l.charge).sum()
}

/// Where goods go, as far as the ERP is told.
fn area(t: &Turn<'_>) -> Option<ShipTo> {
    t.body.amended.address.as_ref().map(|a| a.area.clone()).or_else(|| t.doc.ship_to.clone())
}

/// Writes the sales order; asked again, with the same lines.
pub(super) fn sales_order(t: &mut Turn<'_>) -> Res {
    let (doc, order, area) = (Arc::clone(&t.doc), t.order(), area(t));
    if t.body.erp == Erp::Untold && !t.body.amended.lines.is_empty() {
        t.body.amended.written = u16::try_from(doc.lines.len()).ok();
    }
    let lines = doc.lines.get(..usize::from(written(t))).unwrap_or(&doc.lines);
    let args = SalesOrder {
        id: order,
        number: &doc.number,
        placed_at: doc.placed_at,
        currency: doc.currency.code(),
        customer: doc.customer.as_deref(),
        ship_to: area.as_ref(),
        lines: sales_lines(lines),
        total: written_total(t),
    };
    t.erp("create_sales_order", order, &args)
}

/// Tells the ERP of the `n`th amendment, counted from 0.
pub(super) fn amend_sales_order(t: &mut Turn<'_>, n: usize) -> Res {
    let Some((from, to, address)) = t.body.amended.told.get(n).copied() else { return Ok(()) };
    let (doc, order, area) = (Arc::clone(&t.doc), t.order(), area(t).filter(|_| address));
    let id = format!("{order}-A{}", n + 1);
    let args = Amendment {
        id: &id,
        order,
        currency: doc.currency.code(),
        add: sales_lines(doc.lines.get(usize::from(from)..usize::from(to)).unwrap_or_default()),
        change: [],
        ship_to: area.as_ref(),
    };
    t.erp("amend_sales_order", &id, &args)
}

/// Tells it again of one that it refused.
pub(super) fn amend_again(t: &mut Turn<'_>, id: &str) -> Res {
    let n = (0..t.body.amended.told.len()).find(|n| id == format!("{}-A{}", t.order(), n + 1));
    n.map_or(Ok(()), |n| amend_sales_order(t, n))
}

/// Units by the lines under which the storefront knows them.
fn shop_units<'d>(doc: &'d Doc, lines: &[(u16, i64)]) -> Vec<LineUnits<'d>> {
    let mut known: Vec<LineUnits<'d>> = Vec::with_capacity(lines.len());
    for (i, quantity) in lines {
        let Some(l) = doc.lines.get(usize::from(*i)) else { continue };
        match known.iter_mut().find(|k| k.line == l.known_as()) {
            Some(k) => k.quantity += quantity,
            None => known.push(LineUnits { line: l.known_as(), sku: None, quantity: *quantity }),
        }
    }
    known
}

pub(super) fn cancel_sales_order(t: &mut Turn<'_>, id: &str, reason: &str, lines: &[(u16, i64)]) -> Res {
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    let args = Cancellation { id, order, source_id: None, reason, lines: units(&doc, lines) };
    t.erp("cancel_sales_order", id, &args)
}

pub(super) fn report_cancellation(t: &mut Turn<'_>, id: &str, reason: &str, lines: &[(u16, i64)]) -> Res {
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    let args =
        Cancellation { id, order, source_id: Some(&doc.source_id), reason, lines: shop_units(&doc, lines) };
    t.storefront("report_cancellation", id, &args)
}

/// All documents of the `n`th shipment, counted from 1.
pub(super) fn shipment(t: &mut Turn<'_>, n: u16) -> Res {
    if t.shipment(n).is_some_and(|s| s.place.is_some()) {
        delivery(t, n)?;
        report(t, n)?;
    }
    invoicing::shipment(t, n)
}

pub(super) fn delivery(t: &mut Turn<'_>, n: u16) -> Res {
    let Some(s) = t.shipment(n).cloned() else { return Ok(()) };
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    let place = t.body.place_name(s.place.unwrap_or_default()).to_owned();
    let lines = s.lines.iter().filter_map(|(i, from, to)| {
        let l = doc.lines.get(usize::from(*i)).filter(|l| l.is_goods())?;
        Some(LineUnits { line: &l.id, sku: Some(&l.sku), quantity: to - from })
    });
    let args = Delivery {
        id: &s.id,
        order,
        shipment: &s.id,
        place: &place,
        shipped_at: Time(s.at),
        lines: lines.collect(),
    };
    t.erp("post_delivery", &s.id, &args)
}

pub(super) fn report(t: &mut Turn<'_>, n: u16) -> Res {
    let Some(s) = t.shipment(n).cloned() else { return Ok(()) };
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    let place = t.body.place_name(s.place.unwrap_or_default()).to_owned();
    let parcels = s.parcels.iter().map(|Parcel(id, carrier, tracking, lines)| ParcelReport {
        id,
        carrier,
        tracking,
        lines: shop_units(&doc, lines),
    });
    let args = ShipmentReport {
        id: &s.id,
        order,
        source_id: &doc.source_id,
        place: &place,
        shipped_at: Time(s.at),
        parcels: parcels.collect(),
    };
    t.storefront("report_shipment", &s.id, &args)
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![
        command::<SalesOrder<'_>>("create_sales_order"),
        command::<Amendment<'_>>("amend_sales_order"),
        command::<Cancellation<'_>>("cancel_sales_order"),
        command::<Delivery<'_>>("post_delivery"),
        command::<ShipmentReport<'_>>("report_shipment"),
        command::<Cancellation<'_>>("report_cancellation"),
    ]
}
