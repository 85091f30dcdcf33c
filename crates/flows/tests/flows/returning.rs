//! Returns: what may come back, what comes, what is found, what is given back.

use crate::harness::samples::{goods, order, other, returning};
use crate::harness::{World, name, rules};
use books::Account;
use flows::policy::WindowFrom;
use retail::time::Span;
use serde_json::{Value, json};

fn sold(lines: &[Value]) -> (World, String) {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    let id = w.complete("1", lines);
    (w, id)
}

fn refusals(w: &World) -> Vec<(String, i64, String)> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let facts = w.facts_of("return.line_refused");
    facts.iter().map(|f| (text(&f["line"]), f["quantity"].as_i64().unwrap(), text(&f["reason"]))).collect()
}

#[test]
fn a_return_goes_all_the_way_with_three_statuses() {
    let (mut w, id) = sold(&[goods("1", "A", 4, 401)]);
    let statuses = |w: &World| {
        let s = w.show("return", "RMA-1");
        [&s["status"], &s["warehouse"], &s["finance"]].map(|x| x.as_str().unwrap().to_owned())
    };
    w.request("RMA-1", &[("1", &id, "1", "A", 2)]);
    assert_eq!(statuses(&w), ["requested", "not_expected", "none"]);
    w.settle();
    assert_eq!(statuses(&w), ["awaiting_item", "expected", "none"]);
    assert_eq!(w.line("order", &id, "1", "returnable"), 2);
    w.systems.habits.silent.insert("refund".into());
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    assert_eq!(statuses(&w), ["received", "received", "credit_due"]);
    w.settle();
    assert_eq!(statuses(&w), ["credit_issued", "received", "credited"]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 0), ("1", "A", "C", 1, 0)]);
    assert_eq!(statuses(&w), ["credit_issued", "graded", "credited"]);
    w.settle();
    assert_eq!(statuses(&w), ["credit_issued", "restocked", "credited"]);
    w.systems.refunded.insert("refund:shop-1-C1".into(), ("pi_1".into(), 200));
    w.answer("refund:shop-1-C1", &json!({"ref": "re_1", "amount": 200, "state": "succeeded"}));
    w.settle();
    assert_eq!(statuses(&w), ["completed", "restocked", "settled"]);
    let ops: Vec<&str> = w.commands.iter().skip(7).map(|(_, c)| c.op.as_str()).collect();
    assert_eq!(
        ops,
        [
            "create_return_order",
            "expect_return",
            "update_return",
            "update_return",
            "post_credit_memo",
            "refund",
            "dispose",
            "post_return_receipt",
            "report_refund",
            "update_return",
            "update_return"
        ]
    );
    let told: Vec<_> = w.args_of("update_return").iter().map(|u| u["status"].clone()).collect();
    assert_eq!(told, ["approved", "received", "refunded", "completed"]);
    assert_eq!(w.args_of("update_return")[2]["refunded"], json!({"amount": 200, "currency": "GBP"}));
    assert_eq!(w.total(&Account::Place("north".into()), "A"), 50 - 4 + 1);
    assert_eq!(w.total(&Account::Destroyed, "A"), 1);
    assert_eq!(w.total(&Account::Inspection, "A"), 0);
    assert_eq!(w.total(&Account::Customer, "A"), 2);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// Pitfalls 9 and 11: ten returns of one unit of a 15 % discounted line give back its charge and its tax exactly.
#[test]
fn pitfall_11_ten_returns_of_one_unit_give_back_exactly_the_line() {
    let mut line = goods("1", "A", 10, 8_492);
    line["tax"] = json!(1_415);
    line["discount"] = json!(1_498);
    let mut taxed = goods("2", "B", 1, 1_000);
    taxed["tax"] = json!(48);
    let (mut w, id) = sold(&[line, taxed]);
    w.systems.habits.sends_back = true;
    for n in 1..=10 {
        w.request(&format!("RMA-{n}"), &[("1", &id, "1", "A", 1)]);
        w.settle();
    }
    assert_eq!(w.systems.memos.len(), 10);
    assert_eq!(w.systems.memos.values().sum::<i64>(), 8_492);
    let taxes: i64 =
        w.args_of("post_credit_memo").iter().map(|m| m["lines"][0]["tax"].as_i64().unwrap()).sum();
    assert_eq!(taxes, 1_415, "of its own line and no other");
    assert_eq!(w.systems.refunded.values().map(|r| r.1).sum::<i64>(), 8_492);
    assert_eq!(w.line("order", &id, "1", "returnable"), 0);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// Pitfalls 1 and 17: two returns, asked for at the same moment, never give back more than was sold.
#[test]
fn two_returns_at_once_never_exceed_what_was_sold() {
    let (mut w, id) = sold(&[goods("1", "A", 5, 1_000)]);
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", &id, "1", "A", 3)]);
    w.request("RMA-2", &[("1", &id, "1", "A", 3)]);
    w.settle();
    assert_eq!(refusals(&w), [("1".to_owned(), 1, "nothing_returnable".to_owned())]);
    assert_eq!(w.systems.refunded.values().map(|r| r.1).sum::<i64>(), 1_000);
    assert_eq!(w.show("order", &id)["tenders"][0]["refundable"], 0);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// Pitfall 13: a receipt told twice is one restock and one refund, also under a new message id.
#[test]
fn pitfall_13_a_receipt_told_twice_counts_once() {
    let (mut w, id) = sold(&[goods("1", "A", 5, 1_000)]);
    w.request("RMA-1", &[("1", &id, "1", "A", 2)]);
    w.settle();
    for _ in 0..3 {
        w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
        w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 2, 0)]);
        w.settle();
    }
    assert_eq!(w.total(&Account::Place("north".into()), "A"), 47);
    assert_eq!(w.systems.refunded.len(), 1);
    assert_eq!(w.args_of("dispose").len(), 1);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    rules::at_rest(&w);
}

/// Pitfall 14: one order line comes back as two return lines for different reasons.
#[test]
fn pitfall_14_one_order_line_as_two_return_lines() {
    let (mut w, id) = sold(&[goods("1", "A", 2, 999)]);
    w.systems.habits.sends_back = true;
    let mut data = returning("RMA-1", w.now, &[("1", &id, "1", "A", 1), ("2", &id, "1", "A", 1)]);
    data["lines"][1]["reason"] = json!("defective");
    data["lines"][1]["type"] = json!("defect");
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    assert_eq!(w.line("return", "RMA-1", "1", "credited"), 1);
    assert_eq!(w.line("return", "RMA-1", "2", "credited"), 1);
    assert_eq!(w.systems.refunded.values().map(|r| r.1).sum::<i64>(), 999);
    rules::at_rest(&w);
}

#[test]
fn a_return_of_several_orders_is_asked_of_each() {
    let mut w = World::stocked(&[("A", 50)]);
    let one = w.complete("1", &[goods("1", "A", 2, 100)]);
    let two = w.complete("2", &[goods("1", "A", 2, 300)]);
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", &one, "1", "A", 2), ("2", &two, "1", "A", 1), ("3", "shop-9", "1", "A", 1)]);
    w.settle();
    assert_eq!(refusals(&w), [("3".to_owned(), 1, "no_sale_found".to_owned())]);
    let credits: Vec<_> = w.systems.memos.clone().into_iter().collect();
    assert_eq!(credits, [("shop-1-C1".to_owned(), 100), ("shop-2-C1".to_owned(), 150)]);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert!(!w.open("order", "shop-9"), "asking does not make an order");
    rules::at_rest(&w);
}

#[test]
fn without_any_order_no_sale_is_found() {
    let mut w = World::stocked(&[]);
    let line = json!({
        "line": "1", "sku": "A", "quantity": 3, "reason": "x", "type": "commercial", "claimed_unit_price": "2.555",
    });
    let data = json!({"rma": "RMA-1", "requested_at": w.now, "lines": [line]});
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "declined");
    assert!(!w.open("return", "RMA-1"));
    let fact = &w.facts_of("return.line_refused")[0];
    assert_eq!((&fact["reason"], &fact["claimed_amount"]), (&json!("no_sale_found"), &json!(767)));
    let update = &w.args_of("update_return")[0];
    assert_eq!((&update["status"], &update["reason"]), (&json!("declined"), &json!("no_sale_found")));
}

#[test]
fn the_window_runs_by_when_things_happened() {
    for (from, days, kind, approved) in [
        (WindowFrom::Shipped, 29, "commercial", true),
        (WindowFrom::Shipped, 31, "commercial", false),
        (WindowFrom::Placed, 31, "commercial", false),
        (WindowFrom::Shipped, 400, "defect", true),
        (WindowFrom::Shipped, 800, "defect", false),
    ] {
        let (mut w, id) = sold(&[goods("1", "A", 2, 999)]);
        w.flows.policy.returns.window_from = from;
        let at = w.now.plus(Span::days(days));
        // It reaches the hub much later; what counts is when the customer gave notice.
        w.now = w.now.plus(Span::days(1_000));
        let mut data = returning("RMA-1", at, &[("1", &id, "1", "A", 1)]);
        data["lines"][0]["type"] = json!(kind);
        w.tell("return.requested", name("return", "RMA-1"), &data);
        w.settle();
        assert_eq!(w.status("return", "RMA-1") == "awaiting_item", approved, "{from:?} {days} {kind}");
        assert_eq!(
            w.line("order", &id, "1", "returnable"),
            if approved { 1 } else { 2 },
            "a decline holds nothing"
        );
    }
}

#[test]
fn a_category_may_not_come_back_unless_it_is_faulty() {
    for (kind, approved) in [("withdrawal", false), ("commercial", false), ("defect", true), ("recall", true)]
    {
        let (mut w, id) = sold(&[goods("1", "A", 2, 999)]);
        w.flows.policy.returns.not_returnable.insert("decor".into());
        let mut data = returning("RMA-1", w.now, &[("1", &id, "1", "A", 1)]);
        data["lines"][0]["type"] = json!(kind);
        w.tell("return.requested", name("return", "RMA-1"), &data);
        w.settle();
        assert_eq!(w.line("return", "RMA-1", "1", "approved") == 1, approved, "{kind}");
    }
}

/// M7: where a category must be inspected first, nothing is credited before, and nothing that was rejected.
#[test]
fn inspection_comes_before_credit_where_policy_wants_it() {
    let (mut w, id) = sold(&[goods("1", "A", 3, 999)]);
    w.flows.policy.returns.inspect_first.insert("decor".into());
    w.request("RMA-1", &[("1", &id, "1", "A", 3)]);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 3)]);
    w.settle();
    assert!(w.args_of("refund").is_empty());
    assert_eq!(w.show("return", "RMA-1")["finance"], "held");
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "B", 2, 1)]);
    w.settle();
    assert_eq!(w.systems.refunded.values().map(|r| r.1).collect::<Vec<_>>(), [666]);
    assert_eq!(w.line("order", &id, "1", "returnable"), 1, "what was rejected is not held any more");
    let lines = &w.args_of("dispose")[0]["lines"];
    assert_eq!(
        *lines,
        json!([
            {"line": "1", "sku": "A", "quantity": 2, "disposition": "restock"},
            {"line": "1", "sku": "A", "quantity": 1, "disposition": "return_to_customer"},
        ])
    );
    assert_eq!(w.args_of("post_return_receipt")[0]["lines"], *lines);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.total(&Account::Customer, "A"), 1);
    rules::at_rest(&w);
}

#[test]
fn all_rejected_goes_back_and_nothing_is_credited() {
    let (mut w, id) = sold(&[goods("1", "A", 3, 999)]);
    w.flows.policy.returns.inspect_first.insert("decor".into());
    w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "X", 0, 1)]);
    assert_eq!(w.status("return", "RMA-1"), "rejected_and_returning");
    w.settle();
    assert_eq!(w.show("return", "RMA-1")["warehouse"], "sent_back");
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert!(w.systems.refunded.is_empty());
    rules::at_rest(&w);
}

#[test]
fn what_was_credited_at_receipt_and_is_rejected_afterwards_is_shown_and_kept() {
    let (mut w, id) = sold(&[goods("1", "A", 3, 999)]);
    w.request("RMA-1", &[("1", &id, "1", "A", 2)]);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    w.settle();
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "X", 1, 1)]);
    w.settle();
    assert_eq!(w.exceptions(), ["rejected_after_credit"]);
    assert_eq!(w.total(&Account::Destroyed, "A"), 2);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    rules::at_rest(&w);
}

#[test]
fn more_than_was_approved_and_something_else_is_kept_apart_and_sent_back() {
    let (mut w, id) = sold(&[goods("1", "A", 3, 999)]);
    w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 2), ("?", "B", 1)]);
    assert_eq!(w.exceptions(), ["over_received", "unexpected_goods"]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 2, 0), ("?", "B", "A", 1, 0)]);
    w.settle();
    assert_eq!(w.systems.refunded.values().map(|r| r.1).sum::<i64>(), 333);
    assert_eq!(w.total(&Account::Inspection, "A"), 0);
    assert_eq!(w.total(&Account::Inspection, "B"), 0);
    assert_eq!(w.total(&Account::Place("north".into()), "A"), 48, "one is back on sale");
    assert_eq!(w.status("return", "RMA-1"), "completed");
    rules::at_rest(&w);
}

#[test]
fn in_parts_and_an_inspection_that_overtakes_its_receipt() {
    let (mut w, id) = sold(&[goods("1", "A", 3, 1_000)]);
    w.request("RMA-1", &[("1", &id, "1", "A", 3)]);
    w.settle();
    w.inspect("RMA-1", "rc2", "in2", &[("1", "A", "A", 2, 0)]);
    w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 0)]);
    w.settle();
    assert_eq!(w.systems.refunded.values().map(|r| r.1).collect::<Vec<_>>(), [333]);
    w.receive("RMA-1", "rc2", &[("1", "A", 2)]);
    w.settle();
    assert_eq!(w.systems.refunded.values().map(|r| r.1).sum::<i64>(), 1_000);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

#[test]
fn an_inspection_that_cannot_be_is_refused() {
    let (mut w, id) = sold(&[goods("1", "A", 3, 1_000)]);
    w.request("RMA-1", &[("1", &id, "1", "A", 2)]);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    let on = name("return", "RMA-1");
    let mut data = crate::harness::samples::inspection("RMA-1", "rc1", "in1", &[("1", "A", "A", 3, 0)]);
    assert_eq!(w.refused("return.inspected", on.clone(), &data).code, "inspected_beyond_receipt");
    data["lines"][0]["accepted"] = json!(1);
    assert_eq!(w.refused("return.inspected", on.clone(), &data).code, "inspection_sum");
    data["lines"][0]["accepted"] = json!(-1);
    assert_eq!(w.refused("return.inspected", on, &data).code, "bad_data");
}

/// What the customer claims and what was paid differ: what was paid is given back and the difference is told.
#[test]
fn a_claimed_price_that_differs_is_told() {
    let (mut w, id) = sold(&[goods("1", "A", 3, 1_000)]);
    w.systems.habits.sends_back = true;
    let mut data = returning("RMA-1", w.now, &[("1", &id, "1", "A", 3)]);
    data["lines"][0]["claimed_unit_price"] = json!("3.50");
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    let fact = &w.facts_of("return.price_differed")[0];
    assert_eq!(
        (&fact["claimed"], &fact["paid"], &fact["difference"]),
        (&json!(1_050), &json!(1_000), &json!(50))
    );
    let (mut w, id) = sold(&[goods("1", "A", 3, 1_050)]);
    w.systems.habits.sends_back = true;
    data["lines"][0]["order"] = json!(id);
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    assert!(w.facts_of("return.price_differed").is_empty());
}

/// Pitfall 16: a refund without goods, and goods without a refund.
#[test]
fn pitfall_16_a_service_is_credited_without_anything_arriving() {
    let (mut w, id) = sold(&[goods("1", "A", 1, 0), other("2", "shipping", 495)]);
    w.request("RMA-1", &[("1", &id, "2", "SHIPPING", 1), ("2", &id, "1", "A", 1)]);
    w.settle();
    assert_eq!(w.systems.refunded.values().map(|r| r.1).sum::<i64>(), 495);
    assert_eq!(w.args_of("expect_return")[0]["lines"].as_array().unwrap().len(), 1);
    w.receive("RMA-1", "rc1", &[("2", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("2", "A", "A", 1, 0)]);
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.systems.refunded.len(), 1, "what cost nothing is not refunded");
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

#[test]
fn nothing_arrives_and_the_return_expires() {
    let (mut w, id) = sold(&[goods("1", "A", 3, 1_000)]);
    w.request("RMA-1", &[("1", &id, "1", "A", 3)]);
    w.wait(Span::days(31));
    assert_eq!(w.status("return", "RMA-1"), "expired");
    assert!(!w.open("return", "RMA-1"));
    assert_eq!(w.line("order", &id, "1", "returnable"), 3);
    // It comes after all: nobody is credited, and it goes back once inspected.
    w.receive("RMA-1", "rc1", &[("1", "A", 3)]);
    w.settle();
    assert_eq!(w.exceptions(), ["received_after_close"]);
    assert!(w.open("return", "RMA-1"), "until they are where they belong");
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 3, 0)]);
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "expired", "terminal states stay");
    assert!(!w.open("return", "RMA-1") && w.systems.refunded.is_empty());
    assert_eq!(w.total(&Account::Customer, "A"), 3);
    rules::at_rest(&w);
}

#[test]
fn of_what_arrives_in_part_the_rest_expires() {
    let (mut w, id) = sold(&[goods("1", "A", 3, 1_000)]);
    w.request("RMA-1", &[("1", &id, "1", "A", 3)]);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 2, 0)]);
    w.wait(Span::days(31));
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.line("order", &id, "1", "returnable"), 1);
    rules::at_rest(&w);
}

#[test]
fn the_customer_keeps_it_after_all() {
    let (mut w, id) = sold(&[goods("1", "A", 3, 1_000)]);
    w.request("RMA-1", &[("1", &id, "1", "A", 3)]);
    w.settle();
    let on = name("return", "RMA-1");
    let data = json!({"rma": "RMA-1", "reason": "kept"});
    w.tell("return.cancelled", on.clone(), &data);
    w.tell("return.cancelled", on, &data);
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "cancelled");
    assert!(!w.open("return", "RMA-1"));
    assert_eq!(w.line("order", &id, "1", "returnable"), 3);
    w.request("RMA-2", &[("1", &id, "1", "A", 1)]);
    w.settle();
    w.receive("RMA-2", "rc1", &[("1", "A", 1)]);
    let fault = w.refused("return.cancelled", name("return", "RMA-2"), &json!({"rma": "RMA-2"}));
    assert_eq!(fault.code, "cancelled_too_late");
}

/// Units come back while others of the order are still to be shipped: the credit waits for its capture (M6).
#[test]
fn a_credit_waits_for_the_capture_that_it_comes_out_of() {
    let mut w = World::stocked(&[("A", 1)]);
    let id = w.submit("1", &[goods("1", "A", 2, 999)]);
    w.settle();
    w.ship_all();
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
    w.settle();
    assert_eq!(w.show("order", &id)["credits"][0]["state"], "held");
    assert!(w.args_of("refund").is_empty());
    w.supply("north", &[("A", 1)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.systems.refunded.values().map(|r| r.1).collect::<Vec<_>>(), [499]);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

#[test]
fn the_erp_authorises_before_anything_is_given_back() {
    let (mut w, id) = sold(&[goods("1", "A", 1, 100), other("2", "service", 495)]);
    w.systems.habits.refuse.insert("create_return_order".into(), "blocked".into());
    w.request("RMA-1", &[("1", &id, "2", "SERVICE", 1)]);
    w.settle();
    assert_eq!(w.exceptions(), ["return_order_refused"]);
    assert!(w.systems.refunded.is_empty());
    w.systems.habits.refuse.clear();
    w.tell("return.retry_requested", name("return", "RMA-1"), &json!({"rma": "RMA-1"}));
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.exceptions(), [""; 0]);
}

#[test]
fn units_of_an_unknown_grade_are_set_apart_until_somebody_decides() {
    let (mut w, id) = sold(&[goods("1", "A", 1, 100)]);
    w.flows.policy.returns.disposition.clear();
    w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "B", 1, 0)]);
    w.settle();
    assert_eq!(w.show("return", "RMA-1")["warehouse"], "quarantined");
    assert_eq!(w.exceptions(), ["units_in_quarantine"]);
    assert!(w.open("return", "RMA-1"));
    let data = json!({"rma": "RMA-1", "id": "RMA-1-D1", "disposition": "vendor_return"});
    w.tell("return.disposition_decided", name("return", "RMA-1"), &data);
    w.tell("return.disposition_decided", name("return", "RMA-1"), &data);
    w.settle();
    assert_eq!(w.total(&Account::Vendor, "A"), 1);
    assert_eq!(w.show("return", "RMA-1")["warehouse"], "vendor_returned");
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.exceptions(), [""; 0]);
    rules::at_rest(&w);
}

#[test]
fn the_legal_deadline_is_known_and_warned_of() {
    let (mut w, id) = sold(&[goods("1", "A", 1, 100)]);
    let mut data = returning("RMA-1", w.now, &[("1", &id, "1", "A", 1)]);
    data["lines"][0]["type"] = json!("withdrawal");
    data["notice_at"] = json!("2011-01-11T00:00:00Z");
    w.tell("return.requested", name("return", "RMA-1"), &data);
    let show = w.show("return", "RMA-1");
    assert_eq!((&show["regime"], &show["refund_by"]), (&json!("withdrawal"), &json!("2011-01-25T00:00:00Z")));
    w.wait(Span::days(13));
    assert_eq!(w.exceptions(), ["deadline_near"]);
}

#[test]
fn a_request_that_does_not_read_is_refused() {
    let mut w = World::stocked(&[]);
    let good = returning("RMA-1", w.now, &[("1", "shop-1", "1", "A", 1)]);
    let on = name("return", "RMA-1");
    let mut twice = good.clone();
    twice["lines"] = json!([good["lines"][0], good["lines"][0]]);
    let mut none = good.clone();
    none["lines"] = json!([]);
    let mut negative = good.clone();
    negative["lines"][0]["quantity"] = json!(-1);
    let mut price = good.clone();
    price["lines"][0]["claimed_unit_price"] = json!("-0.01");
    let mut another = good.clone();
    another["rma"] = json!("RMA-2");
    for (code, data) in [
        ("duplicate_line", twice),
        ("line_count", none),
        ("bad_data", negative),
        ("bad_data", price),
        ("return_differs", another),
    ] {
        assert_eq!(w.refused("return.requested", on.clone(), &data).code, code);
    }
    w.tell("return.requested", on.clone(), &good);
    let mut changed = good;
    changed["lines"][0]["quantity"] = json!(2);
    w.tell("return.requested", on, &changed);
    assert_eq!(w.exceptions(), ["return_changed"]);
}

/// A document has one currency: orders in two make two return orders.
#[test]
fn orders_in_two_currencies_make_two_return_orders() {
    let mut w = World::stocked(&[("A", 9)]);
    let one = w.complete("1", &[goods("1", "A", 1, 100)]);
    let mut data = order("2", &[goods("1", "A", 1, 100)]);
    data["currency"] = json!("EUR");
    w.tell("order.submitted", name("order", "shop-2"), &data);
    w.settle();
    w.ship_all();
    w.request("RMA-1", &[("1", &one, "1", "A", 1), ("2", "shop-2", "1", "A", 1)]);
    w.settle();
    let made: Vec<_> =
        w.args_of("create_return_order").iter().map(|r| (r["id"].clone(), r["currency"].clone())).collect();
    assert_eq!(made, [(json!("RMA-1"), json!("GBP")), (json!("RMA-1-EUR"), json!("EUR"))]);
}
