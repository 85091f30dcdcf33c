//! What others report about an order, as they write it.

use super::delivery::{Address, Deliver, Supply};
use super::doc::Presentment;
use super::prices::Price;
use crate::messages::{ExchangeLine, ExchangeTender};
use crate::read::field;
use retail::credit::CreditKind;
use retail::money::{Currency, UnitPrice};
use retail::order::LineKind;
use retail::returns::LineOutcome;
use retail::time::Time;
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Submitted {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::source")]
    pub source: String,
    #[serde(deserialize_with = "field::source_id")]
    pub source_id: String,
    #[serde(default)]
    pub number: String,
    pub placed_at: Time,
    pub currency: Currency,
    #[serde(default)]
    pub customer: Option<String>,
    #[serde(default)]
    pub hold: Option<String>,
    #[serde(default)]
    pub brand: Option<String>,
    #[serde(default)]
    pub region: Option<String>,
    #[serde(default)]
    pub email_hash: Option<String>,
    #[serde(default)]
    pub presentment: Option<Presentment>,
    pub lines: Vec<SubmittedLine>,
    #[serde(deserialize_with = "field::total")]
    pub total: i64,
    #[serde(default)]
    pub tenders: Vec<SubmittedTender>,
    #[serde(default)]
    pub ship_to: Option<Address>,
    #[serde(default)]
    pub deliver: Option<Deliver>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SubmittedLine {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(default)]
    pub title: String,
    pub kind: LineKind,
    #[serde(default)]
    pub category: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
    pub unit_price: UnitPrice,
    #[serde(deserialize_with = "field::amount")]
    pub amount: i64,
    #[serde(default, deserialize_with = "field::discount")]
    pub discount: i64,
    #[serde(default, deserialize_with = "field::tax")]
    pub tax: i64,
    #[serde(default = "yes")]
    pub tax_included: bool,
    #[serde(default)]
    pub prices: Vec<Price>,
    /// What a bundle is made of.
    #[serde(default)]
    pub components: Vec<Component>,
    #[serde(default)]
    pub supply: Supply,
    #[serde(default)]
    pub vendor: Option<String>,
    #[serde(default)]
    pub available_from: Option<Time>,
    #[serde(default)]
    pub deliver: Option<Deliver>,
}

/// Units of a SKU that one bundle holds, and the share of the bundle's money that is theirs.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Component {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub category: String,
    /// In one bundle.
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
    /// Its weight among the bundle's components; any unit.
    #[serde(deserialize_with = "field::share")]
    pub share: i64,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SubmittedTender {
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub executor: String,
    #[serde(deserialize_with = "field::payment")]
    pub payment: String,
    #[serde(deserialize_with = "field::authorised")]
    pub authorised: i64,
    /// Whether its executor allows several captures.
    #[serde(default)]
    pub several: bool,
    /// What was taken already.
    #[serde(default, deserialize_with = "field::captured")]
    pub captured: i64,
    #[serde(default)]
    pub expires_at: Option<Time>,
    /// The order's, where it is not said.
    #[serde(default)]
    pub currency: Option<Currency>,
}

const fn yes() -> bool {
    true
}

/// Units of a line, with the SKU that the sender believes it to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Units {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(deserialize_with = "field::sku")]
    pub sku: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
}

/// Units of a line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Part {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(deserialize_with = "field::quantity")]
    pub quantity: i64,
}

/// What is not allocated is short, whether or not it is said so.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Allocated {
    #[serde(deserialize_with = "field::release")]
    pub release: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(default)]
    pub fulfilments: Vec<Share>,
}

/// One place's share of a release.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Share {
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    pub lines: Vec<Units>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Confirmed {
    #[serde(deserialize_with = "field::shipment")]
    pub shipment: String,
    #[serde(deserialize_with = "field::fulfilment")]
    pub fulfilment: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::place")]
    pub place: String,
    pub shipped_at: Time,
    pub parcels: Vec<Parcel>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Parcel {
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    #[serde(default)]
    pub carrier: String,
    #[serde(default)]
    pub tracking: String,
    pub lines: Vec<Units>,
}

#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Delivered {
    #[serde(deserialize_with = "field::shipment")]
    pub shipment: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    pub delivered_at: Time,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Short {
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    #[serde(deserialize_with = "field::fulfilment")]
    pub fulfilment: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    pub lines: Vec<Units>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CancelRequested {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(default)]
    pub reason: String,
    /// None: all that is left.
    #[serde(default)]
    pub lines: Option<Vec<Part>>,
    /// The sender's own number for the request, where it has one.
    #[serde(default)]
    pub id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Captured {
    #[serde(deserialize_with = "field::payment")]
    pub payment: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::amount")]
    pub amount: i64,
    pub currency: Currency,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RefundedElsewhere {
    #[serde(deserialize_with = "field::payment")]
    pub payment: String,
    /// Empty where the provider knows the payment only; the message then came under the payment's name.
    #[serde(default)]
    pub order: String,
    #[serde(deserialize_with = "field::refund")]
    pub refund: String,
    #[serde(deserialize_with = "field::amount")]
    pub amount: i64,
    pub currency: Currency,
    /// What it was made for, where the sender knows.
    #[serde(default)]
    pub lines: Vec<ElsewhereLine>,
    /// Why; `price_adjustment` where lines are named and nothing is said.
    #[serde(default)]
    pub kind: Option<CreditKind>,
    /// Who made it: `storefront`, `provider`, `marketplace`, `till` ...
    #[serde(default)]
    pub initiator: Option<String>,
}

/// What of a line somebody gave back; of all units of it that are left, where none are named.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ElsewhereLine {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(default)]
    pub quantity: Option<i64>,
    #[serde(deserialize_with = "field::amount")]
    pub amount: i64,
}

/// A person asks for a credit without a return: of lines, or one amount.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CreditRequested {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    pub kind: CreditKind,
    #[serde(default)]
    pub lines: Vec<CreditLine>,
    #[serde(default)]
    pub amount: Option<i64>,
    #[serde(default)]
    pub reason: String,
    pub by: String,
    #[serde(default = "refund")]
    pub outcome: LineOutcome,
}

const fn refund() -> LineOutcome {
    LineOutcome::Refund
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CreditLine {
    #[serde(deserialize_with = "field::line")]
    pub line: String,
    #[serde(default)]
    pub quantity: Option<i64>,
    /// None, for a lost parcel: all that its units are worth.
    #[serde(default)]
    pub amount: Option<i64>,
}

impl CreditRequested {
    /// What it asks in all, as far as it says so.
    pub fn sum(&self) -> Option<i64> {
        let lines = || self.lines.iter().try_fold(0_i64, |sum, l| sum.checked_add(l.amount?));
        self.amount.or_else(|| lines().filter(|_| !self.lines.is_empty()))
    }
}

/// `credit.approved` and `credit.declined`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CreditDecided {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::credit")]
    pub credit: String,
    pub by: String,
    #[serde(default)]
    pub reason: Option<String>,
}

/// A person says that a lost dispute has paid a credit that waits.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SettledByDispute {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::credit")]
    pub credit: String,
    #[serde(deserialize_with = "field::id")]
    pub dispute: String,
    pub by: String,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DisputeOpened {
    #[serde(deserialize_with = "field::id")]
    pub dispute: String,
    #[serde(deserialize_with = "field::payment")]
    pub payment: String,
    /// Empty where the provider knows the payment only.
    #[serde(default)]
    pub order: String,
    #[serde(deserialize_with = "field::amount")]
    pub amount: i64,
    pub currency: Currency,
    #[serde(default)]
    pub reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DisputeClosed {
    #[serde(deserialize_with = "field::id")]
    pub dispute: String,
    #[serde(deserialize_with = "field::payment")]
    pub payment: String,
    #[serde(default)]
    pub order: String,
    /// `won` or `lost`, as the retailer sees it.
    pub outcome: String,
    /// What was lost, where that is less than was disputed.
    #[serde(default, deserialize_with = "field::amount_if")]
    pub amount: Option<i64>,
    #[serde(default)]
    pub currency: Option<Currency>,
}

/// A person says: offer again what was refused.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RetryRequested {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
}

/// Somebody wants nothing of the order released.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct HoldRequested {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::hold")]
    pub hold: String,
    #[serde(default)]
    pub reason: String,
    #[serde(deserialize_with = "field::by")]
    pub by: String,
}

/// Somebody lets it go on.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct HoldLifted {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::hold")]
    pub hold: String,
    #[serde(deserialize_with = "field::by")]
    pub by: String,
}

/// A screening's verdict.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Screened {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    pub decision: Decision,
    #[serde(default)]
    pub reason: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    Approve,
    Review,
    Decline,
}

/// A tender was added, or authorised again.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Authorised {
    #[serde(deserialize_with = "field::payment")]
    pub payment: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::amount")]
    pub amount: i64,
    pub currency: Currency,
    pub executor: String,
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub several: bool,
    #[serde(default)]
    pub expires_at: Option<Time>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AuthorisationExpired {
    #[serde(deserialize_with = "field::payment")]
    pub payment: String,
    #[serde(deserialize_with = "field::order")]
    pub order: String,
}

impl From<ExchangeLine> for SubmittedLine {
    fn from(l: ExchangeLine) -> Self {
        Self {
            line: l.line,
            sku: l.sku,
            title: l.title,
            kind: l.kind,
            category: l.category,
            quantity: l.quantity,
            unit_price: l.unit_price,
            amount: l.amount,
            discount: 0,
            tax: l.tax,
            tax_included: l.tax_included,
            prices: Vec::new(),
            components: Vec::new(),
            supply: Supply::default(),
            vendor: None,
            available_from: None,
            deliver: None,
        }
    }
}

impl From<ExchangeTender> for SubmittedTender {
    fn from(t: ExchangeTender) -> Self {
        Self {
            id: t.id,
            kind: t.kind,
            executor: t.executor,
            payment: t.payment,
            authorised: t.authorised,
            several: t.several,
            captured: 0,
            expires_at: t.expires_at,
            currency: None,
        }
    }
}
