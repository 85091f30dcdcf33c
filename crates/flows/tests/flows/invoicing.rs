//! One invoice with each shipment, or one over all of them, and the tax of each filed.

use crate::harness::samples::{goods, other};
use crate::harness::{World, name, rules};
use flows::policy::InvoiceRule;
use serde_json::{Value, json};

/// Two lines, each in another warehouse, and a shipping charge; shipped from both, in three parcels.
fn from_two_places(w: &mut World) -> String {
    w.supply("south", &[("B", 5)]);
    let mut line = goods("1", "A", 3, 1_000);
    line["tax"] = json!(100);
    let id = w.submit("1", &[line, goods("2", "B", 2, 500), other("3", "shipping", 95)]);
    w.settle();
    w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 1)]);
    w.settle();
    w.confirm("s2", "shop-1-F2", "south", &[("2", "B", 2)]);
    w.settle();
    id
}

fn world(invoice: InvoiceRule, tax: bool) -> World {
    let mut w = World::stocked(&[("A", 5)]);
    w.flows.policy.checkout.invoice = invoice;
    if tax {
        w.flows.policy.asks.insert("tax".into());
    }
    w
}

fn totals(w: &World, op: &str, member: &str) -> Vec<(String, i64)> {
    let args = w.args_of(op);
    args.iter().map(|a| (a["id"].as_str().unwrap().to_owned(), a[member].as_i64().unwrap())).collect()
}

fn named(of: &[(&str, i64)]) -> Vec<(String, i64)> {
    of.iter().map(|(id, n)| ((*id).to_owned(), *n)).collect()
}

#[test]
fn one_with_each_shipment() {
    let mut w = world(InvoiceRule::PerShipment, true);
    let id = from_two_places(&mut w);
    w.confirm("s3", "shop-1-F1", "north", &[("1", "A", 2)]);
    w.systems.working.clear();
    w.settle();
    assert_eq!(totals(&w, "post_invoice", "total"), named(&[("s1", 428), ("s2", 500), ("s3", 667)]));
    assert_eq!(totals(&w, "commit_tax", "tax"), named(&[("s1", 33), ("s2", 0), ("s3", 67)]));
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
}

/// Pitfall 25: one order shipped from two places and invoiced once.
#[test]
fn pitfall_25_one_over_all_shipments() {
    let mut w = world(InvoiceRule::WhenComplete, true);
    let id = from_two_places(&mut w);
    assert_eq!(w.args_of("post_delivery").len(), 2, "deliveries are posted at once");
    assert_eq!(w.args_of("post_invoice"), [] as [Value; 0]);
    w.confirm("s3", "shop-1-F1", "north", &[("1", "A", 2)]);
    w.systems.working.clear();
    w.settle();
    let [invoice] = &w.args_of("post_invoice")[..] else { panic!("one invoice") };
    assert_eq!(
        *invoice,
        json!({
            "id": "shop-1-I1", "order": "shop-1", "deliveries": ["s1", "s2", "s3"], "currency": "GBP", "total": 1_595,
            "lines": [
                {"line": "1", "quantity": 3, "amount": 1_000, "tax": 100},
                {"line": "2", "quantity": 2, "amount": 500, "tax": 0},
                {"line": "3", "quantity": 1, "amount": 95, "tax": 0},
            ],
        })
    );
    assert_eq!(totals(&w, "commit_tax", "tax"), named(&[("shop-1-I1", 100)]));
    assert_eq!(w.status("order", &id), "completed");
    rules::at_rest(&w);
}

#[test]
fn what_is_cancelled_stands_on_no_invoice() {
    let mut w = world(InvoiceRule::WhenComplete, false);
    let id = from_two_places(&mut w);
    w.cancel(&id, Some(&[("1", 2)]));
    w.settle();
    assert_eq!(totals(&w, "post_invoice", "total"), named(&[("shop-1-I1", 928)]));
    assert_eq!(w.status("order", &id), "completed");
    assert_eq!(w.args_of("commit_tax"), [] as [Value; 0], "no system keeps tax");
    rules::at_rest(&w);
}

#[test]
fn a_wholly_cancelled_order_has_no_invoice() {
    let mut w = world(InvoiceRule::WhenComplete, true);
    let id = w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.cancel(&id, None);
    w.settle();
    assert_eq!(w.status("order", &id), "cancelled");
    assert_eq!((w.args_of("post_invoice").len(), w.args_of("commit_tax").len()), (0, 0));
}

/// Refused, both are asked for again as they were, although the shipments are long past.
#[test]
fn a_refused_invoice_and_a_refused_tax_are_tried_again() {
    for (rule, id) in [(InvoiceRule::PerShipment, "s1"), (InvoiceRule::WhenComplete, "shop-1-I1")] {
        for (op, code) in [("post_invoice", "invoice_refused"), ("commit_tax", "tax_commit_refused")] {
            let mut w = world(rule, true);
            w.systems.habits.refuse.insert(op.into(), "closed_period".into());
            let order = w.submit("1", &[goods("1", "A", 3, 300)]);
            w.settle();
            w.confirm("s1", "shop-1-F1", "north", &[("1", "A", 3)]);
            w.systems.working.clear();
            w.settle();
            assert_eq!(w.exceptions(), [code]);
            assert_eq!(w.status("order", &order), "shipped");
            w.systems.habits.refuse.clear();
            w.tell("order.retry_requested", name("order", &order), &json!({"order": order}));
            w.settle();
            let asked = w.args_of(op);
            assert_eq!(asked.len(), 2);
            assert_eq!((&asked[0], asked[0]["id"].as_str()), (&asked[1], Some(id)), "word for word");
            assert_eq!(w.exceptions(), [""; 0]);
            assert_eq!(w.status("order", &order), "completed");
        }
    }
}

#[test]
fn the_erps_total_of_one_invoice_is_compared() {
    let mut w = world(InvoiceRule::WhenComplete, false);
    w.systems.habits.silent.insert("post_invoice".into());
    w.submit("1", &[goods("1", "A", 3, 300)]);
    w.settle();
    w.ship_all();
    w.answer("post_invoice:shop-1-I1", &json!({"ref": "I", "total": 299}));
    assert!(w.exceptions().contains(&"erp_total_differs"));
}
