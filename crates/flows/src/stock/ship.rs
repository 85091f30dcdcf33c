//! Ship: reservations end, and units leave a place.

use super::desk::Desk;
use super::facts;
use super::messages::Ship;
use crate::out::Res;
use books::Moved;

/// Takes a shipment in, once. A place may have shipped what was reserved elsewhere: then that reservation ends.
/// Units that were not reserved at all have left just the same; that becomes an exception.
pub(super) fn ship(desk: &mut Desk<'_>, ship: &Ship) -> Res {
    if desk.stored_order(&ship.order)?.is_some_and(|row| row.shipments.contains(&ship.shipment)) {
        return Ok(());
    }
    let at = ship.at.unwrap_or(desk.now);
    let (mut ended, mut waited, mut corrected, mut beyond) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for l in &ship.lines {
        let place = super::place(desk, &l.place)?;
        let of = (l.line.as_str(), l.sku.as_str());
        let mut left = l.quantity;
        // Where it left first, then wherever else the line holds units.
        for from in [Some(place), None] {
            for (no, n) in desk.end(&ship.order, of, from, left)? {
                left -= n;
                ended.push((of.0, of.1, desk.state.place_name(no).to_owned(), n));
            }
        }
        let n = desk.unqueue(&ship.order, of, left)?;
        if n > 0 {
            left -= n;
            waited.push((of.0, of.1, n));
        }
        if left > 0 {
            beyond.push(format!("{left} of {} at {}", l.sku, l.place));
        }
        let applied = desk.move_units(&l.sku, place, -l.quantity, at)?;
        corrected.push((l, applied.change + l.quantity, applied.contained));
    }
    desk.order(&ship.order)?.shipments.push(ship.shipment.clone());
    let lines: Vec<facts::Line<'_>> =
        ship.lines.iter().map(|l| (l.line.as_str(), l.sku.as_str(), l.place.as_str(), l.quantity)).collect();
    let ended: Vec<facts::Line<'_>> = ended.iter().map(|(l, s, p, n)| (*l, *s, p.as_str(), *n)).collect();
    let ended = (ended != lines).then_some(ended);
    let fact = facts::Shipped { order: &ship.order, shipment: &ship.shipment, lines, ended, waited };
    desk.out.fact("stock.shipped", &fact)?;
    let moves = ship.lines.iter().map(|l| Moved { place: &l.place, sku: &l.sku, quantity: l.quantity });
    let entry = desk.posting(&ship.order, at).shipped(moves);
    desk.out.post(entry)?;
    for contained in [true, false] {
        let memo = if contained { "known_before" } else { "found_by_shipment" };
        let some = corrected.iter().filter(|(_, n, c)| *n != 0 && *c == contained);
        let moves = some.map(|(l, n, _)| Moved { place: &l.place, sku: &l.sku, quantity: *n });
        let entry = desk.posting(&ship.order, at).adjusted(memo, moves);
        desk.out.post(entry)?;
    }
    if !beyond.is_empty() {
        desk.out.raise(
            "shipped_unreserved",
            "operations",
            format!(
                "shipment {} of order {} took more than was reserved: {}",
                ship.shipment,
                ship.order,
                beyond.join(", ")
            ),
            "check the shipment against the order, then count the SKU at the place",
        );
    }
    Ok(())
}
