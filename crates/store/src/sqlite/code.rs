//! Columns as SQLite gives them, and what it says when it fails.

use crate::{StoreError, pack};
use hub::batch::Digest;
use rusqlite::ErrorCode;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};

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
