//! The vocabulary of retail: money, quantities, ids, orders, returns, stock, credits and codes, and the
//! envelope in which they travel.
//!
//! **Must never know** a vendor, a database, a clock, a thread, or which process uses it.

pub mod envelope;
pub mod ids;
pub mod money;
pub mod quantity;
pub mod time;
