//! An order as people and programs outside see it.

use super::counts::status;
use super::fulfilling;
use super::state::{CancellationState, State};
use retail::time::Time;
use serde_json::{Value, json};

/// Units of each line that may still be given back: (line, units).
#[must_use]
pub fn returnable(state: &State) -> Vec<(String, i64)> {
    let Some(doc) = state.doc.as_deref() else { return Vec::new() };
    let lines = (0_u16..).zip(&doc.lines);
    lines.map(|(i, l)| (l.id.clone(), state.body.returnable(i))).collect()
}

/// The whole picture: status, lines with their counters, money, documents, credits.
#[must_use]
pub fn show(id: &str, state: &State) -> Value {
    let body = &state.body;
    let Some(doc) = state.doc.as_deref() else {
        let early: Vec<&str> = body.early.iter().map(|e| e.kind.as_str()).collect();
        return json!({"order": id, "status": status(state).code(), "waiting_events": early});
    };
    let lines = (0_u16..).zip(doc.lines.iter().zip(&body.lines)).map(|(i, (d, l))| {
        let (reserved, released, waiting) = (body.reserved_of(i), body.released_of(i), body.waiting(doc, i));
        json!({
            "line": d.id, "sku": d.sku, "title": d.title, "kind": d.kind, "category": d.category,
            "unit_price": d.unit_price, "charge": d.charge, "tax": d.tax, "prices": d.prices,
            "ordered": d.quantity, "cancelled": l.cancelled, "waiting_for_stock": waiting, "reserved": reserved,
            "released": released, "awaiting_shipment": d.quantity - l.cancelled - l.shipped,
            "shipped": l.shipped, "held_for_returns": body.held(i), "credited": l.credited,
            "returnable": body.returnable(i), "parent": d.parent, "raises": d.raises, "supply": d.supply,
            "vendor": d.vendor, "promised": fulfilling::promised(body, i),
        })
    });
    let tenders = (0_u16..).zip(doc.tenders.iter().zip(&body.tenders)).map(|(i, (d, t))| {
        let own = body.authorisations.get(&i);
        let expires = own.and_then(|a| a.expires).filter(|e| *e < i64::MAX).map(Time).or(d.expires_at);
        json!({
            "tender": d.id, "kind": d.kind, "executor": d.executor, "payment": d.payment,
            "authorised": body.authorised(doc, usize::from(i)), "expires_at": expires,
            "lapsed": own.is_some_and(|a| a.lapsed), "replaced": own.is_some_and(|a| a.closed), "capture_asked": t.capture_asked, "captured": t.captured,
            "refund_asked": t.refund_asked, "refunded_elsewhere": t.elsewhere, "refundable": t.refundable(),
        })
    });
    let tenders = tenders.enumerate().map(|(i, mut shown)| {
        shown["disputed"] = json!(body.disputed(i));
        shown
    });
    let holds = body
        .stops
        .iter()
        .map(|(code, h)| json!({"hold": code, "reason": h.reason, "by": h.by, "since": Time(h.since)}));
    let checks = body.checks.iter().map(
        |(code, c)| json!({"check": code, "state": c.state.word(), "release_waits_until": c.until.map(Time)}),
    );
    let releases = (1..).zip(&body.releases).map(|(n, r)| {
        json!({"release": format!("{id}-R{n}"), "state": code(&r.0), "awaiting_allocation": sum(&r.1)})
    });
    let fulfilments = (1..).zip(&body.fulfilments).map(|(n, f)| {
        json!({
            "fulfilment": format!("{id}-F{n}"), "place": body.place_name(f.0), "state": code(&f.2),
            "awaiting_shipment": sum(&f.3), "ready_at": fulfilling::ready_at(body, n),
        })
    });
    let shipments = body.shipments.iter().map(|s| {
        json!({
            "shipment": s.id, "place": s.place.map(|p| body.place_name(p)), "shipped_at": Time(s.at),
            "delivered_at": s.delivered.map(Time), "parcels": fulfilling::parcels(body, &s.id),
        })
    });
    let cancellations = (1..).zip(&body.cancellations).map(|(n, c)| {
        let done: i64 = c.lines.iter().map(|l| l.2).sum();
        let open: i64 = c.lines.iter().map(|l| l.1 - l.2).sum();
        json!({
            "cancellation": format!("{id}-X{n}"), "reason": c.reason, "cancelled": done, "undecided": open,
            "decided": c.state != CancellationState::Open,
        })
    });
    let credits = (1..).zip(&body.credits).map(|(n, c)| {
        json!({
            "credit": format!("{id}-C{n}"), "rma": c.rma, "amount": c.amount, "tax": c.tax,
            "state": c.state.word(), "kind": c.kind, "asked_by": c.asked_by, "approved_by": c.approved_by,
            "reason": c.reason, "taken_over": c.wish.taken_over,
            "quantity": (0..c.lines.len()).filter(|n| c.carries_units(*n)).map(|n| c.lines[n].3 - c.lines[n].2).sum::<i64>(),
            "parts": c.parts.iter().map(|p| json!({
                "by": p.3.word(), "tender": doc.tenders.get(usize::from(p.0)).map(|t| &t.id), "amount": p.1,
                "settled": p.2,
            })).collect::<Vec<_>>(),
        })
    });
    let disputes = body.disputes.iter().map(|(id, d)| {
        json!({
            "dispute": id, "payment": doc.tenders.get(usize::from(d.tender)).map(|t| &t.payment),
            "amount": d.amount, "state": d.state.word(),
        })
    });
    json!({
        "order": id, "status": status(state).code(), "source": doc.source, "source_id": doc.source_id,
        "number": doc.number, "brand": doc.brand, "region": doc.region, "routes": doc.routes,
        "revision": doc.revision, "customer": doc.customer, "placed_at": doc.placed_at, "currency": doc.currency,
        "total": doc.total(), "presentment": doc.presentment, "exchange_of": doc.exchange,
        "holds": holds.collect::<Vec<_>>(), "checks": checks.collect::<Vec<_>>(), "invoiced": body.invoiced(doc),
        "captured": body.tenders.iter().map(|t| t.captured).sum::<i64>(),
        "credited": body.credits.iter().filter(|c| c.is_granted() && !c.wish.taken_over).map(|c| c.amount).sum::<i64>(),
        "disputes": disputes.collect::<Vec<_>>(),
        "ship_to": fulfilling::area(doc, body), "bundles": fulfilling::bundles(doc, body),
        "lines": lines.collect::<Vec<_>>(), "tenders": tenders.collect::<Vec<_>>(),
        "releases": releases.collect::<Vec<_>>(), "fulfilments": fulfilments.collect::<Vec<_>>(),
        "shipments": shipments.collect::<Vec<_>>(), "cancellations": cancellations.collect::<Vec<_>>(),
        "credits": credits.collect::<Vec<_>>(),
        "outstanding": body.pending.iter().map(|(k, p)| json!({"command": k, "state": p.word()})).collect::<Vec<_>>(),
    })
}

fn code<T: std::fmt::Debug>(state: &T) -> String {
    format!("{state:?}").to_lowercase()
}

fn sum(units: &[super::state::Units]) -> i64 {
    super::counts::sum(units)
}
