//! What goes wrong in a run, and how often.

use crate::chance::Chance;
use lookalikes::{BadHabits, WorldConfig};
use serde::Serialize;

/// Rates are per hundred thousand effects; 0 is never.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Faults {
    /// The process dies between two effects and starts again on what is on disk.
    pub crash: u32,
    /// A commit is done and its answer lost.
    pub commit_unknown: u32,
    /// A commit is refused for now, as by a full disk.
    pub commit_failed: u32,
    /// A load fails.
    pub load_failed: u32,
    /// Another owner claims the partition while this one goes on.
    pub fenced: u32,
    /// An answer of a vendor reaches nobody.
    pub answer_lost: u32,
    /// How badly the vendors behave, in tenths of their worst: duplicates, delays, 429, 500, lost answers,
    /// lagging look-ups.
    pub habits: u32,
}

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            crash: 0,
            commit_unknown: 0,
            commit_failed: 0,
            load_failed: 0,
            fenced: 0,
            answer_lost: 0,
            habits: 0,
        }
    }

    /// Everything goes wrong, some of it often; the seed decides how often.
    #[must_use]
    pub fn bad(seed: u64) -> Self {
        let mut chance = Chance::new(seed ^ 0x00FA_17ED);
        let mut rate = |most: i64| u32::try_from(chance.up_to(most)).unwrap_or(0);
        Self {
            crash: rate(300),
            commit_unknown: rate(2_000),
            commit_failed: rate(1_000),
            load_failed: rate(1_000),
            fenced: rate(60),
            answer_lost: rate(2_000),
            habits: rate(10),
        }
    }

    /// The same with one kind of fault less, for each kind there is: used to find what a failure needs.
    #[must_use]
    pub fn fewer(self) -> Vec<Self> {
        let all = [
            Self { crash: 0, ..self },
            Self { commit_unknown: 0, ..self },
            Self { commit_failed: 0, ..self },
            Self { load_failed: 0, ..self },
            Self { fenced: 0, ..self },
            Self { answer_lost: 0, ..self },
            Self { habits: 0, ..self },
        ];
        all.into_iter().filter(|fewer| *fewer != self).collect()
    }

    /// The vendors with their habits.
    pub(crate) fn apply(self, config: &mut WorldConfig) {
        let of = |worst: u32| worst * self.habits / 10;
        let habits = BadHabits {
            duplicate: of(100),
            delay: of(200),
            delay_max_ms: 30_000,
            throttle: of(50),
            retry_after_s: 2,
            err_before: of(40),
            err_stored: of(30),
            err_after: of(40),
            lost_before: of(30),
            lost_after: of(40),
            slow: of(20),
            slow_ms: 70_000,
            unsent: of(60),
            // A system that is down for two hours once a day.
            down_every_ms: if self.habits > 0 { 86_400_000 } else { 0 },
            down_ms: u64::from(self.habits) * 720_000,
            lookup_lag_ms: if self.habits > 0 { 2_000 } else { 0 },
        };
        for system in lookalikes::System::ALL {
            *config.of_mut(system).1 = habits.clone();
        }
    }
}
