//! What became of the return's commands.

use super::dispose;
use super::turn::Turn;
use crate::out::Res;
use crate::pending::{self, Heard};
use retail::envelope::Outcome;

/// Takes an outcome in.
pub(super) fn heard(t: &mut Turn<'_>, op: &str, key: &str, outcome: &Outcome) -> Res {
    let at = (op, key);
    match pending::heard(&mut t.body.pending, &mut t.out, "return", at, outcome) {
        Heard::Done(_) => {
            let id = key.split_once(':').map_or(key, |(_, id)| id);
            if op == "dispose" { dispose::done(t, id) } else { Ok(()) }
        }
        Heard::Refused { code, message } => {
            pending::stays(&mut t.body.pending, &mut t.out, at, (code, message));
            Ok(())
        }
        Heard::Accepted(_) | Heard::Unknown | Heard::Nothing => Ok(()),
    }
}
