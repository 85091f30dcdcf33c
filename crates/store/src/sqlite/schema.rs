//! The tables, and how an older file becomes one of today.
//!
//! What shapes them: integer keys in order of arrival, so that nearly every write goes to the right-hand edge of
//! a table and the pages that a group of turns makes dirty are few; no index that recovery, a turn or `trace`
//! does not need; what changes often (`cases`, `unsettled`) apart from what is written once (`doc`, `received`).
//! `id` is partition and number in one: `id >> 47` is the partition, and the columns `part` and `pos` of a
//! table are computed from it for people who look with a shell; they take no space.

use super::code::failed;
use crate::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::collections::BTreeMap;

/// Marks the file as Crossdock's ("XDOK") in SQLite's own header field.
pub(super) const APPLICATION: i32 = 0x5844_4F4B;

/// Entry n makes version n + 1 out of version n; `PRAGMA user_version` says how many were applied. A released
/// entry is never edited, only followed by another.
const STEPS: &[&str] = &[include_str!("schema_1.sql"), include_str!("schema_2.sql")];

/// The version that this release writes.
pub(super) fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// Brings the file to [`newest`], each step in a transaction of its own.
///
/// # Errors
/// `foreign` for another program's file, `too_new` for a later release's, and whatever SQLite says.
pub(super) fn migrate(db: &mut Connection, place: &str) -> Result<(), StoreError> {
    let fail = |e: rusqlite::Error| failed("bringing the tables up to date", place, &e);
    let version = check(db, place, true)?;
    for (n, step) in STEPS.iter().enumerate().skip(usize::try_from(version).unwrap_or(usize::MAX)) {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        tx.execute_batch(step).map_err(fail)?;
        tx.pragma_update(None, "application_id", APPLICATION).map_err(fail)?;
        tx.pragma_update(None, "user_version", i64::try_from(n + 1).unwrap_or(i64::MAX)).map_err(fail)?;
        tx.commit().map_err(fail)?;
    }
    let (ours, theirs) = (texts(&made().map_err(fail)?).map_err(fail)?, texts(db).map_err(fail)?);
    match ours.iter().find(|(name, text)| theirs.get(*name) != Some(text)) {
        None => Ok(()),
        Some((name, _)) => {
            Err(StoreError::damaged(format!("`{name}` is not defined as this release defines it"), place))
        }
    }
}

/// The tables as this release makes them, in memory.
fn made() -> rusqlite::Result<Connection> {
    let db = Connection::open_in_memory()?;
    STEPS.iter().try_for_each(|step| db.execute_batch(step)).map(|()| db)
}

/// How tables and indexes are defined. A definition is text in the file, and a byte of it that has changed can still
/// read: as another rule.
fn texts(db: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    db.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")?
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect()
}

/// The file's version, after making sure that it is one of ours and not newer than this release. An empty file
/// is ours where `may_be_empty`.
///
/// # Errors
/// As [`migrate`].
pub(super) fn check(db: &Connection, place: &str, may_be_empty: bool) -> Result<i64, StoreError> {
    let read = |what: &str| -> Result<i64, StoreError> {
        db.pragma_query_value(None, what, |r| r.get(0))
            .map_err(|e| failed("reading the file's version", place, &e))
    };
    let (application, version, pages) = (read("application_id")?, read("user_version")?, read("page_count")?);
    if application == i64::from(APPLICATION) && (1..=newest()).contains(&version) {
        Ok(version)
    } else if application == i64::from(APPLICATION) {
        Err(StoreError::new(
            "too_new",
            format!("the file has version {version} and this release knows up to {}", newest()),
            place,
            "run the release that wrote it, or a later one; a file cannot go back",
        ))
    } else if pages <= 1 && may_be_empty {
        Ok(0)
    } else {
        Err(StoreError::new(
            "foreign",
            "the file belongs to another program",
            place,
            "choose a folder that holds no other file of that name",
        ))
    }
}
