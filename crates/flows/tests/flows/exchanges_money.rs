//! The money of exchanges: what is carried to the exchange order, what is left over, and what comes back from it.

use crate::crediting::refunded;
use crate::harness::samples::goods;
use crate::harness::{World, name, raw, rules};
use books::Account;
use hub::process::Stimulus;
use serde_json::{Value, json};

fn sold() -> World {
    let mut w = World::stocked(&[("A", 4), ("B", 4)]);
    w.complete("1", &[goods("1", "A", 4, 400)]);
    w
}

fn mail(w: &mut World, from: (&str, &str), to: (&str, &str), kind: &str, data: &Value) {
    let stimulus = Stimulus::Mail { from: name(from.0, from.1), kind: kind.into(), data: raw(data) };
    w.deliver(&name(to.0, to.1), &stimulus).unwrap();
}

/// What was told to returns, which nobody plays here.
fn told(w: &mut World, kind: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for ((_, to), queue) in &mut w.mail {
        if to.kind == "return" {
            for s in queue.drain(..) {
                if let Stimulus::Mail { kind: k, data, .. } = s
                    && k == kind
                {
                    all.push(serde_json::from_str(data.get()).unwrap());
                }
            }
        }
    }
    all
}

/// Two units come back, to be exchanged for an order of that total.
fn exchange(w: &mut World, total: i64, fees: &Value) {
    let lines = json!([{"return_line": "1", "order_line": "1", "quantity": 2, "outcome": "exchange"}]);
    let check = json!({"rma": "R", "requested_at": w.now, "lines": lines});
    mail(w, ("return", "R"), ("order", "shop-1"), "return.check", &check);
    told(w, "return.checked");
    let ask = json!({"rma": "R", "id": "1", "lines": lines, "fees": fees, "exchange": {"order": "R-E1", "total": total}});
    mail(w, ("return", "R"), ("order", "shop-1"), "credit.request", &ask);
}

/// Pitfall 15: dearer, the same, cheaper; with and without a fee.
#[test]
fn pitfall_15_what_it_costs_is_carried_and_the_rest_goes_back() {
    let fee = json!([{"kind": "return_shipping", "amount": 30}]);
    for (total, fees, applied, back, withheld) in [
        (250, json!([]), 200, 0, 0),
        (200, json!([]), 200, 0, 0),
        (150, json!([]), 150, 50, 0),
        (150, fee.clone(), 150, 20, 30),
        (190, fee, 170, 0, 30),
    ] {
        let mut w = sold();
        exchange(&mut w, total, &fees);
        let granted = told(&mut w, "credit.granted");
        w.settle_without_returns();
        assert_eq!(
            (&granted[0]["applied"], &granted[0]["refunded"], &granted[0]["amount"]),
            (&json!(applied), &json!(back), &json!(200)),
        );
        assert_eq!((refunded(&w), w.total(&Account::FeesWithheld, "GBP")), (back, -withheld));
        assert_eq!(w.total(&Account::Provider("exchange".into()), "GBP"), -applied);
        assert_eq!(w.systems.memos.values().copied().collect::<Vec<_>>(), [200], "one memo of the whole");
        assert_eq!(w.total(&Account::RefundsPayable, "GBP"), 0);
        assert!(!w.open("order", "shop-1"));
        // What was carried away is not there to be refunded.
        assert_eq!(w.exceptions(), [""; 0]);
    }
}

/// The money must be there before it is carried anywhere.
#[test]
fn it_is_told_once_the_money_is_captured() {
    let mut w = World::stocked(&[("A", 4)]);
    w.systems.habits.silent.insert("capture".into());
    w.submit("1", &[goods("1", "A", 4, 400)]);
    w.settle();
    w.ship_all();
    exchange(&mut w, 200, &json!([]));
    assert!(told(&mut w, "credit.granted").is_empty());
    assert_eq!(w.total(&Account::Provider("exchange".into()), "GBP"), 0);
    w.answer("capture:pi_1", &json!({"ref": "ch", "amount": 400}));
    assert_eq!(told(&mut w, "credit.granted")[0]["applied"], 200);
}

/// The exchange order, as it stands once it was opened, paid by the credit and shipped.
fn exchanged(w: &mut World) {
    exchange(w, 200, &json!([]));
    w.settle_without_returns();
    let on = name("order", "shop-2");
    w.submit("2", &[goods("1", "B", 2, 200)]);
    let stored = w.cases.get_mut(&on).unwrap();
    let doc = String::from_utf8(stored.doc.clone().unwrap()).unwrap();
    stored.doc = Some(doc.replace("stripe", "exchange").replace("pi_2", "shop-1-C1").into_bytes());
    let body = String::from_utf8(stored.body.clone()).unwrap();
    assert!(body.contains("[0,0,0,0,[]]"), "{body}");
    stored.body = body.replace("[0,0,0,0,[]]", "[200,200,0,0,[]]").into_bytes();
    w.settle_without_returns();
    w.ship_all();
    assert_eq!(w.status("order", "shop-2"), "completed");
    // The order knows the exchange by the id that its return gave it.
    let first = w.cases.get_mut(&name("order", "shop-1")).unwrap();
    first.body = String::from_utf8(first.body.clone()).unwrap().replace("R-E1", "shop-2").into_bytes();
}

/// An exchanged item comes back: the original order's tenders pay, and nobody is told to refund the exchange.
#[test]
fn a_return_of_an_exchanged_item_is_paid_by_the_original_tenders() {
    let mut w = sold();
    exchanged(&mut w);
    let before = w.total(&Account::Provider("exchange".into()), "GBP");
    w.systems.habits.sends_back = true;
    w.request("RMA-2", &[("1", "shop-2", "1", "B", 1)]);
    w.settle();
    assert_eq!(w.args_of("refund").len(), 1);
    assert_eq!(w.args_of("refund")[0]["payment"], "pi_1");
    assert_eq!(refunded(&w), 100);
    assert_eq!(w.systems.memos["shop-2-C1"], 100, "the exchange order's memo");
    assert_eq!(w.status("return", "RMA-2"), "completed");
    assert_eq!(w.total(&Account::Provider("exchange".into()), "GBP"), before);
    assert_eq!(w.total(&Account::RefundsPayable, "GBP"), 0);
    assert!(!w.open("order", "shop-1") && !w.open("order", "shop-2"));
    // Asked again, it answers and pays nothing; asked for more than was carried, it says so.
    let ask = |credit: &str, amount: i64| json!({"exchange_order": "shop-2", "credit": credit, "currency": "GBP", "amount": amount});
    mail(&mut w, ("refund", "shop-2-C1"), ("order", "shop-1"), "refund.onward", &ask("shop-2-C1", 100));
    w.settle();
    assert_eq!(refunded(&w), 100);
    w.mail.clear();
    mail(&mut w, ("refund", "shop-2-C9"), ("order", "shop-1"), "refund.onward", &ask("shop-2-C9", 101));
    assert_eq!(w.exceptions(), ["onward_beyond_applied"]);
    w.mail.clear();
    rules::always(&w);
}

/// The original tender cannot pay: both refunds stay open and are paid once it can.
#[test]
fn what_the_original_cannot_pay_stays_owed() {
    let mut w = sold();
    exchanged(&mut w);
    w.systems.habits.sends_back = true;
    w.systems.habits.refuse.insert("refund".into(), "expired_card".into());
    w.request("RMA-2", &[("1", "shop-2", "1", "B", 1)]);
    w.settle();
    assert_eq!(w.status("refund", "shop-2-C1"), "failed");
    assert!(w.open("order", "shop-1") && w.open("order", "shop-2"));
    w.systems.habits.refuse.clear();
    w.tell("refund.retry_requested", name("refund", "shop-1-C2"), &json!({"credit": "shop-1-C2"}));
    w.settle();
    assert_eq!((w.status("refund", "shop-2-C1").as_str(), refunded(&w)), ("succeeded", 100));
    assert_eq!(w.exceptions(), [""; 0]);
}

/// Carried value counts against what the original order may still refund (M1).
#[test]
fn what_was_carried_is_not_refunded_as_well() {
    let mut w = sold();
    exchange(&mut w, 200, &json!([]));
    w.settle_without_returns();
    w.tell(
        "payment.refunded_elsewhere",
        name("order", "shop-1"),
        &json!({"payment": "pi_1", "order": "shop-1", "refund": "re_x", "amount": 50, "currency": "GBP"}),
    );
    w.systems.habits.sends_back = true;
    w.request("RMA-2", &[("1", "shop-1", "1", "A", 2)]);
    w.settle();
    assert_eq!(w.exceptions(), ["refund_exceeds_capture"], "150 are left for 200");
    assert_eq!(refunded(&w), 0);
}

impl World {
    /// Settles while what is told to the return `R` is dropped.
    fn settle_without_returns(&mut self) {
        for _ in 0..1_000 {
            told(self, "");
            if self.choices() == 0 {
                return;
            }
            self.happen(0);
        }
    }
}

/// Nothing is carried to an exchange that has gone back to the customer already.
#[test]
fn money_that_went_back_elsewhere_is_not_carried() {
    let mut w = sold();
    crate::elsewhere::elsewhere(&mut w, "re_x", 300, &json!({}));
    exchange(&mut w, 200, &json!([]));
    assert_eq!(w.total(&Account::Provider("exchange".into()), "GBP"), 0);
    assert!(w.exceptions().contains(&"refund_exceeds_capture"), "{:?}", w.exceptions());
}

#[test]
fn what_a_broken_promotion_takes_back_is_not_carried() {
    let mut w = World::stocked(&[("A", 2), ("B", 2)]);
    w.flows.policy.credits.promotion_break = flows::policy::PromotionBreak::ClawBack;
    w.complete("1", &crate::refund_rules::promoted(true));
    exchange(&mut w, 200, &json!([]));
    assert_eq!(w.total(&Account::Provider("exchange".into()), "GBP"), -180);
}
