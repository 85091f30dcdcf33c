//! Release: reservations end because the order gives them up, or because the place cannot find the units.

use super::desk::{Desk, pick};
use super::facts;
use super::messages::{Missing, Release};
use crate::out::Res;
use books::Moved;

/// Ends exactly what the order names and what is still so; the later of two endings changes nothing.
pub(super) fn release(desk: &mut Desk<'_>, release: &Release) -> Res {
    let (mut lines, mut waiting) = (Vec::new(), Vec::new());
    for l in &release.lines {
        let place = super::place(desk, &l.place)?;
        for (_, n) in desk.end(&release.order, (&l.line, &l.sku), Some(place), l.quantity)? {
            lines.push((l.line.as_str(), l.sku.as_str(), l.place.as_str(), n));
        }
    }
    for w in &release.waiting {
        let n = desk.unqueue(&release.order, (&w.line, &w.sku), w.quantity)?;
        if n > 0 {
            waiting.push((w.line.as_str(), w.sku.as_str(), n));
        }
    }
    if lines.is_empty() && waiting.is_empty() {
        return Ok(());
    }
    let fact = facts::Released { order: &release.order, reason: &release.reason, lines, waiting };
    desk.out.fact("stock.released", &fact)
}

/// Ends the reservations, takes the units off the place, and looks for others: elsewhere, then at the same place
/// if it has more. What is not found waits before all others, since its demand is older than theirs.
pub(super) fn missing(desk: &mut Desk<'_>, missing: &Missing) -> Res {
    let (mut lines, mut lost) = (Vec::new(), Vec::new());
    for l in &missing.lines {
        let place = super::place(desk, &l.place)?;
        let excess = desk.position(&l.sku)?.place(place).excess();
        let ended = desk.end(&missing.order, (&l.line, &l.sku), Some(place), l.quantity)?;
        let n: i64 = ended.iter().map(|(_, n)| n).sum();
        if n == 0 {
            continue;
        }
        lines.push((l.line.as_str(), l.sku.as_str(), l.place.as_str(), n, place));
        // A shortage that is known already took its units off hand.
        let gone = n - n.min(excess);
        let now = desk.now;
        let applied = desk.move_units(&l.sku, place, -gone, now)?;
        lost.push((l, -applied.change));
    }
    if lines.is_empty() {
        return Ok(());
    }
    let fact = facts::FoundMissing {
        order: &missing.order,
        fulfilment: &missing.fulfilment,
        lines: lines.iter().map(|(l, s, p, n, _)| (*l, *s, *p, *n)).collect(),
    };
    desk.out.fact("stock.found_missing", &fact)?;
    let moves = lost.iter().map(|(l, n)| Moved { place: &l.place, sku: &l.sku, quantity: *n });
    let entry = desk.posting(&missing.order, desk.now).missing(moves);
    desk.out.post(entry)?;
    for (line, sku, _, n, place) in lines {
        let position = desk.position(sku)?.clone();
        let (mut free, here): (Vec<_>, Vec<_>) = desk.free(&position).partition(|(p, _)| *p != place);
        free.extend(here);
        let mut left = n;
        for (place, quantity) in pick(free.into_iter(), n) {
            desk.supply(&missing.order, line, sku, (place, quantity))?;
            left -= quantity;
        }
        if left > 0 {
            desk.position(sku)?.waiting.insert(0, (missing.order.clone(), line.to_owned(), left));
        }
    }
    Ok(())
}
