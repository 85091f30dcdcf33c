//! Parcels on their way: delivered, lost, sent back; and the labels that the hub buys for them.

use crate::harness::samples::{goods, order};
use crate::harness::{World, name, rules};
use flows::Policy;
use flows::policy::Labels;
use retail::time::{Span, Time};
use serde_json::{Value, json};

/// Two A shipped in two parcels, t1 and t2.
fn shipped() -> (World, String, Time) {
    let mut w = World::stocked(&[("A", 9)]);
    w.flows.policy.asks.insert("carrier".into());
    let on = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.settle();
    let line = json!([{"line": "1", "sku": "A", "quantity": 1}]);
    let data = json!({
        "shipment": "s1", "fulfilment": "shop-1-F1", "order": on, "place": "north", "shipped_at": w.now,
        "parcels": [
            {"id": "p1", "carrier": "dhl", "tracking": "t1", "lines": line},
            {"id": "p2", "carrier": "dhl", "tracking": "t2", "lines": line},
        ],
    });
    w.systems.working.clear();
    w.tell("shipment.confirmed", name("order", &on), &data);
    w.settle();
    assert_eq!(w.status("order", &on), "completed");
    let at = w.now;
    (w, on, at)
}

fn statuses(w: &World, on: &str) -> Value {
    let parcels = w.show("order", on)["shipments"][0]["parcels"].as_array().unwrap().clone();
    parcels.into_iter().map(|p| p["status"].clone()).collect()
}

#[test]
fn a_shipment_is_delivered_once_every_parcel_is() {
    let (mut w, on, at) = shipped();
    w.track(&on, "t1", "delivered", at.plus(Span::hours(30)));
    assert!(w.facts_of("order.delivered").is_empty());
    w.track(&on, "t2", "out_for_delivery", at.plus(Span::hours(40)));
    w.track(&on, "t2", "delivered", at.plus(Span::hours(44)));
    assert_eq!(w.facts_of("order.delivered"), [json!({"shipment": "s1"})]);
    assert_eq!(w.show("order", &on)["shipments"][0]["parcels"], json!([]), "they are followed no longer");
    // Late news is of no consequence.
    w.track(&on, "t2", "in_transit", at.plus(Span::hours(45)));
    assert_eq!(w.facts_of("parcel.tracked").len(), 3);
}

#[test]
fn pitfall_21_older_news_never_overwrites_newer_and_a_repeat_changes_nothing() {
    let (mut w, on, at) = shipped();
    w.track(&on, "t1", "out_for_delivery", at.plus(Span::hours(40)));
    w.track(&on, "t1", "in_transit", at.plus(Span::hours(20)));
    w.track(&on, "t1", "out_for_delivery", at.plus(Span::hours(40)));
    assert_eq!(statuses(&w, &on), json!(["out_for_delivery", null]));
    assert_eq!(w.facts_of("parcel.tracked").len(), 1);
}

#[test]
fn a_lost_parcel_is_shown_until_it_is_found() {
    let (mut w, on, at) = shipped();
    w.track(&on, "t1", "lost", at.plus(Span::days(9)));
    assert!(w.exceptions().contains(&"parcel_lost"));
    w.track(&on, "t1", "delivered", at.plus(Span::days(12)));
    assert!(w.exceptions().is_empty());
    w.track(&on, "t2", "damaged", at.plus(Span::days(12)));
    assert!(w.exceptions().contains(&"parcel_damaged"));
}

#[test]
fn a_parcel_that_comes_back_opens_a_return_once() {
    let (mut w, on, at) = shipped();
    w.track(&on, "t2", "returned_to_sender", at.plus(Span::days(3)));
    w.track(&on, "t2", "returned_to_sender", at.plus(Span::days(4)));
    assert_eq!(w.facts_of("parcel.sent_back"), [json!({"tracking": "t2", "rma": "shop-1-P1"})]);
    let mail = &w.mail[&(name("order", &on), name("return", "shop-1-P1"))];
    assert_eq!(mail.len(), 1);
    let hub::process::Stimulus::Mail { kind, data, .. } = &mail[0] else { panic!("{mail:?}") };
    assert_eq!(kind, "return.open");
    let data: Value = serde_json::from_str(data.get()).unwrap();
    assert_eq!((data["start"].as_str(), data["tracking"].as_str()), (Some("refused_parcel"), Some("t2")));
    assert_eq!(
        data["lines"],
        json!([{
            "line": "1", "order": on, "order_line": "1", "sku": "A", "quantity": 1, "reason": "refused",
            "type": "refused",
        }])
    );
}

/// A world whose labels the hub buys.
fn with_labels() -> World {
    let mut policy = Policy::simple("uk", &["north", "south"]);
    policy.fulfilment.labels = Labels::Hub;
    policy.asks.insert("carrier".into());
    let mut w = World::new(policy);
    w.supply("north", &[("A", 9)]);
    w
}

fn placed(w: &mut World) -> String {
    let mut data = order("1", &[goods("1", "A", 2, 200)]);
    data["ship_to"] = json!({"country": "GB", "name": "Ann"});
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    "shop-1".to_owned()
}

#[test]
fn the_warehouse_gets_the_label_that_the_hub_bought() {
    let mut w = with_labels();
    let on = placed(&mut w);
    let bought = &w.args_of("buy_label")[0];
    assert_eq!((bought["from"].as_str(), bought["to"]["name"].as_str()), (Some("north"), Some("Ann")));
    let label = &w.args_of("create_fulfilment")[0]["label"];
    let tracking = label["tracking"].as_str().unwrap().to_owned();
    assert_eq!(label["label"], "^XA");
    // The carrier is quicker than the warehouse.
    w.track(&on, &tracking, "in_transit", w.now);
    let data = json!({
        "shipment": "s1", "fulfilment": "shop-1-F1", "order": on, "place": "north", "shipped_at": w.now,
        "parcels": [{"id": "p1", "carrier": "dhl", "tracking": tracking, "lines": [{"line": "1", "sku": "A", "quantity": 2}]}],
    });
    w.systems.working.clear();
    w.tell("shipment.confirmed", name("order", &on), &data);
    w.settle();
    assert_eq!(statuses(&w, &on), json!(["in_transit"]));
    assert_eq!(w.status("order", &on), "completed");
    rules::finished(&w, &[]);
}

#[test]
fn a_label_for_what_is_cancelled_is_given_back() {
    let mut w = with_labels();
    let on = placed(&mut w);
    w.cancel(&on, None);
    w.settle();
    assert_eq!(w.status("order", &on), "cancelled");
    assert!(w.systems.labels.is_empty());
    assert_eq!(w.args_of("void_label").len(), 1);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

#[test]
fn news_of_a_label_that_is_given_back_keeps_no_order_open() {
    let mut w = with_labels();
    let on = placed(&mut w);
    let tracking = w.args_of("create_fulfilment")[0]["label"]["tracking"].as_str().unwrap().to_owned();
    w.track(&on, &tracking, "label_created", w.now);
    w.cancel(&on, None);
    w.settle();
    w.track(&on, &tracking, "in_transit", w.now);
    assert_eq!(w.status("order", &on), "cancelled");
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

#[test]
fn what_is_cancelled_while_its_label_is_bought_never_reaches_the_warehouse() {
    let mut w = with_labels();
    w.systems.habits.silent.insert("buy_label".into());
    let on = placed(&mut w);
    w.cancel(&on, None);
    w.settle();
    w.systems.habits.silent.clear();
    w.systems.labels.insert("late".into());
    w.answer("buy_label:shop-1-F1", &json!({"ref": "L", "tracking": "late", "label": ""}));
    w.settle();
    assert_eq!(w.status("order", &on), "cancelled");
    assert!(w.args_of("create_fulfilment").is_empty() && w.systems.labels.is_empty());
    rules::at_rest(&w);
}

#[test]
fn a_carrier_that_sells_no_label_is_shown_and_asked_again() {
    let mut w = with_labels();
    w.systems.habits.refuse.insert("buy_label".into(), "no_service".into());
    let on = placed(&mut w);
    assert!(w.exceptions().contains(&"label_refused"));
    w.systems.habits.refuse.clear();
    w.tell("order.retry_requested", name("order", &on), &json!({"order": on}));
    w.settle();
    assert!(w.exceptions().is_empty());
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed");
}

#[test]
fn what_has_no_label_yet_can_be_cancelled() {
    let mut w = with_labels();
    w.systems.habits.refuse.insert("buy_label".into(), "no_service".into());
    let on = placed(&mut w);
    w.cancel(&on, None);
    w.settle();
    assert_eq!(w.status("order", &on), "cancelled");
    rules::at_rest(&w);
}
