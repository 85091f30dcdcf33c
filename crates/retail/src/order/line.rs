//! A line of an order, its counters, and the status that is read off them.

use super::price::{self, PriceComponent};
use crate::ids::{LineId, Sku};
use crate::money::{Money, MoneyError};
use crate::quantity::Quantity;
use crate::time::Time;
use serde::{Deserialize, Serialize};

words! {
    /// What a line is about.
    LineKind {
        /// Kept in stock and shipped.
        Goods = "goods",
        GiftCard = "gift_card",
        Service = "service",
        Shipping = "shipping",
        Fee = "fee",
        Duty = "duty",
    }
}

impl LineKind {
    /// Whether stock is reserved and shipped for it.
    #[must_use]
    pub const fn is_stocked(self) -> bool {
        matches!(self, Self::Goods)
    }
}

/// Where a line's units come from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Supply {
    #[default]
    Stock,
    /// Sold before it is out.
    PreOrder { available_from: Time },
    /// Sold while there is none, against supply to come.
    Backorder {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected: Option<Time>,
    },
    /// Shipped by its vendor.
    DropShip { vendor: String },
    /// Nothing is shipped.
    Digital,
}

/// How many units of a line have come how far. Base units; each only ever rises, but `reserved`, `backordered`
/// and `released`, which say how many are so now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Counters {
    pub ordered: i64,
    pub cancelled: i64,
    pub reserved: i64,
    pub backordered: i64,
    /// Passed on to be sourced and not shipped yet.
    pub released: i64,
    pub shipped: i64,
    pub delivered: i64,
    pub invoiced: i64,
    pub returned: i64,
    pub credited: i64,
}

words! {
    /// How far a line has come: read off its counters.
    LineStatus {
        /// Accepted; nothing is set aside for it yet.
        Open = "open",
        Backordered = "backordered",
        Reserved = "reserved",
        Released = "released",
        PartShipped = "part_shipped",
        Shipped = "shipped",
        Delivered = "delivered",
        PartReturned = "part_returned",
        Returned = "returned",
        Cancelled = "cancelled",
    }
}

impl Counters {
    /// Units that are still to be shipped.
    #[must_use]
    pub const fn outstanding(&self) -> i64 {
        self.ordered - self.cancelled - self.shipped
    }

    /// Units that could still come back.
    #[must_use]
    pub const fn returnable(&self) -> i64 {
        self.shipped - self.returned
    }

    /// Whether the counters can all be true at once.
    #[must_use]
    pub const fn coherent(&self) -> bool {
        self.ordered >= 0
            && self.cancelled >= 0
            && self.reserved >= 0
            && self.backordered >= 0
            && self.released >= 0
            && self.returned >= 0
            && self.credited >= 0
            && self.cancelled.saturating_add(self.shipped) <= self.ordered
            && self.reserved.saturating_add(self.backordered) <= self.outstanding()
            && self.delivered <= self.shipped
            && self.returned <= self.shipped
    }

    /// The one word for it, the least advanced outstanding unit first.
    #[must_use]
    pub const fn status(&self) -> LineStatus {
        if self.outstanding() > 0 {
            if self.shipped > 0 {
                LineStatus::PartShipped
            } else if self.backordered > 0 {
                LineStatus::Backordered
            } else if self.released > 0 {
                LineStatus::Released
            } else if self.reserved > 0 {
                LineStatus::Reserved
            } else {
                LineStatus::Open
            }
        } else if self.shipped == 0 {
            LineStatus::Cancelled
        } else if self.returned == self.shipped {
            LineStatus::Returned
        } else if self.returned > 0 {
            LineStatus::PartReturned
        } else if self.delivered == self.shipped {
            LineStatus::Delivered
        } else {
            LineStatus::Shipped
        }
    }
}

/// A line of an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderLine {
    pub line: LineId,
    /// The bundle's line that this is a component of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<LineId>,
    pub kind: LineKind,
    pub sku: Sku,
    pub title: String,
    /// What decides returns policy, for example `hygiene`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// As ordered, in the unit of sale; the counters are in base units.
    pub quantity: Quantity,
    /// Base units in one unit of sale, for example 12 in a case of 12.
    pub base_units: i64,
    #[serde(default)]
    pub supply: Supply,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_until: Option<Time>,
    pub price: Vec<PriceComponent>,
    #[serde(default)]
    pub counters: Counters,
}

impl OrderLine {
    /// A plain line of goods from stock, sold by the piece.
    #[must_use]
    pub fn goods(line: &str, sku: &str, quantity: i64, list: Money) -> Self {
        Self {
            line: line.into(),
            parent: None,
            kind: LineKind::Goods,
            sku: sku.into(),
            title: String::new(),
            category: String::new(),
            quantity: Quantity::each(quantity),
            base_units: 1,
            supply: Supply::Stock,
            return_until: None,
            price: vec![PriceComponent::list(list)],
            counters: Counters { ordered: quantity, ..Counters::default() },
        }
    }

    /// What the customer pays for the whole line. `None` when it has no price.
    ///
    /// # Errors
    /// When its parts are in different currencies or overflow.
    pub fn charge(&self) -> Result<Option<Money>, MoneyError> {
        price::charge(&self.price)
    }

    /// The tax in [`OrderLine::charge`].
    ///
    /// # Errors
    /// As [`OrderLine::charge`].
    pub fn tax(&self) -> Result<Option<Money>, MoneyError> {
        price::tax(&self.price)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_off_the_counters() {
        use LineStatus::*;
        let six = Counters { ordered: 6, ..Counters::default() };
        for (counters, status) in [
            (six, Open),
            (Counters { reserved: 6, ..six }, Reserved),
            (Counters { reserved: 4, backordered: 2, ..six }, Backordered),
            (Counters { reserved: 6, released: 6, ..six }, Released),
            (Counters { shipped: 4, reserved: 2, ..six }, PartShipped),
            (Counters { shipped: 4, cancelled: 2, ..six }, Shipped),
            (Counters { shipped: 6, delivered: 6, ..six }, Delivered),
            (Counters { shipped: 6, delivered: 6, returned: 1, ..six }, PartReturned),
            (Counters { shipped: 6, returned: 6, ..six }, Returned),
            (Counters { cancelled: 6, ..six }, Cancelled),
        ] {
            assert!(counters.coherent(), "{counters:?}");
            assert_eq!(counters.status(), status, "{counters:?}");
        }
    }

    #[test]
    fn counters_that_cannot_all_be_true_are_told() {
        let six = Counters { ordered: 6, ..Counters::default() };
        for bad in [
            Counters { cancelled: 1, shipped: 6, ..six },
            Counters { shipped: 5, returned: 6, ..six },
            Counters { reserved: 5, backordered: 2, ..six },
            Counters { cancelled: -1, ..six },
        ] {
            assert!(!bad.coherent(), "{bad:?}");
        }
    }
}
