//! Part of the small trade: an order of one bundle, to which a line is added while its components are reserved; and
//! the errors that can be planted into it.

use super::Plant;
use super::book::{Book, Turn};
use super::edit::{add, command, fact};
use super::story::{Held, NORTH, POOL, capture, command as told, held, ship, supply, turn};
use serde_json::{Value, json};

const ORDER: &str = "shop-6";
const PARTS: [Held; 2] = [("1a", "A", NORTH, 1), ("1b", "B", NORTH, 1)];

fn line(line: &str, sku: &str, amount: i64, tax: i64) -> Value {
    json!({"line": line, "sku": sku, "kind": "goods", "quantity": 1, "amount": amount, "tax": tax})
}

/// A bundle of 10.00 is sold, its components are shipped with a line of 2.00 that was added.
pub(super) fn story(b: &mut Book) {
    let case = ("order", ORDER);
    let head = json!({"reference": ORDER, "order": ORDER, "amount": 1000, "currency": "GBP", "quantity": 1});
    b.ledger("shop", "order_placed", head.clone());
    b.ledger("stripe", "authorised", head);
    let data =
        json!({"order": ORDER, "lines": [line("1", "SET", 1000, 100)], "total": 1000, "currency": "GBP"});
    let parts = json!([line("1a", "A", 600, 60), line("1b", "B", 400, 40)]);
    let booked = |n: i64| vec![("orders.open", "GBP", n), ("orders.booked", "GBP", -n)];
    let submitted = Turn {
        facts: vec![("order.bundle_expanded", json!({"line": "1", "lines": parts}))],
        messages: vec![("pool", "main".to_owned(), "stock.reserve", json!({"order": ORDER, "lines": parts}))],
        entries: vec![("order_booked", booked(1000))],
        ..turn()
    };
    let asked = b.event(case, "order.submitted", &data, submitted).0[0];
    let answer = json!({"order": ORDER, "lines": held(&PARTS), "short": []});
    let messages = vec![("order", ORDER.to_owned(), "stock.reserved", answer)];
    let answered = b.mail(POOL, asked, Turn { messages, ..turn() }).0[0];
    b.mail(case, answered, turn());
    let sales = json!({"id": ORDER, "lines": parts, "total": 1000});
    let row = json!({"reference": ORDER, "order": ORDER, "amount": 1000, "currency": "GBP", "quantity": 2});
    told(b, case, ("erp", "create_sales_order", ORDER), sales, vec![("erp", "sales_order", row)]);
    let added = line("2", "A", 200, 20);
    let data = json!({"order": ORDER, "id": "e1", "add": [added]});
    let more = json!({"order": ORDER, "id": "e1", "lines": [added]});
    let changed = Turn {
        facts: vec![("order.line_added", added.clone())],
        messages: vec![("pool", "main".to_owned(), "stock.reserve_more", more)],
        entries: vec![("order_booked", booked(200))],
        ..turn()
    };
    let asked = b.event(case, "order.lines_changed", &data, changed).0[0];
    b.mail(POOL, asked, turn());
    supply(b, ORDER, ("2", "A", NORTH, 1));
    let amendment = json!({"id": "shop-6-A1", "order": ORDER, "add": [added], "change": []});
    let row = json!({"reference": "shop-6-A1", "order": ORDER, "quantity": 1});
    told(
        b,
        case,
        ("erp", "amend_sales_order", "shop-6-A1"),
        amendment,
        vec![("erp", "sales_order_amended", row)],
    );
    let all = [PARTS[0], PARTS[1], ("2", "A", NORTH, 1)];
    ship(b, ORDER, 1, NORTH, &all, &[(600, 60), (400, 40), (200, 20)], true);
    capture(b, ORDER, 1200);
}

pub(super) const PLANTS: &[Plant] = &[
    Plant {
        name: "a component's share was changed",
        rule: "order.bundle",
        plant: |e| fact(e, "order.bundle_expanded", |d| add(d, &["lines", "0", "amount"], 1)),
    },
    Plant {
        name: "a component's tax was changed",
        rule: "order.bundle",
        plant: |e| fact(e, "order.bundle_expanded", |d| add(d, &["lines", "0", "tax"], -1)),
    },
    Plant {
        name: "an added line was of more units than were shipped",
        rule: "order.finished",
        plant: |e| fact(e, "order.line_added", |d| add(d, &["quantity"], 1)),
    },
    Plant {
        name: "an added line was charged otherwise than it was agreed",
        rule: "order.invoiced",
        plant: |e| fact(e, "order.line_added", |d| add(d, &["amount"], 1)),
    },
    Plant {
        name: "the ERP was never told of an added line",
        rule: "order.written",
        plant: |e| {
            command(e, "amend_sales_order", |a| a["add"].as_array_mut().is_some_and(|l| l.pop().is_some()))
        },
    },
];
