//! The order: submitted, stock reserved, written to the ERP, released, allocated, shipped, invoiced, captured,
//! completed; cancelled before and after release; and the owner of what may be given back.

mod advance;
pub mod amended;
pub mod bundle;
mod cancel;
mod capture;
mod change;
mod checks;
mod close;
mod collect;
mod counts;
pub mod credit;
mod crediting;
mod decide;
pub mod delivery;
pub mod dispute;
pub mod doc;
mod documents;
mod elsewhere;
mod events;
mod exchange;
mod fulfilling;
pub mod gates;
mod grant;
mod holding;
mod invoicing;
mod label;
mod lines;
mod naming;
mod onward;
mod outcome;
mod payments;
mod pool;
pub mod prices;
mod promise;
mod promotion;
mod readdress;
mod recall;
mod refunds;
mod release;
mod returned;
mod settled;
mod ship;
mod split;
mod spread;
pub mod state;
mod submit;
mod table;
mod tenders;
mod track;
mod turn;
mod vendor;
mod verdicts;
mod views;
mod wishes;
mod withdrawn;

pub use counts::{Status, status};
pub(crate) use decide::decide;
pub use state::State;
pub use table::TABLE;
pub use views::{returnable, show};

#[cfg(test)]
pub(crate) fn event_shapes() -> Vec<crate::schemas::EventShape> {
    use crate::schemas::event;
    use events::*;
    use wishes::*;
    vec![
        event::<Submitted>("order.submitted"),
        event::<HoldRequested>("order.hold_requested"),
        event::<HoldLifted>("order.hold_lifted"),
        event::<Screened>("order.screened"),
        event::<Authorised>("payment.authorised"),
        event::<AuthorisationExpired>("payment.authorisation_expired"),
        event::<Allocated>("order.allocated"),
        event::<CancelRequested>("order.cancel_requested"),
        event::<RetryRequested>("order.retry_requested"),
        event::<LinesChanged>("order.lines_changed"),
        event::<AddressChanged>("order.address_changed"),
        event::<Ready>("fulfilment.ready"),
        event::<PickedUp>("fulfilment.picked_up"),
        event::<Tracked>("parcel.tracked"),
        event::<Confirmed>("shipment.confirmed"),
        event::<Delivered>("shipment.delivered"),
        event::<Short>("fulfilment.short"),
        event::<Captured>("payment.captured"),
        event::<RefundedElsewhere>("payment.refunded_elsewhere"),
        event::<CreditRequested>("credit.requested"),
        event::<CreditDecided>("credit.approved"),
        event::<CreditDecided>("credit.declined"),
        event::<SettledByDispute>("credit.settled_by_dispute"),
        event::<DisputeOpened>("dispute.opened"),
        event::<DisputeClosed>("dispute.closed"),
    ]
}

#[cfg(test)]
pub(crate) fn command_shapes() -> Vec<crate::schemas::CommandShape> {
    [
        capture::shapes(),
        checks::shapes(),
        collect::shapes(),
        crediting::shapes(),
        documents::shapes(),
        invoicing::shapes(),
        label::shapes(),
        readdress::shapes(),
        recall::shapes(),
        release::shapes(),
        settled::shapes(),
        tenders::shapes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
