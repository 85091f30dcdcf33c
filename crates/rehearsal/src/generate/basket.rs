//! One order: who buys what, when, at what price.

use crate::generate::catalogue::Catalogue;
use crate::generate::chance::Chance;
use crate::generate::people;
use crate::wire::{NewLine, NewOrder, NewShipping};
use retail::money::{Currency, Money};
use retail::time::{Span, Time};

/// Lines of a basket: cumulative shares in a thousand of 1, 2, 3 ... lines. Three on average.
const SIZES: [u64; 6] = [200, 450, 650, 800, 900, 1_000];
/// Baskets below this pay for delivery, minor units.
const FREE_DELIVERY: i64 = 4_000;
const DELIVERY: i64 = 395;
const TAX: &str = "0.20";
/// Monday 2026-01-05, eight o'clock.
const OPENS: Time = Time(1_767_600_000_000);
const BETWEEN: Span = Span(20_000);

/// When the n-th order is placed.
pub(crate) fn placed_at(n: u64) -> String {
    moment(n, Span(0)).to_string()
}

/// A moment after the n-th order is placed.
pub(crate) fn moment(n: u64, after: Span) -> Time {
    let since = BETWEEN.0.saturating_mul(i64::try_from(n).unwrap_or(i64::MAX));
    OPENS.plus(Span(since)).plus(after)
}

/// The n-th order of a seed.
pub(crate) fn order(catalogue: &Catalogue, seed: u64, n: u64, source_id: u64) -> NewOrder {
    let mut chance = Chance::new(seed, 3, n);
    let drawn = chance.below(1_000);
    let size = 1 + SIZES.iter().filter(|share| drawn >= **share).count();
    let mut lines: Vec<NewLine> = Vec::with_capacity(size);
    while lines.len() < size {
        let article = catalogue.draw(&mut chance);
        // Two lines of one article are one line of two: a basket has each once.
        if lines.iter().any(|l| l.sku == article.sku) {
            continue;
        }
        let quantity = 1 + i64::from(chance.permille(250)) + i64::from(chance.permille(80));
        let gross = article.price * quantity;
        let discount = if chance.permille(100) { gross / 10 } else { 0 };
        lines.push(NewLine {
            sku: article.sku,
            title: article.title,
            category: article.category.to_owned(),
            quantity,
            unit_price: major(article.price),
            kind: "goods",
            tax_rate: Some(TAX),
            discount,
        });
    }
    let goods: i64 =
        lines.iter().map(|l| catalogue.get(&l.sku).map_or(0, |a| a.price * l.quantity) - l.discount).sum();
    let delivery =
        NewShipping { title: "Standard delivery".to_owned(), amount: DELIVERY, tax_rate: Some(TAX) };
    let customer = 10_000 + chance.below(5_000);
    NewOrder {
        source_id: source_id.to_string(),
        number: source_id.to_string(),
        placed_at: placed_at(n),
        currency: Currency::GBP.code().to_owned(),
        customer: Some(customer.to_string()),
        lines,
        shipping: if goods < FREE_DELIVERY { vec![delivery] } else { Vec::new() },
        ship_to: Some(people::address(seed, customer)),
    }
}

/// Minor units as decimal text without the currency.
pub(crate) fn major(minor: i64) -> String {
    let text = Money::new(minor, Currency::GBP).to_string();
    text.split(' ').next().unwrap_or_default().to_owned()
}
