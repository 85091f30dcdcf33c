//! The facts that a pool establishes. Small, since a line of every order passes through here several times:
//! lines are arrays. What an order line holds at a place is what `stock.reserved` and `stock.supplied` gave it,
//! less what `stock.shipped` (`ended`, else `lines`), `stock.released` and `stock.found_missing` ended.

use serde::Serialize;

/// (order line, SKU, place, quantity).
pub type Line<'a> = (&'a str, &'a str, &'a str, i64);

/// `stock.reserved`: an order's demand was answered; what is in `short` began to wait.
#[derive(Debug, Serialize)]
pub struct Reserved<'a> {
    pub order: &'a str,
    pub lines: Vec<Line<'a>>,
    /// (order line, SKU, quantity).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub short: Vec<(&'a str, &'a str, i64)>,
}

/// `stock.supplied`: units were reserved for demand that waited.
#[derive(Debug, Serialize)]
pub struct Supplied<'a> {
    pub order: &'a str,
    pub lines: Vec<Line<'a>>,
}

/// `stock.shipped`: units left.
#[derive(Debug, Serialize)]
pub struct Shipped<'a> {
    pub order: &'a str,
    pub shipment: &'a str,
    pub lines: Vec<Line<'a>>,
    /// The reservations that ended, where they are not exactly `lines`: the place shipped what was reserved
    /// elsewhere, or what nobody had reserved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Vec<Line<'a>>>,
    /// Waiting demand that ended because its units left after all: (order line, SKU, quantity).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waited: Vec<(&'a str, &'a str, i64)>,
}

/// `stock.released`: reservations ended and waiting demand was given up.
#[derive(Debug, Serialize)]
pub struct Released<'a> {
    pub order: &'a str,
    pub reason: &'a str,
    pub lines: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<(&'a str, &'a str, i64)>,
}

/// `stock.found_missing`: a place could not find reserved units; the reservations ended. What was reserved
/// instead follows as `stock.supplied`, the rest waits.
#[derive(Debug, Serialize)]
pub struct FoundMissing<'a> {
    pub order: &'a str,
    pub fulfilment: &'a str,
    pub lines: Vec<Line<'a>>,
}

/// `stock.received`, `stock.adjusted`, `stock.restocked`: units came to a place or went.
#[derive(Debug, Serialize)]
pub struct Moved<'a> {
    /// The receipt's, adjustment's or disposition's id.
    pub id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub reason: &'a str,
    /// (SKU, place, quantity as reported, change of on hand).
    pub lines: Vec<(&'a str, &'a str, i64, i64)>,
}

/// `stock.counted`: a count was applied.
#[derive(Debug, Serialize)]
pub struct Counted<'a> {
    pub count: &'a str,
    pub place: &'a str,
    pub as_of: retail::time::Time,
    /// (SKU, counted, on hand now): they differ by what moved since.
    pub lines: Vec<(&'a str, i64, i64)>,
    /// SKUs whose count was older than what is known, and so not applied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<&'a str>,
}

/// `stock.overcommitted`: a place has less than is reserved there; (SKU, place, units short).
#[derive(Debug, Serialize)]
pub struct Overcommitted<'a> {
    pub lines: Vec<(&'a str, &'a str, i64)>,
}

/// `stock.published`: storefronts know what is available of some SKUs.
#[derive(Debug, Serialize)]
pub struct Published {
    pub seq: u64,
}
