use crate::bench::{Bench, body, header, hmac};
use lookalikes::StripeEvents;
use serde_json::{Value, json};

/// An authorised payment of 100.00.
fn payment(bench: &Bench) -> String {
    let form = "amount=10000&currency=gbp&capture_method=manual&confirm=true&payment_method=pm_card_visa&metadata[order]=shop-1";
    let (status, intent) = bench.form("/stripe/v1/payment_intents", form, None);
    assert_eq!((status, &intent["status"]), (200, &json!("requires_capture")));
    intent["id"].as_str().unwrap().to_owned()
}

fn captured(bench: &Bench) -> String {
    let id = payment(bench);
    let (status, _) = bench.form(&format!("/stripe/v1/payment_intents/{id}/capture"), "", None);
    assert_eq!(status, 200);
    id
}

fn refund(bench: &Bench, payment: &str, amount: i64, credit: &str, key: Option<&str>) -> (u16, Value) {
    let form = format!(
        "payment_intent={payment}&amount={amount}&metadata[credit]={credit}&metadata[hub]=refund/{credit}"
    );
    bench.form("/stripe/v1/refunds", &form, key)
}

#[test]
fn a_key_is_wanted() {
    let bench = Bench::new();
    let request =
        lookalikes::Request::new("GET", "/stripe/v1/refunds", "").with("authorization", "Bearer sk_other");
    let answer = bench.world.handle(0, &request);
    assert_eq!(answer.status, 401);
    assert!(String::from_utf8(answer.body).unwrap().contains("invalid_request_error"));
}

#[test]
fn a_payment_is_captured_once() {
    let bench = Bench::new();
    let id = payment(&bench);
    let path = format!("/stripe/v1/payment_intents/{id}/capture");
    let (status, refused) = bench.form(&path, "amount_to_capture=10001", None);
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("amount_too_large")));
    let (status, done) = bench.form(&path, "amount_to_capture=9000&metadata[hub_capture]=k1", None);
    assert_eq!((status, &done["status"], &done["amount_received"]), (200, &json!("succeeded"), &json!(9000)));
    assert_eq!(done["amount_capturable"], 0);
    assert_eq!(done["metadata"], json!({"order": "shop-1", "hub_capture": "k1"}));
    let (status, refused) = bench.form(&path, "amount_to_capture=500", None);
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("payment_intent_unexpected_state")));
    assert_eq!(refused["error"]["payment_intent"]["status"], "succeeded");
    let (status, _) = bench.form(&format!("/stripe/v1/payment_intents/{id}/cancel"), "", None);
    assert_eq!(status, 400);
    let rows = bench.ledger("stripe");
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&rows[1]["kind"], &rows[1]["reference"], &rows[1]["amount"]),
        (&json!("captured"), &json!("shop-1"), &json!(9000))
    );
}

#[test]
fn several_captures_want_to_be_asked_for() {
    let bench = Bench::new();
    let id = payment(&bench);
    let path = format!("/stripe/v1/payment_intents/{id}/capture");
    let (_, first) = bench.form(&path, "amount_to_capture=4000&final_capture=false", None);
    assert_eq!((&first["status"], &first["amount_capturable"]), (&json!("requires_capture"), &json!(6000)));
    let (_, last) = bench.form(&path, "amount_to_capture=5000&final_capture=true", None);
    assert_eq!((&last["status"], &last["amount_received"]), (&json!("succeeded"), &json!(9000)));
    assert_eq!(bench.rows("stripe", "captured").len(), 2);
    let strict = Bench::with(|c| c.stripe.multicapture = false);
    let id = payment(&strict);
    let (status, _) =
        strict.form(&format!("/stripe/v1/payment_intents/{id}/capture"), "final_capture=false", None);
    assert_eq!(status, 400);
}

#[test]
fn a_cancelled_payment_takes_no_capture() {
    let bench = Bench::new();
    let id = payment(&bench);
    let (_, gone) = bench.form(
        &format!("/stripe/v1/payment_intents/{id}/cancel"),
        "cancellation_reason=requested_by_customer",
        None,
    );
    assert_eq!(
        (&gone["status"], &gone["cancellation_reason"]),
        (&json!("canceled"), &json!("requested_by_customer"))
    );
    let (status, _) = bench.form(&format!("/stripe/v1/payment_intents/{id}/capture"), "", None);
    assert_eq!(status, 400);
    assert_eq!(bench.rows("stripe", "voided")[0]["amount"], 10_000);
    let (status, _) = bench.form("/stripe/v1/payment_intents/pi_nobody/capture", "", None);
    assert_eq!(status, 404);
}

#[test]
fn the_same_key_gets_the_first_answer_and_other_parameters_are_refused() {
    let mut bench = Bench::with(|c| c.stripe.keeps_ms = 1000);
    let id = captured(&bench);
    let first = refund(&bench, &id, 4000, "shop-1-C1", Some("k1"));
    assert_eq!(first.0, 200);
    let again = bench.raw(
        "POST",
        "/stripe/v1/refunds",
        &format!("payment_intent={id}&amount=4000&metadata[credit]=shop-1-C1&metadata[hub]=refund/shop-1-C1"),
        Some("k1"),
    );
    assert!(again.headers.contains(&("idempotent-replayed", "true".to_owned())));
    assert_eq!(serde_json::from_slice::<Value>(&again.body).unwrap(), first.1);
    let (status, other) = refund(&bench, &id, 4001, "shop-1-C1", Some("k1"));
    assert_eq!((status, &other["error"]["type"]), (400, &json!("idempotency_error")));
    assert_eq!(bench.rows("stripe", "refunded").len(), 1);
    // A forgotten key makes a new refund: the look-alike is not the one who prevents it.
    bench.now += 1000;
    let (status, new) = refund(&bench, &id, 4000, "shop-1-C1", Some("k1"));
    assert_eq!(status, 200);
    assert_ne!(new["id"], first.1["id"]);
    assert_eq!(bench.rows("stripe", "refunded").len(), 2);
}

#[test]
fn what_was_refused_in_validation_is_not_kept_under_the_key() {
    let bench = Bench::new();
    let id = payment(&bench);
    assert_eq!(refund(&bench, &id, 100, "c", Some("k")).0, 400);
    bench.form(&format!("/stripe/v1/payment_intents/{id}/capture"), "", None);
    assert_eq!(refund(&bench, &id, 100, "c", Some("k")).0, 200);
}

#[test]
fn refunds_never_come_to_more_than_was_captured() {
    let bench = Bench::new();
    let id = captured(&bench);
    assert_eq!(refund(&bench, &id, 6000, "a", None).0, 200);
    let (status, over) = refund(&bench, &id, 4001, "b", None);
    assert_eq!((status, &over["error"]["code"]), (400, &json!("amount_too_large")));
    assert_eq!(refund(&bench, &id, 4000, "b", None).0, 200);
    let (status, over) = refund(&bench, &id, 1, "c", None);
    assert_eq!((status, &over["error"]["code"]), (400, &json!("charge_already_refunded")));
    for bad in ["0", "-5", "1.5", "x"] {
        let (status, _) =
            bench.form("/stripe/v1/refunds", &format!("payment_intent={id}&amount={bad}"), None);
        assert_eq!(status, 400, "amount {bad}");
    }
    let rows = bench.rows("stripe", "refunded");
    assert_eq!(rows.iter().map(|r| r["amount"].as_i64().unwrap()).sum::<i64>(), 10_000);
    assert_eq!(
        (&rows[0]["reference"], &rows[0]["order"], &rows[0]["currency"]),
        (&json!("a"), &json!("shop-1"), &json!("GBP"))
    );
    assert!(rows[0]["id"].as_str().unwrap().starts_with("re_"));
}

#[test]
fn a_list_is_read_in_pages_newest_first() {
    let bench = Bench::new();
    let id = captured(&bench);
    let other = captured(&bench);
    for n in 0..5 {
        refund(&bench, &id, 10, &format!("c{n}"), None);
        refund(&bench, &other, 10, &format!("o{n}"), None);
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = bench.get(&format!("/stripe/v1/refunds?payment_intent={id}&limit=2{after}"));
        for item in page["data"].as_array().unwrap() {
            seen.push(item["metadata"]["credit"].as_str().unwrap().to_owned());
            after = format!("&starting_after={}", item["id"].as_str().unwrap());
        }
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(seen, ["c4", "c3", "c2", "c1", "c0"]);
    assert_eq!(bench.get("/stripe/v1/refunds")["data"].as_array().unwrap().len(), 10);
    assert_eq!(bench.call("GET", "/stripe/v1/refunds?limit=101", &Value::Null).0, 400);
}

#[test]
fn a_pending_refund_comes_through_by_event() {
    let mut bench = Bench::with(|c| c.stripe.pending_rate = 1000);
    let id = captured(&bench);
    let (_, made) = refund(&bench, &id, 10, "c1", None);
    assert_eq!((&made["status"], &made["pending_reason"]), (&json!("pending"), &json!("processing")));
    let sent = bench.settle();
    assert_eq!(sent.len(), 1);
    let event = body(&sent[0]);
    assert_eq!((&event["type"], &event["object"]), (&json!("refund.updated"), &json!("event")));
    assert_eq!(event["data"]["object"]["status"], "succeeded");
    assert_eq!(event["data"]["object"]["metadata"]["credit"], "c1");
    assert_eq!(event["data"]["previous_attributes"]["status"], "pending");
    let refund = made["id"].as_str().unwrap();
    assert_eq!(bench.get(&format!("/stripe/v1/refunds/{refund}"))["status"], "succeeded");

    let unix = bench.now.div_euclid(1000);
    let mac = hmac(b"whsec_lookalike", &[format!("{unix}.").as_bytes(), &sent[0].body].concat());
    let hex: String = mac.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(header(&sent[0], "stripe-signature"), format!("t={unix},v1={hex}"));
}

#[test]
fn a_refund_may_look_well_and_fail_later() {
    let mut bench = Bench::with(|c| c.stripe.fail_rate = 1000);
    let id = captured(&bench);
    let (_, made) = refund(&bench, &id, 10_000, "c1", Some("k"));
    assert_eq!(made["status"], "succeeded");
    let sent = bench.settle();
    assert_eq!(body(&sent[0])["type"], "refund.failed");
    assert_eq!(bench.rows("stripe", "refund_failed")[0]["reference"], "c1");
    // The kept answer is still the first one; the money can be given back anew.
    assert_eq!(refund(&bench, &id, 10_000, "c1", Some("k")).1["status"], "succeeded");
    assert_eq!(refund(&bench, &id, 10_000, "c1", Some("k-2")).0, 200);
}

#[test]
fn a_refund_at_the_dashboard_is_told_and_all_events_can_be_had() {
    let mut bench = Bench::new();
    let id = captured(&bench);
    refund(&bench, &id, 10, "c1", None);
    assert!(bench.settle().is_empty(), "nothing that the answer did not tell");
    bench.lab("/stripe/_lab/refunds", &json!({"payment_intent": id, "amount": 25}));
    let sent = bench.settle();
    assert_eq!(sent.len(), 1);
    assert_eq!(body(&sent[0])["type"], "refund.created");
    assert_eq!(body(&sent[0])["data"]["object"]["metadata"], json!({}));

    let mut loud = Bench::with(|c| c.stripe.events = StripeEvents::All);
    let id = captured(&loud);
    refund(&loud, &id, 10, "c1", None);
    let kinds: Vec<String> =
        loud.settle().iter().map(|d| body(d)["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["charge.captured", "payment_intent.succeeded", "refund.created", "charge.refunded"]);
}

#[test]
fn a_declined_card_is_declined_again_under_its_key() {
    let bench = Bench::new();
    let form = "amount=100&currency=gbp&confirm=true&payment_method=pm_card_chargeDeclined";
    let first = bench.form("/stripe/v1/payment_intents", form, Some("k"));
    assert_eq!((first.0, &first.1["error"]["code"]), (402, &json!("card_declined")));
    assert_eq!(bench.form("/stripe/v1/payment_intents", form, Some("k")), first);
    assert!(bench.ledger("stripe").is_empty());
}
