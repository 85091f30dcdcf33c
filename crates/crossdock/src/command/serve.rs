//! `crossdock serve`: the hub itself.

use super::estate::must_read;
use super::place::{Place, StoreOption};
use super::{Done, Out, say};
use crate::driver::http_in::{self, Door};
use crate::driver::http_out::Senders;
use crate::driver::lease::{Lease, Since};
use crate::driver::partition::{Loop, Waiting};
use crate::driver::{Partition, Readers, Running, board, clock, lock, poll, storage};
use crate::revisions::Revisions;
use clap::Args;
use hub::Hub;
use hub::batch::{Part, Recovered};
use hub::io::Input;
use retail::time::Span;
use settings::Estate;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Reader, Store};
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore, mpsc};
use wiring::Wired;

/// Runs the hub on a data folder until it is told to stop (SIGTERM or Ctrl-C). It may be killed at any moment:
/// the next start goes on where it was.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  crossdock serve --data /var/lib/crossdock --estate estate.toml\n  crossdock serve --data /tmp/trial --estate estate.toml --trial"
)]
pub struct Serve {
    /// The folder that holds everything but what a PostgreSQL keeps; made when it is not there.
    #[arg(long)]
    data: PathBuf,
    /// The estate file.
    #[arg(long)]
    estate: PathBuf,
    #[command(flatten)]
    store: StoreOption,
    /// Where to listen, in place of what the estate says.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// A folder of connectors in place of those that ship.
    #[arg(long)]
    connectors: Option<PathBuf>,
    /// Take everything in and decide it, and send nothing to any system; `crossdock commands` then shows what would
    /// be changed. Systems are asked what they list, which changes nothing in them.
    #[arg(long)]
    trial: bool,
}

/// How many readers serve the API.
const API_READERS: usize = 4;

impl Serve {
    pub fn run(self, _out: Out) -> Done {
        let (estate, mut wired) = must_read(&self.estate, self.connectors.as_deref())?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| format!("the runtime did not start: {error}"))?;
        let listen = self.listen.unwrap_or(estate.hub.listen);
        if !listen.ip().is_loopback() && !estate.hub.public {
            return Err(format!(
                "{listen} is open to other machines; say `public = true` in the estate's [hub]"
            ));
        }
        let folder = self.estate.parent().unwrap_or_else(|| Path::new("."));
        let place = self.store.place_of(&self.data, &estate, folder)?;
        let (store, _lock) = place.writer(&self.data)?;
        number(&mut wired, &self.data, &self.estate, &estate)?;
        let listener = std::net::TcpListener::bind(listen)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(|error| format!("cannot listen on {listen}: {error}"))?;
        // A store's calls block, so it is opened and recovered before anything runs.
        let found = recover(&place, &self.data, store, wired.parts)?;
        runtime.block_on(serve(&self.data, &estate, wired, found, listener, self.trial))
    }
}

/// Gives the estate's text its number among those that this data folder has seen, and takes in what they promised.
fn number(wired: &mut Wired, data: &Path, file: &Path, estate: &Estate) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    if settings::Revision::of(&text) != estate.revision {
        return Err(format!("{} changed while it was read; start again", file.display()));
    }
    let mut revisions = Revisions::open(data)?;
    let number = revisions.take(&text, clock::now())?;
    wired.numbered(number, revisions.former(number)?);
    Ok(())
}

/// A store whose partitions are all this hub's.
struct Found {
    store: Box<dyn Store>,
    /// For the hubs, and for the API.
    reader: Box<dyn Reader>,
    readers: Vec<Box<dyn Reader>>,
    parts: Vec<Recovered>,
    lease: Arc<Lease>,
}

/// Claims every partition and reads what is in it.
fn recover(place: &Place, data: &Path, mut store: Box<dyn Store>, parts: Part) -> Result<Found, String> {
    let node = place.node(data);
    let mut readers = Vec::new();
    for _ in 0..API_READERS {
        readers.push(store.reader().map_err(|error| error.to_string())?);
    }
    let reader = store.reader().map_err(|error| error.to_string())?;
    let mut since = Since::now();
    let mut found = Vec::new();
    for part in 0..parts {
        let (recovered, claimed) = claim(store.as_mut(), part, &node)?;
        // That of the first ends first; where one had to be waited for, what came before it is renewed anyhow.
        since = if part == 0 { claimed } else { since };
        found.push(recovered);
    }
    Ok(Found { store, reader, readers, parts: found, lease: Arc::new(Lease::new(since)) })
}

/// Takes a partition, and waits for the lease of a hub that may be gone to run out.
fn claim(store: &mut dyn Store, part: Part, node: &str) -> Result<(Recovered, Since), String> {
    let began = clock::now();
    let mut told = false;
    loop {
        let since = Since::now();
        match store.claim(part, node, clock::now(), storage::LEASE) {
            Ok(recovered) => return Ok((recovered, since)),
            Err(held)
                if held.code == "lease_held" && clock::now().since(began) < Span(storage::LEASE.0 * 2) =>
            {
                if !told {
                    eprintln!("crossdock: waiting for a lease to run out: {held}");
                }
                told = true;
                std::thread::sleep(Duration::from_millis(500));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

async fn serve(
    data: &Path,
    estate: &Estate,
    wired: Wired,
    found: Found,
    listener: std::net::TcpListener,
    trial: bool,
) -> Done {
    let listener = TcpListener::from_std(listener).map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let parts = wired.parts;
    let wired = Arc::new(wired);
    let (storage, threads) = storage::channels(parts);
    let mut inputs = Vec::new();
    let mut partitions = Vec::new();
    for _ in 0..parts {
        let (tell, told) = mpsc::unbounded_channel();
        inputs.push(told);
        partitions.push(Partition { inputs: tell, load: Mutex::default(), unseen: AtomicU64::new(1) });
    }
    let intake_max = wired.plan.intake_max.max(1);
    let running = Arc::new(Running {
        wired: Arc::clone(&wired),
        parts: partitions,
        readers: Readers::new(found.readers),
        intake: Semaphore::new(intake_max),
        intake_max,
        keys: Mutex::default(),
        stop: Notify::new(),
        failed: Mutex::default(),
        commits: AtomicU64::new(0),
        polls: board::Board::open(data)?,
        started: clock::now(),
    });
    let mut epochs = Vec::new();
    let mut loops = Vec::new();
    let waiting: Vec<Arc<Mutex<Waiting>>> = (0..parts).map(|_| Arc::default()).collect();
    let senders = Senders::new(Arc::clone(&wired), Some(Arc::clone(&found.lease)));
    for ((part, inputs), mut recovered) in (0..parts).zip(inputs).zip(found.parts) {
        let now = clock::now();
        epochs.push((part, recovered.epoch));
        for row in std::mem::take(&mut recovered.waiting) {
            let received = wiring::again(&wired, row, part, parts);
            running.parts[usize::from(part)].tell(Input::Received(Box::new(received)));
        }
        let hub = Hub::new(part, parts, wired.flows.clone(), wired.plan.clone(), recovered, now);
        loops.push(Loop {
            part,
            hub,
            inputs,
            running: Arc::clone(&running),
            storage: storage.clone(),
            senders: (!trial).then(|| senders.clone()),
            waiting: Arc::clone(&waiting[usize::from(part)]),
            runtime: tokio::runtime::Handle::current(),
        });
    }
    threads
        .start(&running, found.store, found.reader, epochs, found.lease)
        .map_err(|error| format!("no thread for the store: {error}"))?;
    for one in loops {
        std::thread::Builder::new()
            .name(format!("hub-{}", one.part))
            .spawn(move || one.run())
            .map_err(|error| format!("no thread for a partition: {error}"))?;
    }
    announce(data, estate, address)?;
    poll::start(&running, &waiting, &senders);
    let door = Arc::new(Door { running: Arc::clone(&running), waiting });
    tokio::select! {
        () = http_in::serve(listener, door) => {}
        () = running.stop.notified() => {}
        () = told_to_stop() => {}
    }
    if let Some(why) = lock(&running.failed).take() {
        return Err(why);
    }
    if let Err(error) = tokio::task::spawn_blocking(move || storage.leave()).await {
        eprintln!("crossdock: {error}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells where the hub is, on standard output and in the data folder for the other commands.
fn announce(data: &std::path::Path, estate: &Estate, address: SocketAddr) -> Result<(), String> {
    let file = data.join("hub.json");
    let text = serde_json::json!({ "url": format!("http://{address}"), "revision": estate.revision, "pid": std::process::id() });
    std::fs::write(&file, format!("{text}\n")).map_err(|error| format!("{}: {error}", file.display()))?;
    say(&format!("listening http://{address}"))
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
