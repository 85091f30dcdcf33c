//! What whoever compared the books reports.

use crate::read::field;
use retail::listing::ListKind;
use serde::{Deserialize, Serialize};

/// Both sides say different things about something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Found {
    #[serde(deserialize_with = "field::id")]
    pub difference: String,
    pub system: String,
    /// What the list is of.
    pub kind: ListKind,
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
