//! The new order of an exchange: dearer, cheaper, the same, and in advance of the goods that pay for it.

use crate::harness::{World, name, raw};
use books::Account;
use hub::process::Stimulus;
use serde_json::{Value, json};

const ID: &str = "RMA-1-E1";

fn mail(w: &mut World, kind: &str, data: &Value) {
    let from = name("return", "RMA-1");
    w.deliver(&name("order", ID), &Stimulus::Mail { from, kind: kind.into(), data: raw(data) }).unwrap();
    w.settle();
}

/// An exchange for a line of 300, of which this much is applied.
fn open(w: &mut World, applied: i64, advance: bool, tender: Option<i64>) {
    let mut data = json!({
        "exchange": ID, "rma": "RMA-1", "order": "shop-1", "source": "shop", "currency": "GBP", "customer": "17850",
        "lines": [{"line": "1", "sku": "A", "quantity": 1, "unit_price": "3.00", "amount": 300, "tax": 50}],
        "applied": applied, "advance": advance,
    });
    if applied > 0 {
        data["credit"] = json!("shop-1-C1");
    }
    if let Some(authorised) = tender {
        data["tender"] = json!({"id": "t1", "kind": "card", "executor": "stripe", "payment": "pi_9", "authorised": authorised});
    }
    mail(w, "exchange.open", &data);
}

fn clearing(w: &World) -> i64 {
    w.total(&Account::Provider("exchange".into()), "GBP")
}

/// No command ever goes to what is not a system, nor to a storefront that does not know the order.
fn nobody_is_told(w: &World) {
    assert!(w.commands.iter().all(|(_, c)| c.at != "exchange" && c.role != "storefront"));
}

#[test]
fn for_the_same_value() {
    let mut w = World::stocked(&[("A", 5)]);
    open(&mut w, 300, false, None);
    assert_eq!(w.status("order", ID), "fulfilling");
    w.ship_all();
    assert_eq!(w.status("order", ID), "completed");
    assert_eq!(clearing(&w), 300, "the order that sold the goods books the other side");
    assert_eq!(w.total(&Account::Receivable, "GBP"), 0);
    assert_eq!((w.args_of("capture").len(), w.args_of("void").len()), (0, 0));
    assert_eq!(w.args_of("create_sales_order")[0]["id"], ID);
    assert_eq!(w.show("order", ID)["exchange_of"], json!({"rma": "RMA-1", "order": "shop-1"}));
    nobody_is_told(&w);
}

/// Pitfall 15: for a dearer item the customer owes the difference, and pays it before anything leaves.
#[test]
fn pitfall_15_for_something_dearer() {
    let mut w = World::stocked(&[("A", 5)]);
    open(&mut w, 200, false, None);
    assert_eq!((w.status("order", ID).as_str(), w.exceptions()), ("on_hold", vec!["held_for_payment_due"]));
    assert_eq!(w.line("order", ID, "1", "reserved"), 1, "it is reserved");
    let data = json!({"payment": "pi_8", "order": ID, "amount": 60, "currency": "GBP", "executor": "stripe"});
    w.tell("payment.authorised", name("order", ID), &data);
    assert_eq!(w.status("order", ID), "on_hold", "not yet all of it");
    let data = json!({"payment": "pi_9", "order": ID, "amount": 40, "currency": "GBP", "executor": "stripe"});
    w.tell("payment.authorised", name("order", ID), &data);
    w.settle();
    assert_eq!(w.exceptions(), [""; 0]);
    w.ship_all();
    let amounts: Vec<_> = w.args_of("capture").iter().map(|c| c["amount"].clone()).collect();
    assert_eq!(amounts, [json!(60), json!(40)]);
    assert_eq!((w.status("order", ID).as_str(), clearing(&w)), ("completed", 200));
    nobody_is_told(&w);
}

#[test]
fn pitfall_15_for_something_dearer_with_the_rest_on_a_card() {
    let mut w = World::stocked(&[("A", 5)]);
    open(&mut w, 200, false, Some(100));
    w.ship_all();
    assert_eq!(w.args_of("capture")[0]["amount"], 100);
    assert_eq!(w.status("order", ID), "completed");
}

/// More than it comes to cannot be applied: the rest is the customer's, by the order that was returned.
#[test]
fn no_more_is_applied_than_it_comes_to() {
    let mut w = World::stocked(&[("A", 5)]);
    let data = json!({
        "exchange": ID, "rma": "RMA-1", "order": "shop-1", "source": "shop", "currency": "GBP", "applied": 301,
        "lines": [{"line": "1", "sku": "A", "quantity": 1, "unit_price": "3.00", "amount": 300}],
    });
    let from = name("return", "RMA-1");
    let said = Stimulus::Mail { from, kind: "exchange.open".into(), data: raw(&data) };
    assert_eq!(w.deliver(&name("order", ID), &said).unwrap_err().code, "applied_exceeds");
}

/// In advance: goods leave, no money moves until the other goods are heard of.
#[test]
fn in_advance_and_the_goods_come() {
    for (funded, captured) in [(300, None), (200, Some(100))] {
        let mut w = World::stocked(&[("A", 5)]);
        open(&mut w, 0, true, Some(300));
        w.ship_all();
        assert_eq!(w.status("order", ID), "shipped");
        assert_eq!(
            (w.args_of("capture").len(), w.exceptions()),
            (0, vec![]),
            "nothing is wrong while it waits"
        );
        mail(&mut w, "exchange.funded", &json!({"credit": "shop-1-C1", "amount": funded}));
        match captured {
            Some(rest) => assert_eq!(w.args_of("capture")[0]["amount"], rest),
            None => assert_eq!(w.systems.voided.iter().collect::<Vec<_>>(), ["pi_9"]),
        }
        assert_eq!((w.status("order", ID).as_str(), clearing(&w)), ("completed", funded));
        mail(&mut w, "exchange.funded", &json!({"credit": "shop-1-C1", "amount": funded}));
        assert_eq!(clearing(&w), funded, "said again, it changes nothing");
        nobody_is_told(&w);
    }
}

/// In advance, and the goods come before anything has left.
#[test]
fn in_advance_and_the_goods_come_first() {
    let mut w = World::stocked(&[]);
    open(&mut w, 0, true, Some(300));
    mail(&mut w, "exchange.funded", &json!({"credit": "shop-1-C1", "amount": 300}));
    w.supply("north", &[("A", 5)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.args_of("capture"), [] as [Value; 0]);
    assert_eq!(w.status("order", ID), "completed");
}

#[test]
fn in_advance_and_the_goods_never_come() {
    for shipped_first in [true, false] {
        let mut w = World::stocked(&[("A", 5)]);
        open(&mut w, 0, true, Some(300));
        if shipped_first {
            w.ship_all();
        }
        mail(&mut w, "exchange.unfunded", &json!({}));
        w.ship_all();
        assert_eq!(w.args_of("capture")[0]["amount"], 300, "the card pays");
        assert_eq!((w.status("order", ID).as_str(), clearing(&w)), ("completed", 0));
    }
}

/// Nothing was left as a security: what has not left is held until it is paid, what has is for finance.
#[test]
fn in_advance_without_a_card_and_the_goods_never_come() {
    let mut w = World::stocked(&[]);
    open(&mut w, 0, true, None);
    assert_eq!(w.status("order", ID), "on_hold", "not even opened without a means of payment");
    assert_eq!(w.exceptions(), ["held_for_payment_due"]);
    let lift = json!({"order": ID, "hold": "payment_due", "by": "Ann"});
    w.tell("order.hold_lifted", name("order", ID), &lift);
    w.supply("north", &[("A", 5)]);
    w.settle();
    w.ship_all();
    assert_eq!(w.exceptions(), [""; 0]);
    mail(&mut w, "exchange.unfunded", &json!({}));
    assert_eq!(w.exceptions(), ["capture_short"]);
    assert!(w.open("order", ID));
}

/// An exchange that is cancelled before it leaves takes nothing; what the goods paid is shown.
#[test]
fn a_cancelled_exchange() {
    let mut w = World::stocked(&[]);
    open(&mut w, 0, true, Some(300));
    w.cancel(ID, None);
    w.settle();
    assert_eq!(w.status("order", ID), "cancelling", "it waits to hear of the goods");
    mail(&mut w, "exchange.unfunded", &json!({}));
    assert_eq!(w.status("order", ID), "cancelled");
    assert_eq!(w.systems.voided.len(), 1);
}

/// The customer left nothing that could be let go, and the goods come after all: what they paid is for finance.
#[test]
fn a_cancelled_exchange_without_a_card() {
    for funded in [true, false] {
        let mut w = World::stocked(&[]);
        open(&mut w, 0, true, None);
        w.cancel(ID, None);
        w.settle();
        assert_eq!(w.status("order", ID), "cancelling");
        if funded {
            mail(&mut w, "exchange.funded", &json!({"credit": "shop-1-C1", "amount": 300}));
        } else {
            mail(&mut w, "exchange.unfunded", &json!({}));
        }
        assert_eq!(w.status("order", ID), "cancelled");
        let surplus = ["captured_without_sale", "exchange_overpaid"];
        assert_eq!(w.exceptions(), if funded { &surplus[..] } else { &[] });
    }
}

/// Shipped on trust, and paid by the goods alone.
#[test]
fn in_advance_without_a_card_and_the_goods_come() {
    let mut w = World::stocked(&[("A", 5)]);
    open(&mut w, 0, true, None);
    let lift = json!({"order": ID, "hold": "payment_due", "by": "Ann"});
    w.tell("order.hold_lifted", name("order", ID), &lift);
    w.settle();
    w.ship_all();
    mail(&mut w, "exchange.funded", &json!({"credit": "shop-1-C1", "amount": 300}));
    assert_eq!((w.status("order", ID).as_str(), clearing(&w), w.exceptions()), ("completed", 300, vec![]));
}
