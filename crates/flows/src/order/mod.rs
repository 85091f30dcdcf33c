//! The order: submitted, stock reserved, written to the ERP, released, allocated, shipped, invoiced, captured,
//! completed; cancelled before and after release; and the owner of what may be given back.

mod advance;
pub mod amended;
pub mod bundle;
mod cancel;
mod capture;
mod change;
mod close;
mod collect;
mod counts;
mod decide;
pub mod delivery;
pub mod doc;
mod documents;
mod events;
mod fulfilling;
mod grant;
mod label;
mod lines;
mod naming;
mod outcome;
mod payments;
mod pool;
mod promise;
mod readdress;
mod recall;
mod refunds;
mod release;
mod returned;
mod ship;
mod spread;
pub mod state;
mod submit;
mod table;
mod track;
mod turn;
mod vendor;
mod views;
mod wishes;
mod withdrawn;

pub use counts::{Status, status};
pub(crate) use decide::decide;
pub use state::State;
pub use table::TABLE;
pub use views::{returnable, show};
