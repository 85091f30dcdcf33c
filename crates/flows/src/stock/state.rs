//! What a pool keeps. The head is small and rewritten with every turn; what grows with the assortment or with
//! the orders stands in rows. Names in JSON are single letters and places are numbers (positions in the head's
//! list), since position rows are the most written thing of all.

pub use super::log::{Log, Move};
pub use super::order_row::OrderRow;
pub use super::position::{At, Position, Supply, Young};
pub use super::spot::{PlaceNo, SpotNo};
pub use super::supply::SupplyRow;
pub use super::transfer::TransferRow;
pub use super::waiting::Wait;

use crate::stored::{self, Stored};
use hub::process::Fault;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The version of the stored head. Rows carry none until they have a second one.
pub const VERSION: u8 = 1;

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
    pub excess: BTreeSet<(String, SpotNo)>,
    /// The days and minutes at which something is to be looked at; see [`Row::Due`]. In minutes since 1970.
    #[serde(rename = "d", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub buckets: BTreeSet<i64>,
    /// Transfers that did not arrive as they left.
    #[serde(rename = "l", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub late: BTreeSet<String>,
    /// Storefronts that show something else than they were told, so that the next publication goes without a
    /// comparison.
    #[serde(rename = "o", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub doubted: BTreeSet<String>,
    /// How often in a row a comparison failed.
    #[serde(rename = "r", default, skip_serializing_if = "is_zero")]
    pub refused: u64,
    /// Whether only comparisons failed, so that it is published again at once.
    #[serde(rename = "h", default, skip_serializing_if = "std::ops::Not::not")]
    pub soon: bool,
    /// When something was last published, milliseconds: what storefronts showed before is no news.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<i64>,
    /// SKUs of which a storefront keeps showing something else.
    #[serde(rename = "c", default, skip_serializing_if = "BTreeSet::is_empty")]
    pub contested: BTreeSet<String>,
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
            buckets: BTreeSet::new(),
            late: BTreeSet::new(),
            doubted: BTreeSet::new(),
            refused: 0,
            soon: false,
            sent: None,
            contested: BTreeSet::new(),
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

impl Stored for TransferRow {
    const WHAT: &'static str = "a transfer's row";
    const VERSION: u8 = 1;

    fn version(&self) -> u8 {
        1
    }
}

impl Stored for SupplyRow {
    const WHAT: &'static str = "a supply's row";
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
    /// `e/{minute}`: keys of rows (holds, transfers) to be looked at then.
    Due(Vec<String>),
    /// `t/{transfer}`
    Transfer(TransferRow),
    /// `x/{supply}`
    Supply(SupplyRow),
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

/// The name under which a checkout's hold stands where orders stand by theirs; no order is called so.
#[must_use]
pub fn holder(hold: &str) -> String {
    format!("~{hold}")
}

/// The hold of a holder's name; `None` for an order.
#[must_use]
pub fn hold_of(holder: &str) -> Option<&str> {
    holder.strip_prefix('~')
}

/// The row of what is due by a minute.
#[must_use]
pub fn due_key(minute: i64) -> String {
    format!("e/{minute}")
}

/// The row of a transfer.
#[must_use]
pub fn transfer_key(transfer: &str) -> String {
    format!("t/{transfer}")
}

/// The row of a supply.
#[must_use]
pub fn supply_key(supply: &str) -> String {
    format!("x/{supply}")
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
        Some("e") => serde_json::from_slice(body).map(Row::Due).map_err(bad),
        Some("t") => stored::decode(body).map(Row::Transfer),
        Some("x") => stored::decode(body).map(Row::Supply),
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
        Row::Due(keys) => stored::encode(keys),
        Row::Transfer(transfer) => stored::encode(transfer),
        Row::Supply(supply) => stored::encode(supply),
        Row::Seen => Ok(vec![b'1']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Position {
        let at = [
            At { spot: 0, net: 120, held: 4, as_of: Some(1_291_190_400_000) },
            At { spot: 1, net: 60, held: 0, as_of: None },
        ];
        let mut log = Log::default();
        for (delta, at) in [(-6, 1_291_190_500_000), (4, 1_291_190_501_000), (-1, 1_291_190_500_500)] {
            log.push(Move { spot: 0, delta, at }, 0, |_| true);
        }
        let wait = Wait { order: "shop-1".into(), line: "1".into(), quantity: 3, channel: String::new() };
        Position { at: at.to_vec(), waiting: vec![wait], chunk: 17, log, ..Position::default() }
    }

    #[test]
    fn rows_are_small_and_read_back() {
        let bytes = encode_row(&Row::Position(full())).unwrap();
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            r#"{"p":[[0,120,4,1291190400000],[1,60,0]],"w":[["shop-1","1",3]],"n":17,"m":[0,0,-6,1291190500000,0,-1,500,0,4,500]}"#
        );
        assert_eq!(decode_row("p/85123A", &bytes), Ok(Row::Position(full())));
        let plain = Position { at: vec![At { spot: 1, net: 5, ..At::default() }], ..Position::default() };
        assert_eq!(encode_row(&Row::Position(plain)).unwrap(), br#"{"p":[[1,5,0]]}"#);
    }

    #[test]
    fn what_few_positions_have_is_written_only_there() {
        let mut position = Position { category: "toys".into(), corrections: 1, ..full() };
        let opened = position.open(1, "opened");
        position.spot_mut(opened).net = 2;
        position.noted("shop-1", 0);
        position.supplies.push(Supply("PO1".into(), 0, "2026-12-01".into(), 5));
        position.shares.insert("market".into(), 1);
        position.shown.insert("shop".into(), 7);
        position.waiting[0].channel = "market".into();
        let bytes = encode_row(&Row::Position(position.clone())).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        for part in [
            r#"[65537,2,0]],"k":["opened"]"#,
            r#""w":[["shop-1","1",3,"market"]]"#,
            r#""y":[["shop-1",0,0]],"x":[["PO1",0,"2026-12-01",5]],"c":{"market":1},"g":"toys","s":{"shop":7},"r":1"#,
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!(decode_row("p/85123A", &bytes), Ok(Row::Position(position)));
    }

    #[test]
    fn a_kind_of_which_nothing_is_left_gives_its_number_back() {
        let mut position = Position::default();
        for (lot, n) in [("new#1", 3), ("new#2", 0), ("new#3", 4)] {
            let spot = position.open(0, lot);
            position.spot_mut(spot).net = n;
        }
        position.tidy(0);
        assert_eq!(position.kinds, ["new#1", "", "new#3"]);
        let spot = position.open(1, "new#4");
        assert_eq!((position.tag(spot), position.kinds.len()), ("new#4", 3));
        position.at.iter_mut().for_each(|a| a.net = 0);
        position.tidy(0);
        assert_eq!(position, Position::default());
    }

    #[test]
    fn what_this_version_does_not_know_is_refused() {
        assert_eq!(decode(br#"{"v":2,"a":1,"b":1}"#).unwrap_err().code, "bad_state");
        assert_eq!(decode_row("p/A", br#"{"p":[[0,1,0]],"z":1}"#).unwrap_err().code, "bad_state");
        assert_eq!(decode_row("p/A", br#"{"p":[[0,1]]}"#).unwrap_err().code, "bad_state");
        assert_eq!(decode_row("q/A", b"1").unwrap_err().code, "bad_state");
    }
}
