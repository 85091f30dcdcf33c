//! Bad habits: what a system does wrong, how often, decided by its seed.

use crate::base::luck::Luck;
use serde::{Deserialize, Serialize};

/// How badly a system behaves. Rates are in permille (0 never, 1000 always); all are 0 by default.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BadHabits {
    /// Webhooks sent twice: the same event under a delivery of its own.
    pub duplicate: u32,
    /// Webhooks held back by 1 to `delay_max_ms`, so that later ones overtake them.
    pub delay: u32,
    pub delay_max_ms: u64,
    /// Commands refused with 429 and not done; every other refusal tells `Retry-After`.
    pub throttle: u32,
    /// Seconds in `Retry-After`.
    pub retry_after_s: u64,
    /// Commands answered 500 and not done.
    pub err_before: u32,
    /// Payment provider only: commands not done and answered 500, which is kept under the idempotency key, so
    /// that the same key gets 500 for ever.
    pub err_stored: u32,
    /// Commands done and answered 500.
    pub err_after: u32,
    /// Commands not done; the connection is cut without an answer.
    pub lost_before: u32,
    /// Commands done; the connection is cut without an answer.
    pub lost_after: u32,
    /// Commands done; the answer is held back by `slow_ms`, beyond a caller's patience.
    pub slow: u32,
    pub slow_ms: u64,
    /// Webhooks that are never posted, where the system lists its events; only the list has them then.
    pub unsent: u32,
    /// The system is down for `down_ms` once in every `down_every_ms`, beginning at a moment that the seed decides:
    /// calls are answered 503 and not done, or the connection is cut. 0 never.
    pub down_every_ms: u64,
    pub down_ms: u64,
    /// How long a new object is missing from lists and searches. A look-up by its own id finds it at once.
    pub lookup_lag_ms: u64,
}

/// What will become of one command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    Fine,
    Throttled { tell: bool },
    ErrBefore,
    ErrStored,
    ErrAfter,
    LostBefore,
    LostAfter,
    Slow,
}

impl BadHabits {
    /// Draws what will become of the next command; reads (`GET`) suffer only what changes nothing.
    pub fn fate(&self, luck: &mut Luck, read: bool) -> Fate {
        if luck.roll(self.throttle) {
            return Fate::Throttled { tell: luck.roll(500) };
        }
        if luck.roll(self.err_before) {
            return Fate::ErrBefore;
        }
        if luck.roll(self.lost_before) {
            return Fate::LostBefore;
        }
        if luck.roll(self.slow) {
            return Fate::Slow;
        }
        if read {
            return Fate::Fine;
        }
        if luck.roll(self.err_stored) {
            return Fate::ErrStored;
        }
        if luck.roll(self.err_after) {
            return Fate::ErrAfter;
        }
        if luck.roll(self.lost_after) {
            return Fate::LostAfter;
        }
        Fate::Fine
    }

    /// Whether the system is down at a moment; `phase` is any number of its own.
    pub fn down(&self, now: i64, phase: u64) -> bool {
        if self.down_every_ms == 0 {
            return false;
        }
        let at = u64::try_from(now).unwrap_or(0).wrapping_add(phase) % self.down_every_ms;
        at < self.down_ms
    }

    /// The seconds of `Retry-After`, at least one.
    pub fn retry_after(&self) -> String {
        self.retry_after_s.max(1).to_string()
    }

    /// How much later than meant a webhook goes out, in milliseconds.
    pub fn delay(&self, luck: &mut Luck) -> u64 {
        if self.delay_max_ms > 0 && luck.roll(self.delay) { 1 + luck.up_to(self.delay_max_ms - 1) } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_lasts_as_long_as_said_and_comes_again() {
        let habits = BadHabits { down_every_ms: 1_000, down_ms: 100, ..BadHabits::default() };
        let down: Vec<i64> = (0..3_000).filter(|now| habits.down(*now, 950)).collect();
        assert_eq!(down.len(), 300);
        assert_eq!((down[0], down[99], down[100]), (50, 149, 1_050));
        assert!(!BadHabits::default().down(0, 0));
    }
}
