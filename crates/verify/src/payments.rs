//! Payments by their own ids, as the journal tells of them: an order may be paid by several.

use crate::names::{Id, Texts};
use crate::report::Findings;
use crate::rules;
use std::collections::BTreeMap;

/// Minor units.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    /// By captures that were ordered and done.
    captured: i64,
    /// By its executor's own report, the largest.
    reported: i64,
    refunded: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Payments {
    all: BTreeMap<Id, Sums>,
}

impl Payments {
    pub fn captured(&mut self, payment: Id, amount: i64) {
        self.all.entry(payment).or_default().captured += amount;
    }

    pub fn reported(&mut self, payment: Id, amount: i64) {
        let sums = self.all.entry(payment).or_default();
        sums.reported = sums.reported.max(amount);
    }

    /// Given back, by the hub or by somebody else.
    pub fn refunded(&mut self, payment: Id, amount: i64) {
        self.all.entry(payment).or_default().refunded += amount;
    }

    pub fn finish(&self, texts: &Texts, findings: &mut Findings) {
        for (payment, sums) in self.all.iter().filter(|(_, sums)| sums.refunded > 0) {
            findings.checked(rules::PAYMENT_BOUND, 1);
            let captured = sums.captured.max(sums.reported);
            if sums.refunded > captured {
                findings.breach(
                    rules::PAYMENT_BOUND,
                    format!("payment {}", texts.text(*payment)),
                    format!("{captured} captured at most"),
                    sums.refunded.to_string(),
                    "refunds in the journal",
                );
            }
        }
    }
}
