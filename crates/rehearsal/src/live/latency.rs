//! How long orders took, from the journal.

use crate::live::hub_api::Fact;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// From the turn that took the order in to the turn that completed it, in milliseconds of the hub's clock.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Latency {
    /// Orders that were completed without waiting for supply; the figures are of these.
    pub orders: u64,
    pub p50_ms: i64,
    pub p95_ms: i64,
    pub p99_ms: i64,
    pub max_ms: i64,
    /// Orders that had to wait until goods came in. How long that takes says nothing about the hub.
    pub waited_for_supply: u64,
}

/// The fact that an order was taken in, that it was finished, and that it got units which it had waited for.
const PLACED: &str = "order.placed";
const COMPLETED: &str = "order.completed";
const SUPPLIED: &str = "stock.supplied";

/// What [`SUPPLIED`] says, as far as it matters here.
#[derive(Deserialize)]
struct Supplied {
    order: String,
}

/// What the journal says about how long orders took.
#[derive(Debug, Default)]
pub(crate) struct Clockings {
    placed: HashMap<String, i64>,
    waited: BTreeSet<String>,
    took: Vec<(String, i64)>,
}

impl Clockings {
    /// Facts that it wants to see.
    pub(crate) const TYPES: [&str; 3] = [PLACED, COMPLETED, SUPPLIED];

    /// Sees a fact; the journal's order counts.
    pub(crate) fn take(&mut self, fact: &Fact) {
        let [_, _, order] = &fact.case;
        match fact.kind.as_str() {
            PLACED => drop(self.placed.entry(order.clone()).or_insert(fact.at.0)),
            SUPPLIED => {
                self.waited.extend(serde_json::from_str::<Supplied>(fact.data.get()).map(|s| s.order))
            }
            COMPLETED => {
                if let Some(from) = self.placed.remove(order) {
                    self.took.push((order.clone(), fact.at.0 - from));
                }
            }
            _ => {}
        }
    }

    pub(crate) fn latency(self) -> Latency {
        let Self { waited, took, .. } = self;
        let in_stock = took.into_iter().filter(|(order, _)| !waited.contains(order));
        summary(in_stock.map(|(_, ms)| ms), waited.len())
    }
}

fn summary(took: impl Iterator<Item = i64>, waited: usize) -> Latency {
    let mut took: Vec<i64> = took.collect();
    took.sort_unstable();
    // The smallest value that so many of a hundred do not exceed (nearest rank).
    let rank = |percent: usize| {
        took.get((took.len() * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0)
    };
    Latency {
        orders: took.len() as u64,
        p50_ms: rank(50),
        p95_ms: rank(95),
        p99_ms: rank(99),
        max_ms: rank(100),
        waited_for_supply: waited as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;

    fn fact(at: i64, kind: &str, order: &str, data: &str) -> Fact {
        let at = retail::time::Time(at);
        let case = ["main".to_owned(), "order".to_owned(), order.to_owned()];
        Fact { at, case, kind: kind.to_owned(), data: RawValue::from_string(data.to_owned()).unwrap() }
    }

    #[test]
    fn orders_that_waited_for_supply_are_counted_and_not_timed() {
        let mut clockings = Clockings::default();
        for (at, kind, order, data) in [
            (10, PLACED, "shop-1", "{}"),
            (11, PLACED, "shop-2", "{}"),
            (15, COMPLETED, "shop-1", "{}"),
            (900, SUPPLIED, "main", r#"{"order":"shop-2","lines":[]}"#),
            (950, COMPLETED, "shop-2", "{}"),
            (960, PLACED, "shop-3", "{}"),
        ] {
            clockings.take(&fact(at, kind, order, data));
        }
        let latency = clockings.latency();
        assert_eq!((latency.orders, latency.max_ms, latency.waited_for_supply), (1, 5, 1));
    }

    #[test]
    fn ranks_are_values_that_occurred() {
        let of = |took: Vec<i64>| summary(took.into_iter(), 0);
        let hundred = of((1..=100).rev().collect());
        assert_eq!((hundred.p50_ms, hundred.p95_ms, hundred.p99_ms, hundred.max_ms), (50, 95, 99, 100));
        let three = of(vec![7, 5, 900]);
        assert_eq!((three.p50_ms, three.p95_ms, three.max_ms, three.orders), (7, 900, 900, 3));
        assert_eq!(of(vec![]), Latency::default());
    }
}
