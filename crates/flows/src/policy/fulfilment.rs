//! What a retailer decides about the way to the customer.

use retail::time::Span;
use serde::{Deserialize, Serialize};

/// Labels, and what waits to be collected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FulfilmentPolicy {
    /// Who buys labels.
    pub labels: Labels,
    /// How long goods wait at a store to be collected.
    pub collect_within: Span,
    /// What becomes of them then.
    pub uncollected: Uncollected,
}

impl Default for FulfilmentPolicy {
    fn default() -> Self {
        Self { labels: Labels::default(), collect_within: Span::days(7), uncollected: Uncollected::default() }
    }
}

/// Who buys the labels of what is shipped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Labels {
    /// Whoever ships.
    #[default]
    Warehouse,
    /// The hub, from the carrier, before the warehouse is asked to ship.
    Hub,
}

/// What becomes of goods that nobody collects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Uncollected {
    /// They are cancelled and put back.
    #[default]
    Cancel,
    /// A person is told, and they stay where they are.
    Ask,
}
