//! Plays the orders' part in credits and exchanges towards returns, so that what a return asks for can be looked at
//! whatever an order makes of it. It grants what is asked at a price per unit and settles it at once.

use super::{World, name, raw};
use hub::process::Stimulus;
use retail::envelope::Name;
use serde_json::{Value, json};
use std::collections::VecDeque;

#[derive(Clone, Debug)]
pub struct StandIn {
    /// What a unit of anything was sold for, minor units.
    pub price: i64,
    /// Whether credits are settled at once.
    pub settles: bool,
    /// `credit.request` as they came.
    pub requests: Vec<Value>,
    /// Messages to exchange orders: kind, order, data.
    pub exchanges: Vec<(String, String, Value)>,
}

impl World {
    /// From now on orders are played.
    pub fn with_stand_in(&mut self, price: i64) {
        let (requests, exchanges) = (Vec::new(), Vec::new());
        self.stand_in = Some(StandIn { price, settles: true, requests, exchanges });
    }

    pub fn requests(&self) -> &[Value] {
        &self.stand_in.as_ref().unwrap().requests
    }

    /// Messages of a kind to exchange orders: order, data.
    pub fn exchanges(&self, kind: &str) -> Vec<(String, Value)> {
        let all = self.stand_in.as_ref().unwrap().exchanges.iter();
        all.filter(|x| x.0 == kind).map(|x| (x.1.clone(), x.2.clone())).collect()
    }

    /// The order settles what it granted to a return, or the money comes back.
    pub fn verdict(&mut self, kind: &str, rma: &str, id: &str, amount: i64) {
        let data = json!({
            "rma": rma, "id": id, "credit": format!("shop-1-C{id}"), "currency": "GBP", "amount": amount,
        });
        let from = name("order", "shop-1");
        let mail = Stimulus::Mail { from, kind: kind.to_owned(), data: raw(&data) };
        self.deliver(&name("return", rma), &mail).unwrap();
    }
}

/// Whether the message was taken in instead of its order.
pub fn takes(w: &mut World, (from, to): &(Name, Name), stimulus: &Stimulus) -> bool {
    let (Some(stand_in), Stimulus::Mail { kind, data, .. }) = (w.stand_in.as_mut(), stimulus) else {
        return false;
    };
    let data: Value = serde_json::from_str(data.get()).unwrap();
    if kind.starts_with("exchange.") {
        stand_in.exchanges.push((kind.clone(), to.value.clone(), data));
        return true;
    }
    if kind != "credit.request" {
        return false;
    }
    stand_in.requests.push(data.clone());
    let number = |v: &Value| v.as_i64().unwrap_or(0);
    let lines = data["lines"].as_array().unwrap();
    let price = stand_in.price;
    let of = |outcome: &str| -> i64 {
        let own = |l: &&Value| l["outcome"].as_str().unwrap_or("refund") == outcome;
        lines.iter().filter(own).map(|l| number(&l["quantity"]) * price).sum()
    };
    let amount: i64 = ["refund", "store_credit", "exchange"].map(of).iter().sum();
    let fees = data["fees"].as_array().cloned().unwrap_or_default();
    let fee = |f: &Value| number(&f["amount"]) + amount * number(&f["basis_points"]) / 10_000;
    let withheld: i64 = fees.iter().map(fee).sum();
    let applied = of("exchange").min(number(&data["exchange"]["total"]));
    let issued = of("store_credit");
    let granted = json!({
        "rma": data["rma"], "id": data["id"], "credit": format!("{}-C{}", to.value, number_of(&data["id"])),
        "currency": "GBP", "amount": amount, "withheld": withheld, "applied": applied, "issued": issued,
        "refunded": amount - withheld - applied - issued,
        "lines": lines.iter().map(|l| json!({
            "return_line": l["return_line"], "order_line": l["order_line"], "quantity": l["quantity"],
            "amount": number(&l["quantity"]) * price, "tax": 0,
        })).collect::<Vec<_>>(),
    });
    let settles = stand_in.settles;
    let back: &mut VecDeque<Stimulus> = w.mail.entry((to.clone(), from.clone())).or_default();
    let mail = |kind: &str, data: &Value| Stimulus::Mail {
        from: to.clone(),
        kind: kind.to_owned(),
        data: raw(data),
    };
    back.push_back(mail("credit.granted", &granted));
    if settles {
        back.push_back(mail("credit.settled", &granted));
    }
    true
}

fn number_of(id: &Value) -> &str {
    id.as_str().unwrap()
}
