//! Chance that a seed decides.

use std::ops::RangeInclusive;

/// SplitMix64: the same numbers for a seed on every machine.
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(n).unwrap()).unwrap()
    }

    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, self.below(at + 1));
        }
    }
}

/// The seeds of a test: `usual` of them, or as many as `CROSSDOCK_SEEDS` says.
pub fn seeds(usual: u64) -> RangeInclusive<u64> {
    let told = std::env::var("CROSSDOCK_SEEDS").ok();
    1..=told.map_or(usual, |told| told.parse().unwrap())
}
