//! Goods whose order nobody knows, until somebody or something finds it.

use crate::harness::samples::goods;
use crate::harness::{World, name, rules};
use books::Account;
use retail::time::Span;
use serde_json::json;

fn arrived() -> (World, String) {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    let id = w.complete("1", &[goods("1", "A", 3, 1_000)]);
    let data = json!({
        "receipt": "rc1", "place": "north", "received_at": w.now, "tracking": "ZZ9",
        "lines": [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 1}],
    });
    w.tell("return.received", name("return", "north-rc1"), &data);
    w.settle();
    (w, id)
}

fn matched(w: &mut World, line: &str, order: Option<&str>) {
    let data = json!({"rma": "north-rc1", "line": line, "order": order, "order_line": "1", "by": "kim"});
    w.tell("return.matched", name("return", "north-rc1"), &data);
    w.settle();
}

#[test]
fn a_person_matches_one_line_and_says_of_the_other_that_there_is_none() {
    let (mut w, id) = arrived();
    assert_eq!(w.status("return", "north-rc1"), "received");
    w.wait(Span::days(3));
    assert_eq!(w.exceptions(), ["inspection_overdue", "return_unmatched"]);
    matched(&mut w, "x1", Some(&id));
    assert!(w.exceptions().contains(&"return_unmatched"), "the other is still nobody's");
    assert_eq!(w.facts_of("return.line_matched")[0]["by"], "kim");
    assert_eq!(w.systems.refunded.values().map(|r| r.1).sum::<i64>(), 333);
    matched(&mut w, "x2", None);
    let inspection = json!({
        "inspection": "in1", "place": "north", "receipt": "rc1",
        "lines": [
            {"sku": "A", "quantity": 1, "grade": "A", "accepted": 1, "rejected": 0},
            {"sku": "B", "quantity": 1, "grade": "A", "accepted": 1, "rejected": 0},
        ],
    });
    w.tell("return.inspected", name("return", "north-rc1"), &inspection);
    w.settle();
    assert_eq!(w.status("return", "north-rc1"), "completed");
    assert_eq!(w.facts_of("return.line_refused")[0]["reason"], "no_sale_found");
    assert_eq!(
        (w.total(&Account::Customer, "B"), w.total(&Account::Inspection, "B")),
        (-1 + 1, 0),
        "B went back"
    );
    assert_eq!(w.exceptions(), [] as [&str; 0]);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

#[test]
fn what_is_matched_is_not_matched_again() {
    let (mut w, id) = arrived();
    matched(&mut w, "x1", Some(&id));
    matched(&mut w, "x1", Some(&id));
    let on = name("return", "north-rc1");
    let other = json!({"rma": "north-rc1", "line": "x1", "order": "shop-2"});
    assert_eq!(w.refused("return.matched", on.clone(), &other).code, "matched_already");
    let nothing = json!({"rma": "north-rc1", "line": "x9", "order": "shop-2"});
    assert_eq!(w.refused("return.matched", on, &nothing).code, "unknown_line");
    assert_eq!(w.args_of("create_return_order").len(), 1);
}

/// A line that is matched to an order which does not know it is judged like any other.
#[test]
fn matched_to_an_order_that_holds_nothing_of_it() {
    let (mut w, _) = arrived();
    matched(&mut w, "x1", Some("shop-77"));
    let reasons: Vec<_> = w.facts_of("return.line_refused").iter().map(|f| f["reason"].clone()).collect();
    assert_eq!(reasons, ["no_sale_found"]);
    assert_eq!(w.status("return", "north-rc1"), "received", "the other line still waits");
}

/// Where policy says so the ERP is asked first, with what is written on the parcel.
#[test]
fn the_erp_finds_the_sale() {
    let mut w = World::stocked(&[("A", 50), ("B", 50)]);
    w.flows.policy.returns.rules.find_sale = true;
    let id = w.complete("1", &[goods("1", "A", 3, 1_000)]);
    w.systems.sales.insert("A".into(), (id, "1".into()));
    let data = json!({
        "receipt": "rc1", "place": "north", "received_at": w.now, "tracking": "ZZ9",
        "lines": [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 1}],
    });
    w.tell("return.received", name("return", "north-rc1"), &data);
    w.settle();
    let asked = w.args_of("find_sale");
    assert_eq!(asked.len(), 2);
    assert_eq!((&asked[0]["id"], &asked[0]["reference"]), (&json!("north-rc1-L1"), &json!("ZZ9")));
    assert_eq!(w.systems.refunded.values().map(|r| r.1).sum::<i64>(), 333);
    assert_eq!(w.facts_of("return.line_matched")[0]["by"], "erp");
    w.wait(Span::days(3));
    assert_eq!(w.exceptions(), ["inspection_overdue", "return_unmatched"], "B stays for a person");
}

/// A wish without an order is declined as ever, unless the ERP knows the sale.
#[test]
fn a_request_without_an_order_is_looked_up_too() {
    for known in [true, false] {
        let mut w = World::stocked(&[("A", 50)]);
        w.flows.policy.returns.rules.find_sale = true;
        let id = w.complete("1", &[goods("1", "A", 3, 1_000)]);
        if known {
            w.systems.sales.insert("A".into(), (id, "1".into()));
        }
        let line = json!({"line": "1", "sku": "A", "quantity": 1, "reason": "x", "type": "commercial"});
        let data = json!({"rma": "RMA-1", "requested_at": w.now, "customer": "17850", "lines": [line]});
        w.tell("return.requested", name("return", "RMA-1"), &data);
        w.settle();
        assert_eq!(w.args_of("find_sale")[0]["customer"], "17850");
        let (status, told) = if known { ("awaiting_item", "approved") } else { ("declined", "declined") };
        assert_eq!(w.status("return", "RMA-1"), status);
        assert_eq!(w.args_of("update_return")[0]["status"], told);
        assert_eq!(w.open("return", "RMA-1"), known);
    }
}
