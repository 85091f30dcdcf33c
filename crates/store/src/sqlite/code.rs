//! How values stand in columns.

use crate::check::LARGEST;
use crate::{StoreError, pack};
use hub::batch::{CommandState, Digest, Part, ReceivedState};
use retail::time::Time;
use rusqlite::ErrorCode;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};

/// Partition and number in one row id: a table keyed by it is a plain SQLite table in order of arrival per
/// partition, which holds large bodies better than a table without row ids and appends without searching.
pub(super) fn key(part: Part, number: u64) -> i64 {
    (i64::from(part) << 47) | number.min(LARGEST).cast_signed()
}

/// The number in a [`key`].
pub(super) const fn number(key: i64) -> u64 {
    key.cast_unsigned() & LARGEST
}

/// The partition in a [`key`].
pub(super) fn part_of(key: i64) -> Part {
    Part::try_from(key >> 47).unwrap_or(Part::MAX)
}

/// A number as SQLite keeps it. Numbers of a well-formed batch are far below 2^63.
pub(super) const fn int(n: u64) -> i64 {
    n.cast_signed()
}

/// Whether a case is in progress (1) and wants to be woken (2); NULL for neither, so that a partial index holds
/// only the cases that still matter.
pub(super) fn live(open: bool, due: Option<Time>) -> Option<i64> {
    match i64::from(open) + 2 * i64::from(due.is_some()) {
        0 => None,
        bits => Some(bits),
    }
}

/// A command's state and its time.
pub(super) const fn state_code(state: CommandState) -> (i64, Option<i64>) {
    match state {
        CommandState::Queued => (0, None),
        CommandState::Marked => (1, None),
        CommandState::Unknown { since } => (2, Some(since.0)),
        CommandState::Accepted { until } => (3, Some(until.0)),
        CommandState::Parked => (4, None),
    }
}

pub(super) const fn state_of(code: i64, time: Option<i64>) -> Option<CommandState> {
    Some(match (code, time) {
        (0, None) => CommandState::Queued,
        (1, None) => CommandState::Marked,
        (2, Some(t)) => CommandState::Unknown { since: Time(t) },
        (3, Some(t)) => CommandState::Accepted { until: Time(t) },
        (4, None) => CommandState::Parked,
        _ => return None,
    })
}

pub(super) const fn received_of(code: Option<i64>) -> Option<ReceivedState> {
    Some(match code {
        None => ReceivedState::Decided,
        Some(0) => ReceivedState::Waiting,
        Some(2) => ReceivedState::Parked,
        Some(_) => return None,
    })
}

/// A body column: unpacked while it is read.
pub(super) struct Body(pub Vec<u8>);

impl FromSql for Body {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        pack::unpack(value.as_blob()?).map(Self).map_err(|e| FromSqlError::Other(e.into()))
    }
}

/// A digest column.
pub(super) struct Hash16(pub Digest);

impl FromSql for Hash16 {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let blob = value.as_blob()?;
        Digest::try_from(blob)
            .map(Self)
            .map_err(|_| FromSqlError::InvalidBlobSize { expected_size: 16, blob_size: blob.len() })
    }
}

/// What SQLite says, as a [`StoreError`].
pub(super) fn failed(what: &str, place: &str, e: &rusqlite::Error) -> StoreError {
    let said = format!("{what}: {e}");
    let (code, remedy) = match e.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => ("full", "free space on that volume; the hub goes on by itself"),
        Some(ErrorCode::SystemIoFailure) => {
            ("io", "look at the system's log for that volume; the hub tries again")
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            ("io", "give the hub's user the right to read and write that folder")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            ("busy", "end the other program that holds the file locked, such as an open sqlite3 shell")
        }
        Some(ErrorCode::NotADatabase) => ("foreign", "choose a folder that holds no other file of that name"),
        Some(ErrorCode::DatabaseCorrupt) => return StoreError::damaged(said, place),
        Some(_) => ("failed", "report this with the text above: the hub and its store disagree"),
        // Not from SQLite but from a column that did not read.
        None => return StoreError::damaged(said, place),
    };
    StoreError::new(code, said, place, remedy)
}
