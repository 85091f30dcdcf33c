//! Ids as types of their own, so that an order's id cannot be passed where a return's is meant.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self { Self(text.into()) }
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self { Self(text.to_owned()) }
        }
    )+};
}

ids! {
    /// A brand: the outermost key of everything.
    TenantId,
    /// A company with its own functional currency and tax registrations.
    LegalEntityId,
    /// The hub's id of an order: `{source}-{source id}`, for example `shop-536365`.
    OrderId,
    /// A line of an order, unique within it.
    LineId,
    /// What is sold and stocked, in the retailer's own upper-case code.
    Sku,
    /// A warehouse, store or any other place that holds stock; in transit is a place.
    PlaceId,
    /// The places that can serve a channel.
    PoolId,
    /// A request to the order management system to source part of an order: `{order}-R{n}`.
    ReleaseId,
    /// A fulfilment order: one place's or vendor's share of an order.
    FulfilmentId,
    /// What left a place at one time, as the warehouse names it.
    ShipmentId,
    /// One package of a shipment.
    ParcelId,
    /// A return's number: the returns platform's, or the hub's when goods arrive unannounced.
    Rma,
    /// A line of a return, unique within it.
    ReturnLineId,
    /// One arrival of returned goods, as the warehouse names it.
    ReceiptId,
    /// One look at returned goods, as the warehouse names it.
    InspectionId,
    /// What an order granted back: `{order}-C{n}`.
    CreditId,
    /// A means of payment within an order.
    TenderId,
    /// The name under which the estate knows a connected system.
    SystemId,
    /// A provider's reference of a payment, for example a payment intent.
    PaymentRef,
}
