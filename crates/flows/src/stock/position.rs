//! What a pool has of one SKU.

use super::log::{Log, Move};
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
    /// Units that were reserved and known not to be there until others came, and when these came.
    #[serde(rename = "f", skip_serializing_if = "Vec::is_empty")]
    pub covered: Vec<Lost>,
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

    /// Remembers a movement; see [`Log::push`].
    pub fn moved(&mut self, m: Move, keep_from: i64) {
        if m.delta != 0 {
            let counted = |no| self.at.iter().any(|a| a.spot == no && a.as_of.is_some());
            self.log.push(m, keep_from, counted);
        }
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
            for lost in [&mut self.lost, &mut self.covered] {
                lost.retain(|l| !of(l.0));
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn young(position: &Position) -> Vec<(&str, SpotNo, i64)> {
        position.young.iter().map(|y| (y.0.as_str(), y.1, y.2)).collect()
    }

    /// What an order was told stays known when it reserves again, and it is the youngest then.
    #[test]
    fn the_youngest_stand_last_each_once_a_spot() {
        let mut position = Position::default();
        for (order, spot) in [("a", 0), ("a", 1), ("b", 0)] {
            position.noted(order, spot);
        }
        position.young[0].2 = 3;
        position.young[1].2 = 5;
        position.noted("a", 0);
        assert_eq!(young(&position), [("a", 1, 5), ("b", 0, 0), ("a", 0, 3)]);
        for n in 0..YOUNG - 1 {
            position.noted(&n.to_string(), 0);
        }
        assert_eq!(position.young.len(), YOUNG);
        assert_eq!(young(&position)[0], ("a", 0, 3), "the oldest are forgotten");
    }

    #[test]
    fn what_ended_is_told_no_more() {
        let mut position = Position::default();
        for (order, spot) in [("b", 0), ("a", 1), ("a", 0)] {
            position.noted(order, spot);
        }
        position.young.iter_mut().for_each(|y| y.2 = 5);
        position.ended("a", 0, 2, 4);
        assert_eq!(young(&position), [("b", 0, 5), ("a", 1, 5), ("a", 0, 3)]);
        position.ended("a", 0, 4, 1);
        assert_eq!(young(&position), [("b", 0, 5), ("a", 1, 5), ("a", 0, 0)]);
        position.ended("c", 0, 1, 0);
        position.ended("a", 0, 1, 0);
        assert_eq!(young(&position), [("b", 0, 5), ("a", 1, 5)]);
        position.ended("a", 1, 1, 0);
        assert_eq!(young(&position), [("b", 0, 5)]);
    }

    /// A kind is kept as long as anything of it may still be asked for.
    #[test]
    fn a_kind_is_kept_while_it_has_units_reservations_or_young_news() {
        let kept = |change: fn(&mut Position, SpotNo)| {
            let mut position = Position::default();
            let (plain, other) = (position.open(0, ""), position.open(0, "opened"));
            position.spot_mut(plain).net = 7;
            position.spot_mut(other);
            change(&mut position, other);
            position.tidy(100);
            assert_eq!(position.spot(plain).net, 7);
            position.find(0, "opened") == Some(other)
        };
        assert!(!kept(|_, _| {}));
        assert!(kept(|p, no| p.spot_mut(no).net = -1));
        assert!(kept(|p, no| p.spot_mut(no).held = 1));
        assert!(kept(|p, no| p.spot_mut(no).as_of = Some(100)));
        assert!(!kept(|p, no| p.spot_mut(no).as_of = Some(99)));
        assert!(kept(|p, no| p.moved(Move { spot: no, delta: 1, at: 100 }, 0)));
        assert!(!kept(|p, no| p.moved(Move { spot: no, delta: 1, at: 99 }, 0)));
        assert!(!kept(|p, no| p.moved(Move { spot: no, delta: 0, at: 100 }, 0)));
        assert!(!kept(|p, _| p.moved(Move { spot: 0, delta: 1, at: 100 }, 0)), "another kind's movement");
    }

    #[test]
    fn what_is_forgotten_with_a_kind_is_its_own_only() {
        let mut position = Position::default();
        let gone = position.open(0, "opened");
        let stays = position.open(0, "new");
        position.spot_mut(stays).net = 1;
        position.lost = vec![Lost(gone, 1, 1), Lost(stays, 1, 1), Lost(0, 1, 1)];
        position.covered.clone_from(&position.lost);
        for spot in [gone, stays] {
            position.moved(Move { spot, delta: 1, at: 1 }, 0);
        }
        position.tidy(100);
        assert_eq!(position.lost, [Lost(stays, 1, 1), Lost(0, 1, 1)]);
        assert_eq!(position.covered, position.lost);
        assert_eq!(position.log.moves, [Move { spot: stays, delta: 1, at: 1 }]);
        assert_eq!(position.open(1, "opened"), spot::spot(1, 1), "its number is given anew");
    }

    /// A movement at a spot that was never counted is kept from its first.
    #[test]
    fn a_count_of_one_spot_is_none_of_another() {
        let mut position = Position::default();
        position.spot_mut(0).as_of = Some(1);
        position.spot_mut(1);
        for at in 2..12 {
            position.moved(Move { spot: 1, delta: 1, at }, 12);
        }
        assert_eq!(position.log.after(1, 2), 10);
        position.moved(Move { spot: 0, delta: 1, at: 3 }, 12);
        assert_eq!(position.log.after(0, 0), 0, "the count's own place forgets what is old");
    }

    /// S1: what is reserved is there, what is not there stands apart, and nothing is ever shown below zero.
    #[test]
    fn a_spot_reads_as_what_there_is() {
        let read = |net: i64, held: i64| {
            let at = At { net, held, ..At::default() };
            (at.on_hand(), at.reserved(), at.excess(), at.free())
        };
        assert_eq!(read(5, 2), (5, 2, 0, 3));
        assert_eq!(read(2, 5), (2, 2, 3, 0));
        assert_eq!(read(3, 3), (3, 3, 0, 0));
        assert_eq!(read(-4, 2), (0, 0, 2, 0));
        assert_eq!(read(-4, 0), (0, 0, 0, 0));
        let mut position = Position::default();
        for (place, net, held) in [(0, 5, 2), (1, 2, 5), (2, 4, 0)] {
            *position.spot_mut(place) = At { spot: place, net, held, as_of: None };
        }
        assert_eq!(position.unheld(), 7, "3 and 4: what is short at one place takes nothing off another");
        assert_eq!(position.place(2), At { spot: 2, net: 4, held: 0, as_of: None });
        assert_eq!(position.place(3), At { spot: 3, ..At::default() });
        let opened = position.open(1, "opened");
        assert_eq!(
            (position.tag(opened), position.tag(1), position.tag(opened + 65_536)),
            ("opened", "", "")
        );
    }
}
