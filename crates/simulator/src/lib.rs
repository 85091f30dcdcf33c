//! The whole hub in simulated time: the real flows, hub, link and store code in one loop, the look-alikes as
//! values beside it, and faults between any two effects. A seed is a run: the same seed gives the same trace.
//!
//! **Must never know** a clock, a thread, a socket or a random number that does not come from its seed.

mod canonical;
mod chance;
mod drive;
mod estate;
mod faults;
mod judge;
mod marks;
mod owners;
mod people;
mod plainly;
mod polls;
mod queue;
mod run;
mod shoppers;
mod shrink;
mod systems;
mod trade;
mod vendors;
mod watch;

pub use faults::Faults;
pub use marks::{judged_after, unreached};
pub use run::{Outcome, Setup, simulate, simulate_on, simulate_with_evidence};
pub use shrink::shortest;
