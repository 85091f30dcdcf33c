//! In the journal: rows, what they post, and the chain, mended by a careful forger or not.

use super::{Dice, Kind, body, bump, list};
use crate::plant::book::rehash;
use crate::{Evidence, JournalRow};
use serde_json::Value;

pub(super) const KINDS: &[Kind] = &[
    Kind { name: "a bit of a journal row was flipped", rules: &["journal.chain"], plant: flipped },
    Kind { name: "a journal row was removed", rules: &["journal.dense"], plant: removed },
    Kind { name: "a journal row stands twice", rules: &["journal.dense"], plant: doubled },
    Kind { name: "two journal rows changed places", rules: &["journal.chain"], plant: swapped },
    Kind { name: "the journal's tail was cut", rules: &["journal.dense"], plant: |e, dice| cut(e, dice) > 0 },
    Kind {
        name: "the tail was cut and every counter mended, after a head had been exported",
        rules: &["journal.export"],
        plant: cut_and_mended,
    },
    Kind {
        name: "a row's time was changed and the chain mended, after a head had been exported",
        rules: &["journal.export"],
        plant: |e, dice| {
            export(e);
            let changed = dice.one(&mut e.journal, |row, dice| {
                row.at += dice.off();
                true
            });
            rehash(e);
            changed
        },
    },
    Kind {
        name: "a row names another previous row",
        rules: &["journal.prev"],
        plant: |e, dice| {
            let changed = dice.one(&mut e.journal, |row, dice| {
                let other = u64::try_from(dice.below(usize::try_from(row.pos).unwrap_or(1))).unwrap_or(0);
                row.case != 0 && std::mem::replace(&mut row.prev, other) != other
            });
            rehash(e);
            changed
        },
    },
    Kind { name: "a posting was removed", rules: &["books.balances"], plant: posting_removed },
    Kind { name: "a posting stands twice", rules: &["books.balances"], plant: posting_doubled },
    Kind {
        name: "an amount of a posting was changed",
        rules: &["books.balanced"],
        plant: |e, dice| {
            line(e, dice, |lines, dice| {
                let (at, by) = (dice.below(lines.len()), dice.off());
                lines.get_mut(at).and_then(|line| line.get_mut(2)).is_some_and(|amount| bump(amount, by))
            })
        },
    },
    Kind {
        name: "an amount was changed on both sides",
        rules: &["books.balances"],
        plant: |e, dice| {
            line(e, dice, |lines, dice| {
                let by = dice.off();
                let [first, second, ..] = lines else { return false };
                first[1] == second[1]
                    && first[0] != second[0]
                    && bump(&mut first[2], by)
                    && bump(&mut second[2], -by)
            })
        },
    },
    Kind {
        name: "a posting went to another account",
        rules: &["books.balances"],
        plant: |e, dice| {
            line(e, dice, |lines, dice| {
                let at = dice.below(lines.len());
                let Some(line) = lines.get_mut(at) else { return false };
                line[0] = Value::from("rounding.elsewhere");
                line[2] != 0
            })
        },
    },
    Kind {
        name: "a message was taken in twice",
        rules: &["received.seen"],
        plant: |e, dice| again(e, dice, "received"),
    },
    Kind {
        name: "a mail was taken in twice",
        rules: &["mail.once"],
        plant: |e, dice| again(e, dice, "mail"),
    },
    Kind {
        name: "an outcome was heard twice",
        rules: &["command.outcome"],
        plant: |e, dice| again(e, dice, "command"),
    },
];

fn flipped(e: &mut Evidence, dice: &mut Dice) -> bool {
    dice.one(&mut e.journal, |row, dice| {
        let (at, bit) = (dice.below(row.body.len()), dice.below(8));
        row.body.get_mut(at).map(|byte| *byte ^= 1 << bit).is_some()
    })
}

fn removed(e: &mut Evidence, dice: &mut Dice) -> bool {
    let at = dice.below(e.journal.len());
    e.journal.len() > 1 && e.journal.drain(at..=at).count() == 1
}

fn doubled(e: &mut Evidence, dice: &mut Dice) -> bool {
    let at = dice.below(e.journal.len());
    let Some(row) = e.journal.get(at).cloned() else { return false };
    e.journal.insert(at, row);
    true
}

fn swapped(e: &mut Evidence, dice: &mut Dice) -> bool {
    let (one, other) = (dice.below(e.journal.len()), dice.below(e.journal.len()));
    let (Some(a), Some(b)) = (e.journal.get(one).cloned(), e.journal.get(other).cloned()) else {
        return false;
    };
    if a.body == b.body {
        return false;
    }
    e.journal[one].body = b.body;
    e.journal[other].body = a.body;
    true
}

fn export(e: &mut Evidence) {
    let heads: Vec<_> = e.heads.iter().filter(|h| h.pos > 0).map(|h| (h.part, h.pos, h.hash)).collect();
    e.exported.extend(heads);
}

/// Cuts up to ten rows off the end of one partition's journal; answers how many.
fn cut(e: &mut Evidence, dice: &mut Dice) -> u64 {
    let part = e.heads[dice.below(e.heads.len())].part;
    let there = e.journal.iter().filter(|row| row.part == part).count();
    let gone = (1 + dice.below(10)).min(there);
    let mut kept = there - gone;
    e.journal.retain(|row| {
        let keeps = row.part != part || kept > 0;
        kept = kept.saturating_sub(usize::from(row.part == part));
        keeps
    });
    u64::try_from(gone).unwrap_or(0)
}

/// Cuts the tail, and puts the head and the cases where the journal now ends.
fn cut_and_mended(e: &mut Evidence, dice: &mut Dice) -> bool {
    export(e);
    if cut(e, dice) == 0 {
        return false;
    }
    let Evidence { journal, heads, cases, .. } = e;
    for head in heads.iter_mut() {
        let rows = || journal.iter().filter(|row| row.part == head.part);
        let bodies = || rows().filter_map(|row| serde_json::from_slice::<Value>(&row.body).ok());
        let most = |list: &str, number: &str| {
            let numbers = bodies().flat_map(|body| body[list].as_array().cloned().unwrap_or_default());
            numbers.filter_map(|one| one[number].as_u64()).max().unwrap_or(0)
        };
        (head.commands, head.mail) = (most("commands", "id"), most("messages", "pos"));
        head.cases = rows().map(|row| row.case).max().unwrap_or(0);
        head.pos = rows().map(|row| row.pos).max().unwrap_or(0);
    }
    cases.retain_mut(|case| {
        let last = journal.iter().rev().find(|row| (row.part, row.case) == (case.part, case.id));
        let Some(last) = last else { return false };
        case.last = last.pos;
        case.open = serde_json::from_slice::<Value>(&last.body).is_ok_and(|body| body["open"] == true);
        true
    });
    rehash(e);
    true
}

/// Changes the lines of one entry, and mends the chain.
fn line(e: &mut Evidence, dice: &mut Dice, change: impl Fn(&mut [Value], &mut Dice) -> bool) -> bool {
    let changed = body(e, dice, |body, dice| {
        let entries = list(body, "entries");
        dice.one(entries, |entry, dice| change(list(entry, "lines"), dice))
    });
    rehash(e);
    changed
}

fn posting_removed(e: &mut Evidence, dice: &mut Dice) -> bool {
    let changed = body(e, dice, |body, dice| {
        let Some(entries) = body.get_mut("entries").and_then(Value::as_array_mut) else { return false };
        let at = dice.below(entries.len());
        at < entries.len() && !entries.remove(at).is_null()
    });
    rehash(e);
    changed
}

fn posting_doubled(e: &mut Evidence, dice: &mut Dice) -> bool {
    let changed = body(e, dice, |body, dice| {
        let Some(entries) = body.get_mut("entries").and_then(Value::as_array_mut) else { return false };
        let again = entries.get(dice.below(entries.len())).cloned();
        entries.extend(again.clone());
        again.is_some()
    });
    rehash(e);
    changed
}

/// What a row of that cause established happens once more at the end of the journal: a row as the hub would write it,
/// with head, case and balances as they would be then.
fn again(e: &mut Evidence, dice: &mut Dice, cause: &str) -> bool {
    let found = dice.round(e.journal.len()).find(|at| {
        let body = serde_json::from_slice::<Value>(&e.journal[*at].body).unwrap_or_default();
        e.journal[*at].case != 0 && body["parked"].is_null() && !body["cause"][cause].is_null()
    });
    let Some(row) = found.map(|at| e.journal[at].clone()) else { return false };
    let Some(case) = e.cases.iter_mut().find(|c| (c.part, c.id) == (row.part, row.case)) else {
        return false;
    };
    let Some(head) = e.heads.iter_mut().find(|head| head.part == row.part) else { return false };
    let body = serde_json::from_slice::<Value>(&row.body).unwrap_or_default();
    head.pos += 1;
    let new = JournalRow { pos: head.pos, prev: case.last, ..row };
    (case.last, case.open) = (new.pos, body["open"] == true);
    for entry in body["entries"].as_array().into_iter().flatten() {
        for line in entry["lines"].as_array().into_iter().flatten() {
            let account = format!(
                "{}/{}",
                entry["entity"].as_str().unwrap_or_default(),
                line[0].as_str().unwrap_or_default()
            );
            let (unit, by) = (line[1].as_str().unwrap_or_default(), line[2].as_i64().unwrap_or(0));
            let known = e.balances.iter_mut().find(|(a, u, _)| *a == account && u == unit);
            match known {
                Some(balance) => balance.2 += by,
                None => e.balances.push((account, unit.to_owned(), by)),
            }
        }
    }
    let end = e.journal.iter().rposition(|row| row.part == new.part).map_or(0, |at| at + 1);
    e.journal.insert(end, new);
    rehash(e);
    true
}
