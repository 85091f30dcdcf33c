//! What every vendor has beside its trade: its ledger, its messages, its luck, what was written under a name.

use crate::faults::Faults;
use lookalikes::parts::{Ledger, Luck, Outbox, Payload, QueueState, hash};
use lookalikes::{BadHabits, Link, System};
use retail::envelope::{Command, Event, Json, Name, Outcome, json};
use retail::time::Time;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

/// The tenant of a run.
pub const TENANT: &str = "main";
/// Most events in one answer of a list.
const PAGE: usize = 100;

/// A message of a vendor: posted, listed, or both.
#[derive(Debug)]
pub struct Post {
    /// The same on every repeat.
    pub key: String,
    pub event: Event,
    /// The event as it is kept.
    pub body: Vec<u8>,
}

/// A message on its way.
#[derive(Debug)]
pub struct Posted {
    pub id: u64,
    pub system: System,
    pub post: Arc<Post>,
}

/// What was written under a name: a number for what it said, and the answer.
#[derive(Debug)]
struct Written {
    said: u64,
    number: u32,
    prefix: &'static str,
    total: Option<i64>,
}

#[derive(Serialize)]
struct Done {
    r#ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
}

#[derive(Debug)]
pub struct Desk {
    pub system: System,
    pub seed: u64,
    pub habits: BadHabits,
    pub luck: Luck,
    pub ledger: Ledger,
    outbox: Outbox,
    /// Every event there was.
    feed: Vec<Arc<Post>>,
    written: BTreeMap<String, Written>,
    /// How many things are put into the world in halves, in a thousand.
    pub half: u32,
}

impl Desk {
    pub fn new(system: System, seed: u64, faults: Faults) -> Self {
        Self {
            system,
            seed,
            habits: faults.bad_habits(),
            luck: Luck::new(seed, system as u64),
            ledger: Ledger::default(),
            outbox: Outbox::new(system, &Link::default()),
            feed: Vec::new(),
            written: BTreeMap::new(),
            half: faults.half(),
        }
    }

    pub fn behave(&mut self, faults: Faults) {
        self.habits = faults.bad_habits();
        self.half = faults.half();
    }

    pub fn down(&self, now: i64) -> bool {
        self.habits.down(now, hash(self.seed, &[self.system.as_str(), "down"]))
    }

    /// Something happened that the hub is to know: listed, and posted at once, twice, late or never.
    pub fn tell<T: Serialize>(&mut self, now: i64, kind: &'static str, about: (&str, &str), data: &T) {
        // A value of this program's own always can be written.
        let data: Json = json(data).unwrap_or_default();
        let event = Event {
            kind: kind.to_owned(),
            name: Name::new(TENANT, about.0, about.1),
            occurred: Time(now),
            data,
        };
        let number = self.feed.len();
        let key = format!("/{} evt-{number:07}", self.system);
        let body = serde_json::to_vec(&event).unwrap_or_default();
        self.feed.push(Arc::new(Post { key, event, body }));
        if self.luck.roll(self.habits.unsent) {
            return;
        }
        let payload = Payload::Later(u32::try_from(number).unwrap_or(u32::MAX));
        let due = self.later(now);
        if self.luck.roll(self.habits.duplicate) {
            let again = self.later(now);
            self.outbox.put(now, again, "", kind, now, payload.clone());
        }
        self.outbox.put(now, due, "", kind, now, payload);
    }

    fn later(&mut self, now: i64) -> i64 {
        now.saturating_add(i64::try_from(self.habits.delay(&mut self.luck)).unwrap_or(0))
    }

    /// Takes the messages that go out now.
    pub fn due(&mut self, now: i64, out: &mut Vec<Posted>) {
        while let Some(item) = self.outbox.take(now) {
            let Payload::Later(number) = item.payload else { continue };
            if let Some(post) = self.feed.get(number as usize) {
                out.push(Posted { id: item.id, system: self.system, post: post.clone() });
            }
        }
    }

    pub fn next_due(&self) -> Option<i64> {
        self.outbox.state().next
    }

    pub fn queue(&self) -> QueueState {
        self.outbox.state()
    }

    pub fn delivered(&mut self, id: u64, now: i64, status: Option<u16>) {
        self.outbox.settle(id, now, status);
    }

    /// A page of events, or why there is none.
    ///
    /// # Errors
    /// When the call fails.
    pub fn listed(&mut self, now: i64, after: usize) -> Result<(Vec<Arc<Post>>, bool), &'static str> {
        use lookalikes::parts::Fate;
        if self.down(now) {
            return Err("answered 503");
        }
        match self.habits.fate(&mut self.luck, true) {
            Fate::Throttled { .. } => return Err("answered 429"),
            Fate::ErrBefore => return Err("answered 500"),
            Fate::LostBefore | Fate::Slow => return Err("no answer"),
            _ => {}
        }
        let page: Vec<_> = self.feed.iter().skip(after).take(PAGE).cloned().collect();
        let more = after + page.len() < self.feed.len();
        Ok((page, more))
    }

    /// The answer to a command that came before: the first answer, or a refusal where it says something else. None
    /// when it is new.
    pub fn written(&self, command: &Command) -> Option<Outcome> {
        let written = self.written.get(&command.key)?;
        if written.said != said(command) {
            let message = format!("{} was written before with another body", command.key);
            return Some(Outcome::Refused { code: "conflict".to_owned(), message });
        }
        Some(written.answer())
    }

    /// Keeps a command that was done and answers it.
    pub fn done(&mut self, command: &Command, prefix: &'static str, total: Option<i64>) -> Outcome {
        let number = u32::try_from(self.written.len()).unwrap_or(u32::MAX).saturating_add(1);
        let written = Written { said: said(command), number, prefix, total };
        let answer = written.answer();
        self.written.insert(command.key.clone(), written);
        answer
    }
}

impl Written {
    fn answer(&self) -> Outcome {
        done(&Done { r#ref: format!("{}-{:06}", self.prefix, self.number), total: self.total })
    }
}

/// What a command says, as a number.
pub fn said(command: &Command) -> u64 {
    let mut hasher = DefaultHasher::new();
    command.args.get().hash(&mut hasher);
    hasher.finish()
}

/// It is done, and this is the answer.
pub fn done<T: Serialize>(result: &T) -> Outcome {
    Outcome::Done { result: json(result).unwrap_or_default() }
}

/// A failure that says nothing of what was done.
pub fn failed(status: u16) -> Outcome {
    Outcome::Unknown { why: format!("answered {status}") }
}

/// The run itself is at fault.
pub fn fault(message: &str) -> Outcome {
    Outcome::Fault { code: "no_such_operation".to_owned(), message: message.to_owned() }
}
