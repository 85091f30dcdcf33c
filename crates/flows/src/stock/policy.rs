//! What a retailer decides about a pool of stock.

use books::Periods;
use retail::time::Span;

/// A place of a pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceRule {
    pub place: String,
    /// Units per SKU that are never promised from here.
    pub safety: i64,
}

/// The rules of one pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StockPolicy {
    /// Legal entity whose books the units stand in.
    pub entity: String,
    /// Its posting days.
    pub periods: Periods,
    /// In the order in which they are asked.
    pub places: Vec<PlaceRule>,
    /// Where returned units count whose place is not of the pool; `None` refuses them.
    pub returns_to: Option<String>,
    /// Storefronts (an order's `source`) that are told what is available; none publishes nothing.
    pub publish_to: Vec<String>,
    /// How long changes are gathered before they are published.
    pub publish_every: Span,
    /// The most SKUs in one publication.
    pub publish_max: u64,
    /// How long to wait after a refused publication.
    pub publish_retry: Span,
    /// The longest time between a movement or a count at a place and its report here. Older reports are not
    /// believed to be contained in a count, and older counts not to be exact.
    pub report_lag: Span,
}

impl StockPolicy {
    /// These places in this order, no safety stock, nothing published.
    #[must_use]
    pub fn simple(entity: &str, places: &[&str]) -> Self {
        Self {
            entity: entity.to_owned(),
            periods: Periods::open(),
            places: places.iter().map(|p| PlaceRule { place: (*p).to_owned(), safety: 0 }).collect(),
            returns_to: None,
            publish_to: Vec::new(),
            publish_every: Span::seconds(5),
            publish_max: 200,
            publish_retry: Span::minutes(5),
            report_lag: Span::days(2),
        }
    }
}
