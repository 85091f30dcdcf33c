//! Store credit in place of money back.

use crate::crediting::{ask, refunded, sold};
use crate::harness::{World, name, raw, rules};
use books::Account;
use hub::process::Stimulus;
use retail::envelope::Outcome;
use serde_json::json;

fn store() -> World {
    let mut w = sold();
    w.flows.policy.credits.store_credit = "gift".into();
    w
}

fn asked() -> World {
    let mut w = store();
    w.systems.habits.silent.insert("issue_store_credit".into());
    ask(&mut w, "a", "price_adjustment", &json!({"amount": 80, "outcome": "store_credit"}));
    w.settle();
    assert_eq!(w.status("refund", "shop-1-C1"), "asked");
    w
}

#[test]
fn it_is_issued_by_the_executor_that_keeps_it() {
    let mut w = store();
    ask(&mut w, "a", "price_adjustment", &json!({"amount": 80, "outcome": "store_credit"}));
    w.settle();
    assert_eq!(w.systems.issued.values().cloned().collect::<Vec<_>>(), [("gift".to_owned(), 80)]);
    assert_eq!((refunded(&w), w.total(&Account::StoredValue, "GBP")), (0, -80));
    assert_eq!(w.args_of("issue_store_credit")[0]["customer"], "17850");
    assert_eq!(w.args_of("report_refund")[0]["issued"], 80);
    assert_eq!(w.systems.memos.len(), 1);
    // The money that it stands for is not there a second time.
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", "shop-1", "1", "A", 4)]);
    w.settle();
    assert_eq!(refunded(&w), 400 - 58, "what is left of the line");
    rules::at_rest(&w);
}

/// M3: its unknown outcome is handled like a refund's.
#[test]
fn an_unknown_outcome_is_looked_up_and_never_asked_again() {
    let mut w = asked();
    let key = "issue_store_credit:shop-1-C1";
    w.outcome(key, Outcome::Unknown { why: "cut".into() });
    assert_eq!(w.status("refund", "shop-1-C1"), "unknown");
    let on = name("refund", "shop-1-C1");
    let retry = json!({"credit": "shop-1-C1"});
    assert_eq!(w.refused("refund.retry_requested", on.clone(), &retry).code, "nothing_to_retry");
    w.answer(key, &json!({"ref": "sc_1"}));
    w.settle();
    assert_eq!(w.total(&Account::StoredValue, "GBP"), -80);
    assert_eq!(w.args_of("issue_store_credit").len(), 1);
    // It turns out not to stand.
    let failed = json!({"refund": "sc_1", "credit": "shop-1-C1", "amount": 80, "currency": "GBP"});
    w.tell("refund.failed", on.clone(), &failed);
    w.settle();
    assert_eq!((w.total(&Account::StoredValue, "GBP"), w.exceptions()), (0, vec!["refund_reversed"]));
    w.tell("refund.retry_requested", on, &retry);
    w.answer("issue_store_credit:shop-1-C1~2", &json!({"ref": "sc_2"}));
    w.settle();
    assert_eq!((w.total(&Account::StoredValue, "GBP"), w.exceptions().len()), (-80, 0));
}

#[test]
fn refused_it_is_failed_and_asked_again_under_a_new_key() {
    let mut w = asked();
    w.refuse("issue_store_credit:shop-1-C1", "no_customer");
    w.settle();
    assert_eq!((w.status("refund", "shop-1-C1").as_str(), w.exceptions()), ("failed", vec!["refund_failed"]));
    w.tell("refund.retry_requested", name("refund", "shop-1-C1"), &json!({"credit": "shop-1-C1"}));
    w.outcome("issue_store_credit:shop-1-C1~2", Outcome::Accepted { result: raw(&json!({"ref": "sc"})) });
    assert_eq!(w.status("refund", "shop-1-C1"), "pending");
    let done = json!({"refund": "sc", "credit": "shop-1-C1", "amount": 80, "currency": "GBP"});
    w.tell("refund.succeeded", name("refund", "shop-1-C1"), &done);
    w.settle();
    assert_eq!((w.status("refund", "shop-1-C1").as_str(), w.exceptions().len()), ("succeeded", 0));
}

/// A return line may be given as store credit; where nobody issues any, a person is told, and nothing is lost.
#[test]
fn a_return_line_as_store_credit() {
    let mut w = store();
    w.flows.policy.credits.store_credit.clear();
    let lines = json!([{"return_line": "1", "order_line": "1", "quantity": 2, "outcome": "store_credit"}, {"return_line": "2", "order_line": "2", "quantity": 1}]);
    for (kind, data) in [
        ("return.check", json!({"rma": "R", "requested_at": w.now, "lines": lines})),
        ("credit.request", json!({"rma": "R", "id": "1", "lines": lines})),
    ] {
        let mail = Stimulus::Mail { from: name("return", "R"), kind: kind.into(), data: raw(&data) };
        w.deliver(&name("order", "shop-1"), &mail).unwrap();
        w.mail.retain(|(_, to), _| to.kind != "return");
    }
    assert_eq!(w.exceptions(), ["store_credit_unavailable"]);
    w.flows.policy.credits.store_credit = "gift".into();
    w.tell("order.retry_requested", name("order", "shop-1"), &json!({"order": "shop-1"}));
    for _ in 0..50 {
        w.mail.retain(|(_, to), _| to.kind != "return");
        if w.choices() > 0 {
            w.happen(0);
        }
    }
    assert_eq!((refunded(&w), w.total(&Account::StoredValue, "GBP")), (99, -200));
    let fact = &w.facts_of("credit.granted")[0];
    assert_eq!((&fact["issued"], &fact["refunded"], &fact["amount"]), (&json!(200), &json!(99), &json!(299)));
    rules::at_rest(&w);
}

#[test]
fn store_credit_that_was_issued_twice_is_seen_as_store_credit() {
    let mut w = asked();
    w.answer("issue_store_credit:shop-1-C1", &json!({"ref": "sc_1"}));
    let again = json!({"refund": "sc_2", "credit": "shop-1-C1", "amount": 80, "currency": "GBP"});
    w.tell("refund.succeeded", name("refund", "shop-1-C1"), &again);
    w.settle();
    assert_eq!((w.total(&Account::StoredValue, "GBP"), w.exceptions()), (-160, vec!["refunded_twice"]));
    assert_eq!(w.total(&Account::Provider("gift".into()), "GBP"), 0);
}
