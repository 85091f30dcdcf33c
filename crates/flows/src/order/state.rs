//! What changes about an order: counters per line, documents, money per tender. It is rewritten with every
//! turn, so it is small: positions instead of names, arrays instead of objects, nothing that is empty.

use super::amended::{Amended, Label, Promised, Track};
pub use super::credit::{Credit, CreditPart, CreditState, Way};
pub use super::dispute::Dispute;
use super::doc::{Doc, Tender};
use super::gates::{Authorisation, Check, Hold};
use crate::early::Early;
use crate::out::Res;
use crate::pending::Pending;
use crate::stored::{self, Stored};
use crate::tell::Told;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version of the stored shape.
pub const VERSION: u8 = 1;

/// An order. Without a document it has not been submitted yet and what came early waits in it.
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
    /// Since when the hub knows it, milliseconds.
    #[serde(rename = "b")]
    pub since: i64,
    /// Events that came before the order.
    #[serde(rename = "e", skip_serializing_if = "Vec::is_empty")]
    pub early: Vec<Early>,
    #[serde(rename = "l", skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Counters>,
    /// Places by position.
    #[serde(rename = "w", skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// Whether the pool has answered.
    #[serde(rename = "a", skip_serializing_if = "std::ops::Not::not")]
    pub answered: bool,
    #[serde(rename = "o", skip_serializing_if = "Erp::is_untold")]
    pub erp: Erp,
    /// Reserved and not released.
    #[serde(rename = "r", skip_serializing_if = "Vec::is_empty")]
    pub reserved: Vec<Units>,
    /// Reserved and refused by the order management or a warehouse; offered again at `retry_at`.
    #[serde(rename = "k", skip_serializing_if = "Vec::is_empty")]
    pub stuck: Vec<Units>,
    #[serde(rename = "ka", skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<i64>,
    #[serde(rename = "kn", skip_serializing_if = "is_none_u32")]
    pub retries: u32,
    /// `R1`, `R2` ...
    #[serde(rename = "R", skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Release>,
    /// `F1`, `F2` ...
    #[serde(rename = "F", skip_serializing_if = "Vec::is_empty")]
    pub fulfilments: Vec<Fulfilment>,
    #[serde(rename = "S", skip_serializing_if = "Vec::is_empty")]
    pub shipments: Vec<Shipment>,
    /// `X1`, `X2` ...
    #[serde(rename = "X", skip_serializing_if = "Vec::is_empty")]
    pub cancellations: Vec<Cancellation>,
    /// Short reports that were taken in.
    #[serde(rename = "m", skip_serializing_if = "Vec::is_empty")]
    pub shorts: Vec<String>,
    /// Units that left beyond what was released, per line.
    #[serde(rename = "y", skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<(u16, i64)>,
    #[serde(rename = "t", skip_serializing_if = "Vec::is_empty")]
    pub tenders: Vec<TenderSums>,
    /// Refunds that somebody else made: tender and amount.
    #[serde(rename = "g", skip_serializing_if = "BTreeMap::is_empty")]
    pub elsewhere: BTreeMap<String, (u16, i64)>,
    /// Units that returns have been promised: (return line, line, quantity) per RMA.
    #[serde(rename = "h", skip_serializing_if = "BTreeMap::is_empty")]
    pub holds: BTreeMap<String, Vec<(String, u16, i64)>>,
    /// `C1`, `C2` ...
    #[serde(rename = "C", skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<Credit>,
    /// Disputes of its payments, by their own ids.
    #[serde(rename = "dp", skip_serializing_if = "BTreeMap::is_empty")]
    pub disputes: BTreeMap<String, Dispute>,
    /// Promotions that broke when goods came back: the kept line and the promotion, whose discount was taken back.
    #[serde(rename = "bp", skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<(u16, String)>,
    #[serde(rename = "p", skip_serializing_if = "BTreeMap::is_empty")]
    pub pending: BTreeMap<String, Pending>,
    /// Checks without a verdict, by what they check.
    #[serde(rename = "ck", skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, Check>,
    /// Why nothing is released, by code; it goes on when there is none.
    #[serde(rename = "hd", skip_serializing_if = "BTreeMap::is_empty")]
    pub stops: BTreeMap<String, Hold>,
    /// What has changed about tenders' authorisations, by position.
    #[serde(rename = "au", skip_serializing_if = "BTreeMap::is_empty")]
    pub authorisations: BTreeMap<u16, Authorisation>,
    /// Tenders that came after checkout. In memory they follow the document's own.
    #[serde(rename = "tm", skip_serializing_if = "Vec::is_empty")]
    pub more_tenders: Vec<Tender>,
    /// Invoices over several shipments: (line, from unit, to unit) of each. `I1`, `I2` ...
    #[serde(rename = "iv", skip_serializing_if = "Vec::is_empty")]
    pub bills: Vec<Vec<(u16, i64, i64)>>,
    /// It was opened in advance of the goods that pay for it; nothing is captured before those are heard of.
    #[serde(rename = "fd", skip_serializing_if = "std::ops::Not::not")]
    pub unfunded: bool,
    /// What was changed after it was placed.
    #[serde(rename = "am", skip_serializing_if = "Amended::is_nothing")]
    pub amended: Amended,
    /// What pools promised of units that wait.
    #[serde(rename = "pm", skip_serializing_if = "Vec::is_empty")]
    pub promises: Vec<Promised>,
    /// Fulfilment orders that wait to be collected, and since when, milliseconds.
    #[serde(rename = "rd", skip_serializing_if = "BTreeMap::is_empty")]
    pub ready: BTreeMap<u16, i64>,
    /// Labels that the hub bought, by fulfilment order.
    #[serde(rename = "lb", skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<u16, Label>,
    /// Parcels on their way.
    #[serde(rename = "tr", skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<Track>,
    /// Returns that were opened for parcels which came back: `P1`, `P2` ...
    #[serde(rename = "sb", skip_serializing_if = "is_none_u32")]
    pub sent_back: u32,
    /// Codes of exceptions that it has raised and that are not known to be over.
    #[serde(rename = "n", skip_serializing_if = "Vec::is_empty")]
    pub raised: Vec<String>,
    #[serde(rename = "z", skip_serializing_if = "std::ops::Not::not")]
    pub completed: bool,
    #[serde(rename = "q", skip_serializing_if = "std::ops::Not::not")]
    pub overdue: bool,
    #[serde(skip_serializing_if = "Told::is_empty")]
    pub told: Told,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_none_u32(n: &u32) -> bool {
    *n == 0
}

impl Stored for Body {
    const WHAT: &'static str = "the order's body";
    const VERSION: u8 = VERSION;

    fn version(&self) -> u8 {
        self.version
    }
}

/// Units of one line that have come to an end of some kind. What is not here is waiting for stock, reserved,
/// released or with a warehouse.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(from = "(i64, i64, i64, u16)", into = "(i64, i64, i64, u16)")]
pub struct Counters {
    /// Will never be shipped.
    pub cancelled: i64,
    /// Shipped, or provided where nothing is shipped. Invoiced at the same time.
    pub shipped: i64,
    /// Given back by a credit, paid or not.
    pub credited: i64,
    /// The last shipment that carried any, counted from 1; 0 for none.
    pub last: u16,
}

impl From<(i64, i64, i64, u16)> for Counters {
    fn from((cancelled, shipped, credited, last): (i64, i64, i64, u16)) -> Self {
        Self { cancelled, shipped, credited, last }
    }
}

impl From<Counters> for (i64, i64, i64, u16) {
    fn from(c: Counters) -> Self {
        (c.cancelled, c.shipped, c.credited, c.last)
    }
}

/// Units of a line that the pool reserved at a place; both by position.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Units(pub u16, pub u16, pub i64);

/// How far the ERP knows of the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Erp {
    #[default]
    #[serde(rename = "n")]
    Untold,
    #[serde(rename = "a")]
    Asked,
    #[serde(rename = "d")]
    Done,
}

impl Erp {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    const fn is_untold(&self) -> bool {
        matches!(self, Self::Untold)
    }
}

/// A request to the order management.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Release(pub ReleaseState, pub Vec<Units>);

/// How far a release has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ReleaseState {
    /// Asked; the allocation is awaited.
    #[serde(rename = "a")]
    Asked,
    /// Its cancellation is wanted or asked.
    #[serde(rename = "c")]
    Recalled,
    /// It could not be cancelled; the allocation is awaited.
    #[serde(rename = "l")]
    TooLate,
    /// Allocated, cancelled or refused.
    #[serde(rename = "e")]
    Ended,
}

/// One place's share of a release: place, release, state, units that are still to leave, whether any have left.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fulfilment(pub u16, pub u16, pub FulfilmentState, pub Vec<Units>, pub bool);

/// How far a fulfilment order has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FulfilmentState {
    /// Allocated while its release was being cancelled; the warehouse has not been told.
    #[serde(rename = "h")]
    Held,
    #[serde(rename = "o")]
    Open,
    /// Its cancellation is wanted or asked.
    #[serde(rename = "c")]
    Recalled,
    /// The warehouse would not cancel: its shipment is on the way.
    #[serde(rename = "l")]
    Leaving,
    #[serde(rename = "e")]
    Ended,
}

/// Something that left, or was provided without leaving anywhere.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Shipment {
    /// The warehouse's number; for lines provided without goods the hub's `{order}-V{n}`.
    #[serde(rename = "i")]
    pub id: String,
    /// Place by position; none where nothing left.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u16>,
    #[serde(rename = "t")]
    pub at: i64,
    /// What it invoices: (line, from unit, to unit). Kept until its documents are through.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<(u16, i64, i64)>,
    /// Kept as long.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub parcels: Vec<Parcel>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<i64>,
    /// The fulfilment order it left under, where a store hands it out.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub fulfilment: Option<u16>,
}

/// A parcel: its number, carrier, tracking number, and (line by position, quantity).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Parcel(pub String, pub String, pub String, pub Vec<(u16, i64)>);

/// A wish to cancel and what has become of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cancellation {
    /// Tells a repeat of the same wish.
    #[serde(rename = "k")]
    pub key: String,
    #[serde(rename = "r")]
    pub reason: String,
    /// (line, wished and still possible, cancelled).
    #[serde(rename = "l")]
    pub lines: Vec<(u16, i64, i64)>,
    #[serde(rename = "s")]
    pub state: CancellationState,
}

/// How far a cancellation has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum CancellationState {
    #[serde(rename = "o")]
    Open,
    /// Decided for every unit; ERP and storefront are to be told.
    #[serde(rename = "d")]
    Decided,
    #[serde(rename = "t")]
    Told,
}

/// Money of one tender, minor units. "Asked" includes what was done.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(from = "(i64, i64, i64, i64, Vec<i64>)", into = "(i64, i64, i64, i64, Vec<i64>)")]
pub struct TenderSums {
    pub capture_asked: i64,
    pub captured: i64,
    pub refund_asked: i64,
    pub elsewhere: i64,
    /// What was asked with each capture; a void counts as one of nothing.
    pub captures: Vec<i64>,
}

impl From<(i64, i64, i64, i64, Vec<i64>)> for TenderSums {
    fn from(
        (capture_asked, captured, refund_asked, elsewhere, captures): (i64, i64, i64, i64, Vec<i64>),
    ) -> Self {
        Self { capture_asked, captured, refund_asked, elsewhere, captures }
    }
}

impl From<TenderSums> for (i64, i64, i64, i64, Vec<i64>) {
    fn from(t: TenderSums) -> Self {
        (t.capture_asked, t.captured, t.refund_asked, t.elsewhere, t.captures)
    }
}

impl TenderSums {
    /// What may still be given back on it (M1, M6), disputes apart: see [`Body::free`].
    #[must_use]
    pub const fn refundable(&self) -> i64 {
        self.captured - self.refund_asked - self.elsewhere
    }
}

impl State {
    /// An order of which nothing is known but its name.
    #[must_use]
    pub fn awaited(since: i64) -> Self {
        Self { doc: None, body: Body { version: VERSION, since, ..Body::default() } }
    }

    /// # Errors
    /// `bad_state` when the bytes do not read as a version known here, or body and document do not belong together.
    pub fn decode(body: &[u8], doc: Option<&[u8]>) -> Res<Self> {
        let body: Body = stored::decode(body)?;
        let mut doc: Option<Doc> = stored::decode_if(doc)?;
        if let Some(doc) = &mut doc {
            doc.tenders.extend(body.more_tenders.iter().cloned());
            doc.lines.extend(body.amended.lines.iter().cloned());
            doc.bundles.extend(body.amended.bundles.iter().cloned());
            if doc.lines.len() != body.lines.len() || doc.tenders.len() != body.tenders.len() {
                return Err(stored::torn(Body::WHAT, "it has not as many lines or tenders as the document"));
            }
        } else if !body.lines.is_empty() {
            return Err(stored::torn(Doc::WHAT, "it is missing"));
        }
        Ok(Self { doc: doc.map(Arc::new), body })
    }

    /// # Errors
    /// When it cannot be written, which is a bug.
    pub fn encode(&self) -> Res<Vec<u8>> {
        stored::encode(&self.body)
    }

    /// What was placed, without what was added since.
    ///
    /// # Errors
    /// As [`State::encode`].
    pub fn encode_doc(&self) -> Res<Option<Vec<u8>>> {
        self.doc.as_deref().map(|doc| stored::encode(&*self.body.placed(doc))).transpose()
    }
}

impl Body {
    /// What a tender is authorised for by now, minor units.
    #[must_use]
    pub fn authorised(&self, doc: &Doc, tender: usize) -> i64 {
        let own = u16::try_from(tender).ok().and_then(|i| self.authorisations.get(&i));
        let placed = doc.tenders.get(tender).map_or(0, |x| x.authorised);
        own.and_then(|a| a.amount).unwrap_or(placed)
    }

    /// The document as it was placed: without the tenders and lines that came after.
    #[must_use]
    pub fn placed<'d>(&self, doc: &'d Doc) -> Cow<'d, Doc> {
        if self.more_tenders.is_empty() && self.amended.lines.is_empty() {
            return Cow::Borrowed(doc);
        }
        let mut placed = doc.clone();
        placed.tenders.truncate(doc.tenders.len() - self.more_tenders.len().min(doc.tenders.len()));
        placed.lines.truncate(doc.lines.len() - self.amended.lines.len().min(doc.lines.len()));
        placed.bundles.truncate(doc.bundles.len() - self.amended.bundles.len().min(doc.bundles.len()));
        Cow::Owned(placed)
    }

    /// The position of a place, which is noted if it is new.
    pub fn place(&mut self, name: &str) -> u16 {
        let at = self.places.iter().position(|p| p == name).unwrap_or_else(|| {
            self.places.push(name.to_owned());
            self.places.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// The name of a place.
    #[must_use]
    pub fn place_name(&self, place: u16) -> &str {
        self.places.get(usize::from(place)).map_or("", String::as_str)
    }
}
