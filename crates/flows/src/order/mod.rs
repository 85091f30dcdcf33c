//! The order: submitted, stock reserved, written to the ERP, released, allocated, shipped, invoiced, captured,
//! completed; cancelled before and after release; and the owner of what may be given back.

mod advance;
mod cancel;
mod capture;
mod checks;
mod close;
mod counts;
pub mod credit;
mod crediting;
mod decide;
pub mod dispute;
pub mod doc;
mod documents;
mod elsewhere;
mod events;
mod exchange;
pub mod gates;
mod grant;
mod holding;
mod invoicing;
mod naming;
mod onward;
mod outcome;
mod payments;
mod pool;
pub mod prices;
mod promotion;
mod recall;
mod refunds;
mod release;
mod settled;
mod ship;
mod split;
pub mod state;
mod submit;
mod table;
mod tenders;
mod turn;
mod verdicts;
mod views;
mod withdrawn;

pub use counts::{Status, status};
pub(crate) use decide::decide;
pub use state::State;
pub use table::TABLE;
pub use views::{returnable, show};
