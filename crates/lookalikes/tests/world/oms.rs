use crate::bench::{Bench, body};
use serde_json::{Value, json};

fn release(bench: &Bench) -> (u16, Value) {
    let asked = json!({"id": "shop-1-R1", "order": "shop-1", "lines": [
        {"line": "1", "sku": "A", "quantity": 5, "place": "wms-north"},
        {"line": "2", "sku": "B", "quantity": 2, "place": "wms-south"},
        {"line": "3", "sku": "C", "quantity": 1, "place": "wms-north"}]});
    bench.put("/oms/releases/shop-1-R1", &asked)
}

#[test]
fn a_release_is_allocated_one_fulfilment_per_place() {
    let mut bench = Bench::new();
    let first = release(&bench);
    assert_eq!(release(&bench), first);
    let sent = bench.settle();
    assert_eq!(sent.len(), 1);
    let event = body(&sent[0]);
    assert_eq!(
        (&event["type"], &event["specversion"], &event["source"]),
        (&json!("order.allocated"), &json!("1.0"), &json!("/oms"))
    );
    assert_eq!(
        event["data"],
        json!({"release": "shop-1-R1", "order": "shop-1", "short": [], "fulfilments": [
            {"place": "wms-north", "lines": [{"line": "1", "sku": "A", "quantity": 5}, {"line": "3", "sku": "C", "quantity": 1}]},
            {"place": "wms-south", "lines": [{"line": "2", "sku": "B", "quantity": 2}]}]})
    );
    assert_eq!(bench.rows("oms", "allocation").len(), 3);
    assert_eq!(bench.rows("oms", "release")[0]["quantity"], 8);
}

#[test]
fn short_and_split_lose_no_unit_and_are_the_same_in_a_rerun() {
    let run = || {
        let mut bench = Bench::with(|c| {
            c.oms.short_rate = 700;
            c.oms.split_rate = 700;
        });
        release(&bench);
        let data = body(&bench.settle()[0])["data"].clone();
        let units = |lines: &Value| -> i64 {
            lines.as_array().unwrap().iter().map(|l| l["quantity"].as_i64().unwrap()).sum()
        };
        let placed: i64 = data["fulfilments"].as_array().unwrap().iter().map(|f| units(&f["lines"])).sum();
        assert_eq!(placed + units(&data["short"]), 8);
        data
    };
    assert_eq!(run(), run());
}

#[test]
fn a_release_can_be_cancelled_until_goods_have_left() {
    let mut bench = Bench::new();
    let cancel = json!({"id": "shop-1-X1", "order": "shop-1", "reason": "customer"});
    assert_eq!(bench.put("/oms/releases/shop-1-R1/cancellation", &cancel).0, 404);
    release(&bench);
    assert_eq!(bench.put("/oms/releases/shop-1-R1/cancellation", &cancel).0, 200);
    assert!(bench.settle().is_empty(), "a cancelled release is not allocated");

    let mut late = Bench::new();
    release(&late);
    late.lab("/wms-north/_lab/stock", &json!({"lines": [{"sku": "A", "quantity": 10}]}));
    late.settle();
    late.put(
        "/wms-north/fulfilment-orders/shop-1-F1",
        &json!({"id": "shop-1-F1", "order": "shop-1",
        "lines": [{"line": "1", "sku": "A", "quantity": 5}]}),
    );
    late.settle();
    let (status, refusal) = late.put("/oms/releases/shop-1-R1/cancellation", &cancel);
    assert_eq!((status, &refusal["code"]), (409, &json!("too_late")));
}
