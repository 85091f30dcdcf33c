//! Cases as people and programs outside see them.

use crate::{Policy, State, difference, order, refund, returns};
use retail::envelope::Name;
use serde_json::{Value, json};

/// The public picture of a case: statuses, lines with their counters (with `returnable` and `awaiting_shipment`),
/// amounts in minor units, documents, credits, outstanding commands.
#[must_use]
pub fn show(policy: &Policy, name: &Name, state: &State) -> Value {
    match state {
        State::Order(s) => order::show(&name.value, s),
        State::Return(s) => returns::show(&name.value, &policy.returns, s),
        State::Refund(s) => refund::show(&name.value, s),
        State::Difference(s) => difference::show(&name.value, s),
        State::Pool(s) => json!({"pool": name.value, "places": s.places, "publications": s.seq}),
    }
}

/// Units of each line of an order that may still be given back: (line, units). Empty for other cases.
#[must_use]
pub fn returnable(state: &State) -> Vec<(String, i64)> {
    match state {
        State::Order(s) => order::returnable(s),
        _ => Vec::new(),
    }
}

/// A case's status in one word, as the transition tables call it.
#[must_use]
pub fn status(policy: &Policy, state: &State) -> &'static str {
    match state {
        State::Order(s) => order::status(s).code(),
        State::Return(s) => returns::statuses(&policy.returns, s).customer.code(),
        State::Refund(s) => s.body.phase.code(),
        State::Pool(_) => "open",
        State::Difference(s) => s.standing.code(),
    }
}
