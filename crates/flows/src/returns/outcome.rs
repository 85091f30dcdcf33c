//! What became of the return's commands.

use super::dispose;
use super::turn::Turn;
use crate::out::Res;
use crate::pending::Pending;
use crate::refusal;
use crate::tell;
use retail::envelope::Outcome;

/// Takes an outcome in. One of a command that is over already changes nothing.
pub(super) fn heard(t: &mut Turn<'_>, op: &str, key: &str, outcome: &Outcome) -> Res {
    if tell::heard(&mut t.out, op, key, outcome) || !t.body.pending.contains_key(key) {
        return Ok(());
    }
    match outcome {
        Outcome::Done { .. } => {
            t.body.pending.remove(key);
            t.out.clear(refusal::code(op));
            if !t.body.pending.values().any(|p| *p == Pending::Refused) {
                t.out.clear("command_fault");
            }
            let id = key.split_once(':').map_or(key, |(_, id)| id);
            if op == "dispose" { dispose::done(t, id) } else { Ok(()) }
        }
        Outcome::Refused { code, message } => {
            t.body.pending.insert(key.to_owned(), Pending::Refused);
            refusal::raise(&mut t.out, op, key, code, message);
            Ok(())
        }
        Outcome::Fault { code, message } => {
            t.body.pending.insert(key.to_owned(), Pending::Refused);
            t.out.raise(
                "command_fault",
                "integration",
                format!("{key} could not be sent as it is: {message} ({code})"),
                "repair the connector or its mapping, then request a retry of the return",
            );
            Ok(())
        }
        Outcome::Unknown { .. } => {
            t.body.pending.insert(key.to_owned(), Pending::Unknown);
            Ok(())
        }
        Outcome::Accepted { .. } => {
            t.body.pending.insert(key.to_owned(), Pending::Accepted);
            Ok(())
        }
        Outcome::Throttled { .. } | Outcome::Absent => Ok(()),
    }
}
