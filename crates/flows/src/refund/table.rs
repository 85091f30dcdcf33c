//! Which moves of a refund are meant.

use crate::transition::{Transition, moves};

/// Every move of a refund, and upon what. A success that is reported failed afterwards reopens it; a failure that
/// turns out to have paid ends it, since the provider's ledger is the answer.
pub const TABLE: &[Transition] = moves! {
    "refund.open" { awaited => memo asked succeeded failed; }
    "post_credit_memo.done" { memo => asked succeeded; }
    "refund.done" {
        asked => succeeded pending;
        unknown => succeeded pending;
        pending => succeeded;
        failed => succeeded;
    }
    "issue_store_credit.done" {
        asked => succeeded pending;
        unknown => succeeded pending;
        pending => succeeded;
        failed => succeeded;
    }
    "issue_store_credit.accepted" { asked => pending; unknown => pending; }
    "issue_store_credit.unknown" { asked => unknown; }
    "issue_store_credit.refused" { asked => failed; unknown => failed; pending => failed; }
    "refund.settled" { asked => succeeded; failed => succeeded; reversed => succeeded; }
    "refund.accepted" { asked => pending; unknown => pending; }
    "refund.unknown" { asked => unknown; }
    "refund.fault" { asked => failed; }
    "issue_store_credit.fault" { asked => failed; }
    "refund.refused" { asked => failed; unknown => failed; pending => failed; }
    "refund.pending" { asked => pending; unknown => pending; }
    "refund.succeeded" {
        memo => succeeded;
        asked => succeeded;
        unknown => succeeded;
        pending => succeeded;
        failed => succeeded;
        reversed => succeeded;
    }
    "refund.failed" {
        memo => failed;
        asked => failed;
        unknown => failed;
        pending => failed;
        succeeded => reversed;
    }
    "refund.retry_requested" { failed => asked; reversed => asked memo; }
};
