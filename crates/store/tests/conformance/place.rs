//! Where a test's store is, so that it can be opened again.

use store::{Memory, Sqlite, Store};
use tempfile::TempDir;

pub enum Place {
    Sqlite(TempDir),
    Memory(Memory),
}

impl Place {
    pub fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().unwrap())
    }

    pub fn memory() -> Self {
        Self::Memory(Memory::new())
    }

    /// Opens the store; where a backend admits one writer the former must have been dropped.
    pub fn open(&self) -> Box<dyn Store> {
        match self {
            Self::Sqlite(dir) => Box::new(Sqlite::open(dir.path()).unwrap()),
            Self::Memory(memory) => Box::new(memory.clone()),
        }
    }
}
