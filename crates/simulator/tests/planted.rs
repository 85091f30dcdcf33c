//! The second opinion over what real runs leave behind: clean as it is, and every planted error is found.

#![allow(clippy::unwrap_used, clippy::panic)]

use simulator::{Setup, simulate_with_evidence};
use verify::plant::seeded::{Struck, strike};
use verify::plant::{Found, try_all};
use verify::{Evidence, Settings};

/// What a clean run with bad faults leaves behind.
fn left_behind(seed: u64, orders: u32, parts: u16) -> Evidence {
    let setup = Setup { parts, shopify: false, ..Setup::of(seed, orders, true) };
    let (outcome, evidence) = simulate_with_evidence(setup).unwrap();
    assert_eq!(outcome.failures, Vec::<String>::new());
    evidence
}

#[test]
fn every_error_planted_into_a_run_is_found_by_its_rule() {
    let evidence = left_behind(5, 40, 4);
    let tried = try_all(&evidence, &Settings::default());
    let missed: Vec<_> = tried.iter().filter(|(_, found)| matches!(found, Found::No(_))).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    let found = tried.iter().filter(|(_, found)| *found == Found::Yes).count();
    assert!(found >= 90, "only {found} of {} had a place in this run", tried.len());
}

#[test]
fn errors_at_places_of_a_seed_s_choosing_are_found_in_what_a_run_leaves_behind() {
    let evidence = left_behind(6, 12, 2);
    let struck: Vec<_> = (0..210).map(|seed| (seed, strike(&evidence, seed, &Settings::default()))).collect();
    let missed: Vec<_> = struck.iter().filter(|(_, struck)| matches!(struck, Struck::Missed(..))).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    let found = struck.iter().filter(|(_, struck)| matches!(struck, Struck::Found(_))).count();
    assert!(found >= 180, "only {found} of {} had a place in this run", struck.len());
}
