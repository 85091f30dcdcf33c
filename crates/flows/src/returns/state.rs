//! What is kept of a return: what was requested, written once; and what has come of it, which is rewritten with
//! every turn and therefore small.

pub use super::doc::{DOC_VERSION, Doc, Line, Paid};

use crate::early::Early;
use crate::out::Res;
use crate::pending::Pending;
use crate::policy::Routes;
use crate::stored::{self, Stored};
use crate::tell::Told;
use retail::money::Currency;
use retail::order::LineKind;
use retail::returns::Disposition;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version of the stored body.
pub const VERSION: u8 = 1;

/// A return. Without a document it has not been requested yet and what came early waits in it.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    pub doc: Option<Arc<Doc>>,
    pub body: Body,
}

/// The changing part.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Body {
    #[serde(rename = "v")]
    pub version: u8,
    #[serde(rename = "b")]
    pub since: i64,
    /// Events that came before what they are about.
    #[serde(rename = "e", skip_serializing_if = "Vec::is_empty")]
    pub early: Vec<Early>,
    /// The orders that were asked.
    #[serde(rename = "o", skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<Asked>,
    /// What orders say was sold on lines that were requested without a SKU: line, SKU.
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    pub skus: Vec<(u16, String)>,
    /// Units that orders hold for return lines.
    #[serde(rename = "h", skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    #[serde(rename = "l", skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Counters>,
    /// Units that were declined: line, quantity, reason.
    #[serde(rename = "n", skip_serializing_if = "Vec::is_empty")]
    pub declined: Vec<(u16, i64, String)>,
    /// Whether every order has answered and policy has spoken.
    #[serde(rename = "a", skip_serializing_if = "std::ops::Not::not")]
    pub decided: bool,
    /// Receipts: number and place.
    #[serde(rename = "r", skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<(String, String)>,
    #[serde(rename = "i", skip_serializing_if = "Vec::is_empty")]
    pub inspections: Vec<String>,
    /// Goods that nobody announced: line as the warehouse calls it, SKU, received, inspected.
    #[serde(rename = "x", skip_serializing_if = "Vec::is_empty")]
    pub unexpected: Vec<(String, String, i64, i64)>,
    /// `D1`, `D2` ...
    #[serde(rename = "D", skip_serializing_if = "Vec::is_empty")]
    pub disposals: Vec<Disposal>,
    /// Credits that were asked for: `1`, `2` ...
    #[serde(rename = "q", skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<Request>,
    /// How many updates the returns platform was sent.
    #[serde(rename = "u", skip_serializing_if = "is_zero")]
    pub updates: u32,
    #[serde(rename = "w", skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    #[serde(rename = "p", skip_serializing_if = "BTreeMap::is_empty")]
    pub pending: BTreeMap<String, Pending>,
    /// Codes of exceptions that it has raised and that are not known to be over.
    #[serde(rename = "k", skip_serializing_if = "Vec::is_empty")]
    pub raised: Vec<String>,
    #[serde(rename = "z", skip_serializing_if = "std::ops::Not::not")]
    pub completed: bool,
    /// Warnings that were given; each is given once.
    #[serde(rename = "y", skip_serializing_if = "Vec::is_empty")]
    pub warned: Vec<Warning>,
    /// When goods were last received, milliseconds.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub received_at: Option<i64>,
    #[serde(skip_serializing_if = "Told::is_empty")]
    pub told: Told,
    /// Who plays each role for it, where rules chose: as for the first of its orders that answered.
    #[serde(rename = "ro", skip_serializing_if = "Routes::is_empty")]
    pub routes: Routes,
    /// The revisions of the settings under which its orders were placed: order, revision.
    #[serde(rename = "rv", skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<(u16, u32)>,
    /// The revision under which it was opened; 0 for none.
    #[serde(rename = "ov", skip_serializing_if = "is_zero")]
    pub revision: u32,
    /// What is known by now, where more has become known since it was opened: lines that nobody had announced,
    /// orders that were found. It stands for the document.
    #[serde(rename = "R", skip_serializing_if = "Option::is_none")]
    pub revised: Option<Box<Doc>>,
    /// Lines that were not judged with the others, and how far they have come.
    #[serde(rename = "L", skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<(u16, Late)>,
    /// Lines whose goods the customer keeps.
    #[serde(rename = "K", skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<u16>,
    /// Units credited before they came, by line.
    #[serde(rename = "A", skip_serializing_if = "Vec::is_empty")]
    pub ahead: Vec<(u16, i64)>,
    /// How often the ERP and the warehouse were told of approved lines; the first time goes by the RMA itself.
    #[serde(rename = "O", skip_serializing_if = "is_zero")]
    pub rounds: u32,
    /// The label that the hub bought.
    #[serde(rename = "b2", skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// Since when the parcel is on its way, milliseconds: the proof that it was sent.
    #[serde(rename = "ts", skip_serializing_if = "Option::is_none")]
    pub sent: Option<i64>,
    /// When the carrier handed it over, milliseconds.
    #[serde(rename = "td", skip_serializing_if = "Option::is_none")]
    pub carried: Option<i64>,
    /// Whether the parcel is lost.
    #[serde(rename = "tl", skip_serializing_if = "std::ops::Not::not")]
    pub lost: bool,
    /// Orders for what customers get instead: `E1`, `E2` ...
    #[serde(rename = "E", skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
    /// Where orders with exchanged lines came from: order, channel, customer.
    #[serde(rename = "ch", skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<(u16, String, Option<String>)>,
    /// Whether the fee for the way back was asked for.
    #[serde(rename = "fs", skip_serializing_if = "std::ops::Not::not")]
    pub shipping_fee: bool,
}

/// How far a line has come that was not judged with the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Late {
    /// Nobody knows which order it belongs to.
    #[serde(rename = "u")]
    Unmatched,
    /// Its order is known and not asked yet.
    #[serde(rename = "m")]
    Matched,
    /// Its order was asked.
    #[serde(rename = "a")]
    Asking,
}

/// A label by which goods come back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    #[serde(rename = "t")]
    pub tracking: String,
    /// Where it can be had, or what it is.
    #[serde(rename = "l", default, skip_serializing_if = "String::is_empty")]
    pub label: String,
}

/// An order for what a customer gets instead.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The order that the returned units were bought with, by position.
    #[serde(rename = "o")]
    pub order: u16,
    #[serde(rename = "s")]
    pub state: ExchangeState,
}

/// How far an exchange has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ExchangeState {
    /// The credit that is to pay for it was asked for.
    #[serde(rename = "a")]
    Asked,
    /// Sent before the goods have come; nothing has paid for it.
    #[serde(rename = "v")]
    Advance,
    /// Its order is open, and paid by the credit as far as that goes.
    #[serde(rename = "o")]
    Funded,
    /// Sent in advance, and the goods never came or were rejected: the customer pays for it.
    #[serde(rename = "u")]
    Unfunded,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// An order that was asked: its id, its answer, its currency.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Asked(pub String, pub Answer, pub Option<Currency>);

/// What an order has answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Answer {
    #[serde(rename = "w")]
    Awaited,
    #[serde(rename = "k")]
    Known,
    #[serde(rename = "u")]
    Unknown,
}

/// Units of a return line that one order line holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Return line, by position.
    #[serde(rename = "l")]
    pub line: u16,
    /// Order, by position.
    #[serde(rename = "o")]
    pub order: u16,
    #[serde(rename = "i")]
    pub order_line: String,
    #[serde(rename = "k")]
    pub kind: LineKind,
    #[serde(rename = "g", default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// (approved, credit asked, credited, given up).
    #[serde(rename = "n")]
    pub units: (i64, i64, i64, i64),
}

/// Units of a return line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(from = "(i64, i64, i64)", into = "(i64, i64, i64)")]
pub struct Counters {
    /// Arrived, wanted or not.
    pub received: i64,
    /// Inspected and kept.
    pub accepted: i64,
    /// Inspected and sent back to the customer.
    pub rejected: i64,
}

impl From<(i64, i64, i64)> for Counters {
    fn from((received, accepted, rejected): (i64, i64, i64)) -> Self {
        Self { received, accepted, rejected }
    }
}

impl From<Counters> for (i64, i64, i64) {
    fn from(c: Counters) -> Self {
        (c.received, c.accepted, c.rejected)
    }
}

/// Where inspected units go.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disposal {
    #[serde(rename = "w")]
    pub place: String,
    #[serde(rename = "r")]
    pub receipt: String,
    /// (return line, SKU, quantity, disposition).
    #[serde(rename = "l")]
    pub lines: Vec<(String, String, i64, Disposition)>,
    /// Whether the warehouse has done it.
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
}

/// A credit that was asked of an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Order, by position.
    #[serde(rename = "o")]
    pub order: u16,
    /// (part, quantity).
    #[serde(rename = "l")]
    pub lines: Vec<(u16, i64)>,
    #[serde(rename = "s")]
    pub state: RequestState,
    #[serde(rename = "c", default, skip_serializing_if = "String::is_empty")]
    pub credit: String,
    #[serde(rename = "a", default)]
    pub amount: i64,
    /// The exchange that it pays for, by position.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<u16>,
}

/// How far a credit has come, as far as the return is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum RequestState {
    #[serde(rename = "a")]
    Asked,
    #[serde(rename = "g")]
    Granted,
    #[serde(rename = "s")]
    Settled,
    /// The money did not go; it is still owed.
    #[serde(rename = "f")]
    Failed,
    /// It went and came back; it is still owed.
    #[serde(rename = "r")]
    Reversed,
}

/// Why nothing more is expected to arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Closed {
    #[serde(rename = "c")]
    Cancelled,
    #[serde(rename = "e")]
    Expired,
    /// The parcel is lost.
    #[serde(rename = "l")]
    Lost,
}

/// What a return warns of, once each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Warning {
    #[serde(rename = "d")]
    Deadline,
    #[serde(rename = "i")]
    Inspection,
    #[serde(rename = "e")]
    Early,
    /// The legal deadline has passed.
    #[serde(rename = "p")]
    Passed,
    /// Goods that came belong to no order yet.
    #[serde(rename = "m")]
    Match,
    /// The carrier handed the parcel over and nobody received it.
    #[serde(rename = "c")]
    Carried,
}

impl Stored for Body {
    const WHAT: &'static str = "the return's body";
    const VERSION: u8 = VERSION;

    fn version(&self) -> u8 {
        self.version
    }
}

impl State {
    /// What is known of it by now, once it is opened.
    #[must_use]
    pub fn document(&self) -> Option<&Doc> {
        self.doc.as_deref().map(|doc| self.body.revised.as_deref().unwrap_or(doc))
    }

    /// A return of which nothing is known but its name.
    #[must_use]
    pub fn awaited(since: i64) -> Self {
        Self { doc: None, body: Body { version: VERSION, since, ..Body::default() } }
    }

    /// # Errors
    /// `bad_state` when the bytes do not read as a version known here, or body and document do not belong together.
    pub fn decode(body: &[u8], doc: Option<&[u8]>) -> Res<Self> {
        let body: Body = stored::decode(body)?;
        let doc: Option<Doc> = stored::decode_if(doc)?;
        let lines = body.revised.as_deref().or(doc.as_ref()).map_or(0, |d| d.lines.len());
        if lines != body.lines.len() {
            return Err(stored::torn(Body::WHAT, "it has not as many lines as the document"));
        }
        Ok(Self { doc: doc.map(Arc::new), body })
    }

    /// # Errors
    /// When it cannot be written, which is a bug.
    pub fn encode(&self) -> Res<Vec<u8>> {
        stored::encode(&self.body)
    }

    /// # Errors
    /// As [`State::encode`].
    pub fn encode_doc(&self) -> Res<Option<Vec<u8>>> {
        self.doc.as_deref().map(stored::encode).transpose()
    }
}
