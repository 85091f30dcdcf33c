//! Rehearsals of the whole hub with real processes: trade over real HTTP against the look-alikes ([`live`]), which is
//! either a retailer's own year read from a file ([`trade`]) or made up from a seed ([`generate`]).
//!
//! [`trade`] and [`generate`] are pure: given a reader or a seed they make values. [`live`] is the only part that
//! knows processes, sockets and clocks.
//!
//! **Must never know** how the hub decides anything: what may come back, what was refused and what money moved
//! is asked of the hub and of the vendors' ledgers, never worked out here. A rehearsal that knew the answers
//! could not find a mistake.

pub mod generate;
pub mod live;
pub mod trade;
pub mod wire;
