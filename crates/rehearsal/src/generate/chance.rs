//! Chance as a value: a row of numbers that (seed, purpose, number) alone decides.

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// splitmix64, by Sebastiano Vigna (public domain, prng.di.unimi.it/splitmix64.c).
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A row of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// `purpose` keeps rows apart that are drawn for different things.
    pub(crate) const fn new(seed: u64, purpose: u64, number: u64) -> Self {
        Self(mix(mix(mix(seed ^ STEP) ^ purpose.wrapping_mul(STEP)) ^ number))
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `limit`; 0 where the limit is 0.
    pub(crate) const fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next() % limit }
    }

    /// True so many times in a thousand.
    pub(crate) const fn permille(&mut self, share: u64) -> bool {
        self.below(1_000) < share
    }

    /// One of a list.
    pub(crate) fn pick<'l, T>(&mut self, list: &'l [T], fallback: &'l T) -> &'l T {
        let at = usize::try_from(self.below(list.len() as u64)).unwrap_or(0);
        list.get(at).unwrap_or(fallback)
    }
}
