//! The second opinion over what real runs leave behind: clean as it is, and every planted error is found.

#![allow(clippy::unwrap_used, clippy::panic)]

use simulator::{Faults, Setup, simulate_with_evidence};
use verify::Settings;
use verify::plant::{Found, try_all};

#[test]
fn every_error_planted_into_a_run_is_found_by_its_rule() {
    let setup = Setup { seed: 5, orders: 40, faults: Faults::bad(5), parts: 4, keep: false, shopify: false };
    let (outcome, evidence) = simulate_with_evidence(setup).unwrap();
    assert_eq!(outcome.failures, Vec::<String>::new());
    let tried = try_all(&evidence, &Settings::default());
    let missed: Vec<_> = tried.iter().filter(|(_, found)| matches!(found, Found::No(_))).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    let found = tried.iter().filter(|(_, found)| *found == Found::Yes).count();
    assert!(found >= 90, "only {found} of {} had a place in this run", tried.len());
}
