//! What goes into a hub and what comes out. A driver turns effects into inputs and decides nothing.

use crate::batch::{Batch, CommandId, CommitAnswer, Found, Head, Key, MailRow, Part, Pos};
use retail::envelope::{Command, Event, Json, Outcome};
use retail::time::{Span, Time};
use std::sync::Arc;

/// Names one waiting sender, so that the driver can answer it.
pub type Token = u64;

/// What happens to a hub.
#[derive(Debug)]
pub enum Input {
    /// A message came in and was understood, or could not be.
    Received(Box<Received>),
    /// Answers to [`Effect::Load`].
    Loaded(Vec<(Key, Found)>),
    /// The store could not be read; the keys are asked for again.
    LoadFailed(Vec<Key>),
    /// The answer to [`Effect::Commit`].
    Committed(CommitAnswer),
    /// The answer to [`Effect::ReadHead`].
    HeadIs { epoch: u64, head: Head },
    /// What became of a [`Effect::Send`].
    Answered {
        id: CommandId,
        outcome: Outcome,
        /// How long the system wants to be left alone, whatever the outcome.
        pause: Option<Span>,
    },
    /// Mail from another partition, in its order.
    Mail(Vec<MailRow>),
    /// A person asks for a parked command to be tried again.
    Retry { id: CommandId, token: Token },
    /// Something was found out beside any case.
    Noticed(Box<Notice>),
    /// The clock was set, by so much forth or back: no time has passed. What is measured from one reading to another,
    /// such as how long nothing was heard of a command, goes on from where it stood.
    ClockSet(Span),
    /// Time has passed.
    Tick,
}

/// What a driver found out beside any case and command, such as a system that does not answer what it is asked: an
/// exception to raise, or one that is over. Raising one that is open changes nothing, and so does closing none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// What it is about: `connection/shop`.
    pub about: String,
    /// Stable.
    pub code: String,
    /// `None`: it is over.
    pub concern: Option<Concern>,
}

/// What is wrong and what is to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Concern {
    pub cause: String,
    /// Who must act: `operations`, `finance`, `integration`, `customer_service`.
    pub owner: &'static str,
    pub next_step: String,
}

/// A message as it came and as it was understood.
#[derive(Clone, Debug)]
pub struct Received {
    /// Whom to answer; `None` for a message that was stored before a restart.
    pub token: Option<Token>,
    /// Its position, when it was stored before a restart.
    pub stored: Option<Pos>,
    pub connection: String,
    /// The sender's key of the message.
    pub key: String,
    /// Headers that a mapping may read, as a JSON object.
    pub headers: String,
    pub body: Vec<u8>,
    pub understood: Understood,
    /// For a message that was parked: codes of its exceptions, which are over when it can be taken in now.
    pub reopened: Vec<String>,
}

/// What a mapping made of a message.
#[derive(Clone, Debug)]
pub enum Understood {
    Events(Vec<Event>),
    /// The first message of its key counts. A later one is a repeat, whatever it says: its system lists the thing as
    /// it is by then.
    First(Vec<Event>),
    /// Kept for a person: stable code and the reason, naming the field.
    Parked {
        code: String,
        why: String,
    },
}

impl Understood {
    /// What it means; nothing where it is kept for a person.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        match self {
            Self::Events(events) | Self::First(events) => events,
            Self::Parked { .. } => &[],
        }
    }
}

/// How a sender is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reply {
    /// On disk: 2xx.
    Taken,
    /// Too much is waiting, or the store cannot write: 503, send again.
    Busy,
    /// There is nothing by that number.
    NotFound,
}

/// Whether a command is sent for the first time or looked up first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    First,
    Find,
}

/// What a hub wants done.
#[derive(Clone, Debug)]
pub enum Effect {
    Load(Vec<Key>),
    Commit(Arc<Batch>),
    ReadHead,
    Send(Box<Dispatch>),
    Reply {
        token: Token,
        reply: Reply,
    },
    /// Mail for another partition, already on disk there as the receiver's to take.
    Post {
        to: Part,
        mail: Vec<MailRow>,
    },
    /// This owner must stop: another has the partition.
    Stop {
        why: String,
    },
}

/// One attempt at a command.
#[derive(Clone, Debug)]
pub struct Dispatch {
    pub id: CommandId,
    /// The system that plays the role.
    pub system: String,
    pub command: Command,
    pub mode: Mode,
    pub attempt: u32,
    /// When it was proven that nothing sent so far was done: what is sent now goes under a key of its own.
    pub renewed: Option<Time>,
}

/// Numbers that show how busy a hub is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Load {
    /// Messages, outcomes, mail and timers not yet decided.
    pub queued: usize,
    /// Commands not settled, parked ones not counted.
    pub commands: usize,
    /// Commands that wait for a person.
    pub parked: usize,
    /// Messages that wait for a case to take their name.
    pub unnamed: usize,
    /// Whether a commit is under way.
    pub committing: bool,
    /// Timers due within the next minute.
    pub timers_soon: usize,
    /// Position of the last journal row.
    pub pos: u64,
}

impl Load {
    /// Whether nothing is under way and nothing will start by itself within a minute.
    #[must_use]
    pub const fn at_rest(&self) -> bool {
        self.queued == 0 && self.commands == 0 && !self.committing && self.timers_soon == 0
    }
}

/// JSON `null`, for results that promise nothing.
#[must_use]
pub fn null() -> Json {
    serde_json::value::RawValue::NULL.to_owned()
}

/// When a driver must call [`Input::Tick`] next, at the latest.
pub type Wake = Option<Time>;
