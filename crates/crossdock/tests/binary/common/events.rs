//! Messages of a storefront that speaks the contract.

use super::folder::HOOK;
use super::http::Headers;
use super::sign::{seconds, standard};
use serde_json::{Value, json};

/// An order of six hearts, as `order.submitted` has it.
pub fn order(id: &str) -> Value {
    json!({
        "order": format!("shop-{id}"), "source": "shop", "source_id": id, "number": id,
        "placed_at": "2026-03-01T08:26:00Z", "currency": "GBP", "customer": "17850",
        "lines": [{
            "line": "1", "sku": "85123A", "title": "WHITE HANGING HEART", "kind": "goods", "category": "decor",
            "quantity": 6, "unit_price": "2.55", "amount": 1530, "discount": 0, "tax": 255, "tax_included": true,
        }],
        "total": 1530,
        "tenders": [{
            "id": "t1", "kind": "card", "executor": "stripe", "payment": format!("pi_{id}"), "authorised": 1530,
        }],
    })
}

/// A CloudEvent of `shop` around data.
pub fn event(id: &str, kind: &str, data: &Value) -> String {
    json!({
        "specversion": "1.0", "id": id, "source": "shop", "type": kind, "time": "2026-03-01T08:26:01Z", "data": data,
    })
    .to_string()
}

/// The submission of an order under a message id of its own.
pub fn submitted(id: &str) -> String {
    event(&format!("m-{id}"), "order.submitted", &order(id))
}

/// The headers of a message signed now with the right secret.
pub fn signed(body: &str) -> Headers {
    standard(HOOK, "msg_1", seconds(0), body.as_bytes())
}
