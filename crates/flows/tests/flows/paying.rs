//! Captures, voids, several tenders, and what executors do by themselves.

use crate::harness::samples::{goods, order};
use crate::harness::{World, name, rules};
use flows::policy::{CaptureRule, RefundFirst};
use retail::envelope::Outcome;
use serde_json::{Value, json};

/// Two shipped lines of 600 and 400, paid by a gift card of 700 and a card.
fn two_tenders(w: &mut World) -> String {
    let mut data = order("1", &[goods("1", "A", 6, 600), goods("2", "B", 4, 400)]);
    data["tenders"] = json!([
        {"id": "t1", "kind": "gift_card", "executor": "stripe", "payment": "gift", "authorised": 700},
        {"id": "t2", "kind": "card", "executor": "stripe", "payment": "card", "authorised": 300},
    ]);
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", "shop-1"), "completed");
    "shop-1".to_owned()
}

#[test]
fn goods_have_left_and_the_capture_is_refused() {
    let mut w = World::stocked(&[("A", 5)]);
    w.systems.habits.refuse.insert("capture".into(), "authorization_expired".into());
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.exceptions(), ["capture_failed"]);
    assert_eq!(w.status("order", &id), "shipped");
    assert!(w.open("order", &id));
    w.systems.habits.refuse.clear();
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    w.settle();
    let keys: Vec<_> =
        w.commands.iter().filter(|(_, c)| c.op == "capture").map(|(_, c)| c.key.clone()).collect();
    assert_eq!(keys, ["capture:pi_1", "capture:pi_1~2"], "a new key only after a proven failure (M2)");
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.exceptions(), [""; 0]);
    rules::at_rest(&w);
}

#[test]
fn a_refused_capture_that_the_executor_settles_by_itself_is_over() {
    let mut w = World::stocked(&[("A", 5)]);
    w.systems.habits.refuse.insert("capture".into(), "authorization_expired".into());
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.ship_all();
    let data = json!({"payment": "pi_1", "order": id, "amount": 300, "currency": "GBP"});
    w.tell("payment.captured", name("order", &id), &data);
    w.systems.captured.insert("pi_1".into(), 300);
    w.settle();
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.exceptions(), [""; 0]);
    rules::at_rest(&w);
}

/// Pitfall 3, for captures: our own capture reported back is one capture, whether it comes before its answer or
/// after.
#[test]
fn an_echo_of_our_own_capture_changes_nothing() {
    for before in [true, false] {
        let mut w = World::stocked(&[("A", 5)]);
        w.systems.habits.silent.insert("capture".into());
        let id = w.submit("1", &[goods("1", "A", 3, 300)]);
        w.settle();
        w.ship_all();
        let data = json!({"payment": "pi_1", "order": id, "amount": 300, "currency": "GBP"});
        if before {
            w.tell("payment.captured", name("order", &id), &data);
        }
        w.outcome("capture:pi_1", Outcome::Unknown { why: "cut".into() });
        w.answer("capture:pi_1", &json!({"ref": "ch", "amount": 300}));
        w.tell("payment.captured", name("order", &id), &data);
        w.systems.captured.insert("pi_1".into(), 300);
        w.settle();
        assert_eq!(w.status("order", &id), "completed");
        assert_eq!(w.exceptions(), [""; 0]);
        rules::at_rest(&w);
    }
}

#[test]
fn an_accepted_capture_ends_by_its_event() {
    let mut w = World::stocked(&[("A", 5)]);
    w.systems.habits.silent.insert("capture".into());
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.ship_all();
    w.outcome("capture:pi_1", Outcome::Accepted { result: crate::harness::raw(&json!({})) });
    assert!(w.open("order", &id));
    let data = json!({"payment": "pi_1", "order": id, "amount": 300, "currency": "GBP"});
    w.tell("payment.captured", name("order", &id), &data);
    assert_eq!(w.status("order", &id), "completed");
}

#[test]
fn a_capture_of_another_amount_is_shown() {
    let mut w = World::stocked(&[("A", 5)]);
    w.systems.habits.silent.insert("capture".into());
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.ship_all();
    w.answer("capture:pi_1", &json!({"ref": "ch", "amount": 250}));
    assert_eq!(w.exceptions(), ["capture_differs", "capture_short"]);
    assert!(w.open("order", &id));
    let data = json!({"payment": "pi_1", "order": id, "amount": 300, "currency": "GBP"});
    w.tell("payment.captured", name("order", &id), &data);
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.exceptions(), ["capture_differs"]);
}

#[test]
fn per_shipment_only_where_the_executor_allows_several() {
    for several in [true, false] {
        let mut w = World::stocked(&[("A", 3)]);
        w.flows.policy.capture = CaptureRule::PerShipment;
        let mut data = order("1", &[goods("1", "A", 3, 1_000)]);
        data["tenders"][0]["several"] = json!(several);
        w.tell("order.submitted", name("order", "shop-1"), &data);
        w.settle();
        w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
        w.settle();
        w.confirm("s2", "shop-1-F1", "north", &[("1", "A", 2)]);
        w.systems.working.clear();
        w.settle();
        let amounts: Vec<_> = w.args_of("capture").iter().map(|c| c["amount"].clone()).collect();
        assert_eq!(amounts, if several { vec![json!(333), json!(667)] } else { vec![json!(1_000)] });
        let more: Vec<_> = w.args_of("capture").iter().map(|c| c["several"].clone()).collect();
        assert_eq!(more, if several { vec![json!(true), json!(false)] } else { vec![json!(false)] });
        assert_eq!(w.status("order", "shop-1"), "completed");
        rules::at_rest(&w);
    }
}

/// Pitfall 8: several partial refunds over two tenders by the stated rule; none gets back more than it paid.
#[test]
fn two_tenders_are_refunded_by_rule() {
    for (rule, first) in
        [(RefundFirst::First, ["gift", "gift", "card"]), (RefundFirst::Last, ["card", "gift", "gift"])]
    {
        let mut w = World::stocked(&[("A", 6), ("B", 4)]);
        w.flows.policy.refund_first = rule;
        let id = two_tenders(&mut w);
        w.systems.habits.sends_back = true;
        w.request("RMA-1", &[("1", &id, "1", "A", 3)]);
        w.settle();
        w.request("RMA-2", &[("1", &id, "2", "B", 4), ("2", &id, "1", "A", 3)]);
        w.settle();
        let of = |p: &str| -> i64 { w.systems.refunded.values().filter(|r| r.0 == p).map(|r| r.1).sum() };
        assert_eq!((of("gift"), of("card")), (700, 300));
        let mut paid: Vec<&str> = w.systems.refunded.values().map(|r| r.0.as_str()).collect();
        paid.dedup();
        assert!(paid.len() >= 2, "{first:?}");
        assert_eq!(w.args_of("refund")[0]["payment"], first[0]);
        let memos: i64 = w.systems.memos.values().sum();
        assert_eq!(memos, 1_000, "credit memos carry each credit once");
        assert_eq!(w.status("return", "RMA-2"), "completed");
        rules::at_rest(&w);
    }
}

/// M6: a refund that somebody else made counts, once, and what breaks M1 stops and is shown.
#[test]
fn a_refund_made_elsewhere_counts() {
    let mut w = World::stocked(&[("A", 4)]);
    let id = w.complete("1", &[goods("1", "A", 4, 400)]);
    let data = |refund: &str, amount: i64| -> Value {
        json!({"payment": "pi_1", "order": id, "refund": refund, "amount": amount, "currency": "GBP"})
    };
    let on = name("order", &id);
    w.tell("payment.refunded_elsewhere", on.clone(), &data("re_x", 250));
    w.tell("payment.refunded_elsewhere", on.clone(), &data("re_x", 250));
    assert_eq!(w.show("order", &id)["tenders"][0]["refundable"], 150);
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", &id, "1", "A", 2)]);
    w.settle();
    assert_eq!(w.exceptions(), ["refund_exceeds_capture"]);
    assert!(w.args_of("refund").is_empty(), "stopped, not paid");
    assert!(w.open("order", &id));
    w.tell("payment.refunded_elsewhere", on.clone(), &data("re_y", 200));
    assert!(w.exceptions().contains(&"refunded_beyond_capture"));
    let fault = w.refused(
        "payment.refunded_elsewhere",
        on.clone(),
        &json!({"payment": "pi_1", "order": id, "refund": "re_z", "amount": 1, "currency": "EUR"}),
    );
    assert_eq!(fault.code, "currency_differs");
    let fault = w.refused(
        "payment.refunded_elsewhere",
        on,
        &json!({"payment": "pi_9", "order": id, "refund": "re_z", "amount": 1, "currency": "GBP"}),
    );
    assert_eq!(fault.code, "unknown_payment");
}

#[test]
fn money_taken_for_a_cancelled_order_is_shown() {
    let mut w = World::stocked(&[]);
    let id = w.submit("1", &[goods("1", "A", 4, 400)]);
    w.settle();
    w.cancel(&id, None);
    w.settle();
    assert!(w.systems.voided.contains("pi_1"));
    let data = json!({"payment": "pi_1", "order": id, "amount": 400, "currency": "GBP"});
    w.tell("payment.captured", name("order", &id), &data);
    assert_eq!(w.exceptions(), ["captured_without_sale"]);
}

#[test]
fn a_refused_void_is_shown_and_asked_again_on_request() {
    let mut w = World::stocked(&[]);
    w.systems.habits.refuse.insert("void".into(), "processing".into());
    let id = w.submit("1", &[goods("1", "A", 4, 400)]);
    w.settle();
    w.cancel(&id, None);
    w.settle();
    assert_eq!(w.exceptions(), ["void_refused"]);
    w.systems.habits.refuse.clear();
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    w.settle();
    assert_eq!(w.status("order", &id), "cancelled");
    assert_eq!(w.exceptions(), [""; 0]);
}

/// A credit that two payments share is settled once both have paid, and its return is named to the storefront.
#[test]
fn a_credit_is_settled_when_its_last_part_is() {
    let mut w = World::stocked(&[("A", 10), ("B", 10)]);
    let id = two_tenders(&mut w);
    w.systems.habits.sends_back = true;
    w.systems.habits.silent.insert("refund".into());
    w.request("RMA-1", &[("1", &id, "1", "A", 6), ("2", &id, "2", "B", 4)]);
    w.settle();
    let asked: Vec<_> = w
        .commands
        .iter()
        .filter(|(_, c)| c.op == "refund")
        .map(|(_, c)| (c.key.clone(), serde_json::from_str::<Value>(c.args.get()).unwrap()))
        .collect();
    assert_eq!(asked.len(), 2);
    for (n, (key, args)) in asked.iter().enumerate() {
        let amount = args["amount"].as_i64().unwrap();
        w.answer(key, &json!({"ref": format!("re_{n}"), "amount": amount, "state": "succeeded"}));
        w.systems.refunded.insert(key.clone(), (args["payment"].as_str().unwrap().to_owned(), amount));
        w.settle();
        let last = n == 1;
        assert_eq!(w.show("order", &id)["credits"][0]["state"] == "settled", last);
        assert_eq!(w.args_of("report_refund").len(), usize::from(last));
    }
    assert_eq!(w.args_of("report_refund")[0]["rma"], "RMA-1");
    rules::at_rest(&w);
}
