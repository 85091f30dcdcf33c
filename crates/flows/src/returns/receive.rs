//! Goods have arrived: counted once per receipt, also when more came than was approved, or something else.

use super::documents::{self, UpdateLine};
use super::events::{Inspected, Received};
use super::inspect;
use super::turn::Turn;
use crate::early::Early;
use crate::out::Res;
use crate::read::read;
use hub::process::Fault;
use std::sync::Arc;

pub(super) fn received(t: &mut Turn<'_>, event: &Received) -> Res {
    t.same(&event.rma)?;
    if t.body.receipts.iter().any(|r| r.0 == event.receipt) {
        return Ok(());
    }
    if event.lines.is_empty() {
        let why = format!("receipt {:?} has no lines; a receipt has at least one", event.receipt);
        return Err(Fault::new("line_count", why));
    }
    let doc = Arc::clone(&t.doc);
    t.occurred = event.received_at;
    let (mut surplus, mut strange, mut total) = (0, 0, 0);
    let mut told = Vec::with_capacity(event.lines.len());
    for l in &event.lines {
        total += l.quantity;
        let line = t.line(&l.line);
        if let Some(i) = line {
            // Where nobody has said what the line is, whatever comes on it is surplus and goes back.
            if let Some(placed) = t.body.sku(&doc, i).filter(|sku| *sku != l.sku) {
                let why = format!("line {:?} of return {} is {placed:?}, not {:?}", l.line, t.rma(), l.sku);
                return Err(Fault::new("sku_differs", why));
            }
            let approved = t.body.still_approved(i);
            if let Some(counters) = t.body.lines.get_mut(usize::from(i)) {
                let before = (counters.received - approved).max(0);
                counters.received += l.quantity;
                surplus += (counters.received - approved).max(0) - before;
            }
            told.push(UpdateLine { line: &l.line, status: "received", reason: None, quantity: l.quantity });
        } else {
            strange += l.quantity;
            match t.body.unexpected.iter_mut().find(|x| x.0 == l.line && x.1 == l.sku) {
                Some(x) => x.2 += l.quantity,
                None => t.body.unexpected.push((l.line.clone(), l.sku.clone(), l.quantity, 0)),
            }
        }
    }
    t.body.receipts.push((event.receipt.clone(), event.place.clone()));
    t.body.received_at = Some(t.now.0);
    let units = event.lines.iter().map(|l| (l.sku.as_str(), l.quantity));
    t.out.post(t.posting().return_received(units))?;
    t.out.fact(
        "return.goods_received",
        &serde_json::json!({"receipt": event.receipt, "place": event.place, "quantity": total}),
    )?;
    wrong(t, &event.receipt, surplus, strange);
    if !told.is_empty() {
        documents::update(t, "received", None, told, None)?;
    }
    inspections(t)
}

/// More, or something else, than was approved. It is kept apart, never credited, and sent back once inspected.
fn wrong(t: &mut Turn<'_>, receipt: &str, surplus: i64, strange: i64) {
    if surplus > 0 && t.body.closed.is_some() {
        t.out.raise(
            "received_after_close",
            "customer_service",
            format!("receipt {receipt} brought {surplus} units of return {}, which is closed", t.name.value),
            "agree with the customer what is to become of them; they are sent back once inspected",
        );
    } else if surplus > 0 {
        t.out.raise(
            "over_received",
            "operations",
            format!("receipt {receipt} brought {surplus} units more than return {} allows", t.name.value),
            "agree with the customer what is to become of them; they are sent back once inspected",
        );
    }
    if strange > 0 {
        t.out.raise(
            "unexpected_goods",
            "operations",
            format!("receipt {receipt} brought {strange} units that return {} does not name", t.name.value),
            "find out whose they are; they are sent back once inspected",
        );
    }
}

/// Takes in inspections that waited for their receipt.
fn inspections(t: &mut Turn<'_>) -> Res {
    let (now, later) =
        std::mem::take(&mut t.body.early).into_iter().partition(|e: &Early| e.kind == "return.inspected");
    t.body.early = later;
    let now: Vec<Early> = now;
    for early in now {
        t.occurred = early.occurred;
        let inspected: Inspected = read(&early.kind, &early.data)?;
        inspect::inspected(t, inspected)?;
    }
    Ok(())
}
