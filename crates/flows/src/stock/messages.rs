//! What orders, returns and a pool tell each other about stock, and what places report to it. Quantities are
//! base units, at least one.

use super::spot::Kind;
use crate::read::{MAX_QUANTITY, field};
use retail::returns::Grade;
use retail::time::Time;
use serde::{Deserialize, Deserializer, Serialize, de};

/// Units wanted for an order line, wherever they come from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Wanted {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
    /// The place that they are to be had at, if it has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Units of an order line at a place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Held {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
}

/// `stock.reserve`, from an order: its whole demand of goods. Asked once; asking again changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reserve {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    /// The order's `source`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub channel: String,
    /// A checkout's hold that it takes over: its units come first, and what it does not want of them is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    pub lines: Vec<Wanted>,
}

/// `stock.reserved`, to the order: the definite answer. What is short waits in the pool in order of arrival.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reserved {
    pub order: String,
    pub lines: Vec<Held>,
    pub short: Vec<Wanted>,
    /// What of it is promised of which expected supply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<Promise>,
}

/// Units of an order line that are to come with a supply.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Promise {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    /// The purchase order line, by its sender's number.
    pub supply: String,
    /// The day it is expected, `YYYY-MM-DD`.
    pub date: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
}

/// `stock.promised`, to the order: what is promised to these lines has changed; it is all of `expected`, and no
/// more. Lines that stand in `lines` only are promised nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Promised {
    pub order: String,
    pub lines: Vec<String>,
    pub expected: Vec<Promise>,
}

/// `stock.withdrawn`, to the order: a count or a report took units that it has reserved. What it has not passed on
/// it gives up by `stock.given_up`; about what is released the warehouse will have to say.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Withdrawn {
    pub order: String,
    pub lines: Vec<Held>,
}

/// `stock.given_up`, from an order: it gives up these reservations, which nothing stands behind, and wants other
/// units instead.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GivenUp {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    pub lines: Vec<Held>,
}

/// `stock.supplied`, to the order: units that waited are reserved now. An order that no longer wants them gives
/// them back by `stock.release`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Supplied {
    pub order: String,
    pub lines: Vec<Held>,
}

/// `stock.ship`, from an order: these units have left. Once per shipment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ship {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::shipment")]
    pub shipment: String,
    /// When they left, by the place's word. Absent: when the pool is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    pub lines: Vec<Held>,
}

/// `stock.release`, from an order: it gives up exactly these reservations and this waiting demand. What is not
/// so any more (it shipped, it was supplied meanwhile) stays as it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Release {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    pub reason: String,
    #[serde(default)]
    pub lines: Vec<Held>,
    #[serde(default)]
    pub waiting: Vec<Wanted>,
}

/// `stock.missing`, from an order: the place could not find these units. On hand goes down, the reservation ends,
/// and the pool tries elsewhere; what it does not find waits, before demand that came later.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Missing {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::fulfilment")]
    pub fulfilment: String,
    /// When it did not find them, by the place's word. Absent: when the pool is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    pub lines: Vec<Held>,
}

/// `stock.shelf_touched`, from an order or a return: a storefront that keeps stock by place has booked a movement of
/// these SKUs by itself. Saying it again does no harm.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShelfTouched {
    /// The storefront's `source`.
    pub channel: String,
    pub skus: Vec<String>,
}

/// `stock.returned`, from a return: units that were put back on sale. Once per (rma, id).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Returned {
    #[serde(deserialize_with = "field::rma")]
    pub rma: String,
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    /// When they were put back, by the place's word. Absent: when the pool is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    pub lines: Vec<Restocked>,
}

/// Units put back on sale at a place, in the condition that is given, else in that of their grade.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Restocked {
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    #[serde(flatten)]
    pub kind: Kind,
}

/// `stock.received`, from a place: supply came in. Once per (place, receipt).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Received {
    #[serde(deserialize_with = "field::receipt")]
    pub receipt: String,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    /// The supply that it is of: those who were promised it are served first.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "supply")]
    pub supply: Option<String>,
    pub lines: Vec<ReceivedLine>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReceivedLine {
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
    /// The SKU's category, where the place knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(flatten)]
    pub kind: Kind,
}

/// `stock.counted`, from a place: what it had at `as_of`. Once per (place, count).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Counted {
    #[serde(deserialize_with = "count")]
    pub count: String,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    pub as_of: Time,
    pub lines: Vec<CountedLine>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CountedLine {
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "on_hand")]
    pub on_hand: i64,
    /// The SKU's category, where the place knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(flatten)]
    pub kind: Kind,
}

/// `stock.adjusted`, from a place: units were found (positive), or lost, broken or stolen (negative). Once per
/// (place, adjustment).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Adjusted {
    #[serde(deserialize_with = "adjustment")]
    pub adjustment: String,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    #[serde(default)]
    pub reason: String,
    pub lines: Vec<AdjustedLine>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AdjustedLine {
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    /// Signed, not zero.
    #[serde(deserialize_with = "signed")]
    pub quantity: i64,
    #[serde(flatten)]
    pub kind: Kind,
}

fn supply<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    field::id(d).map(Some).map_err(|e| de::Error::custom(format!("`supply`: {e}")))
}

fn count<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    field::id(d).map_err(|e| de::Error::custom(format!("`count`: {e}")))
}

fn adjustment<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    field::id(d).map_err(|e| de::Error::custom(format!("`adjustment`: {e}")))
}

fn on_hand<'de, D: Deserializer<'de>>(d: D) -> Result<i64, D::Error> {
    let n = i64::deserialize(d)?;
    if (0..=MAX_QUANTITY).contains(&n) {
        Ok(n)
    } else {
        Err(de::Error::custom(format!("`on_hand` is {n}; it must be from 0 to {MAX_QUANTITY}")))
    }
}

fn signed<'de, D: Deserializer<'de>>(d: D) -> Result<i64, D::Error> {
    let n = i64::deserialize(d)?;
    if n != 0 && (-MAX_QUANTITY..=MAX_QUANTITY).contains(&n) {
        Ok(n)
    } else {
        Err(de::Error::custom(format!(
            "`quantity` is {n}; it must not be 0 and at most {MAX_QUANTITY} either way"
        )))
    }
}
