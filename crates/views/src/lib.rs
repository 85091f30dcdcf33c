//! Queries that people and programs read: facts, and the whole journey behind any business id.
//!
//! **Must never know** a process's state or rules, HTTP, or how to write: it reads what was committed, and
//! what it shows is what the journal says.

mod facts;
mod journey;
mod turn;

pub use facts::facts;
pub use journey::{Journey, Step, trace};
pub use turn::Turn;
