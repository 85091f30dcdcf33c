//! Commands that a case has ordered and not heard the end of.

use serde::{Deserialize, Serialize};

/// Where a command stands, as far as the case has been told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Pending {
    #[serde(rename = "s")]
    Sent,
    /// Nobody knows yet whether it was done; the hub looks it up.
    #[serde(rename = "u")]
    Unknown,
    /// Taken; the verdict comes by event.
    #[serde(rename = "a")]
    Accepted,
    /// Refused, and a person must see to it.
    #[serde(rename = "x")]
    Refused,
}

impl Pending {
    /// The word that people see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}
