//! What a pool has of one SKU.

use super::log::Log;
use super::state::{PlaceNo, is_zero};
use serde::{Deserialize, Serialize};

/// A SKU over all places of the pool.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Position {
    /// By place, in order of their numbers.
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<At>,
    /// Demand that waits for supply: (order, line, quantity), the oldest first.
    #[serde(rename = "w", skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<(String, String, i64)>,
    /// The chunk that it was last added to.
    #[serde(rename = "n", skip_serializing_if = "is_zero")]
    pub chunk: u64,
    /// What moved lately, so that a count taken before can still be applied.
    #[serde(rename = "m", skip_serializing_if = "Log::is_empty")]
    pub log: Log,
}

/// A SKU at one place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<i64>", into = "Vec<i64>")]
pub struct At {
    pub place: PlaceNo,
    /// What came less what went. Below nothing when units left that nobody had reported in: the report is still to
    /// come, and then they are not there to be promised.
    pub net: i64,
    /// Sum of the open reservations.
    pub held: i64,
    /// Up to when movements are contained in the last count, milliseconds.
    pub as_of: Option<i64>,
}

impl At {
    #[must_use]
    pub const fn on_hand(&self) -> i64 {
        if self.net > 0 { self.net } else { 0 }
    }

    /// Reserved units that are there: never more than on hand. Where a count left less than is held, the excess is a
    /// shortage and not reserved stock.
    #[must_use]
    pub const fn reserved(&self) -> i64 {
        if self.held < self.on_hand() { self.held } else { self.on_hand() }
    }

    /// Reservations that nothing stands behind any more.
    #[must_use]
    pub const fn excess(&self) -> i64 {
        self.held - self.reserved()
    }

    /// Available to promise, given the safety stock: never below zero.
    #[must_use]
    pub const fn free(&self, safety: i64) -> i64 {
        let free = self.on_hand().saturating_sub(self.held).saturating_sub(safety);
        if free > 0 { free } else { 0 }
    }
}

impl TryFrom<Vec<i64>> for At {
    type Error = String;

    fn try_from(v: Vec<i64>) -> Result<Self, String> {
        let (place, net, held, as_of) = match v[..] {
            [place, net, held] => (place, net, held, None),
            [place, net, held, as_of] => (place, net, held, Some(as_of)),
            _ => return Err(format!("a place has 3 or 4 numbers, not {}", v.len())),
        };
        let place = PlaceNo::try_from(place).map_err(|_| format!("{place} is no place number"))?;
        Ok(Self { place, net, held, as_of })
    }
}

impl From<At> for Vec<i64> {
    fn from(a: At) -> Self {
        let mut v = vec![i64::from(a.place), a.net, a.held];
        v.extend(a.as_of);
        v
    }
}

impl Position {
    /// What a place has of it.
    #[must_use]
    pub fn place(&self, no: PlaceNo) -> At {
        self.at.iter().find(|a| a.place == no).copied().unwrap_or(At { place: no, ..At::default() })
    }

    /// The same, to be changed.
    pub fn place_mut(&mut self, no: PlaceNo) -> &mut At {
        let i = match self.at.binary_search_by_key(&no, |a| a.place) {
            Ok(i) => i,
            Err(i) => {
                self.at.insert(i, At { place: no, ..At::default() });
                i
            }
        };
        &mut self.at[i]
    }

    /// On hand less reserved over all places, safety stock included: no decision can promise more.
    #[must_use]
    pub fn unheld(&self) -> i64 {
        self.at.iter().map(|a| a.free(0)).fold(0, i64::saturating_add)
    }
}
