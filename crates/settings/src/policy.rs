//! What a retailer decides, as it stands in the estate. Whoever wires the processes hands it to them.

use crate::checkout::Checkout;
use crate::returns::ReturnRules;
use retail::milestone::Milestone;
use retail::returns::{Disposition, Grade, ReturnType};
use retail::time::{Span, Time};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A retailer's choices.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Policy {
    /// Pools of stock by id. Every place of an estate is in exactly one.
    pub pools: BTreeMap<String, Pool>,
    /// Which pool serves a channel (an order's source).
    pub channels: BTreeMap<String, String>,
    /// The pool that serves every other channel.
    pub default_pool: String,
    /// Whether what is reserved is released while the rest of the order still waits for stock.
    pub partial_release: bool,
    /// Whether nothing is released before the ERP has the sales order.
    pub erp_first: bool,
    /// When money is taken.
    pub capture: CaptureRule,
    /// Checks before release, authorisations, invoices.
    pub checkout: Checkout,
    /// Which tender of several is refunded first.
    pub refund_first: RefundFirst,
    /// Labels, vendors, and what waits to be collected.
    pub fulfilment: Fulfilment,
    /// What customers are told of, where somebody plays `notifications`.
    pub messages: BTreeSet<Milestone>,
    /// Who may give what back, and how.
    pub credits: CreditPolicy,
    /// What may come back.
    pub returns: ReturnPolicy,
    /// How long things may take.
    pub spans: Spans,
    /// Posting days of the entity.
    pub periods: Periods,
}

impl Policy {
    /// The pool that serves a channel.
    #[must_use]
    pub fn pool_of(&self, source: &str) -> &str {
        self.channels.get(source).unwrap_or(&self.default_pool)
    }

    /// The pool that a place belongs to.
    #[must_use]
    pub fn pool_of_place(&self, place: &str) -> Option<&str> {
        self.pools.iter().find(|(_, pool)| pool.places.iter().any(|p| p == place)).map(|(id, _)| id.as_str())
    }
}

/// The places that can serve a channel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Pool {
    /// In the order in which they are asked. At least one.
    pub places: Vec<String>,
    /// Units per SKU and place that are never promised.
    pub safety: i64,
    /// Sources whose storefront is told what is available.
    pub publish_to: Vec<String>,
    /// How long changes are gathered before they are published.
    pub publish_after: Span,
    /// What is kept back and for whom, holds, transfers, storefronts that compare.
    #[serde(flatten)]
    pub rules: StockRules,
}

/// What a pool keeps back and for whom, and how it deals with checkouts, transfers and storefronts that compare.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct StockRules {
    /// Units per SKU that are never promised from a place, where it is not the pool's figure.
    pub safety_at: BTreeMap<String, i64>,
    /// Units of a SKU that are never promised from any place, whatever the place keeps.
    pub safety_skus: BTreeMap<String, i64>,
    /// The same by the category that reports name; a SKU's own figure comes first.
    pub safety_categories: BTreeMap<String, i64>,
    /// Conditions that may be promised, in the order in which they are asked. At least one.
    pub sellable: Vec<String>,
    /// Owners besides the entity whose units may be promised.
    pub consigned: BTreeSet<String>,
    /// The condition of restocked units by grade; `new` for those that are not here.
    pub restocked_as: BTreeMap<Grade, String>,
    /// Units of each SKU that only this source gets.
    pub kept: BTreeMap<String, i64>,
    /// The most that a source gets of what is available, percent, 0 to 100.
    pub shares: BTreeMap<String, u8>,
    /// The longest time that a checkout may hold units.
    pub hold_most: Span,
    /// How long a transfer may be under way before it is an exception.
    pub transit: Span,
    /// Sources whose storefront refuses a figure when it shows another one than expected.
    pub compare: BTreeSet<String>,
    /// Sources whose storefront keeps stock by place and is told each place's figures.
    pub by_place: BTreeSet<String>,
    /// How often in a row a failed comparison is published anew at once, and a figure that somebody else changed is
    /// put right.
    pub publish_tries: u64,
}

impl Default for StockRules {
    fn default() -> Self {
        Self {
            safety_at: BTreeMap::new(),
            safety_skus: BTreeMap::new(),
            safety_categories: BTreeMap::new(),
            sellable: vec!["new".to_owned()],
            consigned: BTreeSet::new(),
            restocked_as: BTreeMap::new(),
            kept: BTreeMap::new(),
            shares: BTreeMap::new(),
            hold_most: Span::hours(1),
            transit: Span::days(14),
            compare: BTreeSet::new(),
            by_place: BTreeSet::new(),
            publish_tries: 3,
        }
    }
}

impl Pool {
    /// Units per SKU that are never promised from a place, where neither SKU nor category says otherwise.
    #[must_use]
    pub fn safety_at(&self, place: &str) -> i64 {
        self.rules.safety_at.get(place).copied().unwrap_or(self.safety)
    }
}

/// When the money for what was shipped is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureRule {
    /// Once, when every line is shipped or cancelled.
    #[default]
    WhenComplete,
    /// With each shipment, on tenders whose executor allows several captures; on others as
    /// [`Checkout::single_capture`] says.
    PerShipment,
    /// All that is ordered and not cancelled, with the first shipment.
    AtFirstShipment,
}

/// Which tender of several is refunded first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundFirst {
    /// In the order in which they were given at checkout.
    #[default]
    First,
    /// In the opposite order.
    Last,
    /// In proportion to what each still has to give back.
    Proportional,
}

/// Who may give what back, and how. Amounts are minor units of an order's currency.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct CreditPolicy {
    /// The most goodwill of one order; 0 for none.
    pub goodwill_limit: i64,
    /// Above this a credit that a person asked for wants a second person; `None` for never.
    pub approve_above: Option<i64>,
    /// Above this a credit for a return wants a person; `None` for never.
    pub approve_returns_above: Option<i64>,
    /// The executor that issues store credit, which some connection plays; empty for none.
    pub store_credit: String,
    /// What becomes of the discount of kept lines when what they qualified by comes back.
    pub promotion_break: PromotionBreak,
    /// Whether the ERP's credit memo is reversed when its refund fails after it had succeeded.
    pub reverse_memo: bool,
}

/// What becomes of a promotion that a return breaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionBreak {
    /// The customer keeps the discount.
    #[default]
    Keep,
    /// It is taken back, out of the credit.
    ClawBack,
}

/// The way to the customer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fulfilment {
    /// Who buys labels.
    pub labels: Labels,
    /// Places that are vendors: they ship what is theirs, and no pool has them.
    pub vendors: Vec<String>,
    /// How long goods wait at a store to be collected.
    pub collect_within: Span,
    /// What becomes of them then.
    pub uncollected: Uncollected,
}

/// Who buys the labels of what is shipped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Labels {
    /// Whoever ships.
    #[default]
    Warehouse,
    /// The hub, from the carrier.
    Hub,
}

/// What becomes of goods that nobody collects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Uncollected {
    /// They are cancelled and put back.
    #[default]
    Cancel,
    /// A person is told.
    Ask,
}

/// From when a return window runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowFrom {
    /// From the last shipment of the line.
    #[default]
    Shipped,
    /// From when the order was placed.
    Placed,
}

/// What may come back, until when, and what is done with it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ReturnPolicy {
    /// The place that returns are sent to. It is in a pool, so that restocked units can be sold again.
    pub place: String,
    /// From when windows run.
    pub window_from: WindowFrom,
    /// Days that a category not listed in `windows` may come back.
    pub window_days: i64,
    /// Days that a category may come back.
    pub windows: BTreeMap<String, i64>,
    /// Days that a type of return has at the least, whatever the category says.
    pub least_days: BTreeMap<ReturnType, i64>,
    /// Categories that are not taken back by withdrawal or goodwill.
    pub not_returnable: BTreeSet<String>,
    /// Categories that are not credited before they passed inspection.
    pub inspect_first: BTreeSet<String>,
    /// What is done with accepted units, by grade. Every grade is here.
    pub disposition: BTreeMap<Grade, Disposition>,
    /// Days after notice within which the law wants a withdrawal paid back.
    pub withdrawal_refund_days: i64,
    /// Everything else about returns.
    #[serde(flatten)]
    pub rules: ReturnRules,
}

/// How long the processes wait before they do something about it. All longer than nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Spans {
    /// Events that came before their order or return was known.
    pub early: Span,
    /// An order that is not finished.
    pub order: Span,
    /// Units that the order management or a warehouse refused, before they are offered again.
    pub retry: Span,
    /// How often they are offered again.
    pub retries: u32,
    /// A return whose goods have not arrived.
    pub arrival: Span,
    /// Goods received and not inspected.
    pub inspection: Span,
    /// A refund that the provider has taken and not settled.
    pub refund: Span,
    /// How long before a legal deadline it becomes an exception. Shorter than the deadline itself.
    pub deadline_warning: Span,
}

/// Where the entity's days begin, and which of them are closed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Periods {
    /// Distance from UTC in minutes, east positive; -720 to 840.
    pub east_minutes: i32,
    /// Closed days, in the order of the estate.
    pub closed: Vec<Closing>,
}

/// Days that are closed to whatever is recorded later.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Closing {
    /// The last closed day, `YYYY-MM-DD`; it exists.
    pub until: String,
    /// Since when it is closed.
    pub since: Time,
}
