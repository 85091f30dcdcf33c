//! Where a test's store is, so that it can be opened again.

use store::{Address, Memory, Postgres, Sqlite, Store};
use tempfile::TempDir;

pub enum Place {
    Sqlite(TempDir),
    Memory(Memory),
    Postgres(Box<Address>),
}

impl Place {
    pub fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().unwrap())
    }

    pub fn memory() -> Self {
        Self::Memory(Memory::new())
    }

    /// A schema of its own on the private server of this binary.
    pub fn postgres() -> Self {
        Self::Postgres(Box::new(Address::parse(&ownpg::shared().unwrap().fresh()).unwrap()))
    }

    /// Opens the store; where a backend admits one writer the former must have been dropped.
    pub fn open(&self) -> Box<dyn Store> {
        match self {
            Self::Sqlite(dir) => Box::new(Sqlite::open(dir.path()).unwrap()),
            Self::Memory(memory) => Box::new(memory.clone()),
            Self::Postgres(address) => Box::new(Postgres::open(address).unwrap()),
        }
    }
}
