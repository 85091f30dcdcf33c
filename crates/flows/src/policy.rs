//! What a retailer decides, as plain values. Whoever reads settings fills this in; flows only look at it.

mod checkout;
mod fulfilment;
mod revisions;
mod routes;

pub use checkout::{CheckRule, CheckoutPolicy, InvoiceRule, OnExpiry, SingleCapture, WhenDown, WhenRefused};
pub use fulfilment::{FulfilmentPolicy, Labels, Uncollected};
pub use routes::{Route, Routes};

use crate::returns::rules::ReturnRules;
use crate::stock::StockPolicy;
use books::Periods;
use retail::milestone::Milestone;
use retail::money::Currency;
use retail::returns::{Disposition, Grade, ReturnType};
use retail::time::Span;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The roles without which nothing can be sold, shipped or paid back: every retailer has them.
pub const NEEDED: [&str; 6] = ["storefront", "erp", "oms", "wms", "payments", "returns"];

/// A retailer's choices for one tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Legal entity that sells, and in whose books it stands.
    pub entity: String,
    /// Its functional currency: what an amount is in where nothing else says so.
    pub currency: Currency,
    /// Posting days of that entity.
    pub periods: Periods,
    /// The roles that some system plays, by their words. A command for a role that is not here must never be
    /// ordered: it would wait for ever.
    pub asks: BTreeSet<String>,
    /// The number of these settings; 0 where they are not numbered.
    pub revision: u32,
    /// What earlier revisions promised about returns, by number.
    pub former: BTreeMap<u32, ReturnPolicy>,
    /// Which of several systems that play a role gets an order.
    pub routes: Vec<Route>,
    /// Pools of stock by id: the places that can serve a channel.
    pub pools: BTreeMap<String, StockPolicy>,
    /// Which pool serves a channel (an order's `source`); others are served by `default_pool`.
    pub channels: BTreeMap<String, String>,
    /// The pool of channels that are not listed.
    pub default_pool: String,
    /// Whether what is reserved is released while the rest of the order still waits for stock.
    pub partial_release: bool,
    /// Whether nothing is released before the ERP has the sales order.
    pub erp_first: bool,
    /// When money is taken.
    pub capture: CaptureRule,
    /// Checks before release, authorisations, invoices.
    pub checkout: CheckoutPolicy,
    /// Which tender is refunded first when an order was paid by several.
    pub refund_first: RefundFirst,
    /// Labels, and what waits to be collected.
    pub fulfilment: FulfilmentPolicy,
    /// What customers are told of, where some system plays `notifications`.
    pub messages: BTreeSet<Milestone>,
    /// Who may give what back, and how.
    pub credits: CreditPolicy,
    /// What may come back and what is done with it.
    pub returns: ReturnPolicy,
    /// How long the processes wait.
    pub spans: Spans,
}

/// When the money for what was shipped is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureRule {
    /// Once, when every line is shipped or cancelled.
    #[default]
    WhenComplete,
    /// With each shipment, on tenders whose executor allows several captures; on others as
    /// [`CheckoutPolicy::single_capture`] says.
    PerShipment,
    /// All that is ordered and not cancelled, with the first shipment.
    AtFirstShipment,
}

/// Which tender of several is refunded first; no tender gets back more than was captured on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
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

/// Who may give what back, and how.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CreditPolicy {
    /// The most goodwill of one order, minor units of its currency; 0 for none.
    pub goodwill_limit: i64,
    /// Above this amount a credit that a person asked for wants a second person; `None` for never.
    pub approve_above: Option<i64>,
    /// Above this amount a credit for a return wants a person; `None` for never.
    pub approve_returns_above: Option<i64>,
    /// The executor that keeps stored value and issues store credit; empty for none.
    pub store_credit: String,
    /// What becomes of the discount of kept lines when what they qualified by comes back.
    pub promotion_break: PromotionBreak,
    /// Whether the ERP's credit memo is reversed when its refund fails after it had succeeded.
    pub reverse_memo: bool,
}

/// What becomes of a promotion that a return breaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionBreak {
    /// The customer keeps the discount.
    #[default]
    Keep,
    /// The discount of what is kept is taken back, out of the credit.
    ClawBack,
}

/// From when a return window runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowFrom {
    /// From the last shipment of the line.
    #[default]
    Shipped,
    /// From when the order was placed.
    Placed,
}

/// What may come back, until when, and what is done with it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnPolicy {
    /// The place that returns are sent to.
    pub place: String,
    /// From when the days count.
    pub window_from: WindowFrom,
    /// Days that a category may come back.
    pub windows: BTreeMap<String, i64>,
    /// Days of categories that are not listed.
    pub window_days: i64,
    /// Days that a type of return (`withdrawal`, `defect` ...) has at the least, whatever the category says.
    pub least_days: BTreeMap<ReturnType, i64>,
    /// Categories that are not taken back by withdrawal or goodwill.
    pub not_returnable: BTreeSet<String>,
    /// Categories that are not credited before they passed inspection.
    pub inspect_first: BTreeSet<String>,
    /// What is done with accepted units, by grade; units of another grade are held in quarantine.
    pub disposition: BTreeMap<Grade, Disposition>,
    /// Days after notice within which the law wants a withdrawal paid back.
    pub withdrawal_refund_days: i64,
    /// Everything else about returns.
    #[serde(default)]
    pub rules: ReturnRules,
}

/// How long the processes wait before they do something about it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// How long before a legal deadline it becomes an exception.
    pub deadline_warning: Span,
}

impl Default for Spans {
    fn default() -> Self {
        Self {
            early: Span::days(1),
            order: Span::days(30),
            retry: Span::hours(1),
            retries: 3,
            arrival: Span::days(30),
            inspection: Span::days(3),
            refund: Span::days(10),
            deadline_warning: Span::days(2),
        }
    }
}

impl Policy {
    /// A careful default: one pool `main` with these places, returns to the first of them.
    #[must_use]
    pub fn simple(entity: &str, places: &[&str]) -> Self {
        Self {
            entity: entity.to_owned(),
            currency: Currency::GBP,
            periods: Periods::open(),
            asks: NEEDED.map(str::to_owned).into(),
            revision: 0,
            former: BTreeMap::new(),
            routes: Vec::new(),
            pools: BTreeMap::from([("main".to_owned(), StockPolicy::simple(entity, places))]),
            channels: BTreeMap::new(),
            default_pool: "main".to_owned(),
            partial_release: true,
            erp_first: true,
            capture: CaptureRule::WhenComplete,
            checkout: CheckoutPolicy::default(),
            refund_first: RefundFirst::First,
            fulfilment: FulfilmentPolicy::default(),
            messages: Milestone::usual().collect(),
            credits: CreditPolicy::default(),
            returns: ReturnPolicy {
                place: places.first().copied().unwrap_or_default().to_owned(),
                window_from: WindowFrom::Shipped,
                windows: BTreeMap::new(),
                window_days: 30,
                least_days: BTreeMap::from([
                    (ReturnType::Withdrawal, 14),
                    (ReturnType::Defect, 730),
                    (ReturnType::Warranty, 730),
                    (ReturnType::Recall, 3_650),
                ]),
                not_returnable: BTreeSet::new(),
                inspect_first: BTreeSet::new(),
                disposition: BTreeMap::from([
                    (Grade::A, Disposition::Restock),
                    (Grade::B, Disposition::Restock),
                    (Grade::C, Disposition::Destroy),
                    (Grade::X, Disposition::Destroy),
                ]),
                withdrawal_refund_days: 14,
                rules: ReturnRules::default(),
            },
            spans: Spans::default(),
        }
    }

    /// The pool that serves a channel.
    #[must_use]
    pub fn pool_of(&self, source: &str) -> &str {
        self.channels.get(source).unwrap_or(&self.default_pool)
    }

    /// Whether a channel's storefront keeps stock by place, and so books movements by itself.
    #[must_use]
    pub fn keeps_places(&self, source: &str) -> bool {
        self.pools.get(self.pool_of(source)).is_some_and(|pool| pool.by_place.contains(source))
    }

    /// The pool that a place's returned units go to: the one it belongs to, else the default pool where that
    /// takes in returns of other places.
    #[must_use]
    pub fn pool_of_place(&self, place: &str) -> Option<&str> {
        let own = self.pools.iter().find(|(_, p)| p.places.iter().any(|x| x.place == place));
        let other = || self.pools.get_key_value(&self.default_pool).filter(|(_, p)| p.returns_to.is_some());
        own.or_else(other).map(|(id, _)| id.as_str())
    }
}

impl ReturnPolicy {
    /// Days that a line of this category may come back by a return of this type.
    #[must_use]
    pub fn days(&self, category: &str, kind: ReturnType) -> i64 {
        let days = self.windows.get(category).copied().unwrap_or(self.window_days);
        days.max(self.least_days.get(&kind).copied().unwrap_or(0))
    }
}
