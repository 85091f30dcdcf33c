//! SQLite: a folder is the whole installation.
//!
//! One process writes; the folder's lock sees to that. Readers open connections of their own and see the last
//! commit (WAL). `synchronous=FULL` costs one fsync per commit, which a group of batches shares. A commit that
//! SQLite refuses (no space, fsync failed) is rolled back and can be tried again. After a failed fsync the bytes
//! may still reach the disk: should the process die before its next commit, the group may be found committed
//! after all. That is safe because a group is whole and carries its own marks: a sender that was told to try
//! again is recognised.

mod claim;
mod code;
mod folder;
mod head;
mod load;
mod put;
mod reader;
mod schema;
mod symbols;
mod view;
mod write;

#[cfg(test)]
mod crash_tests;
#[cfg(test)]
#[path = "../../tests/conformance/make.rs"]
#[allow(dead_code)]
mod make;
#[cfg(test)]
mod tests;

pub use folder::FILE;
pub use reader::SqliteReader;

use crate::{FolderLock, Reader, Store, StoreError};
use hub::batch::{Batch, CommitAnswer, Part, Recovered};
use retail::time::{Span, Time};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use symbols::Symbols;

/// The writer of a folder.
#[derive(Debug)]
pub struct Sqlite {
    // Before `_lock`: the connection is closed before another process may write.
    db: Connection,
    symbols: Symbols,
    dir: PathBuf,
    place: String,
    /// Statements that may still run before the process aborts, for tests of crashes.
    #[cfg(test)]
    fuse: Option<u32>,
    _lock: FolderLock,
}

impl Sqlite {
    /// Opens a folder for writing, making it and the tables where there are none.
    ///
    /// # Errors
    /// `in_use` while another process writes there (it is named); `too_new` or `foreign` for a file that is not
    /// this release's; `io` and others for what the file system or SQLite say.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let (db, lock, file) = folder::open_writer(dir)?;
        Ok(Self {
            db,
            symbols: Symbols::default(),
            dir: dir.to_owned(),
            place: file.display().to_string(),
            #[cfg(test)]
            fuse: None,
            _lock: lock,
        })
    }

    /// The same for a hub whose end is only played, as in a simulation: nothing is synced, so that a commit outlives
    /// the hub and the process and need not outlive the machine. Tables, transactions and rules are the same.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn open_unsynced(dir: &Path) -> Result<Self, StoreError> {
        let store = Self::open(dir)?;
        let fail = |e: rusqlite::Error| code::failed("opening the store", &store.place, &e);
        store.db.pragma_update(None, "synchronous", "OFF").map_err(fail)?;
        Ok(store)
    }

    /// Opens a folder for reading only, from any process, whether or not a hub runs on it.
    ///
    /// # Errors
    /// `missing` where there is no store; else as [`Sqlite::open`].
    pub fn open_reader(dir: &Path) -> Result<SqliteReader, StoreError> {
        SqliteReader::open(dir)
    }

    /// Bytes of the database file and its log.
    ///
    /// # Errors
    /// When the file cannot be looked at.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        view::bytes(&self.db, &self.place)
    }
}

impl Store for Sqlite {
    fn claim(&mut self, part: Part, node: &str, now: Time, ttl: Span) -> Result<Recovered, StoreError> {
        self.claim_part(part, node, now, ttl)
    }

    fn renew(&mut self, part: Part, epoch: u64, now: Time, ttl: Span) -> Result<bool, StoreError> {
        self.lease(part, epoch, now.plus(ttl))
    }

    fn release(&mut self, part: Part, epoch: u64) -> Result<bool, StoreError> {
        self.lease(part, epoch, Time(i64::MIN))
    }

    fn commit(&mut self, batches: &[&Batch]) -> Vec<CommitAnswer> {
        self.commit_group(batches)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(SqliteReader::open(&self.dir)?))
    }
}
