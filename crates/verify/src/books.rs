//! The books, added up again from the entries.

use crate::names::{Id, Texts};
use crate::record::Entry;
use crate::report::Findings;
use crate::rules;
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    /// Account with its entity, and unit.
    sums: HashMap<(Id, Id), i128>,
    stored: HashMap<(Id, Id), i128>,
    /// Units on hand by place and SKU, over all entities.
    places: HashMap<(Id, Id), i64>,
    /// Units in transit by SKU, over all entities.
    transit: BTreeMap<String, i64>,
}

/// Where units are between places.
const TRANSIT: &str = "units.transit";

/// Where units are on hand.
const PLACE: &str = "units.place.";

impl Books {
    /// Takes in a row's entry.
    pub fn entry(
        &mut self,
        entry: &Entry<'_>,
        place: (u16, u64),
        texts: &mut Texts,
        findings: &mut Findings,
    ) {
        findings.checked(rules::BOOKS_BALANCED, 1);
        let mut units: BTreeMap<&str, i128> = BTreeMap::new();
        let mut account = String::new();
        for (name, unit, amount) in &entry.lines {
            *units.entry(unit).or_default() += i128::from(*amount);
            account.clear();
            account.push_str(&entry.entity);
            account.push('/');
            account.push_str(name);
            if &**name == TRANSIT {
                *self.transit.entry(unit.to_string()).or_default() += *amount;
            }
            let (account, unit) = (texts.id(&account), texts.id(unit));
            *self.sums.entry((account, unit)).or_default() += i128::from(*amount);
            if let Some(at) = name.strip_prefix(PLACE) {
                let at = texts.id(at);
                *self.places.entry((at, unit)).or_default() += *amount;
            }
        }
        for (unit, sum) in units.into_iter().filter(|(_, sum)| *sum != 0) {
            findings.breach(
                rules::BOOKS_BALANCED,
                format!("entry {} of {}", &*entry.memo, &*entry.reference),
                format!("0 {unit}"),
                format!("{sum} {unit}"),
                format!("journal {}/{}", place.0, place.1),
            );
        }
    }

    /// A stored balance. Those of several partitions add up.
    pub fn balance(&mut self, account: &str, unit: &str, amount: i64, texts: &mut Texts) {
        *self.stored.entry((texts.id(account), texts.id(unit))).or_default() += i128::from(amount);
    }

    /// Units on hand by place and SKU, as the entries say.
    pub const fn places(&self) -> &HashMap<(Id, Id), i64> {
        &self.places
    }

    /// Units in transit by SKU, as the entries say.
    pub const fn transit(&self) -> &BTreeMap<String, i64> {
        &self.transit
    }

    pub fn finish(&self, texts: &Texts, findings: &mut Findings) {
        let keys = self.sums.keys().chain(self.stored.keys().filter(|k| !self.sums.contains_key(*k)));
        for key in keys {
            findings.checked(rules::BOOKS_BALANCES, 1);
            let (sum, stored) =
                (self.sums.get(key).copied().unwrap_or(0), self.stored.get(key).copied().unwrap_or(0));
            if sum != stored {
                findings.breach(
                    rules::BOOKS_BALANCES,
                    format!("{} {}", texts.text(key.0), texts.text(key.1)),
                    sum.to_string(),
                    stored.to_string(),
                    "balance",
                );
            }
        }
    }
}
