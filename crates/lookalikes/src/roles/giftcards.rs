//! Who keeps stored value: gift cards and store credit, behind the canonical role `payments`. A card has no debts:
//! what is taken was on it, and what is given back was taken from it.

use super::{same, vendor};
use crate::base::agenda::AgendaState;
use crate::base::desk::{Desk, Vendor};
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::system::System;
use crate::config::WorldConfig;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// The keeper's state.
#[derive(Debug)]
pub(crate) struct Giftcards {
    desk: Desk,
    cards: BTreeMap<Box<str>, Card>,
    issued: u32,
}

/// A card, in minor units.
#[derive(Debug, Serialize)]
struct Card {
    currency: Box<str>,
    left: i64,
    captured: i64,
    refunded: i64,
    voided: bool,
}

#[derive(Deserialize)]
struct Ask {
    payment: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    credit: String,
    amount: Option<i64>,
    #[serde(default)]
    currency: String,
}

#[derive(Deserialize)]
struct Issue {
    id: String,
    order: String,
    amount: i64,
    currency: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Load {
    cards: Vec<Loaded>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Loaded {
    payment: String,
    /// The order that it is to pay.
    #[serde(default)]
    order: String,
    amount: i64,
    currency: String,
}

impl Giftcards {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        Self { desk: Desk::new(System::Giftcards, config), cards: BTreeMap::new(), issued: 0 }
    }

    fn answer(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let path = call.path();
        if let ("GET", ["payments", payment]) = (call.method, path.as_slice()) {
            return Ok(self.show(payment));
        }
        if call.method != "PUT" {
            return Err(Response::not_found("the keeper of gift cards has no such operation"));
        }
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        match path.as_slice() {
            ["payments", payment, "captures", _] => self.capture(at, payment, call),
            ["payments", payment, "voids", _] => self.void(at, payment, call),
            ["payments", payment, "refunds", _] => self.refund(at, payment, call),
            ["payments", payment, "reauthorisations", _] => self.again(payment, call),
            ["store-credits", id] => self.issue(at, id, call),
            _ => Err(Response::not_found("the keeper of gift cards has no such operation")),
        }
    }

    /// The card, what is asked of it, and how much, which is above zero and in its currency.
    fn asked(&mut self, payment: &str, call: &Call<'_>) -> Result<(&mut Card, Ask, i64), Response> {
        let ask: Ask = call.json()?;
        same(payment, &ask.payment)?;
        let Some(card) = self.cards.get_mut(payment) else {
            return Err(Response::refuse(404, "unknown_payment", &format!("there is no card '{payment}'")));
        };
        let Some(amount) = ask.amount.filter(|amount| *amount > 0) else {
            return Err(Response::refuse(422, "bad_amount", "an amount above zero is needed"));
        };
        if *card.currency != *ask.currency {
            let message = format!("'{payment}' is in {}, not {}", card.currency, ask.currency);
            return Err(Response::refuse(422, "currency_differs", &message));
        }
        Ok((card, ask, amount))
    }

    fn capture(&mut self, at: Moment, payment: &str, call: &Call<'_>) -> Result<Response, Response> {
        let (card, ask, amount) = self.asked(payment, call)?;
        if card.voided || amount > card.left {
            let message = format!("{} is left on '{payment}'", if card.voided { 0 } else { card.left });
            return Err(Response::refuse(422, "insufficient", &message));
        }
        card.left -= amount;
        card.captured += amount;
        self.book(at, Kind::Captured, &ask.order, (&ask.order, payment), amount, &ask.currency);
        Ok(self.desk.written.told(call, 200, "GC", json!({"amount": amount})))
    }

    fn refund(&mut self, at: Moment, payment: &str, call: &Call<'_>) -> Result<Response, Response> {
        let (card, ask, amount) = self.asked(payment, call)?;
        if amount > card.captured - card.refunded {
            let message = format!("{} of '{payment}' can be given back", card.captured - card.refunded);
            return Err(Response::refuse(422, "exceeds_captured", &message));
        }
        card.left += amount;
        card.refunded += amount;
        self.book(at, Kind::Refunded, &ask.credit, (&ask.order, payment), amount, &ask.currency);
        Ok(self.desk.written.told(call, 200, "GC", json!({"amount": amount, "state": "succeeded"})))
    }

    /// What was set aside for an order and not taken stays on the card.
    fn void(&mut self, at: Moment, payment: &str, call: &Call<'_>) -> Result<Response, Response> {
        let ask: Ask = call.json()?;
        same(payment, &ask.payment)?;
        let Some(card) = self.cards.get_mut(payment) else {
            return Err(Response::refuse(404, "unknown_payment", &format!("there is no card '{payment}'")));
        };
        if card.captured > card.refunded {
            return Err(Response::refuse(409, "captured", &format!("'{payment}' was captured")));
        }
        card.voided = true;
        let (left, currency) = (card.left, card.currency.clone());
        self.book(at, Kind::Voided, &ask.order, (&ask.order, payment), left, &currency);
        Ok(self.desk.written.done(call, "GC", None))
    }

    /// Stored value does not expire: the same card goes on.
    fn again(&mut self, payment: &str, call: &Call<'_>) -> Result<Response, Response> {
        self.asked(payment, call)?;
        Ok(self.desk.written.told(call, 200, "GC", json!({"payment": payment})))
    }

    fn issue(&mut self, at: Moment, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        let issue: Issue = call.json()?;
        same(id, &issue.id)?;
        if issue.amount <= 0 {
            return Err(Response::refuse(422, "bad_amount", "an amount above zero is needed"));
        }
        self.issued += 1;
        let code = format!("SC{}-{:06}", self.desk.event_run(), self.issued);
        self.put(&code, issue.amount, &issue.currency);
        self.book(at, Kind::Issued, id, (&issue.order, &code), issue.amount, &issue.currency);
        Ok(self.desk.written.told(call, 200, "SC", json!({"code": code})))
    }

    fn put(&mut self, payment: &str, amount: i64, currency: &str) {
        let card = Card { currency: currency.into(), left: amount, captured: 0, refunded: 0, voided: false };
        self.cards.insert(payment.into(), card);
    }

    fn book(
        &mut self,
        at: Moment,
        kind: Kind,
        reference: &str,
        (order, payment): (&str, &str),
        amount: i64,
        currency: &str,
    ) {
        let amount = Some(amount);
        let head =
            Head { reference, order, id: payment, currency, amount, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).whole(kind, None);
    }

    fn show(&self, payment: &str) -> Response {
        let Some(card) = self.cards.get(payment) else {
            return Response::json(
                200,
                &json!({"ref": payment, "state": "absent", "amount": 0, "currency": ""}),
            );
        };
        let state = if card.voided {
            "absent"
        } else if card.captured > 0 {
            "captured"
        } else {
            "authorised"
        };
        let shown = json!({
            "ref": payment, "state": state, "amount": card.left + card.captured, "currency": card.currency,
        });
        Response::json(200, &shown)
    }

    fn load(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let load: Load = call.json()?;
        if let Some(known) = load.cards.iter().find(|card| self.cards.contains_key(card.payment.as_str())) {
            let message = format!("'{}' is there already", known.payment);
            return Err(Response::refuse(409, "known_card", &message));
        }
        for card in &load.cards {
            self.put(&card.payment, card.amount, &card.currency);
            let whose = (card.order.as_str(), card.payment.as_str());
            self.book(at, Kind::Authorised, &card.order, whose, card.amount, &card.currency);
        }
        Ok(Response::json(200, &json!({"cards": load.cards.len()})))
    }
}

impl Vendor for Giftcards {
    vendor!(answer);

    fn lab(&mut self, at: Moment, path: &[&str], call: &Call<'_>) -> Response {
        match (call.method, path) {
            ("POST", ["cards"]) => self.load(at, call).unwrap_or_else(|refusal| refusal),
            ("GET", ["cards"]) => Response::json(200, &json!({"cards": self.cards})),
            _ => Response::not_found("see the README for what /giftcards/_lab takes"),
        }
    }

    fn run(&mut self, _: Moment) {}

    fn agenda(&self) -> AgendaState {
        AgendaState::default()
    }
}
