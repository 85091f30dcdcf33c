//! What a retailer decides about a pool of stock.

use books::Periods;
use retail::returns::Grade;
use retail::time::Span;
use std::collections::{BTreeMap, BTreeSet};

/// A place of a pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceRule {
    pub place: String,
    /// Units per SKU that are never promised from here.
    pub safety: i64,
}

/// What a channel may have of a pool's stock. Both may be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ChannelRule {
    /// At most this many percent of what is available to it together with what it holds; 0 to 100.
    pub share: Option<u8>,
    /// So many units of each SKU that no other channel gets.
    pub kept: i64,
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
    /// Units of a SKU that are never promised from a place, whatever the place keeps.
    pub safety_skus: BTreeMap<String, i64>,
    /// The same for every SKU of a category; a SKU's own figure comes first.
    pub safety_categories: BTreeMap<String, i64>,
    /// Conditions that may be promised, in the order in which they are asked.
    pub sellable: Vec<String>,
    /// Owners besides the entity whose units may be promised.
    pub consigned: BTreeSet<String>,
    /// The condition that restocked units are in, by grade; `new` where nothing is said.
    pub restocked_as: BTreeMap<Grade, String>,
    /// Channels (an order's `source`) that do not get all there is.
    pub channels: BTreeMap<String, ChannelRule>,
    /// The longest time that a checkout may hold units.
    pub hold_most: Span,
    /// How long a transfer may be under way before a person must look.
    pub transit: Span,
    /// Where returned units count whose place is not of the pool; `None` refuses them.
    pub returns_to: Option<String>,
    /// Storefronts (an order's `source`) that are told what is available; none publishes nothing.
    pub publish_to: Vec<String>,
    /// How long changes are gathered before they are published.
    pub publish_every: Span,
    /// The most SKUs in one publication.
    pub publish_max: u64,
    /// Storefronts that refuse a figure when they show another one than the hub believes; they are told what it
    /// believes.
    pub compare: BTreeSet<String>,
    /// Storefronts that keep stock by place: they are told the figures of each place too, and again once they have
    /// booked a shipment or a return by themselves.
    pub by_place: BTreeSet<String>,
    /// How often in a row a failed comparison is published anew at once, and a storefront that shows another figure
    /// is put right; then a person must look.
    pub publish_tries: u64,
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
            safety_skus: BTreeMap::new(),
            safety_categories: BTreeMap::new(),
            sellable: vec![super::spot::NEW.to_owned()],
            consigned: BTreeSet::new(),
            restocked_as: BTreeMap::new(),
            channels: BTreeMap::new(),
            hold_most: Span::hours(1),
            transit: Span::days(14),
            returns_to: None,
            publish_to: Vec::new(),
            publish_every: Span::seconds(5),
            publish_max: 200,
            compare: BTreeSet::new(),
            by_place: BTreeSet::new(),
            publish_tries: 3,
            publish_retry: Span::minutes(5),
            report_lag: Span::days(2),
        }
    }
    /// Units of a SKU that are never promised from a place: the SKU's own figure, else its category's, else the
    /// place's.
    #[must_use]
    pub fn safety(&self, place: &PlaceRule, sku: &str, category: &str) -> i64 {
        let own = self.safety_skus.get(sku).or_else(|| self.safety_categories.get(category));
        own.copied().unwrap_or(place.safety)
    }
}
