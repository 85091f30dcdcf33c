//! A retailer's year read from a file of invoice lines, and the bookkeeping that accounts for every line of it.
//!
//! The order of use: a [`ColumnMap`] says what the columns mean, [`Trade::read`] takes the whole file in,
//! [`Supply`] plans the stock, [`SalesIndex`] and [`Matcher`] find the sale behind a cancellation, [`Account`]
//! adds up what was taken and what was set aside.

mod account;
mod clean;
mod clock;
mod index;
mod map;
mod matching;
mod names;
mod read;
mod supply;
mod year;

pub use account::{Account, Piece, SetAside, Tie, Ties, Verdict};
pub use clock::{Clock, Day};
pub use index::SalesIndex;
pub use map::{ColumnMap, MapError};
pub use matching::{Ask, Found, Matcher, OrderLine};
pub use names::{NameId, Names};
pub use read::ReadError;
pub use supply::{Receipt, Supply};
pub use year::{Class, Invoice, Line, Trade};

#[cfg(test)]
mod account_tests;
#[cfg(test)]
mod fake_hub;
#[cfg(test)]
mod real_year_tests;
