//! The one binary, run as its users run it: commands, processes, sockets, signals.

#![allow(clippy::unwrap_used, clippy::panic)]

mod again;
mod at_once;
mod bad_inputs;
mod check;
mod command_line;
mod common;
mod connectors;
mod cut;
mod disk;
mod durable;
mod exceptions;
mod fsync;
mod gaps;
mod generated;
mod intake;
mod model;
mod parked;
mod pitfalls;
mod postgres;
#[path = "../../../store/tests/postgres/proxy.rs"]
mod proxy;
mod real_year;
mod reconcile;
mod revisions;
mod signatures;
mod stopping;
mod tampered;
mod trace;
mod two_hubs;
mod year;
