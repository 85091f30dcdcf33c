//! Commands that a case has ordered and not heard the end of, and what an outcome means for them whatever the case.

use crate::out::Out;
use crate::refusal;
use retail::envelope::{Json, NOT_SENT, Outcome};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a command stands, as far as the case has been told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Pending {
    #[serde(rename = "s")]
    Sent,
    /// Nobody knows yet whether it was done; the hub looks it up.
    #[serde(rename = "u")]
    Unknown,
    /// Taken; the verdict comes by event.
    #[serde(rename = "a")]
    Accepted,
    /// Refused, and a person must see to it.
    #[serde(rename = "x")]
    Refused,
}

impl Pending {
    /// The word that people see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

/// What of an outcome is left for its case to act on, once the pending commands say what it means for them.
#[derive(Debug)]
pub(crate) enum Heard<'o> {
    /// The command is through.
    Done(&'o Json),
    /// Nothing was done. The command is not pending any more; [`stays`] keeps it for a person.
    Refused { code: &'o str, message: &'o str },
    /// Taken; the verdict comes by event.
    Accepted(&'o Json),
    /// Nobody knows; the hub looks it up.
    Unknown,
    /// Nothing more: it concerns no open command, or is shown to a person already.
    Nothing,
}

/// Takes the outcome of a case's command in. One of a command that is over already changes nothing. `case` is what
/// a person is told to have retried: order, return or refund.
pub(crate) fn heard<'o>(
    pending: &mut BTreeMap<String, Pending>,
    out: &mut Out,
    case: &str,
    (op, key): (&str, &str),
    outcome: &'o Outcome,
) -> Heard<'o> {
    if !pending.contains_key(key) {
        return Heard::Nothing;
    }
    match outcome {
        Outcome::Done { result } => {
            pending.remove(key);
            // A payment that failed may have been reported before this answer: its reports say when that is over.
            let refused = refusal::code(op);
            if refused != refusal::PAYMENT {
                out.clear(refused);
            }
            if !pending.values().any(|p| *p == Pending::Refused) {
                out.clear("command_fault");
            }
            Heard::Done(result)
        }
        Outcome::Refused { code, message } => {
            pending.remove(key);
            Heard::Refused { code, message }
        }
        Outcome::Fault { code, message } => {
            pending.insert(key.to_owned(), Pending::Refused);
            let (what, mend) = if code == NOT_SENT {
                ("has not reached its system", "see that the system can be reached")
            } else {
                ("could not be sent as it is", "repair the connector or its mapping")
            };
            out.raise(
                "command_fault",
                "integration",
                format!("{key} {what}: {message} ({code})"),
                format!("{mend}, then request a retry of the {case}"),
            );
            Heard::Nothing
        }
        Outcome::Unknown { .. } => {
            pending.insert(key.to_owned(), Pending::Unknown);
            Heard::Unknown
        }
        Outcome::Accepted { result } => {
            pending.insert(key.to_owned(), Pending::Accepted);
            Heard::Accepted(result)
        }
        Outcome::Throttled { .. } | Outcome::Absent => Heard::Nothing,
    }
}

/// A refused command stays open until a person has seen to it, who is told.
pub(crate) fn stays(
    pending: &mut BTreeMap<String, Pending>,
    out: &mut Out,
    (op, key): (&str, &str),
    (code, message): (&str, &str),
) {
    pending.insert(key.to_owned(), Pending::Refused);
    refusal::raise(out, op, key, code, message);
}
