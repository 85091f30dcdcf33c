//! Roles: what the processes talk to, whichever system it is.

use serde::{Serialize, Serializer};
use std::fmt;

/// A role that commands are sent to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Tells customers; one per source of orders.
    Storefront,
    /// The record of money and stock.
    Erp,
    /// Allocates orders to places.
    Oms,
    /// Ships and receives; one per place.
    Wms,
    /// Captures and refunds; one per executor that tenders name.
    Payments,
    /// The returns platform; one for all, or one per source of orders.
    Returns,
    /// Knows customers, and whom not to sell to.
    Customers,
    /// Knows promotions, and whether an order keeps to them.
    Promotions,
    /// Works tax out, and files what was invoiced and credited.
    Tax,
    /// Screens orders.
    Fraud,
    /// Sells labels, and says where parcels are.
    Carrier,
    /// Writes to customers.
    Notifications,
    /// Where customer service works.
    Service,
}

impl Role {
    /// All roles, in the order in which an order meets them.
    pub const ALL: [Self; 13] = [
        Self::Storefront,
        Self::Erp,
        Self::Oms,
        Self::Wms,
        Self::Payments,
        Self::Returns,
        Self::Customers,
        Self::Promotions,
        Self::Tax,
        Self::Fraud,
        Self::Carrier,
        Self::Notifications,
        Self::Service,
    ];

    /// The word in commands, manifests and the estate.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Storefront => "storefront",
            Self::Erp => "erp",
            Self::Oms => "oms",
            Self::Wms => "wms",
            Self::Payments => "payments",
            Self::Returns => "returns",
            Self::Customers => "customers",
            Self::Promotions => "promotions",
            Self::Tax => "tax",
            Self::Fraud => "fraud",
            Self::Carrier => "carrier",
            Self::Notifications => "notifications",
            Self::Service => "service",
        }
    }

    /// The role with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// What tells several that play the role apart; `None` where one plays it for all.
    #[must_use]
    pub const fn told_apart_by(self) -> Option<&'static str> {
        match self {
            Self::Storefront | Self::Returns => Some("source"),
            Self::Wms => Some("place"),
            Self::Payments => Some("executor"),
            _ => None,
        }
    }

    /// Whether a retailer may do without it: then the processes do not ask. Without the others nothing can be
    /// sold, shipped or paid back.
    #[must_use]
    pub const fn optional(self) -> bool {
        matches!(
            self,
            Self::Customers
                | Self::Promotions
                | Self::Tax
                | Self::Fraud
                | Self::Carrier
                | Self::Notifications
                | Self::Service
        )
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.word())
    }
}

/// A role that a connection plays, and at which source, place or executor. Written `role:at` or `role`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct Play {
    /// The role.
    pub role: Role,
    /// The source, place or executor; empty for the one that plays the role wherever nobody else does.
    pub at: String,
}

impl fmt::Display for Play {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.role.word())?;
        if self.at.is_empty() { Ok(()) } else { write!(f, ":{}", self.at) }
    }
}
