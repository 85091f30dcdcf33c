//! M8: above a set amount, who asks is not who approves.

use crate::crediting::{ask, refunded, sold};
use crate::harness::{World, name, rules};
use serde_json::{Value, json};

fn decide(w: &mut World, kind: &str, data: &Value) {
    w.tell(kind, name("order", "shop-1"), data);
}

fn word(credit: &str, by: &str) -> Value {
    json!({"order": "shop-1", "credit": credit, "by": by})
}

fn asked() -> World {
    let mut w = sold();
    w.flows.policy.credits.approve_above = Some(50);
    ask(&mut w, "a", "price_adjustment", &json!({"lines": [{"line": "1", "amount": 51}]}));
    w.settle();
    assert_eq!(w.exceptions(), ["credit_needs_approval"]);
    assert!(w.open("order", "shop-1") && refunded(&w) == 0 && w.systems.memos.is_empty());
    w
}

#[test]
fn a_second_person_approves() {
    let mut w = asked();
    let on = name("order", "shop-1");
    assert_eq!(w.refused("credit.approved", on.clone(), &word("shop-1-C1", "ann")).code, "same_person");
    assert_eq!(w.refused("credit.approved", on.clone(), &word("shop-1-C1", "")).code, "no_name");
    assert_eq!(w.refused("credit.approved", on.clone(), &word("shop-1-C9", "bob")).code, "unknown_credit");
    for _ in 0..2 {
        decide(&mut w, "credit.approved", &word("shop-1-C1", "bob"));
        w.settle();
    }
    assert_eq!((refunded(&w), w.exceptions().len()), (51, 0));
    let credit = &w.show("order", "shop-1")["credits"][0];
    assert_eq!((&credit["asked_by"], &credit["approved_by"]), (&json!("ann"), &json!("bob")));
    assert_eq!(w.refused("credit.declined", on, &word("shop-1-C1", "cid")).code, "credit_decided");
    assert!(!w.open("order", "shop-1"));
    rules::at_rest(&w);
}

#[test]
fn what_is_declined_may_be_given_to_another() {
    let mut w = asked();
    let on = name("order", "shop-1");
    let all = json!({"order": "shop-1", "id": "b", "kind": "price_adjustment", "by": "ann", "lines": [{"line": "1", "amount": 350}]});
    assert_eq!(
        w.refused("credit.requested", on.clone(), &all).code,
        "credit_beyond_limit",
        "asked for counts as given"
    );
    // By the asker's own number for it; declining may be done by anybody who is named.
    decide(&mut w, "credit.declined", &word("a", "ann"));
    decide(&mut w, "credit.declined", &word("a", "ann"));
    w.settle();
    assert_eq!((refunded(&w), w.exceptions().len()), (0, 0));
    assert_eq!(w.refused("credit.approved", on, &word("a", "bob")).code, "credit_decided");
    assert!(!w.open("order", "shop-1"));
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", "shop-1", "1", "A", 4)]);
    w.settle();
    assert_eq!(refunded(&w), 400);
    rules::at_rest(&w);
}

#[test]
fn up_to_the_limit_nobody_has_to_approve() {
    let mut w = sold();
    w.flows.policy.credits.approve_above = Some(50);
    ask(&mut w, "a", "price_adjustment", &json!({"lines": [{"line": "1", "amount": 50}]}));
    w.settle();
    assert_eq!(refunded(&w), 50);
}

#[test]
fn a_lost_parcel_that_is_declined_can_still_come_back() {
    let mut w = sold();
    w.flows.policy.credits.approve_above = Some(50);
    ask(&mut w, "a", "lost_parcel", &json!({"lines": [{"line": "1", "quantity": 4}]}));
    assert_eq!(w.line("order", "shop-1", "1", "returnable"), 0);
    decide(&mut w, "credit.declined", &word("a", "bob"));
    assert_eq!(w.line("order", "shop-1", "1", "returnable"), 4);
}

/// A return's credit above its own limit waits for a named person.
#[test]
fn a_return_above_the_limit_waits_for_a_person() {
    for yes in [true, false] {
        let mut w = sold();
        w.flows.policy.credits.approve_returns_above = Some(150);
        w.systems.habits.sends_back = true;
        w.request("RMA-1", &[("1", "shop-1", "1", "A", 2)]);
        w.settle();
        assert_eq!((w.exceptions(), refunded(&w)), (vec!["credit_needs_approval"], 0));
        decide(&mut w, if yes { "credit.approved" } else { "credit.declined" }, &word("shop-1-C1", "bob"));
        w.settle();
        assert_eq!(refunded(&w), if yes { 200 } else { 0 });
        if yes {
            assert_eq!(w.status("return", "RMA-1"), "completed");
            rules::at_rest(&w);
        } else {
            assert!(w.exceptions().contains(&"credit_declined"), "{:?}", w.exceptions());
        }
    }
}
