//! The people of a run: they order, cancel and send back, and suppliers bring what is short.

use crate::queue::Happening;
use crate::run::Run;
use crate::trade::{Bought, Deed, Order, SentBack, Units};
use hub::batch::{Found, Key};
use hub::process::Process as _;
use retail::envelope::Name;
use retail::time::Time;
use serde_json::Value;

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
            let most = i64::from(self.setup.orders);
            let lines = GOODS.map(|(sku, ..)| Units { sku, quantity: self.chance.between(0, most) });
            self.does(&Deed::OpeningStock { place, lines: lines.to_vec() });
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
            lines.push(Bought::Goods { units: Units { sku, quantity }, category, unit_price: price });
        }
        if self.chance.strikes(30_000) {
            lines.push(Bought::Postage { unit_price: "4.99" });
        }
        let placed_at = Time(self.now).to_string();
        let taxes_included = self.chance.strikes(50_000);
        // Where the shop is an executor too it collects every other payment.
        let gateway = (self.setup.shopify && number.is_multiple_of(2)).then_some("shopify_payments");
        self.does(&Deed::PlaceOrder(Order { number, placed_at, taxes_included, lines, gateway }));
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
        // The shop refuses a second cancellation of one order, which is not this run's concern.
        if self.tries(&Deed::Cancel { source_id }) {
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
                lines.push(SentBack {
                    line: number.to_string(),
                    of: Some((order.clone(), line["line"].clone())),
                    sku: line["sku"].clone(),
                    quantity: asked,
                });
            }
        }
        if self.chance.strikes(3_000) {
            lines.push(SentBack { line: "99".to_owned(), of: None, sku: "MUG-BLUE".into(), quantity: 1 });
        }
        if lines.is_empty() {
            return;
        }
        self.claimed.insert(order);
        self.shoppers.returns += 1;
        let rma = format!("RMA-{}", self.shoppers.returns);
        let requested_at = Time(self.now).to_string();
        self.does(&Deed::SendBack { rma, requested_at, lines });
    }

    fn supply(&mut self, least: i64, most: i64) {
        let receipt = format!("IN-{}", self.agenda_number());
        let lines =
            GOODS.map(|(sku, ..)| Units { sku, quantity: self.chance.between(least.max(1), most) }).to_vec();
        let place = if self.chance.strikes(50_000) { "wms-north" } else { "wms-south" };
        self.does(&Deed::Receipt { place, receipt, lines });
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
