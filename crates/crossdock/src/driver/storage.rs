//! The store's two threads: one writes and commits what gathered while the last commit ran, one reads.

use super::lease::{Lease, Since};
use super::{OnPanic, Running, clock};
use hub::batch::{Batch, Head, Key, Part};
use hub::io::Input;
use retail::time::Span;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use store::{Reader, Store, StoreError};

/// How long a claim holds without being renewed.
pub const LEASE: Span = Span::seconds(30);

/// How often it is renewed, by a clock that nobody sets.
const LEASE_RENEWED: Duration = Duration::from_secs(10);

/// How long the end of a hub waits for its leases to be given back.
const GOODBYE: Duration = Duration::from_secs(5);

/// What a hub asks of the store.
pub enum Ask {
    Commit(Part, Arc<Batch>),
    Load(Part, Vec<Key>),
    Head(Part),
}

/// What the writer is told.
enum Write {
    Commit(Part, Arc<Batch>),
    /// What came of a commit: asked of the writer, which alone can tell that nothing of it is still under way.
    Head(Part),
    /// The hub ends: nothing more is committed, and the partitions are free for whoever comes next. Answered once they
    /// are.
    Leave(SyncSender<()>),
}

/// The ways into the two threads.
#[derive(Clone)]
pub struct Storage {
    write: SyncSender<Write>,
    read: SyncSender<(Part, Vec<Key>)>,
}

impl Storage {
    /// Hands over a question; the answer comes back as the hub's input.
    pub fn ask(&self, ask: Ask) -> Result<(), &'static str> {
        match ask {
            Ask::Commit(part, batch) => {
                self.write.send(Write::Commit(part, batch)).map_err(|_| "the store's writer has stopped")
            }
            Ask::Head(part) => {
                self.write.send(Write::Head(part)).map_err(|_| "the store's writer has stopped")
            }
            Ask::Load(part, keys) => {
                self.read.send((part, keys)).map_err(|_| "the store's reader has stopped")
            }
        }
    }

    /// Gives the partitions up, so that the next hub need not wait until the leases run out. Waits for a while only: a
    /// hub that cannot say goodbye ends as one that was killed.
    pub fn leave(&self) {
        let (gone, left) = sync_channel(1);
        if self.write.send(Write::Leave(gone)).is_ok() && left.recv_timeout(GOODBYE).is_err() {
            eprintln!("crossdock: the leases were not given back; they run out within {} s", LEASE.0 / 1_000);
        }
    }
}

/// The receiving ends, to be run once the hubs can be told.
pub struct Threads {
    write: Receiver<Write>,
    read: Receiver<(Part, Vec<Key>)>,
}

/// Makes the channels. A partition has one commit and a few loads under way at most, so both are bounded.
pub fn channels(parts: Part) -> (Storage, Threads) {
    let (write, written) = sync_channel(usize::from(parts) * 2);
    let (read, reading) = sync_channel(usize::from(parts) * 4_096);
    (Storage { write, read }, Threads { write: written, read: reading })
}

impl Threads {
    /// Starts both threads.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(
        self,
        running: &Arc<Running>,
        mut writer: Box<dyn Store>,
        mut reader: Box<dyn Reader>,
        epochs: Vec<(Part, u64)>,
        lease: Arc<Lease>,
    ) -> std::io::Result<()> {
        let for_writer = Arc::clone(running);
        let commits = self.write;
        std::thread::Builder::new()
            .name("store-write".to_owned())
            .spawn(move || write(&for_writer, writer.as_mut(), &commits, &epochs, &lease))?;
        let for_reader = Arc::clone(running);
        let asks = self.read;
        std::thread::Builder::new()
            .name("store-read".to_owned())
            .spawn(move || read(&for_reader, reader.as_mut(), &asks))?;
        Ok(())
    }
}

fn write(
    running: &Running,
    store: &mut dyn Store,
    commits: &Receiver<Write>,
    epochs: &[(Part, u64)],
    lease: &Lease,
) {
    let _guard =
        OnPanic(|| running.fail("the store's writer panicked; what was answered is on disk".to_owned()));
    let mut renewed = Instant::now();
    loop {
        let first = match commits.recv_timeout(Duration::from_secs(5)) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if renewed.elapsed() > LEASE_RENEWED {
            renewed = Instant::now();
            let (since, mut all) = (Since::now(), true);
            for (part, epoch) in epochs {
                match store.renew(*part, *epoch, clock::now(), LEASE) {
                    Ok(true) => {}
                    Ok(false) => {
                        return running.fail(format!("another process has claimed partition {part}"));
                    }
                    Err(error) => {
                        all = false;
                        eprintln!("crossdock: the lease of partition {part} was not renewed: {error}")
                    }
                }
            }
            if all {
                lease.renewed(since);
            }
        }
        let (mut group, mut heads, mut leave) = (Vec::new(), Vec::new(), None);
        let mut next = first;
        while let Some(told) = next {
            match told {
                Write::Commit(part, batch) => group.push((part, batch)),
                Write::Head(part) => heads.push(part),
                Write::Leave(gone) => leave = Some(gone),
            }
            next = commits.try_recv().ok();
        }
        if let Some(gone) = leave {
            give_up(store, epochs, &gone);
            // Whoever still wants to commit waits for the end of the process, as for a commit that takes long.
            while commits.recv().is_ok() {}
            return;
        }
        for part in heads {
            match settled_head(store, part) {
                Ok((epoch, head)) => running.tell(part, Input::HeadIs { epoch, head }),
                Err(error) => {
                    return running.fail(format!("the head of partition {part} cannot be read: {error}"));
                }
            }
        }
        if group.is_empty() {
            continue;
        }
        let batches: Vec<&Batch> = group.iter().map(|(_, batch)| batch.as_ref()).collect();
        let answers = store.commit(&batches);
        running.commits.fetch_add(1, Ordering::Relaxed);
        for ((part, _), answer) in group.iter().zip(answers) {
            running.tell(*part, Input::Committed(answer));
        }
    }
}

/// Commits that came with the goodbye are not made: whoever asked for them has been answered nothing.
fn give_up(store: &mut dyn Store, epochs: &[(Part, u64)], gone: &SyncSender<()>) {
    for (part, epoch) in epochs {
        if let Err(error) = store.release(*part, *epoch) {
            eprintln!("crossdock: the lease of partition {part} was not given back: {error}");
        }
    }
    if gone.send(()).is_err() {
        eprintln!("crossdock: the leases were given back after the wait for it was over");
    }
}

fn read(running: &Running, reader: &mut dyn Reader, asks: &Receiver<(Part, Vec<Key>)>) {
    let _guard =
        OnPanic(|| running.fail("the store's reader panicked; what was answered is on disk".to_owned()));
    while let Ok((part, keys)) = asks.recv() {
        let input = match reader.load(part, &keys) {
            Ok(found) => Input::Loaded(keys.into_iter().zip(found).collect()),
            Err(error) => {
                eprintln!(
                    "crossdock: {} keys could not be read and are asked for again: {error}",
                    keys.len()
                );
                Input::LoadFailed(keys)
            }
        };
        running.tell(part, input);
    }
}

/// How long a store that went away is waited for before the hub stops.
const AWAY: Duration = Duration::from_secs(120);

/// The head after a commit of which nobody knows what came of it. Until it is known nothing can be decided, so a store
/// that is away is asked again.
fn settled_head(store: &mut dyn Store, part: Part) -> Result<(u64, Head), StoreError> {
    let began = Instant::now();
    loop {
        match store.settled_head(part) {
            Err(error) if matches!(error.code, "lost" | "busy") && began.elapsed() < AWAY => {
                eprintln!("crossdock: the head of partition {part} is asked for again: {error}");
                std::thread::sleep(Duration::from_millis(500));
            }
            done => return done,
        }
    }
}
