//! The journal row's body: one turn of one case as JSON. `docs/journal.md` explains each member.

use crate::batch::{CommandId, Part, Pos};
use crate::process::{Alarm, Entry, Fact, Stimulus};
use retail::envelope::{Command, Event, Json, Name, Outcome};
use retail::time::Time;
use serde::Serialize;

/// The version of the row's shape.
pub const VERSION: u32 = 1;

/// What a turn followed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Position of the received message.
    Received(Pos),
    /// A command, by number and the journal row that ordered it.
    Command(CommandId, Pos),
    /// Mail: sending partition, its position, and the journal row there.
    Mail(Part, Pos, Pos),
    Timer,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InputRecord<'a> {
    Event(&'a Event),
    Outcome {
        op: &'a str,
        key: &'a str,
        #[serde(flatten)]
        outcome: &'a Outcome,
    },
    Mail {
        from: &'a Name,
        kind: &'a str,
        data: &'a Json,
    },
    Timer {},
}

impl<'a> From<&'a Stimulus> for InputRecord<'a> {
    fn from(stimulus: &'a Stimulus) -> Self {
        match stimulus {
            Stimulus::Event(event) => Self::Event(event),
            Stimulus::Outcome { op, key, outcome, .. } => Self::Outcome { op, key, outcome },
            Stimulus::Mail { from, kind, data } => Self::Mail { from, kind, data },
            Stimulus::Timer => Self::Timer {},
        }
    }
}

#[derive(Serialize)]
pub struct CommandRecord<'a> {
    pub id: CommandId,
    pub system: &'a str,
    #[serde(flatten)]
    pub command: &'a Command,
}

#[derive(Serialize)]
pub struct MessageRecord<'a> {
    pub to: &'a Name,
    pub part: Part,
    pub pos: Pos,
    pub kind: &'a str,
    pub data: &'a Json,
}

/// A stimulus that could not be taken in.
#[derive(Serialize)]
pub struct ParkedRecord<'a> {
    pub code: &'a str,
    pub why: &'a str,
}

#[derive(Serialize)]
pub struct TurnRecord<'a> {
    pub v: u32,
    pub case: &'a Name,
    pub cause: Cause,
    pub input: InputRecord<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked: Option<ParkedRecord<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub facts: &'a [Fact],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandRecord<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub entries: &'a [Entry],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageRecord<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub raised: &'a [Alarm],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub cleared: &'a [&'static str],
    pub open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
}
