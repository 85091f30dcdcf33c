//! From submission to release.

use crate::harness::samples::{goods, order, other};
use crate::harness::{World, name, rules};
use books::Account;
use serde_json::{Value, json};

#[test]
fn an_order_goes_all_the_way() {
    let mut w = World::stocked(&[("A", 10), ("B", 10)]);
    let id =
        w.complete("1", &[goods("1", "A", 2, 1_000), goods("2", "B", 1, 250), other("3", "shipping", 495)]);
    let ops: Vec<&str> = w.commands.iter().map(|(_, c)| c.op.as_str()).collect();
    assert_eq!(
        ops,
        [
            "create_sales_order",
            "release_order",
            "create_fulfilment",
            "post_delivery",
            "report_shipment",
            "post_invoice",
            "capture"
        ]
    );
    assert_eq!(
        w.args_of("capture"),
        [json!({"payment": "pi_1", "order": "shop-1", "amount": 1_745, "currency": "GBP", "several": false})]
    );
    assert!(!w.open("order", &id));
    assert_eq!(w.total(&Account::Sales, "GBP"), -1_745);
    assert_eq!(w.total(&Account::Customer, "A"), 2);
    assert_eq!(w.exceptions(), [""; 0]);
    rules::at_rest(&w);
}

#[test]
fn what_does_not_add_up_is_refused_with_its_code() {
    let good = order("1", &[goods("1", "A", 2, 1_000)]);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut data = good.clone();
        change(&mut data);
        data
    };
    let cases: Vec<(&str, Value)> = vec![
        ("total_differs", with(&|d| d["total"] = json!(999))),
        ("tender_short", with(&|d| d["tenders"][0]["authorised"] = json!(999))),
        ("tender_short", with(&|d| d["tenders"] = json!([]))),
        ("no_executor", with(&|d| d["tenders"][0]["executor"] = json!(""))),
        ("duplicate_tender", with(&|d| d["tenders"] = json!([d["tenders"][0], d["tenders"][0]]))),
        ("duplicate_line", with(&|d| d["lines"] = json!([d["lines"][0], d["lines"][0]]))),
        ("line_count", with(&|d| d["lines"] = json!([]))),
        ("order_differs", with(&|d| d["order"] = json!("shop-2"))),
        ("order_differs", with(&|d| d["source_id"] = json!("2"))),
        ("tax_differs", with(&|d| d["lines"][0]["tax"] = json!(1_001))),
        ("bad_data", with(&|d| d["lines"][0]["quantity"] = json!(0))),
        ("bad_data", with(&|d| d["lines"][0]["quantity"] = json!(-2))),
        ("bad_data", with(&|d| d["lines"][0]["amount"] = json!(-1_000))),
        ("bad_data", with(&|d| d["lines"][0]["unit_price"] = json!("-1.00"))),
        ("bad_data", with(&|d| d["lines"][0]["kind"] = json!("gadget"))),
        ("bad_data", with(&|d| d["currency"] = json!("pounds"))),
        ("bad_data", with(&|d| d["placed_at"] = json!("2011-01-10 08:00"))),
    ];
    for (code, data) in cases {
        let mut w = World::stocked(&[("A", 10)]);
        let fault = w.refused("order.submitted", name("order", "shop-1"), &data);
        assert_eq!(fault.code, code, "{}", fault.why);
        assert!(w.commands.is_empty() && w.mail.is_empty(), "nothing happens");
    }
}

/// Pitfall 19: the same order five times makes one sales order.
#[test]
fn pitfall_19_the_same_order_again_changes_nothing() {
    let mut w = World::stocked(&[("A", 10)]);
    for _ in 0..5 {
        w.submit("1", &[goods("1", "A", 2, 1_000)]);
    }
    w.settle();
    assert_eq!(w.args_of("create_sales_order").len(), 1);
    assert_eq!(w.line("order", "shop-1", "1", "released"), 2);
    assert_eq!(w.exceptions(), [""; 0]);
}

#[test]
fn an_order_that_changed_is_shown_to_a_person() {
    let mut w = World::stocked(&[("A", 10)]);
    w.submit("1", &[goods("1", "A", 2, 1_000)]);
    w.submit("1", &[goods("1", "A", 3, 1_500)]);
    assert_eq!(w.exceptions(), ["order_changed"]);
    assert_eq!(w.line("order", "shop-1", "1", "ordered"), 2);
}

/// Pitfall 27, from the order's side: what is short waits, and the rest goes.
#[test]
fn what_is_short_waits_for_supply_and_then_goes_in_a_second_release() {
    let mut w = World::stocked(&[("A", 2)]);
    let id = w.submit("1", &[goods("1", "A", 5, 5_000)]);
    w.settle();
    assert_eq!(w.line("order", &id, "1", "waiting_for_stock"), 3);
    assert_eq!(w.line("order", &id, "1", "released"), 2);
    w.ship_all();
    assert_eq!(w.status("order", &id), "partly_shipped");
    assert!(w.args_of("capture").is_empty(), "captured once, when all has left");
    w.supply("south", &[("A", 9)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.args_of("release_order")[1]["id"], "shop-1-R2");
    let totals: Vec<i64> = w.systems.invoices.values().copied().collect();
    assert_eq!(totals.iter().sum::<i64>(), 5_000);
    assert_eq!(w.systems.captured["pi_1"], 5_000);
    rules::at_rest(&w);
}

#[test]
fn policy_may_keep_an_order_together() {
    let mut w = World::stocked(&[("A", 2)]);
    w.flows.policy.partial_release = false;
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    assert!(w.args_of("release_order").is_empty());
    assert_eq!(w.status("order", &id), "reserved");
    w.supply("south", &[("A", 1)]);
    w.settle();
    let release = &w.args_of("release_order")[0];
    assert_eq!(
        release["lines"],
        json!([
            {"line": "1", "sku": "A", "quantity": 2, "place": "north"},
            {"line": "1", "sku": "A", "quantity": 1, "place": "south"},
        ])
    );
}

#[test]
fn without_goods_there_is_an_invoice_and_no_delivery() {
    let mut w = World::stocked(&[]);
    let id = w.submit("1", &[other("1", "service", 2_500), other("2", "fee", 100)]);
    w.settle();
    assert_eq!(w.status("order", &id), "completed");
    let invoice = &w.args_of("post_invoice")[0];
    assert_eq!((&invoice["id"], &invoice["total"]), (&json!("shop-1-V1"), &json!(2_600)));
    assert!(invoice.get("delivery").is_none());
    assert!(w.args_of("post_delivery").is_empty() && w.args_of("release_order").is_empty());
    rules::at_rest(&w);
}

#[test]
fn an_order_of_no_value_needs_no_capture() {
    let mut w = World::stocked(&[("A", 1)]);
    let mut data = order("1", &[goods("1", "A", 1, 0)]);
    data["tenders"] = json!([]);
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", "shop-1"), "completed");
    assert!(w.args_of("capture").is_empty() && w.args_of("void").is_empty());
}

/// Pitfall 10: a total that the ERP reckons otherwise holds the order, with the difference shown.
#[test]
fn pitfall_10_an_erp_that_reckons_another_total_holds_the_order() {
    let mut w = World::stocked(&[("A", 1)]);
    w.systems.habits.silent.insert("create_sales_order".into());
    let id = w.submit("1", &[goods("1", "A", 1, 1_000)]);
    w.settle();
    w.answer("create_sales_order:shop-1", &json!({"ref": "SO1", "total": 999}));
    w.settle();
    assert_eq!(w.exceptions(), ["erp_total_differs"]);
    assert!(w.args_of("release_order").is_empty());
    // Somebody mends it there, and asks again here.
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    w.systems.habits.silent.clear();
    w.settle();
    w.ship_all();
    assert_eq!(w.exceptions(), [""; 0]);
    assert_eq!(w.status("order", &id), "completed");
}

#[test]
fn refused_units_are_offered_again_and_then_shown() {
    let mut w = World::stocked(&[("A", 1)]);
    w.systems.habits.refuse.insert("release_order".into(), "closed".into());
    let id = w.submit("1", &[goods("1", "A", 1, 1_000)]);
    w.wait(retail::time::Span::hours(10));
    assert_eq!(w.args_of("release_order").len(), 4, "once and three times again");
    assert_eq!(w.exceptions(), ["release_refused"]);
    assert_eq!(w.line("order", &id, "1", "reserved"), 1, "the pool keeps them all the while");
    w.systems.habits.refuse.clear();
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    w.settle();
    w.ship_all();
    assert_eq!(w.exceptions(), [""; 0]);
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
}

#[test]
fn what_the_order_management_cannot_allocate_stays_reserved_and_is_offered_again() {
    let mut w = World::stocked(&[("A", 3)]);
    w.systems.habits.allocates = false;
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    let data = json!({
        "release": "shop-1-R1", "order": id,
        "fulfilments": [{"place": "north", "lines": [{"line": "1", "sku": "A", "quantity": 2}]}],
        "short": [{"line": "1", "quantity": 1}],
    });
    w.tell("order.allocated", name("order", &id), &data);
    w.tell("order.allocated", name("order", &id), &data);
    w.systems.habits.allocates = true;
    w.wait(retail::time::Span::hours(2));
    assert_eq!(w.args_of("create_fulfilment").len(), 2, "one for each allocation, none for the repeat");
    assert_eq!(w.args_of("release_order")[1]["lines"][0]["quantity"], 1);
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
}

#[test]
fn an_allocation_beyond_its_release_is_refused() {
    let mut w = World::stocked(&[("A", 3)]);
    w.systems.habits.allocates = false;
    let id = w.submit("1", &[goods("1", "A", 2, 300)]);
    w.settle();
    let mut data = json!({
        "release": "shop-1-R1", "order": id,
        "fulfilments": [{"place": "north", "lines": [{"line": "1", "sku": "A", "quantity": 3}]}], "short": [],
    });
    assert_eq!(w.refused("order.allocated", name("order", &id), &data).code, "allocated_beyond_release");
    data["release"] = json!("shop-1-R2");
    assert_eq!(w.refused("order.allocated", name("order", &id), &data).code, "unknown_release");
}

#[test]
fn an_order_that_does_not_finish_becomes_an_exception() {
    let mut w = World::stocked(&[]);
    w.submit("1", &[goods("1", "A", 2, 300)]);
    w.wait(retail::time::Span::days(31));
    assert_eq!(w.exceptions(), ["order_overdue"]);
    w.supply("north", &[("A", 2)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.exceptions(), [""; 0], "and is over when the order is");
}
