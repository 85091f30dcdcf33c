//! The second opinion over what real runs leave behind: clean as it is, and every planted error is found.

#![allow(clippy::unwrap_used, clippy::panic)]

use simulator::{Faults, Setup, simulate_with_evidence};
use verify::Settings;
use verify::plant::seeded::{Struck, strike};
use verify::plant::{Found, try_all};

#[test]
fn every_error_planted_into_a_run_is_found_by_its_rule() {
    let setup = Setup {
        seed: 5,
        orders: 40,
        faults: Faults::bad(5),
        parts: 4,
        keep: false,
        shopify: false,
        people: false,
    };
    let (outcome, evidence) = simulate_with_evidence(setup).unwrap();
    assert_eq!(outcome.failures, Vec::<String>::new());
    let tried = try_all(&evidence, &Settings::default());
    let missed: Vec<_> = tried.iter().filter(|(_, found)| matches!(found, Found::No(_))).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    let found = tried.iter().filter(|(_, found)| *found == Found::Yes).count();
    assert!(found >= 90, "only {found} of {} had a place in this run", tried.len());
}

#[test]
fn errors_at_places_of_a_seed_s_choosing_are_found_in_what_a_run_leaves_behind() {
    let setup = Setup {
        seed: 6,
        orders: 12,
        faults: Faults::bad(6),
        parts: 2,
        keep: false,
        shopify: false,
        people: false,
    };
    let (outcome, evidence) = simulate_with_evidence(setup).unwrap();
    assert_eq!(outcome.failures, Vec::<String>::new());
    let struck: Vec<_> = (0..210).map(|seed| (seed, strike(&evidence, seed, &Settings::default()))).collect();
    let missed: Vec<_> = struck.iter().filter(|(_, struck)| matches!(struck, Struck::Missed(..))).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    let found = struck.iter().filter(|(_, struck)| matches!(struck, Struck::Found(_))).count();
    assert!(found >= 180, "only {found} of {} had a place in this run", struck.len());
}
