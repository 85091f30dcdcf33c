//! In what is stored beside the journal: heads, cases, the outbox, the inbox, mail, balances, stock, exceptions.

use super::{Dice, Kind, bump, list};
use crate::Evidence;
use serde_json::Value;

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "a case's state was rolled back",
        rules: &["case.last"],
        plant: |e, dice| {
            let Evidence { cases, journal, .. } = e;
            dice.one(cases, |case, _| {
                let at = |pos: u64| journal.iter().find(|row| (row.part, row.pos) == (case.part, pos));
                let before = at(case.last).map_or(0, |row| row.prev);
                let Some(before) = at(before) else { return false };
                case.open =
                    serde_json::from_slice::<Value>(&before.body).is_ok_and(|body| body["open"] == true);
                case.last = before.pos;
                true
            })
        },
    },
    Kind {
        name: "a case was opened or closed in the state only",
        rules: &["case.last"],
        plant: |e, dice| {
            dice.one(&mut e.cases, |case, _| {
                case.open = !case.open;
                true
            })
        },
    },
    Kind { name: "a case was removed", rules: &["case.known"], plant: |e, dice| gone(&mut e.cases, dice) },
    Kind {
        name: "a case was invented",
        rules: &["case.known"],
        plant: |e, dice| {
            let Some(mut case) = e.cases.get(dice.below(e.cases.len())).cloned() else { return false };
            (case.id, case.value) = (case.id + 1_000_000, "invented".to_owned());
            e.cases.push(case);
            true
        },
    },
    Kind {
        name: "a counter of a head was changed",
        rules: &["journal.dense", "received.dense"],
        plant: |e, dice| {
            dice.one(&mut e.heads, |head, dice| {
                let by = u64::from(dice.off().unsigned_abs() < 500) + 1;
                let all =
                    [&mut head.pos, &mut head.received, &mut head.cases, &mut head.commands, &mut head.mail];
                let at = dice.below(all.len());
                all.into_iter().nth(at).map(|counter| *counter += by).is_some()
            })
        },
    },
    Kind {
        name: "a bit of a head's hash was flipped",
        rules: &["journal.chain"],
        plant: |e, dice| {
            dice.one(&mut e.heads, |head, dice| {
                let (at, bit) = (dice.below(32), dice.below(8));
                head.hash[at] ^= 1 << bit;
                head.pos > 0
            })
        },
    },
    Kind {
        name: "an outbox row was removed",
        rules: &["command.outcome"],
        plant: |e, dice| gone(&mut e.outbox, dice),
    },
    Kind {
        name: "an outbox row has another key",
        rules: &["command.outcome"],
        plant: |e, dice| {
            dice.one(&mut e.outbox, |row, dice| {
                row.2.push_str(&dice.below(10).to_string());
                true
            })
        },
    },
    Kind { name: "a settled command is in the outbox again", rules: &["command.outcome"], plant: unsettled },
    Kind {
        name: "a received message was removed",
        rules: &["received.dense"],
        plant: |e, dice| gone(&mut e.received, dice),
    },
    Kind {
        name: "a received message stands twice",
        rules: &["received.dense"],
        plant: |e, dice| {
            let at = dice.below(e.received.len());
            let Some(row) = e.received.get(at).copied() else { return false };
            e.received.insert(at, row);
            true
        },
    },
    Kind {
        name: "a mark of a message taken in was removed",
        rules: &["received.seen"],
        plant: |e, dice| gone(&mut e.seen, dice),
    },
    Kind {
        name: "a mark of a message is another case's",
        rules: &["received.seen"],
        plant: |e, dice| {
            dice.one(&mut e.seen, |mark, dice| {
                mark.1 += 1 + u64::try_from(dice.below(9)).unwrap_or(0);
                true
            })
        },
    },
    Kind {
        name: "a waiting mail was removed",
        rules: &["mail.once"],
        plant: |e, dice| gone(&mut e.mail, dice),
    },
    Kind { name: "a mail that was taken in waits again", rules: &["mail.once"], plant: waits_again },
    Kind {
        name: "a balance was changed",
        rules: &["books.balances"],
        plant: |e, dice| {
            dice.one(&mut e.balances, |balance, dice| {
                balance.2 += dice.off();
                true
            })
        },
    },
    Kind {
        name: "a balance was removed",
        rules: &["books.balances"],
        plant: |e, dice| {
            let there = dice.round(e.balances.len()).find(|at| e.balances[*at].2 != 0);
            there.map(|at| e.balances.remove(at)).is_some()
        },
    },
    Kind {
        name: "a figure of a stock position was changed",
        rules: &["stock.on_hand", "stock.reserved", "stock.bounds"],
        plant: |e, dice| {
            position(e, dice, |place, dice| {
                let (column, by) = (1 + dice.below(2), dice.off());
                place.get_mut(column).is_some_and(|figure| bump(figure, by))
            })
        },
    },
    Kind {
        name: "a stock position was removed",
        rules: &["stock.on_hand", "stock.reserved"],
        plant: |e, dice| {
            let full = |row: &(u16, u64, String, Vec<u8>)| {
                let body = serde_json::from_slice::<Value>(&row.3).unwrap_or_default();
                let places = body["p"].as_array().cloned().unwrap_or_default();
                row.2.starts_with("p/") && places.iter().any(|place| place[1] != 0 || place[2] != 0)
            };
            let there = dice.round(e.rows.len()).find(|at| full(&e.rows[*at]));
            there.map(|at| e.rows.remove(at)).is_some()
        },
    },
    Kind {
        name: "an open exception was removed",
        rules: &["exception.known", "received.parked"],
        plant: |e, dice| {
            let there = dice.round(e.exceptions.len()).find(|at| e.exceptions[*at].2);
            there.map(|at| e.exceptions.remove(at)).is_some()
        },
    },
    Kind {
        name: "a closed exception was opened, or an open one closed",
        rules: &["exception.known", "received.parked"],
        plant: |e, dice| {
            dice.one(&mut e.exceptions, |row, _| {
                row.2 = !row.2;
                true
            })
        },
    },
];

fn gone<T>(all: &mut Vec<T>, dice: &mut Dice) -> bool {
    let at = dice.below(all.len());
    at < all.len() && all.drain(at..=at).count() == 1
}

fn bodies(e: &Evidence, dice: &mut Dice) -> Vec<(u16, Value)> {
    let read = |at: usize| {
        let row = &e.journal[at];
        serde_json::from_slice(&row.body).ok().map(|body| (row.part, body))
    };
    dice.round(e.journal.len()).filter_map(read).collect()
}

fn unsettled(e: &mut Evidence, dice: &mut Dice) -> bool {
    for (part, body) in bodies(e, dice) {
        let outcome = &body["input"]["outcome"];
        let (Some(id), Some(key)) = (body["cause"]["command"][0].as_u64(), outcome["key"].as_str()) else {
            continue;
        };
        if outcome["outcome"] == "done" || outcome["outcome"] == "refused" {
            e.outbox.push((part, id, key.to_owned()));
            return true;
        }
    }
    false
}

fn waits_again(e: &mut Evidence, dice: &mut Dice) -> bool {
    for (_, body) in bodies(e, dice) {
        let mail = &body["cause"]["mail"];
        if let (Some(part), Some(pos)) =
            (mail[0].as_u64().and_then(|n| u16::try_from(n).ok()), mail[1].as_u64())
        {
            e.mail.push((part, pos));
            return true;
        }
    }
    false
}

/// Changes one place's figures in one position.
fn position(e: &mut Evidence, dice: &mut Dice, change: impl Fn(&mut Value, &mut Dice) -> bool) -> bool {
    dice.one(&mut e.rows, |row, dice| {
        let Ok(mut body) = serde_json::from_slice::<Value>(&row.3) else { return false };
        let changed = row.2.starts_with("p/") && dice.one(list(&mut body, "p"), &change);
        row.3 = body.to_string().into_bytes();
        changed
    })
}
