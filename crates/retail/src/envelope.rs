//! What goes into and comes out of the hub: names, events, commands, outcomes. The hub and the connector
//! engine speak these and nothing more of retail.

use crate::time::{Span, Time};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt;

/// JSON text kept as it came, so that amounts keep their digits and nothing is parsed twice.
pub type Json = Box<RawValue>;

/// Writes a value as [`Json`].
///
/// # Errors
/// When the value cannot be written as JSON, for example a map whose keys are not text.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Json, serde_json::Error> {
    serde_json::value::to_raw_value(value)
}

/// The name of a case: what an event is about, before anyone knows whether it exists here.
/// Kinds are `order`, `return`, `refund`, `pool`; the value is unique per tenant and kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Name {
    pub tenant: String,
    pub kind: String,
    pub value: String,
}

impl Name {
    #[must_use]
    pub fn new(tenant: impl Into<String>, kind: impl Into<String>, value: impl Into<String>) -> Self {
        Self { tenant: tenant.into(), kind: kind.into(), value: value.into() }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.tenant, self.kind, self.value)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Something that happened elsewhere, in canonical form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    /// What happened, in the past tense: `order.submitted`, `shipment.confirmed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The case it concerns.
    pub name: Name,
    /// When it happened, by the sender's word; the hub's own time stands on the journal row.
    pub occurred: Time,
    pub data: Json,
}

/// The share of a lane that a command draws on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Refund,
    Checkout,
    Fulfilment,
    Status,
    Bulk,
}

/// Something the hub wants done elsewhere. Its key is made from the business fact, never from the attempt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Command {
    /// Who is meant: `erp`, `oms`, `wms`, `payments`, `storefront`, `returns`.
    pub role: String,
    /// Which of several that play the role: a place for `wms`, an executor for `payments`, else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// The canonical operation: `create_sales_order`, `refund`.
    pub op: String,
    /// The object it changes over there. One command per object is open at a time.
    pub object: String,
    /// The idempotency key: the same over every attempt, unique per fact.
    pub key: String,
    pub class: Class,
    pub args: Json,
}

/// The code of a fault that proves that nothing of a command has ever reached its system.
pub const NOT_SENT: &str = "not_sent";

/// What became of a command. There is no sixth thing that can happen.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It is done; `result` is what the connector promises for the operation.
    Done { result: Json },
    /// It was not done and sending it again as it is will not help.
    Refused { code: String, message: String },
    /// It was not done; the system asked to wait.
    Throttled { retry_after: Option<Span> },
    /// It was taken; the verdict comes by event or look-up.
    Accepted { result: Json },
    /// Nobody knows yet whether it was done.
    Unknown { why: String },
    /// Look-up only: it is not there. Proof only once the settle time has passed.
    Absent,
    /// Our own fault, such as a mapping that failed: a person must look, nothing is sent again. [`NOT_SENT`] where
    /// the system could not be reached in all the time allowed.
    Fault { code: String, message: String },
}
