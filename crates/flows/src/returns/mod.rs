//! The return: requested, checked with the orders it concerns and with policy, authorised in the ERP, received,
//! inspected, disposed, credited by the orders, settled. It carries the evidence and runs alone on it; what may
//! be given back is the orders' to say.

mod advance;
mod authorise;
mod counts;
mod credit;
mod deadline;
mod decide;
mod dispose;
mod doc;
mod documents;
mod events;
mod exchange;
mod expire;
mod fees;
mod forward;
mod inspect;
mod keep;
mod label;
mod matching;
mod outcome;
mod parcel;
mod receive;
mod request;
pub mod rules;
mod start;
pub mod state;
mod status;
mod table;
mod turn;
mod views;

pub(crate) use decide::decide;
pub use state::State;
pub use status::statuses;
pub use table::TABLE;
pub use views::show;

#[cfg(test)]
pub(crate) fn event_shapes() -> Vec<crate::schemas::EventShape> {
    use crate::schemas::event;
    use events::*;
    vec![
        event::<Requested>("return.requested"),
        event::<Received>("return.received"),
        event::<Inspected>("return.inspected"),
        event::<Cancelled>("return.cancelled"),
        event::<Decided>("return.disposition_decided"),
        event::<Matched>("return.matched"),
        event::<Lost>("return.lost"),
        event::<Refurbished>("return.refurbished"),
        event::<RetryRequested>("return.retry_requested"),
    ]
}

#[cfg(test)]
pub(crate) fn command_shapes() -> Vec<crate::schemas::CommandShape> {
    [documents::shapes(), label::shapes(), matching::shapes()].into_iter().flatten().collect()
}
