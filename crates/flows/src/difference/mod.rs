//! A difference between the hub's books and what a system says about itself: shown to a person once, for as long as
//! it is found. Nothing is put right here, since nobody but a person can say which side is right.

mod decide;
mod events;
mod state;
mod table;

pub(crate) use decide::decide;
pub use state::{State, show};
pub use table::TABLE;

#[cfg(test)]
pub(crate) use state::Standing;

#[cfg(test)]
pub(crate) fn event_shapes() -> Vec<crate::schemas::EventShape> {
    use crate::schemas::event;
    vec![event::<events::Found>("difference.found"), event::<events::Gone>("difference.gone")]
}
