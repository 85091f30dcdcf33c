//! Refunds whose outcome is unclear, late, repeated or reversed.

use crate::harness::samples::goods;
use crate::harness::{World, event, name, rules};
use books::Account;
use retail::envelope::Outcome;
use serde_json::{Value, json};

const CREDIT: &str = "shop-1-C1";

/// A completed order whose return of 2 of 4 units is to be refunded, the provider's answer being the test's.
fn owing() -> World {
    let mut w = World::stocked(&[("A", 4)]);
    let id = w.complete("1", &[goods("1", "A", 4, 401)]);
    w.systems.habits.silent.insert("refund".into());
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", &id, "1", "A", 2)]);
    w.settle();
    assert_eq!(w.status("refund", CREDIT), "asked");
    w
}

fn report(refund: &str) -> Value {
    json!({"refund": refund, "credit": CREDIT, "order": "shop-1", "amount": 200, "currency": "GBP", "reason": "closed"})
}

fn hear(w: &mut World, kind: &str, refund: &str) {
    w.tell(kind, name("refund", CREDIT), &report(refund));
}

fn paid(w: &World) -> i64 {
    300 - w.total(&Account::Provider("stripe".into()), "GBP") + 101
}

fn keys(w: &World) -> Vec<&str> {
    w.commands.iter().filter(|(_, c)| c.op == "refund").map(|(_, c)| c.key.as_str()).collect()
}

/// Pitfall 3: a refund that the provider reports back is one refund and one credit memo.
#[test]
fn pitfall_03_an_echo_is_one_refund_and_one_credit_memo() {
    let mut w = owing();
    hear(&mut w, "refund.pending", "re_1");
    hear(&mut w, "refund.succeeded", "re_1");
    w.answer("refund:shop-1-C1", &json!({"ref": "re_1", "amount": 200, "state": "succeeded"}));
    for _ in 0..3 {
        hear(&mut w, "refund.succeeded", "re_1");
        hear(&mut w, "refund.pending", "re_1");
    }
    w.settle();
    assert_eq!(w.status("refund", CREDIT), "succeeded");
    assert_eq!((paid(&w), keys(&w).len(), w.systems.memos.len()), (200, 1, 1));
    assert_eq!(w.systems.memos[CREDIT], 200);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.args_of("report_refund").len(), 1);
    assert!(!w.open("refund", CREDIT) && !w.open("order", "shop-1") && !w.open("return", "RMA-1"));
}

/// The provider reports that it failed, and only then answers what it was asked.
#[test]
fn a_failure_that_is_reported_before_the_answer_is_shown_until_somebody_sees_to_it() {
    for state in ["pending", "succeeded"] {
        let mut w = owing();
        hear(&mut w, "refund.failed", "re_1");
        assert_eq!(w.exceptions(), ["refund_failed"]);
        w.answer("refund:shop-1-C1", &json!({"ref": "re_1", "amount": 200, "state": state}));
        w.settle();
        assert_eq!((w.status("refund", CREDIT).as_str(), w.exceptions()), ("failed", vec!["refund_failed"]));
        w.tell("refund.retry_requested", name("refund", CREDIT), &json!({"credit": CREDIT}));
        w.answer("refund:shop-1-C1~2", &json!({"ref": "re_2", "amount": 200, "state": "succeeded"}));
        w.settle();
        assert_eq!((w.status("refund", CREDIT).as_str(), w.exceptions().len()), ("succeeded", 0));
    }
}

/// Pitfall 4 (M3): without an answer it is unknown, looked up, and never asked again.
#[test]
fn pitfall_04_without_an_answer_it_is_unknown_and_looked_up() {
    let mut w = owing();
    w.outcome("refund:shop-1-C1", Outcome::Unknown { why: "time-out".into() });
    assert_eq!(w.status("refund", CREDIT), "unknown");
    assert_eq!(
        w.show("refund", CREDIT)["outstanding"],
        json!([{"command": "refund:shop-1-C1", "state": "unknown"}])
    );
    let on = name("refund", CREDIT);
    assert_eq!(w.refused("refund.retry_requested", on, &json!({"credit": CREDIT})).code, "nothing_to_retry");
    w.answer("refund:shop-1-C1", &json!({"ref": "re_1", "amount": 200, "state": "succeeded"}));
    w.settle();
    assert_eq!(w.show("refund", CREDIT)["reference"], "re_1");
    assert_eq!((paid(&w), keys(&w).len()), (200, 1));
}

/// Pitfall 5: a refund that never reached the provider is failed, not pending; a new key comes only then (M2).
#[test]
fn pitfall_05_a_refused_refund_is_failed_and_asked_again_under_a_new_key() {
    let mut w = owing();
    w.refuse("refund:shop-1-C1", "charge_disputed");
    w.settle();
    assert_eq!(w.status("refund", CREDIT), "failed");
    assert!(w.exceptions().contains(&"refund_failed"));
    assert_eq!(w.show("return", "RMA-1")["finance"], "failed");
    assert_eq!(
        w.show("order", "shop-1")["tenders"][0]["refundable"],
        201,
        "money asked for counts as spent (M1)"
    );
    w.tell("refund.retry_requested", name("refund", CREDIT), &json!({"credit": CREDIT}));
    assert_eq!(keys(&w), ["refund:shop-1-C1", "refund:shop-1-C1~2"]);
    w.settle();
    w.answer("refund:shop-1-C1~2", &json!({"ref": "re_2", "amount": 200, "state": "succeeded"}));
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!((paid(&w), w.systems.memos.len()), (200, 1));
    assert_eq!(w.exceptions(), [""; 0]);
}

/// Pitfall 5: what the provider was never asked is failed too; it is asked again under the same key.
#[test]
fn pitfall_05_a_refund_that_never_reached_the_provider_is_failed() {
    let mut w = owing();
    let fault = Outcome::Fault { code: "not_sent".into(), message: "connection refused".into() };
    w.outcome("refund:shop-1-C1", fault);
    w.settle();
    assert_eq!(w.status("refund", CREDIT), "failed");
    assert_eq!(w.exceptions(), ["refund_failed"]);
    assert_eq!(w.show("return", "RMA-1")["finance"], "failed");
    assert_eq!(paid(&w), 0);
    w.tell("refund.retry_requested", name("refund", CREDIT), &json!({"credit": CREDIT}));
    assert_eq!(keys(&w), ["refund:shop-1-C1", "refund:shop-1-C1"], "nothing was sent under it");
    w.settle();
    w.answer("refund:shop-1-C1", &json!({"ref": "re_1", "amount": 200, "state": "succeeded"}));
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!((paid(&w), w.exceptions().len()), (200, 0));
    // A person may have the hub send it as it is, instead.
    let mut w = owing();
    let fault = Outcome::Fault { code: "not_sent".into(), message: "connection refused".into() };
    w.outcome("refund:shop-1-C1", fault);
    w.answer("refund:shop-1-C1", &json!({"ref": "re_1", "amount": 200, "state": "succeeded"}));
    w.settle();
    assert_eq!((w.status("refund", CREDIT).as_str(), paid(&w), w.exceptions().len()), ("succeeded", 200, 0));
}

/// Pitfall 6: a success that is reported failed later reopens, with exactly its entry reversed.
#[test]
fn pitfall_06_a_success_that_fails_later_reopens() {
    let mut w = owing();
    w.answer("refund:shop-1-C1", &json!({"ref": "re_1", "amount": 200, "state": "succeeded"}));
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "completed");
    for _ in 0..2 {
        hear(&mut w, "refund.failed", "re_1");
        w.settle();
    }
    assert_eq!(w.status("refund", CREDIT), "reversed");
    assert_eq!(paid(&w), 0);
    let entry = |memo: &str| w.entries.iter().find(|e| e.memo == memo).unwrap().lines.clone();
    let back: Vec<_> = entry("refund_reversed").into_iter().map(|(a, u, n)| (a, u, -n)).collect();
    assert_eq!(entry("refund_paid"), back);
    assert_eq!(w.exceptions(), ["refund_reversed"]);
    assert_eq!(w.show("return", "RMA-1")["finance"], "reversed");
    assert!(w.open("refund", CREDIT) && w.open("order", "shop-1") && w.open("return", "RMA-1"));
    // Late news of the payment that failed changes nothing any more (pitfall 21).
    hear(&mut w, "refund.succeeded", "re_1");
    assert_eq!(w.status("refund", CREDIT), "reversed");
    w.tell("refund.retry_requested", name("refund", CREDIT), &json!({"credit": CREDIT}));
    w.settle();
    w.answer("refund:shop-1-C1~2", &json!({"ref": "re_2", "amount": 200, "state": "succeeded"}));
    w.settle();
    assert_eq!(paid(&w), 200);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert!(!w.open("refund", CREDIT) && !w.open("order", "shop-1") && !w.open("return", "RMA-1"));
    assert_eq!(w.exceptions(), [""; 0]);
}

/// A refund answered with a refusal had still refunded: the provider's report is the answer.
#[test]
fn a_refusal_that_paid_all_the_same() {
    let mut w = owing();
    w.refuse("refund:shop-1-C1", "bad_request");
    hear(&mut w, "refund.succeeded", "re_1");
    w.settle();
    assert_eq!(w.status("refund", CREDIT), "succeeded");
    assert_eq!(paid(&w), 200);
    assert_eq!(w.exceptions(), [""; 0]);
    let mut w = owing();
    hear(&mut w, "refund.succeeded", "re_1");
    w.refuse("refund:shop-1-C1", "bad_request");
    w.settle();
    assert_eq!((w.status("refund", CREDIT).as_str(), paid(&w)), ("succeeded", 200));
}

#[test]
fn paid_twice_is_seen() {
    let mut w = owing();
    w.refuse("refund:shop-1-C1", "bad_request");
    w.settle();
    w.tell("refund.retry_requested", name("refund", CREDIT), &json!({"credit": CREDIT}));
    w.settle();
    w.answer("refund:shop-1-C1~2", &json!({"ref": "re_2", "amount": 200, "state": "succeeded"}));
    hear(&mut w, "refund.succeeded", "re_1");
    hear(&mut w, "refund.succeeded", "re_1");
    assert_eq!(w.exceptions(), ["refunded_twice"]);
    assert_eq!(paid(&w), 400, "the books say what left");
}

#[test]
fn pending_ends_by_event_or_becomes_an_exception() {
    let mut w = owing();
    w.outcome("refund:shop-1-C1", Outcome::Accepted { result: crate::harness::raw(&json!({"ref": "re_1"})) });
    assert_eq!(w.status("refund", CREDIT), "pending");
    w.wait(retail::time::Span::days(11));
    assert!(w.exceptions().contains(&"refund_pending_long"));
    hear(&mut w, "refund.succeeded", "re_1");
    w.settle();
    assert_eq!((w.status("refund", CREDIT).as_str(), paid(&w)), ("succeeded", 200));
    assert!(!w.exceptions().contains(&"refund_pending_long"));
    assert!(!w.open("refund", CREDIT));
}

#[test]
fn another_amount_or_currency_settles_nothing() {
    let mut w = owing();
    w.answer("refund:shop-1-C1", &json!({"ref": "re_1", "amount": 150, "state": "succeeded"}));
    assert_eq!(w.exceptions(), ["refund_amount_differs"]);
    assert_eq!((w.status("refund", CREDIT).as_str(), paid(&w)), ("pending", 0));
    let mut other = report("re_1");
    other["currency"] = json!("EUR");
    let fault = w.refused("refund.succeeded", name("refund", CREDIT), &other);
    assert_eq!(fault.code, "currency_differs");
}

#[test]
fn no_money_moves_before_its_credit_memo_is_posted() {
    let mut w = World::stocked(&[("A", 4)]);
    let id = w.complete("1", &[goods("1", "A", 4, 401)]);
    w.systems.habits.sends_back = true;
    w.systems.habits.refuse.insert("post_credit_memo".into(), "period_closed".into());
    w.request("RMA-1", &[("1", &id, "1", "A", 2)]);
    w.settle();
    assert_eq!(w.exceptions(), ["credit_memo_refused"]);
    assert!(keys(&w).is_empty());
    w.systems.habits.refuse.clear();
    w.tell("refund.retry_requested", name("refund", CREDIT), &json!({"credit": CREDIT}));
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.exceptions(), [""; 0]);
    rules::at_rest(&w);
}

#[test]
fn a_report_that_comes_before_the_refund_is_known_waits_for_it() {
    let mut w = World::stocked(&[("A", 4)]);
    let on = name("refund", CREDIT);
    let early = event("refund.succeeded", on.clone(), w.now, &report("re_1"));
    w.deliver(&on, &early).unwrap();
    assert!(w.open("refund", CREDIT));
    let id = w.complete("1", &[goods("1", "A", 4, 401)]);
    w.systems.habits.silent.insert("refund".into());
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", &id, "1", "A", 2)]);
    w.settle();
    assert_eq!((w.status("refund", CREDIT).as_str(), paid(&w)), ("succeeded", 200));
    assert!(keys(&w).is_empty(), "it is paid: nobody is asked");
}

#[test]
fn another_amount_that_is_reported_settles_nothing() {
    let mut w = owing();
    let mut other = report("re_1");
    other["amount"] = json!(150);
    w.tell("refund.succeeded", name("refund", CREDIT), &other);
    w.settle();
    assert_eq!((w.exceptions(), paid(&w)), (vec!["refund_amount_differs"], 0));
    assert_ne!(w.status("refund", CREDIT), "succeeded");
}

/// One report names the provider's number, another does not: it is one payment. Another number is another payment.
#[test]
fn a_payment_is_the_same_with_and_without_its_number() {
    for (first, then) in [("", "re_1"), ("re_1", "")] {
        let mut w = owing();
        hear(&mut w, "refund.succeeded", first);
        hear(&mut w, "refund.succeeded", then);
        assert_eq!((paid(&w), w.exceptions()), (200, vec![]), "{first:?} {then:?}");
        assert_eq!(w.show("refund", CREDIT)["reference"], "re_1");
        hear(&mut w, "refund.succeeded", "re_2");
        assert_eq!((paid(&w), w.exceptions()), (400, vec!["refunded_twice"]));
    }
}

/// Only the payment that was made can come back.
#[test]
fn the_failure_of_another_payment_reverses_nothing() {
    let mut w = owing();
    hear(&mut w, "refund.succeeded", "re_1");
    hear(&mut w, "refund.failed", "re_0");
    assert_eq!((w.status("refund", CREDIT).as_str(), paid(&w)), ("succeeded", 200));
    hear(&mut w, "refund.failed", "");
    assert_eq!((w.status("refund", CREDIT).as_str(), paid(&w)), ("reversed", 0));
}

/// News of it may overtake each other: what has failed does not succeed any more.
#[test]
fn a_payment_that_failed_does_not_succeed_later() {
    for refused_first in [false, true] {
        let mut w = owing();
        if refused_first {
            w.refuse("refund:shop-1-C1", "bad_request");
        }
        hear(&mut w, "refund.failed", "re_1");
        hear(&mut w, "refund.succeeded", "re_1");
        assert_eq!((w.status("refund", CREDIT).as_str(), paid(&w)), ("failed", 0), "{refused_first}");
        hear(&mut w, "refund.succeeded", "re_2");
        assert_eq!((w.status("refund", CREDIT).as_str(), paid(&w)), ("succeeded", 200), "{refused_first}");
    }
}

#[test]
fn what_is_under_way_is_known_by_the_provider_s_number() {
    let mut w = owing();
    hear(&mut w, "refund.pending", "re_1");
    assert_eq!(w.show("refund", CREDIT)["reference"], "re_1");
    hear(&mut w, "refund.pending", "");
    assert_eq!(w.show("refund", CREDIT)["reference"], "re_1");
}

/// After one payment has failed and another was made, that one can fail too.
#[test]
fn the_second_payment_can_fail_like_the_first() {
    let mut w = owing();
    hear(&mut w, "refund.failed", "re_1");
    w.tell("refund.retry_requested", name("refund", CREDIT), &json!({"credit": CREDIT}));
    w.settle();
    w.answer("refund:shop-1-C1~2", &json!({"ref": "re_2", "amount": 200, "state": "succeeded"}));
    assert_eq!((w.status("refund", CREDIT).as_str(), paid(&w)), ("succeeded", 200));
    hear(&mut w, "refund.failed", "re_1");
    assert_eq!((w.status("refund", CREDIT).as_str(), paid(&w)), ("succeeded", 200));
    hear(&mut w, "refund.failed", "re_2");
    assert_eq!((w.status("refund", CREDIT).as_str(), paid(&w)), ("reversed", 0));
}
