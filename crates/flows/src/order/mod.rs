//! The order: submitted, stock reserved, written to the ERP, released, allocated, shipped, invoiced, captured,
//! completed; cancelled before and after release; and the owner of what may be given back.

mod advance;
mod cancel;
mod capture;
mod close;
mod counts;
mod decide;
pub mod doc;
mod documents;
mod events;
mod grant;
mod naming;
mod outcome;
mod payments;
mod pool;
mod recall;
mod refunds;
mod release;
mod ship;
pub mod state;
mod submit;
mod table;
mod turn;
mod views;

pub use counts::{Status, status};
pub(crate) use decide::decide;
pub use state::State;
pub use table::TABLE;
pub use views::{returnable, show};

#[cfg(test)]
pub(crate) fn event_shapes() -> Vec<crate::schemas::EventShape> {
    use crate::schemas::event;
    use events::*;
    vec![
        event::<Submitted>("order.submitted"),
        event::<Allocated>("order.allocated"),
        event::<CancelRequested>("order.cancel_requested"),
        event::<RetryRequested>("order.retry_requested"),
        event::<Confirmed>("shipment.confirmed"),
        event::<Delivered>("shipment.delivered"),
        event::<Short>("fulfilment.short"),
        event::<Captured>("payment.captured"),
        event::<RefundedElsewhere>("payment.refunded_elsewhere"),
    ]
}

#[cfg(test)]
pub(crate) fn command_shapes() -> Vec<crate::schemas::CommandShape> {
    [capture::shapes(), documents::shapes(), recall::shapes(), refunds::shapes(), release::shapes()]
        .into_iter()
        .flatten()
        .collect()
}
