//! Model checks: every history of a small world, with the real hub, the real flows and the real store in memory, one
//! world for each protocol that money rests on. A history is what could be chosen at each step: what becomes of a
//! commit and of a call, a death, another owner.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod check;
mod choice;
mod counter;
mod kit;
mod outbox;
mod ownership;
mod refund;
mod said;
