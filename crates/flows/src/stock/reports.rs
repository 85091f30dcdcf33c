//! What checkouts, purchasing, places in between and storefronts report to a pool. Quantities are base units, at
//! least one unless said otherwise.

use super::spot::Kind;
use crate::read::{MAX_QUANTITY, field};
use retail::time::Time;
use serde::{Deserialize, Deserializer, de};

macro_rules! ids {
    ($($name:ident)+) => {
        $(fn $name<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
            field::id(d).map_err(|e| de::Error::custom(format!(concat!("`", stringify!($name), "`: {}"), e)))
        })+
    };
}

ids! { hold channel transfer from to supply }

/// `stock.hold_requested`, from a checkout: these units are to be kept for a buyer until then.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HoldRequested {
    #[serde(deserialize_with = "hold")]
    pub hold: String,
    #[serde(deserialize_with = "channel")]
    pub channel: String,
    pub lines: Vec<Asked>,
    pub until: Time,
}

/// Units of a SKU.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Asked {
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
}

/// `stock.hold_released`, from a checkout: its buyer has gone.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HoldReleased {
    #[serde(deserialize_with = "hold")]
    pub hold: String,
}

/// `stock.transfer_shipped`, from the place that units left for another. Once per transfer.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TransferShipped {
    #[serde(deserialize_with = "transfer")]
    pub transfer: String,
    #[serde(deserialize_with = "from")]
    pub from: String,
    #[serde(deserialize_with = "to")]
    pub to: String,
    pub lines: Vec<TransferLine>,
}

/// `stock.transfer_received`, from the place where units of a transfer arrived. Once per (transfer, receipt).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TransferReceived {
    #[serde(deserialize_with = "transfer")]
    pub transfer: String,
    /// Tells several arrivals of one transfer apart; left out where there is one.
    #[serde(default)]
    pub receipt: String,
    #[serde(deserialize_with = "to")]
    pub to: String,
    /// Whether more of it is still to arrive.
    #[serde(default)]
    pub more: bool,
    pub lines: Vec<TransferLine>,
}

/// `stock.transfer_lost`: what has not arrived of a transfer never will. Once per transfer.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TransferLost {
    #[serde(deserialize_with = "transfer")]
    pub transfer: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TransferLine {
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
    #[serde(flatten)]
    pub kind: Kind,
}

/// `stock.expected`, from purchasing: what a supply will bring to a place, and when. It replaces what was said of
/// the supply before; a SKU that is not in it any more will not come.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Expected {
    #[serde(deserialize_with = "supply")]
    pub supply: String,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    pub lines: Vec<ExpectedLine>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExpectedLine {
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    /// All that was ordered, also what has come already.
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
    /// `YYYY-MM-DD`.
    #[serde(deserialize_with = "day")]
    pub date: String,
}

/// `stock.shown`, from a storefront: what it shows as available.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Shown {
    #[serde(deserialize_with = "channel")]
    pub channel: String,
    pub lines: Vec<ShownLine>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ShownLine {
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    /// May be below nothing where a storefront sells what it has not.
    #[serde(deserialize_with = "available")]
    pub available: i64,
}

fn day<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let text = String::deserialize(d)?;
    match books::Day::parse(&text) {
        Some(_) => Ok(text),
        None => Err(de::Error::custom(format!("`date` is {text:?}; a day is YYYY-MM-DD"))),
    }
}

fn available<'de, D: Deserializer<'de>>(d: D) -> Result<i64, D::Error> {
    let n = i64::deserialize(d)?;
    if (-MAX_QUANTITY..=MAX_QUANTITY).contains(&n) {
        Ok(n)
    } else {
        Err(de::Error::custom(format!("`available` is {n}; it must be at most {MAX_QUANTITY} either way")))
    }
}
