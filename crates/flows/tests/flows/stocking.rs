//! What becomes of orders when stock is held, counted away, or still to come.

use crate::harness::samples::{goods, returning};
use crate::harness::{World, name, rules};
use flows::stock::StockPolicy;
use flows::{Policy, order};
use retail::time::Span;
use serde_json::json;

/// A place counts what it has.
pub fn count(w: &mut World, place: &str, sku: &str, on_hand: i64) {
    let id = format!("count-{}", w.facts.len());
    let lines = json!([{"sku": sku, "on_hand": on_hand}]);
    let data = json!({"count": id, "place": place, "as_of": w.now.plus(Span::seconds(1)), "lines": lines});
    w.tell("stock.counted", name("pool", "main"), &data);
}

fn hold(w: &mut World, hold: &str, sku: &str, quantity: i64) {
    let until = w.now.plus(Span::minutes(15));
    let lines = json!([{"sku": sku, "quantity": quantity}]);
    let data = json!({"hold": hold, "channel": "shop", "until": until, "lines": lines});
    w.tell("stock.hold_requested", name("pool", "main"), &data);
}

fn has_fact(w: &World, kind: &str) -> bool {
    w.facts.iter().any(|f| f.1 == kind)
}

/// Units that are reserved and not passed on.
#[test]
fn an_order_that_loses_units_before_they_are_released_waits_again() {
    let mut policy = Policy::simple("uk", &["north", "south"]);
    policy.partial_release = false;
    let mut w = World::new(policy);
    w.supply("north", &[("A", 3)]);
    // It waits for B, so that nothing of it is released yet.
    let id = w.submit("1", &[goods("1", "A", 3, 300), goods("2", "B", 1, 100)]);
    w.settle();
    assert_eq!(w.line("order", &id, "1", "reserved"), 3);
    count(&mut w, "north", "A", 1);
    w.settle();
    assert_eq!(
        (w.line("order", &id, "1", "reserved"), w.line("order", &id, "1", "waiting_for_stock")),
        (1, 2)
    );
    assert!(has_fact(&w, "stock.given_up"));
    assert!(!w.exceptions().contains(&"stock_short"), "it gave up what was not there");
    w.supply("south", &[("A", 2), ("B", 1)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
}

/// Units that a warehouse was asked for: it has the last word.
#[test]
fn units_that_were_counted_away_after_their_release_are_the_warehouses_to_find_or_report() {
    let mut w = World::stocked(&[("A", 2)]);
    let id = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.settle();
    count(&mut w, "north", "A", 1);
    w.settle();
    assert!(w.exceptions().contains(&"stock_withdrawn") && w.exceptions().contains(&"stock_short"));
    assert_eq!(
        w.line("order", &id, "1", "waiting_for_stock"),
        0,
        "nothing is given up behind the warehouse's back"
    );
    w.supply("south", &[("A", 1)]);
    let short = json!({"id": "short-1", "fulfilment": "shop-1-F1", "order": id, "place": "north",
        "lines": [{"line": "1", "sku": "A", "quantity": 1}]});
    w.tell("fulfilment.short", name("order", &id), &short);
    w.settle();
    assert!(!w.exceptions().contains(&"stock_withdrawn") && !w.exceptions().contains(&"stock_short"));
    w.systems.working.clear();
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.settle();
    w.confirm("s2", "shop-1-F2", "south", &[("1", "A", 1)]);
    w.settle();
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
}

#[test]
fn nobody_looks_for_units_that_are_cancelled_and_back_from_the_warehouse() {
    let mut w = World::stocked(&[("A", 2)]);
    let id = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.settle();
    count(&mut w, "north", "A", 1);
    w.settle();
    assert!(w.exceptions().contains(&"stock_withdrawn"));
    w.cancel(&id, None);
    w.settle();
    assert_eq!(w.status("order", &id), "cancelled");
    assert!(!w.exceptions().contains(&"stock_withdrawn"), "{:?}", w.exceptions());
}

#[test]
fn an_order_takes_over_what_its_checkout_held() {
    let mut w = World::stocked(&[("A", 2)]);
    hold(&mut w, "cart-9", "A", 2);
    let other = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.settle();
    assert_eq!(w.line("order", &other, "1", "waiting_for_stock"), 2, "the buyer that came first has them");
    let mut data = crate::harness::samples::order("2", &[goods("1", "A", 1, 100)]);
    data["hold"] = json!("cart-9");
    w.tell("order.submitted", name("order", "shop-2"), &data);
    w.settle();
    assert_eq!(w.line("order", "shop-2", "1", "waiting_for_stock"), 0);
    assert_eq!(
        w.line("order", &other, "1", "waiting_for_stock"),
        1,
        "what it did not want went to who waits"
    );
    w.supply("north", &[("A", 1)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", "shop-2"), "completed");
    assert_eq!(w.status("order", &other), "completed");
    rules::at_rest(&w);
}

/// Pitfall 29: what an abandoned checkout or a cancelled order had is free again.
#[test]
fn pitfall_29_what_is_abandoned_is_released() {
    let mut w = World::stocked(&[("A", 1)]);
    hold(&mut w, "cart-9", "A", 1);
    let first = w.submit("1", &[goods("1", "A", 1, 100)]);
    let second = w.submit("2", &[goods("1", "A", 1, 100)]);
    w.settle();
    assert_eq!(w.line("order", &first, "1", "waiting_for_stock"), 1);
    w.wait(Span::minutes(17));
    assert_eq!(w.line("order", &first, "1", "waiting_for_stock"), 0, "the buyer never came back");
    w.cancel(&first, None);
    w.settle();
    assert_eq!(w.status("order", &first), "cancelled");
    assert_eq!(w.line("order", &second, "1", "waiting_for_stock"), 0);
    w.ship_all();
    assert_eq!(w.status("order", &second), "completed");
    rules::at_rest(&w);
}

#[test]
fn what_waits_is_promised_the_supply_that_is_to_come() {
    let mut w = World::new(Policy::simple("uk", &["north"]));
    let expected = |w: &mut World, date: &str| {
        let lines = json!([{"sku": "A", "quantity": 5, "date": date}]);
        let data = json!({"supply": "PO1", "place": "north", "lines": lines});
        w.tell("stock.expected", name("pool", "main"), &data);
        w.settle();
    };
    expected(&mut w, "2011-02-01");
    let id = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.settle();
    expected(&mut w, "2011-03-01");
    assert!(w.parked.is_empty(), "{:?}", w.parked);
    let told: Vec<_> =
        w.facts.iter().filter(|f| f.0 == name("order", &id) && f.1.contains("promised")).collect();
    assert!(told.iter().any(|f| f.2.to_string().contains("2011-03-01")), "{told:?}");
    let data =
        json!({"receipt": "r1", "place": "north", "supply": "PO1", "lines": [{"sku": "A", "quantity": 5}]});
    w.tell("stock.received", name("pool", "main"), &data);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
}

/// The last unit, two hundred orders at once, each with its own case: one wins, and every other knows that it waits.
#[test]
fn pitfall_27_the_last_unit_has_one_of_two_hundred_orders() {
    for seed in 0..5 {
        let mut w = World::new(Policy {
            pools: [("main".to_owned(), StockPolicy::simple("uk", &["north", "south"]))].into(),
            ..Policy::simple("uk", &["north", "south"])
        });
        w.supply(["north", "south"][seed % 2], &[("A", 1)]);
        w.systems.habits.rng = crate::harness::Rng(u64::try_from(seed).unwrap());
        let orders: Vec<String> =
            (0..200).map(|n| w.submit(&n.to_string(), &[goods("1", "A", 1, 100)])).collect();
        w.settle();
        let waits = |id: &&String| w.line("order", id, "1", "waiting_for_stock") == 1;
        assert_eq!(orders.iter().filter(waits).count(), 199);
        for id in &orders {
            let Some(flows::State::Order(s)) = w.state(&name("order", id)) else { panic!("{id}") };
            assert!(s.body.answered, "{id} has a definite answer");
            assert_ne!(order::status(&s), order::Status::Submitted);
        }
    }
}

#[test]
fn a_storefront_that_keeps_stock_by_place_is_told_again_once_it_has_booked_a_shipment_or_a_return() {
    let mut policy = Policy::simple("uk", &["north", "south"]);
    let pool = policy.pools.get_mut("main").unwrap();
    pool.publish_to = vec!["shop".to_owned()];
    pool.by_place = ["shop".to_owned()].into();
    let mut w = World::new(policy);
    w.supply("north", &[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.settle();
    w.wait(Span::minutes(1));
    w.settle();
    let told = |w: &World| {
        let published = w.args_of("publish_stock");
        let newest = published.last().unwrap()["items"][0]["places"][0]["on_hand"].as_i64().unwrap();
        (published.len(), newest)
    };
    let before = told(&w);
    w.systems.habits.silent.insert("report_shipment".into());
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 2)]);
    w.wait(Span::minutes(1));
    assert_eq!(told(&w), (before.0 + 1, 3), "by the shipment itself");
    w.answer("report_shipment:s1", &json!({"ref": "f1"}));
    w.wait(Span::minutes(1));
    let after = told(&w);
    assert_eq!(after, (before.0 + 2, 3), "and once the storefront has booked it");
    let mut asked = returning("RMA-1", w.now, &[("1", &id, "1", "A", 1)]);
    asked["source"] = json!("shop");
    w.tell("return.requested", name("return", "RMA-1"), &asked);
    w.wait(Span::minutes(1));
    assert!(told(&w).0 > after.0, "what it did upon the return is looked after, whatever it was");
}

/// Who was promised a supply is served in order with what came of it, and no further; the rest goes to whoever waits.
#[test]
fn of_a_supply_that_comes_short_the_first_promise_is_served_first() {
    let mut w = World::stocked(&[]);
    let lines = json!([{"sku": "A", "quantity": 6, "date": "2011-03-05"}]);
    w.tell(
        "stock.expected",
        name("pool", "main"),
        &json!({"supply": "PO1", "place": "north", "lines": lines}),
    );
    let orders =
        [("1", 4), ("2", 2), ("3", 2)].map(|(n, quantity)| w.submit(n, &[goods("1", "A", quantity, 400)]));
    w.settle();
    let received =
        json!({"receipt": "r1", "place": "north", "supply": "PO1", "lines": [{"sku": "A", "quantity": 5}]});
    w.tell("stock.received", name("pool", "main"), &received);
    w.settle();
    let released = |w: &World| orders.each_ref().map(|id| w.line("order", id, "1", "released"));
    assert_eq!(released(&w), [4, 1, 0]);
    w.supply("north", &[("A", 2)]);
    w.settle();
    assert_eq!(released(&w), [4, 2, 1]);
    w.supply("north", &[("A", 1)]);
    w.settle();
    w.ship_all();
    for id in &orders {
        assert_eq!(w.status("order", id), "completed");
    }
    rules::at_rest(&w);
}
