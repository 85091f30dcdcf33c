//! How values stand in columns of a database, the same in both.

use crate::check::LARGEST;
use hub::batch::{CommandState, Part, ReceivedState};
use retail::time::Time;

/// Partition and number in one row id: a table keyed by it is in order of arrival per partition, and
/// new rows go to its right-hand edge.
pub(crate) fn key(part: Part, number: u64) -> i64 {
    (i64::from(part) << 47) | number.min(LARGEST).cast_signed()
}

/// The number in a [`key`].
pub(crate) const fn number(key: i64) -> u64 {
    key.cast_unsigned() & LARGEST
}

/// The partition in a [`key`].
pub(crate) fn part_of(key: i64) -> Part {
    Part::try_from(key >> 47).unwrap_or(Part::MAX)
}

/// A number as a database keeps it. Numbers of a well-formed batch are far below 2^63.
pub(crate) const fn int(n: u64) -> i64 {
    n.cast_signed()
}

/// Whether a case is in progress (1) and wants to be woken (2); NULL for neither, so that a partial index holds
/// only the cases that still matter.
pub(crate) fn live(open: bool, due: Option<Time>) -> Option<i64> {
    match i64::from(open) + 2 * i64::from(due.is_some()) {
        0 => None,
        bits => Some(bits),
    }
}

/// A command's state and its time.
pub(crate) const fn state_code(state: CommandState) -> (i64, Option<i64>) {
    match state {
        CommandState::Queued => (0, None),
        CommandState::Marked => (1, None),
        CommandState::Unknown { since } => (2, Some(since.0)),
        CommandState::Accepted { until } => (3, Some(until.0)),
        CommandState::Parked => (4, None),
    }
}

pub(crate) const fn state_of(code: i64, time: Option<i64>) -> Option<CommandState> {
    Some(match (code, time) {
        (0, None) => CommandState::Queued,
        (1, None) => CommandState::Marked,
        (2, Some(t)) => CommandState::Unknown { since: Time(t) },
        (3, Some(t)) => CommandState::Accepted { until: Time(t) },
        (4, None) => CommandState::Parked,
        _ => return None,
    })
}

pub(crate) const fn received_of(code: Option<i64>) -> Option<ReceivedState> {
    Some(match code {
        None => ReceivedState::Decided,
        Some(0) => ReceivedState::Waiting,
        Some(2) => ReceivedState::Parked,
        Some(_) => return None,
    })
}
