//! The three statuses of a return, each read off its own lines and documents and kept apart from the others.

use super::exchange;
use super::state::{Body, Closed, Doc, RequestState as R, State};
use crate::policy::ReturnPolicy;
use retail::returns::{CustomerStatus as C, Disposition, FinanceStatus as F, Statuses, WarehouseStatus as W};

/// Reads all three.
#[must_use]
pub fn statuses(policy: &ReturnPolicy, state: &State) -> Statuses {
    let (body, doc) = (&state.body, state.document());
    Statuses {
        customer: customer(body, doc, policy),
        warehouse: warehouse(body),
        finance: finance(body, policy),
    }
}

fn customer(b: &Body, doc: Option<&Doc>, policy: &ReturnPolicy) -> C {
    let given_up = b.requests.is_empty() && b.parts.iter().all(|p| p.units.0 == p.units.3);
    match b.closed {
        Some(Closed::Cancelled) => return C::Cancelled,
        Some(Closed::Expired | Closed::Lost) if given_up => return C::Expired,
        _ => {}
    }
    if !b.decided {
        return C::Requested;
    }
    if !b.any_approved() {
        // Goods whose order nobody knows yet are neither approved nor declined.
        return match b.late.is_empty() {
            true => C::Declined,
            false if b.any_received() => C::Received,
            false => C::Requested,
        };
    }
    let paid = b.requests.iter().any(|r| r.state == R::Settled);
    let owed = b.requests.iter().any(|r| matches!(r.state, R::Granted | R::Failed | R::Reversed));
    if b.completed && b.all_settled() {
        return C::Completed;
    }
    if owed {
        return C::CreditIssued;
    }
    if exchange::done(b) {
        return C::Exchanged;
    }
    if paid {
        return C::RefundSent;
    }
    if b.uninspected() > 0 {
        let looked = b.lines.iter().any(|l| l.accepted + l.rejected > 0);
        return if looked { C::UnderReview } else { C::Received };
    }
    if b.any_received() {
        let none_taken = |l: u16| b.line_final(l) && doc.is_none_or(|d| b.due(d, l, policy) == 0);
        let kept = |l: u16| b.lines.get(usize::from(l)).is_some_and(|c| c.accepted > 0);
        let nothing_more = b.line_numbers().all(|l| none_taken(l) && !kept(l));
        return if nothing_more { C::RejectedAndReturning } else { C::UnderReview };
    }
    match b.line_numbers().any(|l| b.expected(l) > 0) {
        true if b.sent.is_some() => C::InTransit,
        true => C::AwaitingItem,
        false => C::Approved,
    }
}

fn warehouse(b: &Body) -> W {
    let expected = b.line_numbers().any(|l| b.expected(l) > 0);
    if !b.any_received() {
        return match b.decided && expected {
            true if b.sent.is_some() => W::InTransit,
            true => W::Expected,
            false if b.lost => W::Lost,
            false => W::NotExpected,
        };
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
