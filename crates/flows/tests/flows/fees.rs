//! Fees that are kept of credits, and of what the law lets nothing be kept.

use crate::harness::samples::{goods, other, returning};
use crate::harness::{World, name};
use flows::messages::FeeKind;
use flows::returns::rules::FeeRule;
use retail::returns::ReturnType;
use serde_json::{Value, json};

fn rule(kind: FeeKind, amount: i64, basis_points: i64, types: &[ReturnType]) -> FeeRule {
    FeeRule {
        kind,
        amount,
        basis_points,
        types: types.iter().copied().collect(),
        categories: std::collections::BTreeSet::new(),
        free_reasons: ["wrong_item".to_owned()].into(),
    }
}

fn world() -> (World, String) {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    let id =
        w.complete("1", &[goods("1", "A", 4, 2_000), goods("2", "B", 4, 2_000), other("3", "service", 500)]);
    let by_choice = [ReturnType::Commercial, ReturnType::Withdrawal];
    w.flows.policy.returns.rules.fees = vec![
        rule(FeeKind::Restocking, 0, 1_500, &[ReturnType::Commercial]),
        rule(FeeKind::ReturnShipping, 395, 0, &by_choice),
    ];
    w.with_stand_in(500);
    (w, id)
}

/// Asks for lines (order line, SKU, type, reason), lets all of them come back, and answers what was asked of the order.
fn fees_of(w: &mut World, id: &str, lines: &[(&str, &str, &str, &str)]) -> Vec<Value> {
    let asked: Vec<_> = lines.iter().map(|(l, sku, ..)| (*l, id, *l, *sku, 1)).collect();
    let mut data = returning("RMA-1", w.now, &asked);
    for (i, (_, _, kind, reason)) in lines.iter().enumerate() {
        (data["lines"][i]["type"], data["lines"][i]["reason"]) = (json!(kind), json!(reason));
    }
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    let units: Vec<_> = lines.iter().filter(|l| l.1.len() == 1).map(|(l, sku, ..)| (*l, *sku, 1)).collect();
    w.receive("RMA-1", "rc1", &units);
    w.settle();
    w.requests().iter().map(|r| r["fees"].clone()).collect()
}

#[test]
fn a_change_of_mind_pays_for_restocking_and_the_way_back() {
    let (mut w, id) = world();
    let fees = fees_of(&mut w, &id, &[("1", "A", "commercial", "changed_mind")]);
    let restocking = json!({"kind": "restocking", "basis_points": 1_500});
    let shipping = json!({"kind": "return_shipping", "amount": 395});
    assert_eq!(fees, [json!([restocking, shipping])]);
}

/// A withdrawal pays the way back and nothing else (Directive 2011/83/EU art. 14); a defect, or what the retailer did
/// wrong, pays nothing at all.
#[test]
fn what_the_law_or_the_reason_frees() {
    for (kind, reason, expected) in [
        ("withdrawal", "changed_mind", json!([{"kind": "return_shipping", "amount": 395}])),
        ("defect", "defective", Value::Null),
        ("commercial", "WRONG_ITEM", Value::Null),
        ("recall", "", Value::Null),
    ] {
        let (mut w, id) = world();
        assert_eq!(fees_of(&mut w, &id, &[("1", "A", kind, reason)]), [expected], "{kind} {reason}");
    }
}

/// Where one line comes back for free the parcel does; the other still pays for its restocking, by a credit of its own.
#[test]
fn lines_with_different_fees_are_different_credits() {
    let (mut w, id) = world();
    let fees =
        fees_of(&mut w, &id, &[("1", "A", "commercial", "changed_mind"), ("2", "B", "defect", "defective")]);
    assert_eq!(fees, [json!([{"kind": "restocking", "basis_points": 1_500}]), Value::Null]);
}

/// The way back is paid once, however many credits a return has; so much a unit is so much for each.
#[test]
fn the_way_back_is_paid_once() {
    let (mut w, id) = world();
    w.flows.policy.returns.rules.fees[0].amount = 100;
    w.request("RMA-1", &[("1", &id, "1", "A", 3), ("3", &id, "3", "SERVICE", 1)]);
    w.settle();
    assert_eq!(w.requests().len(), 1, "a service is due at once");
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    w.settle();
    w.receive("RMA-1", "rc2", &[("1", "A", 1)]);
    w.settle();
    let fees: Vec<Value> = w.requests().iter().map(|r| r["fees"].clone()).collect();
    assert_eq!(
        fees,
        [
            json!([{"kind": "return_shipping", "amount": 395}]),
            json!([{"kind": "restocking", "amount": 200}]),
            json!([{"kind": "restocking", "amount": 100}]),
        ]
    );
}

/// An amount is in the entity's currency: an order in another is asked none. A share is asked of any.
#[test]
fn an_order_in_another_currency_pays_shares_only() {
    let (mut w, _) = world();
    w.stand_in = None;
    let mut data = crate::harness::samples::order("2", &[goods("1", "A", 4, 2_000)]);
    data["currency"] = json!("EUR");
    w.tell("order.submitted", name("order", "shop-2"), &data);
    w.settle();
    w.ship_all();
    w.with_stand_in(500);
    let fees = fees_of(&mut w, "shop-2", &[("1", "A", "commercial", "changed_mind")]);
    assert_eq!(fees, [json!([{"kind": "restocking", "basis_points": 1_500}])]);
}

/// A fee of one category is asked of what is of it, and of no parcel that holds something else too.
#[test]
fn the_way_back_of_a_category_is_paid_by_it_alone() {
    let shipping = json!([{"kind": "return_shipping", "amount": 395}]);
    for (lines, fees) in [(&["1"][..], shipping), (&["2"], Value::Null), (&["1", "2"], Value::Null)] {
        let mut w = World::stocked(&[("A", 50), ("B", 50)]);
        let (mut shoes, decor) = (goods("1", "A", 4, 2_000), goods("2", "B", 4, 2_000));
        shoes["category"] = json!("shoes");
        let id = w.complete("1", &[shoes, decor]);
        let mut rule = rule(FeeKind::ReturnShipping, 395, 0, &[ReturnType::Commercial]);
        rule.categories.insert("shoes".to_owned());
        w.flows.policy.returns.rules.fees = vec![rule];
        w.with_stand_in(500);
        let asked: Vec<_> = lines
            .iter()
            .map(|l| (*l, if *l == "1" { "A" } else { "B" }, "commercial", "changed_mind"))
            .collect();
        assert_eq!(fees_of(&mut w, &id, &asked), [fees], "{lines:?}");
    }
}
