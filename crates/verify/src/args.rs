//! What events, commands and messages carry, as `docs/contract.md` writes it. Members that a check does not
//! need are left out; those that are absent read as empty.

use crate::record::Text;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A line of any of them.
#[derive(Debug, Deserialize)]
pub(crate) struct Line<'a> {
    #[serde(borrow, default)]
    pub line: Text<'a>,
    #[serde(borrow, default)]
    pub return_line: Text<'a>,
    /// The return that a received unit belongs to, where that is another one.
    #[serde(borrow, default)]
    pub rma: Text<'a>,
    #[serde(borrow, default)]
    pub order: Text<'a>,
    #[serde(borrow, default)]
    pub order_line: Text<'a>,
    #[serde(borrow, default)]
    pub sku: Text<'a>,
    #[serde(borrow, default)]
    pub place: Text<'a>,
    #[serde(borrow, default)]
    pub kind: Text<'a>,
    #[serde(borrow, default)]
    pub supply: Text<'a>,
    #[serde(borrow, default)]
    pub disposition: Text<'a>,
    #[serde(default)]
    pub quantity: i64,
    #[serde(default)]
    pub on_hand: i64,
    #[serde(default)]
    pub amount: i64,
    #[serde(default)]
    pub tax: i64,
    #[serde(default = "yes")]
    pub tax_included: bool,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
pub(crate) struct Parcel<'a> {
    #[serde(borrow, default)]
    pub lines: Vec<Line<'a>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Share<'a> {
    #[serde(borrow, default)]
    pub lines: Vec<Line<'a>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Tender {
    #[serde(default)]
    pub captured: i64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Item<'a> {
    #[serde(borrow)]
    pub sku: Text<'a>,
    pub available: i64,
}

/// `order.line_added`, a fact: a line that came after checkout. It stands alone, not in a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Added<'a> {
    #[serde(borrow)]
    pub line: Text<'a>,
    #[serde(borrow)]
    pub sku: Text<'a>,
    #[serde(borrow)]
    pub kind: Text<'a>,
    pub quantity: i64,
    pub amount: i64,
    pub tax: i64,
    #[serde(borrow, default)]
    pub raises: Text<'a>,
}

/// `order.bundle_expanded`, a fact: the lines that took a bundle's place.
#[derive(Debug, Deserialize)]
pub(crate) struct Expanded<'a> {
    #[serde(borrow)]
    pub line: Text<'a>,
    #[serde(borrow)]
    pub lines: Vec<Line<'a>>,
}

/// Units of a supply that are promised.
#[derive(Debug, Deserialize)]
pub(crate) struct Coming<'a> {
    #[serde(borrow)]
    pub sku: Text<'a>,
    #[serde(borrow)]
    pub supply: Text<'a>,
    pub quantity: i64,
}

/// Any of them. `id` and its like name the document; which of them counts is said where it is used.
#[derive(Debug, Deserialize)]
pub(crate) struct Data<'a> {
    #[serde(borrow, default)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub order: Text<'a>,
    #[serde(borrow, default)]
    pub rma: Text<'a>,
    #[serde(borrow, default)]
    pub reference: Text<'a>,
    #[serde(borrow, default)]
    pub release: Text<'a>,
    #[serde(borrow, default)]
    pub fulfilment: Text<'a>,
    #[serde(borrow, default)]
    pub shipment: Text<'a>,
    #[serde(borrow, default)]
    pub receipt: Text<'a>,
    #[serde(borrow, default)]
    pub count: Text<'a>,
    #[serde(borrow, default)]
    pub adjustment: Text<'a>,
    #[serde(borrow, default)]
    pub supply: Text<'a>,
    #[serde(borrow, default)]
    pub payment: Text<'a>,
    #[serde(borrow, default)]
    pub credit: Text<'a>,
    #[serde(borrow, default)]
    pub refund: Text<'a>,
    #[serde(borrow, default)]
    pub status: Text<'a>,
    /// The channel that it came from.
    #[serde(borrow, default)]
    pub source: Text<'a>,
    #[serde(borrow, default)]
    pub place: Text<'a>,
    /// What a fact about one line is about.
    #[serde(borrow, default)]
    pub line: Text<'a>,
    #[serde(default)]
    pub quantity: i64,
    #[serde(borrow, default)]
    pub milestone: Text<'a>,
    #[serde(borrow, default)]
    pub about: Text<'a>,
    #[serde(borrow, default)]
    pub code: Text<'a>,
    #[serde(borrow, default)]
    pub state: Text<'a>,
    /// What a message tells.
    #[serde(borrow, default)]
    pub data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub kind: Text<'a>,
    /// How a refund's money goes; empty for the usual way.
    #[serde(borrow, default)]
    pub pay: Text<'a>,
    #[serde(borrow, default)]
    pub dispute: Text<'a>,
    #[serde(borrow, default)]
    pub outcome: Text<'a>,
    /// Who asked, and who approved.
    #[serde(borrow, default)]
    pub by: Text<'a>,
    #[serde(borrow, default)]
    pub approved_by: Text<'a>,
    #[serde(borrow, default)]
    pub hold: Text<'a>,
    /// What was taken at checkout.
    #[serde(default)]
    pub tenders: Vec<Tender>,
    #[serde(default)]
    pub amount: i64,
    #[serde(default)]
    pub tax: i64,
    #[serde(default)]
    pub total: i64,
    #[serde(borrow, default)]
    pub lines: Option<Vec<Line<'a>>>,
    /// Lines that the ERP's sales order is amended by.
    #[serde(borrow, default)]
    pub add: Vec<Line<'a>>,
    #[serde(borrow, default)]
    pub short: Vec<Line<'a>>,
    /// Units that are promised of expected supply.
    #[serde(borrow, default)]
    pub expected: Vec<Coming<'a>>,
    #[serde(borrow, default)]
    pub parcels: Vec<Parcel<'a>>,
    #[serde(borrow, default)]
    pub fulfilments: Vec<Share<'a>>,
    #[serde(borrow, default)]
    pub items: Vec<Item<'a>>,
}

impl<'a> Data<'a> {
    /// Its lines; none where there is no such member.
    pub fn lines(&self) -> &[Line<'a>] {
        self.lines.as_deref().unwrap_or_default()
    }

    /// Units of all its lines.
    pub fn units(&self) -> i64 {
        self.lines().iter().map(|l| l.quantity).sum()
    }

    /// All lines of all parcels.
    pub fn packed(&self) -> impl Iterator<Item = &Line<'a>> {
        self.parcels.iter().flat_map(|p| &p.lines)
    }
}
