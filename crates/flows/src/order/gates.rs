//! What may stand between a placed order and its release: checks that are under way, holds, and how long its
//! tenders are authorised. Stored with the order, so member names are short.

use serde::{Deserialize, Serialize};

/// A check whose verdict has not come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    #[serde(rename = "s")]
    pub state: CheckState,
    /// Until when the release waits for it, milliseconds; none once policy or a person has gone on without it.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

/// How far a check has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum CheckState {
    #[serde(rename = "s")]
    Asked,
    /// Nobody knows yet whether it was taken; the hub looks it up.
    #[serde(rename = "u")]
    Unknown,
    /// Taken; the verdict comes by event.
    #[serde(rename = "a")]
    Accepted,
    /// It could not be asked as it is, and a person must see to it.
    #[serde(rename = "f")]
    Faulty,
}

impl CheckState {
    /// The word that people see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Faulty => "faulty",
        }
    }
}

/// A reason why nothing of the order is released, beside its code.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    #[serde(rename = "r")]
    pub reason: String,
    /// The person who asked for it, or `hub`.
    #[serde(rename = "b")]
    pub by: String,
    /// Milliseconds.
    #[serde(rename = "t")]
    pub since: i64,
}

/// What has changed about a tender's authorisation since checkout.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Authorisation {
    /// What is authorised now, minor units, where that is not what it was at checkout.
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Until when, milliseconds, where that was told later.
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// Another has taken its place: nothing more is captured on it.
    #[serde(rename = "x", skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// It has expired, or was never there.
    #[serde(rename = "l", skip_serializing_if = "std::ops::Not::not")]
    pub lapsed: bool,
    /// Its expiry is being seen to.
    #[serde(rename = "w", skip_serializing_if = "std::ops::Not::not")]
    pub warned: bool,
    /// What each re-authorisation was asked for, minor units.
    #[serde(rename = "n", skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<i64>,
}
