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

#[cfg(test)]
mod tests {
    use super::*;
    use retail::envelope::{Event, Name, json};
    use retail::time::Time;

    const TABLE: &[Transition] =
        moves! { "order.submitted" { awaited => submitted shipped; } "timer" { a => b; } };

    fn event(kind: &str) -> Stimulus {
        let (name, data) = (Name::new("acme", "order", "shop-1"), json(&1).unwrap());
        Stimulus::Event(Event { kind: kind.to_owned(), name, occurred: Time(0), data })
    }

    #[test]
    fn a_move_outside_the_table_is_refused_with_what_it_was() {
        let mut out = Out::default();
        assert!(check(&mut out, TABLE, "awaited", &event("order.submitted"), "shipped").is_ok());
        assert!(
            check(&mut out, TABLE, "completed", &event("order.submitted"), "completed").is_ok(),
            "no move"
        );
        let fault = check(&mut out, TABLE, "completed", &event("order.submitted"), "submitted").unwrap_err();
        assert_eq!(fault.code, "transition_refused");
        assert!(fault.why.contains("completed") && fault.why.contains("submitted"), "{}", fault.why);
        assert!(out.raise.is_empty());
    }

    #[test]
    fn what_has_happened_cannot_be_refused_and_is_shown() {
        let mut out = Out::default();
        assert!(check(&mut out, TABLE, "a", &Stimulus::Timer, "b").is_ok());
        assert!(out.raise.is_empty());
        assert!(check(&mut out, TABLE, "b", &Stimulus::Timer, "a").is_ok());
        assert_eq!(out.raise.first().map(|a| a.code), Some("transition_unexpected"));
    }

    #[test]
    fn every_process_has_a_table_without_doubles_and_nothing_leaves_its_ends() {
        for (table, ends) in [
            (crate::order::TABLE, &["completed", "cancelled"][..]),
            (crate::returns::TABLE, &["declined", "cancelled", "expired"][..]),
            (crate::refund::TABLE, &[][..]),
        ] {
            for (i, t) in table.iter().enumerate() {
                assert!(t.from != t.to && !ends.contains(&t.from), "{t:?}");
                assert!(!table[..i].contains(t), "{t:?} stands in it twice");
            }
        }
        // The late reversals, by name (F9).
        let reversal = |table: &[Transition], from| {
            let moves: Vec<_> = table.iter().filter(|t| t.from == from).map(|t| (t.on, t.to)).collect();
            moves
        };
        assert_eq!(reversal(crate::refund::TABLE, "succeeded"), [("refund.failed", "reversed")]);
        assert_eq!(reversal(crate::returns::TABLE, "completed"), [("credit.failed", "credit_issued")]);
    }
}
