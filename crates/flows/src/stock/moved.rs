//! Units come to a place, or turn out to be more or fewer: receipts, restocked returns, adjustments.

use super::desk::Desk;
use super::facts;
use super::messages::{Adjusted, Received, Returned};
use super::spot::{Kind, PlaceNo, SpotNo};
use super::state::seen_key;
use super::supply;
use crate::out::Res;
use books::{Entry, Moved, Unbalanced};
use retail::time::Time;
use std::collections::BTreeMap;

/// One line of a report: (SKU, spot, its name, signed quantity).
pub(super) type Line<'m> = (&'m str, SpotNo, String, i64);

/// A line of a report, with its spot.
pub(super) fn line<'m>(
    desk: &mut Desk<'_>,
    sku: &'m str,
    (place, kind): (PlaceNo, &Kind),
    quantity: i64,
) -> Res<Line<'m>> {
    let spot = desk.spot(sku, place, kind)?;
    Ok((sku, spot, desk.spot_name(sku, spot)?, quantity))
}

/// Supply came in.
pub(super) fn received(desk: &mut Desk<'_>, report: &Received, at: Time) -> Res {
    let place = super::place(desk, &report.place)?;
    if desk.is_repeat(seen_key("receipt", &report.place, &report.receipt))? {
        return Ok(());
    }
    let mut lines = Vec::with_capacity(report.lines.len());
    for l in &report.lines {
        desk.categorise(&l.sku, l.category.as_deref())?;
        lines.push(line(desk, &l.sku, (place, &l.kind), l.quantity)?);
    }
    let entry = desk.posting(&report.receipt, at).received(moves(&lines));
    take_in(desk, ("stock.received", &report.receipt, ""), &lines, at, Some(entry))?;
    let Some(supply) = &report.supply else { return Ok(()) };
    let mut units: BTreeMap<&str, i64> = BTreeMap::new();
    for l in &report.lines {
        let sum = units.entry(&l.sku).or_default();
        *sum = sum.saturating_add(l.quantity);
    }
    supply::received(desk, supply, place, &units)
}

/// Returned units were put back on sale, or set apart in the condition that they are in.
pub(super) fn returned(desk: &mut Desk<'_>, report: &Returned) -> Res {
    if desk.is_repeat(seen_key("returned", &report.rma, &report.id))? {
        return Ok(());
    }
    let at = report.at.unwrap_or(desk.now);
    let mut lines: Vec<Line<'_>> = Vec::with_capacity(report.lines.len());
    for l in &report.lines {
        let name = match &desk.policy.returns_to {
            Some(instead) if desk.state.place(&l.place).is_none() => instead,
            _ => &l.place,
        };
        let place = super::place(desk, name)?;
        let mut kind = l.kind.clone();
        if kind.condition.is_none() {
            kind.condition = l.grade.and_then(|grade| desk.policy.restocked_as.get(&grade)).cloned();
        }
        lines.push(line(desk, &l.sku, (place, &kind), l.quantity)?);
    }
    let entry = desk.posting(&report.rma, at).restocked(moves(&lines));
    // Without the place's word it came after all that is known of the place, whatever our own clock shows: it may have
    // been set back.
    let mut moved = at;
    for (sku, spot, ..) in lines.iter().filter(|_| report.at.is_none()) {
        let position = desk.position(sku)?;
        let last = position.log.moves.last().map(|m| m.at);
        moved = moved.max(Time(position.spot(*spot).as_of.max(last).unwrap_or(i64::MIN)));
    }
    take_in(desk, ("stock.restocked", &report.id, &report.rma), &lines, moved, Some(entry))
}

/// Units were found or lost.
pub(super) fn adjusted(desk: &mut Desk<'_>, report: &Adjusted, at: Time) -> Res {
    let place = super::place(desk, &report.place)?;
    if desk.is_repeat(seen_key("adjustment", &report.place, &report.adjustment))? {
        return Ok(());
    }
    let mut lines = Vec::with_capacity(report.lines.len());
    for l in &report.lines {
        lines.push(line(desk, &l.sku, (place, &l.kind), l.quantity)?);
    }
    take_in(desk, ("stock.adjusted", &report.adjustment, &report.reason), &lines, at, None)
}

pub(super) fn moves<'m>(lines: &'m [Line<'_>]) -> impl Iterator<Item = Moved<'m>> {
    lines.iter().map(|(sku, _, place, quantity)| Moved { place, sku, quantity: *quantity })
}

/// Applies a report. `entry` records the movement as reported; an adjustment has none and records the change
/// itself. Where on hand changes by something else, because a count or a shipment told of the units before, a
/// correction is posted beside it.
pub(super) fn take_in(
    desk: &mut Desk<'_>,
    (kind, id, reason): (&'static str, &str, &str),
    lines: &[Line<'_>],
    at: Time,
    entry: Option<Result<Entry, Unbalanced>>,
) -> Res {
    let mut changes = Vec::with_capacity(lines.len());
    let mut unknown = Vec::new();
    for (sku, spot, place, quantity) in lines {
        let explained =
            if entry.is_none() { desk.explained(sku, *spot, (-*quantity).max(0), at)? } else { 0 };
        let left = quantity + explained;
        let applied = desk.move_units(sku, *spot, left, at)?;
        if left < 0 && applied.change != left && !applied.contained {
            unknown.push(format!("{quantity} of {sku} at {place}"));
        }
        changes.push((*sku, place.as_str(), *quantity, applied.change));
    }
    desk.out.fact(kind, &facts::Moved { id, reason, lines: changes.clone() })?;
    let (memo, recorded) = match entry {
        Some(entry) => {
            desk.out.post(entry)?;
            ("known_before", true)
        }
        None => ("adjusted", false),
    };
    let corrections = changes.iter().map(|(sku, place, quantity, change)| Moved {
        place,
        sku,
        quantity: if recorded { change - quantity } else { *change },
    });
    let correction = desk.posting(id, at).adjusted(memo, corrections);
    desk.out.post(correction)?;
    if !unknown.is_empty() {
        desk.out.raise(
            "below_zero",
            "operations",
            format!("{id} took more than was on hand: {}", unknown.join(", ")),
            "count these SKUs at the place and report the count",
        );
    }
    Ok(())
}
