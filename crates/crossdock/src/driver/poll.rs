//! Asks systems for the messages that they should have posted, so that one which never came is found. What is found
//! goes the way of a posted message and passes the same dedupe. A cursor moves only once its page is on disk; a
//! cursor that is lost costs reading again and nothing else, so it is kept in a plain file beside the store.

use super::board::{Board, LATE, Missed};
use super::http_out::Senders;
use super::intake::{self, Taken};
use super::keys::{Keys, Known};
use super::partition::Waiting;
use super::{Running, came, clock, lock};
use hub::io::{Concern, Input, Notice};
use link::{Message, Polled};
use retail::time::{Span, Time};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, sleep, timeout_at};

/// A system that fails is asked again after at most so long, or as seldom as its poll is anyway: what it has for the
/// hub is not to wait much longer than it was away.
const LONGEST: Span = Span::seconds(60);
/// The longest that a system may ask for, whatever it says.
const PATIENCE: Span = Span::seconds(3_600);
/// A run that messages want begins so long after the one before at the earliest.
const SOONEST: Span = Span::seconds(1);
/// Calls under way at the same time, over all systems. One system gets one at a time. Whoever waits gets its turn in
/// order, page by page, so that a long list keeps no other waiting.
const TOGETHER: usize = 8;

/// Starts asking: one task for each poll that a connection wants.
pub fn start(running: &Arc<Running>, waiting: &[Arc<Mutex<Waiting>>], senders: &Senders) {
    let all = Arc::new(Semaphore::new(TOGETHER));
    for (name, connection) in &running.wired.connections {
        let own = Arc::new(Semaphore::new(1));
        for (poll, every) in connection.connector.polls_for(&connection.endpoint) {
            let full = format!("{name}/{poll}");
            let overlap = connection.connector.overlap_for(poll, &connection.endpoint);
            let wake = running.polls.expect(&full, every, overlap, clock::now());
            let asker = Asker {
                running: Arc::clone(running),
                waiting: waiting.to_vec(),
                senders: senders.clone(),
                connection: name.clone(),
                poll: poll.to_owned(),
                name: full,
                every,
                wake,
                turns: [Arc::clone(&own), Arc::clone(&all)],
            };
            tokio::spawn(asker.run());
        }
    }
}

/// A pause after so many failures in a row, the one just now left out.
fn longer(span: Span, failures: u32) -> Span {
    let doubled = 1_i64.checked_shl(failures.min(20)).unwrap_or(1);
    Span(span.0.saturating_mul(doubled)).min(LONGEST).max(span)
}

struct Asker {
    running: Arc<Running>,
    waiting: Vec<Arc<Mutex<Waiting>>>,
    senders: Senders,
    connection: String,
    poll: String,
    /// `{connection}/{poll}`
    name: String,
    every: Span,
    wake: Arc<Notify>,
    /// The system's own turn, and one of all.
    turns: [Arc<Semaphore>; 2],
}

/// Why a run came to nothing. It goes on from the last page that is on disk.
struct Failed {
    cursor: Option<String>,
    why: String,
    retry_after: Option<Span>,
}

impl Asker {
    fn board(&self) -> &Board {
        &self.running.polls
    }

    async fn run(self) {
        let mut failures = 0_u32;
        // Whether people were told that it fails; what an earlier process told is over upon the first success too.
        let mut told = None;
        loop {
            let began = clock::now();
            let (before, woken) = self.board().begin(&self.name, began);
            let (noted, pause, soonest) = match self.ask(before.cursor, woken).await {
                Ok(cursor) => {
                    failures = 0;
                    if told != Some(false) {
                        told = Some(false);
                        self.tell(None);
                    }
                    (self.board().done(&self.name, cursor, began), self.every, SOONEST)
                }
                Err(Failed { cursor, why, retry_after }) => {
                    if before.failing.as_deref() != Some(why.as_str()) {
                        eprintln!("{}: {why}", self.name);
                    }
                    let since = before.failing_since.unwrap_or(began);
                    if clock::now().since(since).0 >= LATE * self.every.0 && told != Some(true) {
                        told = Some(true);
                        self.tell(Some((since, &why)));
                    }
                    let pause = match retry_after {
                        Some(after) => after.min(PATIENCE).max(self.every),
                        None => longer(self.every, failures),
                    };
                    let soonest = retry_after.unwrap_or_else(|| longer(SOONEST, failures));
                    failures = failures.saturating_add(1);
                    (self.board().failed(&self.name, cursor, began, &why), pause, soonest)
                }
            };
            if let Err(why) = noted {
                eprintln!(
                    "{}: how far it was asked is not on disk and will be asked again: {why}",
                    self.name
                );
            }
            self.rest(pause, soonest.min(pause)).await;
        }
    }

    /// Waits for the next run: the pause, or from `soonest` on a message that wants it.
    async fn rest(&self, pause: Span, soonest: Span) {
        let deadline = Instant::now() + Duration::from_millis(pause.0.unsigned_abs());
        sleep(Duration::from_millis(soonest.0.unsigned_abs())).await;
        while self.board().woken(&self.name).is_none() {
            if timeout_at(deadline, self.wake.notified()).await.is_err() {
                return;
            }
        }
    }

    /// Tells people that it has failed for a while, or that it does no longer.
    fn tell(&self, failing: Option<(Time, &str)>) {
        let concern = failing.map(|(since, why)| Concern {
            cause: format!(
                "what {} does not post is not found: asked since {since} in vain: {why}",
                self.connection
            ),
            owner: "integration",
            next_step:
                "see that the system answers; `crossdock gaps` shows when it does, and what it lists is then \
                        taken in"
                    .to_owned(),
        });
        let notice = Notice {
            about: format!("connection/{}", self.connection),
            code: format!("poll_failing:{}", self.poll),
            concern,
        };
        if let Some(first) = self.running.parts.first() {
            first.tell(Input::Noticed(Box::new(notice)));
        }
    }

    /// Asks page after page until nothing more is said to be there. Answers where to go on; so does a failure.
    async fn ask(&self, mut kept: Option<String>, woken: Option<Time>) -> Result<Option<String>, Failed> {
        let Some(known) = self.running.wired.connections.get(&self.connection) else { return Ok(kept) };
        let (connector, endpoint) = (&known.connector, &known.endpoint);
        let mut from = connector.begin(&self.poll, kept.as_deref(), endpoint);
        loop {
            let failed = |why: String| Failed { cursor: kept.clone(), why, retry_after: None };
            let [own, all] = &self.turns;
            let _own = own.acquire().await.map_err(|closed| failed(closed.to_string()))?;
            let _turn = all.acquire().await.map_err(|closed| failed(closed.to_string()))?;
            let request =
                connector.poll(&self.poll, from.as_deref(), endpoint, clock::now()).map_err(failed)?;
            let answer = self.senders.call(request).await;
            let (messages, next, more) =
                match connector.polled(&self.poll, from.as_deref(), endpoint, clock::now(), answer) {
                    Polled::Failed { why, retry_after } => {
                        return Err(Failed { cursor: kept, why, retry_after });
                    }
                    Polled::Page { messages, cursor, more } => (messages, cursor, more),
                };
            for message in messages {
                self.take(message, woken).await.map_err(failed)?;
            }
            let moved = next.is_some() && next != from;
            from = next.clone().or(from);
            kept = next.or(kept);
            if !(more && moved) {
                return Ok(kept);
            }
            self.board().moved(&self.name, kept.clone()).map_err(|why| Failed {
                cursor: kept.clone(),
                why,
                retry_after: None,
            })?;
        }
    }

    /// One message, as if it had been posted.
    async fn take(&self, message: Message, woken: Option<Time>) -> Result<(), String> {
        let now = clock::now();
        let Some((key, understood)) = wiring::polled(&self.running.wired, &self.connection, &message, now)
        else {
            return Ok(());
        };
        let events = understood.events();
        let (digest, case) = Keys::mark(&message.body, &understood);
        // The window before a cursor brings the same again each time.
        if lock(&self.running.keys).known(&self.connection, &key, digest, case) == Known::Same {
            return Ok(());
        }
        let marks = came::marks(&self.connection, &key, events);
        let known = !self.board().counts(&self.name)
            || lock(&self.board().came).knows(&marks)
            || came::stored(&self.running, &self.connection, &key, events).await?;
        let missed = Missed::of(events, &key, now, marks);
        let _permit = self.running.intake.acquire().await.map_err(|closed| closed.to_string())?;
        let taken = Taken {
            connection: &self.connection,
            key,
            headers: wiring::kept_headers(&message.headers),
            body: message.body,
            understood,
        };
        let verdict = intake::keep(&self.running, &self.waiting, taken).await;
        if verdict.status != 200 {
            return Err(format!("{}: {}", verdict.code, verdict.message));
        }
        self.board().found(&self.name, missed, known, woken);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_that_was_away_for_long_is_asked_within_a_minute() {
        let every = Span::seconds(10);
        let pauses: Vec<i64> = (0..5).map(|n| longer(every, n).0 / 1_000).collect();
        assert_eq!(pauses, [10, 20, 40, 60, 60]);
        assert_eq!(longer(every, u32::MAX), LONGEST);
        assert_eq!(
            longer(Span::seconds(300), 9),
            Span::seconds(300),
            "not more often than it is asked anyway"
        );
    }
}
