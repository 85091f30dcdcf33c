//! Which moves of a return's customer status are meant. The other two statuses follow the goods and the money
//! and have no table of their own.

use crate::transition::{Transition, moves};

/// Every move of a return's customer status, and upon what. A refund that failed after it was reported paid
/// leads back to `credit_issued`. Goods that come when all is over are looked at, but change no status.
pub const TABLE: &[Transition] = moves! {
    "return.requested" { none => requested declined cancelled; }
    "return.open" { none => requested declined; }
    "return.checked" {
        requested => declined awaiting_item in_transit approved received under_review rejected_and_returning expired completed;
        received => declined awaiting_item approved under_review rejected_and_returning;
    }
    "return.matched" { received => declined; requested => declined; }
    "find_sale.done" { received => declined; requested => declined; }
    "find_sale.refused" { received => declined; requested => declined; }
    "return.received" {
        none => requested received;
        requested => received;
        awaiting_item => received under_review rejected_and_returning;
        in_transit => received under_review rejected_and_returning;
        approved => received under_review rejected_and_returning;
        received => under_review rejected_and_returning;
        under_review => received rejected_and_returning;
        rejected_and_returning => received under_review;
    }
    "return.inspected" {
        awaiting_item => under_review rejected_and_returning;
        in_transit => under_review rejected_and_returning;
        received => under_review rejected_and_returning;
        under_review => rejected_and_returning;
    }
    "parcel.tracked" { awaiting_item => in_transit approved expired; in_transit => approved expired; }
    "return.lost" {
        awaiting_item => approved expired;
        in_transit => approved expired;
        refund_sent => completed;
        exchanged => completed;
        under_review => completed expired;
        rejected_and_returning => completed expired;
    }
    "credit.granted" {
        approved => credit_issued;
        awaiting_item => credit_issued;
        in_transit => credit_issued;
        received => credit_issued;
        under_review => credit_issued;
        rejected_and_returning => credit_issued;
        refund_sent => credit_issued;
        exchanged => credit_issued;
    }
    "credit.settled" { credit_issued => refund_sent exchanged completed; }
    "credit.failed" {
        received => credit_issued;
        under_review => credit_issued;
        refund_sent => credit_issued;
        exchanged => credit_issued;
        completed => credit_issued;
    }
    "return.cancelled" { requested => cancelled; approved => cancelled; awaiting_item => cancelled; in_transit => cancelled; }
    "timer" {
        none => requested received;
        awaiting_item => expired;
        in_transit => expired;
        received => rejected_and_returning;
        under_review => rejected_and_returning completed expired;
        rejected_and_returning => completed expired;
        refund_sent => completed;
        exchanged => completed;
    }
    "return.retry_requested" {
        approved => completed;
        refund_sent => completed;
        exchanged => completed;
        under_review => completed expired;
        rejected_and_returning => completed expired;
    }
    "create_return_order.done" {
        approved => completed;
        refund_sent => completed;
        exchanged => completed;
        rejected_and_returning => completed expired;
        under_review => completed expired;
    }
    "expect_return.done" {
        approved => completed;
        refund_sent => completed;
        exchanged => completed;
        rejected_and_returning => completed expired;
        under_review => completed expired;
    }
    "buy_return_label.done" {
        approved => completed;
        refund_sent => completed;
        exchanged => completed;
        rejected_and_returning => completed expired;
        under_review => completed expired;
    }
    "return.refurbished" {
        approved => completed;
        refund_sent => completed;
        exchanged => completed;
        rejected_and_returning => completed expired;
        under_review => completed expired;
    }
    "return.disposition_decided" {
        approved => completed;
        refund_sent => completed;
        exchanged => completed;
        rejected_and_returning => completed expired;
        under_review => completed expired;
    }
    "dispose.done" {
        approved => completed;
        refund_sent => completed;
        exchanged => completed;
        rejected_and_returning => completed expired;
        under_review => completed expired;
    }
    "post_return_receipt.done" {
        approved => completed;
        refund_sent => completed;
        exchanged => completed;
        rejected_and_returning => completed expired;
        under_review => completed expired;
    }
    "update_return.done" {
        approved => completed;
        refund_sent => completed;
        exchanged => completed;
        rejected_and_returning => completed expired;
        under_review => completed expired;
    }
};
