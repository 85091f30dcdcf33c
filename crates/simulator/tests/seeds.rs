//! Whole runs: clean ones, bad ones, and that a seed is a run.

#![allow(clippy::unwrap_used, clippy::panic)]

use simulator::{Faults, Setup, simulate};

fn setup(seed: u64, orders: u32, parts: u16, faults: Faults) -> Setup {
    Setup { parts, faults, shopify: false, ..Setup::of(seed, orders, true) }
}

fn clean(setup: Setup) -> simulator::Outcome {
    let outcome = simulate(setup).unwrap();
    if !outcome.failures.is_empty() {
        let (smallest, history) = simulator::shortest(setup).unwrap();
        let history = simulator::Outcome {
            history: history.history.into_iter().rev().take(400).rev().collect(),
            ..history
        };
        panic!(
            "seed {} failed: {:#?}\nshortest: {smallest:?}\n{}",
            setup.seed,
            outcome.failures,
            history.history.join("\n")
        );
    }
    outcome
}

#[test]
fn trade_without_faults_comes_to_rest_and_ties_out() {
    for parts in [1, 4] {
        let outcome = clean(setup(1, 20, parts, Faults::none()));
        assert_eq!(outcome.orders, 20);
        assert!(outcome.returns > 0);
    }
}

#[test]
fn bad_faults_change_nothing_but_the_time_it_takes() {
    for seed in 0..4 {
        clean(setup(seed, 15, if seed % 2 == 0 { 1 } else { 4 }, Faults::bad(seed)));
    }
}

#[test]
fn seeds_that_failed_once_stay_clean() {
    let failed = [
        (32, 30, true),
        (77, 20, true),
        (128, 20, true),
        (250, 20, true),
        (288, 20, true),
        (441, 20, true),
        (774, 20, false),
        (2795, 20, false),
        (16_132, 20, false),
        (30_693, 20, false),
        (37_682, 20, false),
        (39_421, 20, true),
        (49_025, 20, true),
    ];
    for (seed, orders, people) in failed {
        clean(Setup { people, ..Setup::of(seed, orders, true) });
    }
}

#[test]
fn a_seed_is_a_run() {
    let one = simulate(setup(7, 10, 4, Faults::bad(7))).unwrap();
    let two = simulate(setup(7, 10, 4, Faults::bad(7))).unwrap();
    assert_eq!(one.trace, two.trace);
    let other = simulate(setup(8, 10, 4, Faults::bad(8))).unwrap();
    assert_ne!(one.trace, other.trace);
}
