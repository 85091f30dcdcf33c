//! PostgreSQL: a schema of its own per hub, for who has a server, a standby and backups already.
//!
//! A group of batches is one transaction and two or three round trips, whatever its size: the heads of its partitions
//! are locked and everything that can refuse a batch is read, the verdicts are made here, then the rows of all
//! batches that stand are written table by table, with the COMMIT right behind them. Who holds the lock of a head
//! is alone in its partition, so that what was read stays true until the commit.
//!
//! A connection that breaks before the COMMIT went out wrote nothing ([`CommitAnswer::Failed`]). One that breaks
//! after may or may not have ([`CommitAnswer::Unknown`]); the store then waits, if it can, until the cut
//! transaction has ended one way or the other, so that whoever reads the head next reads the truth. The next call
//! connects again, after a pause that doubles.
//!
//! `synchronous_commit` and `fsync` must be on; a synchronous standby makes commits survive the server's machine.

mod address;
mod claim;
mod commit;
mod fault;
mod head;
mod load;
mod reader;
mod schema;
mod session;
mod stand;
mod text;
mod view;
mod write;

pub use address::Address;
pub use reader::PostgresReader;

use crate::{Reader, Store, StoreError};
use hub::batch::{Batch, CommitAnswer, Head, Part, Recovered};
use retail::time::{Span, Time};
use session::{Session, Use};
use stand::settled;

/// The writer of a schema. Several may write in one, each its own partitions: leases keep them apart.
#[derive(Debug)]
pub struct Postgres {
    session: Session,
}

impl Postgres {
    /// Opens a schema for writing, making it and the tables where there are none.
    ///
    /// # Errors
    /// `lost` where no server answers, `denied`, `missing` (the database), `unsafe` where the server may lose
    /// commits, `too_new` or `foreign` for tables that are not this release's.
    pub fn open(address: &Address) -> Result<Self, StoreError> {
        let mut session = Session::new(address.clone(), Use::Write)?;
        schema::migrate(&mut session)?;
        Ok(Self { session })
    }

    /// Opens a schema for reading only, from any process, whether or not a hub runs on it.
    ///
    /// # Errors
    /// As [`PostgresReader::open`].
    pub fn open_reader(address: &Address) -> Result<PostgresReader, StoreError> {
        PostgresReader::open(address)
    }

    /// Removes a schema with all that is in it: the end of a rehearsal that nobody keeps.
    ///
    /// # Errors
    /// `foreign` and the like where it is not the hub's, which leaves it alone.
    pub fn remove(address: &Address) -> Result<(), StoreError> {
        let mut session = Session::new(address.clone(), Use::Write)?;
        schema::check(&mut session)?;
        // The name is of a-z, 0-9 and underline.
        let sql = format!("DROP SCHEMA \"{}\" CASCADE", address.schema());
        session.run("removing the schema", async |link| Ok(link.client().batch_execute(&sql).await?))
    }
}

impl Store for Postgres {
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

    fn settled_head(&mut self, part: Part) -> Result<(u64, Head), StoreError> {
        self.session.run("reading a head once it is settled", async |link| settled(link, part).await)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(PostgresReader::open(self.session.address())?))
    }
}
