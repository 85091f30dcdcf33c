//! Holds: a set, asked for and lifted; what is held stays reserved.

use crate::harness::samples::{goods, order, other};
use crate::harness::{World, name, rules};
use serde_json::{Value, json};

fn hold(w: &mut World, order: &str, code: &str) {
    let data = json!({"order": order, "hold": code, "reason": "no such street", "by": "Ann Lee"});
    w.tell("order.hold_requested", name("order", order), &data);
}

fn lift(w: &mut World, order: &str, code: &str) {
    w.tell("order.hold_lifted", name("order", order), &json!({"order": order, "hold": code, "by": "Bob"}));
}

#[test]
fn it_goes_on_when_the_last_of_several_holds_is_lifted() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    hold(&mut w, &id, "address");
    hold(&mut w, &id, "gift-note");
    w.settle();
    assert_eq!(w.status("order", &id), "on_hold");
    assert_eq!(w.exceptions(), ["held_by_request"]);
    assert_eq!(w.line("order", &id, "1", "reserved"), 3);
    assert_eq!(w.args_of("release_order"), [] as [Value; 0]);
    assert_eq!(w.args_of("create_sales_order").len(), 1);
    lift(&mut w, &id, "address");
    w.settle();
    assert_eq!((w.status("order", &id).as_str(), w.exceptions()), ("on_hold", vec!["held_by_request"]));
    lift(&mut w, &id, "gift-note");
    w.settle();
    assert_eq!(w.exceptions(), [""; 0]);
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.facts_of("order.held").len(), 2);
    rules::at_rest(&w);
}

#[test]
fn the_same_hold_again_and_a_lift_of_none_change_nothing() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    lift(&mut w, &id, "address");
    assert_eq!(w.status("order", &id), "fulfilling");
    hold(&mut w, &id, "address");
    let before = w.facts.len();
    hold(&mut w, &id, "address");
    assert_eq!(w.facts_of("order.held").len(), 1);
    assert_eq!(w.facts.len(), before);
}

/// What is with order management or a warehouse is recalled; lifted, it is released anew.
#[test]
fn what_was_released_is_recalled() {
    for allocated in [false, true] {
        let mut w = World::stocked(&[("A", 5)]);
        w.systems.habits.allocates = allocated;
        let id = w.submit("1", &[goods("1", "A", 3, 300)]);
        w.settle();
        hold(&mut w, &id, "address");
        w.settle();
        assert_eq!(w.status("order", &id), "on_hold");
        assert_eq!((w.line("order", &id, "1", "reserved"), w.line("order", &id, "1", "released")), (3, 0));
        assert!(w.systems.working.is_empty(), "no warehouse works on it");
        assert_eq!(w.systems.cancelled.len(), 1, "order management was told");
        w.systems.habits.allocates = true;
        lift(&mut w, &id, "address");
        w.settle();
        w.ship_all();
        assert_eq!(w.status("order", &id), "completed");
        assert_eq!(w.line("order", &id, "1", "shipped"), 3);
        rules::at_rest(&w);
    }
}

/// The warehouse would not: it is on its way, and the hold ends with it.
#[test]
fn what_has_left_cannot_be_held() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.systems.left.insert("shop-1-F1".into());
    hold(&mut w, &id, "address");
    w.settle();
    assert_eq!(w.status("order", &id), "on_hold");
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 3)]);
    w.systems.working.clear();
    w.settle();
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.exceptions(), [""; 0], "there is nothing left to hold");
    assert_eq!(w.facts_of("order.hold_lifted"), [json!({"hold": "address", "by": "hub"})]);
    rules::at_rest(&w);
}

#[test]
fn the_rest_is_held_after_a_part_has_left() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    hold(&mut w, &id, "address");
    w.settle();
    assert_eq!(w.status("order", &id), "on_hold");
    assert_eq!((w.line("order", &id, "1", "shipped"), w.line("order", &id, "1", "reserved")), (1, 2));
    lift(&mut w, &id, "address");
    w.settle();
    assert_eq!(w.status("order", &id), "partly_shipped");
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
}

#[test]
fn a_held_order_can_be_cancelled_in_part_and_whole() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300), other("2", "shipping", 100)]);
    w.settle();
    hold(&mut w, &id, "address");
    w.settle();
    w.cancel(&id, Some(&[("1", 1)]));
    w.settle();
    assert_eq!(w.status("order", &id), "on_hold");
    assert_eq!(w.line("order", &id, "1", "cancelled"), 1);
    w.cancel(&id, None);
    w.settle();
    assert_eq!(w.status("order", &id), "cancelled");
    assert_eq!(w.exceptions(), [""; 0]);
    assert!(!w.open("order", &id));
    rules::at_rest(&w);
}

/// Events of one order in any order end alike (F4): a hold that came first holds.
#[test]
fn a_hold_may_come_before_its_order() {
    let mut w = World::stocked(&[("A", 5)]);
    hold(&mut w, "shop-1", "address");
    w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    assert_eq!(w.status("order", "shop-1"), "on_hold");
    assert_eq!(w.args_of("release_order"), [] as [Value; 0]);
}

#[test]
fn supply_reaches_a_held_order_and_stays_with_it() {
    let mut w = World::stocked(&[("A", 1)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    hold(&mut w, &id, "address");
    w.settle();
    w.supply("north", &[("A", 5)]);
    w.settle();
    assert_eq!((w.status("order", &id).as_str(), w.line("order", &id, "1", "reserved")), ("on_hold", 3));
}

#[test]
fn who_asks_is_named() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    for (data, part) in [
        (json!({"order": id, "hold": "address"}), "by"),
        (json!({"order": id, "hold": "address", "by": ""}), "by"),
        (json!({"order": id, "hold": "no such", "by": "Ann"}), "hold"),
    ] {
        let fault = w.refused("order.hold_requested", name("order", &id), &data);
        assert!(fault.code == "bad_data" && fault.why.contains(part), "{fault:?}");
    }
    let other = w.refused(
        "order.hold_lifted",
        name("order", &id),
        &json!({"order": "shop-2", "hold": "address", "by": "Ann"}),
    );
    assert_eq!(other.code, "order_differs");
}

/// A storefront that submits the order again while it is held changes nothing.
#[test]
fn a_held_order_submitted_again_stays_held() {
    let mut w = World::stocked(&[("A", 5)]);
    let lines = [goods("1", "A", 3, 300)];
    let id = w.submit("1", &lines);
    hold(&mut w, &id, "address");
    w.tell("order.submitted", name("order", &id), &order("1", &lines));
    w.settle();
    assert_eq!(w.status("order", &id), "on_hold");
    assert_eq!(w.exceptions(), ["held_by_request"]);
}

/// What was cancelled too late to recall is cancelled once its allocation is known, and nothing is left to hold.
#[test]
fn the_allocation_of_what_is_cancelled_ends_the_hold() {
    for shelf in [&[][..], &[("A", 1)]] {
        let mut w = World::stocked(shelf);
        let left_before: i64 = shelf.iter().map(|(_, units)| units).sum();
        let id = w.submit("1", &[goods("1", "A", 3, 300)]);
        w.settle();
        w.ship_all();
        w.systems.habits.allocates = false;
        w.systems.habits.refuse.insert("cancel_release".into(), "too_late".into());
        w.supply("north", &[("A", 3 - left_before)]);
        w.settle();
        w.cancel(&id, None);
        w.settle();
        hold(&mut w, &id, "address");
        w.settle();
        assert_eq!(w.status("order", &id), "on_hold");
        let release = w.args_of("release_order").last().unwrap()["id"].clone();
        let data = json!({
            "release": release, "order": id, "short": [],
            "fulfilments": [{"place": "north", "lines": [{"line": "1", "sku": "A", "quantity": 3 - left_before}]}],
        });
        w.tell("order.allocated", name("order", &id), &data);
        w.settle();
        assert_eq!(w.line("order", &id, "1", "cancelled"), 3 - left_before);
        assert_eq!(w.status("order", &id), if left_before == 0 { "cancelled" } else { "completed" });
        assert_eq!(w.exceptions(), [""; 0], "there is nothing left to hold");
        rules::at_rest(&w);
    }
}
