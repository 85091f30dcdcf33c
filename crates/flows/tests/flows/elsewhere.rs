//! Refunds that somebody else made: by hand at the provider, by a till, a marketplace, an agent in the storefront.

use crate::crediting::refunded;
use crate::harness::samples::goods;
use crate::harness::{World, name, raw, rules};
use books::Account;
use hub::process::Stimulus;
use serde_json::{Value, json};

fn sold() -> World {
    let mut w = World::stocked(&[("A", 4)]);
    let mut line = goods("1", "A", 4, 400);
    line["tax"] = json!(40);
    w.complete("1", &[line]);
    w
}

fn report(refund: &str, amount: i64, more: &Value) -> Value {
    let mut data =
        json!({"payment": "pi_1", "order": "shop-1", "refund": refund, "amount": amount, "currency": "GBP"});
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    data
}

pub fn elsewhere(w: &mut World, refund: &str, amount: i64, more: &Value) {
    w.tell("payment.refunded_elsewhere", name("order", "shop-1"), &report(refund, amount, more));
    w.settle();
}

/// A return asks for its credit, with what the return knows beside it.
fn credit_request(w: &mut World, rma: &str, units: i64, more: &Value) {
    let check = json!({"rma": rma, "requested_at": w.now, "lines": [{"return_line": "1", "order_line": "1", "quantity": units}]});
    let mut ask =
        json!({"rma": rma, "id": "1", "lines": [{"return_line": "1", "order_line": "1", "quantity": units}]});
    ask.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    for (kind, data) in [("return.check", check), ("credit.request", ask)] {
        let mail = Stimulus::Mail { from: name("return", rma), kind: kind.into(), data: raw(&data) };
        w.deliver(&name("order", "shop-1"), &mail).unwrap();
    }
    // Nobody plays the return here: what it is told is looked at and dropped.
    w.mail.retain(|(_, to), _| to.kind != "return");
}

fn settle(w: &mut World) {
    for _ in 0..100 {
        w.mail.retain(|(_, to), _| to.kind != "return");
        if w.choices() == 0 {
            return;
        }
        w.happen(0);
    }
}

/// Pitfall 3: told with its lines it is one credit and one memo, and no second refund.
#[test]
fn one_that_names_its_lines_is_a_credit() {
    for (initiator, told) in [("provider", 1), ("storefront", 0)] {
        let mut w = sold();
        let lines = json!({"lines": [{"line": "1", "quantity": 1, "amount": 100}], "initiator": initiator});
        for _ in 0..2 {
            elsewhere(&mut w, "re_x", 100, &lines);
        }
        assert_eq!((refunded(&w), w.systems.memos.len()), (0, 1));
        assert_eq!(
            w.args_of("post_credit_memo")[0]["lines"],
            json!([{"line": "1", "quantity": 0, "amount": 100, "tax": 10}])
        );
        assert_eq!(w.args_of("report_refund").len(), told, "who made it need not be told of it");
        assert_eq!(w.total(&Account::RefundsPayable, "GBP"), 0);
        assert_eq!(w.exceptions(), [""; 0]);
        assert!(!w.open("order", "shop-1"));
        // The unit comes back: nothing more is owed for it, but the others are.
        w.systems.habits.sends_back = true;
        w.request("RMA-1", &[("1", "shop-1", "1", "A", 1)]);
        w.settle();
        assert_eq!((refunded(&w), w.systems.memos.len()), (0, 1));
        assert_eq!(w.status("return", "RMA-1"), "completed");
        w.request("RMA-2", &[("1", "shop-1", "1", "A", 3)]);
        w.settle();
        assert_eq!(refunded(&w), 300);
        rules::at_rest(&w);
    }
}

#[test]
fn what_it_names_beyond_the_line_is_shown() {
    let mut w = sold();
    elsewhere(&mut w, "re_x", 300, &json!({"lines": [{"line": "1", "amount": 300}]}));
    elsewhere(&mut w, "re_y", 100, &json!({"lines": [{"line": "1", "amount": 101}]}));
    assert_eq!(w.exceptions(), ["elsewhere_beyond_line"], "its lines are more than it is");
    elsewhere(&mut w, "re_z", 150, &json!({"lines": [{"line": "1", "amount": 150}]}));
    assert_eq!(w.exceptions(), ["elsewhere_beyond_line", "refunded_beyond_capture"]);
    assert_eq!(w.systems.memos.values().sum::<i64>(), 400, "credited up to what was charged, and no more");
    rules::at_rest(&w);
}

#[test]
fn a_return_that_it_paid_is_paid_once_in_whichever_order_they_come() {
    let paid_by = json!({"paid_by": "re_x"});
    for first in [true, false] {
        let mut w = sold();
        if first {
            elsewhere(&mut w, "re_x", 200, &json!({}));
            assert!(w.systems.memos.is_empty());
        }
        credit_request(&mut w, "RMA-1", 2, &paid_by);
        settle(&mut w);
        if !first {
            assert_eq!(w.exceptions(), ["refund_report_awaited"]);
            w.tell(
                "payment.refunded_elsewhere",
                name("order", "shop-1"),
                &report("re_x", 200, &json!({"lines": [{"line": "1", "amount": 200}]})),
            );
            settle(&mut w);
        }
        assert_eq!((refunded(&w), w.systems.memos.clone().into_values().collect::<Vec<_>>()), (0, vec![200]));
        assert_eq!(w.exceptions(), [""; 0], "first: {first}");
        assert_eq!(w.total(&Account::RefundsPayable, "GBP"), 0);
        assert_eq!(w.show("order", "shop-1")["credits"][0]["state"], "settled");
        rules::at_rest(&w);
    }
}

/// It paid less than is owed: a person says whether the rest is paid or kept.
#[test]
fn the_rest_is_paid_or_kept_on_a_persons_word() {
    for (word, paid, kept) in [("credit.approved", 50, 0), ("credit.declined", 0, 50)] {
        let mut w = sold();
        elsewhere(&mut w, "re_x", 150, &json!({}));
        credit_request(&mut w, "RMA-1", 2, &json!({"paid_by": "re_x"}));
        settle(&mut w);
        assert_eq!(w.exceptions(), ["paid_elsewhere_differs"]);
        w.tell(
            word,
            name("order", "shop-1"),
            &json!({"order": "shop-1", "credit": "shop-1-C1", "by": "ann"}),
        );
        settle(&mut w);
        assert_eq!((refunded(&w), w.total(&Account::FeesWithheld, "GBP")), (paid, -kept));
        assert_eq!(w.exceptions(), [""; 0]);
        rules::at_rest(&w);
    }
}

#[test]
fn one_of_more_than_was_captured_stops_everything() {
    let mut w = sold();
    elsewhere(&mut w, "re_x", 401, &json!({}));
    assert_eq!(w.exceptions(), ["refunded_beyond_capture"]);
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", "shop-1", "1", "A", 1)]);
    w.settle();
    assert_eq!(refunded(&w), 0);
    assert!(w.exceptions().contains(&"refund_exceeds_capture"));
}

#[test]
fn goodwill_given_there_is_goodwill() {
    let mut w = sold();
    elsewhere(&mut w, "re_x", 30, &json!({"kind": "goodwill", "initiator": "storefront"}));
    assert_eq!((w.total(&Account::Goodwill, "GBP"), w.total(&Account::RefundsPayable, "GBP")), (30, 0));
    assert_eq!(w.args_of("post_credit_memo")[0]["kind"], "goodwill");
    rules::at_rest(&w);
}

/// Fees: by amount and by share, never below nothing; told and booked.
#[test]
fn fees_are_withheld() {
    for (fees, withheld) in [
        (
            json!([{"kind": "restocking", "basis_points": 1_000}, {"kind": "return_shipping", "amount": 5}]),
            25,
        ),
        (json!([{"kind": "return_shipping", "amount": 9_999}]), 200),
        (json!([{"kind": "restocking", "basis_points": 33}]), 0),
    ] {
        let mut w = sold();
        credit_request(&mut w, "RMA-1", 2, &json!({"fees": fees}));
        settle(&mut w);
        assert_eq!(refunded(&w), 200 - withheld, "{fees}");
        assert_eq!(w.total(&Account::FeesWithheld, "GBP"), -withheld);
        let memo = &w.args_of("post_credit_memo")[0];
        assert_eq!((&memo["total"], memo["withheld"].as_i64().unwrap_or(0)), (&json!(200), withheld));
        let fact = &w.facts_of("credit.granted")[0];
        assert_eq!((&fact["withheld"], &fact["refunded"]), (&json!(withheld), &json!(200 - withheld)));
        rules::at_rest(&w);
    }
}

/// Pitfall 16: goods come back and nothing is given; repaired units go back and may come again.
#[test]
fn a_return_without_a_refund() {
    for (outcome, returnable) in [("none", 2), ("repair", 4)] {
        let mut w = sold();
        let lines =
            json!({"lines": [{"return_line": "1", "order_line": "1", "quantity": 2, "outcome": outcome}]});
        credit_request(&mut w, "RMA-1", 2, &lines);
        settle(&mut w);
        assert_eq!((refunded(&w), w.systems.memos.len()), (0, 0));
        assert_eq!(w.line("order", "shop-1", "1", "returnable"), returnable, "{outcome}");
        assert!(!w.open("order", "shop-1"));
        rules::at_rest(&w);
    }
}

#[test]
fn it_may_name_its_order_and_no_other() {
    let mut w = sold();
    let other = report("re_9", 100, &json!({"order": "shop-2"}));
    assert_eq!(
        w.refused("payment.refunded_elsewhere", name("order", "shop-1"), &other).code,
        "order_differs"
    );
    elsewhere(&mut w, "re_9", 100, &json!({"order": ""}));
    assert_eq!(w.facts_of("payment.refunded_elsewhere").len(), 1);
}

/// What is disputed cannot be given back as well.
#[test]
fn what_is_disputed_counts_against_what_was_captured() {
    let mut w = sold();
    let dispute = json!({"dispute": "dp_1", "payment": "pi_1", "amount": 200, "currency": "GBP", "reason": "fraudulent"});
    w.tell("dispute.opened", name("order", "shop-1"), &dispute);
    elsewhere(&mut w, "re_8", 200, &json!({}));
    assert!(!w.exceptions().contains(&"refunded_beyond_capture"), "all of it, and no more");
    elsewhere(&mut w, "re_9", 1, &json!({}));
    assert!(w.exceptions().contains(&"refunded_beyond_capture"));
}

/// Money that was taken for what was then cancelled, given back by another's hand, is a credit for that.
#[test]
fn one_for_a_cancellation_is_credited_as_far_as_something_was_cancelled() {
    for (amount, credited) in [(100, 100), (150, 100)] {
        let mut w = World::stocked(&[("A", 4)]);
        w.systems.captured.insert("pi_1".into(), 400);
        let mut data = crate::harness::samples::order("1", &[goods("1", "A", 4, 400)]);
        data["tenders"][0]["captured"] = json!(400);
        w.tell("order.submitted", name("order", "shop-1"), &data);
        w.settle();
        w.cancel("shop-1", Some(&[("1", 1)]));
        w.settle();
        elsewhere(&mut w, "re_9", amount, &json!({"kind": "cancellation"}));
        assert_eq!(w.show("order", "shop-1")["credits"][0]["amount"], json!(credited));
        let beyond = w.exceptions().contains(&"elsewhere_beyond_line");
        assert_eq!(beyond, amount > credited);
    }
}

#[test]
fn lines_that_come_to_more_than_the_refund_credit_nothing() {
    let mut w = sold();
    elsewhere(&mut w, "re_9", 100, &json!({"lines": [{"line": "1", "quantity": 2, "amount": 150}]}));
    assert_eq!(w.args_of("post_credit_memo"), [] as [Value; 0]);
    assert!(w.exceptions().contains(&"elsewhere_beyond_line"));
}

/// A line that is named twice is credited once over.
#[test]
fn a_line_named_twice_gives_back_what_it_is_worth() {
    let mut w = sold();
    let part = json!({"line": "1", "quantity": 1, "amount": 80});
    elsewhere(&mut w, "re_9", 160, &json!({"lines": [part, part]}));
    let memo = w.args_of("post_credit_memo")[0].clone();
    let sum = |of: &str| -> i64 {
        memo["lines"].as_array().unwrap().iter().map(|line| line[of].as_i64().unwrap()).sum()
    };
    assert_eq!((memo["total"].as_i64(), sum("amount"), sum("tax")), (Some(100), 100, 10));
    assert_eq!(w.exceptions(), ["elsewhere_beyond_line"]);
    assert_eq!(w.total(&Account::Tax, "GBP"), -30);
}

/// One refund pays two credits as far as it goes, and no further.
#[test]
fn what_has_paid_one_credit_does_not_pay_the_next() {
    let mut w = sold();
    elsewhere(&mut w, "re_x", 150, &json!({}));
    for (rma, told) in [("RMA-1", vec![]), ("RMA-2", vec!["paid_elsewhere_differs"])] {
        credit_request(&mut w, rma, 1, &json!({"paid_by": "re_x"}));
        settle(&mut w);
        assert_eq!(w.exceptions(), told, "{rma}");
    }
}
