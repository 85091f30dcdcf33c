//! A pool's rows as the plain facts that [`books::rules`] checks.

use super::policy::StockPolicy;
use super::shelf;
use super::spot::{self, PlaceNo, SpotNo, place_of};
use super::state::{OrderRow, Position, State};
use books::rules::{PositionFacts, ReservationFacts};

/// What each place has of a SKU, for the rules S1 and S2.
#[must_use]
pub fn positions(policy: &StockPolicy, state: &State, sku: &str, position: &Position) -> Vec<PositionFacts> {
    let preference = preference(policy, state);
    let free = shelf::free(policy, &preference, sku, position);
    let facts = |at: &super::state::At| {
        let place = state.place_name(place_of(at.spot));
        let rule = policy.places.iter().find(|r| r.place == place);
        // What a place keeps back is kept of all kinds together: where there are several, none has a figure of its own.
        let alone = position.at.iter().filter(|a| place_of(a.spot) == place_of(at.spot)).count() == 1;
        let plain = at.spot == SpotNo::from(place_of(at.spot));
        let shown = free.iter().find(|f| f.0 == at.spot).map_or(0, |f| f.1);
        PositionFacts {
            sku: sku.to_owned(),
            place: spot::name(place, position.tag(at.spot)),
            on_hand: at.on_hand(),
            reserved: at.reserved(),
            short: at.excess(),
            safety: rule.map_or(0, |rule| policy.safety(rule, sku, &position.category)),
            shown: (alone && plain && rule.is_some()).then_some(shown),
        }
    };
    position.at.iter().map(facts).collect()
}

/// An order's open reservations, for the rule S2; the positions name the kinds of their spots.
#[must_use]
pub fn reservations<'p>(
    state: &State,
    order: &str,
    row: &OrderRow,
    position: impl Fn(&str) -> Option<&'p Position>,
) -> Vec<ReservationFacts> {
    let facts = |(line, sku, at, quantity): &(String, String, SpotNo, i64)| ReservationFacts {
        order: order.to_owned(),
        line: line.clone(),
        sku: sku.clone(),
        place: spot::name(state.place_name(place_of(*at)), position(sku).map_or("", |p| p.tag(*at))),
        quantity: *quantity,
    };
    row.held.iter().map(facts).collect()
}

fn preference(policy: &StockPolicy, state: &State) -> Vec<PlaceNo> {
    // A place that the head does not know yet has nothing; the number is one that no place has.
    policy.places.iter().map(|rule| state.place(&rule.place).unwrap_or(PlaceNo::MAX)).collect()
}

/// Units of a SKU that can be promised, over all places of the pool.
#[must_use]
pub fn available(policy: &StockPolicy, state: &State, sku: &str, position: &Position) -> i64 {
    shelf::sum(&shelf::free(policy, &preference(policy, state), sku, position))
}

/// Units of a SKU that one channel may have.
#[must_use]
pub fn available_to(
    policy: &StockPolicy,
    state: &State,
    (sku, position): (&str, &Position),
    channel: &str,
) -> i64 {
    shelf::ceiling(policy, position, available(policy, state, sku, position), channel)
}
