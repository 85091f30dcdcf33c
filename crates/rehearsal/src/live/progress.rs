//! How far it is, for whoever draws the bar.

use std::fmt;
use std::sync::Arc;

/// What is going on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Opening stock is counted.
    Opening,
    /// Orders and returns flow.
    Trading,
    /// Waiting until nothing is in progress.
    Settling,
    /// Ledgers and journal are read.
    Gathering,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opening => "opening stock",
            Self::Trading => "trading",
            Self::Settling => "settling",
            Self::Gathering => "gathering the report",
        })
    }
}

/// A moment of the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    pub phase: Phase,
    /// Orders placed, of `total`.
    pub orders: u64,
    pub total: u64,
    /// Returns asked for.
    pub returns: u64,
    /// How often the hub was killed.
    pub kills: u32,
}

/// Is told of progress, often: it should return at once.
#[derive(Clone)]
pub struct Watch(Arc<dyn Fn(Progress) + Send + Sync>);

impl Watch {
    /// Calls a function.
    pub fn new(tell: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Tells nobody.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(|_| {})
    }

    pub(crate) fn tell(&self, progress: Progress) {
        (self.0)(progress);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}
