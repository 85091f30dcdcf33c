//! Events in any order, and again and again (F4).

use crate::harness::samples::{goods, order};
use crate::harness::{Rng, World, event, name, rules};
use books::Account;
use retail::time::Span;
use serde_json::{Value, json};

/// Pitfall 20: what comes before the order waits in its place and is taken in after it.
#[test]
fn pitfall_20_what_comes_before_the_order_waits_for_it() {
    let mut w = World::stocked(&[("A", 5)]);
    let on = name("order", "shop-1");
    let cancel = json!({"order": "shop-1", "reason": "customer", "lines": [{"line": "1", "quantity": 1}]});
    let captured = json!({"payment": "pi_1", "order": "shop-1", "amount": 200, "currency": "GBP"});
    w.tell("order.cancel_requested", on.clone(), &cancel);
    w.tell("payment.captured", on.clone(), &captured);
    assert_eq!(w.status("order", "shop-1"), "awaited");
    assert!(w.open("order", "shop-1"));
    w.submit("1", &[goods("1", "A", 3, 300)]);
    w.systems.captured.insert("pi_1".into(), 200);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", "shop-1"), "completed");
    assert_eq!(w.line("order", "shop-1", "1", "cancelled"), 1);
    assert!(w.args_of("capture").is_empty(), "its executor has taken it already");
    rules::at_rest(&w);
}

#[test]
fn what_waits_too_long_becomes_an_exception() {
    let mut w = World::stocked(&[("A", 5)]);
    w.cancel("shop-1", None);
    w.wait(Span::days(2));
    assert_eq!(w.exceptions(), ["order_not_submitted"]);
    w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    assert_eq!(w.exceptions(), [""; 0]);
    assert_eq!(w.status("order", "shop-1"), "cancelled");
}

#[test]
fn what_waited_and_does_not_fit_is_shown_and_harms_nothing() {
    let mut w = World::stocked(&[("A", 5)]);
    let on = name("order", "shop-1");
    let lines = json!([{"line": "7", "quantity": 1}]);
    w.tell("order.cancel_requested", on, &json!({"order": "shop-1", "lines": lines}));
    w.submit("1", &[goods("1", "A", 3, 300)]);
    assert_eq!(w.exceptions(), ["early_event_refused"]);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", "shop-1"), "completed");
}

#[test]
fn what_nobody_could_ever_take_in_is_refused_at_once() {
    let mut w = World::stocked(&[]);
    let fault = w.refused("order.exploded", name("order", "shop-1"), &json!({"order": "shop-1"}));
    assert_eq!(fault.code, "unknown_event");
    assert!(w.state(&name("order", "shop-1")).is_none());
}

/// Everything that others report in the life of one order.
fn reports(w: &World) -> Vec<(&'static str, Value)> {
    let id = "shop-1";
    let units = |n: i64| json!([{"line": "1", "sku": "A", "quantity": n}]);
    vec![
        ("order.submitted", order("1", &[goods("1", "A", 5, 1_000), goods("2", "B", 1, 77)])),
        ("shipment.confirmed", w.confirmation("s1", "shop-1-F1", "north", &[("1", "A", 2), ("2", "B", 1)])),
        ("shipment.confirmed", w.confirmation("s2", "shop-1-F1", "north", &[("1", "A", 1)])),
        ("shipment.delivered", json!({"shipment": "s1", "order": id, "delivered_at": w.now})),
        ("shipment.delivered", json!({"shipment": "s2", "order": id, "delivered_at": w.now})),
        (
            "fulfilment.short",
            json!({"id": "x", "fulfilment": "shop-1-F1", "order": id, "place": "north", "lines": units(2)}),
        ),
        ("order.cancel_requested", json!({"order": id, "reason": "customer"})),
        (
            "payment.refunded_elsewhere",
            json!({"payment": "pi_1", "order": id, "refund": "re_x", "amount": 5, "currency": "GBP"}),
        ),
    ]
}

/// F4: any order of arrival and any number of repetitions ends in the same state.
#[test]
fn any_order_and_repetition_of_reports_ends_in_the_same_state() {
    let mut ends: Vec<Value> = Vec::new();
    for seed in 0..60 {
        let mut rng = Rng(seed);
        let mut w = World::stocked(&[("A", 5), ("B", 5)]);
        let on = name("order", "shop-1");
        // Shipments answer a fulfilment order and cannot come before it; the wish to cancel comes once all is
        // told, since what it finds decides its answer.
        let mut early: Vec<(&str, Value)> = reports(&w);
        let cancel = early.remove(6);
        let mut late = early.split_off(1);
        let elsewhere = late.pop().unwrap();
        early.push(elsewhere);
        for events in [&mut early, &mut late, &mut vec![cancel]] {
            let again: Vec<_> = events.iter().filter(|_| rng.chance(50)).cloned().collect();
            events.extend(again);
            while !events.is_empty() {
                let (kind, data) = events.remove(rng.below(events.len()));
                let stimulus = event(kind, on.clone(), crate::harness::start(), &data);
                w.deliver(&on, &stimulus).unwrap();
                if rng.chance(30) {
                    w.settle_by(&mut rng);
                }
            }
            w.settle_by(&mut rng);
            w.systems.working.clear();
        }
        let mut end = w.show("order", "shop-1");
        // Which document of several came first may differ; what they add up to may not.
        end["shipments"] = json!(end["shipments"].as_array().unwrap().len());
        ends.push(end);
        assert_eq!(ends[0], ends[usize::try_from(seed).unwrap()], "seed {seed}");
    }
    assert_eq!(ends[0]["status"], "completed");
    assert_eq!(ends[0]["captured"], 600 + 77);
}

/// F4, for returns: receipts, inspections and the request itself in any order, again and again.
#[test]
fn any_order_and_repetition_of_a_returns_reports_ends_in_the_same_state() {
    let mut ends: Vec<Value> = Vec::new();
    for seed in 0..60 {
        let mut rng = Rng(seed);
        let mut w = World::stocked(&[("A", 9), ("B", 9)]);
        let id = w.complete("1", &[goods("1", "A", 5, 1_000), goods("2", "B", 3, 100)]);
        w.flows.policy.returns.inspect_first.insert("decor".into());
        let on = name("return", "RMA-1");
        let received = |receipt: &str, lines: Value| json!({"receipt": receipt, "rma": "RMA-1", "place": "north", "received_at": w.now, "lines": lines});
        let mut events = vec![
            (
                "return.requested",
                crate::harness::samples::returning(
                    "RMA-1",
                    w.now,
                    &[("1", &id, "1", "A", 4), ("2", &id, "2", "B", 9)],
                ),
            ),
            ("return.received", received("rc1", json!([{"line": "1", "sku": "A", "quantity": 3}]))),
            (
                "return.received",
                received(
                    "rc2",
                    json!([{"line": "1", "sku": "A", "quantity": 1}, {"line": "2", "sku": "B", "quantity": 3}]),
                ),
            ),
            (
                "return.inspected",
                crate::harness::samples::inspection("RMA-1", "rc1", "in1", &[("1", "A", "A", 2, 1)]),
            ),
            (
                "return.inspected",
                crate::harness::samples::inspection(
                    "RMA-1",
                    "rc2",
                    "in2",
                    &[("1", "A", "B", 1, 0), ("2", "B", "C", 3, 0)],
                ),
            ),
        ];
        let again: Vec<_> = events.iter().filter(|_| rng.chance(60)).cloned().collect();
        events.extend(again);
        while !events.is_empty() {
            let (kind, data) = events.remove(rng.below(events.len()));
            let stimulus = event(kind, on.clone(), crate::harness::start(), &data);
            w.deliver(&on, &stimulus).unwrap();
            if rng.chance(40) {
                w.settle_by(&mut rng);
            }
        }
        w.settle_by(&mut rng);
        rules::at_rest(&w);
        rules::finished(&w, &[]);
        let show = w.show("return", "RMA-1");
        let paid: i64 = w.systems.refunded.values().map(|r| r.1).sum();
        let places = [w.total(&Account::Place("north".into()), "A"), w.total(&Account::Destroyed, "B")];
        ends.push(json!([show["status"], show["warehouse"], show["finance"], show["lines"], paid, places]));
        assert_eq!(ends[0], ends[usize::try_from(seed).unwrap()], "seed {seed}");
        assert_eq!(w.exceptions(), [""; 0], "seed {seed}");
    }
    assert_eq!(ends[0][0], "completed");
    assert_eq!(ends[0][4], 600 + 100);
}
