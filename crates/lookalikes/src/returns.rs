//! The returns platform: customers ask there, the hub reports back.

use crate::base::agenda::AgendaState;
use crate::base::desk::{Desk, Vendor};
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::system::System;
use crate::base::text::Text;
use crate::base::when;
use crate::config::WorldConfig;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;

/// The platform's state.
#[derive(Debug)]
pub(crate) struct Returns {
    desk: Desk,
    known: BTreeSet<Box<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    returns: Vec<NewReturn>,
}

/// A return as a customer asks for it, and as `return.requested` tells it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct NewReturn {
    rma: String,
    requested_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    lines: Vec<NewLine>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct NewLine {
    line: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_line: Option<String>,
    sku: String,
    quantity: i64,
    reason: String,
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_unit_price: Option<String>,
}

#[derive(Deserialize)]
struct Update {
    id: String,
    rma: String,
    status: String,
    lines: Vec<UpdateLine>,
    refunded: Option<Money>,
}

#[derive(Deserialize)]
struct UpdateLine {
    quantity: i64,
}

#[derive(Deserialize)]
struct Money {
    amount: i64,
    currency: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawal {
    rma: Text,
    #[serde(default)]
    reason: String,
}

const TYPES: [&str; 6] = ["withdrawal", "commercial", "defect", "warranty", "recall", "refused"];

fn kind(status: &str) -> Option<Kind> {
    Some(match status {
        "approved" => Kind::Approved,
        "declined" => Kind::Declined,
        "received" => Kind::Received,
        "rejected" => Kind::Rejected,
        "refunded" => Kind::Refunded,
        "completed" => Kind::Completed,
        _ => return None,
    })
}

impl Returns {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        Self { desk: Desk::new(System::Returns, config), known: BTreeSet::new() }
    }

    fn ask(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let wish: Wish = call.json()?;
        for new in &wish.returns {
            if self.known.contains(new.rma.as_str()) {
                let message = format!("return {} was asked for before", new.rma);
                return Err(Response::refuse(409, "known_return", &message));
            }
            if when::parse(&new.requested_at).is_none() {
                let message = format!("return {}: requested_at is not RFC 3339 with a zone", new.rma);
                return Err(Response::refuse(422, "bad_time", &message));
            }
            if let Some(bad) =
                new.lines.iter().find(|l| l.quantity <= 0 || !TYPES.contains(&l.r#type.as_str()))
            {
                let message = format!("return {} line {}: bad quantity or type", new.rma, bad.line);
                return Err(Response::refuse(422, "bad_line", &message));
            }
        }
        for new in &wish.returns {
            self.known.insert(new.rma.as_str().into());
            let requested = when::parse(&new.requested_at).unwrap_or(at.business);
            let head = Head { reference: &new.rma, at: requested, ..Head::default() };
            let units = new.lines.iter().map(|l| l.quantity).sum();
            self.desk.ledger.document(&head).whole(Kind::ReturnRequested, Some(units));
            self.desk.cloud_event(Moment { business: requested, ..at }, "return.requested", new);
        }
        Ok(Response::json(200, &json!({"requested": wish.returns.len()})))
    }

    fn withdraw(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let wish: Withdrawal = call.json()?;
        if !self.known.contains(wish.rma.0.as_str()) {
            return Err(Response::refuse(
                404,
                "unknown_return",
                &format!("there is no return '{}'", wish.rma.0),
            ));
        }
        let data = json!({"rma": wish.rma.0, "reason": wish.reason});
        self.desk.cloud_event(at, "return.cancelled", &data);
        Ok(Response::json(200, &json!({"rma": wish.rma.0})))
    }

    fn update(&mut self, at: Moment, rma: &str, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        if !self.known.contains(rma) {
            return Err(Response::refuse(404, "unknown_return", &format!("there is no return '{rma}'")));
        }
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let update: Update = call.json()?;
        if update.id != id || update.rma != rma {
            let message = format!("the path says '{rma}/{id}', the body '{}/{}'", update.rma, update.id);
            return Err(Response::refuse(422, "id_differs", &message));
        }
        let kind = kind(&update.status).ok_or_else(|| {
            Response::refuse(422, "unknown_status", &format!("there is no status '{}'", update.status))
        })?;
        let head = Head {
            reference: rma,
            id,
            amount: update.refunded.as_ref().map(|m| m.amount),
            currency: update.refunded.as_ref().map_or("", |m| &m.currency),
            at: at.business,
            ..Head::default()
        };
        let units = update.lines.iter().map(|l| l.quantity).sum();
        self.desk.ledger.document(&head).whole(kind, Some(units));
        Ok(self.desk.written.done(call, "UPD", None))
    }
}

impl Vendor for Returns {
    fn desk(&self) -> &Desk {
        &self.desk
    }

    fn desk_mut(&mut self) -> &mut Desk {
        &mut self.desk
    }

    fn configure(&mut self, config: &WorldConfig) {
        self.desk.configure(config);
    }

    fn api(&mut self, at: Moment, call: &Call<'_>, _: Fate) -> Response {
        let answer = match (call.method, call.path().as_slice()) {
            ("PUT", ["returns", rma, "updates", id]) => self.update(at, rma, id, call),
            _ => Err(Response::not_found("the returns platform has no such operation")),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn lab(&mut self, at: Moment, path: &[&str], call: &Call<'_>) -> Response {
        let answer = match (call.method, path) {
            ("POST", ["returns"]) => self.ask(at, call),
            ("POST", ["cancellations"]) => self.withdraw(at, call),
            _ => Err(Response::not_found("see the README for what /returns/_lab takes")),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn run(&mut self, _: Moment) {}

    fn agenda(&self) -> AgendaState {
        AgendaState::default()
    }
}
