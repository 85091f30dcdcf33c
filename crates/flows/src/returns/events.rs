//! What returns platforms and warehouses report about a return, as they write it.

use crate::read::field;
use retail::money::UnitPrice;
use retail::returns::{Disposition, Grade, Regime, ReturnType};
use retail::time::Time;
use serde::de::{Error, IntoDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Requested {
    #[serde(deserialize_with = "field::rma")]
    pub rma: String,
    pub requested_at: Time,
    #[serde(default)]
    pub customer: Option<String>,
    /// Where the sender knows better than the lines' types.
    #[serde(default)]
    pub regime: Option<Regime>,
    /// When the customer gave notice, where that was not with the request.
    #[serde(default)]
    pub notice_at: Option<Time>,
    pub lines: Vec<RequestedLine>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RequestedLine {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(default)]
    pub order: Option<String>,
    #[serde(default)]
    pub order_line: Option<String>,
    /// None where the sender knows the order's line only; the order says what was sold on it.
    #[serde(default, deserialize_with = "given_sku")]
    pub sku: Option<String>,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
    #[serde(default)]
    pub reason: String,
    #[serde(rename = "type")]
    pub kind: ReturnType,
    #[serde(default)]
    pub claimed_unit_price: Option<UnitPrice>,
}

/// An empty one is none.
fn given_sku<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let given = Option::<String>::deserialize(d).map_err(|e| D::Error::custom(format_args!("`sku`: {e}")))?;
    let given = given.filter(|sku| !sku.is_empty());
    given.map(|sku| field::sku(IntoDeserializer::<D::Error>::into_deserializer(sku))).transpose()
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Received {
    #[serde(deserialize_with = "field::receipt")]
    pub receipt: String,
    #[serde(deserialize_with = "field::rma")]
    pub rma: String,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    pub received_at: Time,
    pub lines: Vec<ReceivedLine>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ReceivedLine {
    /// Absent for goods that the warehouse could not match.
    #[serde(default)]
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
}

#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Inspected {
    #[serde(deserialize_with = "field::inspection")]
    pub inspection: String,
    #[serde(deserialize_with = "field::rma")]
    pub rma: String,
    #[serde(deserialize_with = "field::receipt")]
    pub receipt: String,
    pub lines: Vec<InspectedLine>,
}

#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct InspectedLine {
    #[serde(default)]
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
    pub grade: Grade,
    #[serde(deserialize_with = "field::accepted")]
    pub accepted: i64,
    #[serde(deserialize_with = "field::rejected")]
    pub rejected: i64,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Cancelled {
    #[serde(deserialize_with = "field::rma")]
    pub rma: String,
}

/// A person has decided where units in quarantine or refurbishing go.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Decided {
    #[serde(deserialize_with = "field::rma")]
    pub rma: String,
    /// The disposition `{rma}-D{n}` that it follows.
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    pub disposition: Disposition,
}

/// A person says: offer again what was refused.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RetryRequested {
    #[serde(deserialize_with = "field::rma")]
    pub rma: String,
}
