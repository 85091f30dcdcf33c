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

#[derive(Clone, Debug, Default)]
pub(crate) struct Payments {
    all: BTreeMap<Id, Sums>,
    /// Disputes that are open or lost, and their payments.
    disputes: BTreeMap<Id, Id>,
    /// Disputes by their payments, open or not.
    known: BTreeMap<Id, Id>,
    /// Whom each payment was told to.
    told: BTreeMap<Id, Id>,
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

    /// A payment is disputed.
    pub fn disputed(&mut self, dispute: Id, payment: Id) {
        self.known.insert(dispute, payment);
        self.disputes.insert(dispute, payment);
    }

    /// A dispute was won or lost.
    pub fn dispute_ended(&mut self, dispute: Id, outcome: &str) {
        if outcome == "won" {
            self.disputes.remove(&dispute);
        } else if let Some(payment) = self.known.get(&dispute) {
            self.disputes.insert(dispute, *payment);
        }
    }

    /// A refund is opened on a payment.
    pub fn opened(&self, payment: Id, place: &str, texts: &Texts, findings: &mut Findings) {
        findings.checked(rules::PAYMENT_DISPUTED, 1);
        if self.disputes.values().any(|p| *p == payment) {
            findings.breach(
                rules::PAYMENT_DISPUTED,
                format!("payment {}", texts.text(payment)),
                "no refund while it is disputed",
                "a refund",
                place,
            );
        }
    }

    /// A command about a payment goes to an executor.
    pub fn told(&mut self, payment: Id, executor: Id, place: &str, texts: &Texts, findings: &mut Findings) {
        findings.checked(rules::PAYMENT_EXECUTOR, 1);
        let first = *self.told.entry(payment).or_insert(executor);
        if first != executor || texts.text(executor) == "exchange" {
            findings.breach(
                rules::PAYMENT_EXECUTOR,
                format!("payment {}", texts.text(payment)),
                format!("{} only", texts.text(first)),
                texts.text(executor),
                place,
            );
        }
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
