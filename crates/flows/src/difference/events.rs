//! What whoever compared the books reports.

use crate::read::field;
use serde::{Deserialize, Serialize};

/// What a list is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Orders,
    Deliveries,
    Shipments,
    Invoices,
    ReturnReceipts,
    CreditMemos,
    Captures,
    Refunds,
    Returns,
    Labels,
    Stock,
}

/// Both sides say different things about something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Found {
    #[serde(deserialize_with = "field::id")]
    pub difference: String,
    pub system: String,
    pub kind: Kind,
    /// The hub's id of the thing, else the system's.
    pub what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rma: Option<String>,
    /// What each side says, in words.
    pub hub: String,
    pub there: String,
    /// The likely cause, in words.
    pub cause: String,
    pub next_step: String,
}

/// Both sides agree again.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Gone {
    #[serde(deserialize_with = "field::id")]
    pub difference: String,
}
