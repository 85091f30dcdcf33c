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
    /// The process stands still for a while; where that outlasts its lease another takes over from it.
    pub asleep: u32,
    /// The clock is set, forth or back.
    pub clock: u32,
    /// No connection to a vendor can be made.
    pub unreachable: u32,
    /// An answer of a vendor reaches nobody.
    pub answer_lost: u32,
    /// How badly the vendors behave, in tenths of their worst: duplicates, delays, 429, 500, lost answers,
    /// half deeds.
    pub habits: u32,
    /// How long vendors' searches lag, in milliseconds.
    pub lag: u32,
    /// How long the payment provider keeps keys beyond that, in seconds; 0 as long as it says.
    pub forgets: u32,
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
            asleep: 0,
            clock: 0,
            unreachable: 0,
            answer_lost: 0,
            habits: 0,
            lag: 0,
            forgets: 0,
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
            asleep: rate(60),
            clock: rate(60),
            unreachable: rate(2_000),
            answer_lost: rate(2_000),
            habits: rate(10),
            // Sooner than any absence is taken for proof.
            lag: rate(4_000),
            forgets: rate(1) * rate(100),
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
            Self { asleep: 0, ..self },
            Self { clock: 0, ..self },
            Self { unreachable: 0, ..self },
            Self { answer_lost: 0, ..self },
            Self { habits: 0, ..self },
            Self { lag: 0, ..self },
            Self { forgets: 0, ..self },
        ];
        all.into_iter().filter(|fewer| *fewer != self).collect()
    }

    /// The same with one kind of fault half as often, for each kind there is.
    #[must_use]
    pub fn rarer(self) -> Vec<Self> {
        let all = [
            Self { crash: self.crash / 2, ..self },
            Self { commit_unknown: self.commit_unknown / 2, ..self },
            Self { commit_failed: self.commit_failed / 2, ..self },
            Self { load_failed: self.load_failed / 2, ..self },
            Self { fenced: self.fenced / 2, ..self },
            Self { asleep: self.asleep / 2, ..self },
            Self { clock: self.clock / 2, ..self },
            Self { unreachable: self.unreachable / 2, ..self },
            Self { answer_lost: self.answer_lost / 2, ..self },
            Self { habits: self.habits / 2, ..self },
        ];
        all.into_iter().filter(|rarer| *rarer != self).collect()
    }

    /// How long the payment provider keeps a key: at times for much less than it says, though never for less than its
    /// searches lag, which nobody could bear.
    pub(crate) fn keeps_ms(self) -> i64 {
        const SAID: i64 = 24 * 3_600_000;
        if self.forgets == 0 { SAID } else { i64::from(self.lag) + 1_000 * i64::from(self.forgets) }
    }

    /// Habits that are so bad at their worst, as bad as they are in this run.
    const fn of(self, worst: u32) -> u32 {
        worst * self.habits / 10
    }

    /// Things of several parts, in a thousand, of which a part is done before it fails.
    pub(crate) const fn half(self) -> u32 {
        self.of(60)
    }

    /// How every vendor behaves.
    pub(crate) fn bad_habits(self) -> BadHabits {
        let of = |worst: u32| self.of(worst);
        BadHabits {
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
            lookup_lag_ms: u64::from(self.lag),
        }
    }

    /// The vendors with their habits.
    pub(crate) fn apply(self, config: &mut WorldConfig) {
        config.stripe.keeps_ms = self.keeps_ms();
        // A fulfilment half made and answered 500.
        config.shop.half = self.half();
        for system in lookalikes::System::ALL {
            *config.of_mut(system).1 = self.bad_habits();
        }
    }
}
