//! Holds what systems say about themselves against what the hub's journal says of them: every order, shipment,
//! document, capture, refund, return, label and unit in stock that one side has and the other has not, or has
//! otherwise. The journal is walked once, as `docs/journal.md` describes it; rows come as connectors list them.
//!
//! **Must never know** a vendor, a process's state or rules, a store, HTTP, a clock or a file: rows of the journal and
//! of lists come in as values, differences go out.

mod books;
mod cause;
mod commands;
mod compare;
mod events;
mod record;
mod stock;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod thing;

pub use books::{Books, Routes};
pub use cause::Cause;
pub use compare::{Amounts, Compared, Difference, case_of, compare};
