//! What was requested of a return, written once.

use crate::messages::ExchangeTender;
use crate::stored::Stored;
use retail::money::{Currency, Money, UnitPrice};
use retail::returns::{Grade, LineOutcome, Regime, ReturnStart, ReturnType};
use retail::time::Time;
use serde::{Deserialize, Serialize};

/// The version of the stored document.
pub const DOC_VERSION: u8 = 1;

/// What was requested.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doc {
    #[serde(rename = "v")]
    pub version: u8,
    #[serde(rename = "r")]
    pub requested_at: Time,
    /// The law or promise that it runs under.
    #[serde(rename = "g")]
    pub regime: Regime,
    /// When the customer gave notice, from which the legal deadline runs.
    #[serde(rename = "n")]
    pub notice: Time,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    #[serde(rename = "l")]
    pub lines: Vec<Line>,
    /// How it came to be.
    #[serde(rename = "st", default, skip_serializing_if = "ReturnStart::is_request")]
    pub start: ReturnStart,
    /// The channel where it was asked for; none for the returns platform.
    #[serde(rename = "so", default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Whether the hub opened it by itself, so that no platform knows it.
    #[serde(rename = "h", default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hub: bool,
    /// The store where it was handed over.
    #[serde(rename = "pl", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The tracking number of the parcel that it comes in, where somebody else than the hub made the label.
    #[serde(rename = "tr", default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
    /// A refund that was made already, elsewhere.
    #[serde(rename = "pd", default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Paid>,
}

/// A refund that somebody else has made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paid {
    #[serde(rename = "p")]
    pub payment: String,
    /// The executor's number for it.
    #[serde(rename = "r")]
    pub refund: String,
    /// Minor units.
    #[serde(rename = "a")]
    pub amount: i64,
    #[serde(rename = "c")]
    pub currency: Currency,
}

/// A line as it was requested.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    #[serde(rename = "i")]
    pub id: String,
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    #[serde(rename = "ol", default, skip_serializing_if = "Option::is_none")]
    pub order_line: Option<String>,
    /// As the sender says; read it by [`Body::sku`].
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    #[serde(rename = "q")]
    pub quantity: i64,
    #[serde(rename = "r")]
    pub reason: String,
    #[serde(rename = "t")]
    pub kind: ReturnType,
    /// What the customer says a unit cost.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<UnitPrice>,
    /// What the customer gets for it.
    #[serde(rename = "x", default, skip_serializing_if = "LineOutcome::is_refund")]
    pub outcome: LineOutcome,
    /// Whether the customer is to keep the goods.
    #[serde(rename = "kp", default, skip_serializing_if = "std::ops::Not::not")]
    pub keep: bool,
    /// What the customer gets instead.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Box<Instead>>,
    /// What was found at the counter where it was handed over.
    #[serde(rename = "gr", default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// What a warehouse called it before anybody had requested it; empty where it named none.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub also: Option<String>,
}

/// What a customer wants instead of the units of a line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instead {
    #[serde(rename = "s")]
    pub sku: String,
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(rename = "g", default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// For all units of the line.
    #[serde(rename = "q")]
    pub quantity: i64,
    #[serde(rename = "u")]
    pub unit_price: UnitPrice,
    /// Minor units, after discounts, for all of them.
    #[serde(rename = "a")]
    pub amount: i64,
    #[serde(rename = "x")]
    pub tax: i64,
    #[serde(rename = "i")]
    pub tax_included: bool,
    /// Whether it is sent before the goods have come.
    #[serde(rename = "v", default, skip_serializing_if = "std::ops::Not::not")]
    pub advance: bool,
    /// What pays for what the credit does not.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub tender: Option<ExchangeTender>,
}

impl Instead {
    /// What the customer is charged for `units` of `of` returned ones: units of it, amount, tax. Parts of all
    /// of it add up to it.
    #[must_use]
    pub fn share(&self, units: i64, of: i64, currency: Currency) -> (i64, i64, i64) {
        if units >= of {
            return (self.quantity, self.amount, self.tax);
        }
        let part = |whole| Money::new(whole, currency).share(0, units, of).minor;
        (self.quantity * units / of.max(1), part(self.amount), part(self.tax))
    }
}

impl Doc {
    /// A return of which nothing else is known: asked for on the returns platform.
    #[must_use]
    pub const fn new(requested_at: Time, regime: Regime, lines: Vec<Line>) -> Self {
        Self {
            version: DOC_VERSION,
            requested_at,
            regime,
            notice: requested_at,
            customer: None,
            lines,
            start: ReturnStart::Request,
            source: None,
            by_hub: false,
            place: None,
            tracking: None,
            paid: None,
        }
    }
}

impl Stored for Doc {
    const WHAT: &'static str = "the return's document";
    const VERSION: u8 = DOC_VERSION;

    fn version(&self) -> u8 {
        self.version
    }
}
