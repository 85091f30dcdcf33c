//! The Admin GraphQL interface of API version 2026-04, as far as the hub uses it: operations are known by their
//! `operationName`, their variables are checked, and what they change is kept (shopify.dev/docs/api/admin-graphql).
//! No query language is run: a query must only name the fields that its operation is known for.

mod fulfil;
mod money;
mod refunds;
mod returns;
mod stock;

use crate::base::http::{Call, Moment, Response};
use crate::base::same::sameness;
use crate::shop::Shop;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) use returns::NewReturnLine;

/// What became of an order since it was placed.
#[derive(Debug, Default)]
struct Life {
    fulfilments: Vec<Fulfilment>,
    prepared: bool,
    /// Units taken off by a cancellation, by line.
    removed: BTreeMap<u64, i64>,
    transactions: Vec<Transaction>,
    refunds: Vec<Refund>,
}

#[derive(Debug)]
struct Fulfilment {
    id: u64,
    numbers: Vec<String>,
    lines: Vec<(u64, i64)>,
}

#[derive(Debug)]
struct Transaction {
    id: u64,
    kind: &'static str,
    /// Minor units.
    amount: i64,
    parent: Option<u64>,
}

#[derive(Debug)]
struct Refund {
    id: u64,
    note: String,
    paid: bool,
}

/// The state behind the interface.
#[derive(Debug, Default)]
pub(crate) struct Admin {
    lives: BTreeMap<u32, Life>,
    returns: BTreeMap<u64, returns::Return>,
    /// What was answered under an idempotency key, and to which variables.
    keys: BTreeMap<String, (u64, Value)>,
    numbers: u64,
    /// Points spent of the bucket, in thousandths, and when that was.
    spent: i64,
    at: i64,
}

impl Admin {
    fn number(&mut self) -> u64 {
        self.numbers += 1;
        5_000_000_000 + self.numbers
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "operationName")]
    name: String,
    query: String,
    variables: Map<String, Value>,
}

/// Why an operation did nothing.
enum Wrong {
    /// `userErrors` of the mutation, with a code where its type has one.
    User(&'static str, String),
    /// `errors` of the whole call.
    Call(&'static str, String),
    /// A part was done, and then it broke.
    Broken,
}

type Done = Result<Value, Wrong>;

/// What an operation asks for: the field that its text must name, what it is reckoned to cost, and whether it may
/// only be sent under an idempotency key.
fn known(name: &str) -> Option<(&'static str, i64, bool)> {
    Some(match name {
        "FulfilmentWork" => ("fulfillmentOrders", 502, false),
        "FulfilmentLines" => ("fulfillmentLineItems", 500, false),
        "FulfilmentCreate" => ("fulfillmentCreate", 10, false),
        "ReadyForPickup" => ("fulfillmentOrderLineItemsPreparedForPickup", 10, false),
        "Transactions" => ("transactions", 401, false),
        "Capture" => ("orderCapture", 10, false),
        "Void" => ("transactionVoid", 10, false),
        "Refunds" => ("refunds", 421, false),
        "RefundCreate" => ("refundCreate", 10, true),
        "Cancellable" => ("unfulfilledQuantity", 431, false),
        "OrderCancel" => ("orderCancel", 10, false),
        "Levels" => ("inventoryItems", 402, false),
        "SetQuantities" => ("inventorySetQuantities", 10, true),
        "Return" => ("returnLineItems", 152, false),
        "ReturnApprove" => ("returnApproveRequest", 10, false),
        "ReturnDecline" => ("returnDeclineRequest", 10, false),
        "ReturnProcess" => ("returnProcess", 10, false),
        "ReturnClose" => ("returnClose", 10, false),
        _ => return None,
    })
}

fn failed(code: &str, message: &str, cost: Value) -> Response {
    let errors = json!([{"message": message, "extensions": {"code": code}}]);
    Response::json(200, &json!({"errors": errors, "extensions": {"cost": cost}}))
}

/// The number in `gid://shopify/{kind}/{number}`.
fn number_in(value: &Value, kind: &str) -> Result<u64, Wrong> {
    let text = value.as_str().unwrap_or_default();
    let number = text
        .strip_prefix("gid://shopify/")
        .and_then(|t| t.strip_prefix(kind))
        .and_then(|t| t.strip_prefix('/'));
    number.and_then(|n| n.parse().ok()).ok_or_else(|| {
        Wrong::Call("argumentLiteralsIncompatible", format!("Invalid global id '{text}' for {kind}"))
    })
}

fn gid(kind: &str, number: u64) -> String {
    format!("gid://shopify/{kind}/{number}")
}

impl Shop {
    /// `POST /admin/api/2026-04/graphql.json`.
    pub(crate) fn graphql(&mut self, at: Moment, call: &Call<'_>) -> Response {
        let asked: Asked = match call.json() {
            Ok(asked) => asked,
            Err(refusal) => return refusal,
        };
        let Some((field, price, keyed)) = known(&asked.name) else {
            return failed(
                "undefinedOperation",
                &format!("No operation named \"{}\"", asked.name),
                Value::Null,
            );
        };
        let braces = asked.query.matches('{').count() == asked.query.matches('}').count();
        if !braces || !asked.query.contains(field) || !asked.query.contains(&asked.name) {
            return failed(
                "parseError",
                &format!("the query of {} is not that operation", asked.name),
                Value::Null,
            );
        }
        let cost = match self.pay(at.now, price) {
            Ok(cost) => cost,
            Err(cost) => return failed("THROTTLED", "Throttled", cost),
        };
        let key = asked.variables.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
        if keyed && (key.is_empty() || !asked.query.contains("@idempotent(key: $key)")) {
            let message = format!("The @idempotent directive is required for {field}");
            return failed("BAD_REQUEST", &message, cost);
        }
        let body = Value::Object(asked.variables);
        let same = sameness(body.to_string().as_bytes());
        if keyed && let Some((before, data)) = self.admin.keys.get(&key) {
            if *before == same {
                return Response::json(200, &json!({"data": data, "extensions": {"cost": cost}}));
            }
            let message = "The same idempotency key cannot be used with different operation parameters.";
            let errors =
                json!([{"field": null, "message": message, "code": "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"}]);
            return Response::json(
                200,
                &json!({"data": {field: {"userErrors": errors}}, "extensions": {"cost": cost}}),
            );
        }
        match self.operation(at, &asked.name, &body) {
            Ok(data) => {
                if keyed {
                    self.admin.keys.insert(key, (same, data.clone()));
                }
                Response::json(200, &json!({"data": data, "extensions": {"cost": cost}}))
            }
            Err(Wrong::User(code, message)) => {
                let errors = json!([{"field": null, "message": message, "code": code}]);
                let list = if field == "orderCancel" { "orderCancelUserErrors" } else { "userErrors" };
                Response::json(200, &json!({"data": {field: {list: errors}}, "extensions": {"cost": cost}}))
            }
            Err(Wrong::Call(code, message)) => failed(code, &message, cost),
            Err(Wrong::Broken) => Response::refuse(500, "internal", "something went wrong"),
        }
    }

    fn operation(&mut self, at: Moment, name: &str, v: &Value) -> Done {
        match name {
            "FulfilmentWork" => self.work(v),
            "FulfilmentLines" => self.fulfilled_lines(v),
            "FulfilmentCreate" => self.fulfil(at, v),
            "ReadyForPickup" => self.prepare(at, v),
            "Transactions" => self.transactions(v),
            "Capture" => self.capture(at, v),
            "Void" => self.void(at, v),
            "Refunds" => self.refunds_of(v),
            "RefundCreate" => self.refund(at, v),
            "Cancellable" => self.cancellable(v),
            "OrderCancel" => self.cancel_whole(at, v),
            "Levels" => self.levels(v),
            "SetQuantities" => self.set_quantities(at, v),
            "Return" => Ok(self.shown_return(v)),
            _ => self.tell_return(name, v),
        }
    }

    /// The bucket must hold what is reckoned; what was not used comes back at once
    /// (shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits).
    fn pay(&mut self, now: i64, price: i64) -> Result<Value, Value> {
        let (size, restore) = (self.bucket.0 * 1_000, self.bucket.1);
        let back = now.saturating_sub(self.admin.at).max(0).saturating_mul(restore);
        self.admin.spent = self.admin.spent.saturating_sub(back).max(0);
        self.admin.at = now;
        let enough = size - self.admin.spent >= price * 1_000;
        if enough {
            self.admin.spent += (price / 10).max(1) * 1_000;
        }
        let left = (size - self.admin.spent) / 1_000;
        let status =
            json!({"maximumAvailable": self.bucket.0, "currentlyAvailable": left, "restoreRate": restore});
        let cost = json!({"requestedQueryCost": price, "throttleStatus": status});
        if enough { Ok(cost) } else { Err(cost) }
    }

    /// The order that a gid names; none where the shop does not know it.
    fn order_at(&self, value: &Value) -> Result<Option<u32>, Wrong> {
        let number = number_in(value, "Order")?;
        Ok(self.by_id.get(number.to_string().as_str()).copied())
    }

    fn known_order(&self, value: &Value) -> Result<u32, Wrong> {
        self.order_at(value)?.ok_or_else(|| Wrong::User("NOT_FOUND", "Order does not exist".to_owned()))
    }

    /// Goods of an order: line, units ordered, units taken off, units fulfilled.
    fn goods(&self, order: u32) -> Vec<(u64, i64, i64, i64)> {
        let Some(placed) = self.orders.get(order as usize) else { return Vec::new() };
        let life = self.admin.lives.get(&order);
        let mut out = Vec::new();
        for (index, line) in placed.lines.iter().enumerate() {
            if self.names.text(line.kind) == crate::shop::orders::SHIPPING {
                continue;
            }
            let id = placed.line_id(index);
            let removed = if placed.cancelled.is_some() {
                line.quantity - life.map_or(0, |l| fulfilled(l, id))
            } else {
                life.and_then(|l| l.removed.get(&id).copied()).unwrap_or(0)
            };
            out.push((id, line.quantity, removed, life.map_or(0, |l| fulfilled(l, id))));
        }
        out
    }
}

fn fulfilled(life: &Life, line: u64) -> i64 {
    life.fulfilments.iter().flat_map(|f| &f.lines).filter(|l| l.0 == line).map(|l| l.1).sum()
}
