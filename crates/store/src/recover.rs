//! What all backends do alike when a partition changes hands.

use crate::{Scanned, StoreError};
use hub::batch::{Part, Recovered};
use retail::time::Time;

/// Puts a scanned row where a new owner looks for it.
pub(crate) fn put(found: &mut Recovered, row: Scanned) {
    match row {
        Scanned::Outbox(row) => found.outbox.push(*row),
        Scanned::Timer { due, name, .. } => found.timers.push((due, name)),
        Scanned::Mark { from, pos } => found.marks.push((from, pos)),
        Scanned::Received(row) => found.waiting.push(row),
        // Not scanned for by a recovery.
        Scanned::Journal(_)
        | Scanned::Mail(_)
        | Scanned::Case(_)
        | Scanned::Exception { .. }
        | Scanned::Balance { .. }
        | Scanned::Row { .. }
        | Scanned::Seen { .. } => {}
    }
}

/// The refusal of a claim, the same in every backend.
pub(crate) fn lease_held(part: Part, owner: &str, until: Time, place: &str) -> StoreError {
    StoreError::new(
        "lease_held",
        format!("node {owner} owns partition {part} until {until}"),
        place,
        "wait until then, or stop that node",
    )
}
