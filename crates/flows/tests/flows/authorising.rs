//! What is asked of a payment's authorisation, and what is not: renewed for what is left and needed, let go once.

use crate::harness::samples::{goods, order, other};
use crate::harness::{World, name};
use flows::policy::{CaptureRule, OnExpiry, SingleCapture};
use retail::time::Span;
use serde_json::{Value, json};

fn submitted(w: &mut World, lines: &[Value], tenders: &Value) -> String {
    let mut data = order("1", lines);
    data["tenders"] = tenders.clone();
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    "shop-1".to_owned()
}

/// One tender that pays for everything and allows several captures.
fn several(w: &mut World, lines: &[Value], amount: i64) -> String {
    let tender = json!([{"id": "t1", "kind": "card", "executor": "stripe", "payment": "pi_1",
        "authorised": amount, "several": true}]);
    submitted(w, lines, &tender)
}

fn expire(w: &mut World, id: &str, payment: &str) {
    w.tell("payment.authorisation_expired", name("order", id), &json!({"payment": payment, "order": id}));
    w.settle();
}

fn amounts(w: &World, op: &str) -> Vec<i64> {
    w.args_of(op).iter().map(|args| args["amount"].as_i64().unwrap()).collect()
}

fn captured(w: &mut World, id: &str, amount: i64) {
    let data = json!({"payment": "pi_1", "order": id, "amount": amount, "currency": "GBP"});
    w.tell("payment.captured", name("order", id), &data);
    w.settle();
}

/// A payment of which nothing is left to be taken may expire: nothing waits for it.
#[test]
fn one_that_is_taken_may_expire() {
    let mut w = World::stocked(&[("A", 5)]);
    w.systems.captured.insert("pi_1".into(), 300);
    let tender = json!([{"id": "t1", "kind": "card", "executor": "stripe", "payment": "pi_1",
        "authorised": 300, "captured": 300}]);
    let id = submitted(&mut w, &[goods("1", "A", 3, 300)], &tender);
    expire(&mut w, &id, "pi_1");
    assert_eq!(w.exceptions(), [""; 0]);
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
}

/// What was cancelled is left on the payment and needed by nobody.
#[test]
fn one_that_is_not_needed_any_more_may_expire() {
    let mut w = World::stocked(&[("A", 10)]);
    w.flows.policy.capture = CaptureRule::AtFirstShipment;
    let id = several(&mut w, &[goods("1", "A", 10, 1_000)], 1_000);
    w.cancel(&id, Some(&[("1", 4)]));
    w.settle();
    w.confirm("s1", "shop-1-F2", "north", &[("1", "A", 1)]);
    w.settle();
    assert_eq!(amounts(&w, "capture"), [600]);
    expire(&mut w, &id, "pi_1");
    assert_eq!(w.exceptions(), [""; 0], "all that is wanted is taken");
}

/// Told twice it has expired once.
#[test]
fn an_expiry_that_is_told_again_changes_nothing() {
    for (then, asked) in [(OnExpiry::Reauthorise, vec![300]), (OnExpiry::Hold, vec![])] {
        let mut w = World::stocked(&[]);
        w.flows.policy.checkout.on_expiry = then;
        w.systems.habits.silent.insert("reauthorise".into());
        let id = w.submit("1", &[goods("1", "A", 3, 300)]);
        w.settle();
        for _ in 0..2 {
            expire(&mut w, &id, "pi_1");
            assert_eq!(w.facts_of("payment.authorisation_expired").len(), 1);
            assert_eq!(amounts(&w, "reauthorise"), asked);
        }
    }
}

/// The hold names the payment by its place, so that renewing one does not lift another's.
#[test]
fn each_payment_has_a_hold_of_its_own() {
    let mut w = World::stocked(&[]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    expire(&mut w, &id, "pi_1");
    let held: Vec<_> = w.facts_of("order.held").iter().map(|fact| fact["hold"].clone()).collect();
    assert_eq!(held, [json!("authorisation.1")]);
}

/// What is authorised anew is what is left on that payment, not what others pay.
#[test]
fn a_payment_is_renewed_for_what_is_left_on_it() {
    let mut w = World::stocked(&[("A", 10)]);
    w.flows.policy.capture = CaptureRule::PerShipment;
    w.flows.policy.checkout.on_expiry = OnExpiry::Reauthorise;
    w.systems.habits.silent.insert("reauthorise".into());
    let tenders = json!([
        {"id": "t1", "kind": "card", "executor": "stripe", "payment": "pi_1", "authorised": 300, "several": true},
        {"id": "t2", "kind": "card", "executor": "stripe", "payment": "pi_2", "authorised": 700, "several": true},
    ]);
    let id = submitted(&mut w, &[goods("1", "A", 10, 1_000)], &tenders);
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.settle();
    assert_eq!(amounts(&w, "capture"), [100]);
    expire(&mut w, &id, "pi_1");
    assert_eq!(amounts(&w, "reauthorise"), [200]);
}

/// Renewed under its own number for less than it was placed for, since some was cancelled.
#[test]
fn one_renewed_in_place_is_worth_what_it_was_renewed_for() {
    let mut w = World::stocked(&[]);
    w.flows.policy.checkout.on_expiry = OnExpiry::Reauthorise;
    w.systems.habits.silent.insert("reauthorise".into());
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.cancel(&id, Some(&[("1", 1)]));
    w.settle();
    expire(&mut w, &id, "pi_1");
    assert_eq!(amounts(&w, "reauthorise"), [200]);
    w.answer("reauthorise:pi_1", &json!({"ref": "r"}));
    let tenders = w.show("order", &id)["tenders"].clone();
    assert_eq!((&tenders[0]["authorised"], tenders.as_array().unwrap().len()), (&json!(200), 1));
}

/// Only what was refused is authorised anew with it; what was never asked for is not.
#[test]
fn a_refused_capture_of_an_expired_payment_is_authorised_for_its_own_amount() {
    let mut w = World::stocked(&[("A", 10)]);
    w.flows.policy.capture = CaptureRule::PerShipment;
    w.systems.habits.silent.insert("reauthorise".into());
    let id = several(&mut w, &[goods("1", "A", 10, 1_000)], 1_000);
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 3)]);
    w.settle();
    w.systems.habits.refuse.insert("capture".into(), "authorization_expired".into());
    w.confirm("s2", "shop-1-F1", "north", &[("1", "A", 3)]);
    w.settle();
    assert_eq!(amounts(&w, "capture"), [300, 300]);
    expire(&mut w, &id, "pi_1");
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    w.settle();
    assert_eq!(amounts(&w, "reauthorise"), [300]);
}

/// A report of what was taken before is no answer to a capture that was refused.
#[test]
fn a_capture_reported_again_does_not_stand_for_one_that_was_refused() {
    let mut w = World::stocked(&[("A", 10)]);
    w.flows.policy.capture = CaptureRule::PerShipment;
    let id = several(&mut w, &[goods("1", "A", 10, 1_000)], 1_000);
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 3)]);
    w.settle();
    w.systems.habits.refuse.insert("capture".into(), "card_declined".into());
    w.confirm("s2", "shop-1-F1", "north", &[("1", "A", 3)]);
    w.settle();
    captured(&mut w, &id, 300);
    assert_eq!(w.show("order", &id)["captured"], json!(300));
    assert_eq!(w.exceptions(), ["capture_failed"]);
}

/// What has expired cannot be let go: its executor is asked nothing.
#[test]
fn an_authorisation_that_has_expired_is_not_voided() {
    let mut w = World::stocked(&[("A", 5)]);
    let tenders = json!([
        {"id": "t1", "kind": "gift_card", "executor": "giftly", "payment": "giftly_1", "authorised": 600},
        {"id": "t2", "kind": "card", "executor": "stripe", "payment": "stripe_1", "authorised": 400},
    ]);
    let id = submitted(&mut w, &[goods("1", "A", 3, 600), other("2", "service", 400)], &tenders);
    w.cancel(&id, Some(&[("2", 1)]));
    w.settle();
    expire(&mut w, &id, "stripe_1");
    let lifted = json!({"order": id, "hold": "authorisation.2", "by": "ann"});
    w.tell("order.hold_lifted", name("order", &id), &lifted);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.args_of("void"), [] as [Value; 0]);
}

/// An authorisation that lasts until a day is renewed for what is left by then.
#[test]
fn a_timer_renews_for_what_is_left() {
    let mut w = World::stocked(&[("A", 10)]);
    w.flows.policy.capture = CaptureRule::PerShipment;
    w.flows.policy.checkout.on_expiry = OnExpiry::Reauthorise;
    w.systems.habits.silent.insert("reauthorise".into());
    let until = w.now.plus(Span::days(7));
    let tenders = json!([
        {"id": "t1", "kind": "card", "executor": "stripe", "payment": "pi_1", "authorised": 300, "several": true,
         "expires_at": until},
        {"id": "t2", "kind": "card", "executor": "stripe", "payment": "pi_2", "authorised": 700, "several": true},
    ]);
    submitted(&mut w, &[goods("1", "A", 10, 1_000)], &tenders);
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.settle();
    w.wait(Span::days(6));
    assert_eq!(amounts(&w, "reauthorise"), [200]);
}

/// A renewal that was refused is asked again for what is left on its payment.
#[test]
fn a_refused_renewal_is_retried_for_what_is_left() {
    let mut w = World::stocked(&[("A", 10)]);
    w.flows.policy.capture = CaptureRule::PerShipment;
    w.flows.policy.checkout.on_expiry = OnExpiry::Reauthorise;
    w.systems.habits.refuse.insert("reauthorise".into(), "card_declined".into());
    let tenders = json!([
        {"id": "t1", "kind": "card", "executor": "stripe", "payment": "pi_1", "authorised": 300, "several": true},
        {"id": "t2", "kind": "card", "executor": "stripe", "payment": "pi_2", "authorised": 700, "several": true},
    ]);
    let id = submitted(&mut w, &[goods("1", "A", 10, 1_000)], &tenders);
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.settle();
    expire(&mut w, &id, "pi_1");
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    w.settle();
    assert_eq!(amounts(&w, "reauthorise"), [200, 200]);
}

/// A capture that was refused says nothing against its payment's authorisation, though another's has expired.
#[test]
fn a_payment_that_stands_is_not_authorised_anew() {
    let mut w = World::stocked(&[("A", 10)]);
    w.flows.policy.capture = CaptureRule::PerShipment;
    w.systems.habits.refuse.insert("capture".into(), "try_later".into());
    let tenders = json!([
        {"id": "t1", "kind": "card", "executor": "stripe", "payment": "pi_1", "authorised": 700, "several": true},
        {"id": "t2", "kind": "card", "executor": "stripe", "payment": "pi_2", "authorised": 300, "several": true},
    ]);
    let id = submitted(&mut w, &[goods("1", "A", 10, 1_000)], &tenders);
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.settle();
    expire(&mut w, &id, "pi_2");
    w.tell("order.retry_requested", name("order", &id), &json!({"order": id}));
    w.settle();
    assert_eq!(w.args_of("reauthorise"), [] as [Value; 0]);
}

/// What other payments still cover is not authorised anew on the one that was captured in part.
#[test]
fn the_rest_of_a_single_capture_is_authorised_as_far_as_it_is_needed() {
    let mut w = World::stocked(&[("A", 10)]);
    w.flows.policy.capture = CaptureRule::PerShipment;
    w.flows.policy.checkout.single_capture = SingleCapture::Reauthorise;
    w.systems.habits.silent.insert("reauthorise".into());
    let tenders = json!([
        {"id": "t1", "kind": "card", "executor": "stripe", "payment": "pi_1", "authorised": 300},
        {"id": "t2", "kind": "card", "executor": "stripe", "payment": "pi_2", "authorised": 750},
    ]);
    submitted(&mut w, &[goods("1", "A", 10, 1_000)], &tenders);
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.settle();
    assert_eq!((amounts(&w, "capture"), amounts(&w, "reauthorise")), (vec![100], vec![150]));
}

/// What an executor says of a payment that came after checkout finds the order by the payment's number.
#[test]
fn an_added_payment_is_a_name_of_its_order() {
    let mut w = World::stocked(&[]);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    let data = json!({"payment": "pi_9", "order": id, "amount": 50, "currency": "GBP", "executor": "stripe"});
    w.tell("payment.authorised", name("order", &id), &data);
    assert!(w.names.contains(&name("payment", "pi_9")), "{:?}", w.names);
}

/// Where several captures are made, what an executor reports beside ours is told apart as far as that goes: none is
/// under way, and it is the first; it belongs to the one under way, up to what that asked; or it may repeat an old one.
#[test]
fn a_report_beside_several_captures_is_worth_what_it_can_be() {
    let taken = |w: &World| w.show("order", "shop-1")["tenders"][0]["captured"].clone();
    let lines = [goods("1", "A", 1, 300), goods("2", "B", 1, 400)];
    let mut w = World::stocked(&[("A", 5)]);
    several(&mut w, &lines, 700);
    captured(&mut w, "shop-1", 250);
    assert_eq!(taken(&w), 250, "taken over there before anything was asked");
    let mut w = World::stocked(&[("A", 5)]);
    w.flows.policy.capture = CaptureRule::PerShipment;
    several(&mut w, &lines, 700);
    w.ship_all();
    assert_eq!(taken(&w), 300);
    captured(&mut w, "shop-1", 550);
    assert_eq!(taken(&w), 300, "it may be any of what is known");
    w.systems.habits.silent.insert("capture".into());
    w.supply("north", &[("B", 5)]);
    w.settle();
    w.ship_all();
    captured(&mut w, "shop-1", 550);
    assert_eq!(taken(&w), 700, "no more than the one under way asked for");
    assert_eq!(w.exceptions(), [""; 0]);
}
