//! Runs a connector manifest, as a value.
mod fault;
pub mod json;
mod jq;
pub use fault::Fault;
