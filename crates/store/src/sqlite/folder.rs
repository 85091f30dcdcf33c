//! A folder as an installation: the database file, and the lock that admits one writer.

use super::code::failed;
use super::schema;
use crate::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The database's file name in the folder.
pub const FILE: &str = "crossdock.db";
const LOCK: &str = "crossdock.lock";

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
pub(super) fn open_writer(dir: &Path) -> Result<(Connection, File, PathBuf), StoreError> {
    make(dir)?;
    let lock = lock(dir)?;
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

/// Makes the folder where there is none, for its owner only: it will hold what customers ordered.
fn make(dir: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(dir).map_err(|e| {
        StoreError::new(
            "io",
            format!("the folder cannot be made: {e}"),
            dir.display().to_string(),
            "make it by hand, or name a folder that the hub's user may write in",
        )
    })
}

/// Takes the folder's lock. The operating system gives it back when the process ends, however it ends.
fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join(LOCK);
    let place = path.display().to_string();
    let io = |e: std::io::Error| {
        StoreError::new(
            "io",
            format!("the folder's lock cannot be taken: {e}"),
            place.clone(),
            "give the hub's user the right to read and write that folder",
        )
    };
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::Error(e)) => return Err(io(e)),
        Err(TryLockError::WouldBlock) => {
            let mut who = String::new();
            let who = match file.read_to_string(&mut who) {
                Ok(_) if !who.trim().is_empty() => who.trim().to_owned(),
                _ => "another process".to_owned(),
            };
            return Err(StoreError::new(
                "in_use",
                format!("{who} writes in this folder, and only one may"),
                dir.display().to_string(),
                "stop that one first, or name another folder; commands that only read work meanwhile",
            ));
        }
    }
    file.set_len(0).map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    writeln!(file, "process {}", std::process::id()).map_err(io)?;
    Ok(file)
}
