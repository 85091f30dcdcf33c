//! What a charge is made of, and one currency per order.

use crate::harness::samples::{goods, order};
use crate::harness::{World, name};
use books::Account;
use serde_json::{Value, json};

/// Three units at 4.00 with 20 % off, taxed at a fifth within the price.
fn line() -> Value {
    let mut line = goods("1", "A", 3, 960);
    line["tax"] = json!(160);
    line["discount"] = json!(240);
    line["prices"] = json!([
        {"kind": "list", "amount": 1_200},
        {"kind": "discount", "amount": -240, "promotion": "summer", "qualifies": ["1"]},
        {"kind": "tax", "amount": 160, "jurisdiction": "GB", "rate": "0.2"},
    ]);
    line
}

#[test]
fn components_are_kept_shown_and_written_to_the_erp() {
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.complete("1", &[line()]);
    let prices = line()["prices"].clone();
    assert_eq!(w.show("order", &id)["lines"][0]["prices"], prices);
    assert_eq!(w.args_of("create_sales_order")[0]["lines"][0]["prices"], prices);
    assert_eq!(w.total(&Account::Tax, "GBP"), -160);
    assert_eq!(w.total(&Account::Sales, "GBP"), -800);
}

#[test]
fn a_line_without_components_says_none() {
    let mut w = World::stocked(&[("A", 5)]);
    w.complete("1", &[goods("1", "A", 1, 100)]);
    assert_eq!(w.args_of("create_sales_order")[0]["lines"][0].get("prices"), None);
}

#[test]
fn components_that_do_not_add_up_are_refused_with_the_line() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut line = line();
        change(&mut line);
        line
    };
    for (bad, part) in [
        (with(&|l| l["prices"][0]["amount"] = json!(1_199)), "959"),
        (with(&|l| l["prices"][2]["amount"] = json!(159)), "159"),
        (with(&|l| l["prices"][1]["amount"] = json!(240)), "below zero"),
        (with(&|l| l["prices"][0]["amount"] = json!(-1)), "below zero"),
        (with(&|l| l["prices"] = json!([{"kind": "list", "amount": 960}])), "160"),
    ] {
        let mut w = World::stocked(&[("A", 5)]);
        let fault = w.refused("order.submitted", name("order", "shop-1"), &order("1", &[bad]));
        assert_eq!(fault.code, "components_differ", "{}", fault.why);
        assert!(fault.why.contains("line \"1\"") && fault.why.contains(part), "{}", fault.why);
    }
    let stray = with(&|l| l["prices"][1]["qualifies"] = json!(["7"]));
    let mut w = World::stocked(&[("A", 5)]);
    assert_eq!(
        w.refused("order.submitted", name("order", "shop-1"), &order("1", &[stray])).code,
        "unknown_line"
    );
}

/// Prices without tax: the tax comes on top, and duty and a fee are part of the amount.
#[test]
fn duty_fee_and_tax_on_top() {
    let mut line = goods("1", "A", 1, 1_000);
    line["tax"] = json!(80);
    line["tax_included"] = json!(false);
    line["prices"] = json!([
        {"kind": "list", "amount": 900}, {"kind": "duty", "amount": 70}, {"kind": "fee", "amount": 30},
        {"kind": "tax", "amount": 50, "jurisdiction": "US-CA", "liable": "seller"},
        {"kind": "tax", "amount": 30, "jurisdiction": "US-CA-SF", "liable": "seller"},
    ]);
    let mut w = World::stocked(&[("A", 5)]);
    w.complete("1", &[line]);
    assert_eq!(w.total(&Account::Provider("stripe".into()), "GBP"), 1_080);
    assert_eq!(w.total(&Account::Tax, "GBP"), -80);
}

/// A marketplace's tax is between it and the customer: shown, in nobody's books here, covered by no tender.
#[test]
fn a_tax_that_a_marketplace_owes_is_not_ours() {
    let mut line = goods("1", "A", 1, 1_000);
    line["prices"] = json!([
        {"kind": "list", "amount": 1_000},
        {"kind": "tax", "amount": 90, "jurisdiction": "US-NY", "liable": "marketplace"},
    ]);
    let mut w = World::stocked(&[("A", 5)]);
    let id = w.complete("1", &[line.clone()]);
    assert_eq!(w.total(&Account::Tax, "GBP"), 0);
    assert_eq!(w.total(&Account::Sales, "GBP"), -1_000);
    assert_eq!(w.show("order", &id)["lines"][0]["prices"][1]["liable"], "marketplace");
    line["tax"] = json!(90);
    let fault = w.refused("order.submitted", name("order", "shop-2"), &order("2", &[line]));
    assert_eq!(fault.code, "components_differ", "counted as ours it does not add up");
}

/// Pitfall 12: what the customer was shown stands beside the order and is never added to it.
#[test]
fn pitfall_12_presentment_is_kept_and_never_added() {
    let mut w = World::stocked(&[("A", 5)]);
    let mut data = order("1", &[goods("1", "A", 3, 300)]);
    data["presentment"] = json!({"currency": "EUR", "total": 351});
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    w.ship_all();
    let show = w.show("order", "shop-1");
    assert_eq!(show["presentment"], json!({"currency": "EUR", "total": 351}));
    assert_eq!((show["total"].as_i64(), show["captured"].as_i64()), (Some(300), Some(300)));
    assert!(w.entries.iter().flat_map(|e| &e.lines).all(|l| l.1 != "EUR"));
    let documents = ["create_sales_order", "post_invoice", "capture"];
    assert!(documents.iter().all(|op| w.args_of(op)[0]["currency"] == "GBP"));
}

#[test]
fn a_tender_in_another_currency_is_refused() {
    let mut w = World::stocked(&[("A", 5)]);
    let mut data = order("1", &[goods("1", "A", 3, 300)]);
    data["tenders"][0]["currency"] = json!("EUR");
    let fault = w.refused("order.submitted", name("order", "shop-1"), &data);
    assert_eq!(fault.code, "currency_differs");
    data["tenders"][0]["currency"] = json!("GBP");
    w.tell("order.submitted", name("order", "shop-1"), &data);
}

/// Currencies with no and with three decimals: shares add up to the minor unit, whatever that is.
#[test]
fn yen_and_dinars_are_exact() {
    for (currency, unit_price, charge, tax) in [("JPY", "333", 1_000, 91), ("KWD", "3.334", 10_001, 7)] {
        let mut w = World::stocked(&[("A", 5)]);
        let mut line = goods("1", "A", 3, charge);
        (line["unit_price"], line["tax"]) = (json!(unit_price), json!(tax));
        line["prices"] = json!([
            {"kind": "list", "amount": charge + 2}, {"kind": "discount", "amount": -2, "promotion": "round"},
            {"kind": "tax", "amount": tax},
        ]);
        let mut data = order("1", &[line]);
        data["currency"] = json!(currency);
        w.tell("order.submitted", name("order", "shop-1"), &data);
        w.settle();
        for n in 1..=3 {
            w.confirm(&format!("s{n}"), "shop-1-F1", "north", &[("1", "A", 1)]);
            w.settle();
        }
        let invoices = w.args_of("post_invoice");
        let sum = |of: &str| invoices.iter().map(|i| i["lines"][0][of].as_i64().unwrap()).sum::<i64>();
        assert_eq!((sum("amount"), sum("tax")), (charge, tax), "{currency}");
        assert!(invoices.iter().all(|i| i["currency"] == currency));
        assert_eq!(w.args_of("create_sales_order")[0]["lines"][0]["unit_price"], unit_price);
        assert_eq!(w.total(&Account::Tax, currency), -tax);
        assert_eq!(w.total(&Account::Receivable, currency), 0);
        assert_eq!(w.status("order", "shop-1"), "completed");
    }
}
