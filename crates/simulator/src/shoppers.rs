//! The people of a run: they order, cancel and send back, and suppliers bring what is short.

use crate::queue::Happening;
use crate::run::Run;
use hub::batch::{Found, Key};
use hub::process::Process as _;
use retail::envelope::Name;
use retail::time::Time;
use serde_json::{Value, json};

/// What is sold: code, category, price.
const GOODS: [(&str, &str, &str); 8] = [
    ("MUG-BLUE", "kitchen", "12.50"),
    ("MUG-RED", "kitchen", "12.50"),
    ("LAMP-OAK", "lighting", "89.99"),
    ("SHIRT-M", "apparel", "24.95"),
    ("SHIRT-L", "apparel", "24.95"),
    ("PHONE-X", "electronics", "399.00"),
    ("CANDLE", "decor", "3.33"),
    ("BOW-TIE", "apparel", "0.85"),
];

/// How far the people have come.
#[derive(Debug)]
pub struct Shoppers {
    orders: u32,
    placed: u32,
    /// Rounds after the last order in which things are sent back.
    rounds: u32,
    returns: u32,
    closed: bool,
}

impl Shoppers {
    pub const fn new(orders: u32) -> Self {
        Self { orders, placed: 0, rounds: 0, returns: 0, closed: false }
    }

    pub const fn done(&self) -> bool {
        self.closed
    }

    pub const fn placed(&self) -> u32 {
        self.placed
    }

    pub const fn returned(&self) -> u32 {
        self.returns
    }
}

impl Run {
    /// Opening stock, and the first shopper.
    pub fn open_shop(&mut self) {
        for place in ["wms-north", "wms-south"] {
            let lines: Vec<Value> = GOODS
                .iter()
                .map(|(sku, ..)| json!({ "sku": sku, "quantity": self.chance.between(0, i64::from(self.setup.orders)) }))
                .collect();
            self.lab(&format!("/{place}/_lab/stock"), &json!({ "lines": lines }));
        }
        self.agenda.put(self.now + 1_000, Happening::Shopper);
    }

    /// One thing that somebody does, and when the next follows.
    pub fn shop(&mut self) {
        if self.shoppers.placed < self.shoppers.orders {
            match self.chance.up_to(10) {
                10 => self.work(),
                0 => self.cancel(),
                1 => self.send_back(),
                2 => self.supply(0, 3),
                _ => self.order(),
            }
        } else if self.shoppers.rounds < self.shoppers.orders / 5 + 3 {
            // Supply that ends every shortage, then people send things back.
            if self.shoppers.rounds == 0 {
                let enough = i64::from(self.shoppers.orders) * 30;
                self.supply(enough, enough);
            }
            self.shoppers.rounds += 1;
            let often = if self.by_other_hands() { 70_000 } else { 25_000 };
            if self.chance.strikes(often) {
                self.work();
            }
            self.send_back();
        } else {
            self.shoppers.closed = true;
            return;
        }
        let pause = match self.chance.up_to(3) {
            0 => self.chance.between(0, 5),
            1 => self.chance.between(0, 500),
            _ => self.chance.between(0, 60_000),
        };
        self.agenda.put(self.now + pause, Happening::Shopper);
    }

    fn order(&mut self) {
        self.shoppers.placed += 1;
        let number = 1_000 + self.shoppers.placed;
        let mut lines = Vec::new();
        for _ in 0..self.chance.between(1, 5) {
            let Some((sku, category, price)) = self.chance.pick(&GOODS).copied() else { continue };
            let quantity = self.chance.between(1, 6);
            lines.push(json!({ "sku": sku, "title": sku, "category": category, "quantity": quantity,
                "unit_price": price, "tax_rate": "0.20" }));
        }
        if self.chance.strikes(30_000) {
            lines.push(json!({ "sku": "POST", "title": "Postage", "kind": "shipping", "quantity": 1,
                "unit_price": "4.99", "tax_rate": "0.20" }));
        }
        let placed_at = Time(self.now).to_string();
        let mut order = json!({ "source_id": number.to_string(), "number": number.to_string(), "placed_at": placed_at,
            "currency": "GBP", "customer": "17850", "taxes_included": self.chance.strikes(50_000), "lines": lines });
        // Where the shop is an executor too it collects every other payment.
        if self.setup.shopify && number.is_multiple_of(2) {
            order["gateway"] = "shopify_payments".into();
        }
        self.lab("/shop/_lab/orders", &json!({ "orders": [order] }));
    }

    pub fn some_sku(&mut self) -> Option<&'static str> {
        self.chance.pick(&GOODS).map(|(sku, ..)| *sku)
    }

    pub fn some_order(&mut self) -> Option<String> {
        let most = i64::from(self.shoppers.placed);
        (most > 0).then(|| (1_000 + self.chance.between(1, most)).to_string())
    }

    fn cancel(&mut self) {
        // Shopify takes no fulfilment of an order that it cancelled itself: goods that left all the same are a
        // person's matter there, and this run has no person.
        if self.setup.shopify {
            return;
        }
        let Some(source_id) = self.some_order() else { return };
        let request = lookalikes::Request::new(
            "POST",
            "/shop/_lab/cancellations",
            json!({ "source_id": source_id, "reason": "customer" }).to_string(),
        );
        // The shop refuses a second cancellation of one order, which is not this run's concern.
        if self.handle(&request).ok() {
            self.mark("order_cancelled");
        }
    }

    /// Somebody sends back some of what an order has shipped; sometimes more than the shop would take.
    fn send_back(&mut self) {
        let Some(source_id) = self.some_order() else { return };
        let order = format!("shop-{source_id}");
        if self.settled_elsewhere.contains(&order) {
            return;
        }
        let Some(view) = self.view("order", &order) else { return };
        let mut lines = Vec::new();
        for line in view["lines"].as_array().into_iter().flatten() {
            let returnable = line["returnable"].as_i64().unwrap_or(0);
            let asked =
                if self.chance.strikes(5_000) { returnable + 1 } else { self.chance.up_to(returnable) };
            if asked > 0 && self.chance.strikes(70_000) {
                let number = lines.len() + 1;
                lines.push(json!({ "line": number.to_string(), "order": order, "order_line": line["line"],
                    "sku": line["sku"], "quantity": asked, "reason": "unwanted", "type": "withdrawal" }));
            }
        }
        if self.chance.strikes(3_000) {
            lines.push(json!({ "line": "99", "sku": "MUG-BLUE", "quantity": 1, "reason": "unwanted",
                "type": "withdrawal" }));
        }
        if lines.is_empty() {
            return;
        }
        self.claimed.insert(order);
        self.shoppers.returns += 1;
        let rma = format!("RMA-{}", self.shoppers.returns);
        let requested_at = Time(self.now).to_string();
        let wanted = json!({ "rma": rma, "requested_at": requested_at, "customer": "17850", "lines": lines });
        self.lab("/returns/_lab/returns", &json!({ "returns": [wanted] }));
    }

    fn supply(&mut self, least: i64, most: i64) {
        let receipt = format!("IN-{}", self.agenda_number());
        let lines: Vec<Value> = GOODS
            .iter()
            .map(|(sku, ..)| json!({ "sku": sku, "quantity": self.chance.between(least.max(1), most) }))
            .collect();
        let place = if self.chance.strikes(50_000) { "wms-north" } else { "wms-south" };
        self.lab(&format!("/{place}/_lab/receipts"), &json!({ "receipt": receipt, "lines": lines }));
    }

    fn agenda_number(&mut self) -> u64 {
        self.token += 1;
        self.token
    }

    /// A case as the API would show it.
    pub fn view(&mut self, kind: &str, value: &str) -> Option<Value> {
        let name = Name::new(self.wired.tenant.clone(), kind, value);
        let part = self.part(&name);
        let found = self.reader.load(part, &[Key::Case(name.clone())]).ok()?;
        let Some(Found::Case(stored)) = found.into_iter().next() else { return None };
        let state = self.wired.flows.decode(&name, &stored.row.body, stored.row.doc.as_deref()).ok()?;
        Some(flows::views::show(&self.wired.flows.policy, &name, &state))
    }
}
