//! What a retailer decides and what its systems are: the estate file, read into plain types. Which system
//! plays which role, where it is, which secrets it needs, and the policies that the processes run by.
//!
//! [`read`] finds everything that is wrong at once, each with its line and column, what it concerns, and what
//! to write instead; what reads is complete and fits together. [`reference()`] is the annotated file with every
//! field.
//!
//! **Must never know** what a process does with a policy, how a vendor is spoken to, or what a secret says: it
//! holds references, and [`Estate::secrets`] asks the caller for what they stand for. It opens no file, reads no
//! environment and no clock. Whether a connector exists and which settings it wants is for whoever holds the
//! connectors; [`Estate::fault`] gives such findings their line.

mod changes;
mod checkout;
mod estate;
mod maps;
mod policy;
mod read;
pub mod returns;
mod role;
mod route;
mod secret;

pub use changes::changes;
pub use checkout::{Check, Checkout, InvoiceRule, OnExpiry, SingleCapture, WhenDown, WhenRefused};
pub use estate::{Before, Connection, Estate, Hub, Limits, Overrides, Revision};
pub use formats::toml::Fault;
pub use maps::ValueMap;
pub use policy::{
    CaptureRule, Closing, CreditPolicy, Fulfilment, Labels, Periods, Policy, Pool, PromotionBreak,
    RefundFirst, ReturnPolicy, Spans, StockRules, Uncollected, WindowFrom,
};
pub use read::read;
pub use role::{Play, Role};
pub use route::Route;
pub use secret::{Resolver, Secret, SecretRef, Secrets};

/// The annotated reference estate: every field, each with what it means and what it is when left out. It is
/// itself a valid estate.
#[must_use]
pub const fn reference() -> &'static str {
    include_str!("../estate.default.toml")
}
