//! Commands: each has one key and comes to one outcome.

use crate::documents::{Came, Documents, Kind, Side};
use crate::names::{Id, Texts};
use crate::payments::Payments;
use crate::report::Findings;
use crate::rules;
use std::collections::{BTreeSet, HashMap};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Ordered, or of unknown outcome.
    Open,
    /// Taken, or done as far as it will ever be told.
    Accepted,
    Done,
    Refused,
}

#[derive(Clone, Debug)]
struct Command {
    pos: u64,
    op: Id,
    key: Id,
    /// The family whose work it is: an order or a return.
    about: Id,
    doc: Option<(Kind, Id, Side)>,
    state: State,
    in_outbox: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Commands {
    all: HashMap<(u16, u64), Command>,
    keys: HashMap<Id, (u16, u64)>,
    most: HashMap<u16, u64>,
}

/// A command as the journal row that ordered it says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ordered<'a> {
    pub id: u64,
    pub op: &'a str,
    pub key: &'a str,
    pub about: Id,
    pub doc: Option<(Kind, Id, Side)>,
}

/// What moves money, or can be done twice: it has another key each time.
const MONEY: [&str; 3] = ["capture", "refund", "post_credit_memo"];

impl Commands {
    /// A command may be ordered again under its key only once it has come to an end, and one that moves money only
    /// when it was refused.
    pub fn ordered(
        &mut self,
        at: (u16, u64),
        command: Ordered<'_>,
        texts: &mut Texts,
        findings: &mut Findings,
    ) {
        findings.checked(rules::COMMAND_KEY, 1);
        findings.checked(rules::COMMAND_OUTCOME, 1);
        let key = texts.id(command.key);
        let place = format!("journal {}/{}", at.0, at.1);
        let mut doc = command.doc;
        if let Some(before) = self.keys.insert(key, (at.0, command.id))
            && let Some(old) = self.all.get_mut(&before)
        {
            let ended = matches!(old.state, State::Done | State::Refused | State::Accepted);
            if !ended || (MONEY.contains(&command.op) && old.state != State::Refused) {
                let found = format!("ordered by row {}/{} and again", before.0, old.pos);
                findings.breach(rules::COMMAND_KEY, command.key, "to be ordered once", found, place.as_str());
            }
            // The same document told again: it counts once.
            if old.state == State::Refused {
                old.doc = None;
            } else {
                doc = None;
            }
        }
        let most = self.most.entry(at.0).or_default();
        *most = command.id.max(*most);
        let new = Command {
            pos: at.1,
            op: texts.id(command.op),
            key,
            about: command.about,
            doc,
            state: State::Open,
            in_outbox: false,
        };
        if let Some(old) = self.all.insert((at.0, command.id), new) {
            let found = format!("also of {}", texts.text(old.key));
            findings.breach(
                rules::COMMAND_KEY,
                command.key,
                format!("number {} of its own", command.id),
                found,
                place,
            );
        }
    }

    /// Whether a command of that key was ordered before.
    pub fn knows(&self, key: &str, texts: &Texts) -> bool {
        texts.known(key).is_some_and(|key| self.keys.contains_key(&key))
    }

    /// A row was caused by a command's outcome.
    pub fn outcome(
        &mut self,
        at: (u16, u64),
        cause: (u64, u64),
        (op, key, outcome): (&str, &str, &str),
        texts: &Texts,
        findings: &mut Findings,
    ) {
        let place = format!("journal {}/{}", at.0, at.1);
        let Some(command) = self.all.get_mut(&(at.0, cause.0)) else {
            let found = format!("outcome {outcome} of command {}", cause.0);
            findings.breach(rules::COMMAND_OUTCOME, key, "a command that was ordered", found, place);
            return;
        };
        let (ordered, ordered_op) = (texts.text(command.key), texts.text(command.op));
        if command.pos != cause.1 || ordered != key || ordered_op != op {
            let expected = format!("{ordered_op} {ordered} of row {}", command.pos);
            let found = format!("{op} {key} of row {}", cause.1);
            findings.breach(rules::COMMAND_OUTCOME, ordered, expected, found, place.as_str());
        }
        if matches!(command.state, State::Done | State::Refused) {
            findings.breach(
                rules::COMMAND_OUTCOME,
                ordered,
                "one final outcome",
                format!("another: {outcome}"),
                place,
            );
        }
        command.state = match outcome {
            "done" => State::Done,
            "refused" => State::Refused,
            "accepted" => State::Accepted,
            _ => State::Open,
        };
    }

    /// A row of the outbox.
    pub fn outbox(&mut self, part: u16, id: u64, key: &str, texts: &Texts, findings: &mut Findings) {
        findings.checked(rules::COMMAND_OUTCOME, 1);
        findings.waits("commands", 1);
        let place = format!("outbox {part}/{id}");
        match self.all.get_mut(&(part, id)) {
            Some(command) => {
                command.in_outbox = true;
                let ordered = texts.text(command.key);
                if ordered != key {
                    findings.breach(rules::COMMAND_OUTCOME, key, ordered, key, place);
                } else if matches!(command.state, State::Done | State::Refused) {
                    let found = "still in the outbox";
                    findings.breach(
                        rules::COMMAND_OUTCOME,
                        key,
                        "to be gone after its outcome",
                        found,
                        place,
                    );
                }
            }
            None => {
                findings.breach(rules::COMMAND_OUTCOME, key, "a journal row that ordered it", "none", place)
            }
        }
    }

    pub fn most(&self, part: u16) -> u64 {
        self.most.get(&part).copied().unwrap_or(0)
    }

    /// Hands each command's document over with what became of it, and each payment's captures; answers what has
    /// commands under way. A capture that is done is judged by its entry, so only one under way is a document here.
    pub fn settle(&self, documents: &mut Documents, payments: &mut Payments) -> BTreeSet<Id> {
        let mut busy = BTreeSet::new();
        for command in self.all.values() {
            let came = match command.state {
                State::Done => Came::Done,
                State::Refused => Came::Refused,
                State::Accepted if !command.in_outbox => Came::Done,
                State::Accepted | State::Open => Came::Open,
            };
            if came == Came::Open {
                busy.insert(command.about);
            }
            match (command.doc, came) {
                (Some((Kind::Captured, payment, side)), Came::Done) => {
                    payments.captured(payment, side.amount)
                }
                (Some((Kind::Captured, _, side)), _) => {
                    documents.ordered(Kind::Captured, command.about, side, came)
                }
                (Some((kind, key, side)), _) => documents.ordered(kind, key, side, came),
                (None, _) => {}
            }
        }
        busy
    }

    pub fn finish(&self, texts: &Texts, findings: &mut Findings) {
        for ((part, id), command) in &self.all {
            if command.state == State::Open && !command.in_outbox {
                findings.breach(
                    rules::COMMAND_OUTCOME,
                    texts.text(command.key),
                    "an outcome, or to stand in the outbox",
                    "neither",
                    format!("journal {part}/{}, command {id}", command.pos),
                );
            }
        }
    }
}
