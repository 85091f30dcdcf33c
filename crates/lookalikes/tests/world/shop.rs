use crate::bench::{Bench, START, body, header, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub fn order(source_id: &str) -> Value {
    json!({
        "source_id": source_id, "number": source_id, "placed_at": "2011-10-10T08:00:00Z", "currency": "GBP",
        "customer": "17850",
        "lines": [
            {"sku": "85123A", "title": "WHITE HANGING HEART", "category": "decor", "quantity": 6,
             "unit_price": "2.55", "tax_rate": "0.20"},
            {"sku": "71053", "title": "WHITE LANTERN", "quantity": 3, "unit_price": "0.8325", "discount": 50},
            {"sku": "POST", "title": "POSTAGE", "quantity": 1, "unit_price": "18.00", "kind": "shipping"}
        ],
        "shipping": [{"title": "Express", "amount": 500}]
    })
}

#[test]
fn an_order_is_authorised_and_told_in_shopify_s_shape() {
    let mut bench = Bench::new();
    let answer = bench.lab("/shop/_lab/orders", &json!({"orders": [order("536365")]}));
    // 1530 + (249.75 → 250 − 50) + 1800 + 500: each line rounds once.
    assert_eq!(answer["placed"][0]["total"], 4030);
    let sent = bench.settle();
    assert_eq!(sent.len(), 1);
    let told = body(&sent[0]);
    assert_eq!(sent[0].url_path, "/in/shop");
    assert_eq!(header(&sent[0], "x-shopify-topic"), "orders/create");
    assert_eq!(told["id"], 536_365);
    assert_eq!(told["name"], "#536365");
    assert_eq!(told["total_price"], "40.30");
    assert_eq!(told["subtotal_price"], "35.30");
    assert_eq!(told["total_discounts"], "0.50");
    assert_eq!(told["total_tax"], "2.55");
    assert_eq!(told["taxes_included"], true);
    let lines = told["line_items"].as_array().unwrap();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["id"], 5_363_650_001_u64);
    assert_eq!(lines[0]["price_set"]["presentment_money"], json!({"amount": "2.55", "currency_code": "GBP"}));
    assert_eq!(lines[0]["tax_lines"][0]["rate"].to_string(), "0.20".parse::<f64>().unwrap().to_string());
    assert_eq!(lines[1]["price"], "0.8325");
    assert_eq!(lines[1]["discount_allocations"][0]["amount"], "0.50");
    assert_eq!(lines[2]["requires_shipping"], false);
    assert_eq!(lines[2]["properties"], json!([{"name": "_kind", "value": "shipping"}]));
    assert_eq!(told["shipping_lines"][0]["price"], "5.00");
    assert_eq!(told["payment_gateway_names"], json!(["stripe"]));

    let payment = told["note_attributes"][0]["value"].as_str().unwrap();
    let intent = bench.get(&format!("/stripe/v1/payment_intents/{payment}"));
    assert_eq!(intent["status"], "requires_capture");
    assert_eq!(intent["amount"], 4030);
    assert_eq!(intent["metadata"], json!({"order": "shop-536365"}));
    let row = &bench.rows("shop", "order_placed")[0];
    assert_eq!(
        (&row["reference"], &row["amount"], &row["quantity"]),
        (&json!("shop-536365"), &json!(4030), &json!(11))
    );
    assert_eq!(row["at"], "2011-10-10T08:00:00Z");
    assert_eq!(bench.rows("stripe", "authorised")[0]["order"], "shop-536365");
}

#[test]
fn the_signature_is_that_of_the_raw_body() {
    let mut bench = Bench::new();
    bench.lab("/shop/_lab/orders", &json!({"orders": [order("1")]}));
    let sent = bench.settle();
    let made = STANDARD.encode(hmac(b"look-alike secret of shop", &sent[0].body));
    assert_eq!(header(&sent[0], "x-shopify-hmac-sha256"), made);
}

#[test]
fn a_retry_carries_the_first_payload_and_the_same_ids() {
    let bench = Bench::new();
    bench.lab("/shop/_lab/orders", &json!({"orders": [order("7")]}));
    let first = bench.world.due(bench.now).remove(0);
    bench.lab("/shop/_lab/cancellations", &json!({"source_id": "7", "reason": "fraud"}));
    bench.world.delivered(first.id, bench.now, Some(500));
    let sent = bench.world.due(START + 5000);
    let again = sent.iter().find(|d| d.id == first.id).unwrap();
    assert_eq!(again.body, first.body);
    assert_eq!(again.headers, first.headers);
    let cancelled = sent.iter().find(|d| d.id != first.id).unwrap();
    assert_eq!(header(cancelled, "x-shopify-topic"), "orders/cancelled");
    assert_eq!(body(cancelled)["cancel_reason"], "fraud");
    assert!(body(&first)["cancelled_at"].is_null());
}

#[test]
fn prices_with_tax_on_top_make_a_total_with_tax() {
    let mut bench = Bench::new();
    let new = json!({"source_id": 5, "placed_at": "2011-10-10T08:00:00Z", "currency": "KWD", "taxes_included": false,
        "lines": [{"sku": "A", "quantity": 2, "unit_price": "1.5", "tax_rate": "0.05"}]});
    let answer = bench.lab("/shop/_lab/orders", &json!({"orders": [new]}));
    assert_eq!(answer["placed"][0]["total"], 3150);
    assert_eq!(body(&bench.settle()[0])["total_price"], "3.150");
}

#[test]
fn an_order_of_nothing_has_no_payment_and_a_wrong_one_stops_the_batch() {
    let mut bench = Bench::new();
    let free = json!({"source_id": "1", "placed_at": "2011-10-10T08:00:00Z", "currency": "GBP",
        "lines": [{"sku": "A", "quantity": 1, "unit_price": "0"}]});
    bench.lab("/shop/_lab/orders", &json!({"orders": [free]}));
    assert_eq!(body(&bench.settle()[0])["note_attributes"], json!([]));
    assert!(bench.rows("stripe", "authorised").is_empty());

    let mut wrong = order("3");
    wrong["lines"][1]["unit_price"] = json!("1e3");
    let (status, answer) = bench.call("POST", "/shop/_lab/orders", &json!({"orders": [order("2"), wrong]}));
    assert_eq!(status, 422, "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("order 3 line 2"), "{answer}");
    let (status, _) = bench.call("POST", "/shop/_lab/orders", &json!({"orders": [order("1")]}));
    assert_eq!(status, 409);
    assert_eq!(bench.ledger("shop").len(), 1);
    assert!(bench.settle().is_empty());
}

#[test]
fn a_return_names_its_order_line_through_the_fulfilment_line() {
    let mut bench = Bench::new();
    bench.lab("/shop/_lab/orders", &json!({"orders": [order("1001")]}));
    bench.settle();
    let wish = json!({"returns": [{"source_id": "1001", "lines": [{"line": 10_010_001, "quantity": 2, "reason": "defective"}]}]});
    let answer = bench.lab("/shop/_lab/returns", &wish);
    assert_eq!(answer["returns"], json!(["#1001-R1"]));
    let sent = bench.settle();
    assert_eq!(header(&sent[0], "x-shopify-topic"), "returns/request");
    let told = body(&sent[0]);
    assert_eq!((&told["status"], &told["order"]["id"]), (&json!("requested"), &json!(1001)));
    let line = &told["return_line_items"][0];
    assert_eq!(line["fulfillment_line_item"]["line_item"]["id"], 10_010_001);
    assert_eq!((&line["quantity"], &line["return_reason"]), (&json!(2), &json!("defective")));
    let bad = json!({"returns": [{"source_id": "1001", "lines": [{"line": 99, "quantity": 1}]}]});
    assert_eq!(bench.call("POST", "/shop/_lab/returns", &bad).0, 422);
}

#[test]
fn reports_are_idempotent_by_id_and_other_bodies_conflict() {
    let bench = Bench::new();
    bench.lab("/shop/_lab/orders", &json!({"orders": [order("1")]}));
    let refund = json!({"id": "shop-1-C1", "order": "shop-1", "currency": "GBP", "amount": 255,
        "lines": [{"line": "10001", "quantity": 1, "amount": 255}]});
    let path = "/shop/orders/1/refunds/shop-1-C1";
    let first = bench.put(path, &refund);
    assert_eq!(first.0, 200);
    assert_eq!(bench.put(path, &refund), first);
    let mut other = refund.clone();
    other["amount"] = json!(256);
    let (status, answer) = bench.put(path, &other);
    assert_eq!((status, &answer["code"]), (409, &json!("conflict")));
    assert_eq!(bench.put("/shop/orders/2/refunds/shop-1-C1", &refund).0, 404);
    let rows = bench.rows("shop", "refund_reported");
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["reference"], &rows[0]["amount"]), (&json!("shop-1-C1"), &json!(255)));

    let shipment = json!({"id": "S-1", "order": "shop-1", "shipped_at": "2011-10-11T00:00:00Z",
        "parcels": [{"id": "P", "carrier": "c", "tracking": "t", "lines": [{"line": "10001", "quantity": 6}]}]});
    assert_eq!(bench.put("/shop/orders/1/fulfilments/S-1", &shipment).0, 200);
    assert_eq!(bench.rows("shop", "shipment_reported")[0]["quantity"], 6);
}

#[test]
fn older_word_of_stock_is_ignored() {
    let bench = Bench::new();
    let stock = |seq: i64, items: Value| json!({"id": "pool-1", "seq": seq, "at": "2011-10-10T08:00:00Z", "items": items});
    bench.put("/shop/stock", &stock(2, json!([{"sku": "A", "available": 5}])));
    let (status, answer) = bench
        .put("/shop/stock", &stock(1, json!([{"sku": "A", "available": 9}, {"sku": "B", "available": 1}])));
    assert_eq!((status, &answer["taken"]), (200, &json!(1)));
    let known = bench.get("/shop/_lab/stock");
    assert_eq!(known["items"], json!({"A": {"seq": 2, "available": 5}, "B": {"seq": 1, "available": 1}}));
}
