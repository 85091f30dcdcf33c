//! A pool's rows as the plain facts that [`books::rules`] checks.

use super::policy::StockPolicy;
use super::state::{OrderRow, Position, State};
use books::rules::{PositionFacts, ReservationFacts};

/// What each place has of a SKU, for the rules S1 and S2.
#[must_use]
pub fn positions(policy: &StockPolicy, state: &State, sku: &str, position: &Position) -> Vec<PositionFacts> {
    let facts = |at: &super::state::At| {
        let place = state.place_name(at.place);
        let safety = policy.places.iter().find(|r| r.place == place).map_or(0, |r| r.safety);
        PositionFacts {
            sku: sku.to_owned(),
            place: place.to_owned(),
            on_hand: at.on_hand(),
            reserved: at.reserved(),
            short: at.excess(),
            safety,
            shown: Some(at.free(safety)),
        }
    };
    position.at.iter().map(facts).collect()
}

/// An order's open reservations, for the rule S2.
#[must_use]
pub fn reservations(state: &State, order: &str, row: &OrderRow) -> Vec<ReservationFacts> {
    let facts = |(line, sku, place, quantity): &(String, String, u16, i64)| ReservationFacts {
        order: order.to_owned(),
        line: line.clone(),
        sku: sku.clone(),
        place: state.place_name(*place).to_owned(),
        quantity: *quantity,
    };
    row.held.iter().map(facts).collect()
}

/// Units of a SKU that can be promised, over all places of the pool.
#[must_use]
pub fn available(policy: &StockPolicy, state: &State, position: &Position) -> i64 {
    let free =
        policy.places.iter().filter_map(|r| Some(position.place(state.place(&r.place)?).free(r.safety)));
    free.fold(0, i64::saturating_add)
}
