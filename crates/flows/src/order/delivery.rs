//! Where a line's units come from, how the customer gets them, and where to. Part of what was placed.

use super::doc::{Line, ShipTo};
use crate::out::Res;
use crate::read::field;
use hub::process::Fault;
use retail::order::LineKind;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// Where a line's units come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Supply {
    /// A pool of stock.
    #[default]
    Stock,
    /// A pool, not before the day on which it comes out.
    Preorder,
    /// A pool that has none yet.
    Backorder,
    /// Its vendor ships it.
    Dropship,
    /// Nothing is shipped.
    Digital,
}

impl Supply {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub(super) fn is_stock(&self) -> bool {
        *self == Self::Stock
    }
}

/// How the customer gets the goods.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    #[default]
    Ship,
    /// Collected where they are kept.
    Pickup,
    /// Sent to a store and collected there.
    ShipToStore,
    /// A store sends them.
    ShipFromStore,
}

impl Method {
    /// The word in commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ship => "ship",
            Self::Pickup => "pickup",
            Self::ShipToStore => "ship_to_store",
            Self::ShipFromStore => "ship_from_store",
        }
    }
}

/// How, and at which place: the store that hands the goods out or sends them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Deliver {
    #[serde(rename = "m", alias = "method")]
    pub method: Method,
    #[serde(rename = "p", alias = "place", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl Deliver {
    /// Whether the customer comes to a store for it.
    #[must_use]
    pub const fn is_collected(&self) -> bool {
        matches!(self.method, Method::Pickup | Method::ShipToStore)
    }

    /// # Errors
    /// `no_place` when it needs one and names none.
    pub(super) fn check(self, what: &str) -> Res<Self> {
        match &self.place {
            None if self.method == Method::Ship => Ok(self),
            Some(place) if field::is_id(place) => Ok(self),
            _ => {
                let why = format!("{what} is delivered by {} and names no place for it", self.method.word());
                Err(Fault::new("no_place", why))
            }
        }
    }
}

/// Who receives goods, and at which door: the members of an address that are about a person. Stored with the
/// order's document, written into the commands that need them, and shown nowhere.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Person(Map<String, Value>);

impl Person {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// An address as others write it and as commands carry it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Address {
    #[serde(flatten)]
    pub area: ShipTo,
    #[serde(flatten)]
    pub person: Person,
}

impl Address {
    /// # Errors
    /// `bad_data` when it names no country.
    pub(super) fn check(self) -> Res<Self> {
        if self.area.country.trim().is_empty() {
            return Err(Fault::new("bad_data", "`ship_to` names no country"));
        }
        Ok(self)
    }
}

impl Line {
    /// Whether it is released, packed and shipped, by a place of ours or a vendor.
    #[must_use]
    pub fn is_goods(&self) -> bool {
        self.kind == LineKind::Goods && self.supply != Supply::Digital
    }

    /// Whether a pool keeps it in stock.
    #[must_use]
    pub fn is_pooled(&self) -> bool {
        self.is_goods() && self.supply != Supply::Dropship
    }

    /// Whether it is provided by itself, at once.
    #[must_use]
    pub fn is_digital(&self) -> bool {
        self.supply == Supply::Digital
    }

    /// The kind as others reckon with it: what is not shipped does not come back.
    #[must_use]
    pub fn kind_of(&self) -> LineKind {
        if self.is_digital() && self.kind == LineKind::Goods { LineKind::Service } else { self.kind }
    }

    /// The line under which the storefront knows it.
    #[must_use]
    pub fn known_as(&self) -> &str {
        self.raises.as_deref().unwrap_or(&self.id)
    }
}
