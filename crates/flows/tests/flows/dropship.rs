//! Lines that a vendor ships, and lines of which nothing is shipped.

use crate::harness::samples::{goods, order, other};
use crate::harness::{World, name, rules};
use serde_json::{Value, json};

fn dropped(line: &str, quantity: i64, amount: i64) -> Value {
    let mut l = goods(line, "SOFA", quantity, amount);
    (l["supply"], l["vendor"]) = (json!("dropship"), json!("acme-sofas"));
    l
}

fn digital(line: &str, amount: i64) -> Value {
    let mut l = goods(line, "EBOOK", 1, amount);
    l["supply"] = json!("digital");
    l
}

#[test]
fn a_vendor_gets_its_own_fulfilment_order_and_no_pool_is_asked() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = w.submit("1", &[goods("1", "A", 1, 100), dropped("2", 2, 9_000)]);
    w.settle();
    let at: Vec<(&str, String)> = w
        .commands
        .iter()
        .filter(|(_, c)| c.op == "create_fulfilment")
        .map(|(_, c)| {
            (c.at.as_str(), serde_json::from_str::<Value>(c.args.get()).unwrap()["method"].to_string())
        })
        .collect();
    assert!(at.contains(&("acme-sofas", "\"dropship\"".to_owned())), "{at:?}");
    let asked = w.args_of("release_order");
    assert!(asked.iter().all(|r| !r.to_string().contains("SOFA")), "the order management has no part in it");
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed");
    assert!(w.facts.iter().all(|f| f.0.kind != "pool" || !f.2.to_string().contains("SOFA")));
    assert_eq!(w.systems.captured["pi_1"], 9_100);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

#[test]
fn an_order_of_nothing_but_drop_shipped_lines_goes_on_at_once() {
    let mut w = World::stocked(&[]);
    let on = w.submit("1", &[dropped("1", 1, 5_000), other("9", "shipping", 500)]);
    w.settle();
    assert_eq!(w.status("order", &on), "fulfilling");
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed");
    rules::at_rest(&w);
}

#[test]
fn what_a_vendor_has_not_waits_for_a_person() {
    let mut w = World::stocked(&[]);
    let on = w.submit("1", &[dropped("1", 2, 5_000)]);
    w.settle();
    let data = json!({
        "id": "s1", "fulfilment": "shop-1-F1", "order": on, "place": "acme-sofas",
        "lines": [{"line": "1", "sku": "SOFA", "quantity": 1}],
    });
    w.tell("fulfilment.short", name("order", &on), &data);
    w.settle();
    assert!(w.exceptions().contains(&"vendor_short"));
    assert_eq!(w.args_of("create_fulfilment").len(), 1, "it is not asked again by itself");
    w.tell("order.retry_requested", name("order", &on), &json!({"order": on}));
    w.settle();
    assert_eq!(w.args_of("create_fulfilment").len(), 2);
    assert!(w.exceptions().is_empty());
    // The vendor's own view of the first is one unit now.
    w.systems.working.get_mut("shop-1-F1").unwrap().2[0].2 = 1;
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed");
    rules::at_rest(&w);
}

#[test]
fn a_vendor_that_refuses_is_asked_again_later() {
    let mut w = World::stocked(&[]);
    w.systems.habits.refuse.insert("create_fulfilment".into(), "closed".into());
    let on = w.submit("1", &[dropped("1", 1, 5_000)]);
    w.settle();
    assert_eq!(w.line("order", &on, "1", "reserved"), 1);
    w.systems.habits.refuse.clear();
    w.wait(retail::time::Span::hours(2));
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed");
}

#[test]
fn it_is_cancelled_at_the_vendor() {
    let mut w = World::stocked(&[]);
    let on = w.submit("1", &[dropped("1", 3, 6_000)]);
    w.settle();
    w.cancel(&on, Some(&[("1", 1)]));
    w.settle();
    assert_eq!(w.line("order", &on, "1", "cancelled"), 1);
    assert!(w.args_of("cancel_release").is_empty());
    w.ship_all();
    assert_eq!((w.status("order", &on), w.systems.captured["pi_1"]), ("completed".to_owned(), 4_000));
    rules::at_rest(&w);
}

#[test]
fn a_vendor_must_be_named() {
    let mut w = World::stocked(&[]);
    let mut l = dropped("1", 1, 100);
    l["vendor"] = json!(null);
    assert_eq!(w.refused("order.submitted", name("order", "shop-1"), &order("1", &[l])).code, "no_vendor");
}

#[test]
fn digital_lines_are_provided_at_once() {
    let mut w = World::stocked(&[]);
    let on = w.submit("1", &[digital("1", 700), goods("2", "A", 1, 100), other("9", "shipping", 50)]);
    w.settle();
    assert_eq!(w.line("order", &on, "1", "shipped"), 1);
    assert_eq!(w.line("order", &on, "9", "shipped"), 0, "shipping is for what is shipped");
    assert_eq!(w.args_of("post_invoice")[0]["total"], 700);
    assert!(w.args_of("post_delivery").is_empty() && w.args_of("create_fulfilment").is_empty());
    w.supply("north", &[("A", 1)]);
    w.settle();
    w.ship_all();
    assert_eq!((w.status("order", &on), w.systems.captured["pi_1"]), ("completed".to_owned(), 850));
    rules::at_rest(&w);
}

#[test]
fn where_the_goods_beside_them_are_cancelled_digital_lines_stay_sold() {
    let mut w = World::stocked(&[]);
    let on = w.submit("1", &[digital("1", 700), goods("2", "A", 1, 100), other("9", "shipping", 50)]);
    w.settle();
    w.cancel(&on, Some(&[("2", 1)]));
    w.settle();
    assert_eq!(w.line("order", &on, "9", "cancelled"), 1);
    assert_eq!((w.status("order", &on), w.systems.captured["pi_1"]), ("completed".to_owned(), 700));
    rules::at_rest(&w);
}

#[test]
fn an_order_of_digital_lines_alone_is_over_without_a_warehouse() {
    let mut w = World::stocked(&[]);
    let on = w.submit("1", &[digital("1", 700)]);
    w.settle();
    assert_eq!(w.status("order", &on), "completed");
    rules::at_rest(&w);
}
