//! The facts that a pool establishes. Small, since a line of every order passes through here several times:
//! lines are arrays. What an order line holds at a place is what `stock.reserved` and `stock.supplied` gave it,
//! less what `stock.shipped` (`ended`, else `lines`), `stock.released`, `stock.found_missing` and `stock.given_up`
//! ended; a hold has what `stock.held` gave it less what `stock.hold_ended` ended. A place is named with the kind of
//! its units where they are not plain: `north/opened`, `north/new@acme#L1`.

use super::messages::Promise;
use retail::time::Time;
use serde::Serialize;

/// (order line, SKU, place, quantity).
pub type Line<'a> = (&'a str, &'a str, &'a str, i64);

/// The same, owned.
pub type Named = (String, String, String, i64);

/// (order line, SKU, supply, day, quantity).
pub type Coming<'a> = (&'a str, &'a str, &'a str, &'a str, i64);

/// Lines as facts have them.
#[must_use]
pub fn lines(named: &[Named]) -> Vec<Line<'_>> {
    named.iter().map(|(line, sku, place, n)| (line.as_str(), sku.as_str(), place.as_str(), *n)).collect()
}

/// A promise as facts have it.
#[must_use]
pub fn promise(p: &Promise) -> Coming<'_> {
    (&p.line, &p.sku, &p.supply, &p.date, p.quantity)
}

/// `stock.reserved`: an order's demand was answered; what is in `short` began to wait.
#[derive(Debug, Serialize)]
pub struct Reserved<'a> {
    pub order: &'a str,
    pub lines: Vec<Line<'a>>,
    /// (order line, SKU, quantity).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub short: Vec<(&'a str, &'a str, i64)>,
    /// What of it is promised of expected supply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<Coming<'a>>,
}

/// `stock.promised`: what waiting lines of an order are promised has changed; it is this now.
#[derive(Debug, Serialize)]
pub struct Promised<'a> {
    pub order: &'a str,
    pub lines: Vec<Coming<'a>>,
    /// Lines that are promised nothing any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<&'a str>,
}

/// `stock.expected`: a supply is to bring this; (SKU, units ordered, day).
#[derive(Debug, Serialize)]
pub struct Expected<'a> {
    pub supply: &'a str,
    pub place: &'a str,
    pub lines: Vec<(&'a str, i64, &'a str)>,
}

/// `stock.held`: a checkout's request was answered. `short` does not wait.
#[derive(Debug, Serialize)]
pub struct HeldFor<'a> {
    pub hold: &'a str,
    pub channel: &'a str,
    pub until: Time,
    /// The hold's lines are numbered from 1.
    pub lines: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub short: Vec<(&'a str, &'a str, i64)>,
    /// Why nothing is held: `expired`, `too_long`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<&'a str>,
}

/// `stock.hold_ended`: a hold, or some units of it, ended: `taken_over` by an order, `released`, `expired`, or
/// `withdrawn` because the units are not there.
#[derive(Debug, Serialize)]
pub struct HoldEnded<'a> {
    pub hold: &'a str,
    pub how: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<&'a str>,
    pub lines: Vec<Line<'a>>,
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

/// `stock.given_up`: an order gave up reservations that nothing stood behind. What was reserved instead follows as
/// `stock.supplied`, the rest waits.
#[derive(Debug, Serialize)]
pub struct GivenUp<'a> {
    pub order: &'a str,
    pub lines: Vec<Line<'a>>,
}

/// `stock.received`, `stock.adjusted`, `stock.restocked`, `stock.transfer_shipped`, `stock.transfer_received`: units came to a place or went.
#[derive(Debug, Serialize)]
pub struct Moved<'a> {
    /// The receipt's, adjustment's, disposition's or transfer's id.
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
    /// Whom the units were taken from, as far as they were told now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<&'a str>,
}

/// `stock.transfer_lost`: (SKU, units) of a transfer that will never arrive.
#[derive(Debug, Serialize)]
pub struct TransferLost<'a> {
    pub transfer: &'a str,
    pub lines: Vec<(&'a str, i64)>,
}

/// `stock.shelf_differed`: a storefront shows something else than it was told; (SKU, told, shown).
#[derive(Debug, Serialize)]
pub struct ShelfDiffered<'a> {
    pub channel: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<(&'a str, i64, i64)>,
}

/// `stock.published`: storefronts know what is available of some SKUs.
#[derive(Debug, Serialize)]
pub struct Published {
    pub seq: u64,
}
