//! Which rows a decision may read. Demand that waits may be served by any report, and then its orders' rows
//! change: they are asked for once the positions are known.

use super::messages::{Adjusted, Counted, Missing, Received, Release, Reserve, Returned, Ship};
use super::more::{self, ReserveMore};
use super::state::{Row, State, chunk_key, order_key, position_key, seen_key};
use super::{publish, unknown};
use crate::out::Res;
use crate::read::read;
use hub::process::{Rows, Stimulus};
use std::collections::BTreeMap;

/// What a stimulus touches.
#[derive(Default)]
struct Touch {
    keys: Vec<String>,
    /// Units of each SKU that it may make available, at the most.
    skus: BTreeMap<String, i64>,
    /// The order that it is about: it may give up what it waits for, so that those behind it are next.
    order: Option<String>,
}

impl Touch {
    fn order(&mut self, order: String) {
        self.keys.push(order_key(&order));
        self.order = Some(order);
    }

    fn sku(&mut self, sku: &str, incoming: i64) {
        let n = self.skus.entry(sku.to_owned()).or_default();
        *n = n.saturating_add(incoming.max(0));
    }
}

pub(super) fn keys(state: Option<&State>, rows: &Rows<Row>, stimulus: &Stimulus) -> Res<Vec<String>> {
    let touch = match stimulus {
        Stimulus::Mail { kind, data, .. } => mail(kind, data)?,
        Stimulus::Event(event) => report(&event.kind, &event.data)?,
        Stimulus::Outcome { .. } => Touch::default(),
        Stimulus::Timer => {
            Touch { keys: state.map_or_else(Vec::new, |s| publish::needs(s, rows)), ..Touch::default() }
        }
    };
    let mut keys = touch.keys;
    // Chunk `last` is added to when availability changes; an empty one has no row.
    if let (false, Some(state)) = (touch.skus.is_empty(), state)
        && state.tail > 0
    {
        keys.push(chunk_key(state.last));
    }
    for (sku, incoming) in &touch.skus {
        let key = position_key(sku);
        match rows.get(&key) {
            Some(Some(Row::Position(position))) => {
                let moved: i64 =
                    position.log.moves.iter().map(|m| m.delta.saturating_abs()).fold(0, i64::saturating_add);
                let mut most = position.unheld().saturating_add(*incoming).saturating_add(moved);
                for (order, _, quantity) in &position.waiting {
                    if most <= 0 {
                        break;
                    }
                    if touch.order.as_ref() != Some(order) {
                        most = most.saturating_sub(*quantity);
                        keys.push(order_key(order));
                    }
                }
            }
            Some(_) => {}
            None => keys.push(key),
        }
    }
    keys.retain(|key| !rows.contains_key(key));
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

fn mail(kind: &str, data: &retail::envelope::Json) -> Res<Touch> {
    let mut touch = Touch::default();
    match kind {
        "stock.reserve" => {
            let m: Reserve = read(kind, data)?;
            touch.order(m.order);
            m.lines.iter().for_each(|l| touch.sku(&l.sku, 0));
        }
        "stock.reserve_more" => {
            let m: ReserveMore = read(kind, data)?;
            touch.keys.push(more::key(&m));
            // It waits behind the others, and its own row changes when it is served at once.
            touch.keys.push(order_key(&m.order));
            m.lines.iter().for_each(|l| touch.sku(&l.sku, 0));
        }
        "stock.ship" => {
            let m: Ship = read(kind, data)?;
            touch.order(m.order);
            m.lines.iter().for_each(|l| touch.sku(&l.sku, l.quantity));
        }
        "stock.release" => {
            let m: Release = read(kind, data)?;
            touch.order(m.order);
            m.lines.iter().for_each(|l| touch.sku(&l.sku, l.quantity));
            m.waiting.iter().for_each(|l| touch.sku(&l.sku, 0));
        }
        "stock.missing" => {
            let m: Missing = read(kind, data)?;
            touch.order(m.order);
            m.lines.iter().for_each(|l| touch.sku(&l.sku, l.quantity));
        }
        "stock.returned" => {
            let m: Returned = read(kind, data)?;
            touch.keys.push(seen_key("returned", &m.rma, &m.id));
            m.lines.iter().for_each(|l| touch.sku(&l.sku, l.quantity));
        }
        _ => return Err(unknown(kind)),
    }
    Ok(touch)
}

fn report(kind: &str, data: &retail::envelope::Json) -> Res<Touch> {
    let mut touch = Touch::default();
    match kind {
        "stock.received" => {
            let m: Received = read(kind, data)?;
            touch.keys.push(seen_key("receipt", &m.place, &m.receipt));
            m.lines.iter().for_each(|l| touch.sku(&l.sku, l.quantity));
        }
        "stock.counted" => {
            let m: Counted = read(kind, data)?;
            touch.keys.push(seen_key("count", &m.place, &m.count));
            m.lines.iter().for_each(|l| touch.sku(&l.sku, l.on_hand));
        }
        "stock.adjusted" => {
            let m: Adjusted = read(kind, data)?;
            touch.keys.push(seen_key("adjustment", &m.place, &m.adjustment));
            m.lines.iter().for_each(|l| touch.sku(&l.sku, l.quantity));
        }
        _ => return Err(unknown(kind)),
    }
    Ok(touch)
}
