//! Inspections in parts: nothing is inspected that is not there, and nobody is credited for what was not approved.

use crate::crediting::refunded;
use crate::harness::samples::{goods, inspection};
use crate::harness::{World, name, rules};
use books::Account;
use retail::returns::{Disposition, Grade};
use serde_json::json;

/// Units of a line are on their way back: (units sold, units asked for).
fn coming(sold: i64, asked: i64, inspect_first: bool) -> World {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    let id = w.complete("1", &[goods("1", "A", sold, sold * 100), goods("2", "B", sold, sold * 100)]);
    if inspect_first {
        w.flows.policy.returns.inspect_first.insert("decor".into());
    }
    w.request("RMA-1", &[("1", &id, "1", "A", asked), ("2", &id, "2", "B", asked)]);
    w.settle();
    w
}

fn refused(w: &mut World, id: &str, units: &[(&str, &str, &str, i64, i64)]) {
    let data = inspection("RMA-1", "rc1", id, units);
    let fault = w.refused("return.inspected", name("return", "RMA-1"), &data);
    assert_eq!(fault.code, "inspected_beyond_receipt");
}

#[test]
fn what_was_inspected_before_is_not_there_again() {
    let mut w = coming(4, 3, true);
    w.receive("RMA-1", "rc1", &[("1", "A", 3)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 1)]);
    w.settle();
    assert_eq!(refunded(&w), 100);
    refused(&mut w, "in2", &[("1", "A", "A", 2, 0)]);
    refused(&mut w, "in2", &[("1", "A", "A", 0, 2)]);
    w.inspect("RMA-1", "rc1", "in3", &[("1", "A", "A", 1, 0)]);
    w.settle();
    assert_eq!(refunded(&w), 200);
    refused(&mut w, "in4", &[("1", "A", "A", 1, 0)]);
    assert_eq!(w.total(&Account::Inspection, "A"), 0);
    assert_eq!(w.total(&Account::Place("north".into()), "A"), 48);
}

#[test]
fn what_is_beyond_the_approved_goes_back_also_when_it_is_inspected_later() {
    let mut w = coming(4, 2, true);
    w.receive("RMA-1", "rc1", &[("1", "A", 4)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 0)]);
    w.inspect("RMA-1", "rc1", "in2", &[("1", "A", "A", 3, 0)]);
    w.settle();
    assert_eq!(refunded(&w), 200);
    assert_eq!(w.total(&Account::Place("north".into()), "A"), 48, "two were approved");
    assert_eq!(w.total(&Account::Inspection, "A"), 0);
}

/// Three were credited as they came in, four came. Of two that are rejected one was credited, if the other two are fine.
#[test]
fn of_rejected_units_those_are_kept_that_were_credited() {
    let mut w = coming(4, 3, false);
    w.receive("RMA-1", "rc1", &[("1", "A", 4)]);
    w.settle();
    assert_eq!(refunded(&w), 300);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "C", 0, 2)]);
    w.settle();
    assert!(w.exceptions().contains(&"rejected_after_credit"));
    assert_eq!(w.total(&Account::Destroyed, "A"), 1);
    w.inspect("RMA-1", "rc1", "in2", &[("1", "A", "A", 2, 0)]);
    w.settle();
    assert_eq!((refunded(&w), w.total(&Account::Place("north".into()), "A")), (300, 48));
    assert_eq!(w.total(&Account::Inspection, "A"), 0);
}

#[test]
fn what_nobody_asked_for_is_inspected_once() {
    let mut w = coming(4, 1, false);
    w.receive("RMA-1", "rc1", &[("1", "A", 1), ("?", "C", 3)]);
    refused(&mut w, "in1", &[("?", "C", "A", 4, 0)]);
    w.inspect("RMA-1", "rc1", "in1", &[("?", "C", "A", 1, 0)]);
    refused(&mut w, "in2", &[("?", "C", "A", 3, 0)]);
    w.inspect("RMA-1", "rc1", "in2", &[("?", "C", "A", 2, 0)]);
    refused(&mut w, "in3", &[("?", "C", "A", 1, 0)]);
    w.settle();
    assert_eq!(w.total(&Account::Inspection, "C"), 0);
    assert_eq!(refunded(&w), 100);
}

#[test]
fn units_found_alike_are_disposed_of_together_and_others_apart() {
    let mut w = coming(4, 3, true);
    w.receive("RMA-1", "rc1", &[("1", "A", 3), ("2", "B", 2)]);
    let found = [
        ("1", "A", "A", 1, 0),
        ("1", "A", "A", 1, 0),
        ("2", "B", "A", 1, 0),
        ("1", "A", "A", 0, 1),
        ("2", "B", "C", 1, 0),
    ];
    w.inspect("RMA-1", "rc1", "in1", &found);
    w.settle();
    let part = |line: &str, sku: &str, quantity: i64, to: &str| json!({"line": line, "sku": sku, "quantity": quantity, "disposition": to});
    assert_eq!(
        w.args_of("dispose")[0]["lines"],
        json!([
            part("1", "A", 2, "restock"),
            part("2", "B", 1, "restock"),
            part("1", "A", 1, "return_to_customer"),
            part("2", "B", 1, "destroy"),
        ])
    );
    assert_eq!(refunded(&w), 400);
    rules::at_rest(&w);
}

#[test]
fn what_is_decided_of_one_line_decides_nothing_of_another() {
    let mut w = coming(4, 2, false);
    w.flows.policy.returns.disposition.clear();
    w.receive("RMA-1", "rc1", &[("1", "A", 2), ("2", "B", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "B", 2, 0), ("2", "B", "B", 1, 0)]);
    w.settle();
    let lines = json!([{"line": "1", "sku": "A", "quantity": 1}]);
    let decided =
        json!({"rma": "RMA-1", "id": "RMA-1-D1", "disposition": "destroy", "lines": lines, "by": "ann"});
    w.tell("return.disposition_decided", name("return", "RMA-1"), &decided);
    w.settle();
    let destroyed = |w: &World| (w.total(&Account::Destroyed, "A"), w.total(&Account::Destroyed, "B"));
    assert_eq!(destroyed(&w), (1, 0));
    let mut more = decided;
    more["lines"][0]["quantity"] = json!(2);
    let fault = w.refused("return.disposition_decided", name("return", "RMA-1"), &more);
    assert_eq!((fault.code, destroyed(&w)), ("not_set_apart", (1, 0)));
}

/// What is back on sale is not there to be destroyed, although it came in the same disposal.
#[test]
fn only_what_is_set_apart_can_be_decided() {
    let mut w = coming(4, 2, false);
    w.flows.policy.returns.disposition = [(Grade::A, Disposition::Restock)].into();
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 0), ("1", "A", "B", 1, 0)]);
    w.settle();
    let decided = |n: i64| json!({"rma": "RMA-1", "id": "RMA-1-D1", "disposition": "destroy", "lines": [{"line": "1", "sku": "A", "quantity": n}]});
    let fault = w.refused("return.disposition_decided", name("return", "RMA-1"), &decided(2));
    assert_eq!(fault.code, "not_set_apart");
    w.tell("return.disposition_decided", name("return", "RMA-1"), &decided(1));
    w.settle();
    assert_eq!((w.total(&Account::Destroyed, "A"), w.total(&Account::Inspection, "A")), (1, 0));
    assert_eq!(w.total(&Account::Place("north".into()), "A"), 47);
}
