//! How many seeds a test takes.

use std::ops::RangeInclusive;

/// The seeds of a test: `usual` of them, or as many as `CROSSDOCK_SEEDS` says.
pub fn seeds(usual: u64) -> RangeInclusive<u64> {
    let told = std::env::var("CROSSDOCK_SEEDS").ok();
    1..=told.map_or(usual, |told| told.parse().unwrap())
}
