//! Cancellations, before and after release, against what is under way.

use crate::harness::samples::{goods, other};
use crate::harness::{World, name, rules};
use retail::time::Span;
use serde_json::json;

#[test]
fn before_the_pool_has_answered_nobody_else_ever_hears_of_it() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 2, 200), other("2", "shipping", 50)]);
    w.cancel(&id, None);
    w.settle();
    assert_eq!(w.status("order", &id), "cancelled");
    let ops: Vec<&str> = w.commands.iter().map(|(_, c)| c.op.as_str()).collect();
    assert_eq!(ops, ["report_cancellation", "void"]);
    assert!(!w.open("order", &id));
    rules::at_rest(&w);
}

/// Pitfall 29: the reservation of a cancelled order is free for the next.
#[test]
fn what_waits_and_what_is_reserved_goes_at_once() {
    let mut w = World::stocked(&[("A", 2)]);
    w.flows.policy.partial_release = false;
    let id = w.submit("1", &[goods("1", "A", 5, 500)]);
    w.settle();
    w.cancel(&id, None);
    w.settle();
    assert_eq!(w.status("order", &id), "cancelled");
    assert_eq!(w.args_of("cancel_sales_order")[0]["lines"], json!([{"line": "1", "quantity": 5}]));
    let next = w.submit("2", &[goods("1", "A", 2, 200)]);
    w.settle();
    assert_eq!(w.line("order", &next, "1", "released"), 2);
    rules::at_rest(&w);
}

/// Pitfall 24: a line that is cancelled after the order was passed on is carried to the ERP.
#[test]
fn pitfall_24_some_units_of_a_line_go_and_the_rest_is_shipped() {
    let mut w = World::stocked(&[("A", 5), ("B", 1)]);
    let id = w.submit("1", &[goods("1", "A", 3, 1_000), goods("2", "B", 1, 50)]);
    w.settle();
    w.cancel(&id, Some(&[("1", 2)]));
    w.settle();
    assert_eq!(w.line("order", &id, "1", "cancelled"), 2);
    let asked = w.args_of("create_fulfilment");
    assert_eq!(asked.len(), 2, "the fulfilment order is recalled and what is left is asked anew");
    assert_eq!(asked[1]["id"], "shop-1-F2");
    assert_eq!(w.args_of("release_order").len(), 1, "the allocation of the rest stands");
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.args_of("cancel_sales_order")[0]["lines"], json!([{"line": "1", "quantity": 2}]));
    assert_eq!(w.args_of("report_cancellation").len(), 1);
    assert_eq!(w.systems.captured["pi_1"], 333 + 50);
    rules::at_rest(&w);
}

#[test]
fn a_release_that_is_not_allocated_is_cancelled_at_the_order_management() {
    let mut w = World::stocked(&[("A", 5)]);
    w.systems.habits.allocates = false;
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.cancel(&id, Some(&[("1", 1)]));
    w.settle();
    assert_eq!(w.args_of("cancel_release").len(), 1);
    let again = &w.args_of("release_order")[1];
    assert_eq!((&again["id"], &again["lines"][0]["quantity"]), (&json!("shop-1-R2"), &json!(2)));
    assert_eq!(w.line("order", &id, "1", "cancelled"), 1);
    rules::at_rest(&w);
}

#[test]
fn what_is_under_way_is_refused_and_must_be_returned() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.systems.habits.refuse.insert("cancel_fulfilment".into(), "already_shipped".into());
    w.cancel(&id, None);
    w.settle();
    let answer = &w.facts_of("order.cancellation_refused")[0];
    assert_eq!(answer["lines"], json!([{"line": "1", "quantity": 3}]));
    assert_eq!(answer["reason"], "already_shipped");
    assert!(w.args_of("cancel_sales_order").is_empty());
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.exceptions(), [""; 0]);
    rules::at_rest(&w);
}

#[test]
fn of_a_part_shipped_order_only_the_rest_is_cancelled() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 3, 1_000), other("2", "shipping", 100)]);
    w.settle();
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.cancel(&id, None);
    w.settle();
    assert_eq!(w.line("order", &id, "1", "cancelled"), 2);
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.systems.captured["pi_1"], 333 + 100);
    rules::at_rest(&w);
}

/// What was cancelled and leaves all the same is shown, and nobody pays for it.
#[test]
fn cancelled_and_then_shipped() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.cancel(&id, None);
    w.settle();
    assert_eq!(w.status("order", &id), "cancelled");
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 3)]);
    w.settle();
    assert!(w.exceptions().contains(&"overshipped"));
    assert_eq!(w.status("order", &id), "cancelled", "terminal states stay");
    assert!(w.args_of("capture").is_empty());
    rules::at_rest(&w);
}

#[test]
fn the_same_wish_under_a_new_message_is_one_wish() {
    let mut w = World::stocked(&[("A", 5)]);
    w.flows.policy.partial_release = false;
    let id = w.submit("1", &[goods("1", "A", 9, 900)]);
    w.settle();
    let data = json!({"order": id, "reason": "customer", "lines": [{"line": "1", "quantity": 2}]});
    let stimulus = crate::harness::event("order.cancel_requested", name("order", &id), w.now, &data);
    for _ in 0..3 {
        w.deliver(&name("order", &id), &stimulus).unwrap();
    }
    w.settle();
    assert_eq!(w.line("order", &id, "1", "cancelled"), 2);
    w.cancel(&id, Some(&[("1", 2)]));
    w.settle();
    assert_eq!(w.line("order", &id, "1", "cancelled"), 4, "another one later is another wish");
    rules::at_rest(&w);
}

#[test]
fn when_all_goods_are_cancelled_their_shipping_goes_too_and_a_service_stays() {
    let mut w = World::stocked(&[("A", 5)]);
    w.systems.habits.allocates = false;
    let lines = [goods("1", "A", 1, 300), other("2", "shipping", 495), other("3", "service", 1_000)];
    let id = w.submit("1", &lines);
    w.settle();
    w.cancel(&id, Some(&[("1", 1)]));
    w.settle();
    assert_eq!(w.line("order", &id, "2", "cancelled"), 1);
    assert_eq!(w.line("order", &id, "3", "shipped"), 1);
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.systems.captured["pi_1"], 1_000);
    rules::at_rest(&w);
}

#[test]
fn a_create_that_was_not_sent_is_withdrawn() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 2, 300)]);
    while w.args_of("create_fulfilment").is_empty() {
        w.happen(0);
    }
    w.cancel(&id, Some(&[("1", 1)]));
    w.settle();
    assert!(!w.systems.done.contains_key("create_fulfilment:shop-1-F1"), "never sent");
    assert!(w.args_of("cancel_fulfilment").is_empty(), "nor cancelled");
    w.ship_all();
    assert_eq!(w.line("order", &id, "1", "shipped"), 1);
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
}

/// The allocation and the cancellation of its release cross: nothing is with a warehouse yet, so the wish is served.
#[test]
fn an_allocation_crosses_the_cancellation_of_its_release() {
    for refused in [true, false] {
        let mut w = World::stocked(&[("A", 5)]);
        w.systems.habits.allocates = false;
        w.systems.habits.silent.insert("cancel_release".into());
        let id = w.submit("1", &[goods("1", "A", 3, 300)]);
        w.settle();
        w.cancel(&id, Some(&[("1", 1)]));
        w.settle();
        let data = json!({
            "release": "shop-1-R1", "order": id, "short": [],
            "fulfilments": [{"place": "north", "lines": [{"line": "1", "sku": "A", "quantity": 3}]}],
        });
        w.tell("order.allocated", name("order", &id), &data);
        assert!(w.args_of("create_fulfilment").is_empty());
        w.systems.habits.allocates = true;
        w.systems.habits.silent.clear();
        if refused {
            w.refuse("cancel_release:shop-1-R1", "too_late");
        } else {
            w.answer("cancel_release:shop-1-R1", &json!({"ref": "x"}));
        }
        w.settle();
        assert_eq!(w.line("order", &id, "1", "cancelled"), 1);
        assert_eq!(w.args_of("release_order").len(), if refused { 1 } else { 2 });
        w.ship_all();
        assert_eq!(w.status("order", &id), "completed");
        assert_eq!(w.systems.captured["pi_1"], 200);
        rules::at_rest(&w);
    }
}

#[test]
fn a_release_that_is_too_late_to_cancel_is_served_from_its_allocation() {
    let mut w = World::stocked(&[("A", 5)]);
    w.systems.habits.allocates = false;
    w.systems.habits.refuse.insert("cancel_release".into(), "too_late".into());
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.cancel(&id, Some(&[("1", 1)]));
    w.settle();
    assert_eq!(w.line("order", &id, "1", "cancelled"), 0, "undecided until the allocation is known");
    let data = json!({
        "release": "shop-1-R1", "order": id, "short": [],
        "fulfilments": [{"place": "north", "lines": [{"line": "1", "sku": "A", "quantity": 3}]}],
    });
    w.tell("order.allocated", name("order", &id), &data);
    w.settle();
    assert_eq!(w.line("order", &id, "1", "cancelled"), 1);
    assert_eq!(w.args_of("create_fulfilment")[0]["lines"][0]["quantity"], 2);
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
}

/// Supply and cancellation cross: the order gives back exactly what it was sent and no longer wants.
#[test]
fn supply_crosses_the_cancellation_of_what_waited() {
    let mut w = World::stocked(&[]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.supply("south", &[("A", 2)]);
    w.cancel(&id, None);
    w.settle();
    assert_eq!(w.status("order", &id), "cancelled");
    rules::at_rest(&w);
    let next = w.submit("2", &[goods("1", "A", 2, 300)]);
    w.settle();
    assert_eq!(w.line("order", &next, "1", "released"), 2, "they are free again");
}

#[test]
fn a_finished_order_refuses_and_says_so() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.complete("1", &[goods("1", "A", 3, 300)]);
    w.cancel(&id, None);
    w.cancel(&id, Some(&[("1", 1)]));
    w.settle();
    let reasons: Vec<_> =
        w.facts_of("order.cancellation_refused").iter().map(|f| f["reason"].clone()).collect();
    assert_eq!(reasons, ["nothing_left", "already_shipped"]);
    assert_eq!(w.status("order", &id), "completed");
    assert!(!w.open("order", &id));
    let fault = w.refused(
        "order.cancel_requested",
        name("order", &id),
        &json!({"order": id, "lines": [{"line": "9", "quantity": 1}]}),
    );
    assert_eq!(fault.code, "unknown_line");
}

#[test]
fn a_cancellation_that_the_storefront_would_not_hear_is_told_again_on_request() {
    let mut w = World::stocked(&[("A", 5)]);
    w.systems.habits.refuse.insert("report_cancellation".into(), "gone".into());
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.cancel(&id, None);
    w.settle();
    assert_eq!(w.exceptions(), ["storefront_refused"]);
    w.systems.habits.refuse.clear();
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    w.settle();
    assert_eq!(w.status("order", &id), "cancelled");
    assert_eq!(w.exceptions(), [""; 0]);
}

/// A wish for all that is left wishes nothing that another, still undecided, wishes too.
#[test]
fn two_wishes_are_for_different_units() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.systems.habits.silent.insert("cancel_fulfilment".into());
    w.cancel(&id, Some(&[("1", 2)]));
    w.settle();
    w.wait(Span::seconds(1));
    w.cancel(&id, None);
    w.settle();
    w.answer("cancel_fulfilment:shop-1-F1", &json!({"ref": "FC-1"}));
    w.systems.habits.silent.clear();
    w.settle();
    assert_eq!(w.line("order", &id, "1", "cancelled"), 3);
    assert_eq!(w.facts_of("order.cancellation_refused").len(), 0);
    let told: Vec<_> =
        w.args_of("report_cancellation").iter().map(|a| a["lines"][0]["quantity"].clone()).collect();
    assert_eq!(told, [json!(2), json!(1)]);
}

/// Some of a wish is fulfilled at once and some is being recalled: what more is wished is beside both.
#[test]
fn a_wish_beside_one_that_is_fulfilled_in_part() {
    let mut w = World::stocked(&[("A", 4)]);
    let id = w.submit("1", &[goods("1", "A", 5, 500)]);
    w.settle();
    assert_eq!(w.line("order", &id, "1", "released"), 4, "and one waits for supply");
    w.systems.habits.silent.insert("cancel_fulfilment".into());
    w.cancel(&id, Some(&[("1", 3)]));
    w.settle();
    w.wait(Span::seconds(1));
    w.cancel(&id, None);
    w.settle();
    w.answer("cancel_fulfilment:shop-1-F1", &json!({"ref": "FC-1"}));
    w.systems.habits.silent.clear();
    w.settle();
    assert_eq!(w.line("order", &id, "1", "cancelled"), 5);
    assert_eq!(w.status("order", &id), "cancelled");
}

/// More is wished than is left: what has left is refused, once, and the rest is cancelled.
#[test]
fn what_has_left_of_a_wish_is_refused_once() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 5, 500)]);
    w.settle();
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 2)]);
    w.cancel(&id, Some(&[("1", 4)]));
    w.settle();
    let refused: Vec<_> =
        w.facts_of("order.cancellation_refused").iter().map(|f| f["lines"].clone()).collect();
    assert_eq!(refused, [json!([{"line": "1", "quantity": 1}])]);
    assert_eq!(w.line("order", &id, "1", "cancelled"), 3);
    let told: Vec<_> = w.args_of("report_cancellation").iter().map(|a| a["lines"].clone()).collect();
    assert_eq!(told, [json!([{"line": "1", "quantity": 3}])]);
    assert_eq!(w.status("order", &id), "completed");
}

/// Told again it says what was cancelled, and nothing of what was not.
#[test]
fn a_cancellation_that_a_system_would_not_hear_is_told_again_as_it_was() {
    for op in ["cancel_sales_order", "report_cancellation"] {
        let mut w = World::stocked(&[("A", 5), ("B", 5)]);
        let id = w.submit("1", &[goods("1", "A", 2, 200), goods("2", "B", 1, 100)]);
        w.settle();
        w.confirm("s1", "shop-1-F1", "north", &[("2", "B", 1)]);
        w.settle();
        w.systems.habits.refuse.insert(op.into(), "not_now".into());
        w.cancel(&id, Some(&[("1", 1), ("2", 1)]));
        w.settle();
        w.systems.habits.refuse.clear();
        w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
        w.settle();
        let told: Vec<_> = w.args_of(op).iter().map(|a| a["lines"].clone()).collect();
        assert_eq!(told, vec![json!([{"line": "1", "quantity": 1}]); 2], "{op}");
    }
}
