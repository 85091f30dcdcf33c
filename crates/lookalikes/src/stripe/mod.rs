//! The payment provider: Stripe's API v1 for PaymentIntents with manual capture and refunds, and its events.
//!
//! Sources: docs.stripe.com/api (PaymentIntents, refunds, idempotent requests; 2026-09 version), its OpenAPI
//! fixtures for the shapes, docs.stripe.com/payments/multicapture for several captures of one intent.

mod errors;
mod events;
mod intents;
mod keys;
mod lab;
mod listing;
mod objects;
mod refunds;
mod units;

use crate::base::agenda::{Agenda, AgendaState};
use crate::base::desk::{Desk, Vendor};
use crate::base::form;
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::luck::hash;
use crate::base::queue::{Delivery, Item, Payload};
use crate::base::sign;
use crate::base::system::System;
use crate::config::{StripeConfig, WorldConfig};
use bytes::Bytes;
use errors::Fault;
use keys::{Key, Keys, Outcome};
pub(crate) use objects::Intent;
use objects::Refund;
use refunds::Later;
use std::borrow::Cow;

/// Pairs of a form, bracketed names as one text.
pub(crate) type Form<'a> = [(Cow<'a, str>, Cow<'a, str>)];

/// The payment provider's state.
#[derive(Debug)]
pub(crate) struct Stripe {
    desk: Desk,
    config: StripeConfig,
    intents: Vec<Intent>,
    refunds: Vec<Refund>,
    keys: Keys,
    later: Agenda<Later>,
}

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn base62(mut number: u64, width: usize) -> String {
    let mut out = vec![b'0'; width];
    for place in out.iter_mut().rev() {
        let digit = usize::try_from(number % 62).unwrap_or(0);
        *place = DIGITS.get(digit).copied().unwrap_or(b'0');
        number /= 62;
    }
    String::from_utf8(out).unwrap_or_default()
}

fn unbase62(text: &str) -> Option<u64> {
    text.bytes().try_fold(0u64, |sum, byte| {
        let digit = DIGITS.iter().position(|d| *d == byte)? as u64;
        sum.checked_mul(62)?.checked_add(digit)
    })
}

impl Stripe {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        Self {
            desk: Desk::new(System::Stripe, config),
            config: config.stripe.clone(),
            intents: Vec::new(),
            refunds: Vec::new(),
            keys: Keys::default(),
            later: Agenda::default(),
        }
    }

    /// An object's id: prefix, then characters that look like chance, then its number, so that no table of
    /// ids is needed to find it again.
    fn id(&self, prefix: &str, number: u32) -> String {
        let look = hash(self.desk.seed, &["stripe", prefix, &number.to_string()]);
        format!("{prefix}_3L{}{}", base62(look, 11), base62(u64::from(number), 11))
    }

    /// The number in an id that this account has given out.
    fn number(&self, prefix: &str, id: &str) -> Option<u32> {
        let tail = id.get(id.len().checked_sub(11)?..)?;
        let number = u32::try_from(unbase62(tail)?).ok()?;
        (self.id(prefix, number) == id).then_some(number)
    }

    /// A POST under the rules of `Idempotency-Key`; without a key it is simply done.
    fn keyed(&mut self, at: Moment, call: &Call<'_>, fate: Fate) -> Response {
        let body = String::from_utf8_lossy(call.body).into_owned();
        let form = form::pairs(&body);
        let key = call.header("idempotency-key").map(|name| Key::new(name, call, &form));
        if let Some(key) = &key {
            match self.keys.find(key, at.now, self.config.keeps_ms) {
                Some(Ok(kept)) => {
                    return self.render(&kept).with("idempotent-replayed", "true");
                }
                Some(Err(fault)) => return fault.response(),
                None => {}
            }
        }
        let outcome = if fate == Fate::ErrStored {
            Outcome::Fault(Fault::internal())
        } else {
            match self.post(at, call, &form) {
                Ok(done) if fate == Fate::ErrAfter => {
                    // Done, but what is kept and told is the failure.
                    drop(done);
                    Outcome::Fault(Fault::internal())
                }
                Ok(done) => done,
                Err(fault) => Outcome::Fault(fault),
            }
        };
        let answer = self.render(&outcome);
        if let Some(key) = key {
            self.keys.keep(key, at.now, outcome);
        }
        answer
    }

    fn post(&mut self, at: Moment, call: &Call<'_>, form: &Form<'_>) -> Result<Outcome, Fault> {
        match call.path().as_slice() {
            ["v1", "payment_intents"] => self.create_intent(at, form),
            ["v1", "payment_intents", id, "confirm"] => self.confirm(at, id, form),
            ["v1", "payment_intents", id, "capture"] => self.capture(at, id, form),
            ["v1", "payment_intents", id, "cancel"] => self.cancel(at, id, form),
            ["v1", "refunds"] => self.create_refund(at, form),
            _ => Err(Fault::no_route(call.method, &call.joined())),
        }
    }

    fn get(&self, at: Moment, call: &Call<'_>) -> Response {
        let found = match call.path().as_slice() {
            ["v1", "payment_intents", id] => self.intent(id).map(|number| self.show_intent(number)),
            ["v1", "payment_intents"] => self.list_intents(call),
            ["v1", "refunds", id] => self.refund(id).map(|number| self.show_refund(number)),
            ["v1", "refunds"] => self.list_refunds(at, call),
            ["v1", "events"] => Ok(self.list_events(call)),
            _ => Err(Fault::no_route(call.method, &call.joined())),
        };
        found.map_or_else(Fault::into_response, |body| Response::bytes(200, body))
    }

    fn render(&self, outcome: &Outcome) -> Response {
        match outcome {
            Outcome::Intent(snapshot) => Response::bytes(200, self.show_snapshot(snapshot)),
            Outcome::Refund(number, status) => Response::bytes(200, self.show_refund_as(*number, *status)),
            Outcome::Fault(fault) => fault.response(),
        }
    }
}

impl Vendor for Stripe {
    fn desk(&self) -> &Desk {
        &self.desk
    }

    fn desk_mut(&mut self) -> &mut Desk {
        &mut self.desk
    }

    fn configure(&mut self, config: &WorldConfig) {
        self.desk.configure(config);
        self.config = config.stripe.clone();
    }

    fn api(&mut self, at: Moment, call: &Call<'_>, fate: Fate) -> Response {
        match call.method {
            "POST" => self.keyed(at, call, fate),
            "GET" => self.get(at, call),
            _ => Fault::no_route(call.method, &call.joined()).response(),
        }
    }

    fn lab(&mut self, at: Moment, path: &[&str], call: &Call<'_>) -> Response {
        self.dashboard(at, path, call)
    }

    fn run(&mut self, at: Moment) {
        while let Some(deed) = self.later.take(at.now) {
            self.settle_refund(at, deed);
        }
    }

    fn agenda(&self) -> AgendaState {
        self.later.state()
    }

    /// Every attempt is signed afresh, with the time of the attempt.
    fn write(&self, item: &Item, now: i64) -> Delivery {
        let body = match &item.payload {
            Payload::Ready(body) => body.clone(),
            Payload::Later(_) => Bytes::new(),
        };
        let signature = sign::stripe(&self.desk.link.secret, now.div_euclid(1000), &body);
        let headers = vec![
            ("content-type", "application/json; charset=utf-8".to_owned()),
            ("stripe-signature", signature),
        ];
        self.desk.delivery(item, headers, body)
    }

    fn trouble(&self, status: u16, _: &str, _: &str) -> Response {
        match status {
            401 => Fault::stranger().response(),
            429 => Fault::rate_limited().response(),
            _ => Fault::internal().response(),
        }
    }
}
