//! How goods leave: fulfilment orders, shipments, parcels.

use crate::ids::{FulfilmentId, LineId, OrderId, ParcelId, PlaceId, ShipmentId, Sku};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// How the customer gets the goods.
    FulfilmentMethod {
        Ship = "ship",
        PickUp = "pick_up",
        ShipToStore = "ship_to_store",
    }
}

words! {
    /// Where a fulfilment order stands.
    FulfilmentStatus {
        Scheduled = "scheduled",
        Open = "open",
        OnHold = "on_hold",
        InProgress = "in_progress",
        /// Closed with units that could not be shipped.
        Incomplete = "incomplete",
        Closed = "closed",
        Cancelled = "cancelled",
    }
}

impl FulfilmentStatus {
    /// Whether nothing more will leave under it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Incomplete | Self::Closed | Self::Cancelled)
    }
}

/// Who fulfils.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fulfiller {
    Place(PlaceId),
    /// Ships itself what we sold.
    Vendor(String),
}

/// One place's or vendor's share of an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FulfilmentOrder {
    pub id: FulfilmentId,
    pub order: OrderId,
    pub by: Fulfiller,
    pub method: FulfilmentMethod,
    pub status: FulfilmentStatus,
    pub lines: Vec<FulfilmentLine>,
}

/// Units of an order line that a fulfilment order asks for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FulfilmentLine {
    pub line: LineId,
    pub sku: Sku,
    /// Base units.
    pub quantity: i64,
}

/// What left a place at one time. Its contents may answer several fulfilment orders, and one of those may leave
/// in several shipments. Shipped, delivered and picked up are separate facts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shipment {
    pub id: ShipmentId,
    pub place: PlaceId,
    pub shipped_at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picked_up_at: Option<Time>,
    pub parcels: Vec<Parcel>,
}

/// One package.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Parcel {
    pub id: ParcelId,
    pub carrier: String,
    pub tracking: String,
    pub contents: Vec<Content>,
}

/// Units in a parcel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Content {
    pub fulfilment: FulfilmentId,
    pub line: LineId,
    pub sku: Sku,
    /// Base units.
    pub quantity: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// One per unit, where the goods have serial numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serials: Vec<String>,
}

words! {
    /// Which fact passes control of the goods to the customer: revenue is recognised then.
    ControlAt {
        Shipped = "shipped",
        Delivered = "delivered",
        PickedUp = "picked_up",
    }
}

impl Shipment {
    fn contents(&self) -> impl Iterator<Item = &Content> {
        self.parcels.iter().flat_map(|p| &p.contents)
    }

    /// The fulfilment orders that it answers.
    #[must_use]
    pub fn fulfilments(&self) -> BTreeSet<&FulfilmentId> {
        self.contents().map(|c| &c.fulfilment).collect()
    }

    /// Units per fulfilment order and line, over all parcels.
    #[must_use]
    pub fn quantities(&self) -> BTreeMap<(&FulfilmentId, &LineId), i64> {
        let mut sums = BTreeMap::new();
        for c in self.contents() {
            *sums.entry((&c.fulfilment, &c.line)).or_default() += c.quantity;
        }
        sums
    }

    /// When control passed, by the given policy; `None` while it has not.
    #[must_use]
    pub const fn control_passed(&self, policy: ControlAt) -> Option<Time> {
        match policy {
            ControlAt::Shipped => Some(self.shipped_at),
            ControlAt::Delivered => self.delivered_at,
            ControlAt::PickedUp => self.picked_up_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipment_answers_several_fulfilment_orders_through_its_contents() {
        let content = |fulfilment: &str, line: &str, quantity| Content {
            fulfilment: fulfilment.into(),
            line: line.into(),
            sku: "85123A".into(),
            quantity,
            lot: None,
            serials: Vec::new(),
        };
        let parcel = |id: &str, contents| Parcel {
            id: id.into(),
            carrier: "post".into(),
            tracking: String::new(),
            contents,
        };
        let shipment = Shipment {
            id: "S1".into(),
            place: "north".into(),
            shipped_at: Time(5),
            delivered_at: None,
            picked_up_at: None,
            parcels: vec![
                parcel("P1", vec![content("shop-1-F1", "1", 2), content("shop-2-F1", "1", 1)]),
                parcel("P2", vec![content("shop-1-F1", "1", 3)]),
            ],
        };
        assert_eq!(shipment.fulfilments().len(), 2);
        assert_eq!(shipment.quantities()[&(&"shop-1-F1".into(), &"1".into())], 5);
        assert_eq!(shipment.control_passed(ControlAt::Shipped), Some(Time(5)));
        assert_eq!(shipment.control_passed(ControlAt::Delivered), None);
    }
}
