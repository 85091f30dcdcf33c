//! Who knows the customers, and who knows the promotions: each says whether an order may be sold.

use super::{idle, vendor};
use crate::base::agenda::AgendaState;
use crate::base::desk::{Desk, Vendor};
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::system::System;
use crate::config::{CustomersConfig, PromotionsConfig, WorldConfig};
use serde::Deserialize;
use serde_json::json;

/// The customers' state.
#[derive(Debug)]
pub(crate) struct Customers {
    desk: Desk,
    config: CustomersConfig,
}

/// The promotions' state.
#[derive(Debug)]
pub(crate) struct Promotions {
    desk: Desk,
    config: PromotionsConfig,
}

#[derive(Deserialize)]
struct Customer {
    order: String,
    customer: Option<String>,
}

#[derive(Deserialize)]
struct Promoted {
    order: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    quantity: i64,
    #[serde(default)]
    discounts: Vec<Discount>,
}

#[derive(Deserialize)]
struct Discount {
    promotion: String,
}

/// Writes down what was said of an order, and says it.
fn say(
    desk: &mut Desk,
    at: Moment,
    call: &Call<'_>,
    (kind, prefix): (Kind, &'static str),
    order: &str,
    (state, reason): (&str, Option<String>),
) -> Response {
    let head = Head { reference: order, order, at: at.business, ..Head::default() };
    desk.ledger.document(&head).worded(kind, state, None);
    let mut more = json!({"state": state});
    if let Some(reason) = reason {
        more["reason"] = reason.into();
    }
    desk.written.told(call, 200, prefix, more)
}

impl Customers {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        Self { desk: Desk::new(System::Customers, config), config: config.customers.clone() }
    }

    fn check(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let ("PUT", ["customer-checks", _]) = (call.method, call.path().as_slice()) else {
            return Err(Response::not_found("customers are checked by PUT /customer-checks/{key}"));
        };
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let asked: Customer = call.json()?;
        let blocked = asked.customer.as_ref().is_some_and(|customer| self.config.blocked.contains(customer));
        let said = if blocked { ("blocked", Some("on the list".to_owned())) } else { ("ok", None) };
        Ok(say(&mut self.desk, at, call, (Kind::CustomerChecked, "CU"), &asked.order, said))
    }
}

impl Promotions {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        Self { desk: Desk::new(System::Promotions, config), config: config.promotions.clone() }
    }

    fn check(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let ("PUT", ["promotion-checks", _]) = (call.method, call.path().as_slice()) else {
            return Err(Response::not_found("promotions are checked by PUT /promotion-checks/{key}"));
        };
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let asked: Promoted = call.json()?;
        if let Some(bad) = asked.lines.iter().find(|line| line.quantity <= 0) {
            let message = format!("quantity {} is not positive", bad.quantity);
            return Err(Response::refuse(422, "bad_quantity", &message));
        }
        let mut used = asked.lines.iter().flat_map(|line| &line.discounts);
        let over = used.find(|discount| self.config.ended.contains(&discount.promotion));
        let said = match over {
            Some(discount) => ("invalid", Some(format!("{} is over", discount.promotion))),
            None => ("ok", None),
        };
        Ok(say(&mut self.desk, at, call, (Kind::PromotionsChecked, "PR"), &asked.order, said))
    }
}

impl Vendor for Customers {
    vendor!(check, customers);
    idle!();
}

impl Vendor for Promotions {
    vendor!(check, promotions);
    idle!();
}
