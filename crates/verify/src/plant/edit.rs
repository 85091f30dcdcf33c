//! Finding and changing rows.

use super::book::rehash;
use crate::Evidence;
use serde_json::{Value, json};

/// Changes the first journal row that `change` takes, and mends the chain. Answers whether one was found.
pub(crate) fn journal(e: &mut Evidence, change: impl FnMut(&mut Value) -> bool) -> bool {
    let found = journal_unmended(e, change);
    rehash(e);
    found
}

fn journal_unmended(e: &mut Evidence, mut change: impl FnMut(&mut Value) -> bool) -> bool {
    e.journal.iter_mut().any(|row| {
        let Ok(mut body) = serde_json::from_slice::<Value>(&row.body) else { return false };
        let changed = change(&mut body);
        if changed {
            row.body = body.to_string().into_bytes();
        }
        changed
    })
}

/// Adds to the number at a path of an object, such as `["lines", "0", "quantity"]`. Answers whether it was there.
pub(crate) fn add(value: &mut Value, path: &[&str], by: i64) -> bool {
    let pointer: String = path.iter().map(|p| format!("/{p}")).collect();
    match value.pointer_mut(&pointer) {
        Some(found) => match found.as_i64() {
            Some(n) => {
                *found = json!(n + by);
                true
            }
            None => false,
        },
        None => false,
    }
}

/// Changes the data of the first event of a kind that was taken in.
pub(crate) fn event(e: &mut Evidence, kind: &str, mut change: impl FnMut(&mut Value) -> bool) -> bool {
    journal(e, |body| {
        let taken = body["parked"].is_null() && body["input"]["event"]["type"] == kind;
        taken && change(&mut body["input"]["event"]["data"])
    })
}

/// Changes the arguments of the first command of an operation.
pub(crate) fn command(e: &mut Evidence, op: &str, mut change: impl FnMut(&mut Value) -> bool) -> bool {
    journal(e, |body| {
        let all = body["commands"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
        all.iter_mut().filter(|c| c["op"] == op).any(|c| change(&mut c["args"]))
    })
}

/// Changes the data of the first message of a kind, as it was sent; the receiver's copy stays.
pub(crate) fn message(e: &mut Evidence, kind: &str, mut change: impl FnMut(&mut Value) -> bool) -> bool {
    journal(e, |body| {
        let all = body["messages"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
        all.iter_mut().filter(|m| m["kind"] == kind).any(|m| change(&mut m["data"]))
    })
}

/// Changes the data of the first fact of a kind.
pub(crate) fn fact(e: &mut Evidence, kind: &str, mut change: impl FnMut(&mut Value) -> bool) -> bool {
    journal(e, |body| {
        let all = body["facts"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
        all.iter_mut().filter(|f| f["type"] == kind).any(|f| change(&mut f["data"]))
    })
}

/// Rewrites the rows of each ledger of a kind of system: `change` sees a row and answers what stands there instead,
/// or nothing to leave it. The first change ends it. Rows are numbered anew.
pub(crate) fn ledger(
    e: &mut Evidence,
    system: &str,
    mut change: impl FnMut(&Value) -> Option<Vec<Value>>,
) -> bool {
    for (_, rows) in e.ledgers.iter_mut().filter(|(name, _)| name.starts_with(system)) {
        let mut found = None;
        for (at, row) in rows.iter().enumerate() {
            let Ok(row) = serde_json::from_str::<Value>(row) else { continue };
            if let Some(instead) = change(&row) {
                found = Some((at, instead));
                break;
            }
        }
        if let Some((at, instead)) = found {
            rows.splice(at..=at, instead.iter().map(Value::to_string));
            number(rows);
            return true;
        }
    }
    false
}

/// Numbers the rows of a ledger anew.
pub(crate) fn number(rows: &mut [String]) {
    for (n, row) in rows.iter_mut().enumerate() {
        if let Ok(mut value) = serde_json::from_str::<Value>(row) {
            value["n"] = json!(n + 1);
            *row = value.to_string();
        }
    }
}

/// Says the first row of a kind twice.
pub(crate) fn twice(e: &mut Evidence, system: &str, kind: &str) -> bool {
    ledger(e, system, |row| (row["kind"] == kind).then(|| vec![row.clone(), row.clone()]))
}

/// Takes the first row of a kind away.
pub(crate) fn without(e: &mut Evidence, system: &str, kind: &str) -> bool {
    ledger(e, system, |row| (row["kind"] == kind).then(Vec::new))
}

/// Adds to a number of the first row of a kind.
pub(crate) fn more(e: &mut Evidence, system: &str, kind: &str, member: &str, by: i64) -> bool {
    ledger(e, system, |row| {
        let mut row = row.clone();
        (row["kind"] == kind && add(&mut row, &[member], by)).then(|| vec![row])
    })
}

/// Adds a row like the first of a kind, of something that nobody ordered.
pub(crate) fn stranger(e: &mut Evidence, system: &str, kind: &str, reference: &str) -> bool {
    ledger(e, system, |row| {
        let mut new = row.clone();
        new["reference"] = json!(reference);
        (row["kind"] == kind).then(|| vec![row.clone(), new])
    })
}
