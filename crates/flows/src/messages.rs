//! What returns, orders and refunds tell each other. What they tell the pools stands with the pools.

use retail::money::Currency;
use retail::order::LineKind;
use retail::time::Time;
use serde::{Deserialize, Serialize};

/// `return.check`: how much of this may come back? What is answered is held for the return.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Check {
    pub rma: String,
    pub requested_at: Time,
    pub lines: Vec<CheckLine>,
}

/// Units of a return line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckLine {
    pub return_line: String,
    /// None: whichever lines carried the SKU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_line: Option<String>,
    /// None: whatever was sold on the order line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    pub quantity: i64,
}

/// `return.checked`: the definite answer. A return line may be answered by several order lines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checked {
    pub rma: String,
    pub order: String,
    /// Whether the hub knows the order.
    pub known: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    pub lines: Vec<CheckedLine>,
}

/// What one order line holds for a return line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckedLine {
    pub return_line: String,
    pub order_line: String,
    pub sku: String,
    pub kind: LineKind,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Units that the order holds for the return.
    pub held: i64,
    /// When the line was last shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<Time>,
    pub placed_at: Time,
}

/// `credit.request`: these units are to be given back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    pub rma: String,
    /// The return's number for the request; asked once per (rma, id).
    pub id: String,
    pub lines: Vec<RequestLine>,
}

/// Units of an order line that a return line brought back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RequestLine {
    pub return_line: String,
    pub order_line: String,
    pub quantity: i64,
}

/// `return.release`: these units will not come back, or were rejected.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Release {
    pub rma: String,
    pub lines: Vec<RequestLine>,
}

/// `credit.granted`: what the order gives back, line by line. Lines add up to the amount.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Granted {
    pub rma: String,
    pub id: String,
    pub credit: String,
    pub currency: Currency,
    pub amount: i64,
    pub lines: Vec<GrantedLine>,
}

/// What is given back for one line: minor units, the tax inside the amount and stated beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GrantedLine {
    pub return_line: String,
    pub order_line: String,
    pub quantity: i64,
    pub amount: i64,
    pub tax: i64,
}

/// `credit.settled` and `credit.failed`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verdict {
    pub rma: String,
    pub id: String,
    pub credit: String,
    pub currency: Currency,
    pub amount: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `refund.open`: pay this back on this tender.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    pub credit: String,
    pub order: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rma: Option<String>,
    pub executor: String,
    pub payment: String,
    pub currency: Currency,
    /// What is to be moved, minor units.
    pub amount: i64,
    pub tender: String,
    /// The credit memo's lines. When a credit is paid back on several tenders, the first refund carries the
    /// memo of the whole credit and the others carry none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<OpenLine>,
}

/// A line of a credit memo: minor units, the tax inside the amount and stated beside it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenLine {
    pub line: String,
    pub quantity: i64,
    pub amount: i64,
    pub tax: i64,
}

/// `refund.settled`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settled {
    pub credit: String,
    pub currency: Currency,
    pub amount: i64,
    /// The provider's number.
    #[serde(default)]
    pub reference: String,
}

/// `refund.failed`: the money did not go, or came back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failed {
    pub credit: String,
    pub reason: String,
}
