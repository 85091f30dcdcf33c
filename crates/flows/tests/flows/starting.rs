//! How returns begin: refused parcels, goods that nobody announced, a store's counter, money that went back elsewhere.

use crate::harness::samples::{goods, returning};
use crate::harness::{World, name, raw, rules};
use books::Account;
use hub::process::Stimulus;
use retail::time::Span;
use serde_json::{Value, json};

fn sold() -> (World, String) {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    let id = w.complete("1", &[goods("1", "A", 3, 1_000), goods("2", "B", 2, 400)]);
    (w, id)
}

fn paid_back(w: &World) -> i64 {
    w.systems.refunded.values().map(|r| r.1).sum()
}

/// A receipt that names no return: `lines` are (line, SKU, quantity).
fn found(w: &World, receipt: &str, lines: &[(&str, &str, i64)]) -> Value {
    let lines: Vec<Value> =
        lines.iter().map(|(l, s, n)| json!({"line": l, "sku": s, "quantity": n})).collect();
    json!({"receipt": receipt, "place": "north", "received_at": w.now, "lines": lines})
}

/// Goods may overtake their request. Once nobody has requested them in time they are a return of their own; a request
/// that comes after all says whose it is, and nothing is counted twice.
#[test]
fn goods_that_nobody_announced_and_the_request_that_follows() {
    let (mut w, id) = sold();
    w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
    assert_eq!(w.show("return", "RMA-1")["status"], "awaited");
    w.wait(Span::days(2));
    let show = w.show("return", "RMA-1");
    assert_eq!((&show["start"], &show["status"]), (&json!("unannounced"), &json!("received")));
    assert_eq!(show["lines"][0]["matched"], false);
    assert!(w.args_of("update_return").is_empty(), "no platform knows of it");
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 0)]);
    w.settle();
    assert!(w.args_of("dispose").is_empty(), "nothing is done with goods of nobody");
    let asked = returning("RMA-1", w.now, &[("1", &id, "1", "A", 2)]);
    w.tell("return.requested", name("return", "RMA-1"), &asked);
    w.settle();
    assert_eq!(paid_back(&w), 333);
    assert_eq!(w.status("return", "RMA-1"), "refund_sent", "a second unit is to come");
    assert_eq!(w.args_of("expect_return")[0]["lines"], json!([{"line": "1", "sku": "A", "quantity": 1}]));
    w.receive("RMA-1", "rc2", &[("1", "A", 1)]);
    w.inspect("RMA-1", "rc2", "in2", &[("1", "A", "A", 1, 0)]);
    w.settle();
    assert_eq!((w.status("return", "RMA-1").as_str(), paid_back(&w)), ("completed", 666));
    w.tell("return.requested", name("return", "RMA-1"), &asked);
    assert_eq!(w.exceptions(), [] as [&str; 0], "requested again it says the same");
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// The platform numbers lines otherwise than the warehouse does: the SKU says which is which.
#[test]
fn a_late_request_finds_its_goods_by_sku() {
    let (mut w, id) = sold();
    w.receive("RMA-1", "rc1", &[("", "B", 1), ("", "A", 1)]);
    w.wait(Span::days(2));
    w.request("RMA-1", &[("7", &id, "1", "A", 1), ("8", &id, "2", "B", 1)]);
    w.settle();
    assert_eq!(
        (w.line("return", "RMA-1", "7", "received"), w.line("return", "RMA-1", "8", "received")),
        (1, 1)
    );
    w.inspect("RMA-1", "rc1", "in1", &[("", "A", "A", 1, 0), ("", "B", "C", 1, 0)]);
    w.settle();
    assert_eq!((w.status("return", "RMA-1").as_str(), paid_back(&w)), ("completed", 533));
    assert_eq!(w.total(&Account::Destroyed, "B"), 1);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// A receipt that names no return opens one under the place's and its own number.
#[test]
fn a_receipt_without_a_return_opens_its_own() {
    let (mut w, id) = sold();
    let on = name("return", "north-rc9");
    let mut data = found(&w, "rc9", &[("", "A", 1)]);
    assert_eq!(w.refused("return.received", name("return", "north-rc8"), &data).code, "return_differs");
    data["order"] = json!(id);
    w.tell("return.received", on.clone(), &data);
    w.tell("return.received", on.clone(), &data);
    let inspection = json!({
        "inspection": "in9", "place": "north", "receipt": "rc9",
        "lines": [{"sku": "A", "quantity": 1, "grade": "A", "accepted": 1, "rejected": 0}],
    });
    w.tell("return.inspected", on, &inspection);
    w.settle();
    assert_eq!((w.status("return", "north-rc9").as_str(), paid_back(&w)), ("completed", 333));
    assert_eq!(w.line("order", &id, "1", "returnable"), 2);
    assert_eq!(w.total(&Account::Place("north".into()), "A"), 48);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// The carrier brings back a parcel that the customer did not take: the order opens the return.
#[test]
fn a_refused_parcel_comes_back() {
    let (mut w, id) = sold();
    let mut data = returning("shop-1-P1", w.now, &[("1", &id, "1", "A", 3), ("2", &id, "2", "B", 2)]);
    data["start"] = json!("refused_parcel");
    data["tracking"] = json!("JD01");
    for l in data["lines"].as_array_mut().unwrap() {
        l["type"] = json!("refused");
    }
    let on = name("return", "shop-1-P1");
    let mail = Stimulus::Mail { from: name("order", &id), kind: "return.open".into(), data: raw(&data) };
    w.deliver(&on, &mail).unwrap();
    w.deliver(&on, &mail).unwrap();
    w.settle();
    let show = w.show("return", "shop-1-P1");
    assert_eq!((&show["status"], &show["regime"]), (&json!("awaiting_item"), &json!("refused")));
    assert!(w.args_of("update_return").is_empty(), "nobody asked for it");
    w.receive("shop-1-P1", "rc1", &[("1", "A", 3), ("2", "B", 2)]);
    w.inspect("shop-1-P1", "rc1", "in1", &[("1", "A", "A", 3, 0), ("2", "B", "A", 2, 0)]);
    w.settle();
    assert_eq!((w.status("return", "shop-1-P1").as_str(), paid_back(&w)), ("completed", 1_400));
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

fn counter(w: &World, id: &str) -> Value {
    let mut data = returning("POS-1", w.now, &[("1", id, "1", "A", 2)]);
    data["start"] = json!("store");
    data["place"] = json!("south");
    data["lines"][0]["grade"] = json!("A");
    data
}

/// At a store's counter goods and money change hands at once: nothing is awaited, and what is as new is on sale again.
#[test]
fn a_stores_counter_takes_goods_in_at_once() {
    let (mut w, id) = sold();
    let data = counter(&w, &id);
    w.tell("return.requested", name("return", "POS-1"), &data);
    w.tell("return.requested", name("return", "POS-1"), &data);
    w.settle();
    assert!(w.args_of("expect_return").is_empty());
    assert_eq!((w.status("return", "POS-1").as_str(), paid_back(&w)), ("completed", 666));
    assert_eq!(w.total(&Account::Place("south".into()), "A"), 2);
    assert_eq!(w.show("return", "POS-1")["receipts"], json!([{"receipt": "POS-1-S", "place": "south"}]));
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// The till has refunded already: the order is told by which refund, and is not asked for money.
#[test]
fn a_till_may_have_refunded() {
    let (mut w, id) = sold();
    w.with_stand_in(300);
    let mut data = counter(&w, &id);
    data["refund"] = json!({"payment": "pi_1", "refund": "re_till", "amount": 600, "currency": "GBP"});
    w.tell("return.requested", name("return", "POS-1"), &data);
    w.settle();
    let asked = w.requests();
    assert_eq!(asked.len(), 1);
    assert_eq!((&asked[0]["paid_by"], &asked[0]["lines"][0]["quantity"]), (&json!("re_till"), &json!(2)));
    assert_eq!(w.status("return", "POS-1"), "completed");
}

/// Money that went back elsewhere is credited at approval, and the goods are awaited all the same.
#[test]
fn refunded_elsewhere_and_the_goods_are_to_come() {
    let (mut w, id) = sold();
    w.with_stand_in(300);
    let mut data = returning("RMA-1", w.now, &[("1", &id, "1", "A", 2)]);
    data["start"] = json!("refunded_elsewhere");
    let on = name("return", "RMA-1");
    assert_eq!(w.refused("return.requested", on.clone(), &data).code, "bad_data", "by which refund?");
    data["refund"] = json!({"payment": "pi_1", "refund": "re_9", "amount": 600, "currency": "GBP"});
    w.tell("return.requested", on, &data);
    w.settle();
    assert_eq!(w.requests()[0]["paid_by"], "re_9");
    assert_eq!(
        w.facts_of("return.credited_ahead")[0],
        json!({"line": "1", "quantity": 2, "why": "refunded_elsewhere"})
    );
    assert_eq!(w.line("return", "RMA-1", "1", "expected"), 2);
    assert_eq!(w.status("return", "RMA-1"), "refund_sent");
    w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 0)]);
    w.wait(Span::days(31));
    assert_eq!(w.requests().len(), 1, "credited once");
    assert_eq!(w.exceptions(), ["credited_and_not_returned"]);
    assert_eq!(w.status("return", "RMA-1"), "completed");
}

#[test]
fn a_refund_made_elsewhere_for_nothing_returnable_is_shown() {
    let mut w = World::stocked(&[]);
    let mut data = returning("RMA-1", w.now, &[("1", "shop-7", "1", "A", 2)]);
    data["refund"] = json!({"payment": "pi_1", "refund": "re_9", "amount": 600, "currency": "GBP"});
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "declined");
    assert_eq!(w.exceptions(), ["refunded_unapproved"]);
}

/// Two returns in one parcel: what belongs to the other is told there, once.
#[test]
fn two_returns_in_one_parcel() {
    let (mut w, id) = sold();
    w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
    w.request("RMA-2", &[("1", &id, "2", "B", 1)]);
    w.settle();
    let data = json!({
        "receipt": "rc1", "rma": "RMA-1", "place": "north", "received_at": w.now,
        "lines": [{"line": "1", "sku": "A", "quantity": 1}, {"rma": "RMA-2", "line": "1", "sku": "B", "quantity": 1}],
    });
    let looked = json!({
        "inspection": "in1", "rma": "RMA-1", "receipt": "rc1",
        "lines": [
            {"line": "1", "sku": "A", "quantity": 1, "grade": "A", "accepted": 1, "rejected": 0},
            {"rma": "RMA-2", "line": "1", "sku": "B", "quantity": 1, "grade": "A", "accepted": 1, "rejected": 0},
        ],
    });
    for _ in 0..2 {
        w.tell("return.received", name("return", "RMA-1"), &data);
        w.tell("return.inspected", name("return", "RMA-1"), &looked);
        w.settle();
    }
    for rma in ["RMA-1", "RMA-2"] {
        assert_eq!(w.status("return", rma), "completed", "{rma}");
    }
    assert_eq!((paid_back(&w), w.exceptions()), (533, vec![]));
    assert_eq!(w.total(&Account::Place("north".into()), "B"), 49);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// The parcel comes before the other return is requested: its share waits there.
#[test]
fn what_another_parcel_brought_waits_for_its_request() {
    let (mut w, id) = sold();
    w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
    w.settle();
    let data = json!({
        "receipt": "rc1", "rma": "RMA-1", "place": "north", "received_at": w.now,
        "lines": [{"rma": "RMA-2", "line": "1", "sku": "B", "quantity": 1}],
    });
    w.tell("return.received", name("return", "RMA-1"), &data);
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "awaiting_item");
    w.request("RMA-2", &[("1", &id, "2", "B", 1)]);
    w.settle();
    assert_eq!((w.status("return", "RMA-2").as_str(), paid_back(&w)), ("refund_sent", 200));
}
