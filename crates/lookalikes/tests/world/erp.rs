use crate::bench::{Bench, START};
use serde_json::{Value, json};

fn sales_order(bench: &Bench) -> (u16, Value) {
    let body = json!({"id": "shop-1", "number": "1", "placed_at": "2011-10-10T08:00:00Z", "currency": "GBP",
        "lines": [{"line": "10001", "sku": "A", "kind": "goods", "quantity": 6, "unit_price": "2.55", "amount": 1530, "tax": 255}],
        "total": 1530});
    bench.put("/erp/sales-orders/shop-1", &body)
}

#[test]
fn documents_are_written_once_under_their_id() {
    let bench = Bench::new();
    let first = sales_order(&bench);
    assert_eq!(first, (200, json!({"ref": "SO-000001", "total": 1530})));
    assert_eq!(sales_order(&bench), first);
    let delivery = json!({"id": "shop-1-D1", "order": "shop-1", "shipment": "S-1", "place": "wms-north",
        "shipped_at": "2011-10-12T08:00:00Z",
        "lines": [{"line": "10001", "sku": "A", "quantity": 4}, {"line": "10002", "sku": "B", "quantity": 1}]});
    assert_eq!(bench.put("/erp/deliveries/shop-1-D1", &delivery).0, 200);
    let mut other = delivery.clone();
    other["lines"][0]["quantity"] = json!(5);
    assert_eq!(bench.put("/erp/deliveries/shop-1-D1", &other).0, 409);
    let rows = bench.ledger("erp");
    assert_eq!(rows.len(), 3);
    assert_eq!(
        rows[1],
        json!({"n": 2, "kind": "delivery", "reference": "shop-1-D1", "order": "shop-1", "quantity": 4, "line": "10001",
            "sku": "A", "place": "wms-north", "at": "2011-10-12T08:00:00Z"})
    );
}

#[test]
fn what_cannot_be_is_refused_and_leaves_no_trace() {
    let bench = Bench::new();
    let invoice = json!({"id": "I1", "order": "shop-9", "delivery": "D", "currency": "GBP", "total": 5,
        "lines": [{"line": "1", "quantity": 1, "amount": 5, "tax": 0}]});
    let (status, refusal) = bench.put("/erp/invoices/I1", &invoice);
    assert_eq!((status, &refusal["code"]), (404, &json!("unknown_order")));
    sales_order(&bench);
    let mut bad = invoice.clone();
    bad["order"] = json!("shop-1");
    assert_eq!(bench.put("/erp/invoices/I2", &bad).0, 422, "the id is another");
    bad["lines"][0]["quantity"] = json!(0);
    assert_eq!(bench.put("/erp/invoices/I1", &bad).0, 422);
    bad["lines"][0]["quantity"] = json!(1);
    assert_eq!(bench.put("/erp/invoices/I1", &bad), (200, json!({"ref": "INV-000002", "total": 5})));
    assert_eq!(bench.ledger("erp").len(), 2);
    let unsigned = lookalikes::Request::new("PUT", "/erp/invoices/I1", "{}");
    assert_eq!(bench.world.handle(0, &unsigned).status, 401);
}

#[test]
fn two_posts_make_two_credit_memos_and_only_a_search_tells() {
    let mut bench = Bench::with(|c| c.erp.habits.lookup_lag_ms = 100);
    let memo = json!({"reference": "shop-1-C1", "order": "shop-1", "currency": "GBP", "total": 255,
        "lines": [{"line": "10001", "quantity": 1, "amount": 255, "tax": 42}]});
    let (status, first) = bench.call("POST", "/erp/credit-memos", &memo);
    assert_eq!((status, first), (201, json!({"ref": "CM-000001", "reference": "shop-1-C1", "total": 255})));
    assert_eq!(
        bench.get("/erp/credit-memos?reference=shop-1-C1")["items"],
        json!([]),
        "the index lags behind"
    );
    bench.call("POST", "/erp/credit-memos", &memo);
    bench.now = START + 100;
    let found = bench.get("/erp/credit-memos?reference=shop-1-C1");
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
    assert_eq!(bench.get("/erp/credit-memos?reference=other")["items"], json!([]));
    assert_eq!(bench.rows("erp", "credit_memo").len(), 2);
}

#[test]
fn returns_are_booked_under_their_rma() {
    let bench = Bench::new();
    let order = json!({"id": "RO-1", "rma": "RMA1", "currency": "GBP",
        "lines": [{"line": "1", "order": "shop-1", "order_line": "10001", "sku": "A", "quantity": 2}]});
    assert_eq!(bench.put("/erp/return-orders/RO-1", &order).0, 200);
    let receipt = json!({"id": "RR-1", "rma": "RMA1", "place": "wms-north",
        "lines": [{"line": "1", "sku": "A", "quantity": 2, "disposition": "restock"}]});
    assert_eq!(bench.put("/erp/return-receipts/RR-1", &receipt).0, 200);
    let row = &bench.rows("erp", "return_receipt")[0];
    assert_eq!(
        (&row["reference"], &row["quantity"], &row["detail"]),
        (&json!("RMA1"), &json!(2), &json!("restock"))
    );
}
