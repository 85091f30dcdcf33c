//! Credits and the refunds that pay them.

use crate::documents::{Came, Documents, Kind, Side};
use crate::names::{Id, Texts};
use crate::payments::Payments;
use crate::report::Findings;
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};

/// Minor units per order.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    granted: i64,
    asked: i64,
    /// Kept, carried on, or paid by somebody else.
    otherwise: i64,
}

/// A refund: what it was to pay, and what it last came to.
#[derive(Clone, Copy, Debug, Default)]
struct Refund {
    order: Id,
    payment: Id,
    /// Whether the executor of the payment pays it.
    by_tender: bool,
    amount: i64,
    settled: Option<i64>,
    /// How often the provider was asked.
    sent: u32,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Credits {
    orders: BTreeMap<Id, Sums>,
    granted: BTreeSet<Id>,
    refunds: BTreeMap<Id, Refund>,
}

impl Credits {
    /// `credit.granted`; said again, it counts once.
    pub fn granted(&mut self, order: Id, credit: Id, amount: i64) {
        if self.granted.insert(credit) {
            self.orders.entry(order).or_default().granted += amount;
        }
    }

    /// Part of an order's credits needs no refund.
    pub fn otherwise(&mut self, order: Id, amount: i64) {
        self.orders.entry(order).or_default().otherwise += amount;
    }

    /// The order is to pay what an exchange order owes.
    pub fn taken_over(&mut self, order: Id, amount: i64) {
        self.orders.entry(order).or_default().granted += amount;
    }

    /// `refund.open`: the order has a refund paid, by its tender or in another way.
    pub fn opened(
        &mut self,
        (order, id, payment): (Id, Id, Id),
        pay: &str,
        amount: i64,
        place: &str,
        texts: &Texts,
        findings: &mut Findings,
    ) {
        findings.checked(rules::CREDIT_PAID, 1);
        self.orders.entry(order).or_default().asked += amount;
        let refund = self.refunds.entry(id).or_default();
        if refund.order != Id::NONE {
            findings.breach(rules::CREDIT_PAID, texts.text(id), "to be opened once", "again", place);
        }
        (refund.order, refund.payment, refund.amount) = (order, payment, amount);
        refund.by_tender = pay.is_empty() || pay == "refund";
    }

    /// `refund.settled` with what was paid, `refund.failed` with none. The last word counts.
    pub fn verdict(&mut self, id: Id, paid: Option<i64>) {
        self.refunds.entry(id).or_default().settled = paid;
    }

    /// The provider was asked to pay it.
    pub fn sent(&mut self, id: Id) {
        self.refunds.entry(id).or_default().sent += 1;
    }

    /// Hands each refund over as a document: one that is settled must be at the provider, one that was asked for
    /// may be.
    pub fn settle(&self, documents: &mut Documents, payments: &mut Payments) {
        for (id, refund) in self.refunds.iter().filter(|(_, r)| r.by_tender) {
            match refund.settled {
                Some(amount) => {
                    documents.told(Kind::Refund, *id, Side::whole(0, amount));
                    payments.refunded(refund.payment, amount);
                }
                None if refund.sent > 0 => {
                    documents.ordered(Kind::Refund, *id, Side::whole(0, refund.amount), Came::Open);
                }
                None => {}
            }
        }
    }

    /// Judges each credit of an order that is over.
    pub fn finish(&self, busy: &BTreeSet<Id>, texts: &Texts, findings: &mut Findings) {
        for (order, sums) in self.orders.iter().filter(|(order, _)| !busy.contains(*order)) {
            if sums.granted != sums.asked + sums.otherwise {
                let (expected, found) = (
                    format!("{} granted", sums.granted),
                    format!("{} asked for, {} settled without", sums.asked, sums.otherwise),
                );
                findings.breach(
                    rules::CREDIT_PAID,
                    texts.text(*order),
                    expected,
                    found,
                    "refunds in the journal",
                );
            }
        }
        let opened = self.refunds.iter().filter(|(_, r)| r.order != Id::NONE);
        for (id, refund) in opened.filter(|(_, r)| !busy.contains(&r.order)) {
            if refund.settled != Some(refund.amount) {
                let found = refund.settled.map_or_else(|| "nothing paid".to_owned(), |n| format!("{n} paid"));
                let place = "verdicts in the journal";
                findings.breach(
                    rules::CREDIT_PAID,
                    texts.text(*id),
                    format!("{} paid", refund.amount),
                    found,
                    place,
                );
            }
        }
    }
}
