use crate::bench::{Bench, START, body, header, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

fn stocked() -> Bench {
    let mut bench = Bench::new();
    bench.lab(
        "/wms-north/_lab/stock",
        &json!({"lines": [{"sku": "A", "quantity": 500}, {"sku": "B", "quantity": 1}]}),
    );
    bench.settle();
    bench
}

fn fulfilment(lines: &Value) -> Value {
    json!({"id": "shop-1-F1", "order": "shop-1", "lines": lines})
}

#[test]
fn what_is_there_is_shipped_in_parcels_and_the_rest_is_short() {
    let mut bench = stocked();
    let asked = fulfilment(
        &json!([{"line": "1", "sku": "A", "quantity": 450}, {"line": "2", "sku": "B", "quantity": 3},
        {"line": "3", "sku": "C", "quantity": 2}]),
    );
    let first = bench.put("/wms-north/fulfilment-orders/shop-1-F1", &asked);
    assert_eq!(first.0, 200);
    assert_eq!(bench.put("/wms-north/fulfilment-orders/shop-1-F1", &asked), first);
    bench.lab("/_lab/clock", &json!({"at": "2011-10-12T15:00:00Z"}));
    let sent = bench.settle();
    assert_eq!(sent.len(), 2);
    let shipped = body(&sent[0]);
    assert_eq!(shipped["type"], "shipment.confirmed");
    assert_eq!(shipped["time"], "2011-10-12T15:00:00Z");
    let data = &shipped["data"];
    assert_eq!((&data["fulfilment"], &data["place"]), (&json!("shop-1-F1"), &json!("wms-north")));
    assert_eq!(data["shipped_at"], "2011-10-12T15:00:00Z");
    let parcels = data["parcels"].as_array().unwrap();
    assert_eq!(parcels.len(), 3);
    let units: i64 = parcels
        .iter()
        .flat_map(|p| p["lines"].as_array().unwrap())
        .map(|l| l["quantity"].as_i64().unwrap())
        .sum();
    assert_eq!(units, 451);
    let short = body(&sent[1]);
    assert_eq!(short["type"], "fulfilment.short");
    assert_eq!(
        short["data"]["lines"],
        json!([{"line": "2", "sku": "B", "quantity": 2}, {"line": "3", "sku": "C", "quantity": 2}])
    );
    assert_eq!(bench.get("/wms-north/_lab/stock")["items"], json!({"A": 50, "B": 0}));
    assert_eq!(bench.rows("wms-north", "shipment").len(), 2);
    assert_eq!(bench.rows("wms-north", "short")[0]["reference"], "shop-1-F1");
    assert_eq!(bench.rows("wms-north", "opening").len(), 2);
}

#[test]
fn events_are_signed_after_standard_webhooks_with_the_time_of_the_attempt() {
    let bench = Bench::new();
    bench.lab("/wms-south/_lab/stock", &json!({"lines": [{"sku": "A", "quantity": 5}]}));
    let first = bench.world.due(START).remove(0);
    bench.world.delivered(first.id, START, None);
    let again = bench.world.due(START + 7000).remove(0);
    assert_eq!(again.url_path, "/in/wms-south");
    assert_eq!(header(&again, "webhook-id"), header(&first, "webhook-id"));
    assert_eq!(header(&again, "webhook-timestamp"), ((START + 7000) / 1000).to_string());
    assert_eq!(body(&again)["id"], header(&again, "webhook-id"));
    let signed = format!("{}.{}.", header(&again, "webhook-id"), (START + 7000) / 1000);
    let mac = hmac(b"look-alike secret of wms-south", &[signed.as_bytes(), &again.body].concat());
    assert_eq!(header(&again, "webhook-signature"), format!("v1,{}", STANDARD.encode(mac)));
}

#[test]
fn opening_stock_is_counted_in_chunks_and_supply_is_received_once() {
    let mut bench = Bench::new();
    let lines: Vec<Value> = (0..1201).map(|n| json!({"sku": format!("S{n}"), "quantity": n})).collect();
    bench.lab("/wms-north/_lab/stock", &json!({"lines": lines}));
    let sizes: Vec<usize> =
        bench.settle().iter().map(|d| body(d)["data"]["lines"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [500, 500, 201]);
    let again = json!({"lines": [{"sku": "S1", "quantity": 1}]});
    assert_eq!(bench.call("POST", "/wms-north/_lab/stock", &again).0, 422);
    let goods =
        json!({"receipt": "GR1", "lines": [{"sku": "S1", "quantity": 4}, {"sku": "new", "quantity": 2}]});
    bench.lab("/wms-north/_lab/receipts", &goods);
    bench.lab("/wms-north/_lab/receipts", &goods);
    let sent = bench.settle();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        body(&sent[0])["data"],
        json!({"receipt": "GR1", "place": "wms-north", "lines": goods["lines"]})
    );
    assert_eq!(bench.get("/wms-north/_lab/stock")["items"]["S1"], 5);
    assert_eq!(bench.rows("wms-north", "stock_received").len(), 2);
    let lost = json!({"adjustment": "ADJ1", "reason": "damage", "lines": [{"sku": "S1", "quantity": -5}]});
    bench.lab("/wms-north/_lab/adjustments", &lost);
    assert_eq!(bench.call("POST", "/wms-north/_lab/adjustments", &lost).0, 422, "below zero");
    assert_eq!(bench.rows("wms-north", "adjustment")[0]["quantity"], -5);
}

#[test]
fn a_fulfilment_can_be_cancelled_until_it_has_left() {
    let mut bench = stocked();
    let asked = fulfilment(&json!([{"line": "1", "sku": "A", "quantity": 5}]));
    let cancel = json!({"id": "shop-1-X1", "order": "shop-1", "reason": "customer"});
    let path = "/wms-north/fulfilment-orders/shop-1-F1/cancellation";
    assert_eq!(bench.put(path, &cancel).0, 404);
    bench.put("/wms-north/fulfilment-orders/shop-1-F1", &asked);
    let first = bench.put(path, &cancel);
    assert_eq!(first.0, 200);
    assert!(bench.settle().is_empty(), "nothing is shipped");
    assert_eq!(bench.put(path, &cancel), first);
    assert_eq!(bench.get("/wms-north/_lab/stock")["items"]["A"], 500);

    let mut late = stocked();
    late.put("/wms-north/fulfilment-orders/shop-1-F1", &asked);
    late.settle();
    let (status, refusal) = late.put(path, &cancel);
    assert_eq!((status, &refusal["code"]), (409, &json!("already_shipped")));
}

#[test]
fn a_return_is_received_graded_and_disposed_of() {
    let mut bench = Bench::with(|c| c.wms_north.grades.x = 1000);
    let expected = json!({"id": "RMA1", "rma": "RMA1", "lines": [{"line": "1", "sku": "A", "quantity": 3}]});
    assert_eq!(bench.put("/wms-north/expected-receipts/RMA1", &expected).0, 200);
    let sent = bench.settle();
    let kinds: Vec<Value> = sent.iter().map(|d| body(d)["type"].clone()).collect();
    assert_eq!(kinds, ["return.received", "return.inspected"]);
    let receipt = body(&sent[0])["data"]["receipt"].clone();
    assert_eq!(body(&sent[0])["data"]["lines"], expected["lines"]);
    let inspected = body(&sent[1])["data"].clone();
    assert_eq!(inspected["receipt"], receipt);
    assert_eq!(
        inspected["lines"][0],
        json!({"line": "1", "sku": "A", "quantity": 3, "grade": "X", "accepted": 0, "rejected": 3})
    );
    let disposal = json!({"id": "DISP1", "rma": "RMA1", "receipt": receipt, "lines": [
        {"line": "1", "sku": "A", "quantity": 2, "disposition": "restock"},
        {"line": "1", "sku": "A", "quantity": 1, "disposition": "destroy"}]});
    let first = bench.put("/wms-north/dispositions/DISP1", &disposal);
    assert_eq!(first.0, 200);
    assert_eq!(bench.put("/wms-north/dispositions/DISP1", &disposal), first);
    assert_eq!(bench.get("/wms-north/_lab/stock")["items"], json!({"A": 2}));
    let rows = bench.rows("wms-north", "disposition");
    assert_eq!(
        rows.iter().map(|r| r["detail"].as_str().unwrap()).collect::<Vec<_>>(),
        ["restock", "destroy"]
    );
    assert_eq!(rows[0]["reference"], "RMA1");
}

#[test]
fn grades_are_decided_by_rma_and_line() {
    let grades = |seed| {
        let mut bench = Bench::with(|c| c.seed = seed);
        for n in 0..60 {
            let rma = format!("RMA{n}");
            let body = json!({"id": rma, "rma": rma, "lines": [{"line": "1", "sku": "A", "quantity": 1}]});
            bench.put(&format!("/wms-north/expected-receipts/{rma}"), &body);
        }
        let sent = bench.settle();
        let inspected = sent.iter().map(body).filter(|e| e["type"] == "return.inspected");
        inspected.map(|e| e["data"]["lines"][0]["grade"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(grades(4), grades(4));
    assert!(grades(4).iter().any(|g| g == "B") && grades(4).iter().any(|g| g == "A"));
}
