//! Value maps: what partners' own words mean in a list of canonical codes.

use retail::codes::CodeList;
use serde::Serialize;
use std::collections::BTreeMap;

/// A value map of the estate. A connection that names it brings its entries to a map of its connector.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ValueMap {
    /// The list that every value is of.
    pub kind: CodeList,
    /// What the partner says to the code that it means. `*` is everything else that it says.
    pub values: BTreeMap<String, String>,
}
