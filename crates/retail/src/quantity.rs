//! Quantities with their unit.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A UN/ECE Recommendation 20 unit code. Only units that a quantity here can have are listed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub enum Unit {
    /// Each: the base unit of almost everything in retail.
    #[default]
    #[serde(rename = "EA")]
    Each,
    /// Case of a stated number of base units.
    #[serde(rename = "CS")]
    Case,
    /// Kilogram, counted in grams when it is the base unit.
    #[serde(rename = "KGM")]
    Kilogram,
}

/// A whole number of one unit. Negative only where a direction is meant, such as a correction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    pub count: i64,
    pub unit: Unit,
}

impl Quantity {
    #[must_use]
    pub const fn each(count: i64) -> Self {
        Self { count, unit: Unit::Each }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.count, self.unit)
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
