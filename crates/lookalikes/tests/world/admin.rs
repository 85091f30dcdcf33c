//! The shop's Admin GraphQL interface, as an app would use it.

use crate::bench::Bench;
use crate::shop::order;
use serde_json::{Value, json};

/// One operation; its text names what it is known for.
fn ask(bench: &Bench, name: &str, field: &str, variables: Value) -> Value {
    let query = format!("mutation {name} {{ {field} @idempotent(key: $key) }}");
    let body = json!({"operationName": name, "query": query, "variables": variables});
    let (status, answer) = bench.call("POST", "/shop/admin/api/2026-04/graphql.json", &body);
    assert_eq!(status, 200, "{answer}");
    answer
}

const ORDER: &str = "gid://shopify/Order/1";

fn collected(change: impl FnOnce(&mut lookalikes::WorldConfig)) -> Bench {
    let bench = Bench::with(change);
    let mut new = order("1");
    new["gateway"] = "shopify_payments".into();
    bench.lab("/shop/_lab/orders", &json!({"orders": [new]}));
    bench
}

fn fulfil(bench: &Bench, lines: &Value) -> (u16, Value) {
    let wish = json!({"notifyCustomer": false, "trackingInfo": {"numbers": ["T1"]}, "lineItemsByFulfillmentOrder": [
        {"fulfillmentOrderId": "gid://shopify/FulfillmentOrder/7000000000", "fulfillmentOrderLineItems": lines}]});
    let body = json!({"operationName": "FulfilmentCreate", "query": "mutation FulfilmentCreate { fulfillmentCreate }",
        "variables": {"message": "S1", "fulfillment": wish}});
    bench.call("POST", "/shop/admin/api/2026-04/graphql.json", &body)
}

fn item(n: u64, quantity: i64) -> Value {
    json!({"id": format!("gid://shopify/FulfillmentOrderLineItem/{n}"), "quantity": quantity})
}

#[test]
fn what_the_shop_collects_it_captures_once_and_refunds_up_to_that() {
    let bench = collected(|_| {});
    assert!(bench.rows("stripe", "authorised").is_empty());
    assert_eq!(bench.rows("shop", "authorised")[0]["amount"], 4030);
    let read = ask(&bench, "Transactions", "transactions", json!({"order": ORDER}));
    let open = read["data"]["order"]["transactions"][0].clone();
    assert_eq!(
        (&open["kind"], &open["amountSet"]["shopMoney"]["amount"]),
        (&json!("AUTHORIZATION"), &json!("40.30"))
    );
    let wish = |amount: &str| json!({"input": {"id": ORDER, "parentTransactionId": open["id"], "amount": amount, "currency": "GBP"}});
    let refused = |answer: &Value, of: &str| !answer["data"][of]["userErrors"].as_array().unwrap().is_empty();
    assert!(refused(&ask(&bench, "Capture", "orderCapture", wish("40.31")), "orderCapture"));
    let taken = ask(&bench, "Capture", "orderCapture", wish("40.00"));
    let parent = taken["data"]["orderCapture"]["transaction"]["id"].clone();
    assert!(refused(&ask(&bench, "Capture", "orderCapture", wish("0.30")), "orderCapture"), "captured once");
    let back = |key: &str, amount: &str| {
        let money = json!([{"orderId": ORDER, "parentId": parent, "gateway": "shopify_payments", "kind": "REFUND", "amount": amount}]);
        let wish = json!({"key": key, "input": {"orderId": ORDER, "note": "hub C1", "transactions": money}});
        ask(&bench, "RefundCreate", "refundCreate", wish)
    };
    let first = back("k1", "30.00");
    assert_eq!(back("k1", "30.00")["data"], first["data"], "the same key gives the same refund");
    assert_eq!(
        back("k1", "1.00")["data"]["refundCreate"]["userErrors"][0]["code"],
        "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
    );
    assert!(refused(&back("k2", "10.01"), "refundCreate"));
    let rows = bench.rows("shop", "refunded");
    assert_eq!((rows.len(), &rows[0]["reference"], &rows[0]["amount"]), (1, &json!("C1"), &json!(3000)));
}

#[test]
fn a_fulfilment_takes_no_more_than_is_left() {
    let bench = collected(|_| {});
    let (_, answer) = fulfil(&bench, &json!([item(10001, 7)]));
    assert!(answer["data"]["fulfillmentCreate"]["fulfillment"].is_null(), "{answer}");
    let (_, answer) = fulfil(&bench, &json!([item(10001, 4), item(10002, 3)]));
    assert_eq!(answer["data"]["fulfillmentCreate"]["fulfillment"]["totalQuantity"], 7);
    let work = ask(&bench, "FulfilmentWork", "fulfillmentOrders", json!({"order": ORDER, "first": true}));
    assert_eq!(
        work["data"]["order"]["fulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"][0]["remainingQuantity"],
        2
    );
    let row = &bench.rows("shop", "shipment_reported")[0];
    assert_eq!((&row["reference"], &row["quantity"]), (&json!("S1"), &json!(7)));
}

#[test]
fn half_of_a_fulfilment_is_made_and_then_it_breaks() {
    let bench = collected(|config| config.shop.half = 1000);
    let (status, _) = fulfil(&bench, &json!([item(10001, 6), item(10002, 3)]));
    assert_eq!(status, 500);
    let row = &bench.rows("shop", "shipment_reported")[0];
    assert_eq!(row["quantity"], 6);
}

#[test]
fn figures_are_compared_and_all_refused_for_one() {
    let bench = collected(|config| config.shop.bundles = vec!["SET".to_owned()]);
    let location = "gid://shopify/Location/77";
    let read = ask(
        &bench,
        "Levels",
        "inventoryItems",
        json!({"location": location, "skus": "sku:\"A\" OR sku:\"SET\""}),
    );
    let nodes = &read["data"]["inventoryItems"]["nodes"];
    assert_eq!(nodes[1]["variant"]["requiresComponents"], true);
    let set = |key: &str, from: i64| {
        let one = json!({"inventoryItemId": nodes[0]["id"], "locationId": location, "quantity": 5, "changeFromQuantity": from});
        let wish = json!({"key": key, "input": {"name": "available", "referenceDocumentUri": "hub://stock/p", "quantities": [one]}});
        ask(&bench, "SetQuantities", "inventorySetQuantities", wish)
    };
    let stale = set("k1", 3);
    assert_eq!(
        stale["data"]["inventorySetQuantities"]["userErrors"][0]["code"],
        "CHANGE_FROM_QUANTITY_STALE"
    );
    assert_eq!(set("k2", 0)["data"]["inventorySetQuantities"]["userErrors"], json!([]));
    assert_eq!(bench.get("/shop/_lab/stock")["items"]["A"]["available"], 5);
}

#[test]
fn the_bucket_runs_dry_and_fills_again() {
    let mut bench = collected(|config| (config.shop.bucket, config.shop.restore) = (450, 100));
    let read = |bench: &Bench| ask(bench, "Transactions", "transactions", json!({"order": ORDER}));
    assert!(read(&bench)["errors"].is_null());
    assert!(read(&bench)["errors"].is_null(), "40 of 450 were spent: what was not needed came back");
    let dry = read(&bench);
    assert_eq!(dry["errors"][0]["extensions"]["code"], "THROTTLED", "{dry}");
    assert_eq!(dry["extensions"]["cost"]["throttleStatus"]["restoreRate"], 100);
    bench.now += 2_000;
    assert!(read(&bench)["errors"].is_null());
}

#[test]
fn an_operation_that_is_not_known_or_has_no_key_is_refused_whole() {
    let bench = collected(|_| {});
    assert!(
        ask(&bench, "Elsewhere", "x", json!({}))["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("Elsewhere")
    );
    let answer = ask(&bench, "RefundCreate", "refundCreate", json!({"input": {}}));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST");
}
