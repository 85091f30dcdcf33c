//! What an order grants to a return: no more than it holds for it, and what that comes to.

use crate::crediting::{ask, refunded, sold};
use crate::elsewhere::elsewhere;
use crate::harness::{World, name, raw, rules};
use crate::refund_rules::promoted;
use books::Account;
use flows::policy::PromotionBreak;
use hub::process::Stimulus;
use serde_json::{Value, json};

fn store() -> World {
    let mut w = sold();
    w.flows.policy.credits.store_credit = "gift".into();
    w
}

/// The return says something to the order, and does not hear the answer.
fn say(w: &mut World, kind: &str, data: &Value) {
    let mail = Stimulus::Mail { from: name("return", "R"), kind: kind.into(), data: raw(data) };
    w.deliver(&name("order", "shop-1"), &mail).unwrap();
    settle(w);
}

fn settle(w: &mut World) {
    loop {
        w.mail.retain(|(_, to), _| to.kind != "return");
        if w.choices() == 0 {
            return;
        }
        w.happen(0);
    }
}

/// A line of a return: (its name, the order's line, units, outcome).
fn line(return_line: &str, order_line: &str, quantity: i64, outcome: &str) -> Value {
    json!({"return_line": return_line, "order_line": order_line, "quantity": quantity, "outcome": outcome})
}

fn check(w: &mut World, lines: &[Value]) {
    let at = w.now;
    say(w, "return.check", &json!({"rma": "R", "requested_at": at, "lines": lines}));
}

fn request(w: &mut World, id: &str, lines: &[Value], fees: &Value) {
    say(w, "credit.request", &json!({"rma": "R", "id": id, "lines": lines, "fees": fees}));
}

fn issued(w: &World) -> i64 {
    -w.total(&Account::StoredValue, "GBP")
}

#[test]
fn two_return_lines_of_one_line_are_one_line_of_the_memo() {
    let mut w = sold();
    let lines = [line("1", "1", 1, "refund"), line("2", "1", 2, "refund"), line("3", "2", 1, "refund")];
    check(&mut w, &lines);
    request(&mut w, "1", &lines, &json!([]));
    assert_eq!(refunded(&w), 399);
    assert_eq!(
        w.args_of("post_credit_memo")[0]["lines"],
        json!([
            {"line": "1", "quantity": 3, "amount": 300, "tax": 30},
            {"line": "2", "quantity": 1, "amount": 99, "tax": 0},
        ])
    );
    assert_eq!(w.total(&Account::Tax, "GBP"), -10, "40 were invoiced, and 30 are given back");
    rules::at_rest(&w);
}

/// A line that was credited holds nothing a second time, however often it is asked about.
#[test]
fn a_credited_line_is_not_held_again() {
    let mut w = sold();
    let lines = [line("1", "1", 1, "refund")];
    check(&mut w, &lines);
    request(&mut w, "1", &lines, &json!([]));
    check(&mut w, &lines);
    assert_eq!((refunded(&w), w.line("order", "shop-1", "1", "returnable")), (100, 3));
}

/// M8: above the amount a second person is wanted, at it none is.
#[test]
fn a_return_at_the_limit_needs_nobody_and_above_it_somebody() {
    for (limit, given) in [(100, 100), (99, 0)] {
        let mut w = sold();
        w.flows.policy.credits.approve_returns_above = Some(limit);
        let lines = [line("1", "1", 1, "refund")];
        check(&mut w, &lines);
        request(&mut w, "1", &lines, &json!([]));
        assert_eq!(refunded(&w), given, "limit {limit}");
        assert_eq!(w.exceptions().contains(&"credit_needs_approval"), given == 0);
    }
}

/// Line 2 had 20 off because line 1 was bought with it: that comes out of the store credit where nothing else goes back.
#[test]
fn what_a_broken_promotion_takes_back_comes_out_of_store_credit_too() {
    let mut w = World::stocked(&[("A", 2), ("B", 2)]);
    w.flows.policy.credits.store_credit = "gift".into();
    w.flows.policy.credits.promotion_break = PromotionBreak::ClawBack;
    w.complete("1", &promoted(true));
    let lines = [line("1", "1", 2, "store_credit")];
    check(&mut w, &lines);
    request(&mut w, "1", &lines, &json!([]));
    assert_eq!((refunded(&w), issued(&w)), (0, 180));
    rules::at_rest(&w);
}

#[test]
fn what_another_paid_is_said_with_its_amount_and_only_then() {
    for (paid_by, settled) in [(json!("re_9"), vec![json!(100)]), (Value::Null, vec![])] {
        let mut w = sold();
        elsewhere(&mut w, "re_9", 100, &json!({}));
        settle(&mut w);
        let lines = [line("1", "1", 1, "refund")];
        check(&mut w, &lines);
        say(&mut w, "credit.request", &json!({"rma": "R", "id": "1", "lines": lines, "paid_by": paid_by}));
        let facts = w.facts_of("credit.settled_elsewhere");
        assert_eq!(facts.iter().map(|f| f["amount"].clone()).collect::<Vec<_>>(), settled);
    }
}

#[test]
fn no_more_is_credited_than_is_held_for_a_line() {
    let mut w = sold();
    check(&mut w, &[line("1", "1", 1, "refund"), line("2", "1", 2, "refund")]);
    assert_eq!(w.line("order", "shop-1", "1", "returnable"), 1);
    request(&mut w, "1", &[line("1", "1", 3, "refund")], &json!([]));
    assert_eq!((refunded(&w), w.exceptions()), (100, vec!["credit_beyond_hold"]));
    assert_eq!(w.line("order", "shop-1", "1", "returnable"), 1, "the other line's units are held still");
    request(&mut w, "2", &[line("2", "1", 2, "refund")], &json!([]));
    assert_eq!(refunded(&w), 300);
    assert_eq!(w.line("order", "shop-1", "1", "returnable"), 1);
}

#[test]
fn a_fee_comes_out_of_the_money_and_then_out_of_store_credit() {
    let of = |amount: i64| json!([{"kind": "restocking", "amount": amount}]);
    let share = json!([{"kind": "restocking", "basis_points": 1_000}]);
    let both =
        json!([{"kind": "restocking", "basis_points": 1_000}, {"kind": "return_shipping", "amount": 5}]);
    for (fees, money, credit) in [
        (json!([]), 100, 200),
        (of(30), 70, 200),
        (of(100), 0, 200),
        (of(130), 0, 170),
        (of(300), 0, 0),
        (of(999), 0, 0),
        (share, 70, 200),
        (both, 65, 200),
    ] {
        let mut w = store();
        let lines = [
            line("1", "1", 1, "refund"),
            line("2", "1", 1, "store_credit"),
            line("3", "1", 1, "store_credit"),
        ];
        check(&mut w, &lines);
        request(&mut w, "1", &lines, &fees);
        assert_eq!((refunded(&w), issued(&w)), (money, credit), "{fees}");
        assert_eq!(w.total(&Account::RefundsPayable, "GBP"), 0, "{fees}");
        rules::at_rest(&w);
    }
}

/// The money that store credit stands for is not there a second time.
#[test]
fn what_was_given_as_store_credit_is_not_free_to_be_refunded() {
    let mut w = store();
    let all = [line("1", "1", 4, "store_credit"), line("2", "2", 1, "refund")];
    check(&mut w, &all);
    request(&mut w, "1", &all[..1], &json!([]));
    assert_eq!((refunded(&w), issued(&w)), (0, 400));
    elsewhere(&mut w, "re_x", 100, &json!({}));
    settle(&mut w);
    request(&mut w, "2", &all[1..], &json!([]));
    assert_eq!(refunded(&w), 0, "49 are left, and 99 are asked for");
    assert!(w.exceptions().contains(&"refund_exceeds_capture"), "{:?}", w.exceptions());
}

/// Store credit is given for money that was taken and is still there.
#[test]
fn no_store_credit_is_issued_for_money_that_has_gone_back() {
    let mut w = store();
    elsewhere(&mut w, "re_x", 500, &json!({}));
    settle(&mut w);
    let lines = [line("1", "1", 2, "store_credit")];
    check(&mut w, &lines);
    request(&mut w, "1", &lines, &json!([]));
    assert_eq!(issued(&w), 0);
    assert!(w.exceptions().contains(&"refund_exceeds_capture"), "{:?}", w.exceptions());
}

/// Goodwill is the retailer's own: no money of the order's needs to stand behind it.
#[test]
fn goodwill_as_store_credit_needs_no_money_of_the_order() {
    let mut w = store();
    let lines = [line("1", "1", 4, "refund"), line("2", "2", 1, "refund")];
    check(&mut w, &lines);
    request(&mut w, "1", &lines, &json!([]));
    ask(&mut w, "s", "shipping", &json!({"amount": 50}));
    settle(&mut w);
    assert_eq!(refunded(&w), 549, "all of it has gone back");
    ask(&mut w, "g", "goodwill", &json!({"amount": 60, "outcome": "store_credit"}));
    settle(&mut w);
    assert_eq!((issued(&w), w.exceptions()), (60, vec![]));
    rules::at_rest(&w);
}
