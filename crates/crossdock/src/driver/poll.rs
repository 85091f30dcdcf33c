//! Asks systems for the messages that they should have posted, so that one which never came is found. What is found
//! goes the way of a posted message and passes the same dedupe. A cursor moves only once its page is on disk; a
//! cursor that is lost costs reading again and nothing else, so it is kept in a plain file beside the store.

use super::http_out::Senders;
use super::intake::{self, Taken};
use super::partition::Waiting;
use super::{Running, clock, lock};
use link::{Message, Polled};
use retail::time::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A system that fails is asked again after at most so long, whatever the manifest says.
const LONGEST: Span = Span::seconds(3_600);

/// How far one system has been asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Standing {
    /// Where to go on; absent before the first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Everything that the system listed before then is on disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete_up_to: Option<Time>,
    /// Why it could not be asked last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<String>,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Time>,
}

/// How far each system has been asked, by `{connection}/{poll}`.
#[derive(Debug)]
pub struct Board {
    file: PathBuf,
    standings: Mutex<BTreeMap<String, Standing>>,
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
        Ok(Self { file, standings: Mutex::new(standings) })
    }

    /// The standings, for people and programs.
    pub fn show(&self) -> serde_json::Value {
        let standings = lock(&self.standings);
        let row = |(name, s): (&String, &Standing)| {
            serde_json::json!({
                "poll": name, "cursor": s.cursor, "complete_up_to": s.complete_up_to,
                "failing": s.failing, "failing_since": s.failing_since,
            })
        };
        standings.iter().map(row).collect()
    }

    /// A question that will be put: from now on it is shown, as never answered since this start.
    fn expect(&self, name: &str) {
        lock(&self.standings).entry(name.to_owned()).or_default().complete_up_to = None;
    }

    fn of(&self, name: &str) -> Standing {
        lock(&self.standings).get(name).cloned().unwrap_or_default()
    }

    /// Notes a standing. It is written where it says something that a later process must know; how far all is
    /// complete goes with it then, and else stays in memory.
    fn note(&self, name: &str, standing: Standing) -> Result<(), String> {
        let mut standings = lock(&self.standings);
        let before = standings.insert(name.to_owned(), standing.clone()).unwrap_or_default();
        if before.cursor == standing.cursor && before.failing == standing.failing {
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

/// Starts asking: one task for each poll that a connection wants.
pub fn start(running: &Arc<Running>, waiting: &[Arc<Mutex<Waiting>>], senders: &Senders) {
    for (name, connection) in &running.wired.connections {
        for (poll, every) in connection.connector.polls_for(&connection.endpoint) {
            running.polls.expect(&format!("{name}/{poll}"));
            let asker = Asker {
                running: Arc::clone(running),
                waiting: waiting.to_vec(),
                senders: senders.clone(),
                connection: name.clone(),
                poll: poll.to_owned(),
                every,
            };
            tokio::spawn(asker.run());
        }
    }
}

struct Asker {
    running: Arc<Running>,
    waiting: Vec<Arc<Mutex<Waiting>>>,
    senders: Senders,
    connection: String,
    poll: String,
    every: Span,
}

impl Asker {
    async fn run(self) {
        let name = format!("{}/{}", self.connection, self.poll);
        let mut pause = self.every;
        loop {
            let before = self.running.polls.of(&name);
            let started = clock::now();
            let asked = self.ask(&name, before.clone()).await;
            // A moment of our own clock is no moment of theirs, so the page under way when we began is not counted.
            let standing = match asked {
                Ok(cursor) => {
                    pause = self.every;
                    Standing { cursor, complete_up_to: Some(started), failing: None, failing_since: None }
                }
                Err((cursor, why, retry_after)) => {
                    pause =
                        retry_after.unwrap_or(Span(pause.0.saturating_mul(2))).min(LONGEST).max(self.every);
                    let since = before.failing_since.unwrap_or(started);
                    if before.failing.as_deref() != Some(why.as_str()) {
                        eprintln!("{name}: {why}");
                    }
                    Standing { cursor, failing: Some(why), failing_since: Some(since), ..before }
                }
            };
            if let Err(why) = self.running.polls.note(&name, standing) {
                eprintln!("{name}: how far it was asked is not on disk and will be asked again: {why}");
            }
            tokio::time::sleep(Duration::from_millis(pause.0.unsigned_abs())).await;
        }
    }

    /// Asks page after page until nothing more is said to be there. Answers where to go on; so does a failure, from
    /// the last page that is on disk.
    async fn ask(
        &self,
        name: &str,
        before: Standing,
    ) -> Result<Option<String>, (Option<String>, String, Option<Span>)> {
        let mut cursor = before.cursor;
        let Some(known) = self.running.wired.connections.get(&self.connection) else { return Ok(cursor) };
        loop {
            let (connector, endpoint) = (&known.connector, &known.endpoint);
            let request = connector.poll(&self.poll, cursor.as_deref(), endpoint, clock::now());
            let request = request.map_err(|why| (cursor.clone(), why, None))?;
            let answer = self.senders.call(request).await;
            match connector.polled(&self.poll, cursor.as_deref(), endpoint, clock::now(), answer) {
                Polled::Failed { why, retry_after } => return Err((cursor, why, retry_after)),
                Polled::Page { messages, cursor: next, more } => {
                    for message in messages {
                        self.take(message).await.map_err(|why| (cursor.clone(), why, None))?;
                    }
                    let moved = next.is_some() && next != cursor;
                    cursor = next.or(cursor);
                    if !(more && moved) {
                        return Ok(cursor);
                    }
                    let standing = Standing { cursor: cursor.clone(), ..self.running.polls.of(name) };
                    self.running.polls.note(name, standing).map_err(|why| (cursor.clone(), why, None))?;
                }
            }
        }
    }

    /// One message, as if it had been posted.
    async fn take(&self, message: Message) -> Result<(), String> {
        let Some((key, understood)) =
            wiring::polled(&self.running.wired, &self.connection, &message, clock::now())
        else {
            return Ok(());
        };
        let _permit = self.running.intake.acquire().await.map_err(|closed| closed.to_string())?;
        let taken = Taken {
            connection: &self.connection,
            key,
            headers: wiring::kept_headers(&message.headers),
            body: message.body,
            understood,
        };
        let verdict = intake::keep(&self.running, &self.waiting, taken).await;
        if verdict.status == 200 { Ok(()) } else { Err(format!("{}: {}", verdict.code, verdict.message)) }
    }
}
