//! Sums for status pages, and what a search by business id finds.

use hub::batch::{CaseId, CommandState, Part};
use retail::envelope::Name;
use serde::Serialize;
use std::collections::BTreeMap;

/// How much of everything a store holds, over all partitions and tenants.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Counts {
    /// Cases ever opened.
    pub cases: u64,
    /// Cases in progress, by kind.
    pub open_cases: BTreeMap<String, u64>,
    /// Commands that are not settled, by state as [`CommandState`] is written.
    pub outbox: BTreeMap<String, u64>,
    /// Mail that has not been taken in.
    pub mail: u64,
    /// Messages ever received.
    pub received: u64,
    /// Messages received and not decided.
    pub waiting: u64,
    /// Messages set aside with a reason.
    pub parked: u64,
    /// Open exceptions, by code.
    pub exceptions: BTreeMap<String, u64>,
    /// Journal rows.
    pub journal: u64,
    /// Bytes on disk; for [`crate::Memory`] the bytes of all bodies.
    pub bytes: u64,
}

/// A case found by one of its names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Hit {
    pub part: Part,
    pub case: CaseId,
    /// The name that matched.
    pub matched: Name,
    /// The case's own name.
    pub name: Name,
}

/// How a command's state is written, here and in JSON.
pub(crate) const fn state_name(state: CommandState) -> &'static str {
    match state {
        CommandState::Queued => "queued",
        CommandState::Marked => "marked",
        CommandState::Unknown { .. } => "unknown",
        CommandState::Accepted { .. } => "accepted",
        CommandState::Parked => "parked",
    }
}
