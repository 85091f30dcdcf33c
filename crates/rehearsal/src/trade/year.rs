//! A year of trade in memory: invoices and their lines, texts kept once. Half a million lines take 40 MB.

use crate::trade::clock::Day;
use crate::trade::map::ColumnMap;
use crate::trade::names::{NameId, Names};
use crate::wire::{NewLine, NewOrder};
use retail::money::UnitPrice;
use retail::time::Time;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::ops::Range;

/// What an invoice is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Class {
    /// An order.
    Sale,
    /// A return.
    Cancellation,
    /// An entry of the accounting department; no trade.
    Adjustment,
}

/// One invoice.
#[derive(Clone, Debug)]
pub struct Invoice {
    pub number: Box<str>,
    pub class: Class,
    /// The first stamp, where its lines carry several.
    pub at: Time,
    /// The local day of that stamp.
    pub day: Day,
    /// 0: nobody is named.
    pub customer: NameId,
    pub country: NameId,
    /// Its lines in [`Trade::lines`], in file order.
    pub lines: Range<u32>,
}

/// One line of the file.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Its line in the file; the header is line 1.
    pub no: u32,
    /// Its invoice in [`Trade::invoices`].
    pub invoice: u32,
    pub sku: NameId,
    pub title: NameId,
    /// As written: negative on a cancellation.
    pub quantity: i64,
    pub price: Decimal,
}

impl Line {
    /// Quantity × price, exact. Prices and quantities of a file are far from what a decimal can hold.
    #[must_use]
    pub fn amount(&self) -> Decimal {
        self.price.saturating_mul(Decimal::from(self.quantity))
    }
}

/// A file of invoice lines, read whole.
#[derive(Debug)]
pub struct Trade {
    pub map: ColumnMap,
    pub skus: Names,
    pub customers: Names,
    pub titles: Names,
    pub countries: Names,
    /// In the order in which they first occur.
    pub invoices: Vec<Invoice>,
    /// By invoice, then in file order.
    pub lines: Vec<Line>,
}

impl Trade {
    /// The lines of an invoice.
    #[must_use]
    pub fn lines_of(&self, invoice: &Invoice) -> &[Line] {
        self.lines.get(invoice.lines.start as usize..invoice.lines.end as usize).unwrap_or(&[])
    }

    /// The invoice of a line.
    #[must_use]
    pub fn invoice_of(&self, line: &Line) -> Option<&Invoice> {
        self.invoices.get(line.invoice as usize)
    }

    /// Trading days in order, each with its invoices in file order.
    #[must_use]
    pub fn days(&self) -> Vec<(Day, Vec<u32>)> {
        let mut days: BTreeMap<Day, Vec<u32>> = BTreeMap::new();
        for (number, invoice) in (0_u32..).zip(&self.invoices) {
            days.entry(invoice.day).or_default().push(number);
        }
        days.into_iter().collect()
    }

    /// Why a line is no part of an order or return, whatever the hub would say; `None` for trade.
    #[must_use]
    pub fn set_aside(class: Class, line: &Line) -> Option<&'static str> {
        let wrong_way = match class {
            Class::Adjustment => return Some("bad_debt_adjustment"),
            Class::Sale if line.quantity < 0 => Some("write_off"),
            Class::Cancellation if line.quantity > 0 => Some("cancellation_of_nothing"),
            Class::Sale | Class::Cancellation => None,
        };
        let no_quantity = (line.quantity == 0).then_some("no_quantity");
        let negative = line.price.is_sign_negative() && !line.price.is_zero();
        wrong_way.or(no_quantity).or(negative.then_some("negative_price"))
    }

    /// The lines of a sale that are ordered, in the order in which the order has them.
    pub fn ordered<'t>(&'t self, invoice: &'t Invoice) -> impl Iterator<Item = &'t Line> {
        let sale = invoice.class == Class::Sale;
        self.lines_of(invoice).iter().filter(move |l| sale && Self::set_aside(Class::Sale, l).is_none())
    }

    /// What a line comes to in minor units: it rounds once. `None` where it does not fit.
    #[must_use]
    pub fn minor(&self, line: &Line) -> Option<i64> {
        UnitPrice(line.price).times(line.quantity, self.map.currency).map(|m| m.minor)
    }

    /// The order that a sale was; `None` where no line of it is trade, or it is no sale.
    #[must_use]
    pub fn order(&self, invoice: &Invoice) -> Option<NewOrder> {
        let lines: Vec<NewLine> = self.ordered(invoice).map(|line| self.order_line(line)).collect();
        if lines.is_empty() {
            return None;
        }
        Some(NewOrder {
            source_id: invoice.number.to_string(),
            number: invoice.number.to_string(),
            placed_at: invoice.at.to_string(),
            currency: self.map.currency.code().to_owned(),
            customer: self.customer(invoice),
            lines,
            shipping: Vec::new(),
            ship_to: None,
        })
    }

    /// The customer's number, where one is named.
    #[must_use]
    pub fn customer(&self, invoice: &Invoice) -> Option<String> {
        (invoice.customer != 0).then(|| self.customers.text(invoice.customer).to_owned())
    }

    fn order_line(&self, line: &Line) -> NewLine {
        let sku = self.skus.text(line.sku);
        let kind = self.map.kind(sku);
        NewLine {
            sku: sku.to_owned(),
            title: self.titles.text(line.title).to_owned(),
            category: if kind.is_stocked() { self.map.category(sku).to_owned() } else { String::new() },
            quantity: line.quantity,
            unit_price: line.price.to_string(),
            kind: kind.code(),
            tax_rate: None,
            discount: 0,
        }
    }
}
