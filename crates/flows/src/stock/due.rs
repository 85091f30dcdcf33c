//! What a pool looks at when its time comes: holds that end, transfers that should have arrived. Each stands in a
//! row by its minute, so that the head names minutes and days and not what is under way.

use super::desk::Desk;
use super::state::{Row, State, due_key};
use super::{hold, transfer};
use crate::out::Res;
use hub::process::{Fault, Rows};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60;

/// The most that one turn looks at; what is left has the next.
const AT_ONCE: usize = 100;

/// The minute by which an instant is over.
pub(super) fn minute(at: i64) -> i64 {
    at.saturating_add(MINUTE - 1).div_euclid(MINUTE)
}

/// The midnight, in minutes, by which an instant is over.
pub(super) fn midnight(at: i64) -> i64 {
    minute(at).saturating_add(DAY - 1).div_euclid(DAY).saturating_mul(DAY)
}

/// When the pool wants to be woken, milliseconds.
pub(super) fn next(state: &State) -> Option<i64> {
    let first = state.buckets.first().map(|minute| minute.saturating_mul(MINUTE));
    [first, state.due].into_iter().flatten().min()
}

/// Whether the timer is for what is due, and not for publication.
pub(super) fn comes_first(state: &State) -> bool {
    state.buckets.first().is_some_and(|m| state.due.is_none_or(|due| m.saturating_mul(MINUTE) <= due))
}

/// The row in which something due by a minute is to be noted, if there is one yet.
pub(super) fn need(state: Option<&State>, minute: i64) -> Option<String> {
    state.filter(|s| s.buckets.contains(&minute)).map(|_| due_key(minute))
}

/// Has a row looked at.
pub(super) fn note(desk: &mut Desk<'_>, minute: i64, key: String) -> Res {
    let mut keys =
        if desk.state.buckets.insert(minute) { Vec::new() } else { stored(desk, minute)?.to_vec() };
    keys.push(key);
    desk.other.push((due_key(minute), Some(Row::Due(keys))));
    Ok(())
}

fn stored<'a>(desk: &Desk<'a>, minute: i64) -> Res<&'a [String]> {
    match desk.stored(&due_key(minute))? {
        Some(Row::Due(keys)) => Ok(keys),
        other => Err(Fault::new("unreadable", format!("what is due by minute {minute} is {other:?}"))),
    }
}

/// Looks at what is due.
pub(super) fn timer(desk: &mut Desk<'_>) -> Res {
    let Some(minute) = desk.state.buckets.first().copied() else { return Ok(()) };
    if desk.now.0 < minute.saturating_mul(MINUTE) {
        return Ok(());
    }
    let keys = stored(desk, minute)?;
    let (now, later) = keys.split_at(keys.len().min(AT_ONCE));
    for key in now {
        match desk.stored(key)? {
            Some(Row::Order(row)) => hold::expire(desk, key, row, minute)?,
            Some(Row::Transfer(row)) => transfer::overdue(desk, key, row)?,
            _ => {}
        }
    }
    let left = (!later.is_empty()).then(|| Row::Due(later.to_vec()));
    if left.is_none() {
        desk.state.buckets.remove(&minute);
    }
    desk.other.push((due_key(minute), left));
    Ok(())
}

/// Rows that the timer reads: what is due first, and the SKUs of the holds among it.
pub(super) fn needs(state: &State, rows: &Rows<Row>) -> (Vec<String>, Vec<(String, i64)>) {
    let Some(minute) = state.buckets.first() else { return Default::default() };
    let key = due_key(*minute);
    let Some(Some(Row::Due(keys))) = rows.get(&key) else { return (vec![key], Vec::new()) };
    let mut skus = Vec::new();
    for key in keys.iter().take(AT_ONCE) {
        if let Some(Some(Row::Order(row))) = rows.get(key) {
            skus.extend(row.held.iter().map(|h| (h.1.clone(), h.3)));
        }
    }
    (keys.iter().take(AT_ONCE).cloned().collect(), skus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_due_before_its_time() {
        assert_eq!((minute(0), minute(1), minute(60_000), minute(60_001)), (0, 1, 1, 2));
        assert_eq!(
            (midnight(0), midnight(1), midnight(86_400_000), midnight(86_400_001)),
            (0, 1440, 1440, 2880)
        );
    }
}
