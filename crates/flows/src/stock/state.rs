//! What a pool keeps. The head is small and rewritten with every turn; what grows with the assortment or with
//! the orders stands in rows. Names in JSON are single letters and places are numbers (positions in the head's
//! list), since position rows are the most written thing of all.

pub use super::log::{Log, Move};
pub use super::order_row::OrderRow;
pub use super::position::{At, Position};

use crate::stored::{self, Stored};
use hub::process::Fault;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The version of the stored head. Rows carry none until they have a second one.
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
pub(super) const fn is_zero(n: &u64) -> bool {
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

impl Stored for State {
    const WHAT: &'static str = "a pool's head";
    const VERSION: u8 = VERSION;

    fn version(&self) -> u8 {
        self.version
    }
}

impl Stored for Position {
    const WHAT: &'static str = "a SKU's row";
    const VERSION: u8 = 1;

    fn version(&self) -> u8 {
        1
    }
}

impl Stored for OrderRow {
    const WHAT: &'static str = "an order's row in a pool";
    const VERSION: u8 = 1;

    fn version(&self) -> u8 {
        1
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

fn fault(what: &str, error: impl std::fmt::Display) -> Fault {
    Fault::new("bad_state", format!("{what}: {error}"))
}

/// Reads a stored head.
///
/// # Errors
/// `bad_state` when the bytes do not read as a version known here.
pub fn decode(body: &[u8]) -> Result<State, Fault> {
    stored::decode(body)
}

/// Writes a head.
///
/// # Errors
/// When it cannot be written, which is a bug.
pub fn encode(state: &State) -> Result<Vec<u8>, Fault> {
    stored::encode(state)
}

/// Reads a stored row; its key says what it is.
///
/// # Errors
/// `bad_state` when the key is of no known kind, or the body does not read as a version of it known here.
pub fn decode_row(key: &str, body: &[u8]) -> Result<Row, Fault> {
    let bad = |e: serde_json::Error| fault(&format!("row {key:?}"), e);
    match key.split_once('/').map(|(kind, _)| kind) {
        Some("p") => stored::decode(body).map(Row::Position),
        Some("r") => stored::decode(body).map(Row::Order),
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
        Row::Position(position) => stored::encode(position),
        Row::Order(order) => stored::encode(order),
        Row::Chunk(skus) => stored::encode(skus),
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
        assert_eq!(decode(br#"{"v":2,"a":1,"b":1}"#).unwrap_err().code, "bad_state");
        assert_eq!(decode_row("p/A", br#"{"p":[[0,1,0]],"z":1}"#).unwrap_err().code, "bad_state");
        assert_eq!(decode_row("p/A", br#"{"p":[[0,1]]}"#).unwrap_err().code, "bad_state");
        assert_eq!(decode_row("q/A", b"1").unwrap_err().code, "bad_state");
    }
}
