use crate::bench::{Bench, body, header};
use crate::shop::order;
use lookalikes::{BadHabits, Response};
use serde_json::json;
use std::collections::BTreeSet;

fn erp(habits: BadHabits) -> Bench {
    Bench::with(|c| c.erp.habits = habits)
}

fn memo(bench: &Bench) -> Response {
    let body = json!({"reference": "r", "order": "o", "currency": "GBP", "total": 1, "lines": []});
    bench.raw("POST", "/erp/credit-memos", &body.to_string(), None)
}

#[test]
fn a_command_may_be_undone_or_done_behind_the_same_500() {
    let before = erp(BadHabits { err_before: 1000, ..BadHabits::default() });
    assert_eq!(memo(&before).status, 500);
    assert!(before.ledger("erp").is_empty());
    let after = erp(BadHabits { err_after: 1000, ..BadHabits::default() });
    assert_eq!(memo(&after).status, 500);
    assert_eq!(after.ledger("erp").len(), 1);
}

#[test]
fn an_answer_may_be_lost_before_or_after_the_deed_or_come_late() {
    let before = erp(BadHabits { lost_before: 1000, ..BadHabits::default() });
    assert!(memo(&before).lost && before.ledger("erp").is_empty());
    let after = erp(BadHabits { lost_after: 1000, ..BadHabits::default() });
    assert!(memo(&after).lost && after.ledger("erp").len() == 1);
    let slow = erp(BadHabits { slow: 1000, slow_ms: 750, ..BadHabits::default() });
    assert_eq!((memo(&slow).wait_ms, slow.ledger("erp").len()), (750, 1));
}

#[test]
fn some_refusals_tell_when_to_come_back_and_some_do_not() {
    let bench = erp(BadHabits { throttle: 1000, retry_after_s: 3, ..BadHabits::default() });
    let answers: Vec<Response> = (0..40).map(|_| memo(&bench)).collect();
    assert!(answers.iter().all(|a| a.status == 429));
    let told = answers.iter().filter(|a| a.headers.contains(&("retry-after", "3".to_owned()))).count();
    assert!((5..36).contains(&told), "{told} of 40");
    assert!(bench.ledger("erp").is_empty());
}

#[test]
fn stripe_keeps_a_500_under_its_key_whether_or_not_it_did_the_deed() {
    for (done, habits) in [
        (false, BadHabits { err_stored: 1000, ..BadHabits::default() }),
        (true, BadHabits { err_after: 1000, ..BadHabits::default() }),
    ] {
        let bench = Bench::with(|c| c.stripe.habits = habits);
        let form = "amount=100&currency=gbp&confirm=true&payment_method=pm_card_visa&capture_method=manual";
        let first = bench.form("/stripe/v1/payment_intents", form, Some("k"));
        assert_eq!((first.0, &first.1["error"]["type"]), (500, &json!("api_error")));
        bench.lab("/_lab/config", &json!({"stripe": {"habits": {"err_stored": 0, "err_after": 0}}}));
        assert_eq!(bench.form("/stripe/v1/payment_intents", form, Some("k")), first, "for ever the same");
        assert_eq!(bench.ledger("stripe").len(), usize::from(done));
        assert_eq!(bench.form("/stripe/v1/payment_intents", form, Some("k-2")).0, 200);
    }
}

#[test]
fn a_lost_answer_of_stripe_s_can_be_had_again_under_its_key() {
    let bench = Bench::with(|c| c.stripe.habits.lost_after = 1000);
    let form = "amount=100&currency=gbp&confirm=true&payment_method=pm_card_visa&capture_method=manual";
    assert!(bench.raw("POST", "/stripe/v1/payment_intents", form, Some("k")).lost);
    bench.lab("/_lab/config", &json!({"stripe": {"habits": {"lost_after": 0}}}));
    assert_eq!(bench.form("/stripe/v1/payment_intents", form, Some("k")).1["status"], "requires_capture");
    assert_eq!(bench.ledger("stripe").len(), 1);
}

#[test]
fn a_new_refund_is_missing_from_lists_but_not_from_a_look_up_by_id() {
    let mut bench = Bench::with(|c| c.stripe.habits.lookup_lag_ms = 200);
    bench.lab("/shop/_lab/orders", &json!({"orders": [order("1")]}));
    let payment = body(&bench.settle()[0])["note_attributes"][0]["value"].as_str().unwrap().to_owned();
    bench.form(&format!("/stripe/v1/payment_intents/{payment}/capture"), "", None);
    let (_, refund) = bench.form("/stripe/v1/refunds", &format!("payment_intent={payment}&amount=5"), None);
    let list = format!("/stripe/v1/refunds?payment_intent={payment}");
    assert_eq!(bench.get(&list)["data"], json!([]));
    assert_eq!(bench.get(&format!("/stripe/v1/refunds/{}", refund["id"].as_str().unwrap()))["amount"], 5);
    bench.now += 200;
    assert_eq!(bench.get(&list)["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_duplicate_is_the_same_event_under_another_delivery() {
    let mut bench = Bench::with(|c| c.shop.habits.duplicate = 1000);
    bench.lab("/shop/_lab/orders", &json!({"orders": [order("1")]}));
    let sent = bench.settle();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].body, sent[1].body);
    assert_eq!(header(&sent[0], "x-shopify-event-id"), header(&sent[1], "x-shopify-event-id"));
    assert_ne!(header(&sent[0], "x-shopify-webhook-id"), header(&sent[1], "x-shopify-webhook-id"));
}

#[test]
fn delays_let_later_webhooks_overtake_and_the_same_seed_repeats_a_run() {
    let run = |seed| {
        let mut bench = Bench::with(|c| {
            c.seed = seed;
            c.shop.habits =
                BadHabits { delay: 500, delay_max_ms: 1000, duplicate: 200, ..BadHabits::default() };
        });
        for n in 1..=30 {
            bench.lab("/shop/_lab/orders", &json!({"orders": [order(&n.to_string())]}));
        }
        bench.settle().iter().map(|d| body(d)["id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let first = run(11);
    assert_eq!(first, run(11));
    assert_ne!(first, run(12));
    assert!(!first.is_sorted(), "some must have overtaken others");
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 30, "none is lost");
}

#[test]
fn secrets_are_not_shown() {
    let bench = Bench::new();
    let shown = bench.get("/_lab/config");
    assert_eq!(shown["erp"]["link"]["token"], "***");
    assert!(!shown.to_string().contains("sk_test_lookalike"));
    let (status, refusal) = bench.call("POST", "/_lab/config", &json!({"erp": {"habbits": {}}}));
    assert_eq!((status, &refusal["code"]), (422, &json!("bad_config")));
}
