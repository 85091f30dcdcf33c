//! What customers and customer service are told: once for each fact, and never waited for.

use crate::harness::samples::goods;
use crate::harness::{World, name, rules};
use flows::Policy;
use retail::milestone::Milestone;
use retail::time::Span;
use serde_json::{Value, json};

/// A world in which somebody plays these roles too.
fn asking(roles: &[&str], units: &[(&str, i64)]) -> World {
    let mut policy = Policy::simple("uk", &["north", "south"]);
    policy.asks.extend(roles.iter().map(|role| (*role).to_owned()));
    let mut w = World::new(policy);
    w.supply("north", units);
    w
}

fn ids(w: &World, op: &str) -> Vec<String> {
    w.args_of(op).iter().map(|args| args["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn where_nobody_plays_the_role_nobody_is_told() {
    let mut w = asking(&[], &[("A", 1)]);
    let id = w.complete("1", &[goods("1", "A", 1, 200)]);
    let mut changed = crate::harness::samples::order("1", &[goods("1", "A", 1, 300)]);
    changed["order"] = json!(id);
    w.tell("order.submitted", name("order", &id), &changed);
    assert_eq!(w.exceptions(), ["order_changed"]);
    assert!(w.args_of("notify_customer").is_empty() && w.args_of("note_case").is_empty());
}

#[test]
fn a_customer_hears_of_each_milestone_once() {
    let mut w = asking(&["notifications"], &[("A", 4)]);
    w.systems.habits.sends_back = true;
    let id = w.complete("1", &[goods("1", "A", 4, 400)]);
    let shipment = w.facts_of("order.shipped")[0]["shipment"].as_str().unwrap().to_owned();
    let delivered = json!({"shipment": shipment, "order": id, "delivered_at": w.now});
    for _ in 0..2 {
        w.tell("shipment.delivered", name("order", &id), &delivered);
    }
    w.request("RMA-1", &[("1", &id, "1", "A", 2)]);
    w.settle();
    assert_eq!(
        ids(&w, "notify_customer"),
        [
            "shop-1-order_confirmed".to_owned(),
            format!("shop-1-order_shipped-{}", shipment.strip_prefix("shop-1-").unwrap()),
            format!("shop-1-order_delivered-{}", shipment.strip_prefix("shop-1-").unwrap()),
            "RMA-1-return_approved".to_owned(),
            "RMA-1-return_received-rc".to_owned(),
            "shop-1-refund_sent-C1".to_owned(),
        ]
    );
    let sent = w.args_of("notify_customer").pop().unwrap();
    assert_eq!(
        sent,
        json!({"id": "shop-1-refund_sent-C1", "order": "shop-1", "customer": "17850", "milestone": "refund_sent",
            "data": {"credit": "shop-1-C1", "amount": 200, "refunded": 200, "currency": "GBP"}})
    );
    let approved = &w.args_of("notify_customer")[3];
    assert_eq!((&approved["order"], &approved["rma"]), (&json!("shop-1"), &json!("RMA-1")));
    rules::at_rest(&w);
}

#[test]
fn what_the_retailer_does_not_want_told_is_not() {
    let mut w = asking(&["notifications"], &[("A", 1)]);
    w.flows.policy.messages = [Milestone::OrderShipped].into();
    w.complete("1", &[goods("1", "A", 1, 200)]);
    let told = w.args_of("notify_customer");
    assert_eq!(told.iter().map(|m| m["milestone"].clone()).collect::<Vec<_>>(), ["order_shipped"]);
}

#[test]
fn a_cancellation_and_a_declined_return_are_told_with_their_reasons() {
    let mut w = asking(&["notifications"], &[("A", 2)]);
    w.systems.habits.allocates = false;
    let id = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.settle();
    w.cancel(&id, Some(&[("1", 1)]));
    w.settle();
    w.request("RMA-1", &[("1", &id, "1", "A", 1), ("2", &id, "1", "A", 1)]);
    w.settle();
    let told = w.args_of("notify_customer");
    let of = |milestone: &str| -> Vec<&Value> {
        told.iter().filter(|message| message["milestone"] == milestone).collect()
    };
    assert_eq!(of("order_cancelled")[0]["id"], "shop-1-order_cancelled-X1");
    assert_eq!(of("return_declined").len(), 1, "two lines, one message: {told:?}");
    assert_eq!(of("return_declined")[0]["data"]["reason"], "no_sale_found");
    assert!(of("return_approved").is_empty() && of("order_shipped").is_empty());
}

/// An order ends although nobody takes its messages; what was refused is shown until a person has seen to it.
#[test]
fn nothing_waits_for_a_message_and_a_refused_one_is_shown() {
    let mut w = asking(&["notifications"], &[("A", 1)]);
    w.systems.habits.silent.insert("notify_customer".into());
    let id = w.complete("1", &[goods("1", "A", 1, 200)]);
    assert!(!w.open("order", &id));
    w.refuse("notify_customer:shop-1-order_confirmed", "no_address");
    assert_eq!(w.exceptions(), ["message_refused"]);
    w.answer("notify_customer:shop-1-order_shipped-F1-s1", &json!({"ref": "M"}));
    assert_eq!(w.exceptions(), ["message_refused"], "another message that was taken does not mend it");
    assert!(!w.open("order", &id));
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    assert!(w.exceptions().is_empty());
    assert_eq!(ids(&w, "notify_customer").len(), 2, "a person told the customer; nothing is sent again");
}

#[test]
fn customer_service_hears_of_an_exception_that_touches_a_customer_and_of_its_end() {
    let mut w = asking(&["service"], &[("A", 2)]);
    w.systems.habits.refuse.insert("capture".into(), "card_expired".into());
    w.systems.habits.refuse.insert("post_delivery".into(), "period_closed".into());
    let id = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.exceptions(), ["capture_failed", "delivery_refused"]);
    let notes = w.args_of("note_case");
    assert_eq!(notes.len(), 1, "the ERP's documents are nothing to the customer: {notes:?}");
    assert_eq!(
        (&notes[0]["id"], &notes[0]["about"], &notes[0]["order"], &notes[0]["owner"], &notes[0]["state"]),
        (
            &json!("shop-1-capture_failed-1"),
            &json!("order/shop-1"),
            &json!("shop-1"),
            &json!("finance"),
            &json!("opened")
        )
    );
    assert!(notes[0]["cause"].as_str().unwrap().contains("pi_1") && notes[0]["next_step"].is_string());
    // It fails again, and once more after it was well: the first is one note, the second another.
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    w.settle();
    w.systems.habits.refuse.clear();
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    w.settle();
    assert!(w.exceptions().is_empty());
    let states: Vec<(String, Value)> = w
        .args_of("note_case")
        .iter()
        .map(|note| (note["id"].as_str().unwrap().to_owned(), note["state"].clone()))
        .collect();
    assert_eq!(states.first().unwrap(), &("shop-1-capture_failed-1".to_owned(), json!("opened")));
    let last = states.last().unwrap();
    assert_eq!(last.1, "closed");
    let open = states.iter().filter(|s| s.1 == "opened").count();
    let closed = states.iter().filter(|s| s.1 == "closed").count();
    assert_eq!(open, closed, "every note that was opened is closed: {states:?}");
    let closing = w.args_of("note_case").pop().unwrap();
    assert!(closing.get("cause").is_none() && closing.get("owner").is_none());
    assert_eq!(w.status("order", &id), "completed");
}

#[test]
fn an_overdue_order_is_noted_once_however_often_it_is_looked_at() {
    let mut w = asking(&["service", "notifications"], &[]);
    let id = w.submit("1", &[goods("1", "A", 2, 200)]);
    w.wait(Span::days(31));
    w.wait(Span::days(31));
    assert_eq!(ids(&w, "note_case"), ["shop-1-order_overdue-1"]);
    w.cancel(&id, None);
    w.settle();
    assert_eq!(ids(&w, "note_case"), ["shop-1-order_overdue-1", "shop-1-order_overdue-1"]);
    assert!(!w.open("order", &id));
}

#[test]
fn a_refund_that_failed_is_noted_under_its_own_name() {
    let mut w = asking(&["service", "notifications"], &[("A", 2)]);
    let id = w.complete("1", &[goods("1", "A", 2, 200)]);
    w.systems.habits.sends_back = true;
    w.systems.habits.refuse.insert("refund".into(), "account_closed".into());
    w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
    w.settle();
    let note = w.args_of("note_case").pop().unwrap();
    assert_eq!(
        (&note["id"], &note["about"], &note["order"], &note["rma"], &note["code"]),
        (
            &json!("shop-1-C1-refund_failed-1"),
            &json!("refund/shop-1-C1"),
            &json!("shop-1"),
            &json!("RMA-1"),
            &json!("refund_failed")
        )
    );
    assert!(!ids(&w, "notify_customer").iter().any(|id| id.contains("refund_sent")));
    w.systems.habits.refuse.clear();
    w.tell("refund.retry_requested", name("refund", "shop-1-C1"), &json!({"credit": "shop-1-C1"}));
    w.settle();
    assert_eq!(w.args_of("note_case").pop().unwrap()["state"], "closed");
    assert!(ids(&w, "notify_customer").contains(&"shop-1-refund_sent-C1".to_owned()));
}

/// A case note that was refused is acknowledged where nothing else is to be tried again.
#[test]
fn a_refused_note_of_a_refund_is_seen_to() {
    let mut w = asking(&["service"], &[("A", 2)]);
    let id = w.complete("1", &[goods("1", "A", 2, 200)]);
    w.systems.habits.sends_back = true;
    w.systems.habits.silent.insert("refund".into());
    w.systems.habits.refuse.insert("note_case".into(), "closed_today".into());
    w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
    w.settle();
    w.refuse("refund:shop-1-C1", "account_closed");
    w.settle();
    assert_eq!(w.exceptions(), ["note_refused", "refund_failed"]);
    w.systems.habits.silent.clear();
    w.systems.habits.refuse.clear();
    w.tell("refund.retry_requested", name("refund", "shop-1-C1"), &json!({"credit": "shop-1-C1"}));
    w.settle();
    assert!(w.exceptions().is_empty());
    assert_eq!(w.status("refund", "shop-1-C1"), "succeeded");
}

/// What was told is stored, and a state of before reads as if nothing had been.
#[test]
fn what_was_told_is_small_and_reads_back() {
    let mut w = asking(&["notifications", "service"], &[("A", 1)]);
    let id = w.complete("1", &[goods("1", "A", 1, 200)]);
    let stored = String::from_utf8(w.cases[&name("order", &id)].body.clone()).unwrap();
    assert!(stored.contains(r#""told":{"m":["order_confirmed","order_shipped-F1-s1"]}"#), "{stored}");
}
