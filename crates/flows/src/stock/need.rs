//! Which rows a decision may read. Demand that waits may be served by any report, and then its orders' rows
//! change; orders may lose units: their rows are asked for once the positions are known.

use super::messages::{
    Adjusted, Counted, GivenUp, Missing, Received, Release, Reserve, Returned, ShelfTouched, Ship,
};
use super::more::{self, ReserveMore};
use super::policy::StockPolicy;
use super::reports::{
    Expected, HoldReleased, HoldRequested, Shown, TransferLost, TransferReceived, TransferShipped,
};
use super::spot::{PlaceNo, place_of};
use super::state::{
    OrderRow, Position, Row, State, chunk_key, holder, order_key, position_key, seen_key, supply_key,
    transfer_key,
};
use super::{due, publish, supply, transfer, unknown};
use crate::out::Res;
use crate::read::read;
use hub::process::{Rows, Stimulus};
use retail::envelope::{Event, Json};
use std::collections::BTreeMap;

/// What a stimulus touches.
#[derive(Default)]
struct Touch {
    keys: Vec<String>,
    /// Units of each SKU that it may make available, at the most.
    skus: BTreeMap<String, i64>,
    /// SKUs of which it may leave fewer than are reserved somewhere.
    losing: Vec<String>,
    /// The order that it is about: it may give up what it waits for, so that those behind it are next.
    order: Option<String>,
    /// A supply whose promises are served.
    supply: Option<String>,
}

impl Touch {
    fn order(&mut self, order: &str) {
        self.keys.push(order_key(order));
        self.order = Some(order.to_owned());
    }

    fn sku(&mut self, sku: &str, incoming: i64) {
        let n = self.skus.entry(sku.to_owned()).or_default();
        *n = n.saturating_add(incoming.max(0));
    }

    fn skus<'s>(&mut self, skus: impl IntoIterator<Item = (&'s String, i64)>) {
        skus.into_iter().for_each(|(sku, n)| self.sku(sku, n));
    }

    /// A stored row that names SKUs, once it is loaded.
    fn rows<'r>(&mut self, rows: &'r Rows<Row>, key: String) -> Option<&'r Row> {
        let found = rows.get(&key).and_then(Option::as_ref);
        self.keys.push(key);
        found
    }

    /// What an order or a hold has may all become free.
    fn frees(&mut self, row: Option<&Row>) {
        if let Some(Row::Order(row)) = row {
            self.skus(row.held.iter().map(|h| (&h.1, h.3)));
        }
    }
}

pub(super) fn keys(
    policy: &StockPolicy,
    state: Option<&State>,
    rows: &Rows<Row>,
    stimulus: &Stimulus,
) -> Res<Vec<String>> {
    let mut touch = Touch::default();
    match stimulus {
        Stimulus::Mail { kind, data, .. } => mail(&mut touch, (state, rows), kind, data)?,
        Stimulus::Event(event) => match event.kind.as_str() {
            "stock.received" | "stock.counted" | "stock.adjusted" => report(&mut touch, event)?,
            _ => other(&mut touch, (policy, state, rows), event)?,
        },
        Stimulus::Outcome { .. } => {}
        Stimulus::Timer => timer(&mut touch, policy, state, rows),
    }
    // Chunk `last` is added to when availability changes; an empty one has no row.
    if let (false, Some(state)) = (touch.skus.is_empty(), state)
        && state.tail > 0
    {
        touch.keys.push(chunk_key(state.last));
    }
    let mut keys = std::mem::take(&mut touch.keys);
    for (sku, incoming) in &touch.skus {
        let key = position_key(sku);
        match rows.get(&key) {
            Some(Some(Row::Position(position))) => {
                served(position, *incoming, &touch, &mut keys);
                if touch.losing.contains(sku) {
                    keys.extend(position.young.iter().map(|y| order_key(&y.0)));
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

/// Orders that may be served: of each channel the oldest, as many as there are units at the most.
fn served(position: &Position, incoming: i64, touch: &Touch, keys: &mut Vec<String>) {
    let moved: i64 = position.log.moves.iter().map(|m| m.delta.saturating_abs()).fold(0, i64::saturating_add);
    let most = position.unheld().saturating_add(incoming).saturating_add(moved);
    let mut left: BTreeMap<&str, i64> = BTreeMap::new();
    for wait in &position.waiting {
        let left = left.entry(wait.channel.as_str()).or_insert(most);
        if *left > 0 && touch.order.as_ref() != Some(&wait.order) {
            *left = left.saturating_sub(wait.quantity);
            keys.push(order_key(&wait.order));
        }
    }
    if let Some(supply) = &touch.supply {
        keys.extend(supply::of_supply(position, supply).map(|(w, _)| order_key(&position.waiting[w].order)));
    }
}

fn mail(touch: &mut Touch, (state, rows): (Option<&State>, &Rows<Row>), kind: &str, data: &Json) -> Res {
    match kind {
        "stock.reserve" => {
            let m: Reserve = read(kind, data)?;
            touch.order(&m.order);
            touch.skus(m.lines.iter().map(|l| (&l.sku, 0)));
            if let Some(hold) = &m.hold {
                let row = touch.rows(rows, order_key(&holder(hold)));
                touch.frees(row);
            }
        }
        "stock.reserve_more" => {
            let m: ReserveMore = read(kind, data)?;
            touch.keys.push(more::key(&m));
            // It waits behind the others, and its own row changes when it is served at once.
            touch.keys.push(order_key(&m.order));
            touch.skus(m.lines.iter().map(|l| (&l.sku, 0)));
        }
        "stock.ship" => {
            let m: Ship = read(kind, data)?;
            touch.order(&m.order);
            let own = match rows.get(&order_key(&m.order)) {
                Some(Some(Row::Order(row))) => Some(row),
                _ => None,
            };
            for l in &m.lines {
                touch.sku(&l.sku, l.quantity);
                if own.is_none_or(|own| {
                    holds(own, &l.line, &l.sku, state.and_then(|s| s.place(&l.place))) < l.quantity
                }) {
                    touch.losing.push(l.sku.clone());
                }
            }
        }
        "stock.release" => {
            let m: Release = read(kind, data)?;
            touch.order(&m.order);
            touch.skus(m.lines.iter().map(|l| (&l.sku, l.quantity)));
            touch.skus(m.waiting.iter().map(|l| (&l.sku, 0)));
        }
        "stock.missing" => {
            let m: Missing = read(kind, data)?;
            touch.order(&m.order);
            touch.skus(m.lines.iter().map(|l| (&l.sku, l.quantity)));
        }
        "stock.given_up" => {
            let m: GivenUp = read(kind, data)?;
            touch.order(&m.order);
            touch.skus(m.lines.iter().map(|l| (&l.sku, l.quantity)));
        }
        "stock.shelf_touched" => {
            let m: ShelfTouched = read(kind, data)?;
            touch.skus(m.skus.iter().map(|sku| (sku, 0)));
        }
        "stock.returned" => {
            let m: Returned = read(kind, data)?;
            touch.keys.push(seen_key("returned", &m.rma, &m.id));
            touch.skus(m.lines.iter().map(|l| (&l.sku, l.quantity)));
        }
        _ => return Err(unknown(kind)),
    }
    Ok(())
}

/// Units that a line holds at a place; more than that leave a gap where others hold.
fn holds(row: &OrderRow, line: &str, sku: &str, place: Option<PlaceNo>) -> i64 {
    let of_line = row.held.iter().filter(|h| h.0 == line && h.1 == sku && Some(place_of(h.2)) == place);
    of_line.map(|h| h.3).sum()
}

fn report(touch: &mut Touch, event: &Event) -> Res {
    match event.kind.as_str() {
        "stock.received" => {
            let m: Received = read(&event.kind, &event.data)?;
            touch.keys.push(seen_key("receipt", &m.place, &m.receipt));
            touch.skus(m.lines.iter().map(|l| (&l.sku, l.quantity)));
            touch.keys.extend(m.supply.as_deref().map(supply_key));
            touch.supply = m.supply;
        }
        "stock.counted" => {
            let m: Counted = read(&event.kind, &event.data)?;
            touch.keys.push(seen_key("count", &m.place, &m.count));
            touch.skus(m.lines.iter().map(|l| (&l.sku, l.on_hand)));
            touch.losing.extend(m.lines.into_iter().map(|l| l.sku));
        }
        _ => {
            let m: Adjusted = read(&event.kind, &event.data)?;
            touch.keys.push(seen_key("adjustment", &m.place, &m.adjustment));
            touch.skus(m.lines.iter().map(|l| (&l.sku, l.quantity)));
            touch.losing.extend(m.lines.into_iter().filter(|l| l.quantity < 0).map(|l| l.sku));
        }
    }
    Ok(())
}

fn other(
    touch: &mut Touch,
    (policy, state, rows): (&StockPolicy, Option<&State>, &Rows<Row>),
    event: &Event,
) -> Res {
    let kind = event.kind.as_str();
    let transferred = |touch: &mut Touch, transfer: &str| {
        touch.keys.push(transfer_key(transfer));
        touch.keys.extend(due::need(state, transfer::overdue_by(policy, event.occurred)));
    };
    match kind {
        "stock.hold_requested" => {
            let m: HoldRequested = read(kind, &event.data)?;
            touch.keys.push(order_key(&holder(&m.hold)));
            touch.keys.extend(due::need(state, due::minute(m.until.0)));
            touch.skus(m.lines.iter().map(|l| (&l.sku, 0)));
        }
        "stock.hold_released" => {
            let m: HoldReleased = read(kind, &event.data)?;
            let row = touch.rows(rows, order_key(&holder(&m.hold)));
            touch.frees(row);
        }
        "stock.transfer_shipped" => {
            let m: TransferShipped = read(kind, &event.data)?;
            transferred(touch, &m.transfer);
            touch.skus(m.lines.iter().map(|l| (&l.sku, 0)));
            touch.losing.extend(m.lines.into_iter().map(|l| l.sku));
        }
        "stock.transfer_received" => {
            let m: TransferReceived = read(kind, &event.data)?;
            transferred(touch, &m.transfer);
            touch.skus(m.lines.iter().map(|l| (&l.sku, l.quantity)));
        }
        "stock.transfer_lost" => {
            let m: TransferLost = read(kind, &event.data)?;
            transferred(touch, &m.transfer);
        }
        "stock.expected" => {
            let m: Expected = read(kind, &event.data)?;
            if let Some(Row::Supply(row)) = touch.rows(rows, supply_key(&m.supply)) {
                touch.skus(row.lines.iter().map(|l| (&l.0, 0)));
            }
            touch.skus(m.lines.iter().map(|l| (&l.sku, 0)));
        }
        "stock.shown" => {
            let m: Shown = read(kind, &event.data)?;
            touch.skus(m.lines.iter().map(|l| (&l.sku, 0)));
        }
        _ => return Err(unknown(kind)),
    }
    Ok(())
}

fn timer(touch: &mut Touch, policy: &StockPolicy, state: Option<&State>, rows: &Rows<Row>) {
    let Some(state) = state else { return };
    if due::comes_first(state) {
        let (keys, skus) = due::needs(state, rows);
        touch.keys.extend(keys);
        touch.skus(skus.iter().map(|(sku, n)| (sku, *n)));
        return;
    }
    let (keys, skus) = publish::needs(state, rows);
    touch.keys.extend(keys);
    // What a storefront that compares is told stands in the positions, so that they are written.
    if policy.compare.is_empty() {
        touch.keys.extend(skus.iter().map(|sku| position_key(sku)));
    } else {
        touch.skus(skus.iter().map(|sku| (sku, 0)));
    }
}
