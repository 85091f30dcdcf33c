//! Those who check, tax, carry, tell and serve, and the keeper of stored value.

use crate::bench::{Bench, body};
use serde_json::{Value, json};

fn refused(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}

#[test]
fn customers_and_promotions_are_checked_by_rule() {
    let bench = Bench::with(|c| {
        c.customers.blocked.push("666".to_owned());
        c.promotions.ended.push("SPRING".to_owned());
    });
    let check = |customer: &str| {
        let path = format!("/customers/customer-checks/check_customer%3A{customer}");
        bench.put(&path, &json!({"order": "shop-1", "customer": customer}))
    };
    assert_eq!(check("17850"), (200, json!({"ref": "CU-000001", "state": "ok"})));
    assert_eq!(check("17850").1["ref"], "CU-000001", "the same again is the same check");
    assert_eq!(check("666").1["state"], "blocked");
    assert_eq!(bench.rows("customers", "customer_checked").len(), 2);
    let promoted = |promotion: &str| {
        let body = json!({"order": "shop-1", "currency": "GBP", "lines": [{"line": "1", "sku": "A", "quantity": 1,
            "amount": 900, "discounts": [{"promotion": promotion, "amount": 100}]}]});
        bench.put(&format!("/promotions/promotion-checks/{promotion}"), &body).1
    };
    assert_eq!(promoted("SUMMER")["state"], "ok");
    assert_eq!(promoted("SPRING")["reason"], "SPRING is over");
}

fn filing(id: &str, tax: i64) -> Value {
    json!({"id": id, "order": "shop-1", "currency": "GBP", "tax": tax,
        "lines": [{"line": "1", "quantity": 1, "amount": 6 * tax, "tax": tax}]})
}

#[test]
fn tax_is_filed_per_document_and_never_taken_back_beyond_that() {
    let bench = Bench::new();
    let mut quote = filing("shop-1", 200);
    quote.as_object_mut().unwrap().remove("tax");
    assert_eq!(bench.put("/tax/tax/quotes/shop-1", &quote), (200, json!({"ref": "TQ-000001", "tax": 200})));
    let early = bench.put("/tax/tax/refunds/C0", &filing("C0", 1));
    assert_eq!(refused(&early), (422, "exceeds_filed"));
    for _ in 0..2 {
        assert_eq!(bench.put("/tax/tax/commitments/S1", &filing("S1", 200)).0, 200);
    }
    assert_eq!(bench.put("/tax/tax/commitments/S1", &filing("S1", 201)).0, 409, "another body");
    assert_eq!(bench.put("/tax/tax/refunds/C1", &filing("C1", 150)).0, 200);
    assert_eq!(refused(&bench.put("/tax/tax/refunds/C2", &filing("C2", 51))), (422, "exceeds_filed"));
    let mut odd = filing("S2", 10);
    odd["tax"] = json!(11);
    assert_eq!(refused(&bench.put("/tax/tax/commitments/S2", &odd)), (422, "tax_differs"));
    let rows = bench.ledger("tax");
    let kinds: Vec<(&str, i64)> =
        rows.iter().map(|r| (r["kind"].as_str().unwrap(), r["amount"].as_i64().unwrap())).collect();
    assert_eq!(kinds, [("tax_quoted", 200), ("tax_committed", 200), ("tax_refunded", 150)]);
}

#[test]
fn a_tax_that_is_reckoned_otherwise_is_off_by_as_much_as_it_should() {
    let bench = Bench::with(|c| {
        c.tax.off_rate = 1000;
        c.tax.off_by = -3;
    });
    let mut quote = filing("shop-1", 200);
    quote.as_object_mut().unwrap().remove("tax");
    assert_eq!(bench.put("/tax/tax/quotes/shop-1", &quote).1["tax"], 197);
}

fn screening(order: &str, customer: &str) -> Value {
    json!({"order": order, "placed_at": "2011-10-10T08:00:00Z", "currency": "GBP", "total": 500, "customer": customer,
        "tenders": []})
}

#[test]
fn orders_are_screened_by_rule_and_a_person_takes_time() {
    let mut bench = Bench::with(|c| {
        c.fraud.declined.push("thief".to_owned());
        c.fraud.reviewed.push("odd".to_owned());
        c.fraud.review_decline_rate = 1000;
    });
    let screen = |bench: &Bench, order: &str, customer: &str| {
        bench.put(&format!("/fraud/screenings/screen_order%3A{order}"), &screening(order, customer))
    };
    assert_eq!(screen(&bench, "shop-1", "17850").1["decision"], "approve");
    assert_eq!(screen(&bench, "shop-2", "thief").1["decision"], "decline");
    assert_eq!(screen(&bench, "shop-3", "odd").1["decision"], "review");
    let sent = bench.settle();
    assert_eq!(sent.len(), 1, "only what a person looked at is told later");
    let event = body(&sent[0]);
    assert_eq!((&event["type"], &event["data"]["decision"]), (&json!("order.screened"), &json!("decline")));
    assert_eq!(screen(&bench, "shop-3", "odd").1["decision"], "review", "the same again answers as before");
    assert!(bench.settle().is_empty(), "and nobody looks twice");
    assert_eq!(bench.rows("fraud", "screened").len(), 4);
}

#[test]
fn a_review_may_be_accepted_without_a_word() {
    let mut bench = Bench::with(|c| {
        c.fraud.review_rate = 1000;
        c.fraud.accepts = true;
    });
    let answer = bench.put("/fraud/screenings/k", &screening("shop-1", "17850"));
    assert_eq!(answer, (202, json!({"ref": "FR-000001"})));
    assert_eq!(bench.put("/fraud/screenings/k", &screening("shop-1", "17850")), answer);
    assert_eq!(body(&bench.settle()[0])["data"], json!({"order": "shop-1", "decision": "approve"}));
}

fn statuses(bench: &mut Bench) -> Vec<String> {
    let sent = bench.settle();
    let tracked = sent.iter().map(body).filter(|event| event["type"] == "parcel.tracked");
    tracked.map(|event| event["data"]["status"].as_str().unwrap().to_owned()).collect()
}

fn shipped(bench: &mut Bench, label: &Value) -> Vec<String> {
    bench.lab("/wms-north/_lab/stock", &json!({"lines": [{"sku": "A", "quantity": 10}]}));
    bench.settle();
    let order = json!({"id": "shop-1-F1", "order": "shop-1", "method": "ship", "label": label,
        "lines": [{"line": "1", "sku": "A", "quantity": 2}]});
    assert_eq!(bench.put("/wms-north/fulfilment-orders/shop-1-F1", &order).0, 200);
    statuses(bench)
}

#[test]
fn a_parcel_under_a_bought_label_is_scanned_until_it_arrives() {
    let mut bench = Bench::new();
    let asked = json!({"id": "shop-1-F1", "order": "shop-1", "fulfilment": "shop-1-F1", "from": "wms-north", "parcels": []});
    let (status, label) = bench.put("/carrier/labels/shop-1-F1", &asked);
    assert_eq!(status, 200);
    assert_eq!(bench.put("/carrier/labels/shop-1-F1", &asked).1, label);
    assert!(statuses(&mut bench).is_empty(), "a label alone goes nowhere");
    assert_eq!(shipped(&mut bench, &label), ["in_transit", "out_for_delivery", "delivered"]);
    let tracking = label["tracking"].as_str().unwrap();
    assert_eq!(bench.rows("carrier", "tracked").len(), 3);
    assert_eq!(bench.rows("carrier", "tracked")[0]["reference"], tracking);
    let void = json!({"id": "V1", "tracking": tracking});
    assert_eq!(refused(&bench.put("/carrier/label-voids/V1", &void)), (409, "in_use"));
    assert_eq!(bench.rows("carrier", "label")[0]["reference"], "shop-1-F1");
}

#[test]
fn parcels_get_lost_come_back_or_are_missed_at_the_door() {
    let way = |change: fn(&mut lookalikes::CarrierConfig)| {
        let mut bench = Bench::with(|c| {
            c.wms_north.tracked = true;
            change(&mut c.carrier);
        });
        shipped(&mut bench, &Value::Null).join(" ")
    };
    assert_eq!(way(|c| c.lost_rate = 1000), "in_transit lost");
    assert_eq!(way(|c| c.returned_rate = 1000), "in_transit out_for_delivery returned_to_sender");
    assert_eq!(
        way(|c| c.attempted_rate = 1000),
        "in_transit out_for_delivery attempted out_for_delivery delivered"
    );
    let mut untracked = Bench::new();
    assert!(shipped(&mut untracked, &Value::Null).is_empty(), "a place's own numbers are its own affair");
}

#[test]
fn a_return_label_is_used_by_the_customer_and_a_voided_one_by_nobody() {
    let mut bench = Bench::new();
    let asked = |rma: &str| json!({"id": rma, "order": "shop-1", "to": "wms-north", "lines": []});
    bench.put("/carrier/return-labels/RMA-1", &asked("RMA-1"));
    assert_eq!(statuses(&mut bench), ["in_transit", "delivered"]);
    let (_, label) = bench.put("/carrier/return-labels/RMA-2", &asked("RMA-2"));
    let void = json!({"id": "RMA-2", "tracking": label["tracking"]});
    assert_eq!(bench.put("/carrier/label-voids/RMA-2", &void).0, 200);
    assert!(statuses(&mut bench).is_empty());
    let unknown = json!({"id": "V", "tracking": "XX"});
    assert_eq!(refused(&bench.put("/carrier/label-voids/V", &unknown)), (404, "unknown_label"));
}

#[test]
fn a_message_is_written_once_and_a_repeat_under_another_name_shows() {
    let bench = Bench::new();
    let message = |id: &str, credit: &str| json!({"id": id, "order": "shop-1", "customer": "17850", "milestone": "refund_sent", "data": {"credit": credit}});
    let put =
        |id: &str, credit: &str| bench.put(&format!("/notifications/messages/{id}"), &message(id, credit));
    for _ in 0..2 {
        assert_eq!(put("m1", "C1").0, 200);
    }
    assert_eq!(put("m1", "C2").0, 409);
    put("m2", "C2");
    put("m3", "C1");
    let rows = bench.rows("notifications", "message");
    let told: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(told.len(), 3);
    assert!(told[0] == told[2] && told[0] != told[1], "{told:?}");
    assert_eq!((&rows[0]["reference"], &rows[0]["detail"]), (&json!("m1"), &json!("refund_sent")));
    let mut odd = message("m4", "C1");
    odd["milestone"] = json!("order_lost");
    assert_eq!(refused(&bench.put("/notifications/messages/m4", &odd)), (422, "unknown_milestone"));
    odd = message("m4", "C1");
    odd["email"] = json!("a@example.com");
    assert_eq!(bench.put("/notifications/messages/m4", &odd).0, 422, "it wants nothing of the person");
}

#[test]
fn a_case_is_opened_then_closed() {
    let bench = Bench::new();
    let note = |state: &str| {
        let body = json!({"id": "N1", "about": "order/shop-1", "order": "shop-1", "code": "parcel_lost", "cause": "c",
            "owner": "customer_service", "next_step": "n", "state": state});
        bench.put(&format!("/service/case-notes/N1/{state}"), &body)
    };
    assert_eq!(refused(&note("closed")), (409, "not_open"));
    for state in ["opened", "opened", "closed", "closed"] {
        assert_eq!(note(state).0, 200, "{state}");
    }
    let rows = bench.ledger("service");
    let kinds: Vec<&str> = rows.iter().map(|r| r["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["case_opened", "case_closed"]);
    assert_eq!((&rows[0]["detail"], &rows[0]["id"]), (&json!("parcel_lost"), &json!("order/shop-1")));
}

#[test]
fn a_gift_card_has_no_debts() {
    let bench = Bench::new();
    let load = json!({"cards": [{"payment": "gc_1", "order": "shop-1", "amount": 500, "currency": "GBP"}]});
    bench.lab("/giftcards/_lab/cards", &load);
    let shown = |payment: &str| bench.get(&format!("/giftcards/payments/{payment}"));
    assert_eq!(
        shown("gc_1"),
        json!({"ref": "gc_1", "state": "authorised", "amount": 500, "currency": "GBP"})
    );
    assert_eq!(shown("gc_9")["state"], "absent");
    let ask = |what: &str, key: &str, amount: i64| {
        let body = json!({"payment": "gc_1", "order": "shop-1", "credit": "shop-1-C1", "amount": amount,
            "currency": "GBP", "several": true});
        bench.put(&format!("/giftcards/payments/gc_1/{what}/{key}"), &body)
    };
    assert_eq!(refused(&ask("captures", "k1", 501)), (422, "insufficient"));
    assert_eq!(ask("captures", "k2", 300), (200, json!({"ref": "GC-000001", "amount": 300})));
    assert_eq!(ask("captures", "k2", 300).1["ref"], "GC-000001", "the same key takes nothing more");
    assert_eq!(refused(&ask("voids", "k", 1)), (409, "captured"));
    assert_eq!(refused(&ask("refunds", "k3", 301)), (422, "exceeds_captured"));
    assert_eq!(ask("refunds", "k4", 100).1["state"], "succeeded");
    assert_eq!(refused(&ask("captures", "k5", 0)), (422, "bad_amount"));
    assert_eq!(shown("gc_1")["state"], "captured");
    let card = &bench.get("/giftcards/_lab/cards")["cards"]["gc_1"];
    assert_eq!(
        (&card["left"], &card["captured"], &card["refunded"]),
        (&json!(300), &json!(300), &json!(100))
    );
    let issue =
        json!({"id": "shop-1-C2", "order": "shop-1", "customer": "17850", "amount": 700, "currency": "GBP"});
    let (_, issued) = bench.put("/giftcards/store-credits/shop-1-C2", &issue);
    assert_eq!(bench.put("/giftcards/store-credits/shop-1-C2", &issue).1, issued, "issued once");
    let code = issued["code"].as_str().unwrap();
    assert_eq!(shown(code)["amount"], 700);
    let kinds: Vec<Value> = bench.ledger("giftcards").iter().map(|r| r["kind"].clone()).collect();
    assert_eq!(kinds, ["authorised", "captured", "refunded", "issued"]);
    let refund = &bench.rows("giftcards", "refunded")[0];
    assert_eq!((&refund["reference"], &refund["order"]), (&json!("shop-1-C1"), &json!("shop-1")));
}

fn pick_up(bench: &mut Bench) {
    bench.lab("/wms-north/_lab/stock", &json!({"lines": [{"sku": "A", "quantity": 3}]}));
    bench.settle();
    let order = json!({"id": "shop-1-F1", "order": "shop-1", "method": "pickup", "lines": [{"line": "1", "sku": "A", "quantity": 2}]});
    assert_eq!(bench.put("/wms-north/fulfilment-orders/shop-1-F1", &order).0, 200);
}

#[test]
fn what_a_customer_picks_up_is_ready_and_then_collected() {
    let mut bench = Bench::new();
    pick_up(&mut bench);
    let amend = json!({"id": "shop-1-F1", "order": "shop-1", "ship_to": {"country": "GB"}});
    assert_eq!(bench.put("/wms-north/fulfilment-orders/shop-1-F1/amendments/k", &amend).0, 200);
    let sent = bench.settle();
    let kinds: Vec<Value> = sent.iter().map(|d| body(d)["type"].clone()).collect();
    assert_eq!(kinds, ["fulfilment.ready", "fulfilment.picked_up"]);
    let data = body(&sent[1])["data"].clone();
    let row = &bench.rows("wms-north", "shipment")[0];
    assert_eq!((&row["reference"], &row["id"]), (&data["shipment"], &json!("shop-1-F1")));
    assert_eq!(data["lines"], json!([{"line": "1", "sku": "A", "quantity": 2}]));
    assert_eq!(bench.put("/wms-north/fulfilment-orders/shop-1-F1/amendments/k2", &amend).0, 409);
}

#[test]
fn what_lies_ready_can_be_cancelled_and_goes_back_to_the_shelf() {
    let mut bench = Bench::new();
    pick_up(&mut bench);
    let due = bench.world.next_due().unwrap();
    bench.now = due;
    assert_eq!(bench.world.due(due).len(), 1, "it is ready");
    let cancel = json!({"id": "X1", "order": "shop-1", "reason": "customer"});
    assert_eq!(bench.put("/wms-north/fulfilment-orders/shop-1-F1/cancellation", &cancel).0, 200);
    bench.now += 1_000;
    assert!(bench.world.due(bench.now).is_empty(), "nobody comes");
    assert!(bench.rows("wms-north", "shipment").is_empty());
    assert_eq!(bench.get("/wms-north/_lab/stock")["items"]["A"], 3);
}

#[test]
fn a_sale_is_found_by_what_a_customer_knows() {
    let bench = Bench::new();
    let order = |id: &str, customer: &str| {
        json!({"id": id, "number": "1", "placed_at": "2011-10-10T08:00:00Z", "currency": "GBP", "customer": customer,
            "lines": [{"line": "7", "sku": "A", "quantity": 1}], "total": 5})
    };
    for (id, customer) in [("shop-1", "ann"), ("shop-2", "bob")] {
        bench.put(&format!("/erp/sales-orders/{id}"), &order(id, customer));
        let delivery = json!({"id": format!("D-{id}"), "order": id, "place": "wms-north",
            "lines": [{"line": "7", "sku": "A", "quantity": 1}]});
        bench.put(&format!("/erp/deliveries/D-{id}"), &delivery);
    }
    let find = |id: &str, more: Value| {
        let mut body = json!({"id": id, "rma": "RMA-1", "sku": "A"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        bench.put(&format!("/erp/sale-searches/{id}"), &body).1
    };
    assert_eq!(find("1", json!({"customer": "ann"}))["order"], "shop-1");
    assert_eq!(find("2", json!({"reference": "2"}))["order_line"], "7");
    assert_eq!(find("3", json!({}))["order"], "shop-2", "the last one sold");
    assert_eq!(find("4", json!({"customer": "eve"})).get("order"), None);
    let amend =
        json!({"id": "shop-1-A1", "order": "shop-1", "add": [], "change": [{"line": "7", "quantity": 2}]});
    assert_eq!(bench.put("/erp/sales-orders/shop-1/amendments/shop-1-A1", &amend).0, 200);
    assert_eq!(bench.rows("erp", "sales_order_amended")[0]["order"], "shop-1");
}

#[test]
fn a_credit_memo_says_why_and_can_be_reversed() {
    let bench = Bench::new();
    let memo = json!({"reference": "shop-1-C1", "order": "shop-1", "kind": "goodwill", "currency": "GBP", "total": 5, "lines": []});
    assert_eq!(bench.call("POST", "/erp/credit-memos", &memo).0, 201);
    assert_eq!(bench.rows("erp", "credit_memo")[0]["detail"], "goodwill");
    let reverse = |reference: &str| {
        let body =
            json!({"id": "R1", "reference": reference, "order": "shop-1", "currency": "GBP", "total": 5});
        bench.put("/erp/credit-memo-reversals/R1", &body)
    };
    assert_eq!(refused(&reverse("shop-1-C9")), (404, "unknown_memo"));
    assert_eq!(reverse("shop-1-C1").0, 200);
    assert_eq!(bench.rows("erp", "credit_memo_reversed")[0]["reference"], "shop-1-C1");
}

#[test]
fn the_storefront_hears_what_lies_ready() {
    let bench = Bench::new();
    let order = json!({"orders": [{"source_id": "1", "placed_at": "2011-10-10T08:00:00Z", "currency": "GBP",
        "lines": [{"sku": "A", "quantity": 1, "unit_price": "5.00"}]}]});
    bench.lab("/shop/_lab/orders", &order);
    let ready = json!({"id": "shop-1-F1", "order": "shop-1", "source_id": "1", "place": "wms-north"});
    assert_eq!(bench.put("/shop/orders/1/ready/shop-1-F1", &ready).0, 200);
    assert_eq!(bench.rows("shop", "ready_reported")[0]["reference"], "shop-1-F1");
}
