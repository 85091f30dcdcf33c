//! What a pool holds for one order.

use super::spot::{PlaceNo, SpotNo, place_of};
use serde::{Deserialize, Serialize};

/// An order's open reservations in this pool, or a checkout's hold. An order's stays when they have ended, so that
/// the same message again changes nothing; a hold's goes with its time.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OrderRow {
    /// Whether its demand was answered.
    #[serde(rename = "a", skip_serializing_if = "std::ops::Not::not")]
    pub asked: bool,
    /// (line, SKU, spot, quantity), never of nothing.
    #[serde(rename = "l", skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<(String, String, SpotNo, i64)>,
    /// Shipments that were taken in.
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    pub shipments: Vec<String>,
    /// Whose units it holds count against a channel's share; empty where the channel has none.
    #[serde(rename = "c", skip_serializing_if = "String::is_empty")]
    pub channel: String,
    /// Only a hold: until when, milliseconds.
    #[serde(rename = "u", skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// Only a hold: how it ended (`released`, `expired`, or the order that took it over).
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
}

impl OrderRow {
    /// Adds units to what a line holds at a spot.
    pub fn hold(&mut self, line: &str, sku: &str, spot: SpotNo, quantity: i64) {
        if quantity <= 0 {
            return;
        }
        match self.held.iter_mut().find(|h| h.0 == line && h.1 == sku && h.2 == spot) {
            Some(h) => h.3 += quantity,
            None => self.held.push((line.to_owned(), sku.to_owned(), spot, quantity)),
        }
    }

    /// Ends up to `quantity` units that a line holds, at one place or anywhere; what was ended, by spot.
    pub fn end(
        &mut self,
        line: &str,
        sku: &str,
        place: Option<PlaceNo>,
        quantity: i64,
    ) -> Vec<(SpotNo, i64)> {
        let mut left = quantity;
        let mut ended = Vec::new();
        for h in &mut self.held {
            if h.0 == line && h.1 == sku && place.is_none_or(|p| p == place_of(h.2)) && left > 0 {
                let n = h.3.min(left);
                h.3 -= n;
                left -= n;
                ended.push((h.2, n));
            }
        }
        self.held.retain(|h| h.3 > 0);
        ended
    }

    /// Units of a SKU that all its lines hold at a spot.
    #[must_use]
    pub fn at(&self, sku: &str, spot: SpotNo) -> i64 {
        self.held.iter().filter(|h| h.1 == sku && h.2 == spot).map(|h| h.3).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reservation_ends_once() {
        let mut row = OrderRow::default();
        row.hold("1", "A", 0, 3);
        row.hold("1", "A", 1, 2);
        assert_eq!(row.end("1", "A", Some(0), 5), [(0, 3)]);
        assert_eq!(row.end("1", "A", Some(0), 5), []);
        assert_eq!(row.end("1", "A", None, 5), [(1, 2)]);
        assert_eq!(row, OrderRow::default());
    }

    #[test]
    fn lines_skus_and_spots_are_held_apart() {
        let mut row = OrderRow::default();
        for (line, sku, spot, n) in [("1", "A", 0, 1), ("2", "A", 0, 2), ("1", "B", 0, 4), ("1", "A", 1, 8)] {
            row.hold(line, sku, spot, n);
        }
        row.hold("1", "A", 1, 16);
        row.hold("1", "A", 0, 0);
        row.hold("1", "A", 0, -1);
        assert_eq!(row.held.iter().map(|h| h.3).collect::<Vec<_>>(), [1, 2, 4, 24]);
        assert_eq!((row.at("A", 0), row.at("B", 0), row.at("A", 1), row.at("B", 1)), (3, 4, 24, 0));
        assert_eq!(row.end("1", "A", None, 2), [(0, 1), (1, 1)]);
        assert_eq!((row.at("A", 0), row.at("B", 0), row.at("A", 1)), (2, 4, 23));
        assert_eq!(row.end("1", "B", Some(1), 4), []);
        assert_eq!(row.end("2", "A", Some(0), 1), [(0, 1)]);
        assert_eq!(row.held.iter().map(|h| h.3).collect::<Vec<_>>(), [1, 4, 23]);
        row.hold("3", "A", 0, 1);
        row.hold("3", "A", 1, 1);
        assert_eq!(row.end("3", "A", None, 1), [(0, 1)], "and nothing of the next spot");
    }
}
