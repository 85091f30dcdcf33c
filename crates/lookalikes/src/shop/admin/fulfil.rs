//! Fulfilment orders (one per order, at the shop's one location), fulfilments, and goods prepared for pick-up.

use super::{Done, Fulfilment, Life, Wrong, gid, number_in};
use crate::base::http::Moment;
use crate::base::ledger::{Head, Kind};
use crate::shop::Shop;
use serde_json::{Value, json};

/// Lines on a page of a fulfilment order; smaller than what is asked for, so that pages are turned.
const PAGE: usize = 4;

impl Shop {
    fn fulfilment_order(&self, order: u32) -> u64 {
        7_000_000_000 + u64::from(order)
    }

    pub(super) fn work(&self, v: &Value) -> Done {
        let Some(order) = self.order_at(&v["order"])? else { return Ok(json!({"order": null})) };
        let skip: usize = v["lines"].as_str().and_then(|c| c.parse().ok()).unwrap_or(0);
        let goods = self.goods(order);
        let life = self.admin.lives.get(&order);
        let open = goods.iter().any(|(_, quantity, removed, done)| quantity - removed - done > 0);
        let status = match life {
            Some(life) if life.prepared && open => "IN_PROGRESS",
            _ if open => "OPEN",
            _ => "CLOSED",
        };
        let lines: Vec<Value> = goods
            .iter()
            .skip(skip)
            .take(PAGE)
            .map(|(line, quantity, removed, done)| {
                json!({"id": gid("FulfillmentOrderLineItem", *line), "remainingQuantity": quantity - removed - done,
                    "lineItem": {"id": gid("LineItem", *line)}})
            })
            .collect();
        let more = goods.len() > skip + lines.len();
        let node = json!({"id": gid("FulfillmentOrder", self.fulfilment_order(order)), "status": status,
            "lineItems": {"nodes": lines, "pageInfo": {"hasNextPage": more, "endCursor": (skip + PAGE).to_string()}}});
        let orders = json!({"nodes": [node], "pageInfo": {"hasNextPage": false, "endCursor": "1"}});
        if v["first"] != true {
            return Ok(json!({"order": {"fulfillmentOrders": orders}}));
        }
        let made: Vec<Value> = life.map_or(&[][..], |l| &l.fulfilments).iter().map(shown).collect();
        Ok(json!({"order": {"fulfillments": made, "fulfillmentOrders": orders}}))
    }

    pub(super) fn fulfilled_lines(&self, v: &Value) -> Done {
        let mut nodes = Vec::new();
        for id in v["ids"].as_array().into_iter().flatten() {
            let number = number_in(id, "Fulfillment")?;
            let all = self.admin.lives.values().flat_map(|l| &l.fulfilments);
            let found = all.into_iter().find(|f| f.id == number).map(|f| {
                let lines = f.lines.iter().map(|(line, quantity)| {
                    json!({"quantity": quantity, "lineItem": {"id": gid("LineItem", *line)}})
                });
                json!({"id": id, "fulfillmentLineItems": {"nodes": lines.collect::<Vec<_>>()}})
            });
            nodes.push(found.unwrap_or_default());
        }
        Ok(json!({"nodes": nodes}))
    }

    pub(super) fn fulfil(&mut self, at: Moment, v: &Value) -> Done {
        let wish = &v["fulfillment"];
        let refuse = |message: &str| Wrong::User("INVALID", message.to_owned());
        let works = wish["lineItemsByFulfillmentOrder"].as_array().map_or(&[][..], Vec::as_slice);
        let [work] = works else {
            return Err(refuse("Fulfillment orders must be of one order and location"));
        };
        let order = self.worked(&work["fulfillmentOrderId"])?;
        let goods = self.goods(order);
        let mut lines = Vec::new();
        for item in work["fulfillmentOrderLineItems"].as_array().into_iter().flatten() {
            let line = number_in(&item["id"], "FulfillmentOrderLineItem")?;
            let quantity = item["quantity"].as_i64().unwrap_or(0);
            let left = goods.iter().find(|g| g.0 == line).map_or(0, |g| g.1 - g.2 - g.3);
            if quantity <= 0 || quantity > left {
                return Err(refuse("Invalid fulfillment order line item quantity requested."));
            }
            lines.push((line, quantity));
        }
        let numbers: Vec<String> = wish["trackingInfo"]["numbers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|n| n.as_str().map(str::to_owned))
            .collect();
        if lines.is_empty() || numbers.is_empty() || wish["notifyCustomer"] != false {
            return Err(refuse("wants lines, tracking numbers, and notifyCustomer false"));
        }
        let half = lines.len() > 1 && self.desk.luck.roll(self.half);
        if half {
            lines.truncate(lines.len() / 2);
        }
        let reference = v["message"].as_str().unwrap_or_default().to_owned();
        let made = Fulfilment { id: self.admin.number(), numbers, lines };
        let told = json!({"id": gid("Fulfillment", made.id), "totalQuantity": total(&made)});
        self.book_shop(at, order, Kind::ShipmentReported, &reference, total(&made));
        self.admin.lives.entry(order).or_default().fulfilments.push(made);
        if half {
            return Err(Wrong::Broken);
        }
        Ok(json!({"fulfillmentCreate": {"fulfillment": told, "userErrors": []}}))
    }

    pub(super) fn prepare(&mut self, at: Moment, v: &Value) -> Done {
        for work in v["input"]["lineItemsByFulfillmentOrder"].as_array().into_iter().flatten() {
            let order = self.worked(&work["fulfillmentOrderId"])?;
            let life: &mut Life = self.admin.lives.entry(order).or_default();
            if std::mem::replace(&mut life.prepared, true) {
                return Err(Wrong::User("INVALID", "already prepared".to_owned()));
            }
            self.book_shop(at, order, Kind::ReadyReported, "", 0);
        }
        Ok(json!({"fulfillmentOrderLineItemsPreparedForPickup": {"userErrors": []}}))
    }

    fn worked(&self, id: &Value) -> Result<u32, Wrong> {
        let number = number_in(id, "FulfillmentOrder")?.checked_sub(7_000_000_000);
        let order = number.and_then(|n| u32::try_from(n).ok()).filter(|n| (*n as usize) < self.orders.len());
        order.ok_or_else(|| Wrong::User("NOT_FOUND", "Fulfillment order does not exist.".to_owned()))
    }

    /// A row about an order; without a reference it goes under the order.
    pub(super) fn book_shop(&mut self, at: Moment, order: u32, kind: Kind, reference: &str, units: i64) {
        let Some(placed) = self.orders.get(order as usize) else { return };
        let hub = self.hub_id(&placed.source_id);
        let reference = if reference.is_empty() { &hub } else { reference };
        let head = Head { reference, order: &hub, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).whole(kind, Some(units));
    }
}

fn total(fulfilment: &Fulfilment) -> i64 {
    fulfilment.lines.iter().map(|l| l.1).sum()
}

fn shown(f: &Fulfilment) -> Value {
    let numbers: Vec<Value> = f.numbers.iter().map(|number| json!({"number": number})).collect();
    json!({"id": gid("Fulfillment", f.id), "status": "SUCCESS", "totalQuantity": total(f), "trackingInfo": numbers})
}
