//! Adding up what was posted, and condensing lists so that two ledgers can be compared at a glance.

use crate::account::{Account, NotAnAccount};
use crate::draft::Entry;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Totals per legal entity, account and unit. Debits are positive.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TieOut {
    totals: BTreeMap<(String, String, String), i128>,
}

impl TieOut {
    /// Adds an entry.
    ///
    /// # Errors
    /// When a line names no account of the chart; nothing of the entry is added.
    pub fn add(&mut self, entry: &Entry) -> Result<(), NotAnAccount> {
        for (account, _, _) in &entry.lines {
            account.parse::<Account>()?;
        }
        for (account, unit, amount) in &entry.lines {
            let key = (entry.entity.clone(), account.clone(), unit.clone());
            *self.totals.entry(key).or_default() += i128::from(*amount);
        }
        Ok(())
    }

    /// An account's total in a unit, over all entities.
    #[must_use]
    pub fn of(&self, account: &Account, unit: &str) -> i128 {
        let account = account.to_string();
        self.totals.iter().filter(|((_, a, u), _)| *a == account && u == unit).map(|(_, n)| n).sum()
    }

    /// (entity, unit, by how much) for whatever does not balance; empty when the books are in order.
    #[must_use]
    pub fn unbalanced(&self) -> Vec<(String, String, i128)> {
        let mut sums: BTreeMap<(&String, bool, &String), i128> = BTreeMap::new();
        for ((entity, account, unit), amount) in &self.totals {
            // A SKU may be spelled like a currency: money and units are summed apart.
            *sums.entry((entity, account.starts_with("units."), unit)).or_default() += amount;
        }
        let off = sums.into_iter().filter(|(_, sum)| *sum != 0);
        off.map(|((entity, _, unit), sum)| (entity.clone(), unit.clone(), sum)).collect()
    }
}

/// A list of (reference, amount), condensed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub count: u64,
    /// Sum of the amounts, in minor units.
    pub sum: i128,
    /// Lower-case hex SHA-256 over `{reference}\t{amount}\n` for each pair, sorted by reference (by bytes),
    /// then by amount (as a number).
    pub sha256: String,
}

/// Condenses a list of (reference, amount in minor units); its order does not matter, repeats do.
#[must_use]
pub fn tally<R: AsRef<str>>(pairs: impl IntoIterator<Item = (R, i64)>) -> Tally {
    let mut pairs: Vec<(R, i64)> = pairs.into_iter().collect();
    pairs.sort_by(|(r, a), (s, b)| (r.as_ref(), a).cmp(&(s.as_ref(), b)));
    let mut hash = Sha256::new();
    let mut sum = 0_i128;
    for (reference, amount) in &pairs {
        sum += i128::from(*amount);
        hash.update(reference.as_ref());
        hash.update(b"\t");
        hash.update(amount.to_string());
        hash.update(b"\n");
    }
    let hex = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('?');
    let sha256 = hash.finalize().iter().flat_map(|byte| [hex(byte >> 4), hex(byte & 15)]).collect();
    Tally { count: pairs.len() as u64, sum, sha256 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use retail::time::Time;

    fn entry(lines: &[(&str, &str, i64)]) -> Entry {
        Entry {
            entity: "uk".into(),
            memo: "test".into(),
            reference: "x".into(),
            occurred: Time(0),
            posted_on: "1970-01-01".into(),
            late: false,
            lines: lines.iter().map(|(a, u, n)| ((*a).into(), (*u).into(), *n)).collect(),
        }
    }

    #[test]
    fn the_tally_does_not_depend_on_order_but_on_every_amount() {
        let a = tally([("b", 2), ("a", -1), ("a", 10)]);
        assert_eq!(a, tally([("a", 10), ("a", -1), ("b", 2)]));
        assert_eq!((a.count, a.sum), (3, 11));
        assert_ne!(a.sha256, tally([("a", 10), ("a", -1), ("b", 3)]).sha256);
        // printf 'a\t-1\na\t10\nb\t2\n' | sha256sum
        assert_eq!(a.sha256, "63fd9748e8207c954bbaaf01d68928dccab1fea9f6c9bba41f45af4ec7d771d2");
    }

    #[test]
    fn a_sku_spelled_like_a_currency_does_not_hide_an_imbalance() {
        let mut totals = TieOut::default();
        totals.add(&entry(&[("sales", "DOT", -5), ("units.supply", "DOT", 5)])).unwrap();
        assert_eq!(totals.unbalanced(), [("uk".into(), "DOT".into(), -5), ("uk".into(), "DOT".into(), 5)]);
        assert!(totals.add(&entry(&[("petty cash", "GBP", 5)])).is_err());
    }
}
