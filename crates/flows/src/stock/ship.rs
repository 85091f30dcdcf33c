//! Ship: reservations end, and units leave a place.

use super::desk::Desk;
use super::facts;
use super::messages::Ship;
use super::spot::SpotNo;
use crate::out::Res;
use books::Moved;

/// Takes a shipment in, once. A place may have shipped what was reserved elsewhere: then that reservation ends.
/// Units that were not reserved at all have left just the same; that becomes an exception.
pub(super) fn ship(desk: &mut Desk<'_>, ship: &Ship) -> Res {
    if desk.stored_order(&ship.order)?.is_some_and(|row| row.shipments.contains(&ship.shipment)) {
        return Ok(());
    }
    let at = ship.at.unwrap_or(desk.now);
    let (mut ended, mut waited, mut beyond) = (Vec::new(), Vec::new(), Vec::new());
    let (mut lines, mut corrected) = (Vec::new(), Vec::new());
    for l in &ship.lines {
        let place = super::place(desk, &l.place)?;
        let of = (l.line.as_str(), l.sku.as_str());
        let mut left = l.quantity;
        // What was reserved there left as it was reserved; of the rest nothing is known but the place.
        let mut leaves: Vec<(SpotNo, i64)> = Vec::new();
        // Where it left first, then wherever else the line holds units.
        for from in [Some(place), None] {
            for (spot, n) in desk.end(&ship.order, of, from, left)? {
                left -= n;
                ended.push((l.line.clone(), l.sku.clone(), desk.spot_name(&l.sku, spot)?, n));
                leaves.push((if from.is_some() { spot } else { SpotNo::from(place) }, n));
            }
        }
        let n = desk.unqueue(&ship.order, of, left)?;
        if n > 0 {
            waited.push((of.0, of.1, n));
        }
        if left > n {
            beyond.push(format!("{} of {} at {}", left - n, l.sku, l.place));
        }
        leaves.push((SpotNo::from(place), left));
        leaves.sort_by_key(|(spot, _)| *spot);
        leaves.dedup_by(|b, a| {
            let same = a.0 == b.0;
            a.1 += if same { b.1 } else { 0 };
            same
        });
        for (spot, n) in leaves.into_iter().filter(|(_, n)| *n > 0) {
            let applied = desk.move_units(&l.sku, spot, -n, at)?;
            let name = desk.spot_name(&l.sku, spot)?;
            corrected.push((l.sku.as_str(), name.clone(), applied.change + n, applied.contained));
            lines.push((l.line.clone(), l.sku.clone(), name, n));
        }
    }
    desk.order(&ship.order)?.shipments.push(ship.shipment.clone());
    let fact = facts::Shipped {
        order: &ship.order,
        shipment: &ship.shipment,
        lines: facts::lines(&lines),
        ended: (ended != lines).then(|| facts::lines(&ended)),
        waited,
    };
    desk.out.fact("stock.shipped", &fact)?;
    let moves = lines.iter().map(|(_, sku, place, quantity)| Moved { place, sku, quantity: *quantity });
    let entry = desk.posting(&ship.order, at).shipped(moves);
    desk.out.post(entry)?;
    for contained in [true, false] {
        let memo = if contained { "known_before" } else { "found_by_shipment" };
        let some = corrected.iter().filter(|(_, _, n, c)| *n != 0 && *c == contained);
        let moves = some.map(|(sku, place, quantity, _)| Moved { place, sku, quantity: *quantity });
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
