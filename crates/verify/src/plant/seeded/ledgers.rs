//! In what systems did: rows that are missing, doubled, of other contents, or of nobody's doing.

use super::{Dice, Kind, bump};
use crate::Evidence;
use crate::plant::edit::number;
use serde_json::Value;

/// What a system does once, at somebody's word, and is judged by.
const DEEDS: &[&str] = &[
    "refunded",
    "captured",
    "sales_order",
    "invoice",
    "delivery",
    "credit_memo",
    "return_order",
    "return_receipt",
    "sales_order_cancelled",
    "release",
    "fulfilment",
    "shipment",
    "order_placed",
    "shipment_reported",
    "refund_reported",
    "cancellation_reported",
];

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "something that a system did is missing",
        rules: &[],
        plant: |e, dice| deed(e, dice, |_, _| Some(0)),
    },
    Kind { name: "a system did something twice", rules: &[], plant: |e, dice| deed(e, dice, |_, _| Some(2)) },
    Kind {
        name: "a system did something of another amount",
        rules: &[],
        plant: |e, dice| {
            deed(e, dice, |row, dice| {
                let by = dice.off();
                let member = if row["amount"].is_i64() { "amount" } else { "quantity" };
                row.get_mut(member).is_some_and(|n| bump(n, by)).then_some(1)
            })
        },
    },
    Kind {
        name: "a system did something for nobody",
        rules: &[],
        plant: |e, dice| {
            deed(e, dice, |row, dice| {
                row["reference"] = Value::from(format!("nobody-{}", dice.below(1_000)));
                Some(1)
            })
        },
    },
    Kind {
        name: "a row of a ledger is gone",
        rules: &["ledger.dense"],
        plant: |e, dice| {
            let mut ledgers: Vec<_> = e.ledgers.values_mut().collect();
            dice.one(&mut ledgers, |rows, dice| {
                let at = dice.below(rows.len().saturating_sub(1));
                rows.len() > 1 && rows.drain(at..=at).count() == 1
            })
        },
    },
];

/// Has one row of a deed stand there changed, and so many times; its ledger is numbered anew.
fn deed(e: &mut Evidence, dice: &mut Dice, change: impl Fn(&mut Value, &mut Dice) -> Option<usize>) -> bool {
    let mut ledgers: Vec<_> = e.ledgers.values_mut().collect();
    dice.one(&mut ledgers, |rows, dice| {
        for at in dice.round(rows.len()) {
            let Ok(mut row) = serde_json::from_str::<Value>(&rows[at]) else { continue };
            if !row["kind"].as_str().is_some_and(|kind| DEEDS.contains(&kind)) {
                continue;
            }
            if let Some(times) = change(&mut row, dice) {
                rows.splice(at..=at, std::iter::repeat_n(row.to_string(), times));
                number(rows);
                return true;
            }
        }
        false
    })
}
