//! A checkout holds units for a buyer, for a time. Every request gets a definite answer; a hold ends once: taken over
//! by the buyer's order, released, expired, or cut because the units are not there. Later endings change nothing.

use super::desk::Desk;
use super::messages::{Reserve, Wanted};
use super::reports::{HoldReleased, HoldRequested};
use super::reserve::{Got, allocate, named};
use super::state::{OrderRow, hold_of, holder, order_key};
use super::{due, facts};
use crate::out::Res;
use serde_json::{Value, json};

/// Holds what there is. What is short does not wait: the buyer is told, and an order may still ask for it.
pub(super) fn requested(desk: &mut Desk<'_>, ask: &HoldRequested) -> Res {
    let name = holder(&ask.hold);
    if desk.stored_order(&name)?.is_some() {
        return Ok(());
    }
    let wanted: Vec<Wanted> = (1..)
        .zip(&ask.lines)
        .map(|(n, l): (usize, _)| Wanted {
            line: n.to_string(),
            sku: l.sku.clone(),
            quantity: l.quantity,
            at: None,
        })
        .collect();
    let refused = if ask.until <= desk.now {
        Some("expired")
    } else if ask.until > desk.now.plus(desk.policy.hold_most) {
        Some("too_long")
    } else {
        None
    };
    let (got, short) = match refused {
        Some(_) => (Vec::new(), wanted),
        None => {
            for l in &ask.lines {
                desk.serve(&l.sku)?;
            }
            desk.of_channel(&name, &ask.channel)?;
            let row = desk.order(&name)?;
            row.asked = true;
            row.until = Some(ask.until.0);
            due::note(desk, due::minute(ask.until.0), order_key(&name))?;
            allocate(desk, &name, &ask.channel, &wanted)?
        }
    };
    let named = named(desk, &got)?;
    let fact = facts::HeldFor {
        hold: &ask.hold,
        channel: &ask.channel,
        until: ask.until,
        lines: facts::lines(&named),
        short: short.iter().map(|w| (w.line.as_str(), w.sku.as_str(), w.quantity)).collect(),
        refused,
    };
    desk.out.fact("stock.held", &fact)
}

/// The buyer has gone.
pub(super) fn released(desk: &mut Desk<'_>, ask: &HoldReleased) -> Res {
    let name = holder(&ask.hold);
    let Some(row) = desk.stored_order(&name)?.filter(|row| row.end.is_none()).cloned() else { return Ok(()) };
    let lines = end_all(desk, &name, &row)?;
    desk.order(&name)?.end = Some("released".to_owned());
    ended(desk, &ask.hold, "released", &lines)
}

/// A hold's time is over: what it still has is free, and its row goes.
pub(super) fn expire(desk: &mut Desk<'_>, key: &str, row: &OrderRow, minute: i64) -> Res {
    let Some(name) = key.split_once('/').map(|(_, name)| name) else { return Ok(()) };
    let (Some(hold), Some(until)) = (hold_of(name), row.until) else { return Ok(()) };
    if due::minute(until) != minute {
        return Ok(());
    }
    let lines = end_all(desk, name, row)?;
    *desk.order(name)? = OrderRow::default();
    if row.end.is_some() {
        return Ok(());
    }
    ended(desk, hold, "expired", &lines)
}

/// Gives an order what a checkout holds, as far as it wants it, and ends the hold.
pub(super) fn take_over(desk: &mut Desk<'_>, hold: &str, demand: &Reserve) -> Res<Vec<Got>> {
    let name = holder(hold);
    let Some(row) = desk.stored_order(&name)?.filter(|row| row.end.is_none()).cloned() else {
        return Ok(Vec::new());
    };
    let lines = end_all(desk, &name, &row)?;
    let mut there: Vec<_> = row.held.clone();
    let mut got = Vec::new();
    for w in &demand.lines {
        let mut left = w.quantity;
        for h in there.iter_mut().filter(|h| h.1 == w.sku) {
            let n = left.min(h.3);
            if n > 0 {
                desk.hold(&demand.order, &w.line, &w.sku, (h.2, n))?;
                h.3 -= n;
                left -= n;
                got.push((w.line.clone(), w.sku.clone(), h.2, n));
            }
        }
    }
    desk.order(&name)?.end = Some(demand.order.clone());
    ended_by(desk, hold, "taken_over", Some(&demand.order), &lines)?;
    Ok(got)
}

fn end_all(desk: &mut Desk<'_>, name: &str, row: &OrderRow) -> Res<Vec<facts::Named>> {
    let mut all = Vec::new();
    for (line, sku, _, _) in &row.held {
        for (spot, n) in desk.end(name, (line, sku), None, i64::MAX)? {
            all.push((line.clone(), sku.clone(), desk.spot_name(sku, spot)?, n));
        }
    }
    Ok(all)
}

/// Says how a hold, or these units of it, ended.
pub(super) fn ended(desk: &mut Desk<'_>, hold: &str, how: &str, lines: &[facts::Named]) -> Res {
    ended_by(desk, hold, how, None, lines)
}

fn ended_by(desk: &mut Desk<'_>, hold: &str, how: &str, order: Option<&str>, lines: &[facts::Named]) -> Res {
    desk.out.fact("stock.hold_ended", &facts::HoldEnded { hold, how, order, lines: facts::lines(lines) })
}

/// A hold as its checkout reads it: `state` is `held`, `released` or `taken_over`, with the order. One that expired
/// is not there any more.
#[must_use]
pub fn show(hold: &str, row: &OrderRow) -> Value {
    let lines = |sku: &str| row.held.iter().filter(|h| h.1 == sku).map(|h| h.3).sum::<i64>();
    let skus: std::collections::BTreeSet<&str> = row.held.iter().map(|h| h.1.as_str()).collect();
    let lines: Vec<Value> = skus.into_iter().map(|sku| json!({"sku": sku, "quantity": lines(sku)})).collect();
    let until = row.until.map(retail::time::Time);
    match row.end.as_deref() {
        None => json!({"hold": hold, "state": "held", "until": until, "lines": lines}),
        Some("released") => json!({"hold": hold, "state": "released", "until": until, "lines": lines}),
        Some(order) => {
            json!({"hold": hold, "state": "taken_over", "order": order, "until": until, "lines": lines})
        }
    }
}
