//! What others wish changed of an order, and what they report of its way to the customer, as they write it.

use super::amended::Status;
use super::delivery::Address;
use super::events::{SubmittedLine, SubmittedTender, Units};
use crate::read::field;
use retail::time::Time;
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LinesChanged {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    #[serde(default)]
    pub add: Vec<SubmittedLine>,
    #[serde(default)]
    pub change: Vec<Quantity>,
    /// Authorised for what the change costs.
    #[serde(default)]
    pub tenders: Vec<SubmittedTender>,
    #[serde(default)]
    pub by: Option<String>,
}

/// How many of a line are wanted in all.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Quantity {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    /// From nothing on.
    #[serde(deserialize_with = "field::wanted")]
    pub quantity: i64,
    /// What the units that are added cost together, tax included; at the line's own price where it is not said.
    #[serde(default)]
    pub amount: Option<i64>,
    #[serde(default)]
    pub tax: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AddressChanged {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    pub ship_to: Address,
    #[serde(default)]
    pub by: Option<String>,
}

/// Goods wait at a place for whoever collects them.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Ready {
    #[serde(deserialize_with = "field::fulfilment")]
    pub fulfilment: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    pub ready_at: Time,
}

/// They were collected.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PickedUp {
    #[serde(deserialize_with = "field::fulfilment")]
    pub fulfilment: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::shipment")]
    pub shipment: String,
    pub picked_up_at: Time,
    #[serde(default)]
    pub lines: Vec<Units>,
}

/// A carrier's word on a parcel.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Tracked {
    pub tracking: String,
    pub status: Status,
    pub at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
