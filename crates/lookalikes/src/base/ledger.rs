//! The ledger of a system: what it really did, in the order in which it did it. Rows are never changed.
//!
//! A year of trade makes well over a million rows, so a row is 32 bytes and what a document's rows share (its
//! reference, order, place, amount, time) is kept once in a [`Head`].

use crate::base::names::{NameId, Names};
use crate::base::text::plain_number;
use crate::base::when;
use serde::Serialize;
use std::borrow::Cow;

/// Kinds with their texts.
macro_rules! kinds {
    ($($kind:ident = $text:literal,)+) => {
        /// What was done.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Kind {
            $($kind,)+
        }

        impl Kind {
            /// As rows say it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $text,)+
                }
            }
        }
    };
}

kinds! {
    OrderPlaced = "order_placed",
    CancelRequested = "cancel_requested",
    ShipmentReported = "shipment_reported",
    CancellationReported = "cancellation_reported",
    RefundReported = "refund_reported",
    StockPublished = "stock_published",
    Authorised = "authorised",
    Captured = "captured",
    Voided = "voided",
    Refunded = "refunded",
    RefundFailed = "refund_failed",
    SalesOrder = "sales_order",
    SalesOrderCancelled = "sales_order_cancelled",
    Delivery = "delivery",
    Invoice = "invoice",
    ReturnOrder = "return_order",
    ReturnReceipt = "return_receipt",
    CreditMemo = "credit_memo",
    Release = "release",
    Allocation = "allocation",
    AllocationShort = "allocation_short",
    ReleaseCancelled = "release_cancelled",
    Opening = "opening",
    StockReceived = "stock_received",
    Fulfilment = "fulfilment",
    FulfilmentCancelled = "fulfilment_cancelled",
    Shipment = "shipment",
    Short = "short",
    ExpectedReturn = "expected_return",
    ReturnReceived = "return_received",
    Disposition = "disposition",
    Adjustment = "adjustment",
    ReturnRequested = "return_requested",
    Approved = "approved",
    Declined = "declined",
    Received = "received",
    Rejected = "rejected",
    Completed = "completed",
    SalesOrderAmended = "sales_order_amended",
    SaleFound = "sale_found",
    CreditMemoReversed = "credit_memo_reversed",
    FulfilmentAmended = "fulfilment_amended",
    Ready = "ready",
    ReadyReported = "ready_reported",
    Issued = "issued",
    CustomerChecked = "customer_checked",
    PromotionsChecked = "promotions_checked",
    TaxQuoted = "tax_quoted",
    TaxCommitted = "tax_committed",
    TaxRefunded = "tax_refunded",
    Screened = "screened",
    Label = "label",
    ReturnLabel = "return_label",
    LabelVoided = "label_voided",
    Tracked = "tracked",
    Message = "message",
    CaseOpened = "case_opened",
    CaseClosed = "case_closed",
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What all rows of one document share. Empty texts are absent.
#[derive(Clone, Debug, Default)]
pub struct Head<'a> {
    /// The hub's id of the thing: order, shipment, credit, RMA.
    pub reference: &'a str,
    pub order: &'a str,
    /// The system's own id.
    pub id: &'a str,
    pub place: &'a str,
    pub currency: &'a str,
    /// Minor units.
    pub amount: Option<i64>,
    /// Business time, milliseconds.
    pub at: i64,
}

#[derive(Debug)]
struct KeptHead {
    reference: Box<str>,
    order: Box<str>,
    id: Box<str>,
    place: NameId,
    currency: NameId,
    amount: Option<i64>,
    at: i64,
}

/// A line's id: most are numbers.
#[derive(Clone, Copy, Debug)]
enum LineId {
    None,
    Number(u64),
    Name(NameId),
}

/// Flat, so that it stays at 32 bytes.
#[derive(Debug)]
struct Row {
    /// 0 where the row counts no units.
    units: i64,
    line: u64,
    head: u32,
    sku: NameId,
    detail: NameId,
    kind: Kind,
    counts: bool,
    /// What `line` is: nothing, a number, the number of a name.
    line_is: u8,
}

impl Row {
    fn quantity(&self) -> Option<i64> {
        self.counts.then_some(self.units)
    }

    fn line(&self) -> LineId {
        match self.line_is {
            0 => LineId::None,
            1 => LineId::Number(self.line),
            _ => LineId::Name(NameId::try_from(self.line).unwrap_or(0)),
        }
    }
}

/// A moment, milliseconds since 1970, written as text only where it is shown.
#[derive(Clone, Copy, Debug)]
pub struct At(pub i64);

impl Serialize for At {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&when::text(self.0))
    }
}

/// One line of the answer; what does not apply is empty.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    pub n: usize,
    pub kind: Kind,
    pub reference: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub order: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    #[serde(skip_serializing_if = "str::is_empty")]
    line: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub sku: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub place: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub detail: &'a str,
    pub at: At,
}

/// The rows of one system.
#[derive(Debug, Default)]
pub struct Ledger {
    heads: Vec<KeptHead>,
    rows: Vec<Row>,
    names: Names,
}

/// Most rows in one answer.
const PAGE: u64 = 100_000;

impl Ledger {
    /// Opens a document; its rows follow.
    pub fn document(&mut self, head: &Head<'_>) -> Document<'_> {
        let kept = KeptHead {
            reference: head.reference.into(),
            order: head.order.into(),
            id: head.id.into(),
            place: self.names.id(head.place),
            currency: self.names.id(head.currency),
            amount: head.amount,
            at: head.at,
        };
        let number = u32::try_from(self.heads.len()).unwrap_or(u32::MAX);
        self.heads.push(kept);
        Document { ledger: self, head: number }
    }

    /// The order and line of the last row of a kind about a SKU, in an order of which `fits` says yes.
    pub fn last_of(&self, kind: Kind, sku: &str, fits: impl Fn(&str) -> bool) -> Option<(String, String)> {
        self.rows.iter().rev().filter(|row| row.kind == kind).find_map(|row| {
            let head = self.heads.get(row.head as usize)?;
            let line = match row.line() {
                LineId::None => return None,
                LineId::Name(id) => self.names.text(id).to_owned(),
                LineId::Number(n) => n.to_string(),
            };
            (self.names.text(row.sku) == sku && fits(&head.order)).then(|| (head.order.to_string(), line))
        })
    }

    /// All rows in their order, each with the number of its document.
    pub fn shown(&self) -> impl Iterator<Item = (u32, Shown<'_>)> {
        self.shown_after(0)
    }

    /// The same after the first `after`.
    pub fn shown_after(&self, after: usize) -> impl Iterator<Item = (u32, Shown<'_>)> {
        self.rows.iter().enumerate().skip(after).filter_map(|(at, row)| {
            let head = self.heads.get(row.head as usize)?;
            let line = match row.line() {
                LineId::None => Cow::Borrowed(""),
                LineId::Name(id) => Cow::Borrowed(self.names.text(id)),
                LineId::Number(n) => Cow::Owned(n.to_string()),
            };
            let shown = Shown {
                n: at + 1,
                kind: row.kind,
                reference: &head.reference,
                order: &head.order,
                id: &head.id,
                amount: head.amount,
                currency: self.names.text(head.currency),
                quantity: row.quantity(),
                line,
                sku: self.names.text(row.sku),
                place: self.names.text(head.place),
                detail: self.names.text(row.detail),
                at: At(head.at),
            };
            Some((row.head, shown))
        })
    }

    /// Rows after row `after`, at most `limit`, one JSON object a line. Row numbers begin with 1 and have no
    /// gaps, so a reader that got fewer than it asked for has them all.
    pub fn lines(&self, after: u64, limit: u64) -> Vec<u8> {
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        let limit = usize::try_from(limit.min(PAGE)).unwrap_or(0);
        let mut out = Vec::new();
        for (_, shown) in self.shown_after(after).take(limit) {
            if serde_json::to_writer(&mut out, &shown).is_ok() {
                out.push(b'\n');
            }
        }
        out
    }
}

/// A document that is being written.
#[derive(Debug)]
pub struct Document<'l> {
    ledger: &'l mut Ledger,
    head: u32,
}

impl Document<'_> {
    fn push(&mut self, kind: Kind, line: LineId, sku: NameId, quantity: Option<i64>, detail: NameId) {
        let (line_is, line) = match line {
            LineId::None => (0, 0),
            LineId::Number(number) => (1, number),
            LineId::Name(name) => (2, u64::from(name)),
        };
        self.ledger.rows.push(Row {
            units: quantity.unwrap_or(0),
            line,
            head: self.head,
            sku,
            detail,
            kind,
            counts: quantity.is_some(),
            line_is,
        });
    }

    /// A row about the document as a whole, with the units it is about if it is about units.
    pub fn whole(mut self, kind: Kind, quantity: Option<i64>) {
        self.push(kind, LineId::None, 0, quantity, 0);
    }

    /// The same, with a word about it; an empty one is absent.
    pub fn worded(mut self, kind: Kind, detail: &str, quantity: Option<i64>) {
        let detail = self.ledger.names.id(detail);
        self.push(kind, LineId::None, 0, quantity, detail);
    }

    /// A row about one line of it. An empty line or detail is absent.
    pub fn line(&mut self, kind: Kind, line: &str, sku: &str, quantity: i64, detail: &str) {
        let line = match plain_number(line) {
            _ if line.is_empty() => LineId::None,
            Some(n) => LineId::Number(n),
            None => LineId::Name(self.ledger.names.id(line)),
        };
        let sku = self.ledger.names.id(sku);
        let detail = self.ledger.names.id(detail);
        self.push(kind, line, sku, Some(quantity), detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_small() {
        assert_eq!(std::mem::size_of::<Row>(), 32);
    }

    #[test]
    fn rows_are_dense_and_come_in_pages() {
        let mut ledger = Ledger::default();
        let head = Head {
            reference: "shop-1",
            order: "shop-1",
            amount: Some(1530),
            currency: "GBP",
            ..Head::default()
        };
        ledger.document(&head).whole(Kind::SalesOrder, Some(6));
        let mut delivery =
            ledger.document(&Head { reference: "shop-1-D1", place: "north", ..Head::default() });
        delivery.line(Kind::Delivery, "5363650001", "85123A", 4, "");
        delivery.line(Kind::Delivery, "L2", "71053", 2, "");
        let text = String::from_utf8(ledger.lines(0, 2)).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"{"n":1,"kind":"sales_order","reference":"shop-1","order":"shop-1","amount":1530,"currency":"GBP","#,
                r#""quantity":6,"at":"1970-01-01T00:00:00Z"}"#,
                "\n",
                r#"{"n":2,"kind":"delivery","reference":"shop-1-D1","quantity":4,"line":"5363650001","sku":"85123A","#,
                r#""place":"north","at":"1970-01-01T00:00:00Z"}"#,
                "\n"
            )
        );
        let rest = String::from_utf8(ledger.lines(2, 2)).unwrap();
        assert!(rest.starts_with(r#"{"n":3,"#) && rest.contains(r#""line":"L2""#), "{rest}");
        assert_eq!(rest.lines().count(), 1);
    }
}
