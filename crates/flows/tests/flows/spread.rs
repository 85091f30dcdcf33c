//! Returns that are spread: over several lines of an order, several orders, several receipts.

use crate::harness::samples::{goods, returning};
use crate::harness::{World, name, raw, rules};
use flows::returns::rules::Withhold;
use hub::process::Stimulus;
use retail::time::Span;
use serde_json::{Value, json};

fn paid_back(w: &World) -> i64 {
    w.systems.refunded.values().map(|r| r.1).sum()
}

/// One SKU on two lines at two prices, sold and shipped: two at 500 and three at 300.
fn two_lines() -> (World, String) {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    let id = w.complete("1", &[goods("1", "A", 2, 1_000), goods("2", "A", 3, 900)]);
    (w, id)
}

/// A return of so many units of A that does not say from which line of the order.
fn of_either_line(w: &World, id: &str, quantity: i64) -> Value {
    let mut data = returning("RMA-1", w.now, &[("1", id, "1", "A", quantity)]);
    data["lines"][0].as_object_mut().unwrap().remove("order_line");
    data
}

fn returnable(w: &World, id: &str) -> [i64; 2] {
    ["1", "2"].map(|line| w.line("order", id, line, "returnable"))
}

#[test]
fn units_of_two_order_lines_are_credited_as_they_come_each_at_its_price() {
    let (mut w, id) = two_lines();
    let asked = of_either_line(&w, &id, 4);
    w.tell("return.requested", name("return", "RMA-1"), &asked);
    w.settle();
    assert_eq!(returnable(&w, &id), [0, 1]);
    let mut paid = Vec::new();
    for (receipt, units) in [("rc1", 1), ("rc2", 2), ("rc3", 1)] {
        w.receive("RMA-1", receipt, &[("1", "A", units)]);
        w.settle();
        paid.push(paid_back(&w));
    }
    assert_eq!(paid, [500, 500 + 500 + 300, 1_600]);
    w.inspect("RMA-1", "rc3", "in1", &[("1", "A", "A", 1, 0)]);
    w.inspect("RMA-1", "rc2", "in2", &[("1", "A", "A", 2, 0)]);
    w.inspect("RMA-1", "rc1", "in3", &[("1", "A", "A", 1, 0)]);
    w.settle();
    assert_eq!((w.status("return", "RMA-1").as_str(), w.facts_of("return.credited").len()), ("completed", 3));
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

#[test]
fn what_never_comes_of_two_order_lines_may_be_returned_again() {
    let (mut w, id) = two_lines();
    let asked = of_either_line(&w, &id, 5);
    w.tell("return.requested", name("return", "RMA-1"), &asked);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 3)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 3, 0)]);
    w.settle();
    assert_eq!((paid_back(&w), returnable(&w, &id)), (1_300, [0, 0]));
    w.wait(Span::days(31));
    assert_eq!((paid_back(&w), returnable(&w, &id)), (1_300, [0, 2]));
    let mut broken = returning("RMA-2", w.now, &[("1", &id, "2", "A", 2)]);
    broken["lines"][0]["type"] = json!("defect");
    w.tell("return.requested", name("return", "RMA-2"), &broken);
    w.settle();
    w.receive("RMA-2", "rc2", &[("1", "A", 2)]);
    w.settle();
    assert_eq!(paid_back(&w), 1_900);
    rules::at_rest(&w);
}

/// Units for which nothing is given back and that stay here are held on; those that never came are the customer's.
#[test]
fn what_stays_for_nothing_is_not_returned_again() {
    for (came, left) in [(3, [0, 2]), (1, [1, 3])] {
        let (mut w, id) = two_lines();
        let mut asked = of_either_line(&w, &id, 4);
        asked["lines"][0]["outcome"] = json!("none");
        w.tell("return.requested", name("return", "RMA-1"), &asked);
        w.settle();
        w.receive("RMA-1", "rc1", &[("1", "A", came)]);
        w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", came, 0)]);
        w.settle();
        assert_eq!(returnable(&w, &id), [0, 1]);
        w.wait(Span::days(31));
        assert_eq!((paid_back(&w), returnable(&w, &id)), (0, left), "{came} came");
        rules::at_rest(&w);
    }
}

/// Little enough to be kept is judged of what is asked for whole, in the currency of the limit.
#[test]
fn only_what_is_held_whole_and_in_our_currency_is_kept() {
    for (currency, sent_back, kept) in [("GBP", 0, true), ("GBP", 2, false), ("EUR", 0, false)] {
        let mut w = World::stocked(&[("A", 50)]);
        w.flows.policy.returns.rules.keep_below.insert("decor".into(), 300);
        let mut data = crate::harness::samples::order("1", &[goods("1", "A", 3, 240)]);
        data["currency"] = json!(currency);
        w.tell("order.submitted", name("order", "shop-1"), &data);
        w.settle();
        w.ship_all();
        if sent_back > 0 {
            let mut first = returning("RMA-0", w.now, &[("1", "shop-1", "1", "A", sent_back)]);
            first["lines"][0]["outcome"] = json!("exchange");
            first["lines"][0]["exchange"] = json!({
                "sku": "A", "title": "again", "quantity": sent_back, "unit_price": "0.80", "amount": 160, "tax": 0,
            });
            w.tell("return.requested", name("return", "RMA-0"), &first);
            w.settle();
        }
        w.request("RMA-1", &[("1", "shop-1", "1", "A", 2)]);
        w.settle();
        let expected = w.args_of("expect_return").iter().filter(|a| a["rma"] == "RMA-1").count();
        assert_eq!(expected, usize::from(!kept), "{currency} {sent_back}");
        let credited = w.facts_of("return.credited_ahead");
        assert_eq!(credited.iter().any(|f| f["why"] == "kept"), kept, "{currency} {sent_back}: {credited:?}");
    }
}

/// Whatever of a return was refused is ordered again when a person says so.
#[test]
fn each_refused_command_of_a_return_is_ordered_again() {
    for op in ["expect_return", "create_return_order", "buy_return_label"] {
        let mut w = World::stocked(&[("A", 50)]);
        w.flows.policy.returns.rules.labels = true;
        w.flows.policy.asks.insert("carrier".into());
        w.systems.habits.silent.insert(op.into());
        let id = w.complete("1", &[goods("1", "A", 3, 900)]);
        w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
        w.settle();
        let ordered = |w: &World| w.commands.iter().filter(|(_, c)| c.op == op).count();
        assert_eq!(ordered(&w), 1, "{op}");
        let key = w.commands.iter().find(|(_, c)| c.op == op).unwrap().1.key.clone();
        w.refuse(&key, "down");
        w.settle();
        assert_eq!(ordered(&w), 1, "{op}");
        w.tell("return.retry_requested", name("return", "RMA-1"), &json!({"rma": "RMA-1"}));
        w.settle();
        assert_eq!(ordered(&w), 2, "{op}");
    }
}

/// Each line is credited ahead of its goods once, whatever the other lines are.
#[test]
fn two_lines_credited_at_dispatch_are_told_once_each() {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    w.flows.policy.returns.rules.withhold = Withhold::Not;
    let id = w.complete("1", &[goods("1", "A", 2, 1_000), goods("2", "B", 3, 900)]);
    let mut asked = returning("RMA-1", w.now, &[("1", &id, "1", "A", 2), ("2", &id, "2", "B", 2)]);
    for line in asked["lines"].as_array_mut().unwrap() {
        line["type"] = json!("withdrawal");
    }
    w.tell("return.requested", name("return", "RMA-1"), &asked);
    w.settle();
    let ahead = |line: &str| json!({"line": line, "quantity": 2, "why": "not_withheld"});
    assert_eq!(w.facts_of("return.credited_ahead"), [ahead("1"), ahead("2")]);
    assert_eq!(paid_back(&w), 1_600);
    w.receive("RMA-1", "rc1", &[("1", "A", 2), ("2", "B", 2)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 2, 0), ("2", "B", "A", 2, 0)]);
    w.settle();
    assert_eq!(w.facts_of("return.credited_ahead").len(), 2, "told already");
    assert_eq!((w.status("return", "RMA-1").as_str(), paid_back(&w)), ("completed", 1_600));
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// A refusal for want of units is a bug and no decision of a person.
#[test]
fn a_credit_that_the_order_has_no_units_for_is_not_called_declined() {
    let mut w = World::stocked(&[("A", 50)]);
    let id = w.complete("1", &[goods("1", "A", 3, 900)]);
    w.with_stand_in(300);
    w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
    // The order's answer is given by hand.
    let asked = |w: &World| w.mail.values().flatten().count();
    while asked(&w) > 0 && !w.mail.keys().any(|(_, to)| to.kind == "order") {
        w.happen(0);
    }
    w.mail.retain(|(_, to), _| to.kind != "order");
    for (reason, code) in [("nothing_held", "credit_denied"), ("declined", "credit_declined")] {
        let mut other = World::stocked(&[]);
        other.cases.clone_from(&w.cases);
        let said = json!({
            "rma": "RMA-1", "id": "1", "credit": "shop-1-C1", "currency": "GBP", "amount": 300, "reason": reason,
        });
        let mail =
            Stimulus::Mail { from: name("order", &id), kind: "credit.failed".into(), data: raw(&said) };
        other.deliver(&name("return", "RMA-1"), &mail).unwrap();
        assert_eq!(other.exceptions(), [code], "{reason}");
    }
}

/// What nobody asked for is counted by what it is, over all receipts, and all of it goes back.
#[test]
fn strange_goods_of_two_receipts_are_counted_together_and_by_sku() {
    let mut w = World::stocked(&[("A", 50), ("Y", 5), ("Z", 5)]);
    let id = w.complete("1", &[goods("1", "A", 3, 900)]);
    w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "Z", 1), ("2", "Z", 1), ("1", "Y", 1)]);
    w.receive("RMA-1", "rc2", &[("1", "Z", 2), ("1", "A", 1)]);
    let unexpected = json!([
        {"line": "1", "sku": "Z", "quantity": 3}, {"line": "2", "sku": "Z", "quantity": 1},
        {"line": "1", "sku": "Y", "quantity": 1},
    ]);
    assert_eq!(w.show("return", "RMA-1")["unexpected"], unexpected);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "Z", "A", 0, 1), ("2", "Z", "A", 0, 1), ("1", "Y", "A", 0, 1)]);
    w.inspect("RMA-1", "rc2", "in2", &[("1", "Z", "A", 0, 2), ("1", "A", "A", 1, 0)]);
    w.settle();
    assert_eq!((w.status("return", "RMA-1").as_str(), paid_back(&w)), ("completed", 300));
    rules::at_rest(&w);
}

/// Exchanges of two orders in one return are two orders, each for what came of its own.
fn of_two_orders(advance: bool) -> World {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    let one = w.complete("1", &[goods("1", "A", 2, 1_000)]);
    let two = w.complete("2", &[goods("1", "A", 1, 500)]);
    w.with_stand_in(500);
    let mut data = returning("RMA-1", w.now, &[("1", &one, "1", "A", 2), ("2", &two, "1", "A", 1)]);
    for (n, (quantity, amount)) in [(2, 1_000), (1, 500)].into_iter().enumerate() {
        data["lines"][n]["outcome"] = json!("exchange");
        data["lines"][n]["exchange"] = json!({
            "sku": "B", "title": "better", "quantity": quantity, "unit_price": "5.00", "amount": amount, "tax": 100,
            "tax_included": false, "advance": advance,
            "tender": {"id": "x1", "kind": "card", "executor": "stripe", "payment": format!("pi_x{n}"), "authorised": 2_000},
        });
    }
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    w
}

fn opened(w: &World) -> Vec<(String, Value, Value, Value)> {
    let of = |(order, open): (String, Value)| {
        (
            order,
            open["order"].clone(),
            open["lines"][0]["quantity"].clone(),
            open["tender"]["payment"].clone(),
        )
    };
    w.exchanges("exchange.open").into_iter().map(of).collect()
}

#[test]
fn exchanges_of_two_orders_are_paid_each_by_its_own_goods() {
    let mut w = of_two_orders(false);
    w.receive("RMA-1", "rc1", &[("2", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("2", "A", "A", 1, 0)]);
    w.settle();
    let first = ("RMA-1-E1".to_owned(), json!("shop-2"), json!(1), json!("pi_x1"));
    assert_eq!(opened(&w), std::slice::from_ref(&first));
    assert_eq!(w.requests()[0]["exchange"], json!({"order": "RMA-1-E1", "total": 600}), "with its tax");
    w.receive("RMA-1", "rc2", &[("1", "A", 2)]);
    w.inspect("RMA-1", "rc2", "in2", &[("1", "A", "A", 2, 0)]);
    w.settle();
    assert_eq!(opened(&w), [first, ("RMA-1-E2".to_owned(), json!("shop-1"), json!(2), json!("pi_x0"))]);
    assert_eq!(w.requests()[1]["exchange"], json!({"order": "RMA-1-E2", "total": 1_100}));
    assert_eq!(w.status("return", "RMA-1"), "completed");
}

#[test]
fn of_two_sent_in_advance_only_the_one_whose_goods_never_came_is_unpaid() {
    let mut w = of_two_orders(true);
    let sent = opened(&w);
    assert_eq!(
        sent,
        [
            ("RMA-1-E1".to_owned(), json!("shop-1"), json!(2), json!("pi_x0")),
            ("RMA-1-E2".to_owned(), json!("shop-2"), json!(1), json!("pi_x1")),
        ]
    );
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 2, 0)]);
    w.settle();
    assert_eq!(w.exchanges("exchange.unfunded"), [], "the other may still come");
    w.wait(Span::days(31));
    assert_eq!(w.exchanges("exchange.unfunded"), [("RMA-1-E2".to_owned(), json!({}))]);
    assert_eq!(w.exchanges("exchange.funded").len(), 1);
    assert_eq!(w.exchanges("exchange.funded")[0].0, "RMA-1-E1");
    assert_eq!(opened(&w), sent);
}

/// Two receipts before anyone announced anything: the same line and SKU are one line, another SKU on it is another.
#[test]
fn a_return_of_two_receipts_has_a_line_for_each_sku() {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    let id = w.complete("1", &[goods("1", "A", 3, 900), goods("2", "B", 2, 400)]);
    w.receive("RMA-1", "rc1", &[("x4", "A", 1), ("", "A", 1), ("", "B", 1)]);
    w.receive("RMA-1", "rc2", &[("x4", "A", 1), ("x4", "B", 1)]);
    w.wait(Span::days(2));
    let show = w.show("return", "RMA-1");
    let lines: Vec<_> = show["lines"].as_array().unwrap().iter().collect();
    let seen: Vec<_> =
        lines.iter().map(|l| (l["line"].as_str().unwrap(), l["received"].as_i64().unwrap())).collect();
    assert_eq!(seen, [("x4", 2), ("x2", 1), ("x3", 1), ("x5", 1)]);
    let on = name("return", "RMA-1");
    for (line, order_line) in [("x4", "1"), ("x3", "2")] {
        let data = json!({"rma": "RMA-1", "line": line, "order": id, "order_line": order_line, "by": "kim"});
        w.tell("return.matched", on.clone(), &data);
        w.settle();
    }
    assert_eq!(paid_back(&w), 600 + 200);
}

/// The ERP finds no sale of what was asked for; what has come by then waits for a person, and nothing is declined.
#[test]
fn goods_that_are_here_wait_for_a_person_where_no_sale_is_found() {
    for here in [true, false] {
        let mut w = World::stocked(&[("A", 50)]);
        w.flows.policy.returns.rules.find_sale = true;
        w.systems.habits.silent.insert("find_sale".into());
        let line = json!({"line": "1", "sku": "A", "quantity": 1, "reason": "x", "type": "commercial"});
        let data = json!({"rma": "RMA-1", "requested_at": w.now, "customer": "17850", "lines": [line]});
        w.tell("return.requested", name("return", "RMA-1"), &data);
        w.settle();
        if here {
            w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
            w.settle();
        }
        let key = w.commands.iter().find(|(_, c)| c.op == "find_sale").unwrap().1.key.clone();
        w.answer(&key, &json!({}));
        w.settle();
        assert_eq!(w.facts_of("return.line_refused").len(), usize::from(!here));
        assert_eq!(w.open("return", "RMA-1"), here);
    }
}

/// Somebody has matched the line before it is requested: what they said stands, and another order is shown.
#[test]
fn a_request_that_follows_a_match_is_held_against_it() {
    for (order, differs) in [("shop-1", false), ("shop-2", true)] {
        let mut w = World::stocked(&[("A", 50), ("B", 50)]);
        for n in ["1", "2"] {
            w.complete(n, &[goods("1", "A", 3, 900)]);
        }
        w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
        w.wait(Span::days(2));
        let data = json!({"rma": "RMA-1", "line": "1", "order": "shop-1", "order_line": "1", "by": "kim"});
        w.tell("return.matched", name("return", "RMA-1"), &data);
        w.request("RMA-1", &[("1", order, "1", "A", 1)]);
        w.settle();
        assert_eq!(w.exceptions().contains(&"return_changed"), differs, "{order}");
        assert_eq!((paid_back(&w), w.systems.refunded.len()), (300, 1), "{order}");
        assert_eq!(returnable_of(&w, "shop-1"), 2, "{order}");
        assert_eq!(returnable_of(&w, "shop-2"), 3, "{order}");
    }
}

fn returnable_of(w: &World, id: &str) -> i64 {
    w.line("order", id, "1", "returnable")
}

/// The platform calls the lines otherwise, and two are of one SKU: each takes one of what came, and what it does not
/// name keeps its SKU.
#[test]
fn a_late_request_takes_each_line_that_came_once() {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    let id = w.complete("1", &[goods("1", "A", 3, 900), goods("2", "B", 2, 400)]);
    w.receive("RMA-1", "rc1", &[("1", "B", 1), ("", "A", 1), ("", "B", 1)]);
    w.wait(Span::days(2));
    let mut asked = returning(
        "RMA-1",
        w.now,
        &[("1", &id, "2", "B", 1), ("8", &id, "1", "A", 1), ("9", &id, "2", "B", 1)],
    );
    asked["lines"][0].as_object_mut().unwrap().remove("sku");
    w.tell("return.requested", name("return", "RMA-1"), &asked);
    w.settle();
    for line in ["1", "8", "9"] {
        assert_eq!(w.line("return", "RMA-1", line, "received"), 1, "{line}");
    }
    assert_eq!(w.show("return", "RMA-1")["lines"].as_array().unwrap().len(), 3);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "B", "A", 1, 0), ("", "A", "A", 1, 0), ("", "B", "A", 1, 0)]);
    w.settle();
    assert_eq!((w.status("return", "RMA-1").as_str(), paid_back(&w)), ("completed", 700));
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}
