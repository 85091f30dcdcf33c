//! Folders as a run leaves them behind when its process dies, and what is found in one.

use hub::batch::{Batch, CommitAnswer, Part, Recovered};
use retail::time::{Span, Time};
use rusqlite::Connection;
use simulator::{Setup, simulate_on};
use std::path::{Path, PathBuf};
use store::{Reader, Sqlite, Store, StoreError};
use tempfile::TempDir;
use verify::Evidence;

/// Of a run that leaves something in every table.
const SEED: u64 = 6;
pub const FILE: &str = store::sqlite::FILE;

/// A store of which something is told after each of its commits.
struct Watched<S> {
    store: S,
    commits: usize,
    after: Box<dyn FnMut(usize) + Send>,
}

impl<S: Store> Store for Watched<S> {
    fn claim(&mut self, part: Part, node: &str, now: Time, ttl: Span) -> Result<Recovered, StoreError> {
        self.store.claim(part, node, now, ttl)
    }

    fn renew(&mut self, part: Part, epoch: u64, now: Time, ttl: Span) -> Result<bool, StoreError> {
        self.store.renew(part, epoch, now, ttl)
    }

    fn release(&mut self, part: Part, epoch: u64) -> Result<bool, StoreError> {
        self.store.release(part, epoch)
    }

    fn commit(&mut self, batches: &[&Batch]) -> Vec<CommitAnswer> {
        let answers = self.store.commit(batches);
        self.commits += 1;
        (self.after)(self.commits);
        answers
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.store.reader()
    }
}

/// A clean run on that store, of which something is told after each commit.
pub fn watched(store: impl Store + 'static, after: impl FnMut(usize) + Send + 'static) {
    let setup = Setup { parts: 2, shopify: false, people: true, ..Setup::of(SEED, 16, true) };
    let watched = Watched { store, commits: 0, after: Box::new(after) };
    assert_eq!(simulate_on(setup, Box::new(watched)).unwrap().failures, Vec::<String>::new());
}

fn copy(from: &Path, to: &Path) {
    for end in ["", "-wal"] {
        std::fs::copy(from.join(format!("{FILE}{end}")), to.join(format!("{FILE}{end}"))).unwrap();
    }
}

/// A run as it stands after every so many of its commits, each opened once so that the log is in the file.
pub fn run(every: usize) -> Vec<TempDir> {
    let dir = TempDir::new().unwrap();
    let mut left: Vec<TempDir> = (0..550 / every).map(|_| TempDir::new().unwrap()).collect();
    let to: Vec<PathBuf> = left.iter().map(|left| left.path().to_owned()).collect();
    let from = dir.path().to_owned();
    watched(Sqlite::open(dir.path()).unwrap(), move |n| {
        if let Some(to) = n.checked_sub(50).filter(|n| n % every == 0).and_then(|n| to.get(n / every)) {
            copy(&from, to);
        }
    });
    left.retain(|left| left.path().join(FILE).exists());
    for left in &left {
        drop(Sqlite::open(left.path()).unwrap());
        assert!(!left.path().join(format!("{FILE}-wal")).exists());
    }
    left
}

pub fn open(dir: &Path) -> Connection {
    let db = Connection::open(dir.join(FILE)).unwrap();
    // What is damaged need not outlive the machine.
    db.execute_batch("PRAGMA synchronous = OFF").unwrap();
    db
}

/// Whether reading all of a folder, as `verify` does, finds anything wrong with what is stored.
pub fn found(dir: &Path) -> bool {
    match Evidence::read_sqlite(dir) {
        Ok(read) => !read.damaged.is_empty() || read.totals.iter().any(|(_, kept, found)| kept != found),
        Err(_) => true,
    }
}

/// Its tables and their columns; what is computed is not among them.
pub fn tables(db: &Connection) -> Vec<(String, Vec<String>)> {
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut names = db.prepare(names).unwrap();
    let names: Vec<String> = names.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
    let columns = |table: &str| {
        let mut columns = db.prepare(&format!("PRAGMA table_info({table})")).unwrap();
        let found = columns.query_map([], |r| r.get(1)).unwrap();
        found.map(Result::unwrap).collect()
    };
    names.into_iter().map(|table| (table.clone(), columns(&table))).collect()
}
