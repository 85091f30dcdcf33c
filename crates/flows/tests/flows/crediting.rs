//! Credits without a return, each within what may still be given back.

use crate::harness::samples::{goods, order, other};
use crate::harness::{World, name, rules};
use books::Account;
use flows::policy::CreditPolicy;
use serde_json::{Value, json};

/// A completed order: 4 units for 400 with 40 of tax, a line of 99, and 50 of shipping.
pub fn sold() -> World {
    let mut w = World::stocked(&[("A", 4), ("B", 1)]);
    w.flows.policy.credits = CreditPolicy { goodwill_limit: 100, ..CreditPolicy::default() };
    let mut first = goods("1", "A", 4, 400);
    first["tax"] = json!(40);
    w.complete("1", &[first, goods("2", "B", 1, 99), other("3", "shipping", 50)]);
    w
}

pub fn ask(w: &mut World, id: &str, kind: &str, more: &Value) {
    w.tell("credit.requested", name("order", "shop-1"), &request(id, kind, more));
}

pub fn request(id: &str, kind: &str, more: &Value) -> Value {
    let mut data = json!({"order": "shop-1", "id": id, "kind": kind, "reason": "late", "by": "ann"});
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    data
}

fn refused(w: &mut World, id: &str, kind: &str, more: &Value) -> &'static str {
    w.refused("credit.requested", name("order", "shop-1"), &request(id, kind, more)).code
}

pub fn refunded(w: &World) -> i64 {
    w.systems.refunded.values().map(|r| r.1).sum()
}

#[test]
fn a_price_adjustment_is_credited_refunded_and_told_once() {
    let mut w = sold();
    let lines = json!({"lines": [{"line": "1", "quantity": 2, "amount": 30}]});
    ask(&mut w, "a1", "price_adjustment", &lines);
    ask(&mut w, "a1", "price_adjustment", &lines);
    w.settle();
    assert_eq!((refunded(&w), w.systems.memos.len()), (30, 1));
    let memo = &w.args_of("post_credit_memo")[0];
    assert_eq!(memo["kind"], "price_adjustment");
    assert!(memo.get("rma").is_none(), "{memo}");
    assert_eq!(memo["lines"], json!([{"line": "1", "quantity": 0, "amount": 30, "tax": 3}]));
    let report = &w.args_of("report_refund")[0];
    assert_eq!((&report["kind"], &report["amount"]), (&json!("price_adjustment"), &json!(30)));
    assert!(w.mail.values().all(std::collections::VecDeque::is_empty));
    assert_eq!(w.total(&Account::Returns, "GBP"), 27);
    assert!(!w.open("order", "shop-1"));
    // The two units come back for what is left of them, the others for their whole price.
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", "shop-1", "1", "A", 2)]);
    w.settle();
    w.request("RMA-2", &[("1", "shop-1", "1", "A", 2)]);
    w.settle();
    let amounts: Vec<i64> = w.systems.memos.values().copied().collect();
    assert_eq!(amounts, [30, 170, 200]);
    assert_eq!(
        refused(&mut w, "a2", "price_adjustment", &json!({"lines": [{"line": "1", "amount": 1}]})),
        "credit_beyond_limit"
    );
    rules::at_rest(&w);
}

/// Pitfall 2.
#[test]
fn pitfall_02_nothing_or_less_is_refused() {
    let mut w = sold();
    for amount in [0, -1, -400] {
        for (kind, more) in [
            ("goodwill", json!({"amount": amount})),
            ("price_adjustment", json!({"lines": [{"line": "1", "amount": amount}]})),
            ("price_adjustment", json!({"amount": amount})),
            ("shipping", json!({"amount": amount})),
            ("lost_parcel", json!({"lines": [{"line": "1", "quantity": 1, "amount": amount}]})),
        ] {
            assert_eq!(refused(&mut w, "z", kind, &more), "credit_not_positive", "{kind} {amount}");
        }
    }
    assert_eq!(
        refused(&mut w, "z", "lost_parcel", &json!({"lines": [{"line": "1", "quantity": 0}]})),
        "bad_data"
    );
    assert_eq!(refunded(&w), 0);
}

/// Pitfall 1: two of 60 on 100 at the same instant, by every entry: the hub's door, what waited, a retry.
#[test]
fn pitfall_01_two_of_60_on_100_are_exactly_one() {
    for kind in ["price_adjustment", "lost_parcel"] {
        let mut w = World::stocked(&[("A", 1)]);
        w.complete("1", &[goods("1", "A", 1, 100)]);
        let more = json!({"lines": [{"line": "1", "amount": 60}]});
        ask(&mut w, "a", kind, &more);
        assert_eq!(refused(&mut w, "b", kind, &more), "credit_beyond_limit");
        w.settle();
        assert_eq!(refunded(&w), 60, "{kind}");
        rules::at_rest(&w);
    }
    // Both before the order was known.
    let mut w = World::stocked(&[("A", 1)]);
    for id in ["a", "b"] {
        ask(&mut w, id, "price_adjustment", &json!({"lines": [{"line": "1", "amount": 60}]}));
    }
    w.submit("1", &[goods("1", "A", 1, 100)]);
    w.settle();
    w.ship_all();
    assert_eq!(refunded(&w), 0, "nothing was charged when they were asked");
    assert!(w.exceptions().contains(&"early_event_refused"));
    // Both want a second person's word, and the first is asked for again once it was refused by its executor.
    let mut w = World::stocked(&[("A", 1)]);
    w.flows.policy.credits.approve_above = Some(50);
    w.complete("1", &[goods("1", "A", 1, 100)]);
    let more = json!({"lines": [{"line": "1", "amount": 60}]});
    ask(&mut w, "a", "price_adjustment", &more);
    assert_eq!(refused(&mut w, "b", "price_adjustment", &more), "credit_beyond_limit");
    w.systems.habits.refuse.insert("refund".into(), "no_balance".into());
    for _ in 0..2 {
        let word = json!({"order": "shop-1", "credit": "a", "by": "bob"});
        w.tell("credit.approved", name("order", "shop-1"), &word);
        w.settle();
    }
    assert_eq!(refused(&mut w, "b", "price_adjustment", &more), "credit_beyond_limit");
    w.systems.habits.refuse.clear();
    w.tell("refund.retry_requested", name("refund", "shop-1-C1"), &json!({"credit": "shop-1-C1"}));
    w.settle();
    assert_eq!(refunded(&w), 60, "what failed was asked for again");
    assert_eq!(refused(&mut w, "b", "price_adjustment", &more), "credit_beyond_limit");
    rules::at_rest(&w);
    // A return and an agent.
    let mut w = World::stocked(&[("A", 1)]);
    let id = w.complete("1", &[goods("1", "A", 1, 100)]);
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
    ask(&mut w, "a", "price_adjustment", &json!({"lines": [{"line": "1", "amount": 60}]}));
    w.settle();
    assert_eq!(refunded(&w), 100);
    assert_eq!(w.systems.memos.values().copied().collect::<Vec<_>>(), [60, 40]);
    rules::at_rest(&w);
}

#[test]
fn goodwill_has_its_own_limit_and_account() {
    let mut w = sold();
    ask(&mut w, "g1", "goodwill", &json!({"amount": 60}));
    assert_eq!(refused(&mut w, "g2", "goodwill", &json!({"amount": 60})), "credit_beyond_limit");
    ask(&mut w, "g3", "goodwill", &json!({"amount": 40}));
    w.settle();
    assert_eq!((refunded(&w), w.total(&Account::Goodwill, "GBP")), (100, 100));
    assert_eq!(w.total(&Account::Returns, "GBP"), 0);
    let memo = &w.args_of("post_credit_memo")[0];
    assert_eq!(memo["lines"], json!([{"quantity": 0, "amount": 60, "tax": 0}]));
    assert_eq!(w.line("order", "shop-1", "1", "returnable"), 4, "goods may still come back");
    rules::at_rest(&w);
}

#[test]
fn shipping_and_whole_amounts_are_spread_over_what_is_left() {
    let mut w = sold();
    ask(&mut w, "s", "shipping", &json!({"amount": 50}));
    assert_eq!(refused(&mut w, "s2", "shipping", &json!({"amount": 1})), "credit_beyond_limit");
    assert_eq!(
        refused(&mut w, "s3", "shipping", &json!({"lines": [{"line": "1", "amount": 1}]})),
        "not_shipping"
    );
    ask(&mut w, "p", "price_adjustment", &json!({"amount": 100}));
    w.settle();
    let memos = w.args_of("post_credit_memo");
    assert_eq!(memos[0]["lines"], json!([{"line": "3", "quantity": 0, "amount": 50, "tax": 0}]));
    assert_eq!(
        memos[1]["lines"],
        json!([{"line": "1", "quantity": 0, "amount": 80, "tax": 8}, {"line": "2", "quantity": 0, "amount": 20, "tax": 0}])
    );
    assert_eq!(refused(&mut w, "p2", "price_adjustment", &json!({"amount": 400})), "credit_beyond_limit");
    rules::at_rest(&w);
}

#[test]
fn a_lost_parcel_gives_its_units_back_and_they_cannot_come_back() {
    let mut w = sold();
    ask(&mut w, "l", "lost_parcel", &json!({"lines": [{"line": "1", "quantity": 3}]}));
    w.settle();
    assert_eq!(refunded(&w), 300);
    assert_eq!(w.line("order", "shop-1", "1", "returnable"), 1);
    assert_eq!(w.args_of("post_credit_memo")[0]["kind"], "cancellation");
    assert_eq!(
        refused(&mut w, "m", "lost_parcel", &json!({"lines": [{"line": "1", "quantity": 2}]})),
        "credit_beyond_limit"
    );
    assert_eq!(
        refused(&mut w, "m", "lost_parcel", &json!({"lines": [{"line": "1", "quantity": 1, "amount": 101}]})),
        "credit_beyond_limit"
    );
    rules::at_rest(&w);
}

/// Money that was taken and never earned goes back only when a person asks for it.
#[test]
fn money_taken_for_what_was_cancelled_is_given_back() {
    let mut w = World::stocked(&[("A", 4)]);
    let id = w.submit("1", &[goods("1", "A", 4, 400)]);
    w.settle();
    w.cancel(&id, Some(&[("1", 1)]));
    w.settle();
    w.ship_all();
    w.tell(
        "payment.captured",
        name("order", &id),
        &json!({"payment": "pi_1", "order": id, "amount": 400, "currency": "GBP"}),
    );
    w.systems.captured.insert("pi_1".into(), 400);
    assert!(w.exceptions().contains(&"captured_without_sale"), "{:?}", w.exceptions());
    assert_eq!(refused(&mut w, "c", "cancellation", &json!({"amount": 101})), "credit_beyond_limit");
    ask(&mut w, "c", "cancellation", &json!({"amount": 100}));
    w.settle();
    assert_eq!((refunded(&w), w.total(&Account::Receivable, "GBP")), (100, 0));
    assert_eq!(w.total(&Account::Returns, "GBP"), 0);
    assert_eq!(refused(&mut w, "d", "cancellation", &json!({"amount": 1})), "credit_beyond_limit");
    rules::at_rest(&w);
}

#[test]
fn what_a_request_must_say() {
    let mut w = sold();
    let lines = |l: Value| json!({"lines": l});
    for (kind, more, code) in [
        ("return", json!({"amount": 5}), "not_without_return"),
        ("goodwill", json!({"amount": 5, "by": " "}), "no_name"),
        ("goodwill", json!({"amount": 5, "outcome": "store_credit"}), "no_store_credit"),
        ("goodwill", json!({"amount": 5, "outcome": "exchange"}), "bad_data"),
        ("goodwill", lines(json!([{"line": "1", "amount": 5}])), "bad_data"),
        ("price_adjustment", lines(json!([{"line": "9", "amount": 5}])), "unknown_line"),
        (
            "price_adjustment",
            lines(json!([{"line": "1", "amount": 5}, {"line": "1", "amount": 5}])),
            "duplicate_line",
        ),
        ("price_adjustment", json!({"amount": 9, "lines": [{"line": "1", "amount": 5}]}), "total_differs"),
        ("lost_parcel", json!({"amount": 5}), "bad_data"),
        ("gift", json!({"amount": 5}), "bad_data"),
        ("goodwill", json!({"amount": 5, "order": "shop-2"}), "order_differs"),
    ] {
        assert_eq!(refused(&mut w, "x", kind, &more), code, "{kind} {more}");
    }
    ask(&mut w, "x", "goodwill", &json!({"amount": 5}));
    assert_eq!(refused(&mut w, "x", "goodwill", &json!({"amount": 6})), "credit_differs");
    // What was not charged yet cannot be given back.
    let mut w = World::stocked(&[]);
    w.tell("order.submitted", name("order", "shop-1"), &order("1", &[goods("1", "A", 1, 100)]));
    assert_eq!(
        refused(&mut w, "x", "price_adjustment", &json!({"lines": [{"line": "1", "amount": 1}]})),
        "credit_beyond_limit"
    );
}

/// Where a tax system plays its role it hears of every tax given back; where none does it is not asked.
#[test]
fn the_tax_system_hears_of_tax_given_back() {
    for plays in [true, false] {
        let mut w = sold();
        if plays {
            w.flows.policy.asks.insert("tax".into());
        }
        ask(&mut w, "a", "price_adjustment", &json!({"lines": [{"line": "1", "amount": 100}]}));
        ask(&mut w, "b", "goodwill", &json!({"amount": 5}));
        w.settle();
        let told = w.args_of("refund_tax");
        assert_eq!(told.len(), usize::from(plays));
        if plays {
            assert_eq!((&told[0]["id"], &told[0]["tax"]), (&json!("shop-1-C1"), &json!(10)));
        }
        assert!(!w.open("order", "shop-1"));
    }
    let mut w = sold();
    w.flows.policy.asks.insert("tax".into());
    w.systems.habits.refuse.insert("refund_tax".into(), "closed".into());
    ask(&mut w, "a", "price_adjustment", &json!({"lines": [{"line": "1", "amount": 100}]}));
    w.settle();
    assert_eq!(w.exceptions(), ["tax_refund_refused"]);
    w.systems.habits.refuse.clear();
    w.tell("order.retry_requested", name("order", "shop-1"), &json!({"order": "shop-1"}));
    w.settle();
    assert_eq!(w.exceptions(), [""; 0]);
    rules::at_rest(&w);
}

fn lost(w: &mut World, id: &str, lines: &Value) {
    ask(w, id, "lost_parcel", &json!({"lines": lines}));
    w.settle();
}

/// Units that were given back for less than they cost leave something of the line, and no more than that.
#[test]
fn what_units_left_over_is_the_most_that_a_price_is_adjusted_by() {
    let mut w = sold();
    let line = |n: i64| json!({"lines": [{"line": "1", "amount": n}]});
    lost(&mut w, "l", &json!([{"line": "1", "quantity": 3, "amount": 180}]));
    assert_eq!(
        refused(&mut w, "a", "price_adjustment", &line(101)),
        "credit_beyond_limit",
        "one unit is left"
    );
    ask(&mut w, "a", "price_adjustment", &line(100));
    w.settle();
    lost(&mut w, "m", &json!([{"line": "2"}]));
    assert_eq!((refunded(&w), w.line("order", "shop-1", "2", "returnable")), (379, 0));
    // All units of the first line are given back: what the three left over may still be.
    let mut w = sold();
    lost(&mut w, "l", &json!([{"line": "1", "quantity": 4, "amount": 360}]));
    assert_eq!(refused(&mut w, "a", "price_adjustment", &line(41)), "credit_beyond_limit");
    ask(&mut w, "a", "price_adjustment", &line(40));
    w.settle();
    assert_eq!(refunded(&w), 400);
    rules::at_rest(&w);
}

/// A price that is adjusted for all units is adjusted for those that are still the customer's.
#[test]
fn an_adjustment_is_spread_over_units_that_left_and_were_not_given_back() {
    let mut w = World::stocked(&[("A", 4)]);
    let id = w.submit("1", &[goods("1", "A", 4, 400)]);
    w.settle();
    w.cancel(&id, Some(&[("1", 1)]));
    w.settle();
    w.ship_all();
    lost(&mut w, "l", &json!([{"line": "1", "quantity": 1}]));
    ask(&mut w, "a", "price_adjustment", &json!({"lines": [{"line": "1", "amount": 30}]}));
    w.settle();
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", &id, "1", "A", 1)]);
    w.settle();
    let amounts: Vec<i64> = w.systems.memos.values().copied().collect();
    assert_eq!(amounts, [100, 30, 85]);
    rules::at_rest(&w);
}

#[test]
fn two_lines_may_be_lost_and_one_only_once() {
    let mut w = sold();
    let twice = json!([{"line": "1", "quantity": 1}, {"line": "1", "quantity": 1}]);
    assert_eq!(refused(&mut w, "l", "lost_parcel", &json!({"lines": twice})), "duplicate_line");
    let both = json!([{"line": "1", "quantity": 1}, {"line": "2", "quantity": 1}]);
    ask(&mut w, "l", "lost_parcel", &json!({"lines": both, "amount": 199}));
    w.settle();
    assert_eq!(refunded(&w), 199, "its amount may be said beside its lines");
    ask(&mut w, "a", "price_adjustment", &json!({"lines": [{"line": "3", "amount": 50}], "amount": 50}));
    w.settle();
    assert_eq!(refunded(&w), 249, "all of a line");
    rules::at_rest(&w);
}

/// Goodwill is not owed, and money that went back by another's hand is gone.
#[test]
fn what_was_taken_for_nothing_is_less_by_what_went_back_and_not_by_goodwill() {
    for (elsewhere, most) in [(0, 100), (40, 60)] {
        let mut w = World::stocked(&[("A", 4)]);
        w.flows.policy.credits = CreditPolicy { goodwill_limit: 100, ..CreditPolicy::default() };
        let id = w.submit("1", &[goods("1", "A", 4, 400)]);
        w.settle();
        w.cancel(&id, Some(&[("1", 1)]));
        w.settle();
        w.ship_all();
        let captured = json!({"payment": "pi_1", "order": id, "amount": 400, "currency": "GBP"});
        w.tell("payment.captured", name("order", &id), &captured);
        w.systems.captured.insert("pi_1".into(), 400);
        ask(&mut w, "g", "goodwill", &json!({"amount": 25}));
        w.settle();
        if elsewhere > 0 {
            crate::elsewhere::elsewhere(&mut w, "re_9", elsewhere, &json!({}));
        }
        let amount = json!({"amount": most + 1});
        assert_eq!(refused(&mut w, "c", "cancellation", &amount), "credit_beyond_limit", "{elsewhere}");
        ask(&mut w, "c", "cancellation", &json!({"amount": most - 35}));
        assert_eq!(refused(&mut w, "d", "cancellation", &json!({"amount": 36})), "credit_beyond_limit");
        ask(&mut w, "d", "cancellation", &json!({"amount": 35}));
    }
}

/// A word on a credit that is granted already and waits for its money only.
#[test]
fn nobody_approves_what_is_held_for_a_dispute() {
    let mut w = sold();
    let opened = json!({"dispute": "dp_1", "payment": "pi_1", "amount": 10, "currency": "GBP"});
    w.tell("dispute.opened", name("order", "shop-1"), &opened);
    ask(&mut w, "a", "price_adjustment", &json!({"lines": [{"line": "1", "amount": 30}]}));
    w.settle();
    for kind in ["credit.approved", "credit.declined"] {
        let word = json!({"order": "shop-1", "credit": "a", "by": "bob"});
        assert_eq!(w.refused(kind, name("order", "shop-1"), &word).code, "credit_decided");
    }
    assert_eq!(w.facts_of("credit.rest_decided"), [Value::Null; 0]);
}

#[test]
fn why_a_credit_was_asked_for_is_kept() {
    let mut w = sold();
    w.flows.policy.credits.approve_above = Some(10);
    ask(&mut w, "a", "price_adjustment", &json!({"lines": [{"line": "1", "amount": 30}]}));
    assert_eq!(w.facts_of("credit.requested")[0]["reason"], "late");
}

/// Money that went back by another's hand for goods was owed: it is no part of what was taken for nothing.
#[test]
fn what_was_taken_for_nothing_is_not_less_by_what_went_back_for_goods() {
    let mut w = World::stocked(&[("A", 10)]);
    let id = w.submit("1", &[goods("1", "A", 10, 1_000)]);
    w.settle();
    w.cancel(&id, Some(&[("1", 2)]));
    w.settle();
    w.ship_all();
    let captured = json!({"payment": "pi_1", "order": id, "amount": 1_000, "currency": "GBP"});
    w.tell("payment.captured", name("order", &id), &captured);
    w.systems.captured.insert("pi_1".into(), 1_000);
    let lines = json!({"lines": [{"line": "1", "quantity": 3, "amount": 300}]});
    crate::elsewhere::elsewhere(&mut w, "re_9", 300, &lines);
    assert_eq!(refused(&mut w, "c", "cancellation", &json!({"amount": 201})), "credit_beyond_limit");
    ask(&mut w, "c", "cancellation", &json!({"amount": 200}));
    w.settle();
    assert_eq!(refunded(&w), 200);
}
