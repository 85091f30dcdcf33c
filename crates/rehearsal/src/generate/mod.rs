//! Trade made up from a seed: baskets of three lines on average, 20 % tax in the price, some discounts and
//! delivery charges, 16 of 100 orders coming back in whole or in part.
//!
//! Every order and every return is a function of (seed, number) alone, so nothing has to be kept, any of them can
//! be made again, and a run does not depend on timing. For the same reason stock is laid out so that the place
//! which ships a line does not depend on what came first: an article lives in one warehouse, has far more than is
//! ever ordered, and comes back only where it lives; articles that run short live in the first warehouse and are
//! supplied there.

mod basket;
mod catalogue;
mod chance;
mod people;
mod returns;

use crate::wire::{NewOrder, NewReturn, Units};
use catalogue::Catalogue;
pub(crate) use chance::Chance;
use std::collections::BTreeMap;

/// Orders after which what was ordered of the short articles is supplied.
const SUPPLY_EVERY: u64 = 250;
/// The number of the first order.
const FIRST: u64 = 1_000_001;

/// Trade of a seed.
#[derive(Clone, Debug)]
pub struct Generated {
    seed: u64,
    orders: u64,
    catalogue: Catalogue,
}

/// What is in the warehouses before the first order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Opening {
    pub first: Vec<Units>,
    pub second: Vec<Units>,
}

impl Generated {
    /// `orders` orders of a seed.
    #[must_use]
    pub fn new(orders: u64, seed: u64) -> Self {
        Self { seed, orders, catalogue: Catalogue::new(seed) }
    }

    /// How many orders there are.
    #[must_use]
    pub const fn orders(&self) -> u64 {
        self.orders
    }

    /// The storefront's number of the n-th order, counted from 0.
    #[must_use]
    pub const fn source_id(&self, n: u64) -> u64 {
        FIRST + n
    }

    /// Which order has a number of the storefront's.
    #[must_use]
    pub fn number(&self, source_id: &str) -> Option<u64> {
        source_id.parse::<u64>().ok()?.checked_sub(FIRST).filter(|n| *n < self.orders)
    }

    /// The n-th order.
    #[must_use]
    pub fn order(&self, n: u64) -> NewOrder {
        basket::order(&self.catalogue, self.seed, n, self.source_id(n))
    }

    /// What comes back of the n-th order, to be asked for once it is shipped; most orders stay.
    #[must_use]
    pub fn return_of(&self, n: u64) -> Option<NewReturn> {
        returns::of(&self.catalogue, self.seed, n, &self.order(n))
    }

    /// The time of the last order: what the clock of the business shows.
    #[must_use]
    pub fn clock(&self) -> String {
        basket::placed_at(self.orders)
    }

    /// Stock before the first order: none of the short articles.
    #[must_use]
    pub fn opening(&self) -> Opening {
        let plenty =
            i64::try_from(self.orders).unwrap_or(i64::MAX / 1_000).saturating_mul(10).saturating_add(1_000);
        let mut opening = Opening::default();
        for article in self.catalogue.all().filter(|a| !a.short) {
            let units = Units { sku: article.sku.clone(), quantity: plenty };
            if article.second { opening.second.push(units) } else { opening.first.push(units) }
        }
        opening
    }

    /// What the first warehouse receives after the n-th order (counted from 1): every so often, and after the last,
    /// exactly what was ordered of the short articles since.
    #[must_use]
    pub fn receipt_after(&self, n: u64) -> Option<(String, Vec<Units>)> {
        let last = n == self.orders;
        if n == 0 || n > self.orders || !(last || n.is_multiple_of(SUPPLY_EVERY)) {
            return None;
        }
        let from = (n - 1) / SUPPLY_EVERY * SUPPLY_EVERY;
        let mut units: BTreeMap<String, i64> = BTreeMap::new();
        for line in (from..n).flat_map(|n| self.order(n).lines) {
            if self.catalogue.get(&line.sku).is_some_and(|a| a.short) {
                *units.entry(line.sku).or_default() += line.quantity;
            }
        }
        let lines: Vec<Units> = units.into_iter().map(|(sku, quantity)| Units { sku, quantity }).collect();
        (!lines.is_empty()).then(|| (format!("supply-{n}"), lines))
    }

    /// Categories that are not credited before they passed inspection: all, since some units turn out not to be ours,
    /// and whether money has gone by then would depend on timing.
    #[must_use]
    pub fn inspect_first() -> Vec<String> {
        catalogue::CATEGORIES.iter().map(|c| (*c).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const MANY: u64 = 20_000;

    #[test]
    fn the_same_seed_makes_the_same_trade_and_another_seed_another() {
        let (a, b, c) = (Generated::new(50, 7), Generated::new(50, 7), Generated::new(50, 8));
        let trade = |g: &Generated| (0..50).map(|n| (g.order(n), g.return_of(n))).collect::<Vec<_>>();
        assert_eq!(trade(&a), trade(&b));
        assert_ne!(trade(&a), trade(&c));
        assert_eq!(a.opening(), b.opening());
    }

    #[test]
    fn baskets_and_returns_are_as_frequent_as_said() {
        let trade = Generated::new(MANY, 1);
        let orders: Vec<NewOrder> = (0..MANY).map(|n| trade.order(n)).collect();
        let lines: usize = orders.iter().map(|o| o.lines.len()).sum();
        let mean = lines as f64 / MANY as f64;
        assert!((2.95..3.05).contains(&mean), "{mean} lines an order");
        let returned = (0..MANY).filter(|n| trade.return_of(*n).is_some()).count() as f64 / MANY as f64;
        assert!((0.15..0.17).contains(&returned), "{returned} of the orders come back");
        assert!(orders.iter().any(|o| o.lines.iter().any(|l| l.discount > 0)));
        assert!(orders.iter().any(|o| !o.shipping.is_empty()));
        assert!(orders.iter().any(|o| o.shipping.is_empty()));
        let categories: BTreeSet<&str> =
            orders.iter().flat_map(|o| &o.lines).map(|l| l.category.as_str()).collect();
        assert!(categories.len() >= 5, "{categories:?}");
        assert!(Generated::inspect_first().iter().all(|c| categories.contains(c.as_str())));
    }

    #[test]
    fn numbers_are_unique_and_lead_back() {
        let trade = Generated::new(1_000, 3);
        let ids: BTreeSet<String> = (0..1_000).map(|n| trade.order(n).source_id).collect();
        assert_eq!(ids.len(), 1_000);
        assert!((0..1_000).all(|n| trade.number(&trade.order(n).source_id) == Some(n)));
        assert_eq!(trade.number("1"), None);
        assert_eq!(trade.number(&(FIRST + 1_000).to_string()), None);
    }

    #[test]
    fn supply_is_what_was_ordered_of_the_short_articles() {
        let trade = Generated::new(1_100, 5);
        let mut ordered: BTreeMap<String, i64> = BTreeMap::new();
        for line in (0..1_100).flat_map(|n| trade.order(n).lines) {
            if trade.catalogue.get(&line.sku).unwrap().short {
                *ordered.entry(line.sku).or_default() += line.quantity;
            }
        }
        let mut received: BTreeMap<String, i64> = BTreeMap::new();
        for (_, lines) in (1..=1_100).filter_map(|n| trade.receipt_after(n)) {
            for units in lines {
                *received.entry(units.sku).or_default() += units.quantity;
            }
        }
        assert!(!ordered.is_empty());
        assert_eq!(ordered, received);
        let opening = trade.opening();
        assert!(opening.first.len() > opening.second.len() && !opening.second.is_empty());
    }

    #[test]
    fn what_comes_back_was_ordered_and_lives_in_the_first_warehouse() {
        let trade = Generated::new(3_000, 9);
        let mut seen = 0;
        for n in 0..3_000 {
            let Some(back) = trade.return_of(n) else { continue };
            let order = trade.order(n);
            for line in &back.lines {
                let at: usize = line.order_line.as_ref().unwrap().parse::<usize>().unwrap() % 10_000 - 1;
                let sold = &order.lines[at];
                assert_eq!(sold.sku, line.sku);
                assert!(line.quantity >= 1 && line.quantity <= sold.quantity);
                assert!(!trade.catalogue.get(&line.sku).unwrap().second);
                seen += 1;
            }
            assert_eq!(line_ids(&back).len(), back.lines.len());
        }
        assert!(seen > 400);
    }

    fn line_ids(back: &NewReturn) -> BTreeSet<&str> {
        back.lines.iter().map(|l| l.line.as_str()).collect()
    }
}
