//! How far each system has been asked for what it should have posted, and what it turned out never to have posted.

use super::came::Came;
use super::lock;
use hub::batch::Digest;
use retail::envelope::Event;
use retail::time::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// How many of what was never pushed are shown.
const SHOWN: usize = 10;
/// A poll that is more than so many of its pauses behind is late.
pub const LATE: i64 = 3;
/// A message that says only that something changed may be so much younger than what it announces, and come so much
/// after a poll that happened to find it.
const ANNOUNCED: Span = Span::seconds(30);

/// How far one system has been asked; kept over restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// Where to go on; absent before the first answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Everything that the system listed before then is on disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete_up_to: Option<Time>,
    /// Why it could not be asked last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing: Option<String>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Time>,
    /// Since when it is counted what was never pushed: the end of the first run, which asks for all there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted_since: Option<Time>,
    /// What a run brought that nobody had pushed.
    pub missed: u64,
    /// The last of it, newest last.
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    pub last_missed: VecDeque<Missed>,
}

/// Something that a poll brought and nobody had pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    pub r#type: String,
    /// The case: `order/shop-1`.
    pub name: String,
    /// When it happened, as the system says.
    pub occurred: Time,
    /// When the poll brought it.
    pub found: Time,
    #[serde(skip)]
    marks: Vec<Digest>,
}

impl Missed {
    /// The first event of a message; one that was not understood is named by its key.
    pub fn of(events: &[Event], key: &str, found: Time, marks: Vec<Digest>) -> Self {
        match events.first() {
            Some(event) => Self {
                r#type: event.kind.clone(),
                name: format!("{}/{}", event.name.kind, event.name.value),
                occurred: event.occurred,
                found,
                marks,
            },
            None => {
                Self { r#type: "unknown".to_owned(), name: key.to_owned(), occurred: found, found, marks }
            }
        }
    }
}

/// A poll that this process runs.
#[derive(Debug)]
struct Live {
    every: Span,
    overlap: Span,
    began: Time,
    asked: Option<Time>,
    /// Since when a message wants it to run.
    woken: Option<Time>,
    wake: Arc<Notify>,
}

/// All polls, by `{connection}/{poll}`.
#[derive(Debug)]
pub struct Board {
    file: PathBuf,
    standings: Mutex<BTreeMap<String, Standing>>,
    live: Mutex<BTreeMap<String, Live>>,
    pub came: Mutex<Came>,
    /// What is missed changed since it was written.
    counted: AtomicBool,
}

impl Board {
    /// Reads what was known when the process ended.
    ///
    /// # Errors
    /// When the file is there and cannot be read. One that says nonsense counts as none.
    pub fn open(data: &Path) -> Result<Self, String> {
        let file = data.join("polls.json");
        let standings = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(format!("{}: {error}", file.display())),
        };
        Ok(Self {
            file,
            standings: Mutex::new(standings),
            live: Mutex::default(),
            came: Mutex::default(),
            counted: AtomicBool::new(false),
        })
    }

    /// The polls that run, for people and programs.
    pub fn show(&self, now: Time) -> serde_json::Value {
        let (standings, live) = (lock(&self.standings), lock(&self.live));
        let row = |(name, live): (&String, &Live)| {
            let s = standings.get(name).cloned().unwrap_or_default();
            let behind = s.complete_up_to.map(|at| now.since(at).0.max(0));
            let waited = behind.unwrap_or_else(|| now.since(live.began).0);
            let missed = |m: &Missed| {
                serde_json::json!({
                    "type": m.r#type, "name": m.name, "occurred": m.occurred, "found": m.found,
                    "late_ms": m.found.since(m.occurred).0.max(0),
                })
            };
            serde_json::json!({
                "poll": name, "cursor": s.cursor, "complete_up_to": s.complete_up_to, "behind_ms": behind,
                "late": waited > LATE * live.every.0 + live.overlap.0,
                "every_ms": live.every.0, "overlap_ms": live.overlap.0, "asked": live.asked,
                "failing": s.failing, "failing_since": s.failing_since,
                "missed": s.missed, "counted_since": s.counted_since,
                "last_missed": s.last_missed.iter().rev().map(missed).collect::<Vec<_>>(),
            })
        };
        live.iter().map(row).collect()
    }

    /// A poll that will run: from now on it is shown. Gives what wakes it.
    pub fn expect(&self, name: &str, every: Span, overlap: Span, now: Time) -> Arc<Notify> {
        let wake = Arc::new(Notify::new());
        let live = Live { every, overlap, began: now, asked: None, woken: None, wake: Arc::clone(&wake) };
        lock(&self.live).insert(name.to_owned(), live);
        wake
    }

    /// A message says that something changed. One run waits at most, however many say so.
    pub fn wake(&self, name: &str, now: Time) {
        if let Some(live) = lock(&self.live).get_mut(name) {
            live.woken.get_or_insert(now);
            live.wake.notify_one();
        }
        // A run that was on its way by itself may have found it just before.
        let mut standings = lock(&self.standings);
        if let Some(standing) = standings.get_mut(name) {
            let before = standing.last_missed.len();
            standing
                .last_missed
                .retain(|m| now.since(m.found).0 > ANNOUNCED.0 || now.since(m.occurred).0 > ANNOUNCED.0);
            let announced = u64::try_from(before - standing.last_missed.len()).unwrap_or(0);
            standing.missed = standing.missed.saturating_sub(announced);
            self.counted.fetch_or(announced > 0, Ordering::SeqCst);
        }
    }

    /// Since when a message wants the poll to run.
    pub fn woken(&self, name: &str) -> Option<Time> {
        lock(&self.live).get(name)?.woken
    }

    /// A run begins. Gives where it stands, and since when a message had wanted it.
    pub fn begin(&self, name: &str, now: Time) -> (Standing, Option<Time>) {
        let woken = lock(&self.live).get_mut(name).and_then(|live| {
            live.asked = Some(now);
            live.woken.take()
        });
        (lock(&self.standings).get(name).cloned().unwrap_or_default(), woken)
    }

    /// A message was pushed. What a poll had brought before is not missed then, only slow.
    pub fn pushed(&self, marks: &[Digest]) {
        // Where nobody is asked nothing is compared.
        if lock(&self.live).is_empty() {
            return;
        }
        let Some((poll, mark)) = lock(&self.came).known(marks) else { return };
        if let Some(standing) = lock(&self.standings).get_mut(&poll) {
            standing.missed = standing.missed.saturating_sub(1);
            standing.last_missed.retain(|missed| !missed.marks.contains(&mark));
            self.counted.store(true, Ordering::SeqCst);
        }
    }

    /// Whether what a poll brings is counted where nobody had pushed it. Its first run asks for all there ever was.
    pub fn counts(&self, name: &str) -> bool {
        lock(&self.standings).get(name).is_some_and(|standing| standing.counted_since.is_some())
    }

    /// A run brought a message, which is on disk and was `known` before or not. `woken`: since when another message had
    /// wanted the run.
    pub fn found(&self, name: &str, missed: Missed, known: bool, woken: Option<Time>) {
        let announced = woken.is_some_and(|at| at.since(missed.occurred).0 <= ANNOUNCED.0);
        let mut came = lock(&self.came);
        if came.knows(&missed.marks) {
            return;
        }
        if known || announced {
            came.known(&missed.marks);
            return;
        }
        came.missed(&missed.marks, name);
        let mut standings = lock(&self.standings);
        let standing = standings.entry(name.to_owned()).or_default();
        standing.missed += 1;
        self.counted.store(true, Ordering::SeqCst);
        standing.last_missed.push_back(missed);
        if standing.last_missed.len() > SHOWN {
            standing.last_missed.pop_front();
        }
    }

    /// A page is on disk.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn moved(&self, name: &str, cursor: Option<String>) -> Result<(), String> {
        self.note(name, |standing| standing.cursor = cursor)
    }

    /// A run came to its end, having begun at `began`. A moment of our own clock is no moment of theirs, so what was
    /// being written when it began is not counted.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn done(&self, name: &str, cursor: Option<String>, began: Time) -> Result<(), String> {
        let overlap = lock(&self.live).get(name).map_or(Span(0), |live| live.overlap);
        self.note(name, |standing| {
            standing.cursor = cursor;
            standing.complete_up_to = Some(began.plus(Span(-overlap.0)));
            standing.failing = None;
            standing.failing_since = None;
            standing.counted_since.get_or_insert(began);
        })
    }

    /// A run failed.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn failed(&self, name: &str, cursor: Option<String>, began: Time, why: &str) -> Result<(), String> {
        self.note(name, |standing| {
            standing.cursor = cursor;
            standing.failing = Some(why.to_owned());
            standing.failing_since.get_or_insert(began);
        })
    }

    /// Changes a standing. It is written where it says something that a later process must know; how far all is
    /// complete goes with it then, and else stays in memory.
    fn note(&self, name: &str, change: impl FnOnce(&mut Standing)) -> Result<(), String> {
        let mut standings = lock(&self.standings);
        let standing = standings.entry(name.to_owned()).or_default();
        let mut before = standing.clone();
        change(standing);
        before.complete_up_to = standing.complete_up_to;
        if before == *standing && !self.counted.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        let text = serde_json::to_vec_pretty(&*standings).map_err(|error| error.to_string())?;
        let part = self.file.with_extension("part");
        // Under the lock, so that an older state never comes over a newer one. A reader sees one or the other.
        let write = || {
            let mut file = std::fs::File::create(&part)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&part, &self.file)
        };
        write().map_err(|error| format!("{}: {error}", self.file.display()))
    }
}
