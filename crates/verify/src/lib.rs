//! The second opinion. Recomputes balances, stock, money and every promise from the journal, compares them with what
//! is stored and with what each system says in its own ledger, and names every row that breaks a rule.
//!
//! Feed a [`Verifier`] row by row, or fill an [`Evidence`] and call [`check`]; [`read_sqlite`] reads a folder,
//! [`read_postgres`] a schema, [`fetch_ledger`] a system's ledger. [`ALL`] lists the rules.
//!
//! **Must never know** how the hub comes to its decisions: no code is shared with the vocabulary, the books, the
//! flows, the hub, the connectors or the store. What it knows stands in `docs/journal.md` and `docs/contract.md`, and
//! is read here anew, so that one misunderstanding cannot pass on both sides. It changes nothing.

mod args;
mod books;
mod cases;
mod chain;
mod changes;
mod clearing;
mod commands;
mod credits;
mod documents;
mod evidence;
mod exported;
mod filed;
mod gates;
mod holding;
mod http;
mod ledger;
mod names;
mod orders;
mod payments;
#[cfg(any(test, feature = "plant"))]
pub mod plant;
mod postgres;
mod posts;
mod record;
mod report;
mod returns;
mod rules;
mod shelf;
mod sqlite;
mod stock;
mod stored;
mod sums;
mod told;
mod trade;
mod unpack;
mod verifier;

pub use evidence::{CaseRow, Evidence, JournalRow, check};
pub use exported::{Exported, keep_heads, kept_heads};
pub use http::{FetchError, Ledger, fetch_ledger, fetch_shelves};
pub use ledger::LedgerRow;
pub use postgres::{Schema, read_postgres};
pub use posts::ReceivedState;
pub use report::{Breach, Check, Report};
pub use rules::{ALL, Rule};
pub use shelf::PoolRules;
pub use sqlite::read_sqlite;
pub use stored::ReadError;
pub use verifier::{Case, Head, Settings, Verifier};
