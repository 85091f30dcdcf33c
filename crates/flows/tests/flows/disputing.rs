//! Disputes: opened and closed, early, late, twice, out of order, with refunds before, during and after (pitfall 7).

use crate::crediting::refunded;
use crate::harness::samples::goods;
use crate::harness::{World, name, rules};
use books::Account;
use serde_json::{Value, json};

fn sold() -> World {
    let mut w = World::stocked(&[("A", 4)]);
    w.complete("1", &[goods("1", "A", 4, 400)]);
    w.systems.habits.sends_back = true;
    w
}

fn opened(amount: i64) -> Value {
    json!({"dispute": "dp_1", "payment": "pi_1", "amount": amount, "currency": "GBP", "reason": "fraudulent"})
}

fn closed(outcome: &str) -> Value {
    json!({"dispute": "dp_1", "payment": "pi_1", "order": "shop-1", "outcome": outcome})
}

fn say(w: &mut World, kind: &str, data: &Value) {
    w.tell(kind, name("order", "shop-1"), data);
    w.settle();
}

fn back(w: &mut World, units: i64) {
    w.request("RMA-1", &[("1", "shop-1", "1", "A", units)]);
    w.settle();
}

#[test]
fn what_is_disputed_beyond_the_capture_is_shown_until_it_is_won() {
    let mut w = sold();
    back(&mut w, 3);
    say(&mut w, "dispute.opened", &opened(400));
    assert_eq!(w.exceptions(), ["dispute_opened", "disputed_beyond_capture"]);
    say(&mut w, "dispute.closed", &closed("won"));
    assert_eq!(w.exceptions(), Vec::<&str>::new());
}

#[test]
fn pitfall_07_while_it_is_open_nothing_is_refunded_and_once_won_it_is() {
    let mut w = sold();
    say(&mut w, "dispute.opened", &opened(400));
    assert!(w.open("order", "shop-1"));
    assert_eq!(w.exceptions(), ["dispute_opened"]);
    back(&mut w, 2);
    assert_eq!(refunded(&w), 0);
    assert!(w.exceptions().contains(&"dispute_open"), "{:?}", w.exceptions());
    for _ in 0..2 {
        say(&mut w, "dispute.closed", &closed("won"));
    }
    say(&mut w, "dispute.opened", &opened(400));
    assert_eq!((refunded(&w), w.exceptions().len()), (200, 0));
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert!(!w.open("order", "shop-1"));
    rules::at_rest(&w);
}

#[test]
fn pitfall_07_lost_it_counts_as_given_back() {
    let mut w = sold();
    say(&mut w, "dispute.opened", &opened(400));
    say(&mut w, "dispute.closed", &closed("lost"));
    say(&mut w, "dispute.closed", &closed("lost"));
    assert_eq!(w.total(&Account::DisputeLosses, "GBP"), 400);
    assert!(!w.open("order", "shop-1"));
    back(&mut w, 2);
    assert_eq!(refunded(&w), 0);
    assert_eq!(w.exceptions(), ["refund_exceeds_capture"].map(|_| "credit_or_dispute"));
    // The loss pays what is owed; a person says so.
    let mut word = json!({"order": "shop-1", "credit": "shop-1-C1", "dispute": "dp_1", "by": ""});
    let on = name("order", "shop-1");
    assert_eq!(w.refused("credit.settled_by_dispute", on.clone(), &word).code, "no_name");
    word["by"] = json!("ann");
    for _ in 0..2 {
        say(&mut w, "credit.settled_by_dispute", &word);
    }
    assert_eq!((refunded(&w), w.exceptions().len()), (0, 0));
    assert_eq!(w.total(&Account::DisputeLosses, "GBP"), 200);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    assert_eq!(w.systems.memos["shop-1-C1"], 200, "the memo is posted, and no refund");
    rules::at_rest(&w);
    // The bank changes its mind: the credit is owed again, and paid.
    say(&mut w, "dispute.closed", &closed("won"));
    assert_eq!(refunded(&w), 200);
    assert_eq!((w.systems.memos.len(), w.total(&Account::DisputeLosses, "GBP")), (1, 0));
    assert_eq!(w.status("return", "RMA-1"), "completed");
    rules::at_rest(&w);
}

#[test]
fn what_a_lost_dispute_may_settle() {
    let mut w = sold();
    say(&mut w, "dispute.opened", &opened(100));
    back(&mut w, 2);
    let word = |credit: &str, dispute: &str| json!({"order": "shop-1", "credit": credit, "dispute": dispute, "by": "ann"});
    let on = name("order", "shop-1");
    let refused = |w: &mut World, data: &Value| w.refused("credit.settled_by_dispute", on.clone(), data).code;
    assert_eq!(refused(&mut w, &word("shop-1-C1", "dp_1")), "dispute_too_small", "it is open");
    say(&mut w, "dispute.closed", &closed("lost"));
    assert_eq!(refused(&mut w, &word("shop-1-C1", "dp_1")), "dispute_too_small", "100 do not pay 200");
    assert_eq!(refused(&mut w, &word("shop-1-C1", "dp_9")), "unknown_dispute");
    assert_eq!(refused(&mut w, &word("shop-1-C7", "dp_1")), "unknown_credit");
    assert_eq!(refunded(&w), 0, "lost, in part or whole, nothing is refunded on the payment");
}

#[test]
fn a_refund_under_way_is_shown_and_a_dispute_beyond_it_too() {
    let mut w = sold();
    w.systems.habits.silent.insert("refund".into());
    back(&mut w, 2);
    say(&mut w, "dispute.opened", &opened(400));
    assert_eq!(w.exceptions(), ["dispute_opened", "disputed_beyond_capture", "refund_and_dispute"]);
    w.answer("refund:shop-1-C1", &json!({"ref": "re_1", "amount": 200, "state": "succeeded"}));
    w.systems.refunded.insert("refund:shop-1-C1".into(), ("pi_1".into(), 200));
    w.settle();
    say(&mut w, "dispute.closed", &closed("won"));
    assert_eq!(w.exceptions(), Vec::<&str>::new());
    assert_eq!(w.status("return", "RMA-1"), "completed");
    rules::at_rest(&w);
}

/// Its end before its beginning, and both before the order.
#[test]
fn out_of_order_and_early() {
    for outcome in ["won", "lost"] {
        let mut w = sold();
        say(&mut w, "dispute.closed", &closed(outcome));
        assert!(!w.open("order", "shop-1"));
        say(&mut w, "dispute.opened", &opened(150));
        let lost = if outcome == "lost" { 150 } else { 0 };
        assert_eq!(w.total(&Account::DisputeLosses, "GBP"), lost);
        assert_eq!(w.show("order", "shop-1")["tenders"][0]["disputed"], lost);
        back(&mut w, 1);
        assert_eq!(refunded(&w), if outcome == "lost" { 0 } else { 100 });
        rules::at_rest(&w);
    }
    let mut w = World::stocked(&[("A", 4)]);
    let on = name("order", "shop-1");
    w.tell("dispute.opened", on.clone(), &opened(400));
    w.tell("dispute.closed", on, &closed("won"));
    w.complete("1", &[goods("1", "A", 4, 400)]);
    assert!(!w.open("order", "shop-1"));
    rules::at_rest(&w);
}

#[test]
fn lost_in_part_the_rest_is_won() {
    let mut w = sold();
    say(&mut w, "dispute.opened", &opened(400));
    let mut end = closed("lost");
    end["amount"] = json!(150);
    say(&mut w, "dispute.closed", &end);
    assert_eq!(w.total(&Account::DisputeLosses, "GBP"), 150);
    assert_eq!(w.show("order", "shop-1")["tenders"][0]["disputed"], 150);
    say(&mut w, "dispute.opened", &opened(400));
    assert_eq!(w.total(&Account::DisputeLosses, "GBP"), 150, "a late repeat of its opening changes nothing");
    rules::at_rest(&w);
}

#[test]
fn what_cannot_be_is_refused() {
    let mut w = sold();
    say(&mut w, "dispute.opened", &opened(300));
    let on = name("order", "shop-1");
    for (kind, change, code) in [
        ("dispute.opened", json!({"payment": "pi_9"}), "unknown_payment"),
        ("dispute.opened", json!({"currency": "EUR"}), "currency_differs"),
        ("dispute.opened", json!({"amount": 0}), "bad_data"),
        ("dispute.opened", json!({"amount": -1}), "bad_data"),
        ("dispute.opened", json!({"amount": 299}), "dispute_differs"),
        ("dispute.opened", json!({"order": "shop-2"}), "order_differs"),
        ("dispute.closed", json!({"outcome": "drawn"}), "bad_data"),
        ("dispute.closed", json!({"outcome": "lost", "amount": 301}), "dispute_differs"),
    ] {
        let mut data = if kind == "dispute.opened" { opened(300) } else { closed("won") };
        data.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(w.refused(kind, on.clone(), &data).code, code, "{kind} {change}");
    }
}

/// What went back by another's hand counts with what is disputed, until less is lost than was taken.
#[test]
fn disputed_beyond_the_capture_counts_what_went_back_elsewhere() {
    for (lost, left) in [(350, vec!["disputed_beyond_capture"]), (150, vec![])] {
        for ours in [false, true] {
            let mut w = sold();
            if ours {
                back(&mut w, 1);
            } else {
                crate::elsewhere::elsewhere(&mut w, "re_9", 100, &json!({}));
            }
            say(&mut w, "dispute.opened", &opened(400));
            assert!(w.exceptions().contains(&"disputed_beyond_capture"), "{:?}", w.exceptions());
            let mut end = closed("lost");
            end["amount"] = json!(lost);
            say(&mut w, "dispute.closed", &end);
            let mut told = w.exceptions();
            told.retain(|code| code.starts_with("disput"));
            assert_eq!(told, left, "{lost} lost, by ourselves {ours}");
        }
    }
}

#[test]
fn what_came_of_it_is_told_with_the_money_that_is_lost() {
    for (outcome, lost) in [("won", 0), ("lost", 400)] {
        let mut w = sold();
        say(&mut w, "dispute.opened", &opened(400));
        let mut end = closed(outcome);
        end["amount"] = json!(400);
        say(&mut w, "dispute.closed", &end);
        assert_eq!(w.facts_of("dispute.closed")[0]["lost"], json!(lost));
        assert_eq!(w.total(&Account::DisputeLosses, "GBP"), lost);
    }
}

/// An end that says how much it was about needs no beginning; one that does not waits for it, and the last word counts.
#[test]
fn an_end_before_its_beginning_is_booked_once_its_amount_is_known() {
    let end = |outcome: &str, amount: Option<i64>| {
        let mut end = closed(outcome);
        if let Some(amount) = amount {
            end["amount"] = json!(amount);
        }
        end
    };
    let mut w = sold();
    say(&mut w, "dispute.closed", &end("lost", Some(150)));
    assert_eq!(w.total(&Account::DisputeLosses, "GBP"), 150);
    say(&mut w, "dispute.opened", &opened(150));
    assert_eq!(w.total(&Account::DisputeLosses, "GBP"), 150);
    for (first, amount) in [("won", None), ("lost", Some(0)), ("lost", None)] {
        let mut w = sold();
        say(&mut w, "dispute.closed", &end(first, amount));
        assert_eq!(w.facts_of("dispute.opened").len(), 0, "nobody knows how much it is about");
        say(&mut w, "dispute.closed", &end("lost", None));
        say(&mut w, "dispute.opened", &opened(150));
        assert_eq!(w.total(&Account::DisputeLosses, "GBP"), 150);
        let mut w = sold();
        say(&mut w, "dispute.closed", &end(first, amount));
        say(&mut w, "dispute.closed", &end("lost", Some(120)));
        assert_eq!(w.total(&Account::DisputeLosses, "GBP"), 120);
    }
}

/// What a loss has paid is free again when it is won after all, and what another loss has paid stays paid.
#[test]
fn a_loss_pays_anew_after_it_was_won_and_lost_again() {
    let mut w = sold();
    let word = |credit: &str| json!({"order": "shop-1", "credit": credit, "dispute": "dp_1", "by": "ann"});
    say(&mut w, "dispute.opened", &opened(300));
    say(&mut w, "dispute.closed", &closed("lost"));
    back(&mut w, 2);
    say(&mut w, "credit.settled_by_dispute", &word("shop-1-C1"));
    let other = |kind: &str, outcome: &str| {
        (
            kind.to_owned(),
            json!({"dispute": "dp_2", "payment": "pi_1", "order": "shop-1", "amount": 50,
            "currency": "GBP", "outcome": outcome}),
        )
    };
    for (kind, data) in [other("dispute.closed", "lost"), other("dispute.closed", "won")] {
        say(&mut w, &kind, &data);
    }
    assert_eq!(refunded(&w), 0);
    let credit = &w.show("order", "shop-1")["credits"][0];
    assert_eq!(credit["state"], "settled", "what dp_1 has paid is not owed because dp_2 is won");
    say(&mut w, "dispute.closed", &closed("won"));
    assert_eq!(refunded(&w), 200);
    say(&mut w, "dispute.closed", &closed("lost"));
    w.request("RMA-2", &[("1", "shop-1", "1", "A", 2)]);
    w.settle();
    say(&mut w, "credit.settled_by_dispute", &word("shop-1-C2"));
    assert_eq!(w.status("return", "RMA-2"), "completed");
}

/// A payment by card is disputed, the gift card is not: what that has left pays.
#[test]
fn another_tender_may_pay() {
    let mut w = World::stocked(&[("A", 4)]);
    let mut data = crate::harness::samples::order("1", &[goods("1", "A", 4, 400)]);
    data["tenders"] = json!([
        {"id": "t1", "kind": "card", "executor": "stripe", "payment": "pi_1", "authorised": 300},
        {"id": "t2", "kind": "gift_card", "executor": "gift", "payment": "g_1", "authorised": 100},
    ]);
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    w.ship_all();
    w.systems.habits.sends_back = true;
    say(&mut w, "dispute.opened", &opened(300));
    let mut of_another = closed("won");
    of_another["payment"] = json!("g_1");
    assert_eq!(w.refused("dispute.closed", name("order", "shop-1"), &of_another).code, "dispute_differs");
    back(&mut w, 1);
    assert_eq!(w.systems.refunded.values().cloned().collect::<Vec<_>>(), [("g_1".to_owned(), 100)]);
    rules::at_rest(&w);
}

/// A refund under way on one payment says nothing of another's dispute.
#[test]
fn a_refund_on_another_payment_is_not_in_the_way() {
    let mut w = World::stocked(&[("A", 4)]);
    let mut data = crate::harness::samples::order("1", &[goods("1", "A", 4, 400)]);
    data["tenders"] = json!([
        {"id": "t1", "kind": "card", "executor": "stripe", "payment": "pi_1", "authorised": 300},
        {"id": "t2", "kind": "card", "executor": "stripe", "payment": "pi_2", "authorised": 100},
    ]);
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    w.ship_all();
    w.systems.habits.sends_back = true;
    w.systems.habits.silent.insert("refund".into());
    back(&mut w, 1);
    let on: Vec<_> = w.args_of("refund").iter().map(|args| args["payment"].clone()).collect();
    let other = if on == [json!("pi_1")] { "pi_2" } else { "pi_1" };
    let mut dispute = opened(100);
    dispute["payment"] = json!(other);
    say(&mut w, "dispute.opened", &dispute);
    assert_eq!(w.exceptions(), ["dispute_opened"], "the refund is on {on:?}");
}

/// A loss pays what it comes to, to the last penny and once.
#[test]
fn a_loss_pays_as_much_as_was_lost() {
    let mut w = sold();
    let word = |credit: &str| json!({"order": "shop-1", "credit": credit, "dispute": "dp_1", "by": "ann"});
    say(&mut w, "dispute.opened", &opened(200));
    say(&mut w, "dispute.closed", &closed("lost"));
    back(&mut w, 2);
    w.request("RMA-2", &[("1", "shop-1", "1", "A", 2)]);
    w.settle();
    say(&mut w, "credit.settled_by_dispute", &word("shop-1-C1"));
    assert_eq!(w.status("return", "RMA-1"), "completed");
    let on = name("order", "shop-1");
    assert_eq!(w.refused("credit.settled_by_dispute", on, &word("shop-1-C2")).code, "dispute_too_small");
}
