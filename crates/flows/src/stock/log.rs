//! What moved lately, so that a count taken before can still be applied.

use super::spot::SpotNo;
use serde::{Deserialize, Serialize};

/// One physical movement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    pub spot: SpotNo,
    /// Positive for units that came.
    pub delta: i64,
    /// When, milliseconds.
    pub at: i64,
}

/// Movements in order of their times, and from when on they are complete.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<i64>", into = "Vec<i64>")]
pub struct Log {
    /// The time of the latest movement that was forgotten; a count from before it cannot be applied.
    pub horizon: Option<i64>,
    pub moves: Vec<Move>,
}

/// How many movements are remembered; a SKU with more of them lately takes only younger counts.
const REMEMBERED: usize = 8;

impl Log {
    pub(super) fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.horizon.is_none()
    }

    /// Remembers a movement and forgets those from before `keep_from`. A spot that was never counted keeps those as
    /// one, at the time of its first: its first count may be older than them all, and then they all came after it.
    pub fn push(&mut self, m: Move, keep_from: i64, counted: impl Fn(SpotNo) -> bool) {
        let i = self.moves.partition_point(|x| x.at <= m.at);
        self.moves.insert(i, m);
        let old = self.moves.partition_point(|x| x.at < keep_from);
        let forget = old.max(self.moves.len().saturating_sub(REMEMBERED));
        let mut firsts: Vec<Move> = Vec::new();
        for m in self.moves.drain(..forget) {
            if counted(m.spot) {
                self.horizon = self.horizon.max(Some(m.at));
            } else if let Some(first) = firsts.iter_mut().find(|f| f.spot == m.spot) {
                first.delta = first.delta.saturating_add(m.delta);
                self.horizon = self.horizon.max(Some(m.at));
            } else {
                firsts.push(m);
            }
        }
        self.moves.splice(..0, firsts);
    }

    /// Whether a spot that was never counted began to move at an instant or later.
    #[must_use]
    pub fn begins_after(&self, spot: SpotNo, at: i64) -> bool {
        self.moves.iter().find(|m| m.spot == spot).is_none_or(|m| m.at >= at)
    }

    /// What moved at a spot from an instant on. A movement at the very instant of a count is taken as after it:
    /// for what left, that errs on the side of promising too little.
    #[must_use]
    pub fn after(&self, spot: SpotNo, at: i64) -> i64 {
        self.moves
            .iter()
            .filter(|m| m.spot == spot && m.at >= at)
            .map(|m| m.delta)
            .fold(0, i64::saturating_add)
    }

    /// Forgets what a count contains.
    pub fn settle(&mut self, spot: SpotNo, as_of: i64) {
        self.moves.retain(|m| m.spot != spot || m.at >= as_of);
    }
}

// Times are far larger than what lies between them, so each is written as the distance from the one before:
// [horizon or 0, spot, delta, time, spot, delta, time since the last, ...].
impl From<Log> for Vec<i64> {
    fn from(log: Log) -> Self {
        let mut v = vec![log.horizon.unwrap_or(0)];
        let mut last = 0;
        for m in log.moves {
            v.extend([i64::from(m.spot), m.delta, m.at.wrapping_sub(last)]);
            last = m.at;
        }
        v
    }
}

impl TryFrom<Vec<i64>> for Log {
    type Error = String;

    fn try_from(v: Vec<i64>) -> Result<Self, String> {
        let Some((horizon, rest)) = v.split_first() else { return Ok(Self::default()) };
        let (triples, []) = rest.as_chunks::<3>() else {
            return Err(format!("movements come in threes, not {} numbers", rest.len()));
        };
        let mut moves = Vec::with_capacity(triples.len());
        let mut last = 0_i64;
        for [spot, delta, since] in triples {
            last = last.wrapping_add(*since);
            let spot = SpotNo::try_from(*spot).map_err(|_| format!("{spot} is no place number"))?;
            moves.push(Move { spot, delta: *delta, at: last });
        }
        Ok(Self { horizon: (*horizon != 0).then_some(*horizon), moves })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgotten_movements_leave_a_horizon() {
        let mut log = Log::default();
        for at in 1..=20 {
            log.push(Move { spot: 0, delta: -1, at }, 0, |_| true);
        }
        assert_eq!((log.moves.len(), log.horizon), (REMEMBERED, Some(12)));
        assert_eq!(log.after(0, 16), -5);
        log.push(Move { spot: 0, delta: -1, at: 30 }, 19, |_| true);
        assert_eq!((log.moves.len(), log.horizon), (3, Some(18)));
        let back = Log::try_from(Vec::from(log.clone()));
        assert_eq!(back, Ok(log));
    }

    #[test]
    fn what_was_never_counted_is_remembered_from_its_first() {
        let mut log = Log::default();
        for at in 1..=20 {
            log.push(Move { spot: 0, delta: -1, at }, 0, |_| false);
        }
        assert_eq!((log.after(0, 1), log.begins_after(0, 1), log.begins_after(0, 2)), (-20, true, false));
        assert!(log.moves.len() <= REMEMBERED + 1);
        assert_eq!(log.after(0, 16), -5);
        for at in 21..=40 {
            log.push(Move { spot: 0, delta: -1, at }, 0, |_| true);
        }
        assert_eq!((log.moves.len(), log.horizon), (REMEMBERED, Some(32)));
        assert_eq!(Log::try_from(Vec::from(log.clone())), Ok(log));
    }

    #[test]
    fn a_count_forgets_its_own_spots_movements_from_before_it() {
        let mut log = Log::default();
        for (spot, at) in [(0, 1), (1, 1), (0, 2), (0, 3)] {
            log.push(Move { spot, delta: 1, at }, 0, |_| true);
        }
        log.settle(0, 2);
        let left: Vec<_> = log.moves.iter().map(|m| (m.spot, m.at)).collect();
        assert_eq!(left, [(1, 1), (0, 2), (0, 3)]);
        assert!(!log.is_empty() && Log::default().is_empty());
        assert!(!Log { horizon: Some(1), moves: Vec::new() }.is_empty(), "what was forgotten is not nothing");
    }
}
