//! Below `/stripe/_lab`: what a person does at the dashboard.

use crate::base::http::{Call, Moment, Response};
use crate::stripe::Stripe;
use crate::stripe::errors::Fault;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundWish {
    payment_intent: String,
    /// Minor units; all that is left where it is not given.
    amount: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Uncaptured {
    payment_intent: String,
}

impl Stripe {
    pub(crate) fn dashboard(&mut self, at: Moment, path: &[&str], call: &Call<'_>) -> Response {
        match (call.method, path) {
            ("POST", ["refunds"]) => {
                let wish: RefundWish = match call.json() {
                    Ok(wish) => wish,
                    Err(refusal) => return refusal,
                };
                let made = self
                    .intent(&wish.payment_intent)
                    .and_then(|number| self.give_back(at, number, wish.amount, None, Vec::new()));
                made.map_or_else(Fault::into_response, |number| {
                    Response::bytes(200, self.show_refund(number))
                })
            }
            ("POST", ["uncaptured"]) => match call.json::<Uncaptured>() {
                Ok(wish) => match self.forget_capture(&wish.payment_intent) {
                    Ok(number) => Response::bytes(200, self.show_intent(number)),
                    Err(fault) => fault.into_response(),
                },
                Err(refusal) => refusal,
            },
            ("GET", ["totals"]) => {
                let sum =
                    |value: fn(&crate::stripe::Intent) -> i64| self.intents.iter().map(value).sum::<i64>();
                Response::json(
                    200,
                    &json!({
                        "payment_intents": self.intents.len(),
                        "refunds": self.refunds.len(),
                        "received": sum(|i| i.received),
                        "refunded": sum(|i| i.refunded),
                    }),
                )
            }
            _ => Response::not_found("see the README for what /stripe/_lab takes"),
        }
    }
}
