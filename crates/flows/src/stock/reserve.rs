//! Reserve an order's demand, all of it in one decision.

use super::desk::Desk;
use super::facts;
use super::messages::{Held, Reserve, Reserved, Wanted};
use super::more::first_from;
use super::state::PlaceNo;
use crate::out::Res;
use hub::process::Fault;
use std::collections::{BTreeMap, BTreeSet};

/// Takes a single place that has the whole demand, the most preferred one; else each line from a single place that
/// has it, and only then from several. What is short waits.
pub(super) fn reserve(desk: &mut Desk<'_>, demand: &Reserve) -> Res {
    let mut lines = BTreeSet::new();
    if let Some(l) = demand.lines.iter().find(|l| !lines.insert(l.line.as_str())) {
        let why = format!("line {:?} of order {} is asked for twice", l.line, demand.order);
        return Err(Fault::new("duplicate_line", why));
    }
    if desk.stored_order(&demand.order)?.is_some_and(|row| row.asked) {
        return Ok(());
    }
    for line in &demand.lines {
        // Whoever waits comes first, should a lower safety stock have freed units meanwhile.
        desk.serve(&line.sku)?;
    }
    let whole = one_place(desk, &demand.lines)?;
    let (mut got, mut short) = (Vec::new(), Vec::new());
    for w in &demand.lines {
        let taken = match whole {
            Some(place) => vec![(place, w.quantity)],
            None => {
                let at = w.at.as_deref().and_then(|name| desk.state.place(name));
                free_for_new(desk, &w.sku)?.map_or_else(Vec::new, |free| first_from(&free, at, w.quantity))
            }
        };
        let mut left = w.quantity;
        for (place, quantity) in taken {
            desk.hold(&demand.order, &w.line, &w.sku, (place, quantity))?;
            left -= quantity;
            let place = desk.state.place_name(place).to_owned();
            got.push(Held { line: w.line.clone(), sku: w.sku.clone(), place, quantity });
        }
        if left > 0 {
            desk.position(&w.sku)?.waiting.push((demand.order.clone(), w.line.clone(), left));
            short.push(Wanted { line: w.line.clone(), sku: w.sku.clone(), quantity: left, at: None });
        }
    }
    // The row stands even where all waits, so that the same demand again is known as such.
    desk.order(&demand.order)?.asked = true;
    let fact = facts::Reserved {
        order: &demand.order,
        lines: got.iter().map(|h| (h.line.as_str(), h.sku.as_str(), h.place.as_str(), h.quantity)).collect(),
        short: short.iter().map(|w| (w.line.as_str(), w.sku.as_str(), w.quantity)).collect(),
    };
    desk.out.fact("stock.reserved", &fact)?;
    let answer = Reserved { order: demand.order.clone(), lines: got, short, expected: Vec::new() };
    desk.out.tell(&desk.pool.tenant, ("order", &demand.order), "stock.reserved", &answer)
}

/// The most preferred place that can serve all lines by itself.
fn one_place(desk: &mut Desk<'_>, lines: &[Wanted]) -> Res<Option<PlaceNo>> {
    let mut wanted: BTreeMap<&str, i64> = BTreeMap::new();
    for l in lines {
        *wanted.entry(&l.sku).or_default() += l.quantity;
    }
    let mut able: Option<Vec<PlaceNo>> = None;
    for (sku, quantity) in wanted {
        let Some(free) = free_for_new(desk, sku)? else { return Ok(None) };
        let has: Vec<PlaceNo> =
            free.into_iter().filter(|(_, n)| *n >= quantity).map(|(place, _)| place).collect();
        able = Some(match able {
            None => has,
            Some(so_far) => so_far.into_iter().filter(|p| has.contains(p)).collect(),
        });
    }
    let able = able.unwrap_or_default();
    let wanted = lines.iter().find_map(|l| l.at.as_deref()).and_then(|name| desk.state.place(name));
    // Where lines are to be had at a place which has not all of them, each is looked for by itself.
    if wanted.is_some_and(|place| !able.contains(&place)) {
        return Ok(None);
    }
    Ok(wanted.or_else(|| able.first().copied()))
}

/// What new demand may have of a SKU, by place; `None` while older demand waits for it.
fn free_for_new(desk: &mut Desk<'_>, sku: &str) -> Res<Option<Vec<(PlaceNo, i64)>>> {
    let position = desk.position(sku)?.clone();
    Ok(position.waiting.is_empty().then(|| desk.free(&position).collect()))
}
