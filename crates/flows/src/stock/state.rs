//! What a pool keeps. The head is small and rewritten with every turn; what grows with the assortment or with
//! the orders stands in rows. Names in JSON are single letters and places are numbers (positions in the head's
//! list), since position rows are the most written thing of all.

use hub::process::Fault;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The version of the stored shapes.
pub const VERSION: u8 = 1;

/// A place's number within its pool.
pub type PlaceNo = u16;

/// The head of a pool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    #[serde(rename = "v")]
    pub version: u8,
    /// All places that ever belonged to the pool; a place's number is its position here and never changes.
    #[serde(rename = "p", default)]
    pub places: Vec<String>,
    /// The oldest chunk of SKUs to be published that is not confirmed; see [`Row::Chunk`].
    #[serde(rename = "a")]
    pub first: u64,
    /// The chunk that SKUs are added to.
    #[serde(rename = "b")]
    pub last: u64,
    /// How many SKUs that chunk has.
    #[serde(rename = "n", default, skip_serializing_if = "is_zero")]
    pub tail: u64,
    /// Number of the last publication.
    #[serde(rename = "s", default, skip_serializing_if = "is_zero")]
    pub seq: u64,
    /// Keys of the commands that publish chunk `first` and are not through.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub in_flight: Vec<String>,
    /// Whether one of them was refused, so that the chunk is published again.
    #[serde(rename = "g", default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// When to publish next, milliseconds.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub due: Option<i64>,
    /// Positions with more reserved than there is, because a count or a report took units away.
    #[serde(rename = "x", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub excess: BTreeSet<(String, PlaceNo)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Default for State {
    fn default() -> Self {
        Self {
            version: VERSION,
            places: Vec::new(),
            first: 1,
            last: 1,
            tail: 0,
            seq: 0,
            in_flight: Vec::new(),
            again: false,
            due: None,
            excess: BTreeSet::new(),
        }
    }
}

impl State {
    /// A place's number.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<PlaceNo> {
        self.places.iter().position(|p| p == name).and_then(|n| PlaceNo::try_from(n).ok())
    }

    /// A place's name; empty for a number that was never given.
    #[must_use]
    pub fn place_name(&self, no: PlaceNo) -> &str {
        self.places.get(usize::from(no)).map_or("", String::as_str)
    }

    /// Whether there is something to publish that is not under way.
    #[must_use]
    pub const fn is_dirty(&self) -> bool {
        self.first < self.last || self.tail > 0
    }
}

/// A row of a pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Row {
    /// `p/{sku}`
    Position(Position),
    /// `r/{order}`
    Order(OrderRow),
    /// `f/{kind}/{...}`: a fact that was taken in.
    Seen,
    /// `d/{n}`: SKUs whose availability is to be published, each in one waiting chunk at most.
    Chunk(Vec<String>),
}

/// The row of a SKU.
#[must_use]
pub fn position_key(sku: &str) -> String {
    format!("p/{sku}")
}

/// The row of an order.
#[must_use]
pub fn order_key(order: &str) -> String {
    format!("r/{order}")
}

/// The row of a chunk.
#[must_use]
pub fn chunk_key(n: u64) -> String {
    format!("d/{n}")
}

/// The row of a fact.
#[must_use]
pub fn seen_key(kind: &str, of: &str, id: &str) -> String {
    format!("f/{kind}/{of}/{id}")
}

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

/// One physical movement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    pub place: PlaceNo,
    /// Positive for units that came.
    pub delta: i64,
    /// When, milliseconds.
    pub at: i64,
}

/// Movements in order of their times, and from when on they are complete.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<i64>", into = "Vec<i64>")]
pub struct Log {
    /// The time of the latest movement that was forgotten; a count from before it cannot be applied.
    pub horizon: Option<i64>,
    pub moves: Vec<Move>,
}

/// How many movements are remembered; a SKU with more of them lately takes only younger counts.
const REMEMBERED: usize = 8;

impl Log {
    fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.horizon.is_none()
    }

    /// Remembers a movement and forgets those from before `keep_from`.
    pub fn push(&mut self, m: Move, keep_from: i64) {
        let i = self.moves.partition_point(|x| x.at <= m.at);
        self.moves.insert(i, m);
        let old = self.moves.partition_point(|x| x.at < keep_from);
        let forget = old.max(self.moves.len().saturating_sub(REMEMBERED));
        for m in self.moves.drain(..forget) {
            self.horizon = Some(self.horizon.map_or(m.at, |h| h.max(m.at)));
        }
    }

    /// What moved at a place from an instant on. A movement at the very instant of a count is taken as after it:
    /// for what left, that errs on the side of promising too little.
    #[must_use]
    pub fn after(&self, place: PlaceNo, at: i64) -> i64 {
        self.moves.iter().filter(|m| m.place == place && m.at >= at).map(|m| m.delta).fold(0, i64::saturating_add)
    }

    /// Forgets what a count contains.
    pub fn settle(&mut self, place: PlaceNo, as_of: i64) {
        self.moves.retain(|m| m.place != place || m.at >= as_of);
    }
}

// Times are far larger than what lies between them, so each is written as the distance from the one before:
// [horizon or 0, place, delta, time, place, delta, time since the last, ...].
impl From<Log> for Vec<i64> {
    fn from(log: Log) -> Self {
        let mut v = vec![log.horizon.unwrap_or(0)];
        let mut last = 0;
        for m in log.moves {
            v.extend([i64::from(m.place), m.delta, m.at.wrapping_sub(last)]);
            last = m.at;
        }
        v
    }
}

impl TryFrom<Vec<i64>> for Log {
    type Error = String;

    fn try_from(v: Vec<i64>) -> Result<Self, String> {
        let Some((horizon, rest)) = v.split_first() else { return Ok(Self::default()) };
        let (triples, []) = rest.as_chunks::<3>() else {
            return Err(format!("movements come in threes, not {} numbers", rest.len()));
        };
        let mut moves = Vec::with_capacity(triples.len());
        let mut last = 0_i64;
        for [place, delta, since] in triples {
            last = last.wrapping_add(*since);
            let place = PlaceNo::try_from(*place).map_err(|_| format!("{place} is no place number"))?;
            moves.push(Move { place, delta: *delta, at: last });
        }
        Ok(Self { horizon: (*horizon != 0).then_some(*horizon), moves })
    }
}

/// An order's open reservations in this pool. It stays when they have ended, so that the same message again
/// changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OrderRow {
    /// Whether its demand was answered.
    #[serde(rename = "a", skip_serializing_if = "std::ops::Not::not")]
    pub asked: bool,
    /// (line, SKU, place, quantity), never of nothing.
    #[serde(rename = "l", skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<(String, String, PlaceNo, i64)>,
    /// Shipments that were taken in.
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    pub shipments: Vec<String>,
}

impl OrderRow {
    /// Adds units to what a line holds at a place.
    pub fn hold(&mut self, line: &str, sku: &str, place: PlaceNo, quantity: i64) {
        if quantity <= 0 {
            return;
        }
        match self.held.iter_mut().find(|h| h.0 == line && h.1 == sku && h.2 == place) {
            Some(h) => h.3 += quantity,
            None => self.held.push((line.to_owned(), sku.to_owned(), place, quantity)),
        }
    }

    /// Ends up to `quantity` units that a line holds, at one place or anywhere; what was ended, by place.
    pub fn end(&mut self, line: &str, sku: &str, place: Option<PlaceNo>, quantity: i64) -> Vec<(PlaceNo, i64)> {
        let mut left = quantity;
        let mut ended = Vec::new();
        for h in &mut self.held {
            if h.0 == line && h.1 == sku && place.is_none_or(|p| p == h.2) && left > 0 {
                let n = h.3.min(left);
                h.3 -= n;
                left -= n;
                ended.push((h.2, n));
            }
        }
        self.held.retain(|h| h.3 > 0);
        ended
    }
}

fn fault(what: &str, error: impl std::fmt::Display) -> Fault {
    Fault::new("unreadable", format!("{what} does not read as version {VERSION}: {error}"))
}

/// Reads a stored head.
///
/// # Errors
/// When it does not read as this version's.
pub fn decode(body: &[u8]) -> Result<State, Fault> {
    let state: State = serde_json::from_slice(body).map_err(|e| fault("a pool's head", e))?;
    if state.version == VERSION {
        Ok(state)
    } else {
        Err(fault("a pool's head", format_args!("it is version {}", state.version)))
    }
}

/// Writes a head.
///
/// # Errors
/// When it cannot be written, which is a bug.
pub fn encode(state: &State) -> Result<Vec<u8>, Fault> {
    crate::out::bytes(state)
}

/// Reads a stored row; its key says what it is.
///
/// # Errors
/// When the key is of no known kind, or the body does not read as it. A later version would add a member, and
/// unknown members are refused.
pub fn decode_row(key: &str, body: &[u8]) -> Result<Row, Fault> {
    let bad = |e: serde_json::Error| fault(&format!("row {key:?}"), e);
    match key.split_once('/').map(|(kind, _)| kind) {
        Some("p") => serde_json::from_slice(body).map(Row::Position).map_err(bad),
        Some("r") => serde_json::from_slice(body).map(Row::Order).map_err(bad),
        Some("d") => serde_json::from_slice(body).map(Row::Chunk).map_err(bad),
        Some("f") => serde_json::from_slice::<u8>(body).map(|_| Row::Seen).map_err(bad),
        _ => Err(fault(&format!("row {key:?}"), "its key is of no known kind")),
    }
}

/// Writes a row.
///
/// # Errors
/// When it cannot be written, which is a bug.
pub fn encode_row(row: &Row) -> Result<Vec<u8>, Fault> {
    match row {
        Row::Position(position) => crate::out::bytes(position),
        Row::Order(order) => crate::out::bytes(order),
        Row::Chunk(skus) => crate::out::bytes(skus),
        Row::Seen => Ok(vec![b'1']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Position {
        let at = [
            At { place: 0, net: 120, held: 4, as_of: Some(1_291_190_400_000) },
            At { place: 1, net: 60, held: 0, as_of: None },
        ];
        let mut log = Log::default();
        for (delta, at) in [(-6, 1_291_190_500_000), (4, 1_291_190_501_000), (-1, 1_291_190_500_500)] {
            log.push(Move { place: 0, delta, at }, 0);
        }
        Position { at: at.to_vec(), waiting: vec![("shop-1".into(), "1".into(), 3)], chunk: 17, log }
    }

    #[test]
    fn rows_are_small_and_read_back() {
        let bytes = encode_row(&Row::Position(full())).unwrap();
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            r#"{"p":[[0,120,4,1291190400000],[1,60,0]],"w":[["shop-1","1",3]],"n":17,"m":[0,0,-6,1291190500000,0,-1,500,0,4,500]}"#
        );
        assert_eq!(decode_row("p/85123A", &bytes), Ok(Row::Position(full())));
        let plain = Position { at: vec![At { place: 1, net: 5, ..At::default() }], ..Position::default() };
        assert_eq!(encode_row(&Row::Position(plain)).unwrap(), br#"{"p":[[1,5,0]]}"#);
    }

    #[test]
    fn what_this_version_does_not_know_is_refused() {
        assert_eq!(decode(br#"{"v":2,"a":1,"b":1}"#).unwrap_err().code, "unreadable");
        assert_eq!(decode_row("p/A", br#"{"p":[[0,1,0]],"z":1}"#).unwrap_err().code, "unreadable");
        assert_eq!(decode_row("p/A", br#"{"p":[[0,1]]}"#).unwrap_err().code, "unreadable");
        assert_eq!(decode_row("q/A", b"1").unwrap_err().code, "unreadable");
    }

    #[test]
    fn forgotten_movements_leave_a_horizon() {
        let mut log = Log::default();
        for at in 1..=20 {
            log.push(Move { place: 0, delta: -1, at }, 0);
        }
        assert_eq!((log.moves.len(), log.horizon), (REMEMBERED, Some(12)));
        assert_eq!(log.after(0, 16), -5);
        log.push(Move { place: 0, delta: -1, at: 30 }, 19);
        assert_eq!((log.moves.len(), log.horizon), (3, Some(18)));
        let back = Log::try_from(Vec::from(log.clone()));
        assert_eq!(back, Ok(log));
    }

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
}
