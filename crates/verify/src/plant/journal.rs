//! Errors in the journal's chain and in what is stored beside it.

use super::Plant;
use super::book::rehash;
use super::edit;
use crate::rules::{self, Rule};
use crate::{Evidence, ReceivedState};
use serde_json::{Value, json};

pub(super) const PLANTS: &[Plant] = &[
    Plant {
        name: "a stored body is not as it was written",
        rule: "store.body",
        plant: |e| damaged(e, rules::STORE_BODY),
    },
    Plant {
        name: "a column of a stored row is not as it was written",
        rule: "store.row",
        plant: |e| damaged(e, rules::STORE_ROW),
    },
    Plant {
        name: "the database's file does not hold together",
        rule: "store.file",
        plant: |e| damaged(e, rules::STORE_FILE),
    },
    Plant {
        name: "a row is from an earlier time",
        rule: "store.whole",
        plant: |e| {
            e.totals.push(("cases".to_owned(), 5, 3));
            true
        },
    },
    Plant { name: "a byte of a journal row was flipped", rule: "journal.chain", plant: |e| flip(e) },
    Plant {
        name: "an amount in the journal was changed and nothing mended",
        rule: "journal.chain",
        plant: |e| {
            let heads = e.heads.clone();
            let found = edit::journal(e, |b| edit::add(b, &["entries", "0", "lines", "0", "2"], 1));
            e.heads = heads;
            found
        },
    },
    Plant {
        name: "a journal row was deleted",
        rule: "journal.dense",
        plant: |e| {
            let middle = e.journal.len() / 2;
            e.journal.len() > 2 && e.journal.drain(middle..=middle).count() == 1
        },
    },
    Plant { name: "the journal's tail was cut", rule: "journal.dense", plant: |e| e.journal.pop().is_some() },
    Plant { name: "the tail was cut and the head mended", rule: "case.last", plant: cut_and_mend },
    Plant {
        name: "the tail was cut, the head mended, and a head had been exported",
        rule: "journal.export",
        plant: |e| {
            let exported: Vec<_> = e.heads.iter().map(|h| (h.part, h.pos, h.hash)).collect();
            e.exported.extend(exported);
            cut_and_mend(e)
        },
    },
    Plant {
        name: "history was rewritten after a head had been exported",
        rule: "journal.export",
        plant: |e| {
            let exported: Vec<_> = e.heads.iter().map(|h| (h.part, h.pos, h.hash)).collect();
            e.exported.extend(exported);
            edit::journal(e, |b| !std::mem::replace(&mut b["due"], json!("2026-01-01T00:00:00Z")).is_string())
        },
    },
    Plant {
        name: "a row names another previous row",
        rule: "journal.prev",
        plant: |e| {
            let found = e.journal.iter_mut().find(|r| r.prev > 1).map(|r| r.prev -= 1).is_some();
            rehash(e);
            found
        },
    },
    Plant {
        name: "a row is of another case's name",
        rule: "journal.body",
        plant: |e| {
            let mut seen = 0;
            edit::journal(e, |b| {
                seen += u32::from(b["case"]["kind"] == "order");
                seen == 2 && !std::mem::replace(&mut b["case"]["value"], json!("shop-nobody")).is_null()
            })
        },
    },
    Plant {
        name: "a finished case was reopened in the state",
        rule: "case.last",
        plant: |e| e.cases.iter_mut().find(|c| !c.open).map(|c| c.open = true).is_some(),
    },
    Plant {
        name: "a case's last row was moved",
        rule: "case.last",
        plant: |e| e.cases.iter_mut().find(|c| c.last > 1).map(|c| c.last -= 1).is_some(),
    },
    Plant { name: "a stored case was deleted", rule: "case.known", plant: |e| e.cases.pop().is_some() },
    Plant {
        name: "a balance was changed",
        rule: "books.balances",
        plant: |e| e.balances.first_mut().map(|b| b.2 += 100).is_some(),
    },
    Plant {
        name: "a balance was deleted",
        rule: "books.balances",
        plant: |e| {
            let at = e.balances.iter().position(|b| b.2 != 0);
            at.map(|at| e.balances.remove(at)).is_some()
        },
    },
    Plant {
        name: "the outbox holds a command that nobody ordered",
        rule: "command.outcome",
        plant: |e| {
            e.outbox.push((0, 9_999_999, "refund:nobody-C1".to_owned()));
            true
        },
    },
    Plant {
        name: "a command's outcome was lost",
        rule: "command.outcome",
        plant: |e| {
            edit::journal(e, |b| {
                let done = b["input"]["outcome"]["outcome"] == "done";
                done && !std::mem::replace(&mut b["input"]["outcome"]["outcome"], json!("unknown")).is_null()
            })
        },
    },
    Plant { name: "a capture was ordered twice under one key", rule: "command.key", plant: twice_ordered },
    Plant {
        name: "a mail was never sent",
        rule: "mail.once",
        plant: |e| edit::journal(e, |b| b["messages"].as_array_mut().is_some_and(|m| m.pop().is_some())),
    },
    Plant {
        name: "a mail was taken in twice",
        rule: "mail.once",
        plant: |e| {
            let mut first: Option<Value> = None;
            edit::journal(e, |b| {
                let cause = b["cause"]["mail"].clone();
                if cause.is_null() {
                    return false;
                }
                match &first {
                    None => {
                        first = Some(cause);
                        false
                    }
                    Some(first) => {
                        b["cause"]["mail"] = first.clone();
                        true
                    }
                }
            })
        },
    },
    Plant {
        name: "a received message was deleted",
        rule: "received.dense",
        plant: |e| {
            let middle = e.received.len() / 2;
            e.received.len() > 2 && e.received.drain(middle..=middle).count() == 1
        },
    },
    Plant {
        name: "that a message was taken in was forgotten",
        rule: "received.seen",
        plant: |e| e.seen.pop().is_some(),
    },
    Plant {
        name: "a parked message was hidden from people",
        rule: "received.parked",
        plant: |e| {
            let Some(row) = e.received.iter_mut().find(|r| r.2 == ReceivedState::Decided) else {
                return false;
            };
            row.2 = ReceivedState::Parked;
            true
        },
    },
    Plant {
        name: "an exception was deleted",
        rule: "exception.known",
        plant: |e| {
            edit::journal(e, |b| {
                b["raised"] = json!([{"code": "planted"}]);
                true
            })
        },
    },
    Plant {
        name: "an exception of no cause was slipped in",
        rule: "exception.known",
        plant: |e| {
            let Some(c) = e.cases.first() else { return false };
            e.exceptions.push((format!("{}/{}/{}", c.tenant, c.kind, c.value), "invented".to_owned(), true));
            true
        },
    },
    Plant { name: "on hand was changed in the pool", rule: "stock.on_hand", plant: |e| position(e, 1, 1) },
    Plant { name: "reserved was changed in the pool", rule: "stock.reserved", plant: |e| position(e, 2, 1) },
    Plant {
        name: "more was reserved than is there",
        rule: "stock.bounds",
        plant: |e| position(e, 2, 1_000_000_000_000),
    },
    Plant {
        name: "a position was deleted",
        rule: "stock.on_hand",
        plant: |e| {
            let at = e
                .rows
                .iter()
                .position(|r| r.2.starts_with("p/") && e.books_have(r.2.trim_start_matches("p/")));
            at.map(|at| e.rows.remove(at)).is_some()
        },
    },
    Plant {
        name: "the storefront shows more than there is",
        rule: "stock.published",
        plant: |e| e.shelves.values_mut().next().map(|n| *n += 1).is_some(),
    },
];

/// What reading tells of when a checksum, or the file, does not hold.
fn damaged(e: &mut Evidence, rule: Rule) -> bool {
    e.damaged.push((rule, "cases".to_owned(), "0/1".to_owned(), "its checksum differs".to_owned()));
    true
}

impl Evidence {
    /// Whether some place's account has units of a SKU.
    fn books_have(&self, sku: &str) -> bool {
        self.balances
            .iter()
            .any(|(account, unit, n)| account.contains("units.place.") && unit == sku && *n != 0)
    }
}

fn flip(e: &mut Evidence) -> bool {
    let middle = e.journal.len() / 2;
    let Some(row) = e.journal.get_mut(middle) else { return false };
    let at = row.body.len() / 2;
    row.body.get_mut(at).map(|b| *b ^= 1).is_some()
}

fn cut_and_mend(e: &mut Evidence) -> bool {
    let Some(row) = e.journal.pop() else { return false };
    for head in e.heads.iter_mut().filter(|h| h.part == row.part) {
        head.pos -= 1;
    }
    rehash(e);
    true
}

fn twice_ordered(e: &mut Evidence) -> bool {
    let Some(head) = e.heads.first_mut() else { return false };
    head.commands += 1;
    let (part, id) = (head.part, head.commands);
    let mut key = None;
    let found = edit::journal(e, |b| {
        let Some(all) = b["commands"].as_array_mut() else { return false };
        let Some(mut again) = all.iter().find(|c| c["op"] == "capture").cloned() else { return false };
        again["id"] = json!(id);
        key = again["key"].as_str().map(str::to_owned);
        all.push(again);
        true
    });
    e.outbox.extend(key.map(|key| (part, id, key)));
    found
}

fn position(e: &mut Evidence, column: usize, by: i64) -> bool {
    e.rows.iter_mut().filter(|r| r.2.starts_with("p/")).any(|row| {
        let Ok(mut body) = serde_json::from_slice::<Value>(&row.3) else { return false };
        let found = edit::add(&mut body, &["p", "0", &column.to_string()], by);
        row.3 = body.to_string().into_bytes();
        found
    })
}
