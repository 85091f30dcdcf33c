//! What the ERP and the storefront are told of an order. Amounts are charges with the tax inside, and the tax of
//! them stands beside; every document of an order is in the order's one currency.

use super::doc::Doc;
use super::invoicing;
use super::prices::Price;
use super::state::Parcel;
use super::turn::{LineUnits, LineValue, Turn};
use crate::out::Res;
use retail::order::LineKind;
use retail::time::Time;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct SalesOrder<'a> {
    id: &'a str,
    number: &'a str,
    placed_at: Time,
    currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    lines: Vec<SalesLine<'a>>,
    total: i64,
}

#[derive(Serialize)]
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
}

#[derive(Serialize)]
struct Cancellation<'a> {
    id: &'a str,
    order: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_id: Option<&'a str>,
    reason: &'a str,
    lines: Vec<LineUnits<'a>>,
}

#[derive(Serialize)]
struct Delivery<'a> {
    id: &'a str,
    order: &'a str,
    shipment: &'a str,
    place: &'a str,
    shipped_at: Time,
    lines: Vec<LineUnits<'a>>,
}

#[derive(Serialize)]
struct ShipmentReport<'a> {
    id: &'a str,
    order: &'a str,
    source_id: &'a str,
    shipped_at: Time,
    parcels: Vec<ParcelReport<'a>>,
}

#[derive(Serialize)]
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

pub(super) fn sales_order(t: &mut Turn<'_>) -> Res {
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    let lines = doc.lines.iter().map(|l| SalesLine {
        line: &l.id,
        sku: &l.sku,
        kind: l.kind,
        quantity: l.quantity,
        unit_price: l.unit_price.to_string(),
        amount: l.charge,
        tax: l.tax,
        prices: &l.prices,
    });
    let args = SalesOrder {
        id: order,
        number: &doc.number,
        placed_at: doc.placed_at,
        currency: doc.currency.code(),
        customer: doc.customer.as_deref(),
        lines: lines.collect(),
        total: doc.total(),
    };
    t.erp("create_sales_order", order, &args)
}

pub(super) fn cancel_sales_order(t: &mut Turn<'_>, id: &str, reason: &str, lines: &[(u16, i64)]) -> Res {
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    let args = Cancellation { id, order, source_id: None, reason, lines: units(&doc, lines) };
    t.erp("cancel_sales_order", id, &args)
}

pub(super) fn report_cancellation(t: &mut Turn<'_>, id: &str, reason: &str, lines: &[(u16, i64)]) -> Res {
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    let args = Cancellation { id, order, source_id: Some(&doc.source_id), reason, lines: units(&doc, lines) };
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
    let parcels = s.parcels.iter().map(|Parcel(id, carrier, tracking, lines)| ParcelReport {
        id,
        carrier,
        tracking,
        lines: units(&doc, lines),
    });
    let args = ShipmentReport {
        id: &s.id,
        order,
        source_id: &doc.source_id,
        shipped_at: Time(s.at),
        parcels: parcels.collect(),
    };
    t.storefront("report_shipment", &s.id, &args)
}
