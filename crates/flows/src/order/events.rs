//! What others report about an order, as they write it.

use crate::read::field;
use retail::money::{Currency, UnitPrice};
use retail::order::LineKind;
use retail::time::Time;
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Submitted {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::source")]
    pub source: String,
    #[serde(deserialize_with = "field::source_id")]
    pub source_id: String,
    #[serde(default)]
    pub number: String,
    pub placed_at: Time,
    pub currency: Currency,
    #[serde(default)]
    pub customer: Option<String>,
    pub lines: Vec<SubmittedLine>,
    #[serde(deserialize_with = "field::total")]
    pub total: i64,
    #[serde(default)]
    pub tenders: Vec<SubmittedTender>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SubmittedLine {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(default)]
    pub title: String,
    pub kind: LineKind,
    #[serde(default)]
    pub category: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
    pub unit_price: UnitPrice,
    #[serde(deserialize_with = "field::amount")]
    pub amount: i64,
    #[serde(default, deserialize_with = "field::discount")]
    pub discount: i64,
    #[serde(default, deserialize_with = "field::tax")]
    pub tax: i64,
    #[serde(default = "yes")]
    pub tax_included: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SubmittedTender {
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub executor: String,
    #[serde(deserialize_with = "field::payment")]
    pub payment: String,
    #[serde(deserialize_with = "field::authorised")]
    pub authorised: i64,
    /// Whether its executor allows several captures.
    #[serde(default)]
    pub several: bool,
}

const fn yes() -> bool {
    true
}

/// Units of a line, with the SKU that the sender believes it to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Units {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
}

/// Units of a line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Part {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
}

/// What is not allocated is short, whether or not it is said so.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Allocated {
    #[serde(deserialize_with = "field::release")]
    pub release: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(default)]
    pub fulfilments: Vec<Share>,
}

/// One place's share of a release.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Share {
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    pub lines: Vec<Units>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Confirmed {
    #[serde(deserialize_with = "field::shipment")]
    pub shipment: String,
    #[serde(deserialize_with = "field::fulfilment")]
    pub fulfilment: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    pub shipped_at: Time,
    pub parcels: Vec<Parcel>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Parcel {
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    #[serde(default)]
    pub carrier: String,
    #[serde(default)]
    pub tracking: String,
    pub lines: Vec<Units>,
}

#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Delivered {
    #[serde(deserialize_with = "field::shipment")]
    pub shipment: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    pub delivered_at: Time,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Short {
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    #[serde(deserialize_with = "field::fulfilment")]
    pub fulfilment: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    pub lines: Vec<Units>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CancelRequested {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(default)]
    pub reason: String,
    /// None: all that is left.
    #[serde(default)]
    pub lines: Option<Vec<Part>>,
    /// The sender's own number for the request, where it has one.
    #[serde(default)]
    pub id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Captured {
    #[serde(deserialize_with = "field::payment")]
    pub payment: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::amount")]
    pub amount: i64,
    pub currency: Currency,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RefundedElsewhere {
    #[serde(deserialize_with = "field::payment")]
    pub payment: String,
    /// Empty where the provider knows the payment only; the message then came under the payment's name.
    #[serde(default)]
    pub order: String,
    #[serde(deserialize_with = "field::refund")]
    pub refund: String,
    #[serde(deserialize_with = "field::amount")]
    pub amount: i64,
    pub currency: Currency,
}

/// A person says: offer again what was refused.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RetryRequested {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
}
