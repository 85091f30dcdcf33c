//! What a batch must be before any backend looks at it, so that all of them refuse the same.

use hub::batch::{Batch, CaseId, ExceptionChange, OutboxChange, Pos};
use std::collections::{BTreeMap, BTreeSet};

/// Positions and ids stay below this: a backend may keep partition and position in one 63-bit number.
pub(crate) const LARGEST: u64 = (1 << 47) - 1;

/// A balance stays within ± this, so that no database can round or wrap on the way to refusing it.
pub(crate) const LARGEST_BALANCE: i64 = 1 << 62;

/// Says what is wrong with a batch as such, whatever is stored. It is a bug of whoever made it.
pub(crate) fn malformed(b: &Batch) -> Option<String> {
    find_fault(b)
        .err()
        .map(|what| format!("the batch is not well formed, which is a fault of the hub: {what}"))
}

fn find_fault(b: &Batch) -> Result<(), String> {
    let (from, to) = (&b.from, &b.to);
    for (what, from, to) in [
        ("journal", from.pos, to.pos),
        ("received", from.received, to.received),
        ("cases", from.cases, to.cases),
        ("commands", from.commands, to.commands),
        ("mail", from.mail, to.mail),
    ] {
        if to < from || to > LARGEST {
            return Err(format!("{what} would go from {from} to {to}"));
        }
    }
    dense("journal", b.journal.iter().map(|r| r.pos), from.pos, to.pos)?;
    dense("mail", b.mail.iter().map(|r| r.pos), from.mail, to.mail)?;
    dense("received", b.received.iter().map(|r| r.pos), from.received, to.received)?;
    if let Some(m) = b.mail.iter().find(|m| m.from_part != b.part) {
        return Err(format!("mail {} is from partition {}, not {}", m.pos, m.from_part, b.part));
    }
    if let Some((pos, _)) = b.settled.iter().find(|(pos, _)| *pos == 0 || *pos > to.received) {
        return Err(format!("message {pos} changes state and was never received"));
    }
    let (mut had, mut opened) = (BTreeSet::new(), BTreeSet::new());
    for c in &b.cases {
        if c.id == 0 || c.id > to.cases || c.ver == 0 || c.ver > LARGEST || c.last > to.pos {
            return Err(format!("case {} ({}) has version {} and last row {}", c.id, c.name, c.ver, c.last));
        }
        if !had.insert(c.id) || (c.ver == 1 && !opened.insert(&c.name)) {
            return Err(format!("case {} ({}) is written twice", c.id, c.name));
        }
    }
    if let Some((name, case)) = b.routes.iter().find(|(_, case)| *case == 0 || *case > to.cases) {
        return Err(format!("{name} shall lead to case {case}, which was never opened"));
    }
    if let Some(row) = b.rows.iter().find(|row| row.key.is_empty()) {
        return Err(format!("a row of case {} has no key", row.case));
    }
    for change in &b.outbox {
        let id = match change {
            OutboxChange::Put(row) => row.id,
            OutboxChange::Move { id, .. } | OutboxChange::Delete(id) => *id,
        };
        if id == 0 || id > to.commands {
            return Err(format!("command {id} changes and was never ordered"));
        }
    }
    if let Some(e) = b.exceptions.iter().find_map(|e| match e {
        ExceptionChange::Raise(row) if row.part != b.part => Some(row),
        _ => None,
    }) {
        return Err(format!("exception {} about {} is for partition {}", e.code, e.about, e.part));
    }
    Ok(())
}

fn dense(what: &str, found: impl Iterator<Item = Pos>, from: Pos, to: Pos) -> Result<(), String> {
    let mut at = from;
    for pos in found {
        if pos != at + 1 {
            return Err(format!("{what} position {pos} follows {at}"));
        }
        at = pos;
    }
    if at == to { Ok(()) } else { Err(format!("{what} ends at {at}, the new head says {to}")) }
}

/// What each (account, unit) moves by; the sum of a batch is checked, not every step of it.
pub(crate) fn movements(b: &Batch) -> BTreeMap<(&str, &str), i128> {
    let mut sums = BTreeMap::new();
    for change in &b.balances {
        *sums.entry((change.account.as_str(), change.unit.as_str())).or_default() += i128::from(change.delta);
    }
    sums
}

/// The balance after a movement.
///
/// # Errors
/// When it would leave ± [`LARGEST_BALANCE`].
pub(crate) fn moved(account: &str, unit: &str, value: i64, by: i128) -> Result<i64, String> {
    i64::try_from(i128::from(value) + by)
        .ok()
        .filter(|sum| (-LARGEST_BALANCE..=LARGEST_BALANCE).contains(sum))
        .ok_or_else(|| format!("balance {account} {unit} stands at {value} and cannot move by {by}"))
}

/// Case numbers of a clash, in order and once each.
pub(crate) fn sorted(mut cases: Vec<CaseId>) -> Vec<CaseId> {
    cases.sort_unstable();
    cases.dedup();
    cases
}
