//! What returns, orders and refunds tell each other. What they tell the pools stands with the pools.

use retail::money::{Currency, UnitPrice};
use retail::order::LineKind;
use retail::returns::LineOutcome;
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
    /// The channel that the order came from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
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
    /// What was paid for them: minor units, tax inside.
    #[serde(default)]
    pub amount: i64,
    /// When the line was last shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<Time>,
    pub placed_at: Time,
}

/// `credit.request`: these units are to be given back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Request {
    pub rma: String,
    /// The return's number for the request; asked once per (rma, id).
    pub id: String,
    pub lines: Vec<RequestLine>,
    /// Kept of the credit; never more than it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    /// What lines with the outcome `exchange` are carried to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
    /// The refund that somebody else has made for it already, by its executor's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_by: Option<String>,
}

/// Units of an order line that a return line brought back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RequestLine {
    pub return_line: String,
    pub order_line: String,
    pub quantity: i64,
    #[serde(default = "refund", skip_serializing_if = "is_refund")]
    pub outcome: LineOutcome,
}

const fn refund() -> LineOutcome {
    LineOutcome::Refund
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_refund(outcome: &LineOutcome) -> bool {
    *outcome == LineOutcome::Refund
}

impl Default for RequestLine {
    fn default() -> Self {
        Self { return_line: String::new(), order_line: String::new(), quantity: 0, outcome: refund() }
    }
}

/// A fee: an amount in minor units, a share of the credit's lines in basis points, or both.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Fee {
    /// `restocking` or `return_shipping`.
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis_points: Option<i64>,
}

/// The order that goods are exchanged for, and what it costs, minor units.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Exchange {
    pub order: String,
    pub total: i64,
}

/// `return.release`: these units will not come back, or were rejected.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Release {
    pub rma: String,
    pub lines: Vec<RequestLine>,
}

/// `exchange.open`: goods in exchange for those of a return, to the new order that it names.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExchangeOpen {
    /// The new order's id, `{rma}-E{n}`.
    pub exchange: String,
    pub rma: String,
    /// The order whose goods come back.
    pub order: String,
    /// Its source: the channel whose stock serves the new one.
    pub source: String,
    pub currency: Currency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    pub lines: Vec<ExchangeLine>,
    /// The credit of which `applied` comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<String>,
    /// What the goods that came back pay of it, minor units.
    #[serde(default)]
    pub applied: i64,
    /// Opened before the goods are back: nothing is captured until `exchange.funded` or `exchange.unfunded`.
    #[serde(default)]
    pub advance: bool,
    /// What the customer pays the rest with, or pays all with if the goods never come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tender: Option<ExchangeTender>,
}

/// A line of an exchange: as a storefront submits one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExchangeLine {
    pub line: String,
    pub sku: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(default = "goods")]
    pub kind: LineKind,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    pub quantity: i64,
    pub unit_price: UnitPrice,
    pub amount: i64,
    #[serde(default)]
    pub tax: i64,
    #[serde(default = "yes")]
    pub tax_included: bool,
}

const fn goods() -> LineKind {
    LineKind::Goods
}

const fn yes() -> bool {
    true
}

/// A customer's means of payment for an exchange.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExchangeTender {
    pub id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    pub executor: String,
    pub payment: String,
    pub authorised: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub several: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
}

/// `exchange.funded`: the goods have come and this much of their credit pays for the exchange.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExchangeFunded {
    pub credit: String,
    pub amount: i64,
}

/// `credit.granted`: what the order gives back, line by line. Lines add up to the amount.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Granted {
    pub rma: String,
    pub id: String,
    pub credit: String,
    pub currency: Currency,
    /// `withheld + applied + issued + refunded`, and the sum of the lines (M5).
    pub amount: i64,
    /// Kept as fees.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub withheld: i64,
    /// Carried to the exchange order.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub applied: i64,
    /// Given as store credit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub issued: i64,
    /// What goes back by the tenders, or by whoever has paid it already.
    #[serde(default)]
    pub refunded: i64,
    /// A line without a return line takes a discount of a kept line back: it has no units and is below zero.
    pub lines: Vec<GrantedLine>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(n: &i64) -> bool {
    *n == 0
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
