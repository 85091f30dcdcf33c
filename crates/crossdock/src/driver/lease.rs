//! How long this process may act for its partitions without asking the store again.

use super::clock;
use super::storage::LEASE;
use retail::time::Time;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The claim of the partitions. A process that stood still for longer than it holds may have been taken over from, and
/// only learns that from the store: what it sends meanwhile, the other may have sent already.
#[derive(Debug)]
pub struct Lease(Mutex<Since>);

/// When it was last claimed or renewed, by a clock that nobody sets and by one that goes on while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub struct Since {
    steady: Instant,
    wall: Time,
}

impl Since {
    /// To be read before the store is asked, so that the lease ends here no later than it does there.
    pub fn now() -> Self {
        Self { steady: Instant::now(), wall: clock::now() }
    }

    fn holds(self, now: Self) -> bool {
        let steady = now.steady.saturating_duration_since(self.steady);
        steady < Duration::from_millis(LEASE.0.unsigned_abs()) && now.wall.since(self.wall).0 < LEASE.0
    }
}

impl Lease {
    pub const fn new(since: Since) -> Self {
        Self(Mutex::new(since))
    }

    /// Every partition was claimed anew.
    pub fn renewed(&self, since: Since) {
        *super::lock(&self.0) = since;
    }

    /// Whether nobody else can have the partitions.
    pub fn holds(&self) -> bool {
        super::lock(&self.0).holds(Since::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use retail::time::Span;

    #[test]
    fn it_ends_by_whichever_clock_shows_that_more_time_has_passed() {
        let began = Since::now();
        let after = |steady: u64, wall: i64| Since {
            steady: began.steady + Duration::from_secs(steady),
            wall: began.wall.plus(Span::seconds(wall)),
        };
        assert!(began.holds(after(29, 29)));
        assert!(!began.holds(after(30, 0)), "it stood still, and the clock was set back meanwhile");
        assert!(!began.holds(after(0, 30)), "the machine slept");
        let lease = Lease::new(began);
        assert!(lease.holds());
        lease.renewed(Since { wall: began.wall.plus(Span::seconds(-31)), ..began });
        assert!(!lease.holds());
    }
}
