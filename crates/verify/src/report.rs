//! What a check comes to.

use crate::rules::{ALL, Rule};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// One row that breaks a rule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Breach {
    /// The rule's stable id.
    pub rule: &'static str,
    /// The business object or row it is about.
    pub about: String,
    pub expected: String,
    pub found: String,
    /// Where to look: a table and row, or a vendor's ledger.
    #[serde(rename = "where")]
    pub place: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, about, expected, found, place } = self;
        write!(f, "{rule}: {about}: expected {expected}, found {found} ({place})")
    }
}

/// How much a rule was held against.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Check {
    pub rule: &'static str,
    /// The rule as a sentence.
    pub title: &'static str,
    /// Rows, documents or objects compared; 0 where the evidence had none, for example no ledger was given.
    pub rows_checked: u64,
    pub breaches: u64,
}

/// All that was found.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Report {
    /// One per rule, in the order of [`crate::rules::ALL`].
    pub checks: Vec<Check>,
    /// Sorted by rule and object.
    pub breaches: Vec<Breach>,
    /// What is under way and therefore not judged, by kind.
    pub in_progress: BTreeMap<&'static str, u64>,
    /// What waits for a person, by kind: open exceptions, parked messages, and reports in ledgers that the hub
    /// was told of in these.
    pub with_people: BTreeMap<&'static str, u64>,
}

impl Report {
    /// Whether no rule is broken.
    #[must_use]
    pub fn clean(&self) -> bool {
        self.breaches.is_empty()
    }

    /// Whether nothing is under way; something may still wait for a person.
    #[must_use]
    pub fn at_rest(&self) -> bool {
        self.in_progress.values().all(|n| *n == 0)
    }

    /// Rules that were broken.
    #[must_use]
    pub fn broken(&self) -> Vec<&'static str> {
        self.checks.iter().filter(|c| c.breaches > 0).map(|c| c.rule).collect()
    }
}

/// Gathers findings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    checked: BTreeMap<&'static str, u64>,
    breaches: Vec<Breach>,
    for_now: Vec<Breach>,
    in_progress: BTreeMap<&'static str, u64>,
    with_people: BTreeMap<&'static str, u64>,
}

impl Findings {
    pub fn checked(&mut self, rule: Rule, rows: u64) {
        *self.checked.entry(rule.id).or_default() += rows;
    }

    pub fn breach(
        &mut self,
        rule: Rule,
        about: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
        place: impl Into<String>,
    ) {
        self.breaches.push(Breach {
            rule: rule.id,
            about: about.into(),
            expected: expected.into(),
            found: found.into(),
            place: place.into(),
        });
    }

    /// What is wrong as of now and need not be at the end; a report holds the end's verdict only.
    pub fn for_now(&mut self, breach: Breach) {
        self.for_now.push(breach);
    }

    pub fn so_far(&self) -> impl Iterator<Item = &Breach> {
        self.breaches.iter().chain(&self.for_now)
    }

    /// Something is under way.
    pub fn waits(&mut self, what: &'static str, n: u64) {
        if n > 0 {
            *self.in_progress.entry(what).or_default() += n;
        }
    }

    /// Something waits for a person.
    pub fn with_people(&mut self, what: &'static str, n: u64) {
        if n > 0 {
            *self.with_people.entry(what).or_default() += n;
        }
    }

    pub fn report(mut self) -> Report {
        self.breaches.sort();
        self.breaches.dedup();
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for breach in &self.breaches {
            *counts.entry(breach.rule).or_default() += 1;
        }
        let checks = ALL
            .iter()
            .map(|rule| Check {
                rule: rule.id,
                title: rule.title,
                rows_checked: self.checked.get(rule.id).copied().unwrap_or(0),
                breaches: counts.get(rule.id).copied().unwrap_or(0),
            })
            .collect();
        Report {
            checks,
            breaches: self.breaches,
            in_progress: self.in_progress,
            with_people: self.with_people,
        }
    }
}
