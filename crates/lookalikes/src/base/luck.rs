//! Chance as a value: the same seed gives the same luck.

/// splitmix64, by Sebastiano Vigna (public domain, prng.di.unimi.it/splitmix64.c).
pub(crate) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A row of numbers that only its seed decides.
#[derive(Clone, Debug)]
pub struct Luck(u64);

impl Luck {
    pub fn new(seed: u64, stream: u64) -> Self {
        Self(mix(seed ^ mix(stream.wrapping_add(STEP))))
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// True `permille` times in a thousand. Draws nothing where it can never be true, so that a habit that is
    /// switched off does not move the others.
    pub fn roll(&mut self, permille: u32) -> bool {
        permille > 0 && self.draw() % 1000 < u64::from(permille)
    }

    /// A number from 0 to `limit`, both included.
    pub fn up_to(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.draw() % limit.saturating_add(1).max(1) }
    }
}

/// A number made from texts, the same in every run and on every machine.
pub fn hash(seed: u64, parts: &[&str]) -> u64 {
    let mut state = mix(seed.wrapping_add(STEP));
    for part in parts {
        for chunk in part.as_bytes().chunks(8) {
            let word = chunk.iter().fold(0u64, |word, byte| (word << 8) | u64::from(*byte));
            state = mix(state.wrapping_add(STEP) ^ word);
        }
        state = mix(state ^ (part.len() as u64).wrapping_mul(STEP));
    }
    state
}

/// `hash` as a share of a thousand: 0 to 999.
pub fn permille(seed: u64, parts: &[&str]) -> u32 {
    u32::try_from(hash(seed, parts) % 1000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_luck() {
        let draw = |seed| {
            let mut luck = Luck::new(seed, 3);
            (0..20).map(|_| luck.draw()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn a_rate_is_kept() {
        let mut luck = Luck::new(1, 1);
        let hits = (0..10_000).filter(|_| luck.roll(250)).count();
        assert!((2300..2700).contains(&hits), "{hits} of 10000");
    }

    #[test]
    fn a_hash_tells_where_one_text_ends() {
        assert_ne!(hash(1, &["ab", "c"]), hash(1, &["a", "bc"]));
        assert_eq!(hash(1, &["ab", "c"]), hash(1, &["ab", "c"]));
    }
}
