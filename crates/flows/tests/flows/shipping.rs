//! Shipments: in parts, again, too much, too late, too early.

use crate::harness::samples::{goods, order, other};
use crate::harness::{World, name, rules};
use books::Account;
use serde_json::json;

/// Several shipments invoice a line in parts that add up to the last penny.
#[test]
fn invoices_of_several_shipments_add_up_to_the_line() {
    let mut w = World::stocked(&[("A", 3)]);
    let mut line = goods("1", "A", 3, 1_000);
    line["tax"] = json!(167);
    let id = w.submit("1", &[line, other("2", "shipping", 495)]);
    w.settle();
    for n in 1..=3 {
        w.confirm(&format!("s{n}"), "shop-1-F1", "north", &[("1", "A", 1)]);
    }
    w.systems.working.clear();
    w.settle();
    let totals: Vec<i64> = w.args_of("post_invoice").iter().map(|i| i["total"].as_i64().unwrap()).collect();
    assert_eq!(totals, [333 + 495, 333, 334], "shipping goes with the first");
    let taxes: i64 = w
        .args_of("post_invoice")
        .iter()
        .flat_map(|i| i["lines"].as_array().unwrap().clone())
        .map(|l| l["tax"].as_i64().unwrap())
        .sum();
    assert_eq!(taxes, 167);
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.args_of("capture").len(), 1);
    rules::at_rest(&w);
}

/// Pitfall 25: shipped from two places, one order, one capture.
#[test]
fn one_order_from_two_places() {
    let mut w = World::stocked(&[("A", 1)]);
    w.supply("south", &[("B", 1)]);
    let id = w.submit("1", &[goods("1", "A", 1, 100), goods("2", "B", 1, 200)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    let places: Vec<_> = w.args_of("post_delivery").iter().map(|d| d["place"].clone()).collect();
    assert_eq!(places, ["north", "south"]);
    assert_eq!(w.systems.captured["pi_1"], 300);
    rules::at_rest(&w);
}

#[test]
fn the_same_shipment_again_changes_nothing() {
    let mut w = World::stocked(&[("A", 3)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    for _ in 0..3 {
        w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 2)]);
    }
    w.settle();
    assert_eq!(w.line("order", &id, "1", "shipped"), 2);
    assert_eq!(w.args_of("post_delivery").len(), 1);
    assert_eq!(w.total(&Account::Customer, "A"), 2);
}

#[test]
fn parcels_are_told_to_the_storefront_as_they_are() {
    let mut w = World::stocked(&[("A", 3)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    let mut data = w.confirmation("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    data["parcels"] = json!([
        {"id": "p1", "carrier": "dhl", "tracking": "JD1", "lines": [{"line": "1", "sku": "A", "quantity": 1}]},
        {"id": "p2", "carrier": "dhl", "tracking": "JD2", "lines": [{"line": "1", "sku": "A", "quantity": 2}]},
    ]);
    w.tell("shipment.confirmed", name("order", &id), &data);
    let report = &w.args_of("report_shipment")[0];
    assert_eq!((&report["source_id"], &report["place"]), (&json!("1"), &json!("north")));
    assert_eq!(
        report["parcels"],
        json!([
            {"id": "p1", "carrier": "dhl", "tracking": "JD1", "lines": [{"line": "1", "quantity": 1}]},
            {"id": "p2", "carrier": "dhl", "tracking": "JD2", "lines": [{"line": "1", "quantity": 2}]},
        ])
    );
    assert_eq!(w.line("order", &id, "1", "shipped"), 3);
}

#[test]
fn more_than_was_released_is_recorded_and_never_invoiced() {
    let mut w = World::stocked(&[("A", 9)]);
    let id = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.settle();
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 3)]);
    w.systems.working.clear();
    w.settle();
    assert!(w.exceptions().contains(&"overshipped"));
    assert_eq!(w.line("order", &id, "1", "shipped"), 2);
    assert_eq!(w.systems.captured["pi_1"], 200);
    assert_eq!(w.total(&Account::Place("north".into()), "A"), 6, "the third has left all the same");
    rules::at_rest(&w);
}

#[test]
fn a_shipment_that_fits_nothing_is_refused() {
    let mut w = World::stocked(&[("A", 2)]);
    let id = w.submit("1", &[goods("1", "A", 2, 200), other("2", "service", 100)]);
    w.settle();
    let on = name("order", &id);
    for (code, data) in [
        ("unknown_fulfilment", w.confirmation("s1", "shop-1-F2", "north", &[("1", "A", 1)])),
        ("unknown_line", w.confirmation("s1", "shop-1-F1", "north", &[("7", "A", 1)])),
        ("sku_differs", w.confirmation("s1", "shop-1-F1", "north", &[("1", "B", 1)])),
        ("sku_differs", w.confirmation("s1", "shop-1-F1", "north", &[("2", "SERVICE", 1)])),
        ("line_count", w.confirmation("s1", "shop-1-F1", "north", &[])),
        ("order_differs", w.confirmation("s1", "shop-2-F1", "north", &[("1", "A", 1)])),
    ] {
        assert_eq!(w.refused("shipment.confirmed", on.clone(), &data).code, code);
    }
    assert_eq!(w.line("order", &id, "1", "shipped"), 0);
}

/// Pitfall 21: news that comes late, or before its time, changes nothing that is newer and is not lost.
#[test]
fn a_delivery_that_is_known_before_its_shipment_waits_for_it() {
    let mut w = World::stocked(&[("A", 1)]);
    let id = w.submit("1", &[goods("1", "A", 1, 200)]);
    w.settle();
    let delivered = json!({"shipment": "s1", "order": id, "delivered_at": w.now});
    w.tell("shipment.delivered", name("order", &id), &delivered);
    assert!(w.facts_of("order.delivered").is_empty());
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.systems.working.clear();
    w.tell("shipment.delivered", name("order", &id), &delivered);
    w.settle();
    assert_eq!(w.facts_of("order.delivered").len(), 1);
    assert!(!w.open("order", &id));
}

#[test]
fn what_a_place_cannot_find_comes_from_another() {
    let mut w = World::stocked(&[("A", 2)]);
    w.supply("south", &[("A", 2)]);
    let id = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.settle();
    let short = json!({
        "id": "sh1", "fulfilment": "shop-1-F1", "order": id, "place": "north",
        "lines": [{"line": "1", "sku": "A", "quantity": 1}],
    });
    for _ in 0..2 {
        w.tell("fulfilment.short", name("order", &id), &short);
    }
    w.systems.working.clear();
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.total(&Account::Lost, "A"), 1);
    assert_eq!(w.total(&Account::Place("south".into()), "A"), 1);
    assert_eq!(w.exceptions(), [""; 0]);
    rules::at_rest(&w);
}

#[test]
fn a_short_report_beyond_the_fulfilment_order_is_shown() {
    let mut w = World::stocked(&[("A", 2)]);
    let id = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.settle();
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 2)]);
    let short = json!({
        "id": "sh1", "fulfilment": "shop-1-F1", "order": id, "place": "north",
        "lines": [{"line": "1", "sku": "A", "quantity": 1}],
    });
    w.tell("fulfilment.short", name("order", &id), &short);
    assert_eq!(w.exceptions(), ["short_beyond_fulfilment"]);
    assert_eq!(w.line("order", &id, "1", "shipped"), 2);
}

#[test]
fn a_refused_invoice_is_shown_and_posted_again_on_request() {
    let mut w = World::stocked(&[("A", 2)]);
    w.systems.habits.refuse.insert("post_invoice".into(), "period_closed".into());
    let id = w.submit("1", &[goods("1", "A", 2, 201)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.exceptions(), ["invoice_refused"]);
    assert!(w.open("order", &id));
    w.systems.habits.refuse.clear();
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    w.settle();
    assert_eq!(w.status("order", &id), "completed");
    let invoices = w.args_of("post_invoice");
    assert_eq!(invoices[0], invoices[1], "the same document again");
    assert_eq!(w.exceptions(), [""; 0]);
    rules::at_rest(&w);
}

#[test]
fn a_warehouse_that_refuses_gets_it_again_later() {
    let mut w = World::stocked(&[("A", 2)]);
    w.systems.habits.refuse.insert("create_fulfilment".into(), "closed_today".into());
    let id = w.submit("1", &[goods("1", "A", 2, 201)]);
    w.settle();
    w.systems.habits.refuse.clear();
    w.wait(retail::time::Span::hours(2));
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
}

/// Pitfall 12: an order in yen, and one in dinars, is exact and stays in its currency.
#[test]
fn pitfall_12_currencies_without_and_with_three_decimals_are_exact() {
    for currency in ["JPY", "KWD"] {
        let mut w = World::stocked(&[("A", 3)]);
        let mut data = order("1", &[goods("1", "A", 3, 1_000)]);
        data["currency"] = json!(currency);
        w.tell("order.submitted", name("order", "shop-1"), &data);
        w.settle();
        w.ship_all();
        for (_, c) in w.commands.iter().filter(|(_, c)| c.args.get().contains("currency")) {
            assert!(c.args.get().contains(&format!("\"currency\":\"{currency}\"")), "{}", c.args);
        }
        assert_eq!(w.total(&Account::Sales, currency), -1_000);
    }
}
