//! The rule that nothing accepted is lost (F5).

use super::{Breach, Check};

/// Where everything that was accepted is now: counts of one kind of thing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FlowFacts {
    /// What is counted, for example `orders`.
    pub what: String,
    pub accepted: u64,
    pub finished: u64,
    pub in_progress: u64,
    /// Waiting for a person, visibly.
    pub parked: u64,
}

/// F5: accepted = finished + in progress + parked.
#[must_use]
pub fn f5(facts: &FlowFacts) -> Vec<Breach> {
    let mut check = Check::new("F5", &facts.what);
    let found = u128::from(facts.finished) + u128::from(facts.in_progress) + u128::from(facts.parked);
    check.that(u128::from(facts.accepted) == found, || {
        format!(
            "{} accepted, but {} finished + {} in progress + {} parked = {found}",
            facts.accepted, facts.finished, facts.in_progress, facts.parked
        )
    });
    check.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_finished_nor_under_way_nor_parked_is_lost() {
        let mut facts =
            FlowFacts { what: "orders".into(), accepted: 6, finished: 3, in_progress: 2, parked: 1 };
        assert_eq!(f5(&facts), []);
        facts.in_progress = 1;
        assert_eq!(f5(&facts)[0].rule, "F5");
    }
}
