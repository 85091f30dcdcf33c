//! The parts of an order's changing state that come of changes after checkout, promises, labels and tracking.
//! Stored with every turn of the orders that have any, so member names are short.

use super::bundle::Bundle;
use super::delivery::Address;
use super::doc::Line;
use serde::{Deserialize, Serialize};

/// What was changed after the order was placed.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Amended {
    /// Lines that came after checkout. In memory they follow the document's own.
    #[serde(rename = "l", skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    #[serde(rename = "b", skip_serializing_if = "Vec::is_empty")]
    pub bundles: Vec<Bundle>,
    /// Where goods go now, where that is not what it was.
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Since when, by the customer's clock, milliseconds; an older wish changes nothing.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub moved_at: Option<i64>,
    /// How often the address was changed.
    #[serde(rename = "m", skip_serializing_if = "is_zero")]
    pub moves: u16,
    /// Changes that were taken in.
    #[serde(rename = "c", skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// When a line's quantity was last set, milliseconds: an older wish changes nothing.
    #[serde(rename = "q", skip_serializing_if = "Vec::is_empty")]
    pub set_at: Vec<(String, i64)>,
    /// How many lines the ERP's sales order was written with, where not with those that were placed.
    #[serde(rename = "w", skip_serializing_if = "Option::is_none")]
    pub written: Option<u16>,
    /// What the ERP was told since: (from line, to line, whether it was told the address). `A1`, `A2` ...
    #[serde(rename = "e", skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<(u16, u16, bool)>,
    /// Whether the ERP is still to be told the address.
    #[serde(rename = "u", skip_serializing_if = "std::ops::Not::not")]
    pub untold: bool,
    /// Fulfilment orders that are taken back because of the address.
    #[serde(rename = "f", skip_serializing_if = "Vec::is_empty")]
    pub readdressing: Vec<u16>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(n: &u16) -> bool {
    *n == 0
}

impl Amended {
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Units of a line that wait for supply with a day: line, supply, day (`YYYY-MM-DD`), quantity.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Promised(pub u16, pub String, pub String, pub i64);

/// A label that the hub bought: its tracking number, what is printed, and whether it is to be given back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Label(pub String, pub String, pub bool);

/// A parcel on its way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    #[serde(rename = "t")]
    pub tracking: String,
    /// The shipment, counted from 1.
    #[serde(rename = "n")]
    pub shipment: u16,
    /// (line, quantity); (line, -n) for all units of n lines from that one on.
    #[serde(rename = "l")]
    pub lines: Vec<(u16, i64)>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// When that was so, by the carrier's clock, milliseconds.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// Whether what is to be done about it has been done: the return of a refused parcel is opened once.
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
}

/// How far a parcel has come, by its carrier's word. Of two at the same instant the later one here counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    LabelCreated,
    InTransit,
    OutForDelivery,
    Attempted,
    Delivered,
    AvailableForPickup,
    ReturnedToSender,
    Lost,
    Damaged,
}

impl Status {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::LabelCreated => "label_created",
            Self::InTransit => "in_transit",
            Self::OutForDelivery => "out_for_delivery",
            Self::Attempted => "attempted",
            Self::Delivered => "delivered",
            Self::AvailableForPickup => "available_for_pickup",
            Self::ReturnedToSender => "returned_to_sender",
            Self::Lost => "lost",
            Self::Damaged => "damaged",
        }
    }
}
