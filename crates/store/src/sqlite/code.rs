//! Columns as SQLite gives them, and what it says when it fails.

use crate::row::{self, Cell, Summing};
use crate::totals::Table;
use crate::{StoreError, pack};
use hub::batch::Digest;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Type, ValueRef};
use rusqlite::{Error, ErrorCode, Result as Sql, Row};

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

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> Sql<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// So many columns of a row, from that one on.
pub(super) fn cells<'r>(r: &'r Row<'_>, from: usize, n: usize) -> Sql<row::Row<'r>> {
    let cell = |column| {
        Ok(match r.get_ref(column)? {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(n) => n.into(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
            ValueRef::Blob(bytes) => bytes.into(),
            ValueRef::Real(_) => return Err(unreadable("a number that is no integer".to_owned())),
        })
    };
    (from..from + n).map(cell).collect()
}

/// Holds a row, read whole from that column on, against the sum behind its `n` columns.
///
/// # Errors
/// When it is not as it was written.
pub(super) fn check(r: &Row<'_>, table: &str, from: usize, n: usize) -> Sql<()> {
    let Some(stored) = r.get::<_, Option<i64>>(from + n)? else { return Ok(()) };
    let mut sum = Summing::new(table);
    for column in from..from + n {
        match r.get_ref(column)? {
            ValueRef::Null => sum.null(),
            ValueRef::Integer(n) => sum.int(n),
            ValueRef::Text(text) => sum.text(std::str::from_utf8(text)?),
            ValueRef::Blob(bytes) => sum.blob(bytes),
            ValueRef::Real(_) => return Err(unreadable(row::damaged(table))),
        }
    }
    if sum.done() == stored { Ok(()) } else { Err(unreadable(row::damaged(table))) }
}

/// [`check`] of a row that was selected with all columns of its table and nothing else.
pub(super) fn checked<'r, 's>(r: &'r Row<'s>, table: Table, n: usize) -> Sql<&'r Row<'s>> {
    check(r, table.name(), 0, n).map(|()| r)
}

/// A column that cannot be what it says, in the terms of the database crate.
pub(super) fn unreadable(what: String) -> Error {
    Error::FromSqlConversionFailure(0, Type::Blob, what.into())
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
