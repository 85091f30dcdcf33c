//! Numbers from a seed: splitmix64 (Steele, Lea, Flood, OOPSLA 2014).

/// A stream of numbers that its seed decides.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to `most`, both included.
    pub fn up_to(&mut self, most: i64) -> i64 {
        let most = u64::try_from(most.max(0)).unwrap_or(0);
        i64::try_from(self.next() % (most + 1)).unwrap_or(0)
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.up_to(most - least)
    }

    /// Whether something that happens so many times in a hundred thousand happens now.
    pub const fn strikes(&mut self, per_100_000: u32) -> bool {
        per_100_000 > 0 && self.next() % 100_000 < per_100_000 as u64
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let most = i64::try_from(from.len()).ok()?.checked_sub(1)?;
        from.get(usize::try_from(self.up_to(most)).ok()?)
    }
}
