//! The refund of one credit on one tender: credit memo in the ERP, then the money through the tender's executor.
//! It is asked for once under one key; what is unknown is looked up by the hub, never asked again; only a proven
//! failure and a person's word make a new key.

mod decide;
mod events;
mod pay;
mod reports;
pub(crate) mod state;
mod table;

pub(crate) use decide::decide;
pub use state::{Phase, State, show};
pub use table::TABLE;

#[cfg(test)]
pub(crate) fn event_shapes() -> Vec<crate::schemas::EventShape> {
    use crate::schemas::event;
    use events::*;
    vec![
        event::<Report>("refund.succeeded"),
        event::<Report>("refund.failed"),
        event::<Report>("refund.pending"),
        event::<RetryRequested>("refund.retry_requested"),
    ]
}

#[cfg(test)]
pub(crate) fn command_shapes() -> Vec<crate::schemas::CommandShape> {
    [pay::shapes()].into_iter().flatten().collect()
}
