//! Checks before release: each verdict, and each way of having none.

use crate::harness::samples::{goods, order, other};
use crate::harness::{World, name, raw, rules};
use flows::policy::{CheckRule, WhenDown, WhenRefused};
use retail::envelope::Outcome;
use retail::time::Span;
use serde_json::{Value, json};

/// A check's name, its operation, the exception of its hold, and an answer against the order.
fn all() -> [(&'static str, &'static str, &'static str, Value); 5] {
    [
        (
            "customer",
            "check_customer",
            "held_for_customer",
            json!({"ref": "c", "state": "blocked", "reason": "debts"}),
        ),
        ("promotions", "check_promotions", "held_for_promotions", json!({"ref": "p", "state": "invalid"})),
        ("tax", "quote_tax", "held_for_tax", json!({"ref": "q", "tax": 19})),
        (
            "fraud",
            "screen_order",
            "held_for_fraud",
            json!({"ref": "s", "decision": "decline", "reason": "score 99"}),
        ),
        (
            "payment.1",
            "check_payment",
            "held_for_payment",
            json!({"ref": "y", "state": "authorised", "amount": 299, "currency": "GBP"}),
        ),
    ]
}

fn rule<'w>(w: &'w mut World, check: &str) -> &'w mut CheckRule {
    let checkout = &mut w.flows.policy.checkout;
    match check {
        "customer" => &mut checkout.customer,
        "promotions" => &mut checkout.promotions,
        "tax" => &mut checkout.tax,
        "fraud" => &mut checkout.fraud,
        _ => &mut checkout.payment,
    }
}

/// Where every system can check and policy asks for these.
fn asking(checks: &[&str]) -> World {
    let mut w = World::stocked(&[("A", 5)]);
    w.flows.policy.asks.extend(["customers", "promotions", "tax", "fraud"].map(str::to_owned));
    for check in checks {
        rule(&mut w, check).ask = true;
    }
    w
}

fn submit(w: &mut World) -> String {
    let mut data = order("1", &[goods("1", "A", 3, 300)]);
    data["lines"][0]["discount"] = json!(50);
    data["lines"][0]["tax"] = json!(25);
    data["ship_to"] =
        json!({"name": "Ann Lee", "country": "GB", "postcode": "N1", "street": "1 High Street"});
    data["email_hash"] = json!("5f4d");
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    "shop-1".to_owned()
}

fn key(op: &str) -> String {
    format!("{op}:{}", if op == "check_payment" { "pi_1" } else { "shop-1" })
}

fn verdicts(w: &World) -> Vec<(String, String)> {
    let facts = w.facts_of("order.checked");
    facts
        .iter()
        .map(|f| (f["verdict"].as_str().unwrap().into(), f["then"].as_str().unwrap().into()))
        .collect()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

/// By default nothing is asked, whoever is there to be asked.
#[test]
fn nothing_is_asked_unless_policy_asks() {
    let mut w = asking(&[]);
    submit(&mut w);
    assert_eq!(w.status("order", "shop-1"), "fulfilling");
    assert!(w.commands.iter().all(|(_, c)| !crate::harness::checks::is_check(&c.op)));
}

/// What no system plays is not asked, whatever policy says: a command for it would wait for ever.
#[test]
fn a_role_that_nobody_plays_is_not_asked() {
    let mut w = asking(&["customer", "promotions", "tax", "fraud"]);
    w.flows.policy.asks.retain(|role| role != "fraud" && role != "tax");
    submit(&mut w);
    let asked: Vec<&str> = w.commands.iter().map(|(_, c)| c.op.as_str()).take(3).collect();
    assert_eq!(asked, ["check_customer", "check_promotions", "create_sales_order"]);
}

#[test]
fn all_are_asked_at_once_and_nothing_is_released_before_the_last_verdict() {
    let names: Vec<&str> = all().iter().map(|c| c.0).collect();
    let mut w = asking(&names);
    w.systems.habits.silent.extend(all().map(|c| c.1.to_owned()));
    submit(&mut w);
    assert_eq!(w.status("order", "shop-1"), "reserved", "stock is reserved meanwhile");
    assert_eq!(w.args_of("create_sales_order").len(), 1, "the ERP has it");
    assert_eq!(w.args_of("release_order"), [] as [Value; 0]);
    assert_eq!(
        w.args_of("check_customer"),
        [json!({"order": "shop-1", "customer": "17850", "ship_to": {"country": "GB", "postcode": "N1"}})],
        "nothing of the person goes along"
    );
    assert_eq!(
        w.args_of("quote_tax"),
        [json!({
            "id": "shop-1", "order": "shop-1", "currency": "GBP", "ship_to": {"country": "GB", "postcode": "N1"},
            "lines": [{"line": "1", "sku": "A", "quantity": 3, "amount": 300, "tax": 25}],
        })]
    );
    assert_eq!(w.args_of("check_payment"), [json!({"payment": "pi_1", "order": "shop-1"})]);
    let screened = &w.args_of("screen_order")[0];
    assert_eq!(screened["email_hash"], "5f4d");
    assert_eq!(screened["tenders"], json!([{"kind": "card", "executor": "stripe", "amount": 300}]));
    for (n, (_, op, ..)) in all().iter().enumerate() {
        assert_eq!(w.args_of("release_order").len(), 0, "{n} verdicts of 5");
        let good = match *op {
            "quote_tax" => json!({"ref": "q", "tax": 25}),
            "screen_order" => json!({"ref": "s", "decision": "approve"}),
            "check_payment" => json!({"ref": "y", "state": "authorised", "amount": 300, "currency": "GBP"}),
            _ => json!({"ref": "k", "state": "ok"}),
        };
        w.answer(&key(op), &good);
    }
    w.systems.habits.silent.clear();
    w.settle();
    assert_eq!(w.status("order", "shop-1"), "fulfilling");
    w.ship_all();
    assert_eq!(w.status("order", "shop-1"), "completed");
    assert_eq!(w.exceptions(), [""; 0]);
    rules::at_rest(&w);
}

#[test]
fn a_verdict_against_it_holds_it_for_a_person() {
    for (check, op, code, against) in all() {
        let mut w = asking(&[check]);
        w.systems.habits.silent.insert(op.into());
        submit(&mut w);
        w.answer(&key(op), &against);
        w.settle();
        assert_eq!(w.status("order", "shop-1"), "on_hold", "{check}");
        assert_eq!(w.exceptions(), [code]);
        assert_eq!(w.show("order", "shop-1")["holds"][0]["hold"], check);
        assert_eq!(w.line("order", "shop-1", "1", "reserved"), 3, "it stays reserved");
        w.tell(
            "order.hold_lifted",
            name("order", "shop-1"),
            &json!({"order": "shop-1", "hold": check, "by": "Ann"}),
        );
        w.settle();
        w.ship_all();
        assert_eq!(w.exceptions(), [""; 0], "{check}");
        assert_eq!(w.status("order", "shop-1"), "completed");
        assert_eq!(w.facts_of("order.hold_lifted"), [json!({"hold": check, "by": "Ann"})]);
        rules::at_rest(&w);
    }
}

#[test]
fn a_verdict_against_it_cancels_where_policy_says_so() {
    for (check, op, _, against) in all() {
        let mut w = asking(&[check]);
        rule(&mut w, check).when_refused = WhenRefused::Cancel;
        w.systems.habits.silent.insert(op.into());
        submit(&mut w);
        w.answer(&key(op), &against);
        w.settle();
        assert_eq!(w.status("order", "shop-1"), "cancelled", "{check}");
        assert_eq!(w.args_of("report_cancellation")[0]["reason"], format!("{check}_refused"));
        assert_eq!(w.systems.voided.len(), 1, "the authorisation is let go");
        assert_eq!(w.exceptions(), [""; 0], "{check}");
        assert!(!w.open("order", "shop-1"));
        rules::at_rest(&w);
    }
}

/// The system is slow, or down for long: unknown, or silent.
#[test]
fn without_a_verdict_in_time_policy_holds_or_goes_on() {
    for (check, op, code, _) in all() {
        for (when_down, unknown) in
            [(WhenDown::Hold, true), (WhenDown::Hold, false), (WhenDown::GoOn, true), (WhenDown::GoOn, false)]
        {
            let mut w = asking(&[check]);
            (rule(&mut w, check).when_down, rule(&mut w, check).wait) = (when_down, Span::hours(2));
            w.systems.habits.silent.insert(op.into());
            submit(&mut w);
            if unknown {
                w.outcome(&key(op), Outcome::Unknown { why: "503".into() });
            }
            w.wait(Span::minutes(110));
            assert_eq!(w.status("order", "shop-1"), "reserved");
            w.wait(Span::minutes(20));
            if when_down == WhenDown::Hold {
                assert_eq!((w.status("order", "shop-1").as_str(), w.exceptions()), ("on_hold", vec![code]));
                assert_eq!(verdicts(&w), pairs(&[("none", "hold")]));
                w.answer(&key(op), &good(op));
                w.settle();
                assert_eq!(w.facts_of("order.hold_lifted"), [json!({"hold": check, "by": "hub"})]);
            } else {
                assert_eq!(verdicts(&w), pairs(&[("none", "go_on")]));
            }
            assert_eq!(w.status("order", "shop-1"), "fulfilling", "{check}");
            assert_eq!(w.exceptions(), [""; 0]);
            w.ship_all();
            assert!(!w.open("order", "shop-1"), "a check that is still out keeps no order open");
        }
    }
}

fn good(op: &str) -> Value {
    match op {
        "quote_tax" => json!({"ref": "q", "tax": 25}),
        "screen_order" => json!({"ref": "s", "decision": "approve"}),
        "check_payment" => json!({"ref": "y", "state": "authorised", "amount": 300, "currency": "GBP"}),
        _ => json!({"ref": "k", "state": "ok"}),
    }
}

/// Policy went on without it; then the verdict is against the order. What has not left is recalled and held.
#[test]
fn a_late_verdict_holds_again_what_has_not_left() {
    for (check, op, code, against) in all() {
        let mut w = asking(&[check]);
        rule(&mut w, check).when_down = WhenDown::GoOn;
        w.systems.habits.silent.insert(op.into());
        submit(&mut w);
        w.wait(Span::hours(5));
        assert_eq!(w.status("order", "shop-1"), "fulfilling");
        w.answer(&key(op), &against);
        assert_eq!(w.status("order", "shop-1"), "on_hold");
        w.settle();
        assert_eq!(w.line("order", "shop-1", "1", "reserved"), 3, "the warehouse has given it up");
        assert_eq!(w.args_of("cancel_fulfilment").len(), 1);
        assert_eq!(w.exceptions(), [code], "{check}");
        assert_eq!(verdicts(&w), pairs(&[("none", "go_on"), ("refused", "hold")]));
        w.cancel("shop-1", None);
        w.settle();
        assert_eq!(w.status("order", "shop-1"), "cancelled");
        assert_eq!(w.exceptions(), [""; 0]);
        rules::at_rest(&w);
    }
}

#[test]
fn a_screening_that_declines_what_has_left_is_shown() {
    let mut w = asking(&["fraud"]);
    w.flows.policy.checkout.fraud.when_down = WhenDown::GoOn;
    w.systems.habits.silent.insert("screen_order".into());
    submit(&mut w);
    w.wait(Span::hours(5));
    w.systems.habits.silent.insert("capture".into());
    w.ship_all();
    w.answer("screen_order:shop-1", &json!({"ref": "s", "decision": "decline"}));
    assert_eq!(w.exceptions(), ["screened_after_shipment"]);
    assert_eq!(w.status("order", "shop-1"), "shipped", "what has left is not held");
    assert_eq!(verdicts(&w), pairs(&[("none", "go_on"), ("refused", "record")]));
}

/// 202, and the verdict by event.
#[test]
fn a_screening_may_come_by_event() {
    for (decision, status) in [("approve", "fulfilling"), ("review", "on_hold"), ("decline", "on_hold")] {
        let mut w = asking(&["fraud"]);
        w.systems.habits.silent.insert("screen_order".into());
        submit(&mut w);
        w.outcome("screen_order:shop-1", Outcome::Accepted { result: raw(&json!({})) });
        assert_eq!(w.show("order", "shop-1")["checks"][0]["state"], "accepted");
        let screened = |w: &mut World, decision: &str| {
            let data = json!({"order": "shop-1", "decision": decision, "reason": "by hand"});
            w.tell("order.screened", name("order", "shop-1"), &data);
            w.settle();
        };
        screened(&mut w, decision);
        assert_eq!(w.status("order", "shop-1"), status);
        assert_eq!(w.show("order", "shop-1")["checks"], json!([]));
        screened(&mut w, "approve");
        assert_eq!(w.status("order", "shop-1"), "fulfilling", "a review that ends well lifts the hold");
        assert_eq!(w.exceptions(), [""; 0]);
    }
}

/// A review is for a person, also where a decline cancels.
#[test]
fn a_review_never_cancels() {
    let mut w = asking(&["fraud"]);
    w.flows.policy.checkout.fraud.when_refused = WhenRefused::Cancel;
    w.systems.habits.silent.insert("screen_order".into());
    submit(&mut w);
    w.answer("screen_order:shop-1", &json!({"ref": "s", "decision": "review"}));
    w.settle();
    assert_eq!(w.status("order", "shop-1"), "on_hold");
    let data = json!({"order": "shop-1", "decision": "decline"});
    w.tell("order.screened", name("order", "shop-1"), &data);
    w.settle();
    assert_eq!(w.status("order", "shop-1"), "cancelled");
}

/// No verdict can be had: neither for the order nor against it, so nothing is cancelled.
#[test]
fn a_refused_check_and_an_answer_that_is_not_understood_hold_it() {
    for (check, op, code, _) in all() {
        for refused in [true, false] {
            let mut w = asking(&[check]);
            rule(&mut w, check).when_refused = WhenRefused::Cancel;
            w.systems.habits.silent.insert(op.into());
            submit(&mut w);
            if refused {
                w.refuse(&key(op), "no_such_customer");
            } else {
                w.answer(&key(op), &json!({"ref": "x"}));
            }
            w.settle();
            assert_eq!(
                (w.status("order", "shop-1").as_str(), w.exceptions()),
                ("on_hold", vec![code]),
                "{check}"
            );
        }
    }
}

/// A fault waits for a person, who has it asked again under the same key; policy goes on meanwhile.
#[test]
fn a_check_that_cannot_be_asked_as_it_is() {
    let mut w = asking(&["customer"]);
    w.systems.habits.silent.insert("check_customer".into());
    submit(&mut w);
    w.outcome("check_customer:shop-1", Outcome::Fault { code: "mapping".into(), message: "no field".into() });
    assert_eq!(w.show("order", "shop-1")["checks"][0]["state"], "faulty");
    w.wait(Span::hours(5));
    assert_eq!(w.exceptions(), ["held_for_customer"]);
    w.tell("order.retry_requested", name("order", "shop-1"), &json!({"order": "shop-1"}));
    let keys: Vec<_> =
        w.commands.iter().filter(|(_, c)| c.op == "check_customer").map(|(_, c)| c.key.clone()).collect();
    assert_eq!(keys, ["check_customer:shop-1", "check_customer:shop-1"]);
    assert_eq!(w.status("order", "shop-1"), "on_hold");
    w.answer("check_customer:shop-1", &json!({"ref": "k", "state": "ok"}));
    w.settle();
    assert_eq!(w.status("order", "shop-1"), "fulfilling");
}

/// A person need not wait for a system that is down.
#[test]
fn a_person_lets_it_go_on_without_the_verdict() {
    let mut w = asking(&["fraud"]);
    w.systems.habits.silent.insert("screen_order".into());
    submit(&mut w);
    w.tell(
        "order.hold_lifted",
        name("order", "shop-1"),
        &json!({"order": "shop-1", "hold": "fraud", "by": "Ann"}),
    );
    w.settle();
    assert_eq!(w.status("order", "shop-1"), "fulfilling");
}

#[test]
fn a_tax_quote_may_differ_by_the_tolerance() {
    for (tolerance, status) in [(5, "on_hold"), (6, "fulfilling")] {
        let mut w = asking(&["tax"]);
        w.flows.policy.checkout.tax_tolerance = tolerance;
        w.systems.habits.silent.insert("quote_tax".into());
        submit(&mut w);
        w.answer("quote_tax:shop-1", &json!({"ref": "q", "tax": 19}));
        w.settle();
        assert_eq!(w.status("order", "shop-1"), status);
    }
}

/// What an executor says of a payment: taken already, for how long, in which currency.
#[test]
fn a_payment_is_as_its_executor_says() {
    let mut w = asking(&["payment"]);
    w.systems.habits.silent.insert("check_payment".into());
    submit(&mut w);
    let said = json!({"ref": "y", "state": "captured", "amount": 300, "currency": "GBP"});
    w.answer("check_payment:pi_1", &said);
    w.systems.captured.insert("pi_1".into(), 300);
    w.settle();
    w.ship_all();
    assert_eq!(w.args_of("capture"), [] as [Value; 0], "it is not taken twice");
    assert_eq!(w.status("order", "shop-1"), "completed");
    rules::at_rest(&w);
    for (answer, part) in [
        (json!({"ref": "y", "state": "absent", "amount": 0, "currency": "GBP"}), "absent"),
        (json!({"ref": "y", "state": "authorised", "amount": 300, "currency": "EUR"}), "EUR"),
    ] {
        let mut w = asking(&["payment"]);
        w.systems.habits.silent.insert("check_payment".into());
        submit(&mut w);
        w.answer("check_payment:pi_1", &answer);
        let reason = w.show("order", "shop-1")["holds"][0]["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains(part), "{reason}");
    }
}

/// A service needs no shipping, but it waits for its checks like goods do.
#[test]
fn a_service_is_not_provided_before_its_checks() {
    let mut w = asking(&["fraud"]);
    w.systems.habits.silent.insert("screen_order".into());
    let id = w.submit("1", &[other("1", "service", 500)]);
    w.settle();
    assert_eq!(w.status("order", &id), "reserved");
    assert_eq!(w.args_of("post_invoice"), [] as [Value; 0]);
    w.answer("screen_order:shop-1", &json!({"ref": "s", "decision": "approve"}));
    w.settle();
    assert_eq!(w.status("order", &id), "completed");
}

/// An order that is cancelled asks nobody any more.
#[test]
fn what_is_still_asked_is_withdrawn_with_the_order() {
    let mut w = asking(&["fraud"]);
    w.systems.habits.silent.insert("screen_order".into());
    submit(&mut w);
    w.outcome("screen_order:shop-1", Outcome::Unknown { why: "503".into() });
    w.cancel("shop-1", None);
    w.settle();
    assert_eq!(w.status("order", "shop-1"), "cancelled");
    assert!(!w.open("order", "shop-1"));
    w.answer("screen_order:shop-1", &json!({"ref": "s", "decision": "decline"}));
    assert_eq!(w.exceptions(), [""; 0], "a verdict about an order that is over changes nothing");
}

/// What its customer had cancelled before is no reason to sell the rest.
#[test]
fn a_refused_order_is_cancelled_whole_though_some_was_cancelled_before() {
    let mut w = asking(&["fraud"]);
    rule(&mut w, "fraud").when_refused = WhenRefused::Cancel;
    w.systems.habits.silent.insert("screen_order".into());
    let id = submit(&mut w);
    w.cancel(&id, Some(&[("1", 1)]));
    w.settle();
    w.answer(&key("screen_order"), &json!({"ref": "s", "decision": "decline", "reason": "score 99"}));
    w.settle();
    assert_eq!((w.status("order", &id).as_str(), w.line("order", &id, "1", "cancelled")), ("cancelled", 3));
}
