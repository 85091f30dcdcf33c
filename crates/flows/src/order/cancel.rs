//! Cancels units: at once while nothing is released, by recall where a warehouse or the order management has
//! them, and not at all once they have left. Every unit of a request gets a definite answer.

use super::counts::{self, put};
use super::documents;
use super::events::CancelRequested;
use super::recall;
use super::state::{Cancellation, CancellationState as S, Erp, Units};
use super::turn::{LineUnits, Turn};
use super::{change, naming, pool, spread};
use crate::out::Res;
use hub::process::{Fault, digest};
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;

#[derive(Serialize)]
struct Answer<'a> {
    cancellation: &'a str,
    reason: &'a str,
    lines: Vec<LineUnits<'a>>,
}

/// Notes a wish. What cannot be fulfilled any more is answered at once.
pub(super) fn requested(t: &mut Turn<'_>, ask: CancelRequested) -> Res {
    naming::same_order(t, &ask.order)?;
    let key = key(t, &ask);
    if t.body.cancellations.iter().any(|c| c.key == key) {
        return Ok(());
    }
    let mut lines: Vec<(u16, i64, i64)> = Vec::new();
    match &ask.lines {
        None => lines = all_left(t),
        Some(parts) => {
            for part in parts {
                let free = |i| left(t, i) - wished(t, i);
                for (line, n) in spread::spread(t, &part.line, part.quantity, free)? {
                    if lines.iter().any(|l| l.0 == line) {
                        let why = format!("line {:?} stands in the request twice", part.line);
                        return Err(Fault::new("duplicate_line", why));
                    }
                    lines.push((line, n, 0));
                }
            }
        }
    }
    if lines.is_empty() && ask.lines.is_some() {
        return Err(Fault::new(
            "line_count",
            "it names no line; leave `lines` out to cancel all that is left",
        ));
    }
    if lines.is_empty() && t.body.completed {
        return refuse(t, &key, "nothing_left", &[]);
    }
    let reason = if ask.reason.is_empty() { "customer".to_owned() } else { ask.reason };
    t.body.cancellations.push(Cancellation { key, reason, lines, state: S::Open });
    Ok(())
}

fn all_left(t: &Turn<'_>) -> Vec<(u16, i64, i64)> {
    let lines = (0_u16..).take(t.doc.lines.len()).map(|i| (i, left(t, i) - wished(t, i), 0));
    lines.filter(|l| l.1 > 0).collect()
}

/// Cancels all that is left for a reason of the hub's own, once per `key`.
pub(super) fn rest(t: &mut Turn<'_>, key: &str, reason: &str) -> Res {
    let lines = all_left(t);
    if !lines.is_empty() && !t.body.cancellations.iter().any(|c| c.key == key) {
        let (key, reason) = (key.to_owned(), reason.to_owned());
        t.body.cancellations.push(Cancellation { key, reason, lines, state: S::Open });
    }
    Ok(())
}

/// The sender's number where it has one, else what it says and when it happened: a repeat under a new message id
/// is the same wish.
fn key(t: &Turn<'_>, ask: &CancelRequested) -> String {
    if let Some(id) = &ask.id {
        return id.clone();
    }
    let mut said = format!("{}|{}", t.occurred.0, ask.reason);
    for part in ask.lines.iter().flatten() {
        said.push('|');
        said.push_str(&part.line);
        said.push('=');
        said.push_str(&part.quantity.to_string());
    }
    digest(&[said.as_bytes()])[..6].iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        if write!(hex, "{byte:02x}").is_err() {
            hex.clear();
        }
        hex
    })
}

/// Units of a line that are not cancelled.
pub(super) fn stands(t: &Turn<'_>, line: u16) -> i64 {
    let i = usize::from(line);
    t.doc.lines.get(i).zip(t.body.lines.get(i)).map_or(0, |(d, l)| d.quantity - l.cancelled)
}

/// Units of a line that are neither shipped nor cancelled.
pub(super) fn left(t: &Turn<'_>, line: u16) -> i64 {
    let i = usize::from(line);
    match (t.doc.lines.get(i), t.body.lines.get(i)) {
        (Some(d), Some(l)) => d.quantity - l.cancelled - l.shipped,
        _ => 0,
    }
}

/// Units of a line that undecided requests still wish to cancel.
pub(super) fn wished(t: &Turn<'_>, line: u16) -> i64 {
    let open = t.body.cancellations.iter().filter(|c| c.state == S::Open);
    open.flat_map(|c| &c.lines).filter(|l| l.0 == line).map(|l| l.1 - l.2).sum()
}

/// Fulfils wishes from what is not released, recalls what is, and refuses what has left.
pub(super) fn settle(t: &mut Turn<'_>) -> Res {
    for c in 0..t.body.cancellations.len() {
        if t.body.cancellations.get(c).is_some_and(|c| c.state == S::Open) {
            one(t, c)?;
        }
    }
    Ok(())
}

fn one(t: &mut Turn<'_>, c: usize) -> Res {
    let Some(mut wish) = t.body.cancellations.get(c).cloned() else { return Ok(()) };
    let (mut units, mut waiting, mut gone, mut refused) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut recalling = Vec::new();
    for l in &mut wish.lines {
        let mut need = l.1 - l.2;
        if need > 0 {
            let n = cancel_unreleased(t, l.0, need, &mut units, &mut waiting)?;
            if n > 0 {
                gone.push((l.0, n));
            }
            l.2 += n;
            need -= n;
        }
        let reach = t.body.recallable(l.0);
        if need > reach {
            refused.push((l.0, need - reach));
            l.1 -= need - reach;
            need = reach;
        }
        if need > 0 {
            recalling.push(l.0);
        }
    }
    let done = recalling.is_empty();
    if done {
        wish.state = S::Decided;
    }
    if !units.is_empty() || !waiting.is_empty() {
        pool::release(t, "cancelled", &units, &waiting)?;
    }
    let id = naming::cancellation_id(t, c);
    if !refused.is_empty() {
        refuse(t, &id, "already_shipped", &refused)?;
        if change::made(&wish) {
            let units: i64 = refused.iter().map(|r| r.1).sum();
            change::conflict(t, &format!("{units} units that were taken off have left already"));
        }
    }
    unbook(t, &gone)?;
    if let Some(stored) = t.body.cancellations.get_mut(c) {
        *stored = wish;
    }
    for line in recalling {
        recall::recall(t, line)?;
    }
    Ok(())
}

/// Cancels up to `need` units of a line that nobody else has been given, and answers how many.
fn cancel_unreleased(
    t: &mut Turn<'_>,
    line: u16,
    need: i64,
    units: &mut Vec<Units>,
    waiting: &mut Vec<(u16, i64)>,
) -> Res<i64> {
    let goods = t.placed(line)?.is_goods();
    let n = if goods {
        let wait = t.body.waiting(&t.doc, line).clamp(0, need);
        if wait > 0 {
            waiting.push((line, wait));
        }
        let taken = pool::unreserve(t, line, need - wait);
        let n = wait + counts::sum(&taken);
        put(units, taken);
        n
    } else {
        left(t, line).min(need)
    };
    if let Some(l) = t.body.lines.get_mut(usize::from(line)) {
        l.cancelled += n;
    }
    Ok(n)
}

/// Takes cancelled value out of what is booked. Cancelled units are counted from the top of the line and
/// invoiced ones from the bottom, so that the two add up to the line exactly.
fn unbook(t: &mut Turn<'_>, gone: &[(u16, i64)]) -> Res {
    let mut value = 0;
    for (line, n) in gone {
        let of = t.placed(*line)?.quantity;
        let after = of - t.body.lines.get(usize::from(*line)).map_or(0, |l| l.cancelled);
        value += t.doc.share(*line, after, after + n).0;
    }
    t.out.post(t.posting().order_unbooked(t.doc.money(value)))
}

fn refuse(t: &mut Turn<'_>, id: &str, reason: &str, lines: &[(u16, i64)]) -> Res {
    let doc = Arc::clone(&t.doc);
    let lines = documents::units(&doc, lines);
    t.out.fact("order.cancellation_refused", &Answer { cancellation: id, reason, lines })
}

/// Once all goods are cancelled there is nothing to ship, to handle or to declare: what goes with goods goes too.
pub(super) fn dependants(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let lines = || doc.lines.iter().zip(&t.body.lines);
    let nothing_to_ship = doc.has_goods()
        && lines().filter(|(d, _)| d.is_goods()).all(|(d, l)| l.cancelled == d.quantity)
        && lines().all(|(d, l)| l.shipped == 0 || d.is_digital());
    let rest: Vec<(u16, i64, i64)> = (0_u16..)
        .zip(lines())
        .filter(|(_, (d, l))| d.goes_with_goods() && l.cancelled < d.quantity)
        .map(|(i, (d, l))| (i, d.quantity - l.cancelled, 0))
        .collect();
    if nothing_to_ship && !rest.is_empty() {
        let key = format!("goods-{}", t.body.cancellations.len());
        t.body.cancellations.push(Cancellation {
            key,
            reason: "goods_cancelled".to_owned(),
            lines: rest,
            state: S::Open,
        });
        settle(t)?;
    }
    Ok(())
}

/// Tells ERP and storefront of requests that are decided.
pub(super) fn report(t: &mut Turn<'_>) -> Res {
    for c in 0..t.body.cancellations.len() {
        let Some(wish) = t.body.cancellations.get(c).filter(|c| c.state == S::Decided).cloned() else {
            continue;
        };
        let id = naming::cancellation_id(t, c);
        let lines: Vec<(u16, i64)> = wish.lines.iter().filter(|l| l.2 > 0).map(|l| (l.0, l.2)).collect();
        if !lines.is_empty() {
            let doc = Arc::clone(&t.doc);
            let named = documents::units(&doc, &lines);
            t.out
                .fact("order.cancelled", &Answer { cancellation: &id, reason: &wish.reason, lines: named })?;
            if t.body.erp != Erp::Untold {
                documents::cancel_sales_order(t, &id, &wish.reason, &lines)?;
            }
            if !change::made(&wish) {
                documents::report_cancellation(t, &id, &wish.reason, &lines)?;
            }
        }
        if let Some(stored) = t.body.cancellations.get_mut(c) {
            stored.state = S::Told;
        }
    }
    Ok(())
}

/// Tells the ERP or the storefront again of a cancellation that it refused to hear of.
pub(super) fn tell_again(t: &mut Turn<'_>, op: &str, id: &str) -> Res {
    let Some(c) = (0..t.body.cancellations.len()).find(|c| naming::cancellation_id(t, *c) == id) else {
        return Ok(());
    };
    let Some(wish) = t.body.cancellations.get(c).cloned() else { return Ok(()) };
    let lines: Vec<(u16, i64)> = wish.lines.iter().filter(|l| l.2 > 0).map(|l| (l.0, l.2)).collect();
    match op {
        "cancel_sales_order" => documents::cancel_sales_order(t, id, &wish.reason, &lines),
        _ => documents::report_cancellation(t, id, &wish.reason, &lines),
    }
}
