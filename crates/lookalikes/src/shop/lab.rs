//! Below `/shop/_lab`: trade that needs nothing but the shop. Orders are placed by the world, since each takes
//! a payment as well.

use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::queue::Payload;
use crate::base::text::Text;
use crate::base::when;
use crate::shop::Shop;
use crate::shop::admin::NewReturnLine as KeptLine;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancellation {
    source_id: Text,
    /// Shopify's `cancel_reason`: customer, fraud, inventory, declined, other.
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Returns {
    returns: Vec<NewReturn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewReturn {
    source_id: Text,
    /// `#1001-R1` where it is not given.
    name: Option<String>,
    requested_at: Option<String>,
    lines: Vec<NewReturnLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewReturnLine {
    /// The shop's id of the order line.
    line: u64,
    quantity: i64,
    /// Shopify's `return_reason`: `size_too_small`, `defective`, `unwanted` …
    #[serde(default)]
    reason: String,
    #[serde(default)]
    note: String,
}

impl Shop {
    pub(crate) fn trade(&mut self, at: Moment, path: &[&str], call: &Call<'_>) -> Response {
        let answer = match (call.method, path) {
            ("POST", ["cancellations"]) => self.cancel(at, call),
            ("POST", ["returns"]) => self.ask_returns(at, call),
            ("GET", ["stock"]) => Ok(Response::json(200, &json!({"items": self.shelves}))),
            _ => Err(Response::not_found("see the README for what /shop/_lab takes")),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn cancel(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let wish: Cancellation = call.json()?;
        let source_id = wish.source_id.0;
        let unknown =
            || Response::refuse(404, "unknown_order", &format!("the shop has no order {source_id}"));
        let number = self.order(&source_id).map(|(number, _)| number).ok_or_else(unknown)?;
        let reason = self.names.id(if wish.reason.is_empty() { "customer" } else { &wish.reason });
        let order = self.orders.get_mut(number as usize).ok_or_else(unknown)?;
        if order.cancelled.is_some() {
            return Err(Response::refuse(
                409,
                "already_cancelled",
                &format!("order {source_id} is cancelled"),
            ));
        }
        order.cancelled = Some((at.business, reason));
        let hub = self.hub_id(&source_id);
        let head = Head { reference: &hub, order: &hub, id: &source_id, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).whole(Kind::CancelRequested, None);
        let event = format!("orders/cancelled {source_id}");
        self.desk.notify(at, &event, "orders/cancelled", Payload::Later(number));
        Ok(Response::json(200, &json!({"order": hub})))
    }

    fn ask_returns(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let wish: Returns = call.json()?;
        let mut made = Vec::new();
        for new in wish.returns {
            made.push(self.ask_return(at, &new)?);
        }
        Ok(Response::json(200, &json!({"returns": made})))
    }

    /// The body of `returns/request` of API version 2024-10: a line names its fulfilment line, and only through
    /// that its order line.
    fn ask_return(&mut self, at: Moment, new: &NewReturn) -> Result<String, Response> {
        let source_id = new.source_id.0.as_str();
        let (_, order) = self.order(source_id).ok_or_else(|| {
            Response::refuse(404, "unknown_order", &format!("the shop has no order {source_id}"))
        })?;
        let known = |line: u64| (0..order.lines.len()).any(|index| order.line_id(index) == line);
        if let Some(bad) = new.lines.iter().find(|l| !known(l.line) || l.quantity <= 0) {
            let message = format!("order {source_id}: no line {}, or its quantity is not positive", bad.line);
            return Err(Response::refuse(422, "bad_line", &message));
        }
        let number = self.returns + 1;
        let name = new.name.clone().unwrap_or_else(|| format!("#{}-R{number}", order.number));
        let id = 9_000_000_000 + number;
        let lines: Vec<_> = new
            .lines
            .iter()
            .zip(1u64..)
            .map(|(line, n)| {
                let own = id * 1000 + n;
                json!({
                    "id": own,
                    "admin_graphql_api_id": format!("gid://shopify/ReturnLineItem/{own}"),
                    "fulfillment_line_item": {
                        "id": line.line + 1_000_000_000_000,
                        "admin_graphql_api_id": format!("gid://shopify/FulfillmentLineItem/{}", line.line + 1_000_000_000_000),
                        "line_item": {
                            "id": line.line,
                            "admin_graphql_api_id": format!("gid://shopify/LineItem/{}", line.line),
                        },
                    },
                    "quantity": line.quantity,
                    "return_reason": if line.reason.is_empty() { "unknown" } else { &line.reason },
                    "return_reason_note": line.note,
                    "customer_note": null,
                    "restocking_fee": null,
                })
            })
            .collect();
        let order_id =
            crate::base::text::plain_number(source_id).map_or_else(|| json!(source_id), |n| json!(n));
        let kept = new.lines.iter().zip(1u64..).map(|(line, n)| KeptLine {
            id: id * 1000 + n,
            quantity: line.quantity,
            processed: 0,
        });
        let kept = kept.collect();
        let body = json!({
            "id": id,
            "admin_graphql_api_id": format!("gid://shopify/Return/{id}"),
            "status": "requested",
            "order": {"id": order_id, "admin_graphql_api_id": format!("gid://shopify/Order/{source_id}")},
            "total_return_line_items": lines.len(),
            "name": name,
            "return_line_items": lines,
            "return_shipping_fees": [],
            "exchange_line_items": [],
            "total_exchange_line_items": 0,
        });
        let triggered = new.requested_at.as_deref().and_then(when::parse).unwrap_or(at.business);
        let hub = self.hub_id(source_id);
        let head = Head { reference: &name, order: &hub, at: triggered, ..Head::default() };
        let units = new.lines.iter().map(|l| l.quantity).sum();
        self.returns = number;
        self.keep_return(id, kept);
        self.desk.ledger.document(&head).whole(Kind::ReturnRequested, Some(units));
        let at = Moment { business: triggered, ..at };
        let payload = Payload::Ready(Bytes::from(body.to_string()));
        self.desk.notify(at, &format!("returns/request {id}"), "returns/request", payload);
        Ok(name)
    }
}
