//! The decisions: one pure state machine per business process, each a set of functions from a case's state
//! and what happened to what should follow. [`Flows`] is their one door.
//!
//! **Must never know** a vendor, a database, a socket, a clock or a thread, nor how a command reaches anyone:
//! time and facts come in as values, a [`hub::process::Decision`] goes out.

mod early;
pub mod messages;
pub mod order;
mod out;
mod pending;
pub mod policy;
mod read;
mod refusal;
pub mod transition;

pub use policy::Policy;
