//! What a customer gets per line: money, store credit, a repair, nothing; with the goods or without them.

use crate::harness::samples::{goods, returning};
use crate::harness::{World, name, rules};
use books::Account;
use retail::time::Span;
use serde_json::{Value, json};

fn sold() -> (World, String) {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    let id = w.complete("1", &[goods("1", "A", 4, 400), goods("2", "B", 4, 4_000)]);
    (w, id)
}

fn paid_back(w: &World) -> i64 {
    w.systems.refunded.values().map(|r| r.1).sum()
}

fn ask(w: &mut World, id: &str, quantity: i64, change: impl Fn(&mut Value)) {
    let mut data = returning("RMA-1", w.now, &[("1", id, "1", "A", quantity)]);
    change(&mut data["lines"][0]);
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
}

/// Pitfall 16: goods come back and no money is given; nobody can return them a second time.
#[test]
fn pitfall_16_goods_come_back_for_nothing() {
    let (mut w, id) = sold();
    w.flows.policy.returns.window_days = 90;
    ask(&mut w, &id, 3, |l| l["outcome"] = json!("none"));
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 2, 0)]);
    w.settle();
    assert_eq!(w.line("order", &id, "1", "returnable"), 1);
    w.wait(Span::days(31));
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.line("order", &id, "1", "returnable"), 2, "the one that never came is the customer's");
    assert!(w.systems.refunded.is_empty());
    assert_eq!(w.total(&Account::Place("north".into()), "A"), 48);
    w.request("RMA-2", &[("1", &id, "1", "A", 4)]);
    w.settle();
    assert_eq!(w.line("return", "RMA-2", "1", "approved"), 2);
    rules::at_rest(&w);
}

/// A repair goes to refurbishing whatever the grade, and from there back to the customer; no money moves and the units
/// are the customer's again.
#[test]
fn a_repair_goes_back_to_the_customer() {
    let (mut w, id) = sold();
    ask(&mut w, &id, 1, |l| (l["outcome"], l["type"]) = (json!("repair"), json!("defect")));
    w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "C", 1, 0)]);
    w.settle();
    assert_eq!(w.show("return", "RMA-1")["warehouse"], "refurbishing");
    assert_eq!(w.line("order", &id, "1", "returnable"), 3);
    let data = json!({"rma": "RMA-1", "id": "RMA-1-D1", "by": "kim"});
    w.tell("return.refurbished", name("return", "RMA-1"), &data);
    w.tell("return.refurbished", name("return", "RMA-1"), &data);
    w.settle();
    let show = w.show("return", "RMA-1");
    assert_eq!((&show["status"], &show["warehouse"]), (&json!("completed"), &json!("sent_back")));
    assert!(w.systems.refunded.is_empty());
    assert_eq!(w.line("order", &id, "1", "returnable"), 4);
    assert_eq!(w.total(&Account::Customer, "A"), 4);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// What cannot be repaired is given back.
#[test]
fn a_repair_that_fails_is_refunded() {
    let (mut w, id) = sold();
    ask(&mut w, &id, 2, |l| (l["outcome"], l["type"]) = (json!("repair"), json!("defect")));
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "C", 2, 0)]);
    w.settle();
    let on = name("return", "RMA-1");
    let units = |n: i64| json!([{"line": "1", "sku": "A", "quantity": n}]);
    let decide =
        |n: i64, to: &str| json!({"rma": "RMA-1", "id": "RMA-1-D1", "disposition": to, "lines": units(n)});
    assert_eq!(
        w.refused("return.disposition_decided", on.clone(), &decide(3, "destroy")).code,
        "not_set_apart"
    );
    w.tell("return.disposition_decided", on.clone(), &decide(1, "destroy"));
    w.settle();
    assert_eq!(paid_back(&w), 100);
    w.tell("return.refurbished", on, &json!({"rma": "RMA-1", "id": "RMA-1-D1"}));
    w.settle();
    assert_eq!((w.status("return", "RMA-1").as_str(), paid_back(&w)), ("completed", 100));
    assert_eq!((w.total(&Account::Destroyed, "A"), w.total(&Account::Customer, "A")), (1, 3));
    assert_eq!(w.line("order", &id, "1", "returnable"), 3);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// Not a repair, but fit for sale again once it was worked on: back on sale.
#[test]
fn units_set_apart_to_be_refurbished_are_sold_again() {
    let (mut w, id) = sold();
    let refurbish = retail::returns::Disposition::Refurbish;
    w.flows.policy.returns.disposition.insert(retail::returns::Grade::B, refurbish);
    ask(&mut w, &id, 1, |_| {});
    w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "B", 1, 0)]);
    w.settle();
    assert_eq!((w.exceptions(), paid_back(&w)), (vec!["units_in_quarantine"], 100));
    w.tell("return.refurbished", name("return", "RMA-1"), &json!({"rma": "RMA-1", "id": "RMA-1-D1"}));
    w.settle();
    assert_eq!(w.total(&Account::Place("north".into()), "A"), 47);
    assert_eq!((w.status("return", "RMA-1").as_str(), w.exceptions()), ("completed", vec![]));
    rules::at_rest(&w);
}

/// A refund without a return: the customer keeps the goods, nothing is awaited, no label is bought.
#[test]
fn the_customer_keeps_it_by_request_or_because_it_is_not_worth_its_way() {
    for by_policy in [false, true] {
        let (mut w, id) = sold();
        w.flows.policy.asks.insert("carrier".into());
        if by_policy {
            w.flows.policy.returns.rules.keep_below.insert("decor".into(), 200);
        }
        let lines = [("1", id.as_str(), "1", "A", 2), ("2", id.as_str(), "2", "B", 1)];
        let mut data = returning("RMA-1", w.now, &lines);
        if !by_policy {
            data["lines"][0]["keep"] = json!(true);
        }
        w.tell("return.requested", name("return", "RMA-1"), &data);
        w.settle();
        assert_eq!(paid_back(&w), 200, "at approval");
        assert_eq!(
            w.facts_of("return.credited_ahead")[0],
            json!({"line": "1", "quantity": 2, "why": "kept"})
        );
        let told = &w.args_of("update_return")[0]["lines"][0];
        assert_eq!((&told["status"], &told["reason"]), (&json!("approved"), &json!("keep")));
        for op in ["expect_return", "buy_return_label"] {
            assert_eq!(w.args_of(op)[0]["lines"].as_array().unwrap().len(), 1, "{op}: only the other line");
        }
        w.receive("RMA-1", "rc1", &[("2", "B", 1)]);
        w.inspect("RMA-1", "rc1", "in1", &[("2", "B", "A", 1, 0)]);
        w.settle();
        assert_eq!((w.status("return", "RMA-1").as_str(), paid_back(&w)), ("completed", 1_200));
        assert_eq!(w.total(&Account::Customer, "A"), 4, "kept");
        rules::at_rest(&w);
        rules::finished(&w, &[]);
    }
}

/// Pitfall 14 and more: one order line as three return lines, each with its own reason and outcome.
#[test]
fn one_order_line_three_ways() {
    let (mut w, id) = sold();
    w.with_stand_in(100);
    let lines =
        [("1", id.as_str(), "1", "A", 1), ("2", id.as_str(), "1", "A", 1), ("3", id.as_str(), "1", "A", 2)];
    let mut data = returning("RMA-1", w.now, &lines);
    data["lines"][1]["outcome"] = json!("store_credit");
    data["lines"][2]["outcome"] = json!("none");
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 1), ("2", "A", 1), ("3", "A", 2)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 0), ("2", "A", "A", 1, 0), ("3", "A", "A", 2, 0)]);
    w.settle();
    let asked = w.requests();
    assert_eq!(asked.len(), 1, "one credit for all that is due");
    assert_eq!(
        asked[0]["lines"],
        json!([
            {"return_line": "1", "order_line": "1", "quantity": 1},
            {"return_line": "2", "order_line": "1", "quantity": 1, "outcome": "store_credit"},
        ])
    );
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.show("return", "RMA-1")["lines"][1]["outcome"], "store_credit");
}

/// Something is rejected and sent back although it was to be exchanged for nothing: the order holds it no more.
#[test]
fn what_is_rejected_of_a_line_for_nothing_is_the_customers() {
    let (mut w, id) = sold();
    ask(&mut w, &id, 2, |l| l["outcome"] = json!("none"));
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 0), ("1", "A", "X", 0, 1)]);
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.line("order", &id, "1", "returnable"), 3);
    assert_eq!(w.total(&Account::Customer, "A"), 3);
    rules::at_rest(&w);
}

/// Nothing is to come back, nothing is given, and the last that is left is an update which was refused.
#[test]
fn a_refused_update_of_a_return_of_nothing_is_seen_to_and_the_return_ends() {
    let mut w = World::stocked(&[("A", 50)]);
    let mut digital = goods("2", "E", 1, 900);
    digital["supply"] = json!("digital");
    let id = w.complete("1", &[goods("1", "A", 1, 100), digital]);
    w.systems.habits.refuse.insert("update_return".into(), "busy".into());
    ask(&mut w, &id, 1, |l| {
        (l["order_line"], l["sku"], l["outcome"]) = (json!("2"), json!("E"), json!("none"));
    });
    assert_eq!(w.exceptions(), ["return_update_refused"]);
    assert_eq!(w.status("return", "RMA-1"), "approved");
    w.systems.habits.refuse.clear();
    w.tell("return.retry_requested", name("return", "RMA-1"), &json!({"rma": "RMA-1"}));
    w.settle();
    assert_eq!((w.status("return", "RMA-1").as_str(), w.exceptions()), ("completed", vec![]));
    assert!(!w.open("return", "RMA-1"));
}
