//! Several systems for one role: an order goes where rules sent it as it was placed, and so does all that comes of it.

use crate::harness::samples::{goods, order, returning};
use crate::harness::{World, name};
use flows::policy::Route;
use serde_json::json;

fn rule(role: &str, brand: Option<&str>, region: Option<&str>, to: &str) -> Route {
    Route {
        role: role.to_owned(),
        brand: brand.map(str::to_owned),
        region: region.map(str::to_owned),
        to: to.to_owned(),
        ..Route::default()
    }
}

/// Two ERPs by brand, two OMS by region.
fn world() -> World {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    w.flows.policy.routes = vec![
        rule("erp", Some("x"), None, "erp-x"),
        rule("erp", None, None, "erp-rest"),
        rule("oms", None, Some("FR"), "oms-fr"),
        rule("oms", None, None, "oms-rest"),
    ];
    w
}

fn place(w: &mut World, id: &str, brand: &str, country: &str) -> String {
    let mut data = order(id, &[goods("1", "A", 2, 1_000)]);
    data["brand"] = json!(brand);
    data["ship_to"] = json!({"country": country});
    let order = format!("shop-{id}");
    w.tell("order.submitted", name("order", &order), &data);
    order
}

/// Where all commands of a role went that concern a case or what came of it.
fn went(w: &World, role: &str, about: &str) -> Vec<String> {
    let of = w.commands.iter().filter(|(of, c)| c.role == role && of.value.starts_with(about));
    let mut all: Vec<String> = of.map(|(_, c)| c.at.clone()).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn each_brand_has_its_erp_and_each_region_its_order_management() {
    let mut w = world();
    place(&mut w, "1", "x", "GB");
    place(&mut w, "2", "y", "FR");
    w.settle();
    w.ship_all();
    assert_eq!(
        (went(&w, "erp", "shop-1"), went(&w, "oms", "shop-1")),
        (vec!["erp-x".into()], vec!["oms-rest".into()])
    );
    assert_eq!(
        (went(&w, "erp", "shop-2"), went(&w, "oms", "shop-2")),
        (vec!["erp-rest".into()], vec!["oms-fr".into()])
    );
    let shown = w.show("order", "shop-2");
    assert_eq!((&shown["brand"], &shown["region"]), (&json!("y"), &json!("FR")));
    assert_eq!(shown["routes"], json!({"erp": "erp-rest", "oms": "oms-fr"}));
    assert!(
        w.commands.iter().all(|(_, c)| c.role != "wms" || c.at == "north" || c.at == "south"),
        "places choose themselves"
    );
}

#[test]
fn what_is_under_way_keeps_its_route_when_the_rules_change() {
    let mut w = world();
    let id = place(&mut w, "1", "x", "GB");
    w.settle();
    w.flows.policy.routes = vec![rule("erp", None, None, "erp-new"), rule("oms", None, None, "oms-new")];
    w.ship_all();
    assert_eq!(went(&w, "erp", "shop-1"), ["erp-x"]);
    w.tell(
        "return.requested",
        name("return", "RMA-1"),
        &returning("RMA-1", w.now, &[("1", &id, "1", "A", 1)]),
    );
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 0)]);
    w.settle();
    let memos = w.commands.iter().filter(|(_, c)| c.op == "post_credit_memo");
    assert_eq!(
        memos.map(|(_, c)| c.at.as_str()).collect::<Vec<_>>(),
        ["erp-x"],
        "the refund of a routed order"
    );
    assert_eq!(went(&w, "erp", "RMA-1"), ["erp-x"], "the return's own documents");
    place(&mut w, "2", "x", "GB");
    w.settle();
    assert_eq!(went(&w, "erp", "shop-2"), ["erp-new"]);
}

#[test]
fn the_same_order_sent_twice_is_the_same_after_the_rules_changed() {
    let mut w = world();
    place(&mut w, "1", "x", "GB");
    w.settle();
    w.flows.policy.routes.clear();
    w.flows.policy.revision = 9;
    place(&mut w, "1", "x", "GB");
    w.settle();
    assert!(w.exceptions().is_empty(), "{:?}", w.exceptions());
}
