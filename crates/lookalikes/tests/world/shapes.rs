//! Our payloads beside recorded ones of the vendors, where those are at hand: what we send, they send too, and of the
//! same JSON type. Members of theirs that we leave out are no fault.

use crate::bench::{Bench, body, parsed};
use crate::shop::order;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A recorded payload; none where the data folder is not here.
fn recorded(path: &str) -> Option<Value> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("CROSSDOCK_SHARED").map_or_else(beside, PathBuf::from);
    let text = std::fs::read_to_string(shared.join("data").join(path)).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Every difference of ours from theirs, by path. Lists are compared by their first elements; free-form members and
/// nulls say nothing.
fn differences(at: &str, ours: &Value, theirs: &Value, out: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (name, value) in ours {
                let path = format!("{at}.{name}");
                match theirs.get(name) {
                    _ if name == "metadata" || name == "properties" => {}
                    None => out.push(format!("{path} is not theirs")),
                    Some(their) => differences(&path, value, their, out),
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            if let (Some(our), Some(their)) = (ours.first(), theirs.first()) {
                differences(&format!("{at}[0]"), our, their, out);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        _ if kind(ours) == kind(theirs) => {}
        _ => out.push(format!("{at} is a {}, theirs a {}", kind(ours), kind(theirs))),
    }
}

fn compare(ours: &Value, theirs: &Value) {
    let mut out = Vec::new();
    differences("", ours, theirs, &mut out);
    assert!(out.is_empty(), "{out:#?}");
}

#[test]
fn a_difference_is_found() {
    let mut out = Vec::new();
    let theirs = json!({"a": {"b": [{"c": "1"}]}});
    differences("", &json!({"a": {"b": [{"c": 1, "d": 2}]}}), &theirs, &mut out);
    assert_eq!(out, [".a.b[0].c is a number, theirs a text", ".a.b[0].d is not theirs"]);
}

#[test]
fn shopify_s_payloads_have_shopify_s_shapes() {
    let Some(created) = recorded("shopify/webhooks/2024-10__orders.create.json") else { return };
    let Some(cancelled) = recorded("shopify/webhooks/2024-10__orders.cancelled.json") else { return };
    let Some(asked) = recorded("shopify/webhooks/2024-10__returns.request.json") else { return };
    let mut bench = Bench::new();
    let mut new = order("1001");
    new["ship_to"] = json!({"name": "A", "address1": "1 High Street", "city": "Leeds", "zip": "LS1", "country_code": "GB"});
    bench.lab("/shop/_lab/orders", &json!({"orders": [new]}));
    bench.lab("/shop/_lab/cancellations", &json!({"source_id": "1001"}));
    let lines = json!([{"line": 10_010_001, "quantity": 1, "reason": "unwanted"}]);
    bench.lab("/shop/_lab/returns", &json!({"returns": [{"source_id": "1001", "lines": lines}]}));
    let sent = bench.settle();
    compare(&body(&sent[0]), &created["body"]);
    compare(&body(&sent[1]), &cancelled["body"]);
    compare(&body(&sent[2]), &asked["body"]);
    for (name, _) in &sent[0].headers {
        let extra = ["x-shopify-event-id", "content-type"].contains(name);
        assert!(extra || created["headers"].get(name).is_some(), "header {name}");
    }
}

#[test]
fn stripe_s_objects_and_events_have_stripe_s_shapes() {
    let Some(intent) = recorded("stripe/objects/stripe-openapi__payment_intent.json") else { return };
    let Some(refund) = recorded("stripe/objects/stripe-openapi__refund.json") else { return };
    let Some(event) = recorded("stripe/events/stripe-ruby-mock__charge.refund.updated.json") else { return };
    let mut bench = Bench::with(|c| c.stripe.events = lookalikes::StripeEvents::All);
    let form = "amount=100&currency=gbp&confirm=true&payment_method=pm_card_visa";
    let (_, made) = parsed(&bench.raw("POST", "/stripe/v1/payment_intents", form, None));
    compare(&made, &intent);
    let payment = made["id"].as_str().unwrap();
    let (_, given) = bench.form("/stripe/v1/refunds", &format!("payment_intent={payment}&amount=10"), None);
    compare(&given, &refund);
    let sent = bench.settle();
    let told = sent.iter().map(body).find(|e| e["type"] == "refund.created").unwrap();
    compare(&told, &event);
}
