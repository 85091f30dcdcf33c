//! Who writes to customers. Its ledger says what it wrote; the number of what a message tells of is the same however
//! the message is called, so that a repeat under another name shows.

use super::{idle, same, vendor};
use crate::base::agenda::AgendaState;
use crate::base::desk::{Desk, Vendor};
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::same::sameness;
use crate::base::system::System;
use crate::config::WorldConfig;
use serde::Deserialize;
use serde_json::{Value, json};

/// The state of the writer.
#[derive(Debug)]
pub(crate) struct Notifications {
    desk: Desk,
}

/// Milestones for which it has a text.
const TEXTS: [&str; 16] = [
    "order_confirmed",
    "order_held",
    "order_shipped",
    "out_for_delivery",
    "order_delivered",
    "ready_for_pickup",
    "order_cancelled",
    "backorder_promised",
    "return_approved",
    "return_declined",
    "return_received",
    "return_rejected",
    "refund_sent",
    "store_credit_issued",
    "exchange_shipped",
    "payment_due",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    id: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    rma: String,
    #[serde(default, rename = "customer")]
    _customer: String,
    milestone: String,
    data: Value,
}

impl Notifications {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        Self { desk: Desk::new(System::Notifications, config) }
    }

    fn write_to(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let path = call.path();
        let ("PUT", ["messages", id]) = (call.method, path.as_slice()) else {
            return Err(Response::not_found("customers are written to by PUT /messages/{id}"));
        };
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let message: Message = call.json()?;
        same(id, &message.id)?;
        if !TEXTS.contains(&message.milestone.as_str()) {
            let why = format!("there is no text for '{}'", message.milestone);
            return Err(Response::refuse(422, "unknown_milestone", &why));
        }
        let about = if message.rma.is_empty() { &message.order } else { &message.rma };
        let told = json!([about, message.milestone, message.data]).to_string();
        let number = format!("{:016x}", sameness(told.as_bytes()));
        let head =
            Head { reference: id, order: &message.order, id: &number, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).worded(Kind::Message, &message.milestone, None);
        Ok(self.desk.written.done(call, "MSG", None))
    }
}

impl Vendor for Notifications {
    vendor!(write_to);
    idle!();
}
