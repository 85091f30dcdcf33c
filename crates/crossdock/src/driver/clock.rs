//! The one place that reads the clock.

use retail::time::{Span, Time};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Now, in milliseconds since 1970.
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// What a clock may be put right by without anybody minding.
const SLACK: Span = Span::seconds(1);

/// Notices when the clock is set.
#[derive(Debug)]
pub struct Watch {
    steady: Instant,
    wall: Time,
}

impl Watch {
    pub fn new() -> Self {
        Self { steady: Instant::now(), wall: now() }
    }

    /// What the clock shows, and by how much it was set since it was last looked at, if it was.
    pub fn look(&mut self) -> (Time, Option<Span>) {
        self.looked(Instant::now(), now())
    }

    fn looked(&mut self, steady: Instant, wall: Time) -> (Time, Option<Span>) {
        let passed = steady.saturating_duration_since(self.steady).as_millis();
        let passed = Span(i64::try_from(passed).unwrap_or(i64::MAX));
        let set = Span(wall.since(self.wall).0.saturating_sub(passed.0));
        if set.0.abs() <= SLACK.0 {
            // What is put right bit by bit adds up, and is noticed once it is more than that.
            return (wall, None);
        }
        *self = Self { steady, wall };
        (wall, Some(set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_clock_that_is_set_is_noticed_once_and_time_that_passes_is_not() {
        let mut watch = Watch::new();
        let (steady, wall) = (watch.steady, watch.wall);
        let mut look = |passed: u64, shown: i64| {
            watch.looked(steady + Duration::from_secs(passed), wall.plus(Span::seconds(shown))).1
        };
        assert_eq!(look(10, 10), None);
        assert_eq!(look(3_600, 3_601), None, "within the slack");
        assert_eq!(look(3_610, 7_210), Some(Span::hours(1)));
        assert_eq!(look(3_620, 7_220), None);
        assert_eq!(look(3_630, 3_630), Some(Span::hours(-1)), "set right again");
    }
}
