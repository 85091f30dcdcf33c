//! The part of the story that those tell who tax, carry, write and serve.

use super::book::{Book, Turn};
use super::edit::{add, command, journal, ledger, stranger, twice, without};
use super::{Plant, story};
use crate::Evidence;
use serde_json::{Value, json};

/// Before a shipment leaves: its label, its tax, and the word to its customer.
pub(super) fn shipped(b: &mut Book, order: &str, fulfilment: &str, shipment: &str, tax: i64) {
    let case = ("order", order);
    let label = json!({"id": fulfilment, "order": order, "fulfilment": fulfilment});
    let bought = json!({"reference": fulfilment, "order": order, "id": format!("LC-{fulfilment}")});
    story::command(b, case, ("carrier", "buy_label", fulfilment), label, vec![("carrier", "label", bought)]);
    let line = json!({"line": "1", "quantity": 1, "amount": tax, "tax": tax});
    let filing = json!({"id": shipment, "order": order, "currency": "GBP", "lines": [line], "tax": tax});
    let filed = json!({"reference": shipment, "order": order, "amount": tax, "currency": "GBP"});
    story::command(b, case, ("tax", "commit_tax", shipment), filing, vec![("tax", "tax_committed", filed)]);
    tell(b, case, "order_shipped", shipment, &json!({"shipment": shipment}));
}

/// A credit is granted: its tax is taken back, its customer told.
pub(super) fn credited(b: &mut Book, order: &str, credit: &str, tax: i64) {
    let case = ("order", order);
    let filing = json!({"id": credit, "order": order, "currency": "GBP", "tax": tax});
    let filed = json!({"reference": credit, "order": order, "amount": tax, "currency": "GBP"});
    story::command(b, case, ("tax", "refund_tax", credit), filing, vec![("tax", "tax_refunded", filed)]);
    tell(b, case, "refund_sent", credit, &json!({"credit": credit}));
}

/// Something is found among returned goods, and customer service hears of it.
pub(super) fn noted(b: &mut Book, rma: &str) {
    let (case, id) = (("return", rma), format!("{rma}-unexpected_goods-1"));
    let about = format!("return/{rma}");
    let note = json!({"id": id, "about": about, "rma": rma, "code": "unexpected_goods", "state": "opened"});
    let commands = vec![("service", "note_case", format!("{id}-opened"), note)];
    let turn = Turn { open: true, ..Turn::default() };
    let turned = Turn { commands, raised: vec!["unexpected_goods"], ..turn.clone() };
    let ordered = b.timer(case, turned).1[0];
    b.ledger("service", "case_opened", json!({"reference": id, "id": about, "detail": "unexpected_goods"}));
    b.done(case, ordered, turn);
}

fn tell(b: &mut Book, case: (&str, &str), milestone: &str, of: &str, data: &Value) {
    let id = format!("{}-{milestone}-{of}", case.1);
    let message = json!({"id": id, "order": case.1, "milestone": milestone, "data": data});
    let row = json!({"reference": id, "order": case.1, "id": format!("told-{of}"), "detail": milestone});
    let to = ("notifications", "notify_customer", id.as_str());
    story::command(b, case, to, message, vec![("notifications", "message", row)]);
}

macro_rules! plants {
    ($($name:literal => $rule:literal, $plant:expr;)+) => {
        pub(super) const PLANTS: &[Plant] = &[$(Plant { name: $name, rule: $rule, plant: $plant }),+];
    };
}

plants! {
    "a message was written twice" => "message.once", |e| twice(e, "notifications", "message");
    "a message was never written" => "message.once", |e| without(e, "notifications", "message");
    "a customer was told something under two names" => "message.once", |e| {
        stranger(e, "notifications", "message", "shop-nobody-order_shipped")
    };
    "a customer was to be told something twice" => "message.once", |e| {
        second(e, "notify_customer", &["order", "milestone", "data"])
    };
    "a case never reached customer service" => "service.noted", |e| without(e, "service", "case_opened");
    "customer service never heard of an exception" => "service.noted", |e| {
        command(e, "note_case", |args| { args["code"] = json!("another"); true })
    };
    "a case stays open after its exception" => "service.noted", |e| {
        journal(e, |body| {
            let noted = body["input"]["outcome"]["op"] == "note_case";
            if noted { body["cleared"] = json!(["unexpected_goods"]); }
            noted
        })
    };
    "tax was filed twice" => "tax.filed", |e| twice(e, "tax", "tax_committed");
    "tax was never taken back" => "tax.filed", |e| without(e, "tax", "tax_refunded");
    "other tax was filed than was invoiced" => "tax.filed", |e| {
        command(e, "commit_tax", |args| add(args, &["tax"], 1))
            && ledger(e, "tax", |row| {
                let mut row = row.clone();
                add(&mut row, &["amount"], 1).then(|| vec![row])
            })
    };
    "a label was bought twice" => "carrier.label", |e| twice(e, "carrier", "label");
    "a label was bought that nobody asked for" => "carrier.label", |e| stranger(e, "carrier", "label", "shop-nobody-F1");
    "one fulfilment order has two labels" => "carrier.label", |e| {
        let first = |row: &Value| row["reference"].clone();
        let mut known = None;
        second(e, "buy_label", &["fulfilment"])
            && ledger(e, "carrier", |row| match &known {
                None => {
                    known = Some(first(row));
                    None
                }
                Some(reference) => {
                    let mut row = row.clone();
                    row["reference"] = reference.clone();
                    Some(vec![row])
                }
            })
    };
}

/// Makes the second command of an operation say in these members what the first does.
fn second(e: &mut Evidence, op: &str, members: &[&str]) -> bool {
    let mut first: Option<Value> = None;
    command(e, op, |args| match &first {
        None => {
            first = Some(args.clone());
            false
        }
        Some(before) => {
            members.iter().for_each(|member| args[*member] = before[*member].clone());
            true
        }
    })
}
