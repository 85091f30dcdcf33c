//! How commands reach systems: who plays which role, and what each system and operation allows.

use retail::time::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// What sending an operation again does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strategy {
    /// The system remembers a key for `keeps` since creation.
    Key { keeps: Span },
    /// Looked up by our reference, then created.
    Reference,
    /// Compare-and-set of a target; the newest wins.
    State,
    /// An upsert under an id of ours.
    Name,
    /// Nothing protects it: a person decides.
    None,
}

/// One operation of a system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpSpec {
    pub strategy: Strategy,
    /// Whether it can be looked up.
    pub finds: bool,
    /// The longest that an execution and the look-up's lag can take; absence is proof only after it.
    pub settle: Span,
    /// How long an accepted command may wait for its verdict before it is looked up.
    pub verdict: Span,
    /// When a person must take over.
    pub give_up: Span,
}

impl Default for OpSpec {
    fn default() -> Self {
        Self {
            strategy: Strategy::None,
            finds: false,
            settle: Span::seconds(60),
            verdict: Span::minutes(15),
            give_up: Span::hours(24),
        }
    }
}

/// One system: its limits and its operations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SystemSpec {
    /// How many calls may be under way at once.
    pub in_flight: u32,
    /// Calls per second; `None` for as many as fit in flight.
    pub rate: Option<u32>,
    /// First pause after a failure; doubled with each, up to `backoff_max`.
    pub backoff: Span,
    pub backoff_max: Span,
    /// Failures in a row that open the breaker.
    pub breaker: u32,
    pub ops: BTreeMap<String, OpSpec>,
}

impl Default for SystemSpec {
    fn default() -> Self {
        Self {
            in_flight: 8,
            rate: None,
            backoff: Span::millis(200),
            backoff_max: Span::seconds(30),
            breaker: 5,
            ops: BTreeMap::new(),
        }
    }
}

/// The estate as the hub needs it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// Role, and which of several, to system; the empty one stands for any.
    pub routes: BTreeMap<String, BTreeMap<String, String>>,
    /// Roles for which the second part names a system: a command for one that is not there waits, and never goes to
    /// whoever plays for all.
    pub exact: BTreeSet<String>,
    pub systems: BTreeMap<String, SystemSpec>,
    /// At most so many messages wait undecided before senders are told to come back.
    pub intake_max: usize,
    /// At most so many unsettled commands before senders are told to come back.
    pub outbox_max: usize,
    /// At most so many stimuli are decided in one batch.
    pub batch_max: usize,
    /// How many cases and how many rows a hub keeps in memory, at most.
    pub cache_cases: usize,
    pub cache_rows: usize,
    /// How long a message waits for a case to take its name before a person must look.
    pub unnamed_max: Span,
}

impl Plan {
    /// The limits that suit one node with 300 MB.
    #[must_use]
    pub fn sized() -> Self {
        Self {
            intake_max: 2_000,
            outbox_max: 20_000,
            batch_max: 512,
            cache_cases: 3_000,
            cache_rows: 20_000,
            unnamed_max: Span::hours(1),
            ..Self::default()
        }
    }

    /// Has a system play a role, `at` saying which of several; empty for any.
    pub fn route(&mut self, role: impl Into<String>, at: impl Into<String>, system: impl Into<String>) {
        self.routes.entry(role.into()).or_default().insert(at.into(), system.into());
    }

    /// Which system plays a role, `at` saying which of several.
    #[must_use]
    pub fn system(&self, role: &str, at: &str) -> Option<&str> {
        let of_role = self.routes.get(role)?;
        let any = || of_role.get("").filter(|_| !self.exact.contains(role));
        of_role.get(at).or_else(any).map(String::as_str)
    }

    /// What an operation of a system allows; the careful default where it declares nothing.
    #[must_use]
    pub fn op(&self, system: &str, op: &str) -> OpSpec {
        self.systems.get(system).and_then(|s| s.ops.get(op)).copied().unwrap_or_default()
    }
}

/// A pause that doubles with each attempt, spread by `salt` so that many do not come back at once.
#[must_use]
pub fn backoff(spec: &SystemSpec, attempt: u32, salt: u64, now: Time) -> Time {
    let doubled = spec.backoff.0.saturating_mul(1_i64 << attempt.min(20)).min(spec.backoff_max.0).max(1);
    let spread =
        i64::try_from(salt.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40).unwrap_or(0) % (doubled / 4 + 1);
    now.plus(Span(doubled + spread))
}
