//! What was placed: written once, never changed, and kept apart from what changes.

use super::bundle::Bundle;
use super::delivery::{Deliver, Person, Supply};
use super::prices::Price;
use crate::policy::Routes;
use crate::stored::Stored;
use retail::money::{Currency, Money, UnitPrice};
use retail::order::LineKind;
use retail::time::Time;
use serde::{Deserialize, Serialize};

/// The version of the stored shape.
pub const VERSION: u8 = 1;

/// An order as it was placed. Member names are short because every order has one of these on disk.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doc {
    #[serde(rename = "v")]
    pub version: u8,
    #[serde(rename = "s")]
    pub source: String,
    #[serde(rename = "i")]
    pub source_id: String,
    #[serde(rename = "n")]
    pub number: String,
    #[serde(rename = "p")]
    pub placed_at: Time,
    #[serde(rename = "c")]
    pub currency: Currency,
    /// The source's own number for the customer, which tells nothing of the person.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// Where it goes, as far as it tells nothing of the person.
    #[serde(rename = "to", default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<ShipTo>,
    /// The stock that its checkout holds for it, by the checkout's number.
    #[serde(rename = "ho", default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// A hash of the customer's address for mail, which a screening may know.
    #[serde(rename = "eh", default, skip_serializing_if = "Option::is_none")]
    pub email_hash: Option<String>,
    /// What the customer was shown. Kept beside, never added.
    #[serde(rename = "pr", default, skip_serializing_if = "Option::is_none")]
    pub presentment: Option<Presentment>,
    /// The return that it replaces goods of.
    #[serde(rename = "xr", default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeOf>,
    /// The retailer's word for the brand that sold it.
    #[serde(rename = "br", default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// The retailer's word for where it was sold; the country that it goes to where nobody said.
    #[serde(rename = "rg", default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Who plays each role for it, where rules chose as it was placed.
    #[serde(rename = "ro", default, skip_serializing_if = "Routes::is_empty")]
    pub routes: Routes,
    /// The revision of the settings under which it was placed; 0 for none.
    #[serde(rename = "rv", default, skip_serializing_if = "unnumbered")]
    pub revision: u32,
    #[serde(rename = "l")]
    pub lines: Vec<Line>,
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub tenders: Vec<Tender>,
    /// Lines that were sold as one and that components took the place of.
    #[serde(rename = "bu", default, skip_serializing_if = "Vec::is_empty")]
    pub bundles: Vec<Bundle>,
    /// Who receives it: about a person, shown nowhere.
    #[serde(rename = "pe", default, skip_serializing_if = "Person::is_empty")]
    pub to: Person,
    /// How its goods reach the customer, where a line does not say otherwise.
    #[serde(rename = "dl", default, skip_serializing_if = "Option::is_none")]
    pub deliver: Option<Deliver>,
}

/// The total in the currency that the customer was shown, minor units of that.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Presentment {
    pub currency: Currency,
    pub total: i64,
}

/// What an exchange order comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExchangeOf {
    pub rma: String,
    /// The order whose goods came back.
    pub order: String,
}

impl Stored for Doc {
    const WHAT: &'static str = "the order's document";
    const VERSION: u8 = VERSION;

    fn version(&self) -> u8 {
        self.version
    }
}

/// The part of an address that taxes and checks go by.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ShipTo {
    pub country: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
}

/// A line as it was placed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    #[serde(rename = "i")]
    pub id: String,
    #[serde(rename = "s")]
    pub sku: String,
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(rename = "k", default = "goods", skip_serializing_if = "is_goods")]
    pub kind: LineKind,
    #[serde(rename = "g", default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Base units.
    #[serde(rename = "q")]
    pub quantity: i64,
    #[serde(rename = "p")]
    pub unit_price: UnitPrice,
    /// What the customer pays for the line, tax included, minor units.
    #[serde(rename = "a")]
    pub charge: i64,
    /// What was taken off to come to it.
    #[serde(rename = "d", default, skip_serializing_if = "is_zero")]
    pub discount: i64,
    /// The tax within the charge.
    #[serde(rename = "x", default, skip_serializing_if = "is_zero")]
    pub tax: i64,
    /// What the charge is made of, where that was said.
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// The bundle that it is a component of.
    #[serde(rename = "pa", default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The line whose quantity was raised by it later.
    #[serde(rename = "ra", default, skip_serializing_if = "Option::is_none")]
    pub raises: Option<String>,
    #[serde(rename = "su", default, skip_serializing_if = "Supply::is_stock")]
    pub supply: Supply,
    /// Who ships it where it is drop-shipped: a place that plays the warehouse's role.
    #[serde(rename = "ve", default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// The day on which a pre-order comes out, or a backorder is expected.
    #[serde(rename = "af", default, skip_serializing_if = "Option::is_none")]
    pub available_from: Option<Time>,
    #[serde(rename = "dl", default, skip_serializing_if = "Option::is_none")]
    pub deliver: Option<Deliver>,
}

/// A means of payment and the one system that may capture or refund it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tender {
    #[serde(rename = "i")]
    pub id: String,
    #[serde(rename = "k", default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    #[serde(rename = "e")]
    pub executor: String,
    #[serde(rename = "p")]
    pub payment: String,
    #[serde(rename = "a")]
    pub authorised: i64,
    #[serde(rename = "m", default, skip_serializing_if = "std::ops::Not::not")]
    pub several: bool,
    /// What was taken on it already when the order was placed, minor units.
    #[serde(rename = "c", default, skip_serializing_if = "is_zero")]
    pub captured: i64,
    /// Until when it is authorised.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn unnumbered(n: &u32) -> bool {
    *n == 0
}

const fn goods() -> LineKind {
    LineKind::Goods
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_goods(kind: &LineKind) -> bool {
    *kind == LineKind::Goods
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(n: &i64) -> bool {
    *n == 0
}

impl Doc {
    /// What the customer pays for all of it, minor units.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|l| l.charge).sum()
    }

    #[must_use]
    pub const fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// The position of a line.
    #[must_use]
    pub fn line(&self, id: &str) -> Option<u16> {
        self.lines.iter().position(|l| l.id == id).and_then(|i| u16::try_from(i).ok())
    }

    /// Charge and tax of units `from..to` of a line. Consecutive ranges add up to the line exactly.
    #[must_use]
    pub fn share(&self, line: u16, from: i64, to: i64) -> (i64, i64) {
        self.lines.get(usize::from(line)).map_or((0, 0), |l| {
            let part = |minor| self.money(minor).share(from, to, l.quantity).minor;
            (part(l.charge), part(l.tax))
        })
    }

    /// Whether any line is shipped.
    #[must_use]
    pub fn has_goods(&self) -> bool {
        self.lines.iter().any(Line::is_goods)
    }

    /// Whether any line is kept in stock.
    #[must_use]
    pub fn has_pooled(&self) -> bool {
        self.lines.iter().any(Line::is_pooled)
    }

    /// The bundle with this line id.
    #[must_use]
    pub fn bundle(&self, id: &str) -> Option<&Bundle> {
        self.bundles.iter().find(|b| b.id == id)
    }

    /// The lines that stand for one that somebody named: itself and those that raised its quantity later.
    pub fn same<'d>(&'d self, id: &'d str) -> impl Iterator<Item = u16> + 'd {
        let lines = (0_u16..).zip(&self.lines);
        lines.filter(move |(_, l)| l.id == id || l.raises.as_deref() == Some(id)).map(|(i, _)| i)
    }

    /// How a line's goods reach the customer.
    #[must_use]
    pub fn deliver(&self, line: u16) -> Deliver {
        let own = self.lines.get(usize::from(line)).and_then(|l| l.deliver.clone());
        own.or_else(|| self.deliver.clone()).unwrap_or_default()
    }
}

impl Line {
    /// Whether it makes no sense without goods: there is nothing to ship, to handle or to declare.
    #[must_use]
    pub const fn goes_with_goods(&self) -> bool {
        matches!(self.kind, LineKind::Shipping | LineKind::Fee | LineKind::Duty)
    }
}
