//! Units that are reserved and not there: a count, a report or a shipment took more than was free.
//!
//! What was counted holds; the pool keeps such reservations apart as a shortage, and the youngest of them lose. A
//! checkout's hold is cut by the pool itself. An order is told: it gives up what it has not passed on and waits
//! again, before all later demand; about units that a warehouse has been asked for, the warehouse has the last word,
//! and the order says so in an exception of its own.

use super::desk::Desk;
use super::facts;
use super::messages::{GivenUp, Held, Withdrawn};
use super::spot::{SpotNo, place_of};
use super::state::{Young, hold_of};
use crate::out::Res;
use std::collections::BTreeMap;

/// A shortage is an exception that names the orders, until it is over.
pub(super) fn watch(desk: &mut Desk<'_>, skus: &[String]) -> Res {
    let mut excess = desk.state.excess.clone();
    let had = !excess.is_empty();
    let mut grown: Vec<(String, SpotNo, i64)> = Vec::new();
    let mut told: BTreeMap<String, Vec<(Held, SpotNo)>> = BTreeMap::new();
    for sku in skus {
        let spots: Vec<SpotNo> = desk.position(sku)?.at.iter().map(|a| a.spot).collect();
        for spot in spots {
            cut_holds(desk, sku, spot)?;
            let short = desk.position(sku)?.spot(spot).excess();
            if short == 0 {
                excess.remove(&(sku.clone(), spot));
            } else {
                if short > desk.stored_position(sku)?.map_or(0, |p| p.spot(spot).excess()) {
                    grown.push((sku.clone(), spot, short));
                }
                excess.insert((sku.clone(), spot));
            }
            tell(desk, sku, (spot, short), &mut told)?;
        }
    }
    desk.state.excess = excess;
    if grown.is_empty() {
        if desk.state.excess.is_empty() && had {
            desk.out.clear("stock_short");
        }
        return Ok(());
    }
    let names = grown.iter().map(|(sku, spot, n)| Ok((desk.spot_name(sku, *spot)?, *n)));
    let names: Vec<(String, i64)> = names.collect::<Res<_>>()?;
    let lines: Vec<(&str, &str, i64)> =
        grown.iter().zip(&names).map(|((sku, _, _), (at, n))| (sku.as_str(), at.as_str(), *n)).collect();
    let shown: Vec<String> = lines.iter().take(5).map(|(s, p, n)| format!("{n} of {s} at {p}")).collect();
    let mut cause = format!("reserved units are not there: {}", shown.join(", "));
    let more = |cause: &mut String, n: usize| {
        if n > 0 {
            cause.push_str(&format!(" and {n} more"));
        }
    };
    more(&mut cause, lines.len().saturating_sub(shown.len()));
    let orders: Vec<&str> = told.keys().map(String::as_str).collect();
    if !orders.is_empty() {
        cause.push_str("; orders ");
        cause.push_str(&orders.iter().take(10).copied().collect::<Vec<_>>().join(", "));
        more(&mut cause, orders.len().saturating_sub(10));
        cause.push_str(" were told");
    }
    desk.out.fact("stock.overcommitted", &facts::Overcommitted { lines, orders })?;
    desk.out.raise(
        "stock_short",
        "operations",
        cause,
        "find the units and report them, or report the fulfilment orders short, so that the pool sources them \
         elsewhere",
    );
    for (order, lines) in told {
        let message = Withdrawn { order: order.clone(), lines: lines.into_iter().map(|l| l.0).collect() };
        desk.out.tell(&desk.pool.tenant, ("order", &order), "stock.withdrawn", &message)?;
    }
    Ok(())
}

/// Checkouts lose first, the youngest before the others: nobody was promised anything yet.
fn cut_holds(desk: &mut Desk<'_>, sku: &str, spot: SpotNo) -> Res {
    loop {
        let position = desk.position(sku)?;
        let short = position.spot(spot).excess();
        let youngest = position.young.iter().rev().find(|y| y.1 == spot && hold_of(&y.0).is_some());
        let Some(name) = youngest.map(|y| y.0.clone()).filter(|_| short > 0) else { return Ok(()) };
        let Some(row) = desk.loaded_order(&name) else { return Ok(()) };
        let Some((line, ..)) = row.held.iter().find(|h| h.1 == sku && h.2 == spot).cloned() else {
            return Ok(());
        };
        let mut lines = Vec::new();
        for (at, n) in desk.end(&name, (&line, sku), Some(place_of(spot)), short)? {
            lines.push((line.clone(), sku.to_owned(), desk.spot_name(sku, at)?, n));
        }
        super::hold::ended(desk, hold_of(&name).unwrap_or_default(), "withdrawn", &lines)?;
    }
}

/// Picks the youngest reservations until all that is short is told to somebody. What is found again is told no more.
fn tell(
    desk: &mut Desk<'_>,
    sku: &str,
    (spot, short): (SpotNo, i64),
    told: &mut BTreeMap<String, Vec<(Held, SpotNo)>>,
) -> Res {
    let mut young = desk.position(sku)?.young.clone();
    let known: i64 = young.iter().filter(|y| y.1 == spot).map(|y| y.2).sum();
    let mut left = short - known;
    for Young(order, at, so_far) in young.iter_mut().rev().filter(|y| y.1 == spot) {
        if left < 0 {
            let n = (*so_far).min(-left);
            *so_far -= n;
            left += n;
        } else if left > 0 {
            let Some(row) = desk.loaded_order(order) else { continue };
            let mut n = left.min(row.at(sku, *at) - *so_far).max(0);
            *so_far += n;
            left -= n;
            let lines: Vec<(String, i64)> = row
                .held
                .iter()
                .filter(|h| h.1 == sku && h.2 == *at)
                .map(|h| {
                    let part = n.min(h.3);
                    n -= part;
                    (h.0.clone(), part)
                })
                .filter(|(_, part)| *part > 0)
                .collect();
            for (line, part) in lines {
                let held = desk.held(&line, sku, spot, part);
                told.entry(order.clone()).or_default().push((held, spot));
            }
        }
    }
    let position = desk.position(sku)?;
    if position.young != young {
        position.young = young;
    }
    Ok(())
}

/// Ends what the order gives up; on hand stays as it was counted. The pool looks for other units.
pub(super) fn given_up(desk: &mut Desk<'_>, message: &GivenUp) -> Res {
    let mut lines = Vec::new();
    for l in &message.lines {
        let place = super::place(desk, &l.place)?;
        for (spot, n) in desk.end(&message.order, (&l.line, &l.sku), Some(place), l.quantity)? {
            lines.push((l, desk.spot_name(&l.sku, spot)?, place, n));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    let named =
        lines.iter().map(|(l, at, _, n)| (l.line.as_str(), l.sku.as_str(), at.as_str(), *n)).collect();
    desk.out.fact("stock.given_up", &facts::GivenUp { order: &message.order, lines: named })?;
    for (l, _, place, n) in lines {
        desk.replace(&message.order, (&l.line, &l.sku), place, n)?;
    }
    Ok(())
}
