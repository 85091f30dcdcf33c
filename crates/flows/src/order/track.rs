//! Parcels on their way, by the carrier's word: delivered, lost, damaged, or sent back, which opens a return.

use super::amended::{Status, Track};
use super::doc::Doc;
use super::ship;
use super::state::Parcel;
use super::turn::Turn;
use super::wishes::Tracked;
use crate::out::Res;
use crate::read::read;
use retail::time::Time;
use serde::Serialize;
use std::sync::Arc;

/// `return.open`: the data of `return.requested`.
#[derive(Serialize)]
struct Open<'a> {
    rma: &'a str,
    requested_at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    start: &'static str,
    tracking: &'a str,
    lines: Vec<OpenLine<'a>>,
}

#[derive(Serialize)]
struct OpenLine<'a> {
    line: String,
    order: &'a str,
    order_line: &'a str,
    sku: &'a str,
    quantity: i64,
    reason: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// Begins to follow the parcels of the `n`th shipment, counted from 1, where a carrier reports on them.
pub(super) fn follow(t: &mut Turn<'_>, n: u16, parcels: &[Parcel]) {
    if !t.policy.asks.contains("carrier") {
        return;
    }
    let doc = Arc::clone(&t.doc);
    for Parcel(_, _, tracking, lines) in parcels.iter().filter(|p| !p.2.is_empty()) {
        if !t.body.tracks.iter().any(|x| x.tracking == *tracking) {
            let (tracking, lines) = (tracking.clone(), pack(&doc, lines));
            t.body.tracks.push(Track { tracking, shipment: n, lines, status: None, at: None, done: false });
        }
    }
}

/// Lines that are in it with all their units stand as one range.
fn pack(doc: &Doc, lines: &[(u16, i64)]) -> Vec<(u16, i64)> {
    let mut packed: Vec<(u16, i64)> = Vec::new();
    for (line, n) in lines {
        let whole = doc.lines.get(usize::from(*line)).is_some_and(|l| l.quantity == *n);
        match packed.last_mut() {
            Some((from, count)) if whole && *count < 0 && i64::from(*line) == i64::from(*from) - *count => {
                *count -= 1;
            }
            _ if whole => packed.push((*line, -1)),
            _ => packed.push((*line, *n)),
        }
    }
    packed
}

fn unpack(doc: &Doc, packed: &[(u16, i64)]) -> Vec<(u16, i64)> {
    let mut lines = Vec::new();
    for (line, n) in packed {
        if *n >= 0 {
            lines.push((*line, *n));
            continue;
        }
        let count = usize::try_from(-*n).unwrap_or(0);
        let range = (*line..).zip(doc.lines.iter().skip(usize::from(*line))).take(count);
        lines.extend(range.map(|(i, l)| (i, l.quantity)));
    }
    lines
}

/// A carrier's report. One that is older than what is known changes nothing, nor does a repeat, nor news of a parcel
/// that is with the customer.
pub(super) fn tracked(t: &mut Turn<'_>, event: &Tracked) -> Res {
    let Some(track) = t.body.tracks.iter_mut().find(|x| x.tracking == event.tracking) else {
        return early(t, event);
    };
    let at = event.at.0;
    let known = track.at.zip(track.status);
    if known.is_some_and(|(then, status)| at < then || (at == then && event.status <= status)) {
        return Ok(());
    }
    (track.status, track.at) = (Some(event.status), Some(at));
    let (n, done, lines) = (track.shipment, track.done, track.lines.clone());
    track.done |= event.status == Status::ReturnedToSender;
    let shipment = t.shipment(n).map(|s| s.id.clone()).unwrap_or_default();
    let (tracking, order) = (event.tracking.as_str(), t.order());
    let fact = serde_json::json!({
        "tracking": tracking, "shipment": shipment, "status": event.status.word(), "at": event.at,
    });
    t.out.fact("parcel.tracked", &fact)?;
    match event.status {
        Status::Delivered => delivered(t, n, event.at)?,
        Status::Lost => t.out.raise(
            "parcel_lost",
            "customer_service",
            format!("the carrier lost parcel {tracking} of shipment {shipment}, order {order}"),
            "claim it from the carrier, and send the goods again or request a credit (lost_parcel) for them",
        ),
        Status::Damaged => t.out.raise(
            "parcel_damaged",
            "customer_service",
            format!("the carrier damaged parcel {tracking} of shipment {shipment}, order {order}"),
            "claim it from the carrier, and agree with the customer on a return or a credit",
        ),
        Status::ReturnedToSender if !done => sent_back(t, event, &lines)?,
        _ => {}
    }
    watch(t);
    Ok(())
}

/// Clears what no parcel is any more: one that was lost may be found.
fn watch(t: &mut Turn<'_>) {
    for (status, code) in [(Status::Lost, "parcel_lost"), (Status::Damaged, "parcel_damaged")] {
        if !t.body.tracks.iter().any(|x| x.status == Some(status)) {
            t.out.clear(code);
        }
    }
}

/// Once every parcel of it is delivered, so is the shipment.
fn delivered(t: &mut Turn<'_>, n: u16, at: Time) -> Res {
    let mut of = t.body.tracks.iter().filter(|x| x.shipment == n);
    if of.any(|x| x.status != Some(Status::Delivered)) {
        return Ok(());
    }
    ship::arrived(t, usize::from(n).saturating_sub(1), at)
}

/// Opens a return for what is in the parcel.
fn sent_back(t: &mut Turn<'_>, event: &Tracked, packed: &[(u16, i64)]) -> Res {
    t.body.sent_back += 1;
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    let rma = format!("{order}-P{}", t.body.sent_back);
    let lines = unpack(&doc, packed);
    let lines = (1..).zip(&lines).filter_map(|(n, (i, quantity))| {
        let l = doc.lines.get(usize::from(*i))?;
        Some(OpenLine {
            line: n.to_string(),
            order,
            order_line: &l.id,
            sku: &l.sku,
            quantity: *quantity,
            reason: "refused",
            kind: "refused",
        })
    });
    let open = Open {
        rma: &rma,
        requested_at: event.at,
        customer: doc.customer.as_deref(),
        start: "refused_parcel",
        tracking: &event.tracking,
        lines: lines.collect(),
    };
    t.out.fact("parcel.sent_back", &serde_json::json!({"tracking": event.tracking, "rma": rma}))?;
    t.out.tell(&t.name.tenant, ("return", &rma), "return.open", &open)
}

/// A carrier may be quicker than a warehouse: news of a label that the hub bought waits for its shipment.
fn early(t: &mut Turn<'_>, event: &Tracked) -> Res {
    if t.body.labels.values().any(|l| l.0 == event.tracking) {
        ship::wait(t, "parcel.tracked", event)?;
    }
    Ok(())
}

/// News of a parcel that will never leave waits no longer.
pub(super) fn forget(t: &mut Turn<'_>, tracking: &str) -> Res {
    let mut kept = Vec::new();
    for early in std::mem::take(&mut t.body.early) {
        let of_it =
            early.kind == "parcel.tracked" && read::<Tracked>(&early.kind, &early.data)?.tracking == tracking;
        if !of_it {
            kept.push(early);
        }
    }
    t.body.early = kept;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_stand_as_ranges_and_come_back() {
        let line = |q: i64| format!(r#"{{"i":"{q}","s":"A","q":{q},"p":"1","a":1}}"#);
        let lines: Vec<String> = [1, 2, 3, 4].map(line).to_vec();
        let text = format!(
            r#"{{"v":1,"s":"s","i":"1","n":"","p":"2011-01-10T08:00:00Z","c":"GBP","l":[{}]}}"#,
            lines.join(",")
        );
        let doc: Doc = serde_json::from_str(&text).unwrap();
        for (plain, packed) in [
            (vec![(0, 1), (1, 2), (2, 3), (3, 4)], vec![(0, -4)]),
            (vec![(0, 1), (1, 1), (2, 3), (3, 4)], vec![(0, -1), (1, 1), (2, -2)]),
            (vec![(2, 3), (0, 1)], vec![(2, -1), (0, -1)]),
        ] {
            assert_eq!(pack(&doc, &plain), packed);
            assert_eq!(unpack(&doc, &packed), plain);
        }
    }
}
