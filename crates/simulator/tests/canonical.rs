//! Whole runs with vendors that take commands as they are: they fail as the look-alikes do and are judged as they are.

#![allow(clippy::unwrap_used, clippy::panic)]

use simulator::{Outcome, Setup, simulate, simulate_with_evidence};
use std::collections::BTreeMap;

fn setup(seed: u64, people: bool) -> Setup {
    Setup { canonical: true, people, ..Setup::of(seed, 20, true) }
}

fn clean(setup: Setup) -> Outcome {
    let outcome = simulate(setup).unwrap();
    assert_eq!(outcome.failures, Vec::<String>::new(), "{setup:?}");
    outcome
}

#[test]
fn bad_faults_change_nothing_but_the_time_it_takes() {
    let mut marks: BTreeMap<String, u64> = BTreeMap::new();
    for seed in 1..=30 {
        let outcome = clean(setup(seed, seed % 3 == 0));
        assert_eq!(outcome.orders, 20);
        for (mark, times) in outcome.marks {
            *marks.entry(mark).or_default() += times;
        }
    }
    let rare = [
        "vendor_half_done",
        "stored_failure_repeated",
        "key_renewed",
        "looked_up",
        "vendor_down",
        "vendor_throttled",
        "vendor_too_slow",
        "vendor_answer_lost",
        "listed",
        "return.completed",
        "crash",
    ];
    let unreached: Vec<_> = rare.iter().filter(|mark| !marks.contains_key(**mark)).collect();
    assert!(unreached.is_empty(), "{unreached:?} of {marks:?}");
}

#[test]
fn a_refund_made_by_hand_just_before_a_death_is_on_its_way() {
    clean(setup(100_129, true));
}

#[test]
fn a_seed_is_a_run_and_another_than_with_connectors() {
    let one = simulate(setup(7, true)).unwrap();
    assert_eq!(one.trace, simulate(setup(7, true)).unwrap().trace);
    assert_ne!(one.trace, simulate(setup(8, true)).unwrap().trace);
    assert_ne!(one.trace, simulate(Setup { canonical: false, ..setup(7, true) }).unwrap().trace);
}

#[test]
fn what_vendors_did_is_judged_row_by_row() {
    let (outcome, evidence) = simulate_with_evidence(setup(5, false)).unwrap();
    assert_eq!(outcome.failures, Vec::<String>::new());
    for system in ["shop", "stripe", "erp", "oms", "wms-north", "returns"] {
        let mut missing = evidence.clone();
        let rows = missing.ledgers.get_mut(system).unwrap();
        assert!(rows.len() > 10, "{system} did next to nothing");
        rows.pop();
        let report = missing.report(verify::Settings::default());
        assert!(!report.breaches.is_empty(), "a row of {system} is gone and nothing is found");
    }
}
