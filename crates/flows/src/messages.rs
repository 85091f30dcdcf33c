//! What returns, orders and refunds tell each other. What they tell the pools stands with the pools.

use crate::policy::Routes;
use retail::credit::CreditKind;
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
    /// Who plays each role for the order, where rules chose.
    #[serde(default, skip_serializing_if = "Routes::is_empty")]
    pub routes: Routes,
    /// The revision of the settings under which it was placed; 0 for none.
    #[serde(default, skip_serializing_if = "unnumbered")]
    pub revision: u32,
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    pub rma: String,
    /// The return's number for the request; asked once per (rma, id).
    pub id: String,
    pub lines: Vec<RequestLine>,
    /// What the retailer keeps of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    /// The order that the lines with outcome `exchange` pay for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeFor>,
    /// The number of a refund by which it was paid already, elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_by: Option<String>,
}

/// A fee that is kept of a credit: an amount, or a share of the credit's lines.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fee {
    pub kind: FeeKind,
    /// Minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Hundredths of a percent of the credit's lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis_points: Option<i64>,
}

/// What a fee is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeKind {
    Restocking,
    ReturnShipping,
}

/// An order that a credit is applied to, and what that order comes to in minor units.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExchangeFor {
    pub order: String,
    pub total: i64,
}

/// Units of an order line that a return line brought back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RequestLine {
    pub return_line: String,
    pub order_line: String,
    pub quantity: i64,
    /// What the customer gets for them.
    #[serde(default, skip_serializing_if = "LineOutcome::is_refund")]
    pub outcome: LineOutcome,
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
    /// Who plays each role for it, where rules chose: the same for the new one.
    #[serde(default, skip_serializing_if = "Routes::is_empty")]
    pub routes: Routes,
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
    /// Withheld, applied, issued and refunded together.
    pub amount: i64,
    pub lines: Vec<GrantedLine>,
    /// Fees that are kept.
    #[serde(default)]
    pub withheld: i64,
    /// What pays for the exchange order.
    #[serde(default)]
    pub applied: i64,
    /// What is issued as store credit.
    #[serde(default)]
    pub issued: i64,
    /// What goes back to the order's tenders.
    #[serde(default)]
    pub refunded: i64,
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
    /// How the money goes.
    #[serde(default, skip_serializing_if = "Pay::is_refund")]
    pub pay: Pay,
    /// Why it is owed, where that is not a return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<CreditKind>,
    /// Whose store credit it is to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// What of the memo's total is kept as fees, minor units.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub withheld: i64,
    /// Who plays each role for the order, where rules chose.
    #[serde(default, skip_serializing_if = "Routes::is_empty")]
    pub routes: Routes,
}

/// How a refund's money goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pay {
    /// By the executor of the tender.
    #[default]
    Refund,
    /// As store credit, by the executor that keeps it.
    StoreCredit,
    /// By the tenders of the order that an exchange order's value came from.
    Onward,
    /// It has gone already, or nothing goes: only the credit memo is posted.
    Recorded,
}

impl Pay {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    fn is_refund(&self) -> bool {
        *self == Self::Refund
    }
}

/// `refund.onward`: an exchange order owes this back, and the order that its value came from is to pay it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Onward {
    pub exchange_order: String,
    /// The exchange order's refund.
    pub credit: String,
    pub currency: Currency,
    /// Minor units.
    pub amount: i64,
}

/// A line of a credit memo: minor units, the tax inside the amount and stated beside it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenLine {
    /// Empty where the credit is about no line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
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

/// The executor of what one order of a family pays for another: a clearing account, and no system. No command is
/// ever for it.
pub const EXCHANGE: &str = "exchange";

/// Whether an executor is no system that could be told anything.
#[must_use]
pub fn is_virtual(executor: &str) -> bool {
    executor == EXCHANGE
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(n: &i64) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn unnumbered(n: &u32) -> bool {
    *n == 0
}
