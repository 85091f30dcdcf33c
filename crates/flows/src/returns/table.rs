//! Which moves of a return's customer status are meant. The other two statuses follow the goods and the money
//! and have no table of their own.

use crate::transition::{Transition, moves};

/// Every move of a return's customer status, and upon what. A refund that failed after it was reported paid
/// leads back to `credit_issued`. Goods that come when all is over are looked at, but change no status.
pub const TABLE: &[Transition] = moves! {
    "return.requested" { none => requested declined cancelled; }
    "return.checked" {
        requested => declined awaiting_item approved received under_review rejected_and_returning;
    }
    "return.received" {
        awaiting_item => received under_review rejected_and_returning;
        approved => received under_review rejected_and_returning;
        received => under_review rejected_and_returning;
        under_review => received rejected_and_returning;
        rejected_and_returning => received under_review;
    }
    "return.inspected" {
        awaiting_item => under_review rejected_and_returning;
        received => under_review rejected_and_returning;
        under_review => rejected_and_returning;
    }
    "credit.granted" {
        approved => credit_issued;
        awaiting_item => credit_issued;
        received => credit_issued;
        under_review => credit_issued;
        rejected_and_returning => credit_issued;
        refund_sent => credit_issued;
    }
    "credit.settled" { credit_issued => refund_sent completed; }
    "credit.failed" { refund_sent => credit_issued; completed => credit_issued; }
    "credit.failed" { received => credit_issued; under_review => credit_issued; }
    "return.cancelled" { requested => cancelled; approved => cancelled; awaiting_item => cancelled; }
    "timer" {
        awaiting_item => expired;
        received => rejected_and_returning;
        under_review => rejected_and_returning completed expired;
        rejected_and_returning => completed expired;
        refund_sent => completed;
    }
    "return.retry_requested" {
        refund_sent => completed;
        under_review => completed;
        rejected_and_returning => completed expired;
    }
    "create_return_order.done" { refund_sent => completed; rejected_and_returning => completed expired; under_review => completed; }
    "expect_return.done" { refund_sent => completed; rejected_and_returning => completed expired; under_review => completed; }
    "dispose.done" { refund_sent => completed; rejected_and_returning => completed expired; under_review => completed; }
    "post_return_receipt.done" { refund_sent => completed; rejected_and_returning => completed expired; under_review => completed; }
    "update_return.done" { refund_sent => completed; rejected_and_returning => completed expired; under_review => completed; }
};
