//! What providers report about refunds.

use crate::read::field;
use retail::money::Currency;
use serde::Deserialize;

/// `refund.succeeded`, `refund.failed`, `refund.pending`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Report {
    /// The provider's number.
    #[serde(default)]
    pub refund: String,
    #[serde(deserialize_with = "field::credit")]
    pub credit: String,
    #[serde(deserialize_with = "field::amount")]
    pub amount: i64,
    pub currency: Currency,
    #[serde(default)]
    pub reason: Option<String>,
}

/// A person says: ask again.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RetryRequested {
    #[serde(deserialize_with = "field::credit")]
    pub credit: String,
}

/// What connectors promise of a refund's result.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Paid {
    #[serde(default, rename = "ref")]
    pub reference: String,
    #[serde(default)]
    pub amount: Option<i64>,
    /// `succeeded` or `pending`.
    #[serde(default)]
    pub state: String,
}

/// What connectors promise of a credit memo's result.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Memo {
    #[serde(default)]
    pub total: Option<i64>,
}
