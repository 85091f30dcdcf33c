//! Lines are added, raised and lowered: before the hand-over, after it, and too late.

use crate::harness::samples::{changing, goods, order};
use crate::harness::{World, event, name, rules};
use books::Account;
use retail::time::Span;
use serde_json::{Value, json};

/// An order of 2 A, paid by a card that has 10.00 to spare.
fn placed(w: &mut World) -> String {
    let mut data = order("1", &[goods("1", "A", 2, 200)]);
    data["tenders"][0]["authorised"] = json!(1_200);
    w.tell("order.submitted", name("order", "shop-1"), &data);
    "shop-1".to_owned()
}

fn done(w: &mut World, on: &str) {
    w.settle();
    w.ship_all();
    w.wait(Span::days(1));
    assert_eq!(w.status("order", on), "completed");
    rules::at_rest(w);
    rules::finished(w, &[]);
}

#[test]
fn a_line_added_before_hand_over_is_reserved_written_and_shipped() {
    let mut w = World::stocked(&[("A", 9), ("B", 9)]);
    w.systems.habits.silent.insert("create_sales_order".into());
    let on = placed(&mut w);
    w.settle();
    w.change(&on, "e1", &[goods("2", "B", 3, 300)], &[("1", 3)]);
    w.settle();
    w.systems.habits.silent.clear();
    w.answer(&format!("create_sales_order:{on}"), &json!({"ref": "SO", "total": 200}));
    done(&mut w, &on);
    let told = w.args_of("amend_sales_order");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["id"], "shop-1-A1");
    let add = told[0]["add"].as_array().unwrap();
    let line = |n: usize| (add[n]["line"].clone(), add[n]["quantity"].clone(), add[n]["amount"].clone());
    assert_eq!(line(0), (json!("2"), json!(3), json!(300)));
    assert_eq!(line(1), (json!("1.2"), json!(1), json!(100)));
    assert_eq!(add[1]["raises"], "1");
    assert_eq!(w.total(&Account::Receivable, "GBP"), 0);
    assert_eq!(w.systems.captured["pi_1"], 600);
    // The storefront knows no line `1.2`.
    let told = w.args_of("report_shipment");
    let lines: Vec<&Value> = told.iter().flat_map(|s| s["parcels"][0]["lines"].as_array().unwrap()).collect();
    assert!(lines.iter().all(|l| l["line"] != "1.2"), "{lines:?}");
    assert_eq!(
        lines.iter().filter(|l| l["line"] == "1").map(|l| l["quantity"].as_i64().unwrap()).sum::<i64>(),
        3
    );
}

#[test]
fn what_came_before_the_erp_was_told_stands_in_its_sales_order() {
    let mut w = World::stocked(&[("A", 9), ("B", 9)]);
    let on = placed(&mut w);
    w.change(&on, "e1", &[goods("2", "B", 1, 100)], &[]);
    done(&mut w, &on);
    let told = w.args_of("create_sales_order");
    assert_eq!((told[0]["total"].clone(), told[0]["lines"].as_array().unwrap().len()), (json!(300), 2));
    assert!(w.args_of("amend_sales_order").is_empty());
}

#[test]
fn pitfall_24_units_added_after_hand_over_are_released_anew_and_lowered_ones_recalled() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = placed(&mut w);
    w.settle();
    assert_eq!(w.status("order", &on), "fulfilling");
    w.change(&on, "e1", &[], &[("1", 4)]);
    w.settle();
    assert_eq!(w.args_of("release_order").len(), 2);
    w.change(&on, "e2", &[], &[("1", 1)]);
    w.settle();
    assert_eq!(w.line("order", &on, "1", "cancelled") + w.line("order", &on, "1.2", "cancelled"), 3);
    done(&mut w, &on);
    assert_eq!(w.systems.captured["pi_1"], 100);
    let told = w.args_of("cancel_sales_order");
    let off: i64 = told
        .iter()
        .flat_map(|c| c["lines"].as_array().unwrap())
        .map(|l| l["quantity"].as_i64().unwrap())
        .sum();
    assert_eq!(off, 3);
    assert!(w.args_of("report_cancellation").is_empty(), "the storefront took them off itself");
}

#[test]
fn pitfall_24_what_has_left_is_a_conflict_and_the_rest_is_done() {
    let mut w = World::stocked(&[("A", 1)]);
    let on = placed(&mut w);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", &on), "partly_shipped");
    w.change(&on, "e1", &[], &[("1", 0)]);
    w.settle();
    assert!(w.exceptions().contains(&"change_conflicts"));
    assert_eq!(w.line("order", &on, "1", "cancelled"), 1, "what could be taken off was");
    assert_eq!(w.line("order", &on, "1", "shipped"), 1);
    w.change(&on, "e2", &[goods("2", "B", 1, 100)], &[]);
    w.settle();
    assert_eq!(w.status("order", &on), "completed");
    assert!(w.facts_of("order.line_added").is_empty(), "an order that is over takes no more lines");
    rules::at_rest(&w);
}

#[test]
fn the_same_again_and_an_older_wish_change_nothing() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = placed(&mut w);
    w.settle();
    let at = w.now;
    w.change(&on, "e2", &[], &[("1", 3)]);
    w.settle();
    let (facts, commands) = (w.facts.len(), w.commands.len());
    w.change(&on, "e2", &[], &[("1", 3)]);
    let older = event(
        "order.lines_changed",
        name("order", &on),
        at.plus(Span::seconds(-60)),
        &changing(&on, "e1", &[], &[("1", 1)]),
    );
    w.deliver(&name("order", &on), &older).unwrap();
    w.settle();
    assert_eq!(w.line("order", &on, "1", "cancelled"), 0);
    assert_eq!(w.commands.len(), commands);
    assert!(w.facts[facts..].iter().all(|f| f.1 == "order.lines_changed"));
    done(&mut w, &on);
}

#[test]
fn an_added_line_counts_whenever_it_is_heard_of() {
    let mut w = World::stocked(&[("A", 9), ("B", 9)]);
    // Before the order itself.
    let data = changing("shop-1", "e1", &[goods("2", "B", 1, 100)], &[("1", 1)]);
    w.tell("order.lines_changed", name("order", "shop-1"), &data);
    let on = placed(&mut w);
    done(&mut w, &on);
    assert_eq!(w.line("order", &on, "2", "shipped"), 1);
    assert_eq!(w.line("order", &on, "1", "cancelled"), 1);
}

#[test]
fn a_change_that_costs_more_than_was_authorised_waits_for_the_money() {
    let mut w = World::stocked(&[("A", 9), ("B", 9)]);
    let on = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.systems.habits.allocates = false;
    w.change(&on, "e1", &[goods("2", "B", 1, 150)], &[]);
    w.settle();
    assert!(w.exceptions().contains(&"held_for_payment_due"), "{:?}", w.exceptions());
    assert!(w.args_of("release_order").is_empty(), "nothing goes before it is paid");
    let mut data = changing(&on, "e2", &[], &[]);
    data["tenders"] = json!([{
        "id": "t2", "kind": "card", "executor": "stripe", "payment": "pi_1b", "authorised": 150,
    }]);
    w.systems.habits.allocates = true;
    w.tell("order.lines_changed", name("order", &on), &data);
    done(&mut w, &on);
    assert!(w.exceptions().is_empty());
    assert_eq!((w.systems.captured["pi_1"], w.systems.captured["pi_1b"]), (200, 150));
}

#[test]
fn a_return_of_a_raised_line_is_of_all_its_units() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = placed(&mut w);
    w.change(&on, "e1", &[], &[("1", 3)]);
    done(&mut w, &on);
    w.request("RMA-1", &[("1", &on, "1", "A", 3)]);
    w.settle();
    assert_eq!(w.line("order", &on, "1", "held_for_returns"), 2);
    assert_eq!(w.line("order", &on, "1.2", "held_for_returns"), 1);
}

#[test]
fn a_change_that_makes_no_sense_is_refused() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = placed(&mut w);
    w.settle();
    for (data, code) in [
        (changing(&on, "e1", &[], &[("7", 1)]), "unknown_line"),
        (changing(&on, "e1", &[], &[("1", -1)]), "bad_data"),
        (changing(&on, "e1", &[], &[("1", 1), ("1", 2)]), "duplicate_line"),
        (changing("shop-2", "e1", &[], &[]), "order_differs"),
    ] {
        assert_eq!(w.refused("order.lines_changed", name("order", &on), &data).code, code, "{data}");
    }
    done(&mut w, &on);
}

#[test]
fn a_refused_amendment_is_shown_and_asked_again() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = placed(&mut w);
    w.settle();
    w.systems.habits.refuse.insert("amend_sales_order".into(), "locked".into());
    w.change(&on, "e1", &[], &[("1", 3)]);
    w.settle();
    assert!(w.exceptions().contains(&"sales_amendment_refused"));
    w.systems.habits.refuse.clear();
    w.tell("order.retry_requested", name("order", &on), &json!({"order": on}));
    done(&mut w, &on);
    assert!(w.exceptions().is_empty());
}

/// A quantity is lowered from what stands, not from what was ordered at first.
#[test]
fn a_quantity_is_lowered_from_what_is_not_cancelled() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = w.submit("1", &[goods("1", "A", 5, 500)]);
    w.settle();
    w.cancel(&on, Some(&[("1", 1)]));
    w.settle();
    let data = json!({"order": on, "id": "ch-1", "add": [], "change": [{"line": "1", "quantity": 3}]});
    w.tell("order.lines_changed", name("order", &on), &data);
    w.settle();
    assert_eq!(w.line("order", &on, "1", "cancelled"), 2);
    w.ship_all();
    assert_eq!(w.systems.captured["pi_1"], 300);
}
