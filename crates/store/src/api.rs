//! The two traits. All calls block; a driver gives the writer a thread of its own.

use crate::{Counts, Hit, Scan, Scanned, StoreError};
use hub::batch::{Batch, CommitAnswer, Found, Head, Key, Part, Recovered};
use retail::time::{Span, Time};

/// The writer.
pub trait Store: Send {
    /// Makes `node` the owner of a partition until `now + ttl`, raises the partition's epoch and answers with
    /// all that a new owner must know. A partition that was never claimed begins at epoch 1 with an empty head.
    /// The owner itself may claim again (after a restart); that fences its former self.
    ///
    /// # Errors
    /// `lease_held` while another node's lease has not run out; else whatever keeps the store from reading or
    /// writing. The epoch is then as it was.
    fn claim(&mut self, part: Part, node: &str, now: Time, ttl: Span) -> Result<Recovered, StoreError>;

    /// Prolongs the lease to `now + ttl`. `false` when `epoch` is no longer the partition's: this owner must stop.
    ///
    /// # Errors
    /// When the store cannot be written; the lease is then as it was.
    fn renew(&mut self, part: Part, epoch: u64, now: Time, ttl: Span) -> Result<bool, StoreError>;

    /// Gives the lease up, so that another node need not wait for its end. `false` as for [`Store::renew`].
    ///
    /// # Errors
    /// As [`Store::renew`].
    fn release(&mut self, part: Part, epoch: u64) -> Result<bool, StoreError>;

    /// Commits a group of batches in one transaction with one fsync and answers each, in their order.
    /// Batches of one partition are taken in the order given. A batch that is fenced, clashes or is not well
    /// formed is refused alone; [`CommitAnswer::Failed`] means that nothing of that batch was written.
    ///
    /// A case opens with version 1 and must not exist, nor may its own name lead to another case; otherwise its
    /// stored version must be one less. A mark in `seen` that exists already is a clash of its case too: loading
    /// the case again shows it. A command that is moved or deleted and not in the outbox was settled before: such
    /// a change does nothing. A further name may lead to several cases; a look-up finds the case that was opened
    /// under it, else the latest that took it.
    fn commit(&mut self, batches: &[&Batch]) -> Vec<CommitAnswer>;

    /// The partition's epoch and head once no commit that was sent before can change them any more: what a
    /// [`CommitAnswer::Unknown`] came to. A [`Reader`] may still see the moment before.
    ///
    /// # Errors
    /// When the store cannot be read, or what was sent has not ended yet: to be asked again.
    fn settled_head(&mut self, part: Part) -> Result<(u64, Head), StoreError> {
        self.reader()?.head(part)
    }

    /// A reader of the same store.
    ///
    /// # Errors
    /// When the store cannot be opened once more.
    fn reader(&self) -> Result<Box<dyn Reader>, StoreError>;
}

/// A reader: any number of them beside the writer, each on a thread of its own. Each call sees one moment.
pub trait Reader: Send {
    /// Looks keys up, all at the same moment; the answers are in the order of the keys.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn load(&mut self, part: Part, keys: &[Key]) -> Result<Vec<Found>, StoreError>;

    /// The partition's epoch and head; epoch 0 when it was never claimed.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn head(&mut self, part: Part) -> Result<(u64, Head), StoreError>;

    /// The partitions that were ever claimed, in order.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn parts(&mut self) -> Result<Vec<Part>, StoreError>;

    /// Up to `limit` rows of a partition after a number; see [`Scan`] for what the number is. Start with 0 and
    /// go on with [`Scanned::number`] of the last row; fewer rows than `limit` means that there are no more.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn scan(&mut self, part: Part, what: Scan, after: u64, limit: usize) -> Result<Vec<Scanned>, StoreError>;

    /// Every case of a tenant that has `value` among its names, of any kind, in any partition.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn find_case(&mut self, tenant: &str, value: &str) -> Result<Vec<Hit>, StoreError>;

    /// How much of everything there is, over all partitions.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn counts(&mut self) -> Result<Counts, StoreError>;

    /// From now on all calls see this very moment, until [`Reader::thaw`]. Keep it short: what is written
    /// meanwhile cannot be tidied away.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn freeze(&mut self) -> Result<(), StoreError>;

    /// Ends [`Reader::freeze`]; without one it does nothing.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn thaw(&mut self) -> Result<(), StoreError>;
}
