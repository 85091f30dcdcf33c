//! Orders and returns as senders write them.

use super::{World, name};
use serde_json::{Value, json};

/// A goods line without tax: (line, SKU, quantity, charge of the line).
pub fn goods(line: &str, sku: &str, quantity: i64, amount: i64) -> Value {
    json!({
        "line": line, "sku": sku, "title": "thing", "kind": "goods", "category": "decor", "quantity": quantity,
        "unit_price": "1.00", "amount": amount, "discount": 0, "tax": 0, "tax_included": true,
    })
}

/// A line of another kind.
pub fn other(line: &str, kind: &str, amount: i64) -> Value {
    json!({
        "line": line, "sku": kind.to_uppercase(), "kind": kind, "quantity": 1, "unit_price": "1.00",
        "amount": amount, "tax": 0, "tax_included": true,
    })
}

/// An order of these lines, paid by one card.
pub fn order(id: &str, lines: &[Value]) -> Value {
    let total: i64 = lines.iter().map(charge).sum();
    let tender = json!({
        "id": "t1", "kind": "card", "executor": "stripe", "payment": format!("pi_{id}"), "authorised": total,
    });
    json!({
        "order": format!("shop-{id}"), "source": "shop", "source_id": id, "number": id,
        "placed_at": "2011-01-10T08:00:00Z", "currency": "GBP", "customer": "17850", "lines": lines,
        "total": total, "tenders": [tender],
    })
}

fn charge(line: &Value) -> i64 {
    let amount = line["amount"].as_i64().unwrap();
    if line["tax_included"] == json!(false) { amount + line["tax"].as_i64().unwrap() } else { amount }
}

/// A return of units of order lines: (return line, order, order line, SKU, quantity).
pub fn returning(rma: &str, at: retail::time::Time, lines: &[(&str, &str, &str, &str, i64)]) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(line, order, order_line, sku, quantity)| {
            json!({
                "line": line, "order": order, "order_line": order_line, "sku": sku, "quantity": quantity,
                "reason": "changed_mind", "type": "commercial",
            })
        })
        .collect();
    json!({"rma": rma, "requested_at": at, "customer": "17850", "lines": lines})
}

impl World {
    /// Submits an order; answers its name.
    pub fn submit(&mut self, id: &str, lines: &[Value]) -> String {
        let data = order(id, lines);
        let value = format!("shop-{id}");
        self.tell("order.submitted", name("order", &value), &data);
        value
    }

    /// Submits an order and lets it be shipped, paid and completed.
    pub fn complete(&mut self, id: &str, lines: &[Value]) -> String {
        let order = self.submit(id, lines);
        self.settle();
        self.ship_all();
        assert_eq!(self.status("order", &order), "completed");
        order
    }

    /// Warehouses ship all that they work on.
    pub fn ship_all(&mut self) {
        loop {
            let Some(id) = self.systems.working.keys().next().cloned() else { return };
            self.ship(&id);
            self.settle();
        }
    }

    /// A warehouse ships one fulfilment order.
    pub fn ship(&mut self, id: &str) {
        let mut events = Vec::new();
        self.systems.ship(id, self.now, &mut events);
        for (kind, on, data) in events {
            self.tell(kind, on, &data);
        }
    }

    /// A warehouse confirms a shipment of these units: (line, SKU, quantity).
    pub fn confirm(&mut self, shipment: &str, fulfilment: &str, place: &str, units: &[(&str, &str, i64)]) {
        let data = self.confirmation(shipment, fulfilment, place, units);
        let order = fulfilment.rsplit_once("-F").unwrap().0;
        self.tell("shipment.confirmed", name("order", order), &data);
    }

    pub fn confirmation(
        &self,
        shipment: &str,
        fulfilment: &str,
        place: &str,
        units: &[(&str, &str, i64)],
    ) -> Value {
        let order = fulfilment.rsplit_once("-F").unwrap().0;
        let lines: Vec<Value> =
            units.iter().map(|(line, sku, n)| json!({"line": line, "sku": sku, "quantity": n})).collect();
        json!({
            "shipment": shipment, "fulfilment": fulfilment, "order": order, "place": place,
            "shipped_at": self.now,
            "parcels": [{"id": format!("{shipment}-p1"), "carrier": "dhl", "tracking": format!("{shipment}-t"), "lines": lines}],
        })
    }

    /// Somebody changes an order's lines: what is added, and what others are to come to.
    pub fn change(&mut self, order: &str, id: &str, add: &[Value], change: &[(&str, i64)]) {
        let data = changing(order, id, add, change);
        self.tell("order.lines_changed", name("order", order), &data);
    }

    /// A carrier says how a parcel stands.
    pub fn track(&mut self, order: &str, tracking: &str, status: &str, at: retail::time::Time) {
        let data = json!({"tracking": tracking, "status": status, "at": at});
        self.tell("parcel.tracked", name("order", order), &data);
    }

    /// Somebody wishes to cancel: some lines, or all that is left.
    pub fn cancel(&mut self, order: &str, lines: Option<&[(&str, i64)]>) {
        let mut data = json!({"order": order, "reason": "customer"});
        if let Some(lines) = lines {
            let lines: Vec<Value> =
                lines.iter().map(|(line, n)| json!({"line": line, "quantity": n})).collect();
            data["lines"] = json!(lines);
        }
        self.tell("order.cancel_requested", name("order", order), &data);
    }

    /// Requests a return.
    pub fn request(&mut self, rma: &str, lines: &[(&str, &str, &str, &str, i64)]) {
        let data = returning(rma, self.now, lines);
        self.tell("return.requested", name("return", rma), &data);
    }

    /// Returned units arrive at the north: (line, SKU, quantity).
    pub fn receive(&mut self, rma: &str, receipt: &str, units: &[(&str, &str, i64)]) {
        let lines: Vec<Value> =
            units.iter().map(|(line, sku, n)| json!({"line": line, "sku": sku, "quantity": n})).collect();
        let data = json!({
            "receipt": receipt, "rma": rma, "place": "north", "received_at": self.now, "lines": lines,
        });
        self.tell("return.received", name("return", rma), &data);
    }

    /// They are inspected: (line, SKU, grade, accepted, rejected).
    pub fn inspect(&mut self, rma: &str, receipt: &str, id: &str, units: &[(&str, &str, &str, i64, i64)]) {
        let data = inspection(rma, receipt, id, units);
        self.tell("return.inspected", name("return", rma), &data);
    }
}

/// A change of an order's lines.
pub fn changing(order: &str, id: &str, add: &[Value], change: &[(&str, i64)]) -> Value {
    let change: Vec<Value> = change.iter().map(|(line, n)| json!({"line": line, "quantity": n})).collect();
    json!({"order": order, "id": id, "add": add, "change": change})
}

pub fn inspection(rma: &str, receipt: &str, id: &str, units: &[(&str, &str, &str, i64, i64)]) -> Value {
    let lines: Vec<Value> = units
        .iter()
        .map(|(line, sku, grade, accepted, rejected)| {
            json!({
                "line": line, "sku": sku, "quantity": accepted + rejected, "grade": grade, "accepted": accepted,
                "rejected": rejected,
            })
        })
        .collect();
    json!({"inspection": id, "rma": rma, "receipt": receipt, "lines": lines})
}
