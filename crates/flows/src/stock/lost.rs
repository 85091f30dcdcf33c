//! Units that a place could not find: off hand at once, whatever became of them. The adjustment that says what became
//! of them may come before or later than the short report that it caused; they are taken off once.

use super::desk::{Applied, Desk};
use super::log::Move;
use super::spot::SpotNo;
use crate::out::Res;
use retail::time::Time;
use serde::{Deserialize, Serialize};

/// Units that are not at a spot, and the moment that counts, milliseconds: when they were not found, or when others
/// came in their stead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lost(pub SpotNo, pub i64, pub i64);

/// How many short reports of a SKU are remembered. An adjustment that belongs to an older one takes its units off
/// once more, until the next count: that errs on the side of promising too little.
const REMEMBERED: usize = 8;

fn remember(all: &mut Vec<Lost>, one: Lost, keep_from: i64) {
    all.retain(|l| l.2 >= keep_from);
    if one.1 > 0 {
        all.push(one);
        let forget = all.len().saturating_sub(REMEMBERED);
        all.drain(..forget);
    }
}

/// Takes up to `units` of what is remembered of a spot at or after a moment; what was taken, and of when.
fn recall(all: &mut Vec<Lost>, spot: SpotNo, units: i64, at: Time) -> Vec<(i64, i64)> {
    let mut left = units;
    let mut taken = Vec::new();
    for l in all.iter_mut().filter(|l| l.0 == spot && at.0 <= l.2) {
        let n = l.1.min(left);
        l.1 -= n;
        left -= n;
        taken.push((n, l.2));
    }
    all.retain(|l| l.1 > 0);
    taken
}

impl Desk<'_> {
    /// Takes units off that a place could not find.
    pub fn not_found(&mut self, sku: &str, spot: SpotNo, units: i64, at: Time) -> Res<Applied> {
        let applied = self.move_units(sku, spot, -units, at)?;
        let keep_from = self.keep_from();
        let units = if applied.contained { 0 } else { units };
        remember(&mut self.position(sku)?.lost, Lost(spot, units, at.0), keep_from);
        Ok(applied)
    }

    /// Units came while reserved ones were known not to be there. Who had missed those before then may say so later.
    pub fn cover(&mut self, sku: &str, spot: SpotNo, units: i64, at: Time) -> Res {
        let keep_from = self.keep_from();
        remember(&mut self.position(sku)?.covered, Lost(spot, units, at.0), keep_from);
        Ok(())
    }

    /// How many of the units that a place missed at a moment were known by then not to be there, though others have
    /// come since.
    pub fn known_gone(&mut self, sku: &str, spot: SpotNo, units: i64, at: Time) -> Res<i64> {
        let position = self.position(sku)?;
        if position.covered.is_empty() {
            return Ok(0);
        }
        Ok(recall(&mut position.covered, spot, units, at).iter().map(|(n, _)| n).sum())
    }

    /// How many of the units that an adjustment takes off are off already, because a place missed them later than it
    /// lost them. They went when they were lost, so that a count between the two is right.
    pub fn explained(&mut self, sku: &str, spot: SpotNo, units: i64, at: Time) -> Res<i64> {
        let keep_from = self.keep_from();
        let position = self.position(sku)?;
        if position.lost.is_empty() || position.spot(spot).as_of.is_some_and(|as_of| at.0 < as_of) {
            return Ok(0);
        }
        let explained = recall(&mut position.lost, spot, units, at);
        for (n, missed) in &explained {
            position.moved(Move { spot, delta: -n, at: at.0 }, keep_from);
            position.moved(Move { spot, delta: *n, at: *missed }, keep_from);
        }
        Ok(explained.iter().map(|(n, _)| n).sum())
    }

    /// From when on movements are remembered.
    pub(super) fn keep_from(&self) -> i64 {
        self.now.0.saturating_sub(self.policy.report_lag.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_young_and_not_nothing() {
        let mut all = Vec::new();
        for at in 1..=3 {
            remember(&mut all, Lost(0, 1, at), 0);
        }
        remember(&mut all, Lost(0, 0, 4), 2);
        assert_eq!(all, [Lost(0, 1, 2), Lost(0, 1, 3)], "one is from before, one is of nothing");
        for at in 5..20 {
            remember(&mut all, Lost(1, 2, at), 0);
        }
        assert_eq!(all.len(), REMEMBERED);
        assert_eq!((all.first(), all.last()), (Some(&Lost(1, 2, 12)), Some(&Lost(1, 2, 19))));
    }

    #[test]
    fn what_is_recalled_is_of_the_spot_and_not_from_before() {
        let mut all = vec![Lost(0, 2, 10), Lost(1, 5, 20), Lost(0, 3, 20), Lost(0, 4, 30)];
        assert_eq!(recall(&mut all, 0, 5, Time(20)), [(3, 20), (2, 30)]);
        assert_eq!(all, [Lost(0, 2, 10), Lost(1, 5, 20), Lost(0, 2, 30)], "what is used up is forgotten");
        assert_eq!(recall(&mut all, 0, 9, Time(30)).iter().map(|(n, _)| n).sum::<i64>(), 2);
        assert_eq!(recall(&mut all, 0, 9, Time(30)), []);
        assert_eq!(all, [Lost(0, 2, 10), Lost(1, 5, 20)]);
    }
}
