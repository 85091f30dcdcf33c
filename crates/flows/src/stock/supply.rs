//! Expected supply: what purchasing says will come, and which waiting demand is promised of it.
//!
//! Promises are not stored. They follow from the queue and from what is expected: the oldest demand is promised the
//! earliest supply, so that promises never exceed what is open, and both sides can be worked out again at any time.

use super::desk::Desk;
use super::facts;
use super::messages::{Promise, Promised};
use super::position::{Position, Supply};
use super::reports::Expected;
use super::spot::PlaceNo;
use super::state::{Row, supply_key};
use crate::out::Res;
use hub::process::Fault;
use retail::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a supply.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SupplyRow {
    /// The place that it comes to.
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceNo>,
    /// When its sender last spoke of it, milliseconds.
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// (SKU, units ordered, day).
    #[serde(rename = "l", skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<(String, i64, String)>,
    /// Units that came, by SKU.
    #[serde(rename = "r", skip_serializing_if = "BTreeMap::is_empty")]
    pub received: BTreeMap<String, i64>,
}

impl SupplyRow {
    /// (day, units still to come) of a SKU; what came counts for the earliest day.
    fn open(&self, sku: &str) -> Vec<(String, i64)> {
        let mut days: BTreeMap<&str, i64> = BTreeMap::new();
        for (_, n, day) in self.lines.iter().filter(|l| l.0 == sku) {
            let sum = days.entry(day).or_default();
            *sum = sum.saturating_add(*n);
        }
        let mut came = self.received.get(sku).copied().unwrap_or(0);
        let mut open = Vec::new();
        for (day, n) in days {
            let gone = n.min(came);
            came -= gone;
            if n > gone {
                open.push((day.to_owned(), n - gone));
            }
        }
        open
    }
}

/// Takes in what purchasing says of a supply. What it said earlier never replaces what it said later.
pub(super) fn expected(desk: &mut Desk<'_>, report: &Expected, at: Time) -> Res {
    let place = super::place(desk, &report.place)?;
    let mut row = stored(desk, &report.supply)?;
    if row.at.is_some_and(|known| at.0 < known) {
        return Ok(());
    }
    let said: Vec<_> = report.lines.iter().map(|l| (l.sku.clone(), l.quantity, l.date.clone())).collect();
    let changed = row.lines != said || row.place != Some(place);
    let skus: BTreeSet<String> = row.lines.iter().chain(&said).map(|l| l.0.clone()).collect();
    (row.place, row.at, row.lines) = (Some(place), Some(at.0), said);
    for sku in &skus {
        open_of(desk, &report.supply, &row, sku)?;
    }
    desk.other.push((supply_key(&report.supply), Some(Row::Supply(row))));
    if !changed {
        return Ok(());
    }
    let lines = report.lines.iter().map(|l| (l.sku.as_str(), l.quantity, l.date.as_str())).collect();
    let fact = facts::Expected { supply: &report.supply, place: &report.place, lines };
    desk.out.fact("stock.expected", &fact)
}

/// Units of a supply came: fewer are open, and whoever was promised them is served before all others.
pub(super) fn received(
    desk: &mut Desk<'_>,
    supply: &str,
    place: PlaceNo,
    units: &BTreeMap<&str, i64>,
) -> Res {
    let mut row = stored(desk, supply)?;
    for (sku, n) in units {
        let promised: Vec<(String, String, i64)> = desk.stored_position(sku)?.map_or_else(Vec::new, |p| {
            of_supply(p, supply)
                .map(|(w, n)| (p.waiting[w].order.clone(), p.waiting[w].line.clone(), n))
                .collect()
        });
        let mut left = *n;
        for (order, line, wanted) in promised {
            left -= desk.serve_one(sku, (&order, &line), place, wanted.min(left))?;
        }
        let came = row.received.entry((*sku).to_owned()).or_default();
        *came = came.saturating_add(*n);
    }
    for sku in units.keys() {
        open_of(desk, supply, &row, sku)?;
    }
    desk.other.push((supply_key(supply), Some(Row::Supply(row))));
    Ok(())
}

fn stored(desk: &Desk<'_>, supply: &str) -> Res<SupplyRow> {
    match desk.stored(&supply_key(supply))? {
        Some(Row::Supply(row)) => Ok(row.clone()),
        None => Ok(SupplyRow::default()),
        Some(other) => Err(Fault::new("unreadable", format!("supply {supply:?} holds {other:?}"))),
    }
}

/// Writes into a SKU's position what a supply is still to bring of it.
fn open_of(desk: &mut Desk<'_>, supply: &str, row: &SupplyRow, sku: &str) -> Res {
    let Some(place) = row.place else { return Ok(()) };
    let open = row.open(sku);
    let supplies = &mut desk.position(sku)?.supplies;
    supplies.retain(|s| s.0 != supply);
    supplies.extend(open.into_iter().map(|(day, n)| Supply(supply.to_owned(), place, day, n)));
    supplies.sort_unstable_by(|a, b| (&a.2, &a.0).cmp(&(&b.2, &b.0)));
    Ok(())
}

/// Which waiting demand is promised what: (index in the queue, index in the supplies, units).
#[must_use]
pub fn promises(position: &Position) -> Vec<(usize, usize, i64)> {
    let mut all = Vec::new();
    let (mut s, mut used) = (0, 0);
    for (w, wait) in position.waiting.iter().enumerate() {
        let mut left = wait.quantity;
        while let Some(supply) = position.supplies.get(s).filter(|_| left > 0) {
            let n = left.min(supply.3 - used);
            if n > 0 {
                all.push((w, s, n));
                left -= n;
                used += n;
            }
            if used >= supply.3 {
                s += 1;
                used = 0;
            }
        }
        if s >= position.supplies.len() {
            break;
        }
    }
    all
}

/// (index in the queue, units) of those who are promised units of a supply.
pub(super) fn of_supply<'p>(
    position: &'p Position,
    supply: &'p str,
) -> impl Iterator<Item = (usize, i64)> + 'p {
    let all = promises(position).into_iter();
    all.filter(move |(_, s, _)| position.supplies[*s].0 == supply).map(|(w, _, n)| (w, n))
}

/// What each waiting line of a SKU is promised, by (order, line). A line may wait in several places of the queue.
fn by_line<'p>(sku: &str, position: &'p Position) -> BTreeMap<(&'p str, &'p str), Vec<Promise>> {
    let mut lines: BTreeMap<_, Vec<Promise>> = BTreeMap::new();
    if position.supplies.is_empty() {
        return lines;
    }
    for (w, s, n) in promises(position) {
        let (wait, Supply(supply, _, date, _)) = (&position.waiting[w], &position.supplies[s]);
        let of = lines.entry((wait.order.as_str(), wait.line.as_str())).or_default();
        match of.iter_mut().find(|p| p.supply == *supply && p.date == *date) {
            Some(p) => p.quantity += n,
            None => of.push(Promise {
                line: wait.line.clone(),
                sku: sku.to_owned(),
                supply: supply.clone(),
                date: date.clone(),
                quantity: n,
            }),
        }
    }
    lines
}

/// What an order is promised of a SKU.
pub(super) fn of_order(sku: &str, position: &Position, order: &str) -> Vec<Promise> {
    by_line(sku, position).into_iter().filter(|(k, _)| k.0 == order).flat_map(|(_, p)| p).collect()
}

/// Tells orders whose promises have changed while they go on waiting. One that was answered just now knows.
pub(super) fn tell_changes(desk: &mut Desk<'_>, skus: &[String]) -> Res {
    let mut told: BTreeMap<String, Promised> = BTreeMap::new();
    for sku in skus {
        let (now, before) = (desk.position(sku)?.clone(), desk.stored_position(sku)?);
        let after = by_line(sku, &now);
        let before = before.map(|p| by_line(sku, p)).unwrap_or_default();
        let waits: BTreeSet<(&str, &str)> =
            now.waiting.iter().map(|w| (w.order.as_str(), w.line.as_str())).collect();
        let spoken: BTreeSet<&(&str, &str)> = before.keys().chain(after.keys()).collect();
        for of in spoken {
            let same = before.get(of) == after.get(of);
            if same || !waits.contains(of) || desk.answered.as_deref() == Some(of.0) {
                continue;
            }
            let order = told.entry(of.0.to_owned()).or_insert_with(|| Promised {
                order: of.0.to_owned(),
                lines: Vec::new(),
                expected: Vec::new(),
            });
            order.lines.push(of.1.to_owned());
            order.expected.extend(after.get(of).into_iter().flatten().cloned());
        }
    }
    for (order, message) in told {
        let lines = message.expected.iter().map(facts::promise).collect();
        let without: Vec<&str> = (message.lines.iter())
            .filter(|l| !message.expected.iter().any(|p| p.line == **l))
            .map(String::as_str)
            .collect();
        desk.out.fact("stock.promised", &facts::Promised { order: &order, lines, without })?;
        desk.out.tell(&desk.pool.tenant, ("order", &order), "stock.promised", &message)?;
    }
    Ok(())
}
