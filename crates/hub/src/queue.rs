//! What waits to be decided: outcomes and timers first, then mail in its order, then intake.

use crate::batch::{CommandId, Digest, MailRow, Part, Pos};
use crate::io::Token;
use crate::process::{Stimulus, seen_key};
use crate::record::Cause;
use retail::envelope::Name;
use retail::time::Time;
use std::collections::{BTreeMap, VecDeque};

/// A message on its way in, shared by the events it holds.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its position once a batch has taken it in; 0 before.
    pub pos: Pos,
    pub at: Time,
    pub token: Option<Token>,
    pub connection: String,
    pub key: String,
    pub headers: String,
    pub body: Vec<u8>,
    /// What it says, hashed.
    pub said: Digest,
    /// Events of it not decided yet.
    pub left: usize,
    /// Why it is kept for a person: code and reason.
    pub parked: Option<(String, String)>,
    /// Codes of exceptions that are over when it can be taken in after all.
    pub reopened: Vec<String>,
    /// How often a batch passed without deciding it.
    pub passed: u32,
}

impl Message {
    /// What a case remembers of one of its events: the key and what the message says, hashed.
    pub fn digests(&self, index: usize) -> (Digest, Digest) {
        let key = match index {
            0 => seen_key(&self.connection, &self.key),
            n => seen_key(&self.connection, &format!("{}#{n}", self.key)),
        };
        (key, self.said)
    }
}

/// One stimulus for one case.
#[derive(Clone, Debug)]
pub struct Work {
    pub name: Name,
    pub stimulus: Stimulus,
    pub origin: Origin,
}

/// Where a stimulus came from, and so what must be marked when it has been decided.
#[derive(Clone, Debug)]
pub enum Origin {
    /// An event of a received message, by the message's number in memory, and which of its events.
    Message {
        message: u64,
        index: usize,
    },
    /// A command's outcome; `ends` when nothing more will come of it.
    Command {
        id: CommandId,
        cause: Pos,
        ends: bool,
    },
    Mail {
        from: Part,
        pos: Pos,
        cause: Pos,
    },
    Timer,
}

impl Work {
    /// What it is, for people.
    pub fn stimulus_name(&self) -> String {
        match &self.stimulus {
            Stimulus::Event(event) => format!("event {}", event.kind),
            Stimulus::Outcome { op, key, .. } => format!("outcome of {op} ({key})"),
            Stimulus::Mail { from, kind, .. } => format!("message {kind} from {from}"),
            Stimulus::Timer => "timer".to_owned(),
        }
    }
}

impl Origin {
    /// The cause as the journal keeps it; `received` is the position of the message it came in.
    pub const fn cause(&self, received: Pos) -> Cause {
        match self {
            Self::Message { .. } => Cause::Received(received),
            Self::Command { id, cause, .. } => Cause::Command(*id, *cause),
            Self::Mail { from, pos, cause } => Cause::Mail(*from, *pos, *cause),
            Self::Timer => Cause::Timer,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Queues {
    /// Outcomes and timers.
    pub first: VecDeque<Work>,
    /// Mail per sending partition, in order.
    pub mail: BTreeMap<Part, VecDeque<MailRow>>,
    pub intake: VecDeque<Work>,
}

impl Queues {
    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.intake.is_empty() && self.mail.values().all(VecDeque::is_empty)
    }

    pub fn len(&self) -> usize {
        self.first.len() + self.intake.len() + self.mail.values().map(VecDeque::len).sum::<usize>()
    }
}
