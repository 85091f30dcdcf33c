//! Carries out a hub's effects with real threads, sockets and a real clock. It decides nothing.
//!
//! One thread per partition steps its hub; one thread writes to the store and commits everything that
//! gathered while the last commit ran; one reads; sending and intake run on the async runtime.

pub mod board;
pub mod came;
pub mod clock;
pub mod http_in;
pub mod http_out;
mod inflate;
pub mod intake;
mod keys;
pub mod lease;
pub mod partition;
pub mod poll;
pub mod storage;

use hub::batch::Part;
use hub::io::{Input, Load};
pub use keys::Keys;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use store::Reader;
use tokio::sync::{Notify, Semaphore, mpsc};
use wiring::Wired;

/// Everything that the parts of a running hub share.
pub struct Running {
    pub wired: Arc<Wired>,
    pub parts: Vec<Partition>,
    /// Readers for the API, each used by one request at a time.
    pub readers: Readers,
    /// Bounds the messages on their way in.
    pub intake: Semaphore,
    pub stop: Notify,
    /// Set when the hub must not go on; the reason is told on exit.
    pub failed: Mutex<Option<String>>,
    pub commits: AtomicU64,
    /// How far each system has been asked for what it should have posted.
    pub polls: board::Board,
    pub intake_max: usize,
    /// Keys of messages that came lately.
    pub keys: Mutex<Keys>,
    pub started: retail::time::Time,
}

/// The driver's end of one partition.
#[derive(Debug)]
pub struct Partition {
    pub inputs: mpsc::UnboundedSender<Input>,
    /// As the hub last told, and how many inputs it has not seen yet.
    pub load: Mutex<Load>,
    pub unseen: AtomicU64,
}

impl Partition {
    /// Hands the hub an input. The queue is bounded by what feeds it: intake by its permits, answers by the
    /// lanes, loads and commits by the hub itself.
    pub fn tell(&self, input: Input) {
        self.unseen.fetch_add(1, Ordering::SeqCst);
        if self.inputs.send(input).is_err() {
            // The hub has stopped; its reason is in `failed`, and senders are answered by time-out.
            self.unseen.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// How busy the partition is, counting inputs that have not reached the hub.
    pub fn load(&self) -> Load {
        let unseen = usize::try_from(self.unseen.load(Ordering::SeqCst)).unwrap_or(usize::MAX);
        let mut load = *lock(&self.load);
        load.queued += unseen;
        load
    }
}

impl Running {
    /// Stops the hub with a reason that the process reports on exit.
    pub fn fail(&self, why: String) {
        lock(&self.failed).get_or_insert(why);
        self.stop.notify_waiters();
        self.stop.notify_one();
    }

    /// Hands a partition's hub an input.
    pub fn tell(&self, part: Part, input: Input) {
        if let Some(partition) = self.parts.get(usize::from(part)) {
            partition.tell(input);
        }
    }
}

/// A small pool of readers.
pub struct Readers {
    idle: Mutex<Vec<Box<dyn Reader>>>,
    free: Semaphore,
}

impl Readers {
    pub fn new(readers: Vec<Box<dyn Reader>>) -> Self {
        let free = Semaphore::new(readers.len());
        Self { idle: Mutex::new(readers), free }
    }
}

/// Runs `query` on a reader, off the async threads.
///
/// # Errors
/// When the query failed or the process is stopping.
pub async fn query<T: Send + 'static>(
    running: &Arc<Running>,
    query: impl FnOnce(&mut dyn Reader) -> Result<T, store::StoreError> + Send + 'static,
) -> Result<T, String> {
    let _permit = running.readers.free.acquire().await.map_err(|closed| closed.to_string())?;
    let reader = lock(&running.readers.idle).pop();
    let mut reader = reader.ok_or_else(|| "no reader is free".to_owned())?;
    let (reader, answer) = tokio::task::spawn_blocking(move || {
        let answer = query(reader.as_mut());
        (reader, answer)
    })
    .await
    .map_err(|died| format!("the query broke off: {died}"))?;
    lock(&running.readers.idle).push(reader);
    answer.map_err(|error| error.to_string())
}

/// Does something when the thread that holds it panics, so that what lost a thread does not linger half alive.
pub struct OnPanic<F: Fn()>(pub F);

impl<F: Fn()> Drop for OnPanic<F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            (self.0)();
        }
    }
}

/// A lock whose holder panicked still guards plain data; going on is right for counters and pools.
pub fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn a_thread_that_panics_is_told_of_and_one_that_ends_is_not() {
        let told = AtomicBool::new(false);
        let tell = || told.store(true, Ordering::SeqCst);
        drop(OnPanic(tell));
        assert!(!told.load(Ordering::SeqCst));
        let ended = std::panic::catch_unwind(|| {
            let _guard = OnPanic(tell);
            panic!("the test's own");
        });
        assert!(ended.is_err() && told.load(Ordering::SeqCst));
    }
}
