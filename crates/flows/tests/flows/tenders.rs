//! Tenders: several, taken at checkout, added later, expiring, authorised again.

use crate::harness::samples::{goods, order, other};
use crate::harness::{World, name, rules};
use books::Account;
use flows::policy::{CaptureRule, OnExpiry, SingleCapture};
use retail::envelope::Outcome;
use retail::time::Span;
use serde_json::{Value, json};

fn with_tenders(w: &mut World, lines: &[Value], tenders: &Value) -> String {
    let mut data = order("1", lines);
    data["tenders"] = tenders.clone();
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    "shop-1".to_owned()
}

fn captures(w: &World) -> Vec<(String, i64)> {
    let of = |a: &Value| (a["payment"].as_str().unwrap().to_owned(), a["amount"].as_i64().unwrap());
    w.args_of("capture").iter().map(of).collect()
}

fn named(of: &[(&str, i64)]) -> Vec<(String, i64)> {
    of.iter().map(|(p, n)| ((*p).to_owned(), *n)).collect()
}

/// No executor is ever told of a payment that is another's.
fn own_payments_only(w: &World) {
    for (_, c) in w.commands.iter().filter(|(_, c)| c.role == "payments") {
        let args: Value = serde_json::from_str(c.args.get()).unwrap();
        assert!(args["payment"].as_str().unwrap().starts_with(&c.at), "{} told of {args}", c.at);
    }
}

/// Tenders pay in the order in which they were given; a gift card and store credit have executors of their own.
#[test]
fn a_gift_card_store_credit_and_a_card() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = with_tenders(
        &mut w,
        &[goods("1", "A", 3, 1_000)],
        &json!([
            {"id": "t1", "kind": "gift_card", "executor": "giftly", "payment": "giftly_1", "authorised": 300},
            {"id": "t2", "kind": "store_credit", "executor": "shopcredit", "payment": "shopcredit_1", "authorised": 250},
            {"id": "t3", "kind": "card", "executor": "stripe", "payment": "stripe_1", "authorised": 450},
        ]),
    );
    w.ship_all();
    assert_eq!(captures(&w), named(&[("giftly_1", 300), ("shopcredit_1", 250), ("stripe_1", 450)]));
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.total(&Account::Provider("giftly".into()), "GBP"), 300);
    assert_eq!(w.total(&Account::Provider("shopcredit".into()), "GBP"), 250);
    own_payments_only(&w);
}

/// What was taken at checkout is not taken again, and pays first.
#[test]
fn captured_at_checkout() {
    let mut w = World::stocked(&[("A", 5)]);
    w.flows.policy.capture = CaptureRule::PerShipment;
    w.systems.captured.insert("giftly_1".into(), 400);
    let id = with_tenders(
        &mut w,
        &[goods("1", "A", 2, 1_000)],
        &json!([
            {"id": "t1", "kind": "card", "executor": "stripe", "payment": "stripe_1", "authorised": 600, "several": true},
            {"id": "t2", "kind": "gift_card", "executor": "giftly", "payment": "giftly_1", "authorised": 400,
             "captured": 400},
        ]),
    );
    assert_eq!(w.total(&Account::Receivable, "GBP"), -400, "paid before it is owed");
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.settle();
    assert_eq!(captures(&w), named(&[("stripe_1", 100)]));
    w.confirm("s2", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.systems.working.clear();
    w.settle();
    assert_eq!(captures(&w), named(&[("stripe_1", 100), ("stripe_1", 500)]));
    assert_eq!(w.total(&Account::Receivable, "GBP"), 0);
    assert_eq!(w.status("order", &id), "completed");
    own_payments_only(&w);
}

#[test]
fn more_captured_than_authorised_is_refused() {
    let mut w = World::stocked(&[("A", 5)]);
    let mut data = order("1", &[goods("1", "A", 2, 1_000)]);
    data["tenders"][0]["captured"] = json!(1_001);
    assert_eq!(w.refused("order.submitted", name("order", "shop-1"), &data).code, "captured_exceeds");
    data["tenders"][0] = json!({"id": "t", "executor": "exchange", "payment": "x", "authorised": 1_000});
    assert_eq!(w.refused("order.submitted", name("order", "shop-1"), &data).code, "executor_reserved");
}

/// It was paid and then cancelled: the surplus is somebody's to give back.
#[test]
fn cancelled_after_it_was_paid_at_checkout() {
    let mut w = World::stocked(&[("A", 5)]);
    w.systems.captured.insert("pi_1".into(), 300);
    let mut data = order("1", &[goods("1", "A", 3, 300)]);
    data["tenders"][0]["captured"] = json!(300);
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    w.cancel("shop-1", None);
    w.settle();
    assert_eq!(w.systems.voided.len(), 0, "what is taken cannot be let go");
    assert_eq!(w.exceptions(), ["captured_without_sale"]);
}

/// A card that is not needed after all is let go, not only when everything is cancelled.
#[test]
fn an_unused_authorisation_is_voided() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = with_tenders(
        &mut w,
        &[goods("1", "A", 3, 600), other("2", "service", 400)],
        &json!([
            {"id": "t1", "kind": "gift_card", "executor": "giftly", "payment": "giftly_1", "authorised": 600},
            {"id": "t2", "kind": "card", "executor": "stripe", "payment": "stripe_1", "authorised": 400},
        ]),
    );
    w.cancel(&id, Some(&[("2", 1)]));
    w.settle();
    w.ship_all();
    assert_eq!(captures(&w), named(&[("giftly_1", 600)]));
    assert_eq!(w.systems.voided.iter().collect::<Vec<_>>(), ["stripe_1"]);
    assert_eq!(w.status("order", &id), "completed");
}

#[test]
fn all_of_it_with_the_first_shipment() {
    let mut w = World::stocked(&[("A", 5)]);
    w.flows.policy.capture = CaptureRule::AtFirstShipment;
    let id = w.submit("1", &[goods("1", "A", 3, 1_000), other("2", "shipping", 95)]);
    w.settle();
    assert_eq!(captures(&w), []);
    w.cancel(&id, Some(&[("1", 1)]));
    w.settle();
    w.confirm("s1", "shop-1-F2", "north", &[("1", "A", 1)]);
    w.settle();
    assert_eq!(captures(&w), named(&[("pi_1", 761)]), "all that is not cancelled");
    w.ship_all();
    assert_eq!(captures(&w).len(), 1);
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
}

#[test]
fn captured_for_what_is_cancelled_later_is_shown() {
    let mut w = World::stocked(&[("A", 5)]);
    w.flows.policy.capture = CaptureRule::AtFirstShipment;
    let id = w.submit("1", &[goods("1", "A", 2, 1_000)]);
    w.settle();
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.settle();
    w.cancel(&id, None);
    w.settle();
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.exceptions(), ["captured_without_sale"]);
}

/// A tender that allows one capture, captured with each shipment: what is left is authorised anew each time.
#[test]
fn one_capture_each_and_the_rest_anew() {
    let mut w = World::stocked(&[("A", 5)]);
    w.flows.policy.capture = CaptureRule::PerShipment;
    w.flows.policy.checkout.single_capture = SingleCapture::Reauthorise;
    let id = w.submit("1", &[goods("1", "A", 3, 1_000)]);
    w.settle();
    for n in 1..=3 {
        w.confirm(&format!("s{n}"), "shop-1-F1", "north", &[("1", "A", 1)]);
        w.settle();
    }
    assert_eq!(captures(&w), named(&[("pi_1", 333), ("pi_1.1", 333), ("pi_1.1.1", 334)]));
    let asked: Vec<_> =
        w.args_of("reauthorise").iter().map(|a| (a["payment"].clone(), a["amount"].clone())).collect();
    assert_eq!(asked, [(json!("pi_1"), json!(667)), (json!("pi_1.1"), json!(334))]);
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
    // Each payment gives back what was taken on it, and no more.
    w.systems.habits.sends_back = true;
    w.request("RMA-1", &[("1", &id, "1", "A", 3)]);
    w.settle();
    let of = |p: &str| -> i64 { w.systems.refunded.values().filter(|r| r.0 == p).map(|r| r.1).sum() };
    assert_eq!((of("pi_1"), of("pi_1.1"), of("pi_1.1.1")), (333, 333, 334));
}

/// The second shipment leaves before the first capture is through.
#[test]
fn the_rest_is_authorised_although_all_has_left() {
    let mut w = World::stocked(&[("A", 5)]);
    w.flows.policy.capture = CaptureRule::PerShipment;
    w.flows.policy.checkout.single_capture = SingleCapture::Reauthorise;
    w.systems.habits.silent.insert("capture".into());
    let id = w.submit("1", &[goods("1", "A", 2, 1_000)]);
    w.settle();
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.confirm("s2", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.settle();
    w.answer("capture:pi_1", &json!({"ref": "ch", "amount": 500}));
    w.systems.captured.insert("pi_1".into(), 500);
    w.systems.habits.silent.clear();
    w.settle();
    assert_eq!(captures(&w), named(&[("pi_1", 500), ("pi_1.1", 500)]));
    assert_eq!(w.status("order", &id), "completed");
}

fn expiring(w: &mut World, days: i64) -> String {
    let mut data = order("1", &[goods("1", "A", 3, 300)]);
    data["tenders"][0]["expires_at"] = json!(w.now.plus(Span::days(days)));
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    "shop-1".to_owned()
}

/// Backordered for long: each authorisation is renewed a day before it ends.
#[test]
fn an_authorisation_is_renewed_before_it_expires() {
    let mut w = World::stocked(&[]);
    w.flows.policy.checkout.on_expiry = OnExpiry::Reauthorise;
    let id = expiring(&mut w, 7);
    w.wait(Span::hours(5 * 24 + 23));
    assert_eq!(w.args_of("reauthorise"), [] as [Value; 0]);
    w.wait(Span::hours(2));
    assert_eq!(
        w.args_of("reauthorise"),
        [json!({"payment": "pi_1", "order": "shop-1", "amount": 300, "currency": "GBP"})]
    );
    w.wait(Span::days(7));
    assert_eq!(w.args_of("reauthorise").len(), 2, "and so is the new one");
    assert_eq!(w.status("order", &id), "backordered");
    w.supply("north", &[("A", 5)]);
    w.settle();
    w.ship_all();
    assert_eq!(captures(&w), named(&[("pi_1.1.1", 300)]));
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
    let tenders = &w.show("order", &id)["tenders"];
    assert_eq!((&tenders[0]["replaced"], &tenders[2]["replaced"]), (&json!(true), &json!(false)));
}

/// An executor that keeps the payment's number: the same tender, authorised again.
#[test]
fn a_payment_may_be_renewed_in_place() {
    let mut w = World::stocked(&[]);
    w.flows.policy.checkout.on_expiry = OnExpiry::Reauthorise;
    w.systems.habits.silent.insert("reauthorise".into());
    let id = expiring(&mut w, 7);
    w.wait(Span::days(6));
    let until = w.now.plus(Span::days(9));
    w.answer("reauthorise:pi_1", &json!({"ref": "r", "payment": "pi_1", "expires_at": until}));
    w.wait(Span::days(8));
    let keys: Vec<_> =
        w.commands.iter().filter(|(_, c)| c.op == "reauthorise").map(|(_, c)| c.key.clone()).collect();
    assert_eq!(keys, ["reauthorise:pi_1", "reauthorise:pi_1~2"], "a renewal of its own has a key of its own");
    w.answer("reauthorise:pi_1~2", &json!({"ref": "r"}));
    w.supply("north", &[("A", 5)]);
    w.settle();
    w.ship_all();
    assert_eq!(captures(&w), named(&[("pi_1", 300)]));
    assert_eq!(w.status("order", &id), "completed");
}

/// Nothing is captured while nobody knows whether the payment was renewed.
#[test]
fn a_capture_waits_for_the_renewal() {
    let mut w = World::stocked(&[("A", 5)]);
    w.flows.policy.checkout.on_expiry = OnExpiry::Reauthorise;
    w.systems.habits.silent.insert("reauthorise".into());
    let id = expiring(&mut w, 7);
    w.wait(Span::days(6));
    w.outcome("reauthorise:pi_1", Outcome::Unknown { why: "cut".into() });
    w.ship_all();
    assert_eq!(captures(&w), []);
    assert_eq!(w.status("order", &id), "shipped");
    w.answer("reauthorise:pi_1", &json!({"ref": "r", "payment": "pi_2"}));
    w.settle();
    assert_eq!(captures(&w), named(&[("pi_2", 300)]));
    assert_eq!(w.status("order", &id), "completed");
}

#[test]
fn a_refused_renewal_holds_it_and_a_person_has_it_tried_again() {
    let mut w = World::stocked(&[]);
    w.flows.policy.checkout.on_expiry = OnExpiry::Reauthorise;
    w.systems.habits.refuse.insert("reauthorise".into(), "card_declined".into());
    let id = expiring(&mut w, 7);
    w.wait(Span::days(6));
    assert_eq!((w.status("order", &id).as_str(), w.exceptions()), ("on_hold", vec!["held_for_payment"]));
    w.supply("north", &[("A", 5)]);
    w.settle();
    assert_eq!(w.args_of("release_order"), [] as [Value; 0]);
    w.systems.habits.refuse.clear();
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    w.settle();
    assert_eq!(w.exceptions(), [""; 0]);
    w.ship_all();
    assert_eq!(captures(&w), named(&[("pi_1.2", 300)]), "under a second key");
    assert_eq!(w.status("order", &id), "completed");
}

#[test]
fn a_renewal_under_no_number_is_none() {
    let mut w = World::stocked(&[]);
    w.flows.policy.checkout.on_expiry = OnExpiry::Reauthorise;
    w.systems.habits.silent.insert("reauthorise".into());
    let id = expiring(&mut w, 7);
    w.wait(Span::days(6));
    w.answer("reauthorise:pi_1", &json!({"ref": "r", "payment": "no number"}));
    assert_eq!((w.status("order", &id).as_str(), w.exceptions()), ("on_hold", vec!["held_for_payment"]));
    assert_eq!(w.show("order", &id)["tenders"].as_array().unwrap().len(), 1);
}

/// Policy holds instead: the customer pays with something else.
#[test]
fn an_expiry_holds_until_another_payment_comes() {
    for by_event in [false, true] {
        let mut w = World::stocked(&[]);
        let id = if by_event { w.submit("1", &[goods("1", "A", 3, 300)]) } else { expiring(&mut w, 7) };
        w.settle();
        let expired = json!({"payment": "pi_1", "order": id});
        if by_event {
            w.tell("payment.authorisation_expired", name("order", &id), &expired);
        } else {
            w.wait(Span::days(6));
            assert_eq!(w.args_of("reauthorise"), [] as [Value; 0]);
            w.tell("payment.authorisation_expired", name("order", &id), &expired);
        }
        assert_eq!((w.status("order", &id).as_str(), w.exceptions()), ("on_hold", vec!["held_for_payment"]));
        let data = json!({
            "payment": "pi_9", "order": id, "amount": 300, "currency": "GBP", "executor": "stripe", "kind": "card",
        });
        w.tell("payment.authorised", name("order", &id), &data);
        assert_eq!((w.status("order", &id).as_str(), w.exceptions()), ("backordered", vec![]));
        w.supply("north", &[("A", 5)]);
        w.settle();
        w.ship_all();
        assert_eq!(captures(&w), named(&[("pi_9", 300)]));
        assert_eq!(w.status("order", &id), "completed");
        rules::at_rest(&w);
    }
}

/// The same payment is authorised again, for more and for longer, by whoever did it.
#[test]
fn a_known_payment_is_renewed_by_its_report() {
    let mut w = World::stocked(&[]);
    let id = expiring(&mut w, 7);
    w.wait(Span::days(6));
    assert_eq!(w.exceptions(), ["held_for_payment"]);
    let until = w.now.plus(Span::days(60));
    let data = json!({
        "payment": "pi_1", "order": id, "amount": 350, "currency": "GBP", "executor": "stripe", "expires_at": until,
    });
    w.tell("payment.authorised", name("order", &id), &data);
    assert_eq!(w.exceptions(), [""; 0]);
    let tender = w.show("order", &id)["tenders"][0].clone();
    assert_eq!((&tender["authorised"], &tender["expires_at"]), (&json!(350), &json!(until)));
    w.supply("north", &[("A", 5)]);
    w.settle();
    w.ship_all();
    assert_eq!(captures(&w), named(&[("pi_1", 300)]));
}

/// It expires after the goods have left: nothing is asked of it, and another payment settles it.
#[test]
fn expired_after_the_goods_have_left() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.settle();
    w.tell("payment.authorisation_expired", name("order", &id), &json!({"payment": "pi_1", "order": id}));
    w.settle();
    assert_eq!((w.status("order", &id).as_str(), w.exceptions()), ("on_hold", vec!["held_for_payment"]));
    w.cancel(&id, None);
    w.settle();
    assert_eq!((w.status("order", &id).as_str(), w.exceptions()), ("shipped", vec!["capture_short"]));
    assert_eq!(captures(&w), []);
    let data =
        json!({"payment": "pi_9", "order": id, "amount": 100, "currency": "GBP", "executor": "stripe"});
    w.tell("payment.authorised", name("order", &id), &data);
    w.settle();
    assert_eq!(captures(&w), named(&[("pi_9", 100)]));
    assert_eq!((w.status("order", &id).as_str(), w.exceptions()), ("completed", vec![]));
    rules::at_rest(&w);
}

/// A capture is refused, the payment expires and is authorised anew for the rest: what was refused is authorised too,
/// once a person asks for it again.
#[test]
fn a_refused_capture_on_a_payment_that_was_replaced() {
    let mut w = World::stocked(&[("A", 5)]);
    w.flows.policy.capture = CaptureRule::PerShipment;
    w.flows.policy.checkout.on_expiry = OnExpiry::Reauthorise;
    w.systems.habits.refuse.insert("capture".into(), "expired".into());
    let mut data = order("1", &[goods("1", "A", 3, 300)]);
    data["tenders"][0]["several"] = json!(true);
    data["tenders"][0]["expires_at"] = json!(w.now.plus(Span::days(7)));
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.wait(Span::days(8));
    assert_eq!(w.args_of("reauthorise"), [] as [Value; 0], "not before it is known what is left");
    let expired = json!({"payment": "pi_1", "order": "shop-1"});
    w.tell("payment.authorisation_expired", name("order", "shop-1"), &expired);
    w.settle();
    w.systems.habits.refuse.clear();
    w.tell("order.retry_requested", name("order", "shop-1"), &json!({"order": "shop-1"}));
    w.settle();
    w.confirm("s2", "shop-1-F1", "north", &[("1", "A", 2)]);
    w.systems.working.clear();
    w.settle();
    let asked: Vec<_> = w.args_of("reauthorise").iter().map(|a| a["amount"].clone()).collect();
    assert_eq!(asked, [json!(200), json!(100)]);
    assert_eq!((w.status("order", "shop-1").as_str(), w.exceptions()), ("completed", vec![]));
    rules::at_rest(&w);
}

/// A check finds it expired: it is held until its executor has authorised it again.
#[test]
fn a_check_that_finds_it_expired_has_it_renewed() {
    for (on_expiry, renewed) in [(OnExpiry::Hold, 0), (OnExpiry::Reauthorise, 1)] {
        let mut w = World::stocked(&[("A", 5)]);
        w.flows.policy.checkout.on_expiry = on_expiry;
        w.flows.policy.checkout.payment.ask = true;
        w.systems.habits.silent.extend(["check_payment".to_owned(), "reauthorise".to_owned()]);
        let id = w.submit("1", &[goods("1", "A", 3, 300)]);
        w.settle();
        let said = json!({"ref": "y", "state": "expired", "amount": 300, "currency": "GBP"});
        w.answer("check_payment:pi_1", &said);
        w.settle();
        assert_eq!((w.status("order", &id).as_str(), w.exceptions()), ("on_hold", vec!["held_for_payment"]));
        assert_eq!(w.args_of("reauthorise").len(), renewed);
        if renewed > 0 {
            w.answer("reauthorise:pi_1", &json!({"ref": "r", "payment": "pi_2"}));
            w.settle();
            w.ship_all();
            assert_eq!(captures(&w), named(&[("pi_2", 300)]));
            assert_eq!((w.status("order", &id).as_str(), w.exceptions()), ("completed", vec![]));
        }
    }
}

#[test]
fn what_is_not_needed_any_more_may_expire() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = expiring(&mut w, 7);
    w.ship_all();
    let before = w.commands.len();
    w.tell("payment.authorisation_expired", name("order", &id), &json!({"payment": "pi_1", "order": id}));
    w.wait(Span::days(20));
    assert_eq!(w.commands.len(), before);
    assert_eq!((w.status("order", &id).as_str(), w.exceptions()), ("completed", vec![]));
}

#[test]
fn a_report_of_a_payment_that_does_not_fit_is_refused() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    let good =
        json!({"payment": "pi_9", "order": id, "amount": 300, "currency": "GBP", "executor": "stripe"});
    for (member, value, code) in [
        ("currency", "EUR", "currency_differs"),
        ("executor", "", "no_executor"),
        ("executor", "exchange", "no_executor"),
        ("order", "shop-2", "order_differs"),
    ] {
        let mut data = good.clone();
        data[member] = json!(value);
        assert_eq!(w.refused("payment.authorised", name("order", &id), &data).code, code);
    }
    let unknown = json!({"payment": "pi_9", "order": id});
    let fault = w.refused("payment.authorisation_expired", name("order", &id), &unknown);
    assert_eq!(fault.code, "unknown_payment");
}

/// A tender that came later is one of the order's: a repeat of the order is still the same order.
#[test]
fn an_order_with_a_later_tender_is_the_order_that_was_placed() {
    let mut w = World::stocked(&[("A", 5)]);
    let lines = [goods("1", "A", 3, 300)];
    let early =
        json!({"payment": "pi_9", "order": "shop-1", "amount": 50, "currency": "GBP", "executor": "stripe"});
    w.tell("payment.authorised", name("order", "shop-1"), &early);
    let id = w.submit("1", &lines);
    w.tell("order.submitted", name("order", &id), &order("1", &lines));
    w.settle();
    assert_eq!(w.exceptions(), [""; 0]);
    assert_eq!(w.show("order", &id)["tenders"][1]["payment"], "pi_9");
    w.ship_all();
    assert_eq!(captures(&w), named(&[("pi_1", 300)]));
    assert_eq!(w.systems.voided.iter().collect::<Vec<_>>(), ["pi_9"]);
}
