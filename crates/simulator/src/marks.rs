//! "Sometimes": rare branches that runs with bad faults must have been in now and then. A run that never gets there
//! proves nothing about them, so many runs of which none did have failed.

use std::collections::BTreeMap;

/// What must have been reached, and after how many orders at the latest: some twenty times what it takes on average.
const SOMETIMES: &[(&str, u64)] = &[
    ("crash", 1_000),
    ("commit_failed", 1_000),
    ("commit_unknown", 1_000),
    ("commit_unknown_and_written", 1_000),
    ("commit_outlived_its_process", 2_000),
    ("received_before_a_crash", 2_000),
    ("load_failed", 2_000),
    ("store_away", 1_000),
    ("claimed_by_another", 5_000),
    ("fenced_owner_stopped", 5_000),
    ("owner_slept", 2_000),
    ("owner_slept_through_its_lease", 2_000),
    ("not_sent_without_a_lease", 2_000),
    ("former_owner_fenced", 2_000),
    ("former_owner_retired", 5_000),
    ("clock_set_forward", 2_000),
    ("clock_set_back", 2_000),
    ("signature_refused_by_a_wrong_clock", 2_000),
    ("judged_under_way", 2_000),
    ("sender_gave_up_waiting", 1_000),
    ("webhook_answer_lost", 1_000),
    ("poll_failed", 2_000),
    ("vendor_unreachable", 1_000),
    ("vendor_answer_lost", 1_000),
    ("vendor_too_slow", 1_000),
    ("vendor_failed", 1_000),
    ("vendor_throttled", 1_000),
    ("vendor_down", 1_000),
    ("looked_up", 1_000),
    ("key_recognised", 10_000),
    ("key_renewed", 5_000),
    ("key_shown_again_once_forgotten", 5_000),
    ("stored_failure_repeated", 2_000),
    ("order.cancelled", 1_000),
    ("order.cancellation_refused", 1_000),
    ("order.closed_unsold", 2_000),
    ("payment.voided", 2_000),
    ("return.line_refused", 1_000),
    ("stock.supplied", 1_000),
    ("stock.restocked", 1_000),
    ("rejected_after_credit", 20_000),
];

/// The same, where people work.
const SOMETIMES_BY_HAND: &[(&str, u64)] = &[
    ("stock_adjusted_by_hand", 5_000),
    ("credited_by_hand", 5_000),
    ("disputed", 5_000),
    ("dispute.opened", 5_000),
    ("dispute.closed", 5_000),
    ("dispute_lost", 5_000),
    ("refunded_at_provider", 5_000),
    ("payment.refunded_elsewhere", 5_000),
    ("order.held", 5_000),
    ("order.hold_lifted", 5_000),
];

/// The same, where vendors take commands as they are.
const SOMETIMES_PLAINLY: &[(&str, u64)] = &[("vendor_half_done", 2_000)];

/// What should have been reached and was not, in so many simulated orders with bad faults.
#[must_use]
pub fn unreached(
    marks: &BTreeMap<String, u64>,
    orders: u64,
    people: bool,
    canonical: bool,
) -> Vec<&'static str> {
    let by_hand = SOMETIMES_BY_HAND.iter().filter(|_| people);
    let plainly = SOMETIMES_PLAINLY.iter().filter(|_| canonical);
    let due = SOMETIMES.iter().chain(by_hand).chain(plainly).filter(|(_, after)| orders >= *after);
    due.map(|(mark, _)| *mark).filter(|mark| marks.get(*mark).is_none_or(|times| *times == 0)).collect()
}

/// How many orders it takes until every mark is judged.
#[must_use]
pub fn judged_after() -> u64 {
    SOMETIMES.iter().map(|(_, after)| *after).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_reached_is_named_once_it_is_due() {
        let (first, after) = SOMETIMES[0];
        let reached: BTreeMap<String, u64> =
            SOMETIMES.iter().map(|(mark, _)| ((*mark).to_owned(), 1)).collect();
        assert_eq!(unreached(&reached, u64::MAX, false, false), Vec::<&str>::new());
        let mut without = reached;
        without.insert(first.to_owned(), 0);
        assert_eq!(unreached(&without, u64::MAX, false, false), [first]);
        assert_eq!(
            unreached(&without, after - 1, false, false),
            Vec::<&str>::new(),
            "too few orders to judge by"
        );
    }
}
