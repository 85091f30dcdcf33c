//! What returns platforms and warehouses report about a return, as they write it.

use crate::read::field;
use retail::money::{Currency, UnitPrice};
use retail::returns::{Disposition, Grade, LineOutcome, Regime, ReturnStart, ReturnType};
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
    /// The channel where it was asked for; none for the returns platform.
    #[serde(default, deserialize_with = "given_id")]
    pub source: Option<String>,
    #[serde(default)]
    pub start: ReturnStart,
    /// The store where the goods were handed over.
    #[serde(default, deserialize_with = "given_id")]
    pub place: Option<String>,
    /// The parcel that it comes in, or the refused one.
    #[serde(default)]
    pub tracking: Option<String>,
    /// A refund that was made already.
    #[serde(default)]
    pub refund: Option<MadeElsewhere>,
    pub lines: Vec<RequestedLine>,
}

/// A refund that somebody else has made.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MadeElsewhere {
    #[serde(deserialize_with = "field::payment")]
    pub payment: String,
    #[serde(deserialize_with = "field::refund")]
    pub refund: String,
    #[serde(deserialize_with = "field::amount")]
    pub amount: i64,
    pub currency: Currency,
}

/// What a customer wants instead of a line's units.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Wanted {
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub category: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
    pub unit_price: UnitPrice,
    #[serde(deserialize_with = "field::amount")]
    pub amount: i64,
    #[serde(default, deserialize_with = "field::tax")]
    pub tax: i64,
    #[serde(default = "yes")]
    pub tax_included: bool,
    /// Sent before the goods have come.
    #[serde(default)]
    pub advance: bool,
    #[serde(default)]
    pub tender: Option<GivenTender>,
}

/// A tender for what an exchange costs beyond the credit.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct GivenTender {
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    #[serde(default)]
    pub kind: String,
    #[serde(deserialize_with = "field::executor")]
    pub executor: String,
    #[serde(deserialize_with = "field::payment")]
    pub payment: String,
    #[serde(deserialize_with = "field::authorised")]
    pub authorised: i64,
    #[serde(default)]
    pub several: bool,
    #[serde(default)]
    pub expires_at: Option<Time>,
}

const fn yes() -> bool {
    true
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
    /// What the customer gets for it.
    #[serde(default)]
    pub outcome: LineOutcome,
    /// Whether the goods stay with the customer.
    #[serde(default)]
    pub keep: bool,
    #[serde(default)]
    pub exchange: Option<Wanted>,
    /// Whether the exchange is sent before the goods have come.
    #[serde(default)]
    pub advance: bool,
    /// What was found at the counter.
    #[serde(default)]
    pub grade: Option<Grade>,
}

/// An empty one is none.
fn given_id<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let given = Option::<String>::deserialize(d)?.filter(|id| !id.is_empty());
    given.map(|id| field::id(IntoDeserializer::<D::Error>::into_deserializer(id))).transpose()
}

/// An empty one is none.
fn given_sku<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let given = Option::<String>::deserialize(d).map_err(|e| D::Error::custom(format_args!("`sku`: {e}")))?;
    let given = given.filter(|sku| !sku.is_empty());
    given.map(|sku| field::sku(IntoDeserializer::<D::Error>::into_deserializer(sku))).transpose()
}

/// Goods that a place has received.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Received {
    #[serde(deserialize_with = "field::receipt")]
    pub receipt: String,
    /// None for goods that nobody announced.
    #[serde(default, deserialize_with = "given_id", skip_serializing_if = "Option::is_none")]
    pub rma: Option<String>,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    pub received_at: Time,
    /// The order that the parcel names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// What is written on the parcel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
    pub lines: Vec<ReceivedLine>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ReceivedLine {
    /// Absent for goods that the warehouse could not match.
    #[serde(default)]
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
    /// The return that it belongs to, where that is another one in the same parcel.
    #[serde(default, deserialize_with = "given_id", skip_serializing_if = "Option::is_none")]
    pub rma: Option<String>,
    /// The sale, where the parcel names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_line: Option<String>,
}

impl ReceivedLine {
    /// Whether it belongs to this return.
    pub fn is_of(&self, rma: &str) -> bool {
        self.rma.as_deref().is_none_or(|own| own == rma)
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Inspected {
    #[serde(deserialize_with = "field::inspection")]
    pub inspection: String,
    #[serde(default, deserialize_with = "given_id", skip_serializing_if = "Option::is_none")]
    pub rma: Option<String>,
    /// Where, for goods that nobody announced.
    #[serde(default, deserialize_with = "given_id", skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    #[serde(deserialize_with = "field::receipt")]
    pub receipt: String,
    pub lines: Vec<InspectedLine>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
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
    /// As of a received line.
    #[serde(default, deserialize_with = "given_id", skip_serializing_if = "Option::is_none")]
    pub rma: Option<String>,
}

/// Somebody has found the sale of a line, or that there is none.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Matched {
    #[serde(deserialize_with = "field::rma")]
    pub rma: String,
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    /// None: there is no sale.
    #[serde(default, deserialize_with = "given_id")]
    pub order: Option<String>,
    #[serde(default)]
    pub order_line: Option<String>,
    #[serde(default)]
    pub by: Option<String>,
}

/// A parcel will not come.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Lost {
    #[serde(deserialize_with = "field::rma")]
    pub rma: String,
    /// Whether its units are credited all the same; policy where nobody says.
    #[serde(default)]
    pub refund: Option<bool>,
    #[serde(default)]
    pub by: Option<String>,
}

/// A carrier says where the parcel is.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Tracked {
    pub tracking: String,
    pub status: String,
    pub at: Time,
}

/// Units that were set apart to be refurbished are done.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Refurbished {
    #[serde(deserialize_with = "field::rma")]
    pub rma: String,
    /// The disposition `{rma}-D{n}` that set them apart.
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    #[serde(default)]
    pub by: Option<String>,
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
    /// Which of the units; none for all that are set apart.
    #[serde(default)]
    pub lines: Option<Vec<DecidedLine>>,
    #[serde(default)]
    pub by: Option<String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DecidedLine {
    #[serde(default)]
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
}

/// A person says: offer again what was refused.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RetryRequested {
    #[serde(deserialize_with = "field::rma")]
    pub rma: String,
}
