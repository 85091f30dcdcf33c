//! The three statuses of a return, each read off its own lines and documents and kept apart from the others.

use super::state::{Body, Closed, RequestState as R, State};
use crate::policy::ReturnPolicy;
use retail::returns::{CustomerStatus as C, Disposition, FinanceStatus as F, Statuses, WarehouseStatus as W};

/// Reads all three.
#[must_use]
pub fn statuses(policy: &ReturnPolicy, state: &State) -> Statuses {
    let body = &state.body;
    Statuses { customer: customer(body, policy), warehouse: warehouse(body), finance: finance(body, policy) }
}

fn customer(b: &Body, policy: &ReturnPolicy) -> C {
    let given_up = b.requests.is_empty() && b.parts.iter().all(|p| p.units.0 == p.units.3);
    match b.closed {
        Some(Closed::Cancelled) => return C::Cancelled,
        Some(Closed::Expired) if given_up => return C::Expired,
        _ => {}
    }
    if !b.decided {
        return C::Requested;
    }
    if !b.any_approved() {
        return C::Declined;
    }
    let paid = b.requests.iter().any(|r| r.state == R::Settled);
    let owed = b.requests.iter().any(|r| matches!(r.state, R::Granted | R::Failed | R::Reversed));
    if b.completed && b.all_settled() {
        return C::Completed;
    }
    if owed {
        return C::CreditIssued;
    }
    if paid {
        return C::RefundSent;
    }
    if b.uninspected() > 0 {
        let looked = b.lines.iter().any(|l| l.accepted + l.rejected > 0);
        return if looked { C::UnderReview } else { C::Received };
    }
    if b.any_received() {
        let nothing_more = b.line_numbers().all(|l| b.line_final(l) && b.due(l, policy) == 0);
        return if nothing_more { C::RejectedAndReturning } else { C::UnderReview };
    }
    if b.line_numbers().any(|l| b.expected(l) > 0) { C::AwaitingItem } else { C::Approved }
}

fn warehouse(b: &Body) -> W {
    let expected = b.line_numbers().any(|l| b.expected(l) > 0);
    if !b.any_received() {
        return if b.decided && expected { W::Expected } else { W::NotExpected };
    }
    if b.uninspected() > 0 {
        return if b.inspections.is_empty() { W::Received } else { W::Inspecting };
    }
    if b.disposals.iter().any(|d| !d.done) {
        return W::Graded;
    }
    // Of units that went different ways, the one that still needs somebody comes first.
    let any = |d: Disposition| b.disposals.iter().any(|x| x.of(d).next().is_some());
    for (disposition, status) in [
        (Disposition::Quarantine, W::Quarantined),
        (Disposition::Refurbish, W::Refurbishing),
        (Disposition::Restock, W::Restocked),
        (Disposition::VendorReturn, W::VendorReturned),
        (Disposition::Destroy, W::Destroyed),
        (Disposition::ReturnToCustomer, W::SentBack),
    ] {
        if any(disposition) {
            return status;
        }
    }
    W::Graded
}

fn finance(b: &Body, policy: &ReturnPolicy) -> F {
    let any = |s: R| b.requests.iter().any(|r| r.state == s);
    if any(R::Reversed) {
        F::Reversed
    } else if any(R::Failed) {
        F::Failed
    } else if b.requests.is_empty() {
        let held = b.line_numbers().any(|l| b.inspects_first(l, policy) && !b.line_final(l));
        if held && b.any_received() { F::Held } else { F::None }
    } else if any(R::Settled) {
        let more = !b.all_settled() || b.line_numbers().any(|l| !b.line_final(l));
        if more { F::PartSettled } else { F::Settled }
    } else if any(R::Granted) {
        F::Credited
    } else {
        F::CreditDue
    }
}
