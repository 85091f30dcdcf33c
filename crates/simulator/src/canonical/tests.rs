use super::*;
use crate::trade::{Bought, Order, Units};
use retail::envelope::{Class, Command, json};
use serde_json::json;

const DAY_MS: i64 = 86_400_000;

fn order(vendors: &mut Canonical) {
    let goods = Bought::Goods {
        units: Units { sku: "MUG-BLUE", quantity: 2 },
        category: "kitchen",
        unit_price: "12.50",
    };
    let placed_at = "2026-01-05T09:00:00Z".to_owned();
    let order = Order { number: 1, placed_at, taxes_included: true, lines: vec![goods], gateway: None };
    assert!(vendors.deed(0, &Deed::PlaceOrder(order)));
}

fn command(system: &str, op: &str, args: &serde_json::Value) -> Dispatch {
    let command = Command {
        role: String::new(),
        at: String::new(),
        op: op.to_owned(),
        object: String::new(),
        key: format!("{op}:1"),
        class: Class::Refund,
        args: json(args).unwrap_or_default(),
    };
    Dispatch { id: 1, system: system.to_owned(), command, mode: Mode::First, attempt: 1, renewed: None }
}

fn rows(vendors: &Canonical, system: System, kind: &str) -> usize {
    let rows = vendors.ledger(system).into_iter().flat_map(|ledger| ledger.shown());
    rows.filter(|(_, row)| row.kind.as_str() == kind).count()
}

fn is_done(asked: &Asked) -> bool {
    matches!(asked.outcome, Some(Outcome::Done { .. } | Outcome::Accepted { .. }))
}

fn captured() -> (Canonical, Dispatch) {
    let mut vendors = Canonical::new(1, Faults::none());
    order(&mut vendors);
    let capture = command("stripe", "capture", &json!({ "payment": "pay-000000", "amount": 2_500 }));
    assert!(is_done(&vendors.ask(0, &capture)));
    let refund = json!({ "payment": "pay-000000", "credit": "shop-1-C1", "amount": 1_000 });
    (vendors, command("stripe", "refund", &refund))
}

#[test]
fn a_key_pays_once_and_twice_when_it_is_forgotten() {
    let (mut vendors, refund) = captured();
    for now in [0, DAY_MS - 1] {
        assert!(is_done(&vendors.ask(now, &refund)));
        assert_eq!(rows(&vendors, System::Stripe, "refunded"), 1);
    }
    assert!(is_done(&vendors.ask(DAY_MS, &refund)));
    assert_eq!(rows(&vendors, System::Stripe, "refunded"), 2);
    let beyond = Dispatch { renewed: Some(retail::time::Time(1)), ..refund };
    let refused = vendors.ask(DAY_MS, &beyond);
    assert!(matches!(&refused.outcome, Some(Outcome::Refused { code, .. }) if code == "amount_too_large"));
}

#[test]
fn a_failure_that_is_kept_is_repeated_and_a_new_key_is_asked_anew() {
    let (mut vendors, refund) = captured();
    vendors.payments.desk.habits.err_stored = 1_000;
    let first = vendors.ask(0, &refund);
    assert!(matches!(first.outcome, Some(Outcome::Unknown { .. })));
    vendors.calm();
    let again = vendors.ask(1, &refund);
    assert_eq!(again.mark, Some("stored_failure_repeated"));
    assert_eq!(rows(&vendors, System::Stripe, "refunded"), 0);
    let renewed = Dispatch { renewed: Some(retail::time::Time(2)), ..refund };
    assert!(is_done(&vendors.ask(2, &renewed)));
}

#[test]
fn what_was_done_is_found_once_the_list_has_it() {
    let (mut vendors, refund) = captured();
    vendors.payments.desk.habits.lookup_lag_ms = 500;
    assert!(is_done(&vendors.ask(10, &refund)));
    let find = Dispatch { mode: Mode::Find, ..refund };
    assert!(matches!(vendors.ask(509, &find).outcome, Some(Outcome::Absent)));
    assert!(is_done(&vendors.ask(510, &find)));
}

#[test]
fn a_fulfilment_left_half_made_is_picked_when_it_is_asked_for_again() {
    let mut vendors = Canonical::new(1, Faults::none());
    let lines = vec![Units { sku: "MUG-BLUE", quantity: 5 }];
    assert!(vendors.deed(0, &Deed::OpeningStock { place: "wms-north", lines }));
    let wanted = json!({ "id": "shop-1-F1", "order": "shop-1",
        "lines": [{ "line": "1", "sku": "MUG-BLUE", "quantity": 2 }] });
    let create = command("wms-north", "create_fulfilment", &wanted);
    vendors.north.desk.half = 1_000;
    assert_eq!(vendors.ask(1, &create).mark, Some("vendor_half_done"));
    vendors.due(DAY_MS);
    assert_eq!(rows(&vendors, System::WmsNorth, "shipment"), 0, "nobody picks it");
    for now in [DAY_MS, DAY_MS + 1] {
        assert!(is_done(&vendors.ask(now, &create)));
    }
    vendors.due(2 * DAY_MS);
    assert_eq!(rows(&vendors, System::WmsNorth, "fulfilment"), 1);
    assert_eq!(rows(&vendors, System::WmsNorth, "shipment"), 1);
}

#[test]
fn what_is_not_posted_is_listed_and_says_the_same_under_the_same_key() {
    let mut vendors = Canonical::new(1, Faults::none());
    vendors.shop.desk.habits.duplicate = 1_000;
    order(&mut vendors);
    vendors.shop.desk.habits.unsent = 1_000;
    assert!(vendors.deed(1, &Deed::Cancel { source_id: "1".to_owned() }));
    let posted: Vec<_> = vendors.due(DAY_MS).into_iter().map(|posted| posted.post.key.clone()).collect();
    assert_eq!(posted.len(), 2, "the order twice, the cancellation never");
    let (listed, more) = vendors.listed(DAY_MS, System::Shop, 0).unwrap_or_default();
    let kinds: Vec<_> = listed.iter().map(|post| post.event.kind.as_str()).collect();
    assert_eq!((kinds, more), (vec!["order.submitted", "order.cancel_requested"], false));
    assert!(posted.iter().all(|key| *key == listed[0].key));
}
