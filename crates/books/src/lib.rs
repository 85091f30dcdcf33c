//! Double entry for money and for units, and the invariants as code.
//!
//! A decision that moves money or goods carries its entries from here ([`Posting`] has a verb for each kind
//! of fact), so that no flow chooses accounts by hand and an entry that does not balance cannot be made.
//! [`rules`] states what must hold at every instant; [`tie_out`] adds up what was posted.
//!
//! **Must never know** a process, a case, the hub, a vendor, a store or a clock: facts come in as plain
//! values, entries and breaches go out.

mod account;
mod credits;
mod disputes;
mod draft;
mod money;
mod periods;
pub mod rules;
pub mod tie_out;
mod units;

pub use account::{Account, NotAnAccount, Unit};
pub use draft::{Draft, Entry, Posting, Unbalanced};
pub use periods::{Day, Periods};
pub use tie_out::{Tally, TieOut, tally};
pub use units::Moved;
