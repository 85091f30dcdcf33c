//! A store in memory, for rehearsals in simulated time: the same answers as the others, and faults on request.

mod apply;
mod read;
mod state;

use crate::check::malformed;
use crate::recover::{lease_held, put};
use crate::{Reader, Scan, Store, StoreError};
use hub::batch::{Batch, CommitAnswer, Part, ReceivedState, Recovered};
use retail::time::{Span, Time};
use state::State;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use read::MemoryReader;

/// Where errors of this store say they are.
const PLACE: &str = "memory";

/// A store in memory. Clones share it, as processes share a database: that is how a rehearsal lets one owner
/// fence another, and how it keeps what was durable when it lets a hub crash.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: State,
    faults: VecDeque<Fault>,
}

/// What shall go wrong with one call of [`Store::commit`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Nothing is written and the answer is [`CommitAnswer::Failed`], as on a full disk.
    Refused,
    /// Nothing is written and the answer is [`CommitAnswer::Unknown`].
    LostBefore,
    /// All is written and the answer is [`CommitAnswer::Unknown`]; batches that were refused learn that.
    LostAfter,
}

impl Memory {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A store of its own that holds what this one holds now, without planned faults.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        let state = self.lock().state.clone();
        Self { shared: Arc::new(Mutex::new(Shared { state, faults: VecDeque::new() })) }
    }

    /// Plans a fault for the next call of [`Store::commit`] that has none planned yet.
    pub fn plan(&self, fault: Fault) {
        self.lock().faults.push_back(fault);
    }

    /// Writes check everything before they change anything, so that what a panicking thread left is whole.
    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn claim(&mut self, part: Part, node: &str, now: Time, ttl: Span) -> Result<Recovered, StoreError> {
        let mut shared = self.lock();
        let p = shared.state.parts.entry(part).or_default();
        if p.epoch > 0 && p.node != node && p.until > now {
            return Err(lease_held(part, &p.node, p.until, PLACE));
        }
        p.epoch += 1;
        node.clone_into(&mut p.node);
        p.until = now.plus(ttl);
        let mut found = Recovered {
            epoch: p.epoch,
            head: p.head,
            mail: p.mail.values().cloned().collect(),
            ..Recovered::default()
        };
        for what in [Scan::Outbox, Scan::Timers, Scan::Marks, Scan::Received(Some(ReceivedState::Waiting))] {
            for row in read::walk(p, part, &what, 0, usize::MAX)? {
                put(&mut found, row);
            }
        }
        found.timers.sort();
        Ok(found)
    }

    fn renew(&mut self, part: Part, epoch: u64, now: Time, ttl: Span) -> Result<bool, StoreError> {
        Ok(self.lock().state.lease(part, epoch, now.plus(ttl)))
    }

    fn release(&mut self, part: Part, epoch: u64) -> Result<bool, StoreError> {
        Ok(self.lock().state.lease(part, epoch, Time(i64::MIN)))
    }

    fn commit(&mut self, batches: &[&Batch]) -> Vec<CommitAnswer> {
        let mut shared = self.lock();
        let fault = shared.faults.pop_front();
        let nothing = |answer: CommitAnswer| vec![answer; batches.len()];
        match fault {
            Some(Fault::Refused) => return nothing(CommitAnswer::Failed("as planned".to_owned())),
            Some(Fault::LostBefore) => return nothing(CommitAnswer::Unknown("as planned".to_owned())),
            Some(Fault::LostAfter) | None => {}
        }
        let answers = batches.iter().map(|b| {
            let answer = malformed(b).map_or_else(|| shared.state.apply(b), CommitAnswer::Failed);
            match answer {
                CommitAnswer::Yes if fault.is_some() => CommitAnswer::Unknown("as planned".to_owned()),
                answer => answer,
            }
        });
        answers.collect()
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(MemoryReader::of(self.clone())))
    }
}
