//! Transition tables: which status may follow which, and upon what. Statuses are read off counters; the table
//! says which of the moves that they make are meant.

use crate::out::{Out, Res};
use hub::process::{Fault, Stimulus};
use retail::envelope::Outcome;

/// One move that is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transition {
    pub from: &'static str,
    /// An event's or message's type, `{operation}.{outcome}`, or `timer`.
    pub on: &'static str,
    pub to: &'static str,
}

/// Writes a table: for each stimulus, which status may follow which.
macro_rules! moves {
    ($($on:literal { $($from:ident => $($to:ident)+;)+ })+) => {
        &[$($($($crate::transition::Transition {
            from: stringify!($from),
            on: $on,
            to: stringify!($to),
        },)+)+)+]
    };
}
pub(crate) use moves;

/// How a table calls a stimulus.
#[must_use]
pub fn label(stimulus: &Stimulus) -> String {
    match stimulus {
        Stimulus::Event(e) => e.kind.clone(),
        Stimulus::Mail { kind, .. } => kind.clone(),
        Stimulus::Timer => "timer".to_owned(),
        Stimulus::Outcome { op, outcome, .. } => {
            let what = match outcome {
                Outcome::Done { .. } => "done",
                Outcome::Refused { .. } => "refused",
                Outcome::Throttled { .. } => "throttled",
                Outcome::Accepted { .. } => "accepted",
                Outcome::Unknown { .. } => "unknown",
                Outcome::Absent => "absent",
                Outcome::Fault { .. } => "fault",
            };
            format!("{op}.{what}")
        }
    }
}

/// Refuses a move that is not in the table. An outcome or a timer cannot be refused, since what it tells has
/// happened: it is taken in and shown to a person.
pub(crate) fn check(out: &mut Out, table: &[Transition], from: &str, stimulus: &Stimulus, to: &str) -> Res {
    if from == to {
        return Ok(());
    }
    let on = label(stimulus);
    if table.iter().any(|t| t.from == from && t.on == on && t.to == to) {
        return Ok(());
    }
    let why = format!("{on} would take it from {from} to {to}, which is not in the transition table");
    match stimulus {
        Stimulus::Event(_) | Stimulus::Mail { .. } => Err(Fault::new("transition_refused", why)),
        Stimulus::Outcome { .. } | Stimulus::Timer => {
            out.raise(
                "transition_unexpected",
                "integration",
                why,
                "compare the case with the systems it names",
            );
            Ok(())
        }
    }
}
