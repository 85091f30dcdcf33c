//! A thousand errors, each at a place that its seed chooses: all are found.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use verify::plant::seeded::{Struck, kinds, strike};
use verify::plant::{busy, sample};
use verify::{Evidence, Settings};

const SEEDS: u64 = 1_000;

/// What came of each kind over the seeds: how often it was found, and what was missed.
fn thousand(clean: &Evidence, seeds: std::ops::Range<u64>) -> (BTreeMap<&'static str, usize>, Vec<String>) {
    let settings = Settings::default();
    let (mut found, mut missed) = (BTreeMap::new(), Vec::new());
    for seed in seeds {
        match strike(clean, seed, &settings) {
            Struck::Found(kind) => *found.entry(kind).or_default() += 1,
            Struck::Missed(kind, broken) => missed.push(format!("seed {seed}: {kind}: {broken:?}")),
            Struck::NoPlace(_) => {}
        }
    }
    (found, missed)
}

#[test]
fn a_thousand_errors_of_every_kind_are_found() {
    assert!(busy().report(Settings::default()).clean(), "{:?}", busy().report(Settings::default()).breaches);
    let (mut found, mut missed) = thousand(&sample(), 0..SEEDS);
    // What is under way has its own; found in either trade it counts.
    let (more, worse) = thousand(&busy(), SEEDS..SEEDS + SEEDS / 2);
    missed.extend(worse);
    for (kind, times) in more {
        *found.entry(kind).or_default() += times;
    }
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
    let all: usize = found.values().sum();
    assert!(all >= 1_000, "{all} errors had a place");
    let kinds: BTreeSet<&str> = kinds().iter().map(|kind| kind.name).collect();
    let never: Vec<_> = kinds.iter().filter(|kind| !found.contains_key(**kind)).collect();
    assert!(never.is_empty(), "no place for {never:?}");
}
