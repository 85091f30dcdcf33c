//! Which moves of a return's customer status are meant. The other two statuses follow the goods and the money
//! and have no table of their own.

use crate::transition::{Transition, moves};

/// Every move of a return's customer status, and upon what. A refund that failed after it was reported paid
/// leads back to `credit_issued`; goods that come after all are looked at also when the return is closed.
pub const TABLE: &[Transition] = moves! {
    "return.requested" { none => requested declined received cancelled; }
    "return.checked" { requested => declined awaiting_item approved received under_review; }
    "create_return_order.done" { approved => credit_issued; }
    "return.received" {
        awaiting_item => received under_review rejected_and_returning;
        approved => received under_review;
        declined => received;
        cancelled => received;
        expired => received under_review;
        refund_sent => received;
        completed => received;
        under_review => received;
    }
    "return.inspected" {
        received => under_review rejected_and_returning declined completed;
        rejected_and_returning => under_review;
    }
    "credit.granted" {
        approved => credit_issued;
        awaiting_item => credit_issued;
        received => credit_issued;
        under_review => credit_issued;
        rejected_and_returning => credit_issued;
        refund_sent => credit_issued;
    }
    "credit.settled" {
        credit_issued => refund_sent completed;
        approved => refund_sent;
    }
    "credit.failed" { refund_sent => credit_issued; completed => credit_issued; }
    "return.cancelled" {
        requested => cancelled;
        approved => cancelled;
        awaiting_item => cancelled;
    }
    "timer" {
        awaiting_item => expired;
        refund_sent => completed;
    }
    "dispose.done" { refund_sent => completed; rejected_and_returning => completed; received => declined; }
    "post_return_receipt.done" { refund_sent => completed; rejected_and_returning => completed; }
    "update_return.done" {
        refund_sent => completed;
        rejected_and_returning => completed;
        received => declined;
        under_review => completed;
    }
    "expect_return.done" { refund_sent => completed; rejected_and_returning => completed; }
};
