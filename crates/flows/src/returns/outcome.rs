//! What became of the return's commands.

use super::turn::Turn;
use super::{dispose, label, matching};
use crate::out::Res;
use crate::pending::{self, Heard};
use crate::tell;
use retail::envelope::Outcome;

/// Takes an outcome in.
pub(super) fn heard(t: &mut Turn<'_>, op: &str, key: &str, outcome: &Outcome) -> Res {
    if tell::heard(&mut t.out, op, key, outcome) {
        return Ok(());
    }
    let at = (op, key);
    let id = key.split_once(':').map_or(key, |(_, id)| id);
    match pending::heard(&mut t.body.pending, &mut t.out, "return", at, outcome) {
        Heard::Done(result) => match op {
            "dispose" => dispose::done(t, id),
            "find_sale" => matching::found(t, id, Some(result)),
            "buy_return_label" => label::bought(t, result),
            "update_return" => dispose::shelf_touched(t),
            _ => Ok(()),
        },
        // An ERP that refuses to find a sale has none.
        Heard::Refused { .. } if op == "find_sale" => matching::found(t, id, None),
        Heard::Refused { code, message } => {
            pending::stays(&mut t.body.pending, &mut t.out, at, (code, message));
            Ok(())
        }
        Heard::Accepted(_) | Heard::Unknown | Heard::Nothing => Ok(()),
    }
}
