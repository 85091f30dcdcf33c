//! Return lines that name the order's line and no SKU, as storefronts send them: the order says what was sold.

use crate::harness::samples::{goods, returning};
use crate::harness::{World, name, rules};
use books::Account;
use retail::time::Span;
use serde_json::{Value, json};

/// Requests units of order lines without a SKU: (return line, order, order line, quantity). Answers what was said.
fn request(w: &mut World, rma: &str, lines: &[(&str, &str, &str, i64)]) -> Value {
    let lines: Vec<_> = lines.iter().map(|(line, order, of, n)| (*line, *order, *of, "", *n)).collect();
    let mut data = returning(rma, w.now, &lines);
    for line in data["lines"].as_array_mut().unwrap() {
        line.as_object_mut().unwrap().remove("sku");
    }
    w.tell("return.requested", name("return", rma), &data);
    data
}

/// (line, SKU, quantity) of what was told.
fn told(args: &Value) -> Vec<(String, String, i64)> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let lines = args["lines"].as_array().unwrap().iter();
    lines.map(|l| (text(&l["line"]), text(&l["sku"]), l["quantity"].as_i64().unwrap())).collect()
}

#[test]
fn the_order_says_what_was_sold() {
    let mut w = World::stocked(&[("A", 9), ("B", 9)]);
    let id = w.complete("1", &[goods("1", "A", 4, 400), goods("2", "B", 1, 100), goods("3", "A", 1, 100)]);
    request(&mut w, "RMA-1", &[("1", &id, "1", 2), ("2", &id, "2", 1)]);
    assert_eq!(w.show("return", "RMA-1")["lines"][0]["sku"], Value::Null);
    w.settle();
    let lines = [("1".to_owned(), "A".to_owned(), 2), ("2".to_owned(), "B".to_owned(), 1)];
    assert_eq!(told(&w.args_of("create_return_order")[0]), lines);
    assert_eq!(told(&w.args_of("expect_return")[0]), lines);
    assert_eq!(w.show("return", "RMA-1")["lines"][0]["sku"], "A");
    assert_eq!(w.line("order", &id, "1", "returnable"), 2);
    assert_eq!(w.line("order", &id, "3", "returnable"), 1, "another line of the same SKU is not meant");
    let strange = json!({
        "receipt": "rc0", "rma": "RMA-1", "place": "north", "received_at": w.now,
        "lines": [{"line": "1", "sku": "B", "quantity": 1}],
    });
    // Something else in the parcel is a wrong item: it is set apart, never credited, and goes back.
    w.tell("return.received", name("return", "RMA-1"), &strange);
    assert_eq!(w.exceptions(), ["unexpected_goods"]);
    assert_eq!(w.line("return", "RMA-1", "1", "received"), 0);
    w.inspect("RMA-1", "rc0", "in0", &[("1", "B", "A", 1, 0)]);
    w.receive("RMA-1", "rc1", &[("1", "A", 2), ("2", "B", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 2, 0), ("2", "B", "A", 1, 0)]);
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.systems.refunded.values().map(|r| r.1).sum::<i64>(), 300);
    assert_eq!(w.total(&Account::Place("north".into()), "A"), 9 - 5 + 2);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

#[test]
fn the_same_request_again_changes_nothing() {
    let mut w = World::stocked(&[("A", 9)]);
    let id = w.complete("1", &[goods("1", "A", 2, 200)]);
    let said = request(&mut w, "RMA-1", &[("1", &id, "1", 1)]);
    w.settle();
    w.tell("return.requested", name("return", "RMA-1"), &said);
    w.settle();
    assert_eq!(w.exceptions(), [""; 0]);
    assert_eq!(w.args_of("expect_return").len(), 1);
}

/// What is declined is named as far as anybody has said what it is.
#[test]
fn a_declined_line_is_named_by_its_order() {
    let mut w = World::stocked(&[("A", 9)]);
    let id = w.complete("1", &[goods("1", "A", 2, 200)]);
    w.wait(Span::days(100));
    request(&mut w, "RMA-1", &[("1", &id, "1", 1), ("2", "shop-9", "1", 1), ("3", &id, "7", 1)]);
    w.settle();
    let facts = w.facts_of("return.line_refused");
    let named: Vec<_> = facts.iter().map(|f| (&f["line"], &f["sku"], &f["reason"])).collect();
    assert_eq!(
        named,
        [
            (&json!("1"), &json!("A"), &json!("window_closed")),
            (&json!("2"), &Value::Null, &json!("no_sale_found")),
            (&json!("3"), &Value::Null, &json!("no_sale_found")),
        ]
    );
    assert_eq!(w.line("order", &id, "1", "returnable"), 2, "a decline holds nothing");
}

/// What comes on a line that nobody could name is taken in and goes back.
#[test]
fn goods_of_a_line_that_no_order_names_go_back() {
    let mut w = World::stocked(&[("A", 9)]);
    request(&mut w, "RMA-1", &[("1", "shop-9", "1", 1)]);
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "declined");
    w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 0)]);
    w.settle();
    assert_eq!(
        w.args_of("dispose")[0]["lines"],
        json!([{"line": "1", "sku": "A", "quantity": 1, "disposition": "return_to_customer"}])
    );
    assert!(w.systems.refunded.is_empty());
}

#[test]
fn without_sku_and_order_line_nothing_says_what_it_is() {
    let mut w = World::stocked(&[]);
    let on = name("return", "RMA-1");
    let good = returning("RMA-1", w.now, &[("1", "shop-1", "1", "A", 1)]);
    let with = |changes: &[(&str, Value)]| {
        let mut data = good.clone();
        changes.iter().for_each(|(member, value)| data["lines"][0][*member] = value.clone());
        data
    };
    let none = || ("sku", Value::Null);
    for bad in [
        with(&[none(), ("order_line", Value::Null)]),
        with(&[none(), ("order_line", json!(""))]),
        with(&[none(), ("order", Value::Null)]),
        with(&[none(), ("order", json!("no id"))]),
        with(&[("sku", json!("")), ("order_line", Value::Null)]),
        with(&[("sku", json!(" A"))]),
        with(&[("sku", json!(7))]),
    ] {
        let fault = w.refused("return.requested", on.clone(), &bad);
        assert_eq!(fault.code, "bad_data", "{bad}");
        assert!(fault.why.contains("`sku`"), "{}", fault.why);
    }
    for written in [Value::Null, json!("")] {
        w.tell("return.requested", on.clone(), &with(&[("sku", written)]));
    }
    assert_eq!(w.exceptions(), [""; 0], "null and empty are the same");
}
