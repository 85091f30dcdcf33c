//! What is stored, as either store is read, and why it could not be.

use crate::posts::ReceivedState;
use crate::rules::{self, Rule};
use crate::unpack::unpack;
use crate::verifier::{Case, Head, Verifier};
use serde::Deserialize;
use std::fmt;

/// The version of the tables that are read here, in both stores.
pub(crate) const VERSION: i64 = 2;

/// The number in a row's id; what is above it is the partition.
const NUMBER: i64 = 0x7FFF_FFFF_FFFF;

/// Why a store could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// SQLite says so of this file.
    Sqlite(String, rusqlite::Error),
    /// PostgreSQL says so of this place.
    Postgres(String, postgres::Error),
    /// A value in this table does not read.
    Value(&'static str, String),
    /// The store is there and of another version, or of another program.
    Foreign(String, i64),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file, e) => {
                write!(f, "{file} cannot be read: {e}; name the folder that the hub was started with")
            }
            Self::Postgres(place, e) => {
                let said = e.as_db_error().map_or_else(|| e.to_string(), |said| said.message().to_owned());
                write!(f, "{place} cannot be read: {said}; name the store that the hub was started with")
            }
            Self::Value(table, why) => {
                write!(f, "a value in table {table} does not read: {why}; restore a backup")
            }
            Self::Foreign(file, version) => {
                write!(
                    f,
                    "{file} has tables of version {version}, and version {VERSION} is known; use the hub's own release"
                )
            }
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Sqlite(_, e) => Some(e),
            Self::Postgres(_, e) => Some(e),
            Self::Value(..) | Self::Foreign(..) => None,
        }
    }
}

/// One thing that is stored.
pub(crate) enum Item<'a> {
    Head(Head),
    Journal {
        part: u16,
        pos: u64,
        case: u64,
        prev: u64,
        at: i64,
        body: &'a [u8],
    },
    Case(Case<'a>),
    Balance {
        account: &'a str,
        unit: &'a str,
        amount: i64,
    },
    Row {
        part: u16,
        case: u64,
        key: &'a str,
        body: &'a [u8],
    },
    Outbox {
        part: u16,
        id: u64,
        key: &'a str,
    },
    Received {
        part: u16,
        pos: u64,
        state: ReceivedState,
    },
    Seen {
        part: u16,
        case: u64,
        pos: u64,
    },
    Mail {
        from_part: u16,
        pos: u64,
    },
    Exception {
        about: &'a str,
        code: &'a str,
        open: bool,
    },
    /// So many things were held against this rule.
    Checked {
        rule: Rule,
        rows: u64,
    },
    /// What the heads say that is left in a table, and what is there.
    Total {
        table: &'static str,
        kept: u64,
        found: u64,
    },
    /// Something of this table that is not as it was written, by which rule, and why.
    Damaged {
        rule: Rule,
        table: &'static str,
        row: &'a str,
        why: &'a str,
    },
}

/// Hands one thing over to a verifier.
pub(crate) fn feed(verifier: &mut Verifier, item: Item<'_>) {
    match item {
        Item::Head(head) => verifier.head(head),
        Item::Journal { part, pos, case, prev, at, body } => {
            verifier.journal_row(part, pos, case, prev, at, body)
        }
        Item::Case(case) => verifier.case(case),
        Item::Balance { account, unit, amount } => verifier.balance(account, unit, amount),
        Item::Row { part, case, key, body } => verifier.stock_row(part, case, key, body),
        Item::Outbox { part, id, key } => verifier.outbox(part, id, key),
        Item::Received { part, pos, state } => verifier.received(part, pos, state),
        Item::Seen { part, case, pos } => verifier.seen(part, case, pos),
        Item::Mail { from_part, pos } => verifier.mail(from_part, pos),
        Item::Checked { rule, rows } => verifier.checked(rule, rows),
        Item::Total { table, kept, found } => verifier.total(table, kept, found),
        Item::Damaged { rule, table, row, why } => verifier.damaged(rule, table, row, why),
        Item::Exception { about, code, open } => verifier.exception(about, code, open),
    }
}

/// A command in the outbox: the case's name, then the command.
#[derive(Deserialize)]
struct Waiting(serde::de::IgnoredAny, Keyed);

#[derive(Deserialize)]
struct Keyed {
    key: String,
}

/// A body as it stood, unpacked. One that is not as it was written is told, and handed on as it stands, so that it is
/// found wanting where it is read as well.
pub(crate) fn body(
    stored: &[u8],
    (table, row): (&'static str, &dyn fmt::Display),
    take: &mut dyn FnMut(Item<'_>),
) -> Vec<u8> {
    unpack(stored).unwrap_or_else(|why| {
        take(Item::Damaged { rule: rules::STORE_BODY, table, row: &row.to_string(), why: &why });
        stored.to_vec()
    })
}

/// Partition and number of a row's id.
pub(crate) fn split(id: i64) -> (u16, u64) {
    (u16::try_from(id >> 47).unwrap_or(u16::MAX), (id & NUMBER).cast_unsigned())
}

/// The key of a command in the outbox, from its unpacked body.
///
/// # Errors
/// When it is no command.
pub(crate) fn key_of(part: u16, id: u64, body: &[u8]) -> Result<String, ReadError> {
    let Waiting(_, command) = serde_json::from_slice(body)
        .map_err(|e| ReadError::Value("outbox", format!("command {part}/{id}: {e}")))?;
    Ok(command.key)
}

/// How far a received message has come, by the row that says that it is not decided.
pub(crate) const fn state_of(unsettled: Option<i64>) -> ReceivedState {
    match unsettled {
        None => ReceivedState::Decided,
        Some(0) => ReceivedState::Waiting,
        Some(_) => ReceivedState::Parked,
    }
}
