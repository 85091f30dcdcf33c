//! What a business process must offer the hub. A process is a set of pure functions over one case's state.

use crate::batch::Digest;
use crate::io::Understood;
use retail::envelope::{Command, Event, Json, Name, Outcome};
use retail::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// What a case is asked to react to.
#[derive(Clone, Debug)]
pub enum Stimulus {
    /// Something happened elsewhere.
    Event(Event),
    /// A command of this case has come to something. `Done` and `Refused` are final. `Unknown` is told once, while
    /// the hub looks it up. `Accepted` is told once too; what ends it is an event, after which the process lists
    /// the key in [`Decision::settle`]. `Fault` is told while the command waits for a person; a case that orders
    /// the same key again has it tried again.
    Outcome { op: String, key: String, object: String, outcome: Outcome },
    /// Another case says something.
    Mail { from: Name, kind: String, data: Json },
    /// The time in [`Decision::due`] has come.
    Timer,
}

/// Why a stimulus could not be taken in. It is parked with its reason; the case stays as it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Stable code, for example `unknown_line`.
    pub code: &'static str,
    /// What is wrong and what would be right.
    pub why: String,
}

impl Fault {
    pub fn new(code: &'static str, why: impl Into<String>) -> Self {
        Self { code, why: why.into() }
    }
}

/// A case's rows as loaded: `None` where there is none. A key that is absent here has not been loaded.
pub type Rows<R> = BTreeMap<String, Option<R>>;

/// A fact that this turn established, in the past tense.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub data: Json,
}

/// A message to another case.
#[derive(Clone, Debug)]
pub struct Message {
    pub to: Name,
    pub kind: &'static str,
    pub data: Json,
}

/// One balanced entry of the books. Lines sum to zero per unit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Legal entity whose books it stands in.
    pub entity: String,
    /// What it records, for example `shipment`.
    pub memo: String,
    /// The business object, for example the order's id.
    pub reference: String,
    pub occurred: Time,
    /// The day it is posted to, `YYYY-MM-DD`.
    pub posted_on: String,
    /// Whether it was posted later than it occurred because its period was closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// (account, currency or SKU, signed amount: debit positive).
    pub lines: Vec<(String, String, i64)>,
}

/// An exception that a process raises on its own case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Alarm {
    pub code: &'static str,
    pub cause: String,
    pub owner: &'static str,
    pub next_step: String,
}

/// What a case decided. Nothing has happened yet: the hub commits it, and only then is anything sent.
#[derive(Clone, Debug)]
pub struct Decision<S, R> {
    pub state: S,
    /// Rows that change; `None` deletes.
    pub rows: Vec<(String, Option<R>)>,
    pub facts: Vec<Fact>,
    pub commands: Vec<Command>,
    /// Keys of commands that should not be sent if they have not been: each one removed comes back as
    /// `Refused` with code `withdrawn`; one that was sent already comes to its own outcome.
    pub withdraw: Vec<String>,
    /// Keys of accepted commands whose verdict has come by event.
    pub settle: Vec<String>,
    pub entries: Vec<Entry>,
    pub messages: Vec<Message>,
    /// Further names under which this case can be found.
    pub names: Vec<Name>,
    /// When the case wants to be woken; replaces what it wanted before.
    pub due: Option<Time>,
    /// Whether the case is still in progress after this turn.
    pub open: bool,
    pub raise: Vec<Alarm>,
    /// Codes of this case's exceptions that are over.
    pub clear: Vec<&'static str>,
}

impl<S, R> Decision<S, R> {
    /// A decision that changes nothing but the state.
    pub const fn of(state: S, open: bool) -> Self {
        Self {
            state,
            rows: Vec::new(),
            facts: Vec::new(),
            commands: Vec::new(),
            withdraw: Vec::new(),
            settle: Vec::new(),
            entries: Vec::new(),
            messages: Vec::new(),
            names: Vec::new(),
            due: None,
            open,
            raise: Vec::new(),
            clear: Vec::new(),
        }
    }
}

/// A business process, or all of them behind one door.
pub trait Process {
    /// A case's decoded state.
    type State: Clone + Debug;
    /// A case's decoded row.
    type Row: Clone + Debug;

    /// What decides a name's partition: cases of one family answer the same text.
    fn family<'a>(&self, name: &'a Name) -> &'a str;

    /// Whether a first stimulus under a name of this kind may open a case. Others wait until a case takes the name.
    fn opens(&self, kind: &str) -> bool;

    /// # Errors
    /// When stored bytes do not read as this version's state or as one it can upgrade.
    fn decode(&self, name: &Name, body: &[u8], doc: Option<&[u8]>) -> Result<Self::State, Fault>;

    /// The changing part.
    ///
    /// # Errors
    /// When the state cannot be written, which is a bug.
    fn encode(&self, state: &Self::State) -> Result<Vec<u8>, Fault>;

    /// The part that was placed once; asked only while the store has none. `None` while there is nothing to place.
    ///
    /// # Errors
    /// As [`Process::encode`].
    fn encode_doc(&self, state: &Self::State) -> Result<Option<Vec<u8>>, Fault>;

    /// What the journal keeps of an event's data or a command's arguments where that is not all of it, because some
    /// of it is about a person. `None` keeps it as it is. What is decided, stored and sent is whole.
    fn journalled(&self, _data: &Json) -> Option<Json> {
        None
    }

    /// # Errors
    /// As [`Process::decode`].
    fn decode_row(&self, name: &Name, key: &str, body: &[u8]) -> Result<Self::Row, Fault>;

    /// # Errors
    /// As [`Process::encode`].
    fn encode_row(&self, row: &Self::Row) -> Result<Vec<u8>, Fault>;

    /// Row keys that deciding this stimulus may read and that are not in `rows` yet. Asked again with more
    /// rows until it answers with none.
    ///
    /// # Errors
    /// When the stimulus cannot be understood.
    fn needs(
        &self,
        name: &Name,
        state: Option<&Self::State>,
        rows: &Rows<Self::Row>,
        stimulus: &Stimulus,
    ) -> Result<Vec<String>, Fault>;

    /// # Errors
    /// When the stimulus cannot be taken in: nothing changes and it is parked with the reason.
    fn decide(
        &self,
        name: &Name,
        state: Option<&Self::State>,
        rows: &Rows<Self::Row>,
        stimulus: &Stimulus,
        now: Time,
    ) -> Result<Decision<Self::State, Self::Row>, Fault>;
}

/// The key under which a case remembers a message: connection and sender's key, hashed.
#[must_use]
pub fn seen_key(connection: &str, key: &str) -> Digest {
    digest(&[connection.as_bytes(), b"\0", key.as_bytes()])
}

/// What a message says. Posted and listed, the same message is seldom the same bytes: members stand in another order,
/// or count how often it was sent. So what was understood of it tells a repeat from a clash, and its bytes only where
/// nothing was.
#[must_use]
pub fn said(understood: &Understood, body: &[u8]) -> Digest {
    let events = match understood {
        Understood::First(_) => return digest(&[b"first"]),
        _ if understood.events().is_empty() => return digest(&[body]),
        _ => understood.events(),
    };
    let parts = events.iter().flat_map(|event| {
        let name = &event.name;
        [&event.kind, "\0", &name.kind, "/", &name.value, "\0", event.data.get(), "\0"].map(str::as_bytes)
    });
    digest(&parts.collect::<Vec<_>>())
}

/// The first 16 bytes of the SHA-256 of the parts joined.
#[must_use]
pub fn digest(parts: &[&[u8]]) -> Digest {
    use sha2::Digest as _;
    let mut h = sha2::Sha256::new();
    for part in parts {
        h.update(part);
    }
    let full: [u8; 32] = h.finalize().into();
    let mut short = [0; 16];
    short.copy_from_slice(&full[..16]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use retail::envelope::json;

    #[test]
    fn what_is_said_counts_and_not_its_bytes() {
        let event = |of: &str, quantity: i64| Event {
            kind: "shipment.confirmed".to_owned(),
            name: Name::new("main", "order", of),
            occurred: Time(0),
            data: json(&quantity).unwrap(),
        };
        let said = |events: &[Event], body: &[u8]| said(&Understood::Events(events.to_vec()), body);
        let one = said(&[event("a", 1)], b"{\"q\": 1}");
        assert_eq!(one, said(&[event("a", 1)], b"{\n  \"q\": 1, \"sent\": 2\n}"));
        for other in [vec![event("a", 2)], vec![event("b", 1)], vec![event("a", 1), event("a", 1)]] {
            assert_ne!(one, said(&other, b"{\"q\": 1}"));
        }
        // Of what nobody understood there is nothing but its bytes.
        assert_ne!(said(&[], b"x"), said(&[], b"y"));
    }

    #[test]
    fn where_the_first_counts_a_later_one_says_the_same() {
        let looks = |quantity: i64| {
            Understood::First(vec![Event {
                kind: "order.submitted".to_owned(),
                name: Name::new("main", "order", "a"),
                occurred: Time(0),
                data: json(&quantity).unwrap(),
            }])
        };
        assert_eq!(said(&looks(1), b"{}"), said(&looks(2), b"{}"));
    }
}
