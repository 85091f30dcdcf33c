//! The vocabulary of retail: money, quantities, ids, orders, returns, stock, credits and codes, and the
//! envelope in which they travel.
//!
//! **Must never know** a vendor, a database, a clock, a thread, or which process uses it.

#[macro_use]
mod words;

pub mod codes;
pub mod credit;
pub mod envelope;
pub mod erp;
pub mod fulfilment;
pub mod ids;
pub mod listing;
pub mod milestone;
pub mod money;
pub mod order;
pub mod personal;
pub mod quantity;
pub mod refs;
pub mod returns;
#[cfg(feature = "schema")]
mod shape;
pub mod stock;
pub mod tender;
pub mod time;
