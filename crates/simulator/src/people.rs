//! People who ask the hub itself for something: customer service, finance, a warehouse's clerk. What they ask is
//! asked again until it is on disk.

use crate::queue::Happening;
use crate::run::Run;
use crate::trade::{Deed, Units};
use hub::io::{Input, Received, Understood};
use retail::envelope::{Event, Name, json};
use retail::time::Time;
use serde_json::{Value, json};

/// How long a person waits before asking again, in milliseconds.
const AGAIN_MS: i64 = 10_000;

/// What a person wants, an event as it is.
#[derive(Clone, Debug)]
pub struct Wish {
    kind: &'static str,
    name: Name,
    data: Value,
    key: String,
}

impl Run {
    fn order_name(&self, order: &str) -> Name {
        Name::new(self.wired.tenant.clone(), "order", order)
    }

    /// Somebody wants something of a case after a while.
    fn wish(&mut self, after_ms: i64, kind: &'static str, name: Name, data: Value) {
        self.token += 1;
        let key = format!("{kind}:{}:{}", name.value, self.token);
        let wish = Box::new(Wish { kind, name, data, key });
        self.agenda.put(self.now + after_ms, Happening::Person(wish));
    }

    /// A person asks, and looks later whether it was heard.
    pub fn ask_hub(&mut self, wish: Wish) {
        let at = self.now + AGAIN_MS;
        if self.heard.remove(&wish.key) {
            return;
        }
        if let (true, Ok(data)) = (self.up(), json(&wish.data)) {
            let event =
                Event { kind: wish.kind.to_owned(), name: wish.name.clone(), occurred: Time(self.now), data };
            self.token += 1;
            let part = self.part(&wish.name);
            self.told.insert(self.token, (part, wiring::OPERATOR.to_owned(), wish.key.clone()));
            let received = Received {
                token: Some(self.token),
                stored: None,
                connection: wiring::OPERATOR.to_owned(),
                key: wish.key.clone(),
                headers: "{}".to_owned(),
                body: serde_json::to_vec(&event).unwrap_or_default(),
                understood: Understood::Events(vec![event]),
                reopened: Vec::new(),
            };
            self.give(part, Input::Received(Box::new(received)));
        }
        self.agenda.put(at, Happening::Person(Box::new(wish)));
    }

    /// One thing that somebody at the retailer does.
    pub fn work(&mut self) {
        if !self.setup.people {
            return;
        }
        let most = if self.by_other_hands() { 6 } else { 4 };
        match self.chance.up_to(most) {
            5 => self.lose_dispute(),
            6 => self.refund_at_provider(),
            0 => self.adjust_stock(),
            1 => self.hold(),
            2 => self.dispute(),
            3 => self.adjust_price(),
            _ => self.lower(),
        }
    }

    /// Whether money moves by other hands than ours too, as it does in every fifth run.
    pub fn by_other_hands(&self) -> bool {
        self.setup.people && self.setup.seed % 5 == 4
    }

    /// Units are found, or are not.
    fn adjust_stock(&mut self) {
        let Some(sku) = self.some_sku() else { return };
        let place = if self.chance.strikes(50_000) { "wms-north" } else { "wms-south" };
        self.token += 1;
        let quantity = if self.chance.strikes(50_000) { self.chance.between(1, 3) } else { -1 };
        let adjustment = format!("ADJ-{}", self.token);
        // A warehouse that has none left has none to lose.
        if self.tries(&Deed::Adjust { place, adjustment, line: Units { sku, quantity } }) {
            self.mark("stock_adjusted_by_hand");
        }
    }

    /// Something about an order is looked into, and then it goes on.
    fn hold(&mut self) {
        let Some(order) = self.some_order().map(|id| format!("shop-{id}")) else { return };
        let data = json!({ "order": order, "hold": "address", "reason": "no such street", "by": "ann" });
        let on = self.order_name(&order);
        self.wish(0, "order.hold_requested", on.clone(), data);
        let after = self.chance.between(60_000, 86_400_000);
        self.wish(after, "order.hold_lifted", on, json!({ "order": order, "hold": "address", "by": "ann" }));
    }

    /// A customer disputes a payment at their bank, and the bank decides for us.
    fn dispute(&mut self) {
        let Some(order) = self.some_order().map(|id| format!("shop-{id}")) else { return };
        let Some((payment, captured)) = self.paid_at_stripe(&order) else { return };
        if self.settled_elsewhere.contains(&order) || !self.disputed.insert(order.clone()) {
            return;
        }
        let amount = self.chance.between(1, captured);
        self.bank_decides(&order, &payment, amount, "won");
    }

    /// The bank decides for the customer, who keeps the goods: what more is claimed on that order is a person's.
    fn lose_dispute(&mut self) {
        let Some(order) = self.untouched() else { return };
        let Some((payment, captured)) = self.paid_at_stripe(&order) else { return };
        if !self.disputed.insert(order.clone()) {
            return;
        }
        self.mark("dispute_lost");
        self.settled_elsewhere.insert(order.clone());
        self.bank_decides(&order, &payment, captured, "lost");
    }

    /// Somebody gives money back at the provider's dashboard, which names the payment and nothing else: in a hub of
    /// several partitions a person finds the order.
    fn refund_at_provider(&mut self) {
        if self.setup.parts > 1 {
            return;
        }
        let Some(order) = self.untouched() else { return };
        let Some((payment, captured)) = self.paid_at_stripe(&order) else { return };
        let amount = self.chance.between(1, captured);
        if self.tries(&Deed::RefundAtProvider { payment, amount }) {
            self.mark("refunded_at_provider");
            self.settled_elsewhere.insert(order);
        }
    }

    /// Some order that is over and on which nobody has claimed anything.
    fn untouched(&mut self) -> Option<String> {
        let order = self.some_order().map(|id| format!("shop-{id}"))?;
        let over = self.view("order", &order)?["status"] == "completed";
        let touched = [&self.claimed, &self.disputed, &self.settled_elsewhere];
        (over && !touched.iter().any(|orders| orders.contains(&order))).then_some(order)
    }

    /// An order's payment and what was captured on it, where that is something and the provider did it.
    fn paid_at_stripe(&mut self, order: &str) -> Option<(Value, i64)> {
        let view = self.view("order", order)?;
        let tender = &view["tenders"][0];
        let captured = view["captured"].as_i64().unwrap_or(0);
        (tender["executor"] == "stripe" && captured > 0).then(|| (tender["payment"].clone(), captured))
    }

    fn bank_decides(&mut self, order: &str, payment: &Value, amount: i64, outcome: &str) {
        let dispute = format!("dp-{order}");
        let on = self.order_name(order);
        self.mark("disputed");
        let data = json!({ "dispute": dispute, "payment": payment, "order": order, "amount": amount,
            "currency": "GBP", "reason": "fraudulent" });
        self.wish(0, "dispute.opened", on.clone(), data);
        let after = self.chance.between(60_000, 10 * 86_400_000);
        let data = json!({ "dispute": dispute, "payment": payment, "order": order, "outcome": outcome });
        self.wish(after, "dispute.closed", on, data);
    }

    /// Customer service gives a little back on a line that the customer keeps.
    fn adjust_price(&mut self) {
        let Some(order) = self.some_order().map(|id| format!("shop-{id}")) else { return };
        if self.settled_elsewhere.contains(&order) {
            return;
        }
        let Some(view) = self.view("order", &order) else { return };
        let kept = |line: &&Value| line["returnable"].as_i64().unwrap_or(0) > 0;
        let Some(line) = view["lines"].as_array().into_iter().flatten().find(kept) else { return };
        self.token += 1;
        let lines = json!([{ "line": line["line"], "quantity": 1, "amount": self.chance.between(1, 10) }]);
        let data = json!({ "order": order, "id": format!("adj-{}", self.token), "kind": "price_adjustment",
            "reason": "late", "by": "ann", "lines": lines });
        self.mark("credited_by_hand");
        self.claimed.insert(order.clone());
        let on = self.order_name(&order);
        self.wish(0, "credit.requested", on, data);
    }

    /// A customer wants one unit less of a line.
    fn lower(&mut self) {
        // Where the shop is the executor too, an order is changed there.
        if self.setup.shopify {
            return;
        }
        let Some(order) = self.some_order().map(|id| format!("shop-{id}")) else { return };
        let Some(view) = self.view("order", &order) else { return };
        let more = |line: &&Value| line["kind"] == "goods" && line["quantity"].as_i64().unwrap_or(0) > 1;
        let Some(line) = view["lines"].as_array().into_iter().flatten().find(more) else { return };
        let quantity = line["quantity"].as_i64().unwrap_or(2) - 1;
        self.token += 1;
        let change = json!([{ "line": line["line"], "quantity": quantity }]);
        let data = json!({ "order": order, "id": format!("ch-{}", self.token), "add": [], "change": change });
        let on = self.order_name(&order);
        self.wish(0, "order.lines_changed", on, data);
    }
}
