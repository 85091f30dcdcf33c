//! Errors in what the journal means, with the chain mended behind them.

use super::Plant;
use super::edit::{add, command, event, fact, journal, message};
use crate::Evidence;
use serde_json::Value;

pub(super) const PLANTS: &[Plant] = &[
    Plant {
        name: "an amount in an entry was changed",
        rule: "books.balanced",
        plant: |e| journal(e, |b| add(b, &["entries", "0", "lines", "0", "2"], 1)),
    },
    Plant {
        name: "a line of an entry was removed",
        rule: "books.balanced",
        plant: |e| {
            journal(e, |b| {
                b.pointer_mut("/entries/0/lines")
                    .and_then(Value::as_array_mut)
                    .is_some_and(|l| l.pop().is_some())
            })
        },
    },
    Plant {
        name: "both sides of an entry were changed",
        rule: "books.balances",
        plant: |e| {
            journal(e, |b| {
                let lines = b.pointer("/entries/0/lines").and_then(Value::as_array);
                let two = lines.is_some_and(|l| l.len() == 2 && l[0][0] != l[1][0]);
                two && add(b, &["entries", "0", "lines", "0", "2"], 5)
                    && add(b, &["entries", "0", "lines", "1", "2"], -5)
            })
        },
    },
    Plant {
        name: "an entry was removed",
        rule: "books.balances",
        plant: |e| journal(e, |b| b["entries"].as_array_mut().is_some_and(|l| l.pop().is_some())),
    },
    Plant {
        name: "a capture was never posted, and the balances were mended",
        rule: "books.settled",
        plant: unposted,
    },
    Plant { name: "a capture was never posted", rule: "payment.captured", plant: unposted },
    Plant {
        name: "an order's total was changed",
        rule: "order.total",
        plant: |e| event(e, "order.submitted", |d| add(d, &["total"], 100)),
    },
    Plant {
        name: "the ERP was asked to write another total",
        rule: "order.total",
        plant: |e| command(e, "create_sales_order", |a| add(a, &["total"], -1)),
    },
    Plant {
        name: "a capture took less than is refunded",
        rule: "payment.bound",
        plant: |e| message(e, "refund.settled", |d| add(d, &["amount"], 1_000_000)),
    },
    Plant {
        name: "units were credited that never came back",
        rule: "return.credited",
        plant: |e| fact(e, "return.goods_received", |d| add(d, &["lines", "0", "quantity"], -1)),
    },
    Plant {
        name: "more units were ordered than were shipped or cancelled",
        rule: "order.finished",
        plant: |e| event(e, "order.submitted", |d| add(d, &["lines", "0", "quantity"], 1)),
    },
    Plant {
        name: "a shipment has a unit more than the warehouse says",
        rule: "wms.shipment",
        plant: shipped_more,
    },
    Plant { name: "a shipment has a unit more than was delivered", rule: "order.units", plant: shipped_more },
    Plant {
        name: "a delivery lacks a unit",
        rule: "order.units",
        plant: |e| command(e, "post_delivery", |a| add(a, &["lines", "0", "quantity"], -1)),
    },
    Plant {
        name: "an invoice asks a penny more for a line",
        rule: "order.invoiced",
        plant: |e| {
            command(e, "post_invoice", |a| add(a, &["lines", "0", "amount"], 1) && add(a, &["total"], 1))
        },
    },
    Plant {
        name: "an invoice is not the sum of its lines",
        rule: "order.invoiced",
        plant: |e| command(e, "post_invoice", |a| add(a, &["total"], 1)),
    },
    Plant {
        name: "a credit is not the sum of its lines",
        rule: "credit.lines",
        plant: |e| message(e, "credit.granted", |d| add(d, &["amount"], 7)),
    },
    Plant {
        name: "a credit gives back more units than were shipped",
        rule: "credit.lines",
        plant: |e| message(e, "credit.granted", |d| add(d, &["lines", "0", "quantity"], 1_000)),
    },
    Plant {
        name: "a credit gives back more than was charged",
        rule: "credit.lines",
        plant: |e| {
            message(e, "credit.granted", |d| {
                add(d, &["lines", "0", "amount"], 1_000_000) && add(d, &["amount"], 1_000_000)
            })
        },
    },
    Plant {
        name: "a refund is asked for beyond its credit",
        rule: "credit.paid",
        plant: |e| message(e, "refund.open", |d| add(d, &["amount"], 1)),
    },
    Plant {
        name: "a refund settled for less than was owed",
        rule: "credit.paid",
        plant: |e| message(e, "refund.settled", |d| add(d, &["amount"], -1)),
    },
    Plant {
        name: "a credit memo is of another amount",
        rule: "credit.paid",
        plant: |e| command(e, "post_credit_memo", |a| add(a, &["total"], 1)),
    },
    Plant {
        name: "a refund went to another system than the capture",
        rule: "payment.executor",
        plant: |e| to_executor(e, "other"),
    },
    Plant {
        name: "a refund was asked of what is no system",
        rule: "payment.executor",
        plant: |e| to_executor(e, "exchange"),
    },
    Plant {
        name: "a dispute was lost and its payment refunded all the same",
        rule: "payment.disputed",
        plant: |e| fact(e, "dispute.closed", |d| put(d, "outcome", "lost")),
    },
    Plant {
        name: "money was left between two orders",
        rule: "books.cleared",
        plant: |e| {
            journal(e, |b| {
                let lines = b.pointer_mut("/entries/0/lines").and_then(Value::as_array_mut);
                let found = lines.and_then(|l| l.iter_mut().find(|l| l[0] == "provider.stripe"));
                found.is_some_and(|l| {
                    l[0] = Value::from("provider.exchange");
                    true
                })
            })
        },
    },
    Plant {
        name: "who asked for a credit approved it",
        rule: "credit.approved",
        plant: |e| {
            fact(e, "credit.granted", |d| {
                let by = d["by"].as_str().unwrap_or_default().to_owned();
                !by.is_empty() && put(d, "approved_by", &by)
            })
        },
    },
    Plant {
        name: "goodwill was granted and less of it paid",
        rule: "credit.paid",
        plant: |e| fact(e, "credit.granted", |d| d["kind"] == "goodwill" && add(d, &["amount"], 5)),
    },
    Plant {
        name: "a hold was lifted that was another one",
        rule: "order.held",
        plant: |e| fact(e, "order.hold_lifted", |d| put(d, "hold", "another")),
    },
    Plant {
        name: "another tax was filed than was invoiced",
        rule: "tax.invoiced",
        plant: |e| command(e, "commit_tax", |a| add(a, &["lines", "0", "tax"], 1) && add(a, &["tax"], 1)),
    },
    Plant {
        name: "the tax that was filed is not that of its lines",
        rule: "tax.invoiced",
        plant: |e| command(e, "commit_tax", |a| add(a, &["tax"], 1)),
    },
    Plant {
        name: "the tax of an invoice was filed under another's number",
        rule: "tax.invoiced",
        plant: |e| command(e, "commit_tax", |a| put(a, "id", "S-shop-9-1")),
    },
    Plant {
        name: "a unit that came back was never disposed of",
        rule: "return.disposed",
        plant: |e| command(e, "dispose", |a| add(a, &["lines", "0", "quantity"], -1)),
    },
    Plant {
        name: "a unit that never came back was disposed of",
        rule: "return.disposed",
        plant: |e| command(e, "dispose", |a| add(a, &["lines", "0", "quantity"], 1)),
    },
    Plant {
        name: "the pool was told of more restocked units",
        rule: "return.restocked",
        plant: |e| message(e, "stock.returned", |d| add(d, &["lines", "0", "quantity"], 1)),
    },
    Plant {
        name: "more came back than was ever shipped",
        rule: "return.shipped",
        plant: |e| {
            command(e, "create_return_order", |a| add(a, &["lines", "0", "quantity"], 1_000))
                && fact(e, "return.goods_received", |d| add(d, &["lines", "0", "quantity"], 1_000))
        },
    },
    Plant {
        name: "a reservation was given that the pool does not hold",
        rule: "stock.reserved",
        plant: |e| message(e, "stock.reserved", |d| add(d, &["lines", "0", "quantity"], 1)),
    },
    Plant {
        name: "a hold was given a unit more than the pool holds",
        rule: "stock.reserved",
        plant: |e| fact(e, "stock.held", |d| add(d, &["lines", "0", "3"], 1)),
    },
    Plant {
        name: "more of a hold ended than it held",
        rule: "stock.hold",
        plant: |e| fact(e, "stock.hold_ended", |d| add(d, &["lines", "0", "3"], 2)),
    },
    Plant {
        name: "a transfer arrived that never left",
        rule: "stock.transit",
        plant: |e| {
            let row = e.rows.iter_mut().find(|row| row.2.starts_with("t/"));
            let Some((.., body)) = row else { return false };
            let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return false };
            let found = add(&mut value, &["l", "0", "3"], 1);
            *body = value.to_string().into_bytes();
            found
        },
    },
    Plant {
        name: "an order is promised more than is expected",
        rule: "stock.promised",
        plant: |e| message(e, "stock.promised", |d| add(d, &["expected", "0", "quantity"], 1_000)),
    },
    Plant {
        name: "another figure was published than is available",
        rule: "stock.published",
        plant: |e| {
            let mut found = false;
            let args = |a: &mut Value| add(a, &["items", "0", "available"], 1);
            // The last word counts, so all of them are changed.
            while command(e, "publish_stock", |a| a["planted"].is_null() && args(a) && mark(a)) {
                found = true;
            }
            found
        },
    },
];

/// Changes the data of the first fact of a kind.
fn put(data: &mut Value, member: &str, text: &str) -> bool {
    data[member] = Value::from(text);
    true
}

/// Has the first refund go to another executor.
fn to_executor(e: &mut Evidence, executor: &str) -> bool {
    journal(e, |body| {
        let all = body["commands"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
        all.iter_mut().filter(|c| c["op"] == "refund").any(|c| put(c, "at", executor))
    })
}

fn mark(a: &mut Value) -> bool {
    a["planted"] = Value::Bool(true);
    true
}

fn shipped_more(e: &mut Evidence) -> bool {
    event(e, "shipment.confirmed", |d| add(d, &["parcels", "0", "lines", "0", "quantity"], 1))
}

/// Takes a capture out of the journal and out of the balances.
fn unposted(e: &mut Evidence) -> bool {
    let mut moved: Vec<(String, String, i64)> = Vec::new();
    let found = journal(e, |b| {
        let Some(entries) = b["entries"].as_array_mut() else { return false };
        let Some(at) = entries.iter().position(|x| x["memo"] == "captured") else { return false };
        let entry = entries.remove(at);
        for line in entry["lines"].as_array().map(Vec::as_slice).unwrap_or_default() {
            if let (Some(entity), Some(account), Some(unit), Some(n)) =
                (entry["entity"].as_str(), line[0].as_str(), line[1].as_str(), line[2].as_i64())
            {
                moved.push((format!("{entity}/{account}"), unit.to_owned(), n));
            }
        }
        true
    });
    for (account, unit, n) in moved {
        for balance in e.balances.iter_mut().filter(|b| b.0 == account && b.1 == unit) {
            balance.2 -= n;
        }
    }
    found
}
