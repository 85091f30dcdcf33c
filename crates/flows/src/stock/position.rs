//! What a pool has of one SKU.

use super::log::Log;
use super::lost::Lost;
use super::spot::{self, PlaceNo, SpotNo};
use super::state::is_zero;
use super::waiting::Wait;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A SKU over all places of the pool.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Position {
    /// By spot, in order of their numbers.
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<At>,
    /// The tags of the kinds that are not plain: kind `n` is the `n`th from 1. An empty one is free to be given anew.
    #[serde(rename = "k", skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// Demand that waits for supply, the oldest first.
    #[serde(rename = "w", skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Wait>,
    /// The chunk that it was last added to.
    #[serde(rename = "n", skip_serializing_if = "is_zero")]
    pub chunk: u64,
    /// What moved lately, so that a count taken before can still be applied.
    #[serde(rename = "m", skip_serializing_if = "Log::is_empty")]
    pub log: Log,
    /// Units that places could not find and of which no report has said what became of them.
    #[serde(rename = "l", skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Lost>,
    /// The youngest open reservations, the youngest last: who loses first when units turn out not to be there.
    #[serde(rename = "y", skip_serializing_if = "Vec::is_empty")]
    pub young: Vec<Young>,
    /// What is expected to come, the earliest first.
    #[serde(rename = "x", skip_serializing_if = "Vec::is_empty")]
    pub supplies: Vec<Supply>,
    /// Units that channels with a share hold.
    #[serde(rename = "c", skip_serializing_if = "BTreeMap::is_empty")]
    pub shares: BTreeMap<String, i64>,
    /// Its category, where policy keeps safety stock by category and a report has named it.
    #[serde(rename = "g", skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// What each storefront that compares was last told.
    #[serde(rename = "s", skip_serializing_if = "BTreeMap::is_empty")]
    pub shown: BTreeMap<String, i64>,
    /// How often a storefront was put right since it last agreed, or the figure last changed.
    #[serde(rename = "r", skip_serializing_if = "is_zero")]
    pub corrections: u64,
}

/// An open reservation of an order (or a hold) at a spot, and for how many of its units the order was told that
/// they are not there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Young(pub String, pub SpotNo, pub i64);

/// How many young reservations are remembered. When more units are gone than these hold, the rest are found by the
/// places' short reports.
const YOUNG: usize = 8;

/// Units that a supply is still to bring: supply, place, day, units.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Supply(pub String, pub PlaceNo, pub String, pub i64);

/// A SKU at one spot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<i64>", into = "Vec<i64>")]
pub struct At {
    pub spot: SpotNo,
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

    /// On hand less reserved: never below zero.
    #[must_use]
    pub const fn free(&self) -> i64 {
        let free = self.on_hand().saturating_sub(self.held);
        if free > 0 { free } else { 0 }
    }
}

impl TryFrom<Vec<i64>> for At {
    type Error = String;

    fn try_from(v: Vec<i64>) -> Result<Self, String> {
        let (spot, net, held, as_of) = match v[..] {
            [spot, net, held] => (spot, net, held, None),
            [spot, net, held, as_of] => (spot, net, held, Some(as_of)),
            _ => return Err(format!("a place has 3 or 4 numbers, not {}", v.len())),
        };
        let spot = SpotNo::try_from(spot).map_err(|_| format!("{spot} is no place number"))?;
        Ok(Self { spot, net, held, as_of })
    }
}

impl From<At> for Vec<i64> {
    fn from(a: At) -> Self {
        let mut v = vec![i64::from(a.spot), a.net, a.held];
        v.extend(a.as_of);
        v
    }
}

impl Position {
    /// What a spot has of it.
    #[must_use]
    pub fn spot(&self, no: SpotNo) -> At {
        self.at.iter().find(|a| a.spot == no).copied().unwrap_or(At { spot: no, ..At::default() })
    }

    /// The plain spot of a place.
    #[must_use]
    pub fn place(&self, no: PlaceNo) -> At {
        self.spot(SpotNo::from(no))
    }

    /// A spot, to be changed.
    pub fn spot_mut(&mut self, no: SpotNo) -> &mut At {
        let i = match self.at.binary_search_by_key(&no, |a| a.spot) {
            Ok(i) => i,
            Err(i) => {
                self.at.insert(i, At { spot: no, ..At::default() });
                i
            }
        };
        &mut self.at[i]
    }

    /// The tag of a spot's kind; empty for plain.
    #[must_use]
    pub fn tag(&self, no: SpotNo) -> &str {
        let kind = usize::try_from(spot::kind_of(no)).unwrap_or(usize::MAX);
        kind.checked_sub(1).and_then(|i| self.kinds.get(i)).map_or("", String::as_str)
    }

    /// The spot of a kind at a place, where the SKU has units of that kind somewhere or lately had.
    #[must_use]
    pub fn find(&self, place: PlaceNo, tag: &str) -> Option<SpotNo> {
        if tag.is_empty() {
            return Some(SpotNo::from(place));
        }
        let at = self.kinds.iter().position(|k| k == tag)?;
        u32::try_from(at + 1).ok().map(|kind| spot::spot(place, kind))
    }

    /// The same; a kind that is new gets a number.
    pub fn open(&mut self, place: PlaceNo, tag: &str) -> SpotNo {
        if let Some(found) = self.find(place, tag) {
            return found;
        }
        let at = self.kinds.iter().position(String::is_empty).unwrap_or_else(|| {
            self.kinds.push(String::new());
            self.kinds.len() - 1
        });
        if let Some(free) = self.kinds.get_mut(at) {
            tag.clone_into(free);
        }
        spot::spot(place, u32::try_from(at + 1).unwrap_or(u32::MAX))
    }

    /// Forgets kinds of which nothing is left and that were not counted since `keep_from`: lots come and go.
    pub fn tidy(&mut self, keep_from: i64) {
        for kind in (1_u32..).take(self.kinds.len()) {
            let of = |no: SpotNo| spot::kind_of(no) == kind;
            let used = self
                .at
                .iter()
                .filter(|a| of(a.spot))
                .any(|a| a.net != 0 || a.held != 0 || a.as_of.is_some_and(|as_of| as_of >= keep_from));
            let moved = self.log.moves.iter().any(|m| of(m.spot) && m.at >= keep_from);
            if used || moved {
                continue;
            }
            self.at.retain(|a| !of(a.spot));
            self.log.moves.retain(|m| !of(m.spot));
            if let Some(tag) = usize::try_from(kind - 1).ok().and_then(|i| self.kinds.get_mut(i)) {
                tag.clear();
            }
        }
        while self.kinds.last().is_some_and(String::is_empty) {
            self.kinds.pop();
        }
    }

    /// On hand less reserved over all spots, safety stock included: no decision can promise more.
    #[must_use]
    pub fn unheld(&self) -> i64 {
        self.at.iter().map(At::free).fold(0, i64::saturating_add)
    }

    /// Notes who reserved last.
    pub fn noted(&mut self, order: &str, spot: SpotNo) {
        let told = match self.young.iter().position(|y| y.0 == order && y.1 == spot) {
            Some(i) => self.young.remove(i).2,
            None => 0,
        };
        if self.young.len() >= YOUNG {
            self.young.remove(0);
        }
        self.young.push(Young(order.to_owned(), spot, told));
    }

    /// Units of an order at a spot ended; it holds `left` there.
    pub fn ended(&mut self, order: &str, spot: SpotNo, units: i64, left: i64) {
        if let Some(i) = self.young.iter().position(|y| y.0 == order && y.1 == spot) {
            if left > 0 {
                let told = &mut self.young[i].2;
                *told = told.saturating_sub(units).max(0);
            } else {
                self.young.remove(i);
            }
        }
    }
}
