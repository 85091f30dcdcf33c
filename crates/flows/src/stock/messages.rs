//! What orders, returns and a pool tell each other about stock, and what places report to it. Quantities are
//! base units, at least one.

use crate::read::{MAX_QUANTITY, field};
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
    pub lines: Vec<Wanted>,
}

/// `stock.reserved`, to the order: the definite answer. What is short waits in the pool in order of arrival.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reserved {
    pub order: String,
    pub lines: Vec<Held>,
    pub short: Vec<Wanted>,
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
    pub lines: Vec<Held>,
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

/// Units put back on sale at a place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Restocked {
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
}

/// `stock.received`, from a place: supply came in. Once per (place, receipt).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Received {
    #[serde(deserialize_with = "field::receipt")]
    pub receipt: String,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    pub lines: Vec<ReceivedLine>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReceivedLine {
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
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
