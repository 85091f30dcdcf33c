//! Goods have arrived: counted once per receipt, also when more came than was approved, or something else.

use super::documents::{self, UpdateLine};
use super::events::{Inspected, Received, ReceivedLine};
use super::turn::Turn;
use super::{forward, inspect, matching, start};
use crate::early::Early;
use crate::out::Res;
use crate::read::read;
use hub::process::Fault;
use retail::envelope::{Json, Name};
use std::sync::Arc;

/// Whether a receipt says of no return that it belongs to it.
pub(super) fn nameless(data: &Json) -> Res<bool> {
    Ok(read::<Received>("return.received", data)?.rma.is_none())
}

/// Goods that nobody announced make a return of their own, named after place and receipt.
pub(super) fn named_by_itself(name: &Name, data: &Json) -> Res {
    let event: Received = read("return.received", data)?;
    let own = start::own_rma(&event.place, &event.receipt);
    if own == name.value {
        return Ok(());
    }
    let why = format!("a receipt without a return is called {own:?} and came under {:?}", name.value);
    Err(Fault::new("return_differs", why))
}

pub(super) fn received(t: &mut Turn<'_>, event: &Received) -> Res {
    match &event.rma {
        Some(rma) => t.same(rma)?,
        None => t.same(&start::own_rma(&event.place, &event.receipt))?,
    }
    if event.lines.is_empty() {
        let why = format!("receipt {:?} has no lines; a receipt has at least one", event.receipt);
        return Err(Fault::new("line_count", why));
    }
    forward::received(t, event)?;
    let own: Vec<&ReceivedLine> = event.lines.iter().filter(|l| l.is_of(t.rma())).collect();
    if own.is_empty() || t.body.receipts.iter().any(|r| r.0 == event.receipt) {
        return Ok(());
    }
    t.occurred = event.received_at;
    let (mut surplus, mut strange, mut total) = (0, 0, 0);
    let mut told = Vec::with_capacity(own.len());
    let mut counted = Vec::with_capacity(own.len());
    for l in &own {
        total += l.quantity;
        let mut line = t.arrived(&l.line, &l.sku);
        if line.is_none() && t.doc.by_hub {
            let id = start::line_id(&t.doc.lines, &l.line);
            line = Some(matching::unannounced(t, start::seen(id, event, l))?);
        }
        let doc = Arc::clone(&t.doc);
        // Something else than was asked for is a wrong item. Where nobody has said what the line is, whatever comes
        // on it is surplus and goes back.
        let right = |i: &u16| t.body.sku(&doc, *i).is_none_or(|sku| *sku == *l.sku);
        let Some(i) = line.filter(right) else {
            strange += l.quantity;
            counted.push((l.line.clone(), l.sku.clone(), l.quantity));
            match t.body.unexpected.iter_mut().find(|x| x.0 == l.line && x.1 == l.sku) {
                Some(x) => x.2 += l.quantity,
                None => t.body.unexpected.push((l.line.clone(), l.sku.clone(), l.quantity, 0)),
            }
            continue;
        };
        let (approved, late) = (t.body.still_approved(i), t.body.late(i).is_some());
        if let Some(counters) = t.body.lines.get_mut(usize::from(i)) {
            let before = (counters.received - approved).max(0);
            counters.received += l.quantity;
            // Of a line that is not judged yet nothing is too much.
            surplus += if late { 0 } else { (counters.received - approved).max(0) - before };
        }
        let id = t.wish(i).map(|l| l.id.clone()).unwrap_or_default();
        counted.push((id.clone(), l.sku.clone(), l.quantity));
        told.push((id, l.quantity));
    }
    t.body.receipts.push((event.receipt.clone(), event.place.clone()));
    t.body.received_at = Some(t.now.0);
    t.out.clear("return_not_received");
    let units = own.iter().map(|l| (l.sku.as_str(), l.quantity));
    t.out.post(t.posting().return_received(units))?;
    let lines = counted.iter().map(|(l, s, n)| serde_json::json!({"line": l, "sku": s, "quantity": n}));
    t.out.fact(
        "return.goods_received",
        &serde_json::json!({
            "receipt": event.receipt, "place": event.place, "quantity": total, "lines": lines.collect::<Vec<_>>(),
        }),
    )?;
    wrong(t, &event.receipt, surplus, strange);
    if !told.is_empty() {
        let told = told.iter().map(|(line, quantity)| UpdateLine {
            line,
            status: "received",
            reason: None,
            quantity: *quantity,
        });
        documents::update(t, "received", None, told.collect(), None)?;
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
pub(super) fn inspections(t: &mut Turn<'_>) -> Res {
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
