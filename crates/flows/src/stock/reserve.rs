//! Reserve an order's demand, all of it in one decision.

use super::desk::Desk;
use super::facts;
use super::hold;
use super::messages::{Held, Reserve, Reserved, Wanted};
use super::shelf::{Free, pick, places, sum};
use super::spot::{PlaceNo, SpotNo, place_of};
use super::state::Wait;
use super::supply;
use crate::out::Res;
use hub::process::Fault;
use std::collections::{BTreeMap, BTreeSet};

/// Units that a line got at a spot: line, SKU, spot, units.
pub(super) type Got = (String, String, SpotNo, i64);

/// Takes over what a checkout holds for the order. For the rest a single place that has it all, the most preferred
/// one; else each line from a single place that has it, and only then from several. What is short waits.
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
    desk.of_channel(&demand.order, &demand.channel)?;
    let mut got = match &demand.hold {
        Some(hold) => hold::take_over(desk, hold, demand)?,
        None => Vec::new(),
    };
    let mut rest = Vec::new();
    for w in &demand.lines {
        let has: i64 = got.iter().filter(|g| g.0 == w.line).map(|g| g.3).sum();
        if w.quantity > has {
            rest.push(Wanted { quantity: w.quantity - has, ..w.clone() });
        }
    }
    let (more, short) = allocate(desk, &demand.order, &demand.channel, &rest)?;
    got.extend(more);
    let channel = desk.channel(&demand.channel).to_owned();
    for w in &short {
        let wait = Wait {
            order: demand.order.clone(),
            line: w.line.clone(),
            quantity: w.quantity,
            channel: channel.clone(),
        };
        desk.position(&w.sku)?.waiting.push(wait);
    }
    // The row stands even where all waits, so that the same demand again is known as such.
    desk.order(&demand.order)?.asked = true;
    let mut expected = Vec::new();
    for sku in short.iter().map(|w| w.sku.as_str()).collect::<BTreeSet<_>>() {
        expected.extend(supply::of_order(sku, desk.position(sku)?, &demand.order));
    }
    desk.answered = Some(demand.order.clone());
    let named = named(desk, &got)?;
    let fact = facts::Reserved {
        order: &demand.order,
        lines: facts::lines(&named),
        short: short.iter().map(|w| (w.line.as_str(), w.sku.as_str(), w.quantity)).collect(),
        expected: expected.iter().map(facts::promise).collect(),
    };
    desk.out.fact("stock.reserved", &fact)?;
    let lines = told(desk, &got);
    let answer = Reserved { order: demand.order.clone(), lines, short, expected };
    desk.out.tell(&desk.pool.tenant, ("order", &demand.order), "stock.reserved", &answer)
}

/// Reserves what there is of some lines; what each got, and what is short.
pub(super) fn allocate(
    desk: &mut Desk<'_>,
    order: &str,
    channel: &str,
    lines: &[Wanted],
) -> Res<(Vec<Got>, Vec<Wanted>)> {
    let whole = one_place(desk, channel, lines)?;
    let (mut got, mut short) = (Vec::new(), Vec::new());
    for w in lines {
        let mut left = w.quantity;
        if let Some((mut free, most)) = free_for_new(desk, &w.sku, channel)? {
            free.retain(|(spot, _)| whole.is_none_or(|place| place_of(*spot) == place));
            let at = w.at.as_deref().and_then(|name| desk.state.place(name));
            for (spot, quantity) in first_from(&free, at, w.quantity.min(most)) {
                desk.hold(order, &w.line, &w.sku, (spot, quantity))?;
                left -= quantity;
                got.push((w.line.clone(), w.sku.clone(), spot, quantity));
            }
        }
        if left > 0 {
            short.push(Wanted { quantity: left, at: None, ..w.clone() });
        }
    }
    Ok((got, short))
}

/// What an order is told of what it got: units of one line and place together.
fn told(desk: &Desk<'_>, got: &[Got]) -> Vec<Held> {
    let mut lines: Vec<Held> = Vec::with_capacity(got.len());
    for (line, sku, spot, n) in got {
        let held = desk.held(line, sku, *spot, *n);
        match lines.iter_mut().find(|h| h.line == held.line && h.place == held.place) {
            Some(h) => h.quantity += n,
            None => lines.push(held),
        }
    }
    lines
}

/// The same with the spots' names, as facts have it.
pub(super) fn named(desk: &mut Desk<'_>, got: &[Got]) -> Res<Vec<facts::Named>> {
    got.iter()
        .map(|(line, sku, spot, n)| Ok((line.clone(), sku.clone(), desk.spot_name(sku, *spot)?, *n)))
        .collect()
}

/// The most preferred place that can serve all lines by itself.
fn one_place(desk: &mut Desk<'_>, channel: &str, lines: &[Wanted]) -> Res<Option<PlaceNo>> {
    let mut wanted: BTreeMap<&str, i64> = BTreeMap::new();
    for l in lines {
        *wanted.entry(&l.sku).or_default() += l.quantity;
    }
    let mut able: Option<Vec<PlaceNo>> = None;
    for (sku, quantity) in wanted {
        let Some((free, most)) = free_for_new(desk, sku, channel)? else { return Ok(None) };
        if quantity > most {
            return Ok(None);
        }
        let has: Vec<PlaceNo> =
            places(&free).into_iter().filter(|(_, n)| *n >= quantity).map(|(place, _)| place).collect();
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

/// Takes what a place has first, where units are to be had at that place, and only then from others.
fn first_from(free: &[(SpotNo, i64)], at: Option<PlaceNo>, wanted: i64) -> Vec<(SpotNo, i64)> {
    let (there, others): (Vec<_>, Vec<_>) = free.iter().partition(|(spot, _)| Some(place_of(*spot)) == at);
    let mut taken = pick(&there, wanted);
    taken.extend(pick(&others, wanted - sum(&taken)));
    taken
}

/// What new demand of a channel may have of a SKU, by spot, and the most of it; `None` while older demand of the
/// channel waits for it.
fn free_for_new(desk: &mut Desk<'_>, sku: &str, channel: &str) -> Res<Option<(Free, i64)>> {
    let of = desk.channel(channel);
    if desk.position(sku)?.waiting.iter().any(|w| w.channel == of) {
        return Ok(None);
    }
    desk.free_to(sku, channel).map(Some)
}
