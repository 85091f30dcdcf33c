//! A shop that speaks Shopify both ways and executes the payments that it collected; the others are Stripe's.

#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::Value;
use simulator::{Faults, Setup, simulate_with_evidence};
use std::collections::BTreeSet;

fn setup(seed: u64, faults: Faults) -> Setup {
    let parts = if seed.is_multiple_of(2) { 1 } else { 4 };
    Setup { parts, faults, keep: true, shopify: true, ..Setup::of(seed, 16, false) }
}

/// The orders about which an executor did something, of one kind or of any.
fn told(rows: &[String], kinds: &[&str]) -> BTreeSet<String> {
    let rows = rows.iter().map(|row| serde_json::from_str::<Value>(row).unwrap());
    let of_money = rows.filter(|row| kinds.contains(&row["kind"].as_str().unwrap()));
    of_money.map(|row| row["order"].as_str().unwrap().to_owned()).collect()
}

const MONEY: [&str; 4] = ["authorised", "captured", "voided", "refunded"];

#[test]
fn no_tender_is_ever_told_to_both_executors() {
    let (mut captured, mut refunded) = ([0, 0], [0, 0]);
    for seed in 0..4 {
        let faults = if seed < 2 { Faults::none() } else { Faults::bad(seed) };
        let (outcome, evidence) = simulate_with_evidence(setup(seed, faults)).unwrap();
        assert!(
            outcome.failures.is_empty(),
            "seed {seed}: {:#?}\n{}",
            outcome.failures,
            outcome.history.join("\n")
        );
        let (shop, stripe) = (&evidence.ledgers["payments"], &evidence.ledgers["stripe"]);
        let both: Vec<String> = told(shop, &MONEY).intersection(&told(stripe, &MONEY)).cloned().collect();
        assert!(both.is_empty(), "seed {seed}: told to both: {both:?}");
        for (n, rows) in [shop, stripe].into_iter().enumerate() {
            captured[n] += told(rows, &["captured"]).len();
            refunded[n] += told(rows, &["refunded"]).len();
        }
        assert!(told(shop, &["shipment_reported"]).len() > 1, "seed {seed}: the shop heard of no shipment");
    }
    // Nothing is proven by an executor that had nothing to do.
    assert!(captured.iter().chain(&refunded).all(|n| *n > 0), "{captured:?} {refunded:?}");
}
