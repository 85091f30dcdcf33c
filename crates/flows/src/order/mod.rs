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
mod withdrawn;

pub use counts::{Status, status};
pub(crate) use decide::decide;
pub use state::State;
pub use table::TABLE;
pub use views::{returnable, show};
