//! What is where, whose it is, and for whom it is set aside.

use crate::ids::{LineId, OrderId, PlaceId, Sku, TenantId};
use crate::time::Time;
use serde::{Deserialize, Serialize};

words! {
    /// What state units are in.
    Condition {
        /// Fit to be sold as new.
        Sellable = "sellable",
        /// Opened, sold as such.
        SecondChoice = "second_choice",
        Damaged = "damaged",
        /// Waiting for a decision.
        Quarantined = "quarantined",
    }
}

/// What a position is counted by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct PositionKey {
    pub tenant: TenantId,
    pub sku: Sku,
    /// In transit is a place too.
    pub place: PlaceId,
    /// Empty for the tenant's own goods; else whose consignment it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    pub condition: Condition,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub lot: String,
}

/// Units of a SKU at a place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StockPosition {
    pub key: PositionKey,
    pub on_hand: i64,
    /// Sum of the open reservations.
    pub reserved: i64,
    /// Held back from sale.
    pub safety: i64,
    /// Up to when movements are contained in the last count; `None` before the first.
    pub as_of: Option<Time>,
}

impl StockPosition {
    /// Available to promise: never below zero.
    #[must_use]
    pub const fn available(&self) -> i64 {
        let free = self.on_hand.saturating_sub(self.reserved).saturating_sub(self.safety);
        if free > 0 { free } else { 0 }
    }
}

/// What a reservation is held against.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    Position(PositionKey),
    /// Supply to come: purchase order and its line.
    Supply {
        purchase_order: String,
        line: LineId,
    },
}

/// Units set aside for an order line; a unit belongs to one order line at most.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reservation {
    pub order: OrderId,
    pub line: LineId,
    pub against: Against,
    /// Base units.
    pub quantity: i64,
}

words! {
    /// How a reservation ended. It ends once; a later ending changes nothing.
    Ending {
        Shipped = "shipped",
        Released = "released",
        Expired = "expired",
        /// The place could not find the units.
        Missing = "missing",
    }
}

/// A line of a purchase order that is still to come in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExpectedSupply {
    pub purchase_order: String,
    pub line: LineId,
    pub sku: Sku,
    pub place: PlaceId,
    /// Units still to come.
    pub open: i64,
    /// Sum of the reservations against it; at most `open`.
    pub reserved: i64,
    pub due: Option<Time>,
}

impl ExpectedSupply {
    /// What can still be promised of it: never below zero.
    #[must_use]
    pub const fn available(&self) -> i64 {
        let free = self.open.saturating_sub(self.reserved);
        if free > 0 { free } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_is_never_shown_below_zero() {
        let key = PositionKey {
            tenant: "acme".into(),
            sku: "85123A".into(),
            place: "north".into(),
            owner: String::new(),
            condition: Condition::Sellable,
            lot: String::new(),
        };
        let position = StockPosition { key, on_hand: 10, reserved: 3, safety: 2, as_of: None };
        assert_eq!(position.available(), 5);
        assert_eq!(StockPosition { safety: 8, ..position.clone() }.available(), 0);
        assert_eq!(StockPosition { on_hand: i64::MIN, ..position }.available(), 0);
    }
}
