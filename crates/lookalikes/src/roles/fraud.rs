//! Who screens orders: by rule, by seed, at once or after a person has looked.

use super::vendor;
use crate::base::agenda::{Agenda, AgendaState};
use crate::base::desk::{Desk, Vendor};
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::luck::permille;
use crate::base::system::System;
use crate::config::{FraudConfig, WorldConfig};
use serde::Deserialize;
use serde_json::json;

/// The state of screening.
#[derive(Debug)]
pub(crate) struct Fraud {
    desk: Desk,
    config: FraudConfig,
    /// Orders that a person looks at.
    later: Agenda<String>,
}

#[derive(Deserialize)]
struct Asked {
    order: String,
    currency: String,
    total: i64,
    customer: Option<String>,
    email_hash: Option<String>,
}

impl Fraud {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        let later = Agenda::default();
        Self { desk: Desk::new(System::Fraud, config), config: config.fraud.clone(), later }
    }

    fn screen(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let ("PUT", ["screenings", _]) = (call.method, call.path().as_slice()) else {
            return Err(Response::not_found("orders are screened by PUT /screenings/{key}"));
        };
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let asked: Asked = call.json()?;
        let decision = self.decide(&asked);
        let head = Head {
            reference: &asked.order,
            order: &asked.order,
            currency: &asked.currency,
            amount: Some(asked.total),
            at: at.business,
            ..Head::default()
        };
        self.desk.ledger.document(&head).worded(Kind::Screened, decision, None);
        if decision == "review" {
            self.later.put(at.now, self.config.review_ms, asked.order);
            if self.config.accepts {
                return Ok(self.desk.written.told(call, 202, "FR", json!({})));
            }
        }
        Ok(self.desk.written.told(call, 200, "FR", json!({"decision": decision})))
    }

    fn decide(&self, asked: &Asked) -> &'static str {
        let config = &self.config;
        let named = |list: &[String]| {
            let known = |who: &Option<String>| who.as_ref().is_some_and(|who| list.contains(who));
            known(&asked.customer) || known(&asked.email_hash)
        };
        let share = permille(self.desk.seed, &["screening", &asked.order]);
        if named(&config.declined) || share < config.decline_rate {
            "decline"
        } else if named(&config.reviewed) || share < config.decline_rate.saturating_add(config.review_rate) {
            "review"
        } else {
            "approve"
        }
    }

    /// A person has looked.
    fn verdict(&mut self, at: Moment, order: &str) {
        let declined = permille(self.desk.seed, &["review", order]) < self.config.review_decline_rate;
        let decision = if declined { "decline" } else { "approve" };
        let head = Head { reference: order, order, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).worded(Kind::Screened, decision, None);
        let mut data = json!({"order": order, "decision": decision});
        if declined {
            data["reason"] = "a person looked at it".into();
        }
        self.desk.cloud_event(at, "order.screened", &data);
    }
}

impl Vendor for Fraud {
    vendor!(screen, fraud);

    fn lab(&mut self, _: Moment, _: &[&str], _: &Call<'_>) -> Response {
        Response::not_found("it has nothing of its own below _lab")
    }

    fn run(&mut self, at: Moment) {
        while let Some(order) = self.later.take(at.now) {
            self.verdict(at, &order);
        }
    }

    fn agenda(&self) -> AgendaState {
        self.later.state()
    }
}
