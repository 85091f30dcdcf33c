//! Returns for which the customer gets something else: the order that is opened, what pays for it, and what becomes of
//! one that was sent in advance.

use crate::harness::samples::{goods, returning};
use crate::harness::{World, name};
use retail::time::Span;
use serde_json::{Value, json};

/// Two units of A at 500 are to become `quantity` of B for `amount`.
fn wanted(quantity: i64, amount: i64, advance: bool) -> Value {
    json!({
        "sku": "B", "title": "better", "quantity": quantity, "unit_price": "6.00", "amount": amount, "tax": 0,
        "advance": advance,
        "tender": {"id": "x1", "kind": "card", "executor": "stripe", "payment": "pi_x", "authorised": amount},
    })
}

fn exchanging(exchange: &Value) -> World {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    let id = w.complete("1", &[goods("1", "A", 4, 2_000)]);
    w.with_stand_in(500);
    let mut data = returning("RMA-1", w.now, &[("1", &id, "1", "A", 2)]);
    data["lines"][0]["outcome"] = json!("exchange");
    data["lines"][0]["exchange"] = exchange.clone();
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    w
}

fn come_back(w: &mut World, accepted: i64, rejected: i64) {
    w.receive("RMA-1", "rc1", &[("1", "A", accepted + rejected)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", accepted, rejected)]);
    w.settle();
}

/// Pitfall 15: dearer, cheaper, same: what the credit pays is said, and nothing hides the difference.
#[test]
fn dearer_cheaper_and_the_same() {
    for (amount, applied) in [(1_400, 1_000), (600, 600), (1_000, 1_000)] {
        let mut w = exchanging(&wanted(2, amount, false));
        assert!(w.exchanges("exchange.open").is_empty(), "the goods come first");
        come_back(&mut w, 2, 0);
        assert_eq!(w.requests()[0]["exchange"], json!({"order": "RMA-1-E1", "total": amount}));
        assert_eq!(w.requests()[0]["lines"][0]["outcome"], "exchange");
        let (order, open) = w.exchanges("exchange.open").remove(0);
        assert_eq!(order, "RMA-1-E1");
        let line = json!({
            "line": "1", "sku": "B", "title": "better", "kind": "goods", "quantity": 2, "unit_price": "6.00", "amount": amount,
            "tax": 0, "tax_included": true,
        });
        assert_eq!(open["lines"], json!([line]));
        assert_eq!(
            [&open["order"], &open["source"], &open["credit"], &open["customer"], &open["tender"]["payment"]],
            [&json!("shop-1"), &json!("shop"), &json!("shop-1-C1"), &json!("17850"), &json!("pi_x")]
        );
        assert_eq!((&open["applied"], &open["advance"]), (&json!(applied), &json!(false)));
        assert_eq!(w.exchanges("exchange.open").len(), 1);
        assert_eq!(w.status("return", "RMA-1"), "completed");
        let last = w.args_of("update_return").pop().unwrap();
        assert_eq!((&last["status"], &last["exchange"]), (&json!("completed"), &json!("RMA-1-E1")));
    }
}

/// The credit is asked for once all of it has come; what came in part is exchanged in part.
#[test]
fn of_what_comes_in_part_a_part_is_exchanged() {
    let mut w = exchanging(&wanted(2, 1_301, false));
    come_back(&mut w, 1, 0);
    assert!(w.requests().is_empty(), "one order for all of it");
    w.wait(Span::days(31));
    assert_eq!(w.requests()[0]["exchange"]["total"], 650);
    let open = &w.exchanges("exchange.open")[0].1;
    assert_eq!((&open["lines"][0]["quantity"], &open["lines"][0]["amount"]), (&json!(1), &json!(650)));
    assert_eq!(w.status("return", "RMA-1"), "completed");
}

#[test]
fn the_three_statuses_while_the_difference_is_on_its_way() {
    let mut w = exchanging(&wanted(2, 600, false));
    w.systems.habits.silent.insert("dispose".into());
    come_back(&mut w, 2, 0);
    let show = w.show("return", "RMA-1");
    assert_eq!(
        [&show["status"], &show["warehouse"], &show["finance"]],
        [&json!("exchanged"), &json!("graded"), &json!("settled")]
    );
    assert_eq!(show["exchanges"], json!([{"order": "RMA-1-E1", "state": "paid"}]));
}

#[test]
fn a_credit_that_comes_back_is_owed_again() {
    let mut w = exchanging(&wanted(2, 600, false));
    come_back(&mut w, 2, 0);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    w.verdict("credit.failed", "RMA-1", "1", 1_000);
    assert_eq!(w.show("return", "RMA-1")["finance"], "reversed");
    w.verdict("credit.settled", "RMA-1", "1", 1_000);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.exchanges("exchange.open").len(), 1, "opened once");
}

/// Sent at approval; when the goods have come their credit pays for it.
#[test]
fn sent_in_advance_and_paid_when_the_goods_come() {
    let mut w = exchanging(&wanted(2, 1_400, true));
    let open = w.exchanges("exchange.open");
    assert_eq!((&open[0].1["advance"], &open[0].1["applied"]), (&json!(true), &json!(0)));
    assert!(open[0].1["credit"].is_null());
    assert_eq!(w.status("return", "RMA-1"), "awaiting_item");
    come_back(&mut w, 2, 0);
    let paid = json!({"credit": "shop-1-C1", "amount": 1_000});
    assert_eq!(w.exchanges("exchange.funded"), [("RMA-1-E1".to_owned(), paid)]);
    assert_eq!(w.exchanges("exchange.open").len(), 1);
    assert!(w.exchanges("exchange.unfunded").is_empty());
    assert_eq!(w.status("return", "RMA-1"), "completed");
}

/// The goods never come, or are rejected, or are not sent after all: the customer pays for what was sent.
#[test]
fn sent_in_advance_and_the_goods_never_come() {
    type Act = fn(&mut World);
    let ways: [(&str, Act); 4] = [
        ("expired", |w| w.wait(Span::days(31))),
        ("rejected", |w| {
            w.flows.policy.returns.inspect_first.insert("decor".into());
            come_back(w, 0, 2);
        }),
        ("cancelled", |w| {
            w.tell("return.cancelled", name("return", "RMA-1"), &json!({"rma": "RMA-1"}));
            w.settle();
        }),
        ("lost", |w| {
            w.tell("return.lost", name("return", "RMA-1"), &json!({"rma": "RMA-1", "refund": false}));
            w.settle();
        }),
    ];
    for (way, act) in ways {
        let mut w = exchanging(&wanted(2, 1_400, true));
        act(&mut w);
        assert_eq!(w.exchanges("exchange.unfunded"), [("RMA-1-E1".to_owned(), json!({}))], "{way}");
        assert!(w.exchanges("exchange.funded").is_empty() && w.requests().is_empty(), "{way}");
        assert!(!w.open("return", "RMA-1"), "{way}");
        assert_eq!(w.line("order", "shop-1", "1", "returnable"), 4, "{way}");
    }
}

/// Some of it is rejected: what was accepted pays as far as it goes, and the order charges the rest.
#[test]
fn sent_in_advance_and_rejected_in_part() {
    let mut w = exchanging(&wanted(2, 1_400, true));
    w.flows.policy.returns.inspect_first.insert("decor".into());
    come_back(&mut w, 1, 1);
    assert_eq!(w.exchanges("exchange.funded")[0].1["amount"], 500);
    assert_eq!(w.requests()[0]["exchange"]["total"], 1_400, "it was sent whole");
    assert_eq!(w.status("return", "RMA-1"), "completed");
}

/// Refunds and an exchange in one return are credits of their own.
#[test]
fn part_money_part_exchange() {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    let id = w.complete("1", &[goods("1", "A", 4, 2_000)]);
    w.with_stand_in(500);
    let mut data = returning("RMA-1", w.now, &[("1", &id, "1", "A", 1), ("2", &id, "1", "A", 1)]);
    data["lines"][1]["outcome"] = json!("exchange");
    let on = name("return", "RMA-1");
    assert_eq!(w.refused("return.requested", on.clone(), &data).code, "bad_data", "for what?");
    data["lines"][1]["exchange"] = wanted(1, 700, false);
    w.tell("return.requested", on, &data);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 1), ("2", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 0), ("2", "A", "A", 1, 0)]);
    w.settle();
    let asked = w.requests();
    assert_eq!(asked.len(), 2);
    assert!(asked[0]["exchange"].is_null() && !asked[1]["exchange"].is_null());
    assert_eq!(w.status("return", "RMA-1"), "completed");
}

/// Too little comes back for one unit of what was wanted: it is refunded.
#[test]
fn too_little_for_an_exchange_is_refunded() {
    let mut w = exchanging(&wanted(1, 900, false));
    come_back(&mut w, 1, 0);
    w.wait(Span::days(31));
    assert!(w.requests()[0]["exchange"].is_null() && w.requests()[0]["lines"][0]["outcome"].is_null());
    assert!(w.exchanges("exchange.open").is_empty());
    assert_eq!(w.status("return", "RMA-1"), "completed");
}
