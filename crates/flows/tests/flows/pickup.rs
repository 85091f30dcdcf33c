//! Collected in a store, sent to a store, sent from a store.

use crate::harness::samples::{goods, order};
use crate::harness::{World, name, rules};
use flows::Policy;
use flows::policy::Uncollected;
use retail::time::Span;
use serde_json::{Value, json};

/// The store `south` has one A, the warehouse `north` has nine B.
fn world() -> World {
    let mut w = World::new(Policy::simple("uk", &["north", "south"]));
    w.supply("south", &[("A", 3)]);
    w.supply("north", &[("A", 3), ("B", 9)]);
    w
}

fn submit(w: &mut World, lines: &[Value], method: &str) -> String {
    let mut data = order("1", lines);
    data["deliver"] = json!({"method": method, "place": "south"});
    data["ship_to"] = json!({"country": "GB", "name": "Ann"});
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    "shop-1".to_owned()
}

fn ready(w: &mut World, fulfilment: &str) {
    let data = json!({
        "fulfilment": fulfilment, "order": "shop-1", "place": "south", "ready_at": w.now,
    });
    w.tell("fulfilment.ready", name("order", "shop-1"), &data);
    w.settle();
}

fn collect(w: &mut World, fulfilment: &str, lines: &Value) {
    w.systems.working.remove(fulfilment);
    w.systems.left.insert(fulfilment.to_owned());
    let data = json!({
        "fulfilment": fulfilment, "order": "shop-1", "shipment": format!("{fulfilment}-c"),
        "picked_up_at": w.now, "lines": lines,
    });
    w.tell("fulfilment.picked_up", name("order", "shop-1"), &data);
    w.settle();
}

#[test]
fn what_the_store_has_waits_there_and_is_delivered_when_collected() {
    let mut w = world();
    let on = submit(&mut w, &[goods("1", "A", 2, 200)], "pickup");
    let asked = w.args_of("create_fulfilment");
    assert_eq!((asked[0]["method"].as_str(), asked[0]["place"].as_str()), (Some("pickup"), Some("south")));
    assert!(asked[0]["ship_to"].is_null(), "nobody sends it anywhere");
    ready(&mut w, "shop-1-F1");
    ready(&mut w, "shop-1-F1");
    let told = w.args_of("report_ready");
    assert_eq!(told, [json!({"id": "shop-1-F1", "order": on, "source_id": "1", "place": "south"})]);
    assert_eq!(w.facts_of("order.ready_for_pickup").len(), 1);
    collect(&mut w, "shop-1-F1", &json!([{"line": "1", "sku": "A", "quantity": 2}]));
    assert_eq!(w.status("order", &on), "completed");
    assert_eq!(w.facts_of("order.delivered").len(), 1);
    w.wait(Span::days(30));
    assert!(w.exceptions().is_empty());
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

#[test]
fn what_the_store_has_not_is_sent_to_it() {
    let mut w = world();
    let on = submit(&mut w, &[goods("1", "B", 2, 200)], "pickup");
    let asked = w.args_of("create_fulfilment");
    assert_eq!(
        (asked[0]["method"].as_str(), asked[0]["place"].as_str()),
        (Some("ship_to_store"), Some("south"))
    );
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed", "it has left the books");
    ready(&mut w, "shop-1-F1");
    assert_eq!(w.args_of("report_ready").len(), 1);
    collect(&mut w, "shop-1-F1", &json!([]));
    assert_eq!(w.facts_of("order.delivered").len(), 1);
    assert!(!w.show("order", &on)["shipments"][0]["delivered_at"].is_null());
    rules::at_rest(&w);
}

/// The warehouse's word on the shipment is late: what the store says of it waits, and is not lost.
#[test]
fn what_is_collected_before_its_shipment_is_told_of_is_delivered_when_it_is() {
    let mut w = world();
    let on = submit(&mut w, &[goods("1", "B", 2, 200)], "pickup");
    let data = json!({"fulfilment": "shop-1-F1", "order": "shop-1", "shipment": "shop-1-F1-c", "picked_up_at": w.now});
    w.tell("fulfilment.picked_up", name("order", "shop-1"), &data);
    w.settle();
    assert!(w.exceptions().is_empty() && w.facts_of("order.delivered").is_empty());
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed");
    assert_eq!(w.facts_of("order.delivered").len(), 1);
    assert!(!w.show("order", &on)["shipments"][0]["delivered_at"].is_null());
    rules::at_rest(&w);
}

#[test]
fn what_nobody_collects_is_cancelled_and_put_back() {
    let mut w = world();
    let on = submit(&mut w, &[goods("1", "A", 2, 200)], "pickup");
    ready(&mut w, "shop-1-F1");
    w.wait(Span::days(8));
    assert!(w.raised.contains("not_collected"));
    assert_eq!(w.status("order", &on), "cancelled");
    assert_eq!(w.args_of("report_cancellation")[0]["reason"], "not_collected");
    assert!(w.systems.captured.is_empty());
    rules::at_rest(&w);
}

#[test]
fn where_policy_asks_a_person_the_goods_stay() {
    let mut w = world();
    w.flows.policy.fulfilment.uncollected = Uncollected::Ask;
    let on = submit(&mut w, &[goods("1", "A", 2, 200)], "pickup");
    ready(&mut w, "shop-1-F1");
    w.wait(Span::days(8));
    assert!(w.exceptions().contains(&"not_collected"));
    assert_eq!(w.status("order", &on), "fulfilling");
    collect(&mut w, "shop-1-F1", &json!([{"line": "1", "sku": "A", "quantity": 2}]));
    assert_eq!(w.status("order", &on), "completed");
    assert!(w.exceptions().is_empty());
}

#[test]
fn a_store_can_send_it() {
    let mut w = world();
    let on = submit(&mut w, &[goods("1", "A", 2, 200)], "ship_from_store");
    let (_, c) = w.commands.iter().find(|(_, c)| c.op == "create_fulfilment").unwrap();
    assert_eq!(c.at, "south", "though the warehouse is asked first otherwise");
    let asked = &w.args_of("create_fulfilment")[0];
    assert_eq!(
        (asked["method"].as_str(), asked["ship_to"]["name"].as_str()),
        (Some("ship_from_store"), Some("Ann"))
    );
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed");
}

#[test]
fn lines_that_go_different_ways_are_different_fulfilment_orders() {
    let mut w = world();
    let mut sent = goods("2", "A", 1, 100);
    sent["deliver"] = json!({"method": "ship"});
    let on = submit(&mut w, &[goods("1", "A", 1, 100), sent], "pickup");
    let asked = w.args_of("create_fulfilment");
    let ways: Vec<Option<&str>> = asked.iter().map(|a| a["method"].as_str()).collect();
    assert_eq!(ways, [Some("pickup"), None]);
    collect(&mut w, "shop-1-F1", &json!([{"line": "1", "sku": "A", "quantity": 1}]));
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed");
    rules::at_rest(&w);
}

#[test]
fn a_way_without_its_store_is_refused() {
    let mut w = world();
    let mut data = order("1", &[goods("1", "A", 1, 100)]);
    data["deliver"] = json!({"method": "pickup"});
    assert_eq!(w.refused("order.submitted", name("order", "shop-1"), &data).code, "no_place");
}
