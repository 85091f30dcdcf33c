//! The database file in a folder.

use super::code::failed;
use super::schema;
use crate::{FolderLock, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The database's file name in the folder.
pub const FILE: &str = "crossdock.db";

/// 4 KB as most file systems: a commit writes whole pages, and a group of turns touches few places, so that
/// larger pages write more bytes for the same rows.
const PAGE: u32 = 4096;
/// The writer keeps 64 MB of pages: the right-hand edges of all tables and the names of some hundred thousand
/// cases. A hub has 300 MB in all.
const WRITER_CACHE_KB: i64 = 64 * 1024;
/// A reader of a hub reads what was just written or what a person asks for.
const READER_CACHE_KB: i64 = 16 * 1024;
/// The log is folded into the file each 32 MB: a page written by many commits is then copied and synced once.
/// More would lengthen the longest commit and the start after a crash.
const CHECKPOINT_PAGES: u32 = 8192;
/// The log file is cut back to this after it was larger, in bytes.
const LOG_KEPT: i64 = 64 * 1024 * 1024;
/// Only a foreign program, such as a shell, can hold the file locked.
const PATIENCE: Duration = Duration::from_secs(5);

/// The writer's connection and its lock.
pub(super) fn open_writer(dir: &Path) -> Result<(Connection, FolderLock, PathBuf), StoreError> {
    let lock = FolderLock::take(dir)?;
    let file = dir.join(FILE);
    let place = file.display().to_string();
    let fail = |e: rusqlite::Error| failed("opening the store", &place, &e);
    let mut db = Connection::open(&file).map_err(fail)?;
    schema::check(&db, &place, true)?;
    db.busy_timeout(PATIENCE).map_err(fail)?;
    // The page size counts only before the first page exists, so it goes before the log mode.
    db.pragma_update(None, "page_size", PAGE).map_err(fail)?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |r| r.get(0)).map_err(fail)?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(StoreError::new(
            "io",
            format!("SQLite keeps journal mode {mode} where WAL is needed"),
            place,
            "use a local volume: network file systems lack the shared memory that WAL needs",
        ));
    }
    // FULL: one fsync of the log per commit. With NORMAL a power cut loses commits that were answered.
    db.pragma_update(None, "synchronous", "FULL").map_err(fail)?;
    // On macOS a plain fsync does not reach the disk.
    db.pragma_update(None, "fullfsync", true).map_err(fail)?;
    db.pragma_update(None, "checkpoint_fullfsync", true).map_err(fail)?;
    db.pragma_update(None, "cache_size", -WRITER_CACHE_KB).map_err(fail)?;
    db.pragma_update(None, "temp_store", "MEMORY").map_err(fail)?;
    db.pragma_update(None, "trusted_schema", false).map_err(fail)?;
    db.pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(())).map_err(fail)?;
    db.pragma_update_and_check(None, "journal_size_limit", LOG_KEPT, |_| Ok(())).map_err(fail)?;
    prepare_once(&db).map_err(fail)?;
    schema::migrate(&mut db, &place)?;
    Ok((db, lock, file))
}

/// A reader's connection; the folder must hold a store.
pub(super) fn open_reader(dir: &Path) -> Result<(Connection, PathBuf), StoreError> {
    let file = dir.join(FILE);
    let place = file.display().to_string();
    if !file.exists() {
        return Err(StoreError::new(
            "missing",
            "there is no store",
            place,
            "name the folder that the hub was started with (--data)",
        ));
    }
    let fail = |e: rusqlite::Error| failed("opening the store for reading", &place, &e);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(&file, flags).map_err(fail)?;
    db.busy_timeout(PATIENCE).map_err(fail)?;
    if schema::check(&db, &place, false)? < schema::newest() {
        return Err(StoreError::new(
            "too_old",
            "an earlier release wrote the store",
            place,
            "start this release's hub on the folder once: it brings the tables up to date",
        ));
    }
    db.pragma_update(None, "cache_size", -READER_CACHE_KB).map_err(fail)?;
    db.pragma_update(None, "temp_store", "MEMORY").map_err(fail)?;
    db.pragma_update(None, "trusted_schema", false).map_err(fail)?;
    prepare_once(&db).map_err(fail)?;
    Ok((db, file))
}

/// Keeps statements prepared. Without the planner's stability guarantee SQLite prepares a statement anew whenever
/// a bound LIMIT or range changes, which made a look-up three times as dear.
fn prepare_once(db: &Connection) -> rusqlite::Result<()> {
    db.set_prepared_statement_cache_capacity(64);
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(|_| ())
}
