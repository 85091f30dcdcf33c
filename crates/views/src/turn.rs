//! A journal row's body as these queries read it. `docs/journal.md` explains each member.

use retail::envelope::{Json, Name};
use serde::Deserialize;

/// One turn, as far as queries need it.
#[derive(Debug, Deserialize)]
pub struct Turn {
    pub case: Name,
    pub cause: Cause,
    pub input: Input,
    pub parked: Option<Parked>,
    #[serde(default)]
    pub facts: Vec<Fact>,
    #[serde(default)]
    pub commands: Vec<Command>,
    #[serde(default)]
    pub messages: Vec<Message>,
    #[serde(default)]
    pub raised: Vec<Alarm>,
    #[serde(default)]
    pub cleared: Vec<String>,
}

/// What a turn followed from.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    Received(u64),
    Command(u64, u64),
    Mail(u16, u64, u64),
    Timer,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    Event {
        #[serde(rename = "type")]
        kind: String,
    },
    Outcome {
        op: String,
        key: String,
        outcome: String,
        code: Option<String>,
        message: Option<String>,
        why: Option<String>,
        result: Option<Json>,
    },
    Mail {
        kind: String,
        from: Name,
    },
    Timer {},
}

#[derive(Debug, Deserialize)]
pub struct Parked {
    pub code: String,
    pub why: String,
}

#[derive(Debug, Deserialize)]
pub struct Fact {
    #[serde(rename = "type")]
    pub kind: String,
    pub data: Json,
}

#[derive(Debug, Deserialize)]
pub struct Command {
    pub op: String,
    pub system: String,
    pub key: String,
}

#[derive(Debug, Deserialize)]
pub struct Message {
    pub to: Name,
    pub kind: String,
}

#[derive(Debug, Deserialize)]
pub struct Alarm {
    pub code: String,
    pub cause: String,
}
