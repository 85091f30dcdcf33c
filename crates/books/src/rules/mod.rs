//! What must hold at every instant, as pure checks over plain summaries: who keeps the facts fills them in.
//! An empty answer means that the rule holds.

mod flow;
mod grants;
mod money;
mod stock;

pub use flow::{FlowFacts, f5};
pub use grants::{GoodwillFacts, GrantFacts, KeyFacts, m1_goodwill, m2, m3, m8};
pub use money::{
    CreditFacts, LineFacts, RefundFacts, ReturnLineFacts, TenderFacts, m1_line, m1_tender, m4, m5, m6,
};
pub use stock::{
    EndingFacts, MovementFacts, PositionFacts, ReceivedBackFacts, ReservationFacts, s1, s2, s4, s5, s6,
};

/// A rule that does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    /// The rule's name, for example `M1`.
    pub rule: &'static str,
    /// The object concerned, for example `order shop-1 line 2`.
    pub about: String,
    /// What is wrong, with the figures.
    pub why: String,
}

/// Collects breaches of one rule about one object.
struct Check {
    rule: &'static str,
    about: String,
    found: Vec<Breach>,
}

impl Check {
    fn new(rule: &'static str, about: impl Into<String>) -> Self {
        Self { rule, about: about.into(), found: Vec::new() }
    }

    fn that(&mut self, holds: bool, why: impl FnOnce() -> String) {
        if !holds {
            self.found.push(Breach { rule: self.rule, about: self.about.clone(), why: why() });
        }
    }

    fn done(self) -> Vec<Breach> {
        self.found
    }
}
