//! Pre-orders and backorders: what the customer is told of units that wait, and when they may leave.

use crate::harness::samples::goods;
use crate::harness::{World, name, raw, rules};
use hub::process::Stimulus;
use retail::time::Span;
use serde_json::{Value, json};

fn line(supply: &str, from: &str) -> Value {
    let mut l = goods("1", "A", 2, 200);
    (l["supply"], l["available_from"]) = (json!(supply), json!(from));
    l
}

#[test]
fn a_backorder_is_promised_the_day_it_was_sold_with() {
    let mut w = World::stocked(&[("A", 1)]);
    let on = w.submit("1", &[line("backorder", "2011-02-01T00:00:00Z")]);
    w.settle();
    let told = w.facts_of("order.promised");
    assert_eq!(told.len(), 1);
    assert_eq!((told[0]["date"].clone(), told[0]["quantity"].clone()), (json!("2011-02-01"), json!(1)));
    assert_eq!(w.show("order", &on)["lines"][0]["promised"][0]["date"], "2011-02-01");
    w.supply("north", &[("A", 5)]);
    w.settle();
    assert_eq!(w.show("order", &on)["lines"][0]["promised"], json!([]), "what came is promised no longer");
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed");
    rules::at_rest(&w);
}

#[test]
fn the_pools_word_takes_its_place() {
    let mut w = World::stocked(&[]);
    let on = w.submit("1", &[line("backorder", "2011-02-01T00:00:00Z")]);
    w.settle();
    let said = json!({
        "order": on, "lines": ["1"],
        "expected": [{"line": "1", "sku": "A", "supply": "po-1", "date": "2011-03-05", "quantity": 2}],
    });
    let mail = Stimulus::Mail { from: name("pool", "main"), kind: "stock.promised".into(), data: raw(&said) };
    w.deliver(&name("order", &on), &mail).unwrap();
    let promised = &w.show("order", &on)["lines"][0]["promised"];
    assert_eq!(*promised, json!([{"supply": "po-1", "date": "2011-03-05", "quantity": 2}]));
    assert_eq!(w.facts_of("order.promised").len(), 2);
}

#[test]
fn a_pre_order_leaves_on_its_day_and_not_before() {
    let mut w = World::stocked(&[("A", 9), ("B", 9)]);
    let on = w.submit("1", &[line("preorder", "2011-01-20T00:00:00Z"), goods("2", "B", 1, 100)]);
    w.settle();
    assert_eq!(w.line("order", &on, "1", "reserved"), 2);
    assert_eq!(w.line("order", &on, "2", "released"), 1, "the rest does not wait");
    w.ship_all();
    w.wait(Span::days(5));
    assert_eq!(w.line("order", &on, "1", "released"), 0);
    w.wait(Span::days(6));
    assert_eq!(w.line("order", &on, "1", "released"), 2);
    w.ship_all();
    assert_eq!(w.status("order", &on), "completed");
    rules::at_rest(&w);
}
