//! The rules of stock: S1, S2, S4, S5, S6. All quantities are base units.

use super::{Breach, Check};
use std::collections::BTreeMap;

/// What a place has of a SKU.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PositionFacts {
    pub sku: String,
    pub place: String,
    pub on_hand: i64,
    /// Reserved units that are there.
    pub reserved: i64,
    /// Reservations that a count or a report took the units from: they stand as a shortage exception.
    pub short: i64,
    /// Units held back from sale.
    pub safety: i64,
    /// What was shown as available, where that is known.
    pub shown: Option<i64>,
}

impl PositionFacts {
    fn about(&self) -> String {
        format!("{} at {}", self.sku, self.place)
    }
}

/// S1: `0 ≤ reserved ≤ on_hand`, and what is shown is neither negative nor more than on hand less reserved
/// less safety stock.
#[must_use]
pub fn s1(facts: &PositionFacts) -> Vec<Breach> {
    let mut check = Check::new("S1", facts.about());
    check.that(facts.reserved >= 0 && facts.short >= 0, || {
        format!("reserved is {}, short {}", facts.reserved, facts.short)
    });
    check.that(facts.reserved <= facts.on_hand, || {
        format!("{} reserved of {} on hand", facts.reserved, facts.on_hand)
    });
    if let Some(shown) = facts.shown {
        let available = facts.on_hand.saturating_sub(facts.reserved).saturating_sub(facts.safety).max(0);
        check.that(shown == available, || format!("{shown} shown as available, {available} are"));
    }
    check.done()
}

/// An open reservation: units of a place that belong to an order line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReservationFacts {
    pub order: String,
    pub line: String,
    pub sku: String,
    pub place: String,
    pub quantity: i64,
}

/// S2: the open reservations of each position add up to what it has reserved and short, and none is of nothing.
#[must_use]
pub fn s2(positions: &[PositionFacts], reservations: &[ReservationFacts]) -> Vec<Breach> {
    let mut sums: BTreeMap<(&str, &str), i128> = BTreeMap::new();
    let mut found = Vec::new();
    for r in reservations {
        let mut check =
            Check::new("S2", format!("order {} line {}: {} at {}", r.order, r.line, r.sku, r.place));
        check.that(r.quantity > 0, || format!("a reservation of {}", r.quantity));
        found.append(&mut check.done());
        *sums.entry((&r.sku, &r.place)).or_default() += i128::from(r.quantity);
    }
    for p in positions {
        let mut check = Check::new("S2", p.about());
        let sum = sums.remove(&(p.sku.as_str(), p.place.as_str())).unwrap_or(0);
        check.that(sum == i128::from(p.reserved) + i128::from(p.short), || {
            format!("open reservations add up to {sum}, {} are reserved and {} short", p.reserved, p.short)
        });
        found.append(&mut check.done());
    }
    for ((sku, place), sum) in sums {
        let mut check = Check::new("S2", format!("{sku} at {place}"));
        check.that(sum == 0, || format!("{sum} reserved where there is no position"));
        found.append(&mut check.done());
    }
    found
}

/// All that was ever reserved for an order line at a place, and how it ended.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EndingFacts {
    pub order: String,
    pub line: String,
    pub place: String,
    pub reserved: i64,
    pub shipped: i64,
    /// Released, expired, or found missing.
    pub released: i64,
    pub open: i64,
}

/// S4: a reservation ends once.
#[must_use]
pub fn s4(facts: &EndingFacts) -> Vec<Breach> {
    let f = facts;
    let mut check = Check::new("S4", format!("order {} line {} at {}", f.order, f.line, f.place));
    let parts = [f.shipped, f.released, f.open];
    check.that(parts.iter().all(|n| *n >= 0), || format!("a part is negative: {parts:?}"));
    let ended: i128 = parts.iter().map(|n| i128::from(*n)).sum();
    check.that(ended == i128::from(f.reserved), || {
        format!(
            "{} reserved, but {} shipped + {} released + {} open",
            f.reserved, f.shipped, f.released, f.open
        )
    });
    check.done()
}

/// Units of a receipt line and where they stand now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReceivedBackFacts {
    pub rma: String,
    pub line: String,
    pub received: i64,
    /// Not disposed of yet.
    pub undecided: i64,
    /// (disposition, units), interim ones included.
    pub disposed: Vec<(String, i64)>,
}

/// S5: every unit received back has exactly one current disposition, or is still undecided.
#[must_use]
pub fn s5(facts: &ReceivedBackFacts) -> Vec<Breach> {
    let mut check = Check::new("S5", format!("return {} line {}", facts.rma, facts.line));
    let negative = facts.undecided < 0 || facts.disposed.iter().any(|(_, n)| *n < 0);
    check.that(!negative, || {
        format!("a count is negative: {} undecided, {:?}", facts.undecided, facts.disposed)
    });
    let sum: i128 =
        i128::from(facts.undecided) + facts.disposed.iter().map(|(_, n)| i128::from(*n)).sum::<i128>();
    check.that(sum == i128::from(facts.received), || {
        format!("{} received, but {} undecided and {:?}", facts.received, facts.undecided, facts.disposed)
    });
    check.done()
}

/// What moved at a place, by cause.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MovementFacts {
    pub sku: String,
    pub place: String,
    pub opening: i64,
    pub receipts: i64,
    pub restocks: i64,
    pub shipments: i64,
    /// In, less out.
    pub transfers: i64,
    /// Counts, adjustments and units found missing: signed.
    pub adjustments: i64,
    pub on_hand: i64,
}

/// S6: what is on hand is what came, less what went.
#[must_use]
pub fn s6(facts: &MovementFacts) -> Vec<Breach> {
    let f = facts;
    let mut check = Check::new("S6", format!("{} at {}", f.sku, f.place));
    let came: i128 =
        [f.opening, f.receipts, f.restocks, f.transfers, f.adjustments].iter().map(|n| i128::from(*n)).sum();
    let due = came - i128::from(f.shipments);
    check.that(due == i128::from(f.on_hand), || {
        format!(
            "{} on hand, but opening {} + receipts {} + restocks {} - shipments {} + transfers {} + adjustments {} = {due}",
            f.on_hand, f.opening, f.receipts, f.restocks, f.shipments, f.transfers, f.adjustments
        )
    });
    check.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(on_hand: i64, reserved: i64) -> PositionFacts {
        PositionFacts {
            sku: "A".into(),
            place: "north".into(),
            on_hand,
            reserved,
            short: 0,
            safety: 2,
            shown: None,
        }
    }

    #[test]
    fn never_more_reserved_than_there_is_and_never_less_than_nothing_shown() {
        assert_eq!(s1(&position(5, 5)), []);
        assert_eq!(s1(&position(5, 6)).len(), 1);
        assert_eq!(s1(&position(5, -1)).len(), 1);
        assert_eq!(s1(&PositionFacts { shown: Some(0), ..position(5, 4) }), []);
        assert_eq!(s1(&PositionFacts { shown: Some(1), ..position(5, 4) }).len(), 1);
        assert_eq!(s1(&PositionFacts { shown: Some(-1), ..position(5, 4) }).len(), 1);
    }

    #[test]
    fn reservations_add_up_at_their_place() {
        let r = |place: &str, quantity| ReservationFacts {
            order: "shop-1".into(),
            line: "1".into(),
            sku: "A".into(),
            place: place.into(),
            quantity,
        };
        assert_eq!(s2(&[position(5, 3)], &[r("north", 1), r("north", 2)]), []);
        let short = PositionFacts { short: 1, ..position(3, 3) };
        assert_eq!(s2(std::slice::from_ref(&short), &[r("north", 4)]), []);
        assert_eq!(s2(&[short], &[r("north", 3)]).len(), 1);
        assert_eq!(s2(&[position(5, 3)], &[r("north", 1)]).len(), 1);
        assert_eq!(s2(&[position(5, 0)], &[r("south", 1)]).len(), 1);
        assert_eq!(s2(&[position(5, 1)], &[r("north", 1), r("north", 0)]).len(), 1);
    }

    #[test]
    fn a_reservation_ends_once() {
        let facts = EndingFacts { reserved: 3, shipped: 1, released: 1, open: 1, ..EndingFacts::default() };
        assert_eq!(s4(&facts), []);
        assert_eq!(s4(&EndingFacts { shipped: 2, ..facts.clone() }).len(), 1);
        assert_eq!(s4(&EndingFacts { shipped: 3, open: -1, ..facts }).len(), 1);
    }

    #[test]
    fn units_received_back_are_in_one_place_each() {
        let facts = ReceivedBackFacts {
            received: 3,
            undecided: 1,
            disposed: vec![("restock".into(), 1), ("quarantine".into(), 1)],
            ..ReceivedBackFacts::default()
        };
        assert_eq!(s5(&facts), []);
        assert_eq!(s5(&ReceivedBackFacts { received: 2, ..facts.clone() }).len(), 1);
        assert_eq!(s5(&ReceivedBackFacts { undecided: -1, received: 1, ..facts.clone() }).len(), 1);
        let none = ReceivedBackFacts { received: 0, undecided: 0, ..facts.clone() };
        assert_eq!(s5(&ReceivedBackFacts { disposed: vec![("restock".into(), 0)], ..none.clone() }), []);
        let below = vec![("restock".into(), 1), ("quarantine".into(), -1)];
        assert_eq!(s5(&ReceivedBackFacts { disposed: below, ..none }).len(), 1);
    }

    #[test]
    fn on_hand_has_a_cause() {
        let facts = MovementFacts {
            opening: 10,
            receipts: 5,
            restocks: 1,
            shipments: 4,
            transfers: -2,
            adjustments: -1,
            on_hand: 9,
            ..MovementFacts::default()
        };
        assert_eq!(s6(&facts), []);
        assert_eq!(s6(&MovementFacts { on_hand: 10, ..facts }).len(), 1);
    }
}
