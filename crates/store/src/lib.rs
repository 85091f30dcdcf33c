//! What must survive: one pair of traits, the backends behind it, and one conformance suite over all of them
//! (`tests/conformance`).
//!
//! A [`Store`] is the writer of its partitions. A hub claims a partition, which raises its epoch, and from then
//! on every commit moves the partition's head under that epoch by compare-and-set: an owner that was paused
//! while another claimed writes nothing. A batch commits whole or not at all, and a group of batches shares one
//! transaction and one fsync; a batch that is refused is refused alone. A [`Reader`] reads beside the writer,
//! any number of them, and never waits for it.
//!
//! - [`Sqlite`]: a folder is the whole installation.
//! - [`Postgres`]: a schema of a server, for who has one.
//! - [`Memory`]: for rehearsals in simulated time; the same answers to the same calls.
//!
//! **Must never know** a flow by name, what a body means, a vendor, a socket or a clock (time comes in as a
//! value). It keeps bytes, numbers and names.

// Tests in here build batches with what the conformance suite builds them with.
#[cfg(test)]
extern crate self as store;

mod api;
mod check;
mod code;
mod counts;
mod error;
mod folder;
pub mod memory;
mod pack;
pub mod postgres;
mod recover;
mod row;
mod scan;
pub mod sqlite;
mod totals;

pub use api::{Reader, Store};
pub use counts::{Counts, Hit};
pub use error::StoreError;
pub use folder::FolderLock;
pub use memory::{Fault, Memory};
pub use postgres::{Address, Postgres, PostgresReader};
pub use scan::{Scan, Scanned};
pub use sqlite::{Sqlite, SqliteReader};
