//! What people do to the vendors of a run, as values: nothing here says how a vendor is told.

use crate::run::Run;
use crate::systems::Systems;
use lookalikes::Request;
use serde_json::{Value, json};

/// Something that somebody does at a vendor's.
#[derive(Clone, Debug)]
pub enum Deed {
    PlaceOrder(Order),
    /// A customer cancels at the shop.
    Cancel {
        source_id: String,
    },
    SendBack {
        rma: String,
        requested_at: String,
        lines: Vec<SentBack>,
    },
    OpeningStock {
        place: &'static str,
        lines: Vec<Units>,
    },
    Receipt {
        place: &'static str,
        receipt: String,
        lines: Vec<Units>,
    },
    Adjust {
        place: &'static str,
        adjustment: String,
        line: Units,
    },
    /// Somebody gives money back at the provider's dashboard, in minor units.
    RefundAtProvider {
        payment: Value,
        amount: i64,
    },
}

/// Units of a SKU.
#[derive(Clone, Copy, Debug)]
pub struct Units {
    pub sku: &'static str,
    pub quantity: i64,
}

#[derive(Clone, Debug)]
pub struct Order {
    pub number: u32,
    pub placed_at: String,
    pub taxes_included: bool,
    pub lines: Vec<Bought>,
    /// Who collects the money, where it is not whom the shop has by default.
    pub gateway: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
pub enum Bought {
    Goods { units: Units, category: &'static str, unit_price: &'static str },
    Postage { unit_price: &'static str },
}

/// A line of a return; without an order's line, something that was never bought here.
#[derive(Clone, Debug)]
pub struct SentBack {
    pub line: String,
    pub of: Option<(String, Value)>,
    pub sku: Value,
    pub quantity: i64,
}

impl Deed {
    /// The look-alikes' request for it.
    fn request(&self) -> Request {
        let units = |lines: &[Units]| lines.iter().map(Units::json).collect::<Vec<_>>();
        let (path, body) = match self {
            Self::PlaceOrder(order) => ("/shop/_lab/orders".to_owned(), json!({ "orders": [order.json()] })),
            Self::Cancel { source_id } => (
                "/shop/_lab/cancellations".to_owned(),
                json!({ "source_id": source_id, "reason": "customer" }),
            ),
            Self::SendBack { rma, requested_at, lines } => {
                let lines: Vec<Value> = lines.iter().map(SentBack::json).collect();
                let wanted =
                    json!({ "rma": rma, "requested_at": requested_at, "customer": "17850", "lines": lines });
                ("/returns/_lab/returns".to_owned(), json!({ "returns": [wanted] }))
            }
            Self::OpeningStock { place, lines } => {
                (format!("/{place}/_lab/stock"), json!({ "lines": units(lines) }))
            }
            Self::Receipt { place, receipt, lines } => {
                (format!("/{place}/_lab/receipts"), json!({ "receipt": receipt, "lines": units(lines) }))
            }
            Self::Adjust { place, adjustment, line } => (
                format!("/{place}/_lab/adjustments"),
                json!({ "adjustment": adjustment, "reason": "damage", "lines": [line.json()] }),
            ),
            Self::RefundAtProvider { payment, amount } => {
                ("/stripe/_lab/refunds".to_owned(), json!({ "payment_intent": payment, "amount": amount }))
            }
        };
        Request::new("POST", &path, body.to_string())
    }
}

impl Units {
    fn json(&self) -> Value {
        json!({ "sku": self.sku, "quantity": self.quantity })
    }
}

impl Order {
    fn json(&self) -> Value {
        let lines: Vec<Value> = self.lines.iter().map(Bought::json).collect();
        let number = self.number.to_string();
        let mut order = json!({ "source_id": number, "number": number, "placed_at": self.placed_at,
            "currency": "GBP", "customer": "17850", "taxes_included": self.taxes_included, "lines": lines });
        if let Some(gateway) = self.gateway {
            order["gateway"] = gateway.into();
        }
        order
    }
}

impl Bought {
    fn json(&self) -> Value {
        match self {
            Self::Goods { units: Units { sku, quantity }, category, unit_price } => json!({ "sku": sku,
                "title": sku, "category": category, "quantity": quantity, "unit_price": unit_price,
                "tax_rate": "0.20" }),
            Self::Postage { unit_price } => json!({ "sku": "POST", "title": "Postage", "kind": "shipping",
                "quantity": 1, "unit_price": unit_price, "tax_rate": "0.20" }),
        }
    }
}

impl SentBack {
    fn json(&self) -> Value {
        match &self.of {
            Some((order, order_line)) => json!({ "line": self.line, "order": order, "order_line": order_line,
                "sku": self.sku, "quantity": self.quantity, "reason": "unwanted", "type": "withdrawal" }),
            None => json!({ "line": self.line, "sku": self.sku, "quantity": self.quantity,
                "reason": "unwanted", "type": "withdrawal" }),
        }
    }
}

impl Run {
    /// Does something that a vendor may refuse; whether it did not.
    pub fn tries(&mut self, deed: &Deed) -> bool {
        self.told(deed).is_ok()
    }

    /// Does something that no vendor refuses: a refusal is a failure of the run's own making.
    pub fn does(&mut self, deed: &Deed) {
        if let Err(said) = self.told(deed) {
            self.failures.push(format!("{deed:?} was refused: {said}"));
        }
    }

    fn told(&mut self, deed: &Deed) -> Result<(), String> {
        if let Systems::Canonical(vendors) = &mut self.systems {
            let done = vendors.deed(self.now, deed);
            self.stirred();
            return if done { Ok(()) } else { Err("the vendor does not do that".to_owned()) };
        }
        let response = self.handle(&deed.request());
        if response.ok() { Ok(()) } else { Err(String::from_utf8_lossy(&response.body).into_owned()) }
    }
}
