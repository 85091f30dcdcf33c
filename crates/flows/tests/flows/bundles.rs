//! Bundles: sold as one line; kept, shipped and given back by component.

use crate::harness::samples::{goods, order, returning};
use crate::harness::{World, name, rules};
use serde_json::{Value, json};

/// Two sets of a cup and two saucers, 10.01 with 1.67 tax.
fn set(line: &str) -> Value {
    let mut l = goods(line, "SET", 2, 1_001);
    l["tax"] = json!(167);
    l["components"] = json!([
        {"line": format!("{line}a"), "sku": "CUP", "quantity": 1, "share": 2},
        {"line": format!("{line}b"), "sku": "SAUCER", "quantity": 2, "share": 1},
    ]);
    l
}

fn shipped() -> (World, String) {
    let mut w = World::stocked(&[("CUP", 9), ("SAUCER", 9), ("A", 9)]);
    let on = w.complete("1", &[set("1"), goods("2", "A", 1, 500)]);
    (w, on)
}

#[test]
fn components_take_the_bundles_place_and_its_money_to_the_last_unit() {
    let (w, on) = shipped();
    let lines = w.args_of("create_sales_order")[0]["lines"].as_array().unwrap().clone();
    let parts: Vec<&Value> = lines.iter().filter(|l| l["parent"] == "1").collect();
    assert_eq!(parts.len(), 2);
    let sum = |member: &str| parts.iter().map(|l| l[member].as_i64().unwrap()).sum::<i64>();
    assert_eq!((sum("amount"), sum("tax")), (1_001, 167));
    assert_eq!((parts[0]["amount"].clone(), parts[1]["quantity"].clone()), (json!(667), json!(4)));
    let bundle = &w.show("order", &on)["bundles"][0];
    assert_eq!((bundle["ordered"].clone(), bundle["shipped"].clone()), (json!(2), json!(2)));
    assert_eq!(w.systems.captured["pi_1"], 1_501);
    rules::at_rest(&w);
    let fact = &w.facts_of("order.bundle_expanded")[0];
    assert_eq!((fact["line"].clone(), fact["lines"].as_array().unwrap().len()), (json!("1"), 2));
}

#[test]
fn a_component_that_is_short_waits_alone() {
    let mut w = World::stocked(&[("CUP", 9), ("SAUCER", 1)]);
    let on = w.submit("1", &[set("1")]);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", &on), "partly_shipped");
    assert_eq!(w.show("order", &on)["bundles"][0]["shipped"], 0, "no bundle is whole yet");
    w.supply("north", &[("SAUCER", 9)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed");
    rules::at_rest(&w);
}

#[test]
fn a_return_that_names_the_bundle_is_answered_by_its_components() {
    let (mut w, on) = shipped();
    w.request("RMA-1", &[("1", &on, "1", "SET", 1)]);
    w.settle();
    assert_eq!(w.line("order", &on, "1a", "held_for_returns"), 1);
    assert_eq!(w.line("order", &on, "1b", "held_for_returns"), 2);
    assert_eq!(w.show("order", &on)["bundles"][0]["returnable"], 1);
    // A second return gets what is left, and no more.
    w.request("RMA-2", &[("1", &on, "1", "SET", 5)]);
    w.settle();
    assert_eq!(w.line("order", &on, "1a", "held_for_returns"), 2);
    assert_eq!(w.line("order", &on, "1b", "held_for_returns"), 4);
}

#[test]
fn pitfall_18_a_bundle_comes_back_in_part() {
    let (mut w, on) = shipped();
    // One saucer of the bundle, named by the bundle's line and its own SKU.
    let data = returning("RMA-1", w.now, &[("1", &on, "1", "SAUCER", 1)]);
    w.systems.habits.sends_back = true;
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    assert_eq!(w.line("order", &on, "1b", "credited"), 1);
    let saucers = 334;
    let given: i64 = w.systems.refunded.values().map(|r| r.1).sum();
    assert_eq!(given, saucers / 4, "a quarter of what the saucers' share is");
    let bundle = &w.show("order", &on)["bundles"][0];
    assert_eq!((bundle["credited"].clone(), bundle["partly_credited"].clone()), (json!(0), json!(1)));
    rules::at_rest(&w);
}

#[test]
fn a_bundle_is_cancelled_by_its_line() {
    let mut w = World::stocked(&[("CUP", 9), ("SAUCER", 9)]);
    let on = w.submit("1", &[set("1")]);
    w.settle();
    w.cancel(&on, Some(&[("1", 1)]));
    w.settle();
    assert_eq!(w.line("order", &on, "1a", "cancelled"), 1);
    assert_eq!(w.line("order", &on, "1b", "cancelled"), 2);
    assert_eq!(w.show("order", &on)["bundles"][0]["cancelled"], 1);
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed");
    rules::at_rest(&w);
}

#[test]
fn a_bundle_can_be_added_and_raised_later() {
    let mut w = World::stocked(&[("CUP", 9), ("SAUCER", 20), ("A", 9)]);
    let mut data = order("1", &[goods("2", "A", 1, 500)]);
    data["tenders"][0]["authorised"] = json!(9_000);
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    w.change("shop-1", "e1", &[set("1")], &[]);
    w.settle();
    w.change("shop-1", "e2", &[], &[("1", 3)]);
    w.settle();
    assert_eq!(w.line("order", "shop-1", "1a.2", "ordered"), 1);
    assert_eq!(w.line("order", "shop-1", "1b.2", "ordered"), 2);
    w.ship_all();
    assert_eq!(w.status("order", "shop-1"), "completed");
    rules::at_rest(&w);
}

#[test]
fn components_that_make_no_lines_are_refused() {
    let mut w = World::stocked(&[]);
    let on = || name("order", "shop-1");
    let mut twice = set("1");
    twice["components"][1]["line"] = json!("1a");
    assert_eq!(w.refused("order.submitted", on(), &order("1", &[twice])).code, "duplicate_line");
    let mut own = set("1");
    own["components"][0]["line"] = json!("1");
    assert_eq!(w.refused("order.submitted", on(), &order("1", &[own])).code, "duplicate_line");
    let mut much = set("1");
    much["components"][0]["quantity"] = json!(1_000_000_000);
    assert_eq!(w.refused("order.submitted", on(), &order("1", &[much])).code, "bad_data");
}

/// Whole bundles come back only as far as all of their components may.
#[test]
fn no_more_bundles_come_back_than_all_their_components_allow() {
    let (mut w, on) = shipped();
    w.request("RMA-1", &[("1", &on, "1b", "SAUCER", 1)]);
    w.settle();
    w.request("RMA-2", &[("1", &on, "1", "SET", 2)]);
    w.settle();
    assert_eq!(w.show("return", "RMA-2")["lines"][0]["approved"], 3, "a cup and two saucers");
    assert_eq!(w.line("order", &on, "1a", "held_for_returns"), 1);
    assert_eq!(w.line("order", &on, "1b", "held_for_returns"), 1 + 2);
    w.receive("RMA-2", "rc1", &[("1", "SET", 3)]);
    w.settle();
    rules::at_rest(&w);
}

/// A bundle that was raised later comes back from the first of its lines on.
#[test]
fn bundles_of_a_raised_line_come_back_from_both() {
    let mut w = World::stocked(&[("CUP", 9), ("SAUCER", 20)]);
    let mut data = order("1", &[set("1")]);
    data["tenders"][0]["authorised"] = json!(9_000);
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    w.change("shop-1", "e1", &[], &[("1", 3)]);
    w.settle();
    w.ship_all();
    w.request("RMA-1", &[("1", "shop-1", "1", "SET", 3)]);
    w.settle();
    let held =
        |w: &World| ["1a", "1a.2", "1b", "1b.2"].map(|l| w.line("order", "shop-1", l, "held_for_returns"));
    assert_eq!(held(&w), [2, 1, 4, 2]);
}
