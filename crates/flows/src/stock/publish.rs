//! Publish what is available. SKUs whose availability changed are gathered in chunks; a chunk is sent to every
//! storefront with the figures of that moment, one chunk at a time.
//!
//! A SKU stands in one waiting chunk at most: its position names the chunk that it was last added to, and chunks
//! from `first` on are not confirmed. So a storefront that is slow costs one row per chunk and nothing per change.

use super::desk::Desk;
use super::facts;
use super::messages::ShelfTouched;
use super::shelf::PlaceFigures;
use super::state::{Row, chunk_key};
use crate::out::{Res, To};
use hub::process::Fault;
use retail::envelope::{Class, Outcome};
use retail::time::Time;
use serde::Serialize;

/// The operation that publishes.
pub(super) const OP: &str = "publish_stock";

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Args<'a> {
    id: &'a str,
    /// A storefront ignores an item that is older, by this, than what it knows.
    seq: u64,
    at: Time,
    items: &'a [Item<'a>],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Item<'a> {
    sku: &'a str,
    available: i64,
    /// What the storefront shows by all that is known: one that shows another figure refuses all of it, with
    /// `compare_failed`. Absent where nothing is known, or the storefront does not compare.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<i64>,
    /// By place, for a storefront that keeps stock so. Absent for others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    places: Vec<PlaceFigures<'a>>,
}

/// The code with which a storefront refuses figures because it shows others than were expected.
const COMPARE_FAILED: &str = "compare_failed";

/// Adds SKUs to the chunks that wait, and sets the timer.
pub(super) fn mark(desk: &mut Desk<'_>, skus: &[String]) -> Res {
    if desk.policy.publish_to.is_empty() || skus.is_empty() {
        return Ok(());
    }
    let most = desk.policy.publish_max.max(1);
    let mut tail = if desk.state.tail > 0 { chunk(desk, desk.state.last)?.to_vec() } else { Vec::new() };
    let mut added = false;
    for sku in skus {
        let under_way = desk.state.first + u64::from(!desk.state.in_flight.is_empty());
        let last = desk.state.last;
        let position = desk.position(sku)?;
        if position.chunk >= under_way {
            continue;
        }
        added = true;
        position.chunk = last;
        tail.push(sku.clone());
        desk.state.tail += 1;
        if desk.state.tail >= most {
            let full = std::mem::take(&mut tail);
            desk.other.push((chunk_key(desk.state.last), Some(Row::Chunk(full))));
            desk.state.last += 1;
            desk.state.tail = 0;
        }
    }
    if added && !tail.is_empty() {
        desk.other.push((chunk_key(desk.state.last), Some(Row::Chunk(tail))));
    }
    if added && desk.state.due.is_none() && desk.state.in_flight.is_empty() {
        desk.state.due = Some(desk.now.plus(desk.policy.publish_every).0);
    }
    Ok(())
}

/// Sends the oldest chunk, if it is time and none is under way.
pub(super) fn timer(desk: &mut Desk<'_>) -> Res {
    if desk.state.due.is_none_or(|due| desk.now.0 < due) || !desk.state.in_flight.is_empty() {
        return Ok(());
    }
    desk.state.due = None;
    if !desk.state.is_dirty() {
        return Ok(());
    }
    if desk.policy.publish_to.is_empty() {
        // Publication was switched off: what waits for it is dropped.
        for n in desk.state.first..=desk.state.last {
            desk.other.push((chunk_key(n), None));
        }
        desk.state.first = desk.state.last + 1;
        desk.state.last = desk.state.first;
        desk.state.tail = 0;
        return Ok(());
    }
    if desk.state.first == desk.state.last {
        desk.state.last += 1;
        desk.state.tail = 0;
    }
    let skus = chunk(desk, desk.state.first)?;
    let mut figures = Vec::with_capacity(skus.len());
    for sku in skus {
        let stored = desk.stored_position(sku)?;
        figures.push((sku, desk.figures(sku, stored)));
    }
    desk.state.seq += 1;
    desk.state.sent = Some(desk.now.0);
    let (policy, seq) = (desk.policy, desk.state.seq);
    let object = format!("stock/{}", desk.pool.value);
    for (no, source) in policy.publish_to.iter().enumerate() {
        let id = format!("{}-{seq}-{source}", desk.pool.value);
        let to = To { role: "storefront", at: source, object: &object, class: Class::Bulk };
        let compares = policy.compare.contains(source);
        let known = compares && !desk.state.doubted.contains(source);
        let mut items = Vec::with_capacity(skus.len());
        for (sku, figures) in &figures {
            let available = figures.available.get(no).copied().unwrap_or(0);
            let before =
                if compares { desk.position(sku)?.shown.insert(source.clone(), available) } else { None };
            let places = if policy.by_place.contains(source) { figures.places.clone() } else { Vec::new() };
            items.push(Item { sku, available, expected: before.filter(|_| known), places });
        }
        let args = Args { id: &id, seq, at: desk.now, items: &items };
        let key = desk.out.command(to, OP, &id, &args)?;
        desk.state.in_flight.push(key);
    }
    Ok(())
}

/// A storefront has booked a movement by itself, so that its figures by place are of its own making: they are sent
/// again.
pub(super) fn touched(desk: &mut Desk<'_>, touched: &ShelfTouched) -> Res {
    if desk.policy.by_place.contains(&touched.channel) {
        for sku in &touched.skus {
            if desk.stored_position(sku)?.is_some() {
                desk.announce.push(sku.clone());
            }
        }
    }
    Ok(())
}

/// The storefront that a command is for.
fn source_of<'k>(desk: &Desk<'_>, key: &'k str) -> Option<&'k str> {
    let rest = key.strip_prefix(OP)?.strip_prefix(':')?.strip_prefix(desk.pool.value.as_str())?;
    rest.strip_prefix('-')?.split_once('-').map(|(_, source)| source)
}

/// A publication came to something. When all storefronts have it the next chunk's turn comes; a refused one is
/// sent again later, with the figures of then. One that was refused because the storefront shows something else is
/// sent again at once and unconditionally, so that the storefront's connector compares with what it reads itself;
/// that happens a few times only.
pub(super) fn outcome(desk: &mut Desk<'_>, key: &str, outcome: &Outcome) -> Res {
    if !desk.state.in_flight.iter().any(|k| k == key) {
        return Ok(());
    }
    match outcome {
        Outcome::Done { .. } => {
            if let Some(source) = source_of(desk, key) {
                desk.state.doubted.remove(source);
            }
        }
        // A storefront that only took it has it: a newer figure follows in any case.
        Outcome::Accepted { .. } => desk.out.settle.push(key.to_owned()),
        Outcome::Refused { code, message } | Outcome::Fault { code, message } => {
            desk.state.again = true;
            let source = source_of(desk, key).unwrap_or_default();
            if desk.policy.compare.contains(source) {
                desk.state.doubted.insert(source.to_owned());
            }
            if code == COMPARE_FAILED && desk.state.refused < desk.policy.publish_tries {
                desk.state.refused += 1;
                desk.state.soon = true;
                let fact = facts::ShelfDiffered { channel: source, lines: Vec::new() };
                desk.out.fact("stock.shelf_differed", &fact)?;
            } else {
                desk.out.raise(
                    "stock_not_published",
                    "integration",
                    format!("{key} was refused: {code}: {message}"),
                    "mend the connection to the storefront; the figures are sent again by themselves",
                );
            }
        }
        Outcome::Unknown { .. } | Outcome::Throttled { .. } | Outcome::Absent => return Ok(()),
    }
    desk.state.in_flight.retain(|k| k != key);
    if !desk.state.in_flight.is_empty() {
        return Ok(());
    }
    if std::mem::take(&mut desk.state.again) {
        let soon = std::mem::take(&mut desk.state.soon);
        let wait = if soon { retail::time::Span::millis(0) } else { desk.policy.publish_retry };
        if !soon {
            desk.state.refused = 0;
        }
        desk.state.due = Some(desk.now.plus(wait).0);
        return Ok(());
    }
    desk.state.refused = 0;
    desk.out.fact("stock.published", &facts::Published { seq: desk.state.seq })?;
    desk.out.clear("stock_not_published");
    desk.other.push((chunk_key(desk.state.first), None));
    desk.state.first += 1;
    if desk.state.first < desk.state.last {
        desk.state.due = Some(desk.now.0);
    } else if desk.state.is_dirty() {
        desk.state.due = Some(desk.now.plus(desk.policy.publish_every).0);
    }
    Ok(())
}

fn chunk<'a>(desk: &Desk<'a>, n: u64) -> Res<&'a [String]> {
    match desk.stored(&chunk_key(n))? {
        Some(Row::Chunk(skus)) => Ok(skus),
        other => Err(Fault::new("bad_state", format!("chunk {n} of SKUs to publish holds {other:?}"))),
    }
}

/// What the timer reads: the oldest chunk, then the SKUs in it.
pub(super) fn needs(state: &super::State, rows: &hub::process::Rows<Row>) -> (Vec<String>, Vec<String>) {
    if !state.is_dirty() || !state.in_flight.is_empty() {
        return Default::default();
    }
    let key = chunk_key(state.first);
    match rows.get(&key) {
        Some(Some(Row::Chunk(skus))) => (Vec::new(), skus.clone()),
        _ => (vec![key], Vec::new()),
    }
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<Args<'_>>("publish_stock")]
}
