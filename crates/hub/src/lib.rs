//! The turn, as a value: `Hub::step(now, input)` answers with effects, and a driver carries them out.
//! One hub owns one partition. The same code runs under the async driver and under the simulator.
//!
//! **Must never know** a flow by name, a vendor, a database, a socket, a clock or a thread. What a case
//! means is behind [`process::Process`]; what survives is described by [`batch::Batch`] and kept elsewhere.

mod answer;
mod applied;
pub mod batch;
mod books;
mod cache;
mod hub;
mod intake;
pub mod io;
mod lane;
mod notice;
pub mod plan;
pub mod process;
mod queue;
mod record;
mod turn;
mod unbroken;
mod write;

pub use hub::{Hub, part_of};
