//! Units come to a place, or turn out to be more or fewer: receipts, restocked returns, adjustments.

use super::desk::Desk;
use super::facts;
use super::messages::{Adjusted, Received, Returned};
use super::state::{PlaceNo, seen_key};
use crate::out::Res;
use books::{Entry, Moved, Unbalanced};
use retail::time::Time;

/// One line of a report: (SKU, place, its name, signed quantity).
type Line<'m> = (&'m str, PlaceNo, String, i64);

/// Supply came in.
pub(super) fn received(desk: &mut Desk<'_>, report: &Received, at: Time) -> Res {
    let place = super::place(desk, &report.place)?;
    if desk.is_repeat(seen_key("receipt", &report.place, &report.receipt))? {
        return Ok(());
    }
    let lines: Vec<Line<'_>> =
        report.lines.iter().map(|l| (l.sku.as_str(), place, report.place.clone(), l.quantity)).collect();
    let entry = desk.posting(&report.receipt, at).received(moves(&lines));
    take_in(desk, ("stock.received", &report.receipt, ""), &lines, at, Some(entry))
}

/// Returned units were put back on sale.
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
        lines.push((&l.sku, super::place(desk, name)?, name.clone(), l.quantity));
    }
    let entry = desk.posting(&report.rma, at).restocked(moves(&lines));
    take_in(desk, ("stock.restocked", &report.id, &report.rma), &lines, at, Some(entry))
}

/// Units were found or lost.
pub(super) fn adjusted(desk: &mut Desk<'_>, report: &Adjusted, at: Time) -> Res {
    let place = super::place(desk, &report.place)?;
    if desk.is_repeat(seen_key("adjustment", &report.place, &report.adjustment))? {
        return Ok(());
    }
    let lines: Vec<Line<'_>> =
        report.lines.iter().map(|l| (l.sku.as_str(), place, report.place.clone(), l.quantity)).collect();
    take_in(desk, ("stock.adjusted", &report.adjustment, &report.reason), &lines, at, None)
}

fn moves<'m>(lines: &'m [Line<'_>]) -> impl Iterator<Item = Moved<'m>> {
    lines.iter().map(|(sku, _, place, quantity)| Moved { place, sku, quantity: *quantity })
}

/// Applies a report. `entry` records the movement as reported; an adjustment has none and records the change
/// itself. Where on hand changes by something else, because a count or a shipment told of the units before, a
/// correction is posted beside it.
fn take_in(
    desk: &mut Desk<'_>,
    (kind, id, reason): (&'static str, &str, &str),
    lines: &[Line<'_>],
    at: Time,
    entry: Option<Result<Entry, Unbalanced>>,
) -> Res {
    let mut changes = Vec::with_capacity(lines.len());
    let mut unknown = Vec::new();
    for (sku, no, place, quantity) in lines {
        let applied = desk.move_units(sku, *no, *quantity, at)?;
        if *quantity < 0 && applied.change != *quantity && !applied.contained {
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
