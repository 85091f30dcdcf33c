//! Release: reservations end because the order gives them up, or because the place cannot find the units.

use super::desk::Desk;
use super::facts;
use super::messages::{Missing, Release};
use crate::out::Res;
use books::Moved;

/// Ends exactly what the order names and what is still so; the later of two endings changes nothing.
pub(super) fn release(desk: &mut Desk<'_>, release: &Release) -> Res {
    let (mut lines, mut waiting) = (Vec::new(), Vec::new());
    for l in &release.lines {
        let place = super::place(desk, &l.place)?;
        for (spot, n) in desk.end(&release.order, (&l.line, &l.sku), Some(place), l.quantity)? {
            lines.push((l.line.clone(), l.sku.clone(), desk.spot_name(&l.sku, spot)?, n));
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
    let lines = facts::lines(&lines);
    let fact = facts::Released { order: &release.order, reason: &release.reason, lines, waiting };
    desk.out.fact("stock.released", &fact)
}

/// Ends the reservations, takes the units off the place, and looks for others: elsewhere, then at the same place
/// if it has more. What is not found waits before all others, since its demand is older than theirs.
pub(super) fn missing(desk: &mut Desk<'_>, missing: &Missing) -> Res {
    let (mut lines, mut lost, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    for l in &missing.lines {
        let place = super::place(desk, &l.place)?;
        let before = desk.position(&l.sku)?.clone();
        for (spot, n) in desk.end(&missing.order, (&l.line, &l.sku), Some(place), l.quantity)? {
            let at = desk.spot_name(&l.sku, spot)?;
            let missed = missing.at.unwrap_or(desk.now);
            // A shortage that is known already took its units off hand.
            let gone = n - n.min(before.spot(spot).excess());
            let gone = gone - desk.known_gone(&l.sku, spot, gone, missed)?;
            let applied = desk.not_found(&l.sku, spot, gone, missed)?;
            lost.push((l.sku.as_str(), at.clone(), -applied.change));
            lines.push((l.line.clone(), l.sku.clone(), at, n));
            ends.push((l, place, n));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    let fact = facts::FoundMissing {
        order: &missing.order,
        fulfilment: &missing.fulfilment,
        lines: facts::lines(&lines),
    };
    desk.out.fact("stock.found_missing", &fact)?;
    let moves = lost.iter().map(|(sku, place, quantity)| Moved { place, sku, quantity: *quantity });
    let entry = desk.posting(&missing.order, desk.now).missing(moves);
    desk.out.post(entry)?;
    for (l, place, n) in ends {
        desk.replace(&missing.order, (&l.line, &l.sku), place, n)?;
    }
    Ok(())
}
