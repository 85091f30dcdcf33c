//! Units that a place could not find: off hand at once, whatever became of them. The adjustment that says what became
//! of them may come later than the short report that it caused, and must not take them off again.

use super::desk::{Applied, Desk};
use super::log::Move;
use super::spot::SpotNo;
use crate::out::Res;
use retail::time::Time;
use serde::{Deserialize, Serialize};

/// Units that were not found at a spot, and when, milliseconds. No report has said yet what became of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lost(pub SpotNo, pub i64, pub i64);

/// How many short reports of a SKU are remembered. An adjustment that belongs to an older one takes its units off
/// once more, until the next count: that errs on the side of promising too little.
const REMEMBERED: usize = 8;

impl Desk<'_> {
    /// Takes units off that a place could not find.
    pub fn not_found(&mut self, sku: &str, spot: SpotNo, units: i64, at: Time) -> Res<Applied> {
        let applied = self.move_units(sku, spot, -units, at)?;
        let keep_from = self.keep_from();
        let lost = &mut self.position(sku)?.lost;
        lost.retain(|l| l.2 >= keep_from);
        if units > 0 && !applied.contained {
            lost.push(Lost(spot, units, at.0));
            let forget = lost.len().saturating_sub(REMEMBERED);
            lost.drain(..forget);
        }
        Ok(applied)
    }

    /// How many of the units that an adjustment takes off are off already, because a place missed them later than it
    /// lost them. They went when they were lost, so that a count between the two is right.
    pub fn explained(&mut self, sku: &str, spot: SpotNo, units: i64, at: Time) -> Res<i64> {
        let keep_from = self.keep_from();
        let position = self.position(sku)?;
        if position.lost.is_empty() || position.spot(spot).as_of.is_some_and(|as_of| at.0 < as_of) {
            return Ok(0);
        }
        let mut left = units;
        let mut earlier = Vec::new();
        for l in position.lost.iter_mut().filter(|l| l.0 == spot && at.0 <= l.2) {
            let n = l.1.min(left);
            l.1 -= n;
            left -= n;
            earlier.push(Move { spot, delta: -n, at: at.0 });
            earlier.push(Move { spot, delta: n, at: l.2 });
        }
        position.lost.retain(|l| l.1 > 0);
        let at_places = position.at.clone();
        let counted = |no| at_places.iter().any(|a| a.spot == no && a.as_of.is_some());
        for m in earlier.into_iter().filter(|m| m.delta != 0) {
            position.log.push(m, keep_from, counted);
        }
        Ok(units - left)
    }

    /// From when on movements are remembered.
    pub(super) fn keep_from(&self) -> i64 {
        self.now.0.saturating_sub(self.policy.report_lag.0)
    }
}
