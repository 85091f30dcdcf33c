//! What can be read off a return's counters. Nothing here is stored.

use super::rules::Withhold;
use super::state::{Answer, Body, Closed, Disposal, Doc, Late, RequestState};
use crate::policy::ReturnPolicy;
use retail::returns::{Disposition, LineOutcome, ReturnType};

impl Body {
    /// What a line is: as requested, else as its order says. None as long as neither has said it, and for good
    /// where the order is not known or holds nothing of the line.
    #[must_use]
    pub fn sku<'a>(&'a self, doc: &'a Doc, line: u16) -> Option<&'a str> {
        let requested = doc.lines.get(usize::from(line)).and_then(|l| l.sku.as_deref());
        requested.or_else(|| self.skus.iter().find(|s| s.0 == line).map(|s| s.1.as_str()))
    }

    /// Units of a line that may come back.
    #[must_use]
    pub fn approved(&self, line: u16) -> i64 {
        self.parts.iter().filter(|p| p.line == line).map(|p| p.units.0).sum()
    }

    /// Units of a line that may come back and have not been given up.
    #[must_use]
    pub fn still_approved(&self, line: u16) -> i64 {
        self.parts.iter().filter(|p| p.line == line).map(|p| p.units.0 - p.units.3).sum()
    }

    /// Units of a line for which credit was asked.
    #[must_use]
    pub fn asked(&self, line: u16) -> i64 {
        self.parts.iter().filter(|p| p.line == line).map(|p| p.units.1).sum()
    }

    /// Units of a line that were credited.
    #[must_use]
    pub fn credited(&self, line: u16) -> i64 {
        self.parts.iter().filter(|p| p.line == line).map(|p| p.units.2).sum()
    }

    /// Whether a line's units are kept in stock, so that they must arrive.
    #[must_use]
    pub fn is_goods(&self, line: u16) -> bool {
        self.parts.iter().find(|p| p.line == line).is_none_or(|p| p.kind.is_stocked())
    }

    /// Whether a line's units must pass inspection before they are credited.
    #[must_use]
    pub fn inspects_first(&self, line: u16, policy: &ReturnPolicy) -> bool {
        self.parts.iter().any(|p| p.line == line && policy.inspect_first.contains(&p.category))
    }

    /// Units of a line for which credit may be asked by now.
    #[must_use]
    pub fn due(&self, doc: &Doc, line: u16, policy: &ReturnPolicy) -> i64 {
        let approved = self.still_approved(line);
        match doc.lines.get(usize::from(line)).map(|l| l.outcome) {
            Some(LineOutcome::None) | None => return 0,
            // What could not be repaired is given back.
            Some(LineOutcome::Repair) => return self.unrepaired(doc, line).min(approved),
            Some(_) => {}
        }
        if !self.is_goods(line) || self.ahead_of_goods(doc, line, policy).is_some() {
            return approved;
        }
        self.shown(line, policy).min(approved)
    }

    /// Units of a line that the goods themselves entitle to credit.
    #[must_use]
    pub fn shown(&self, line: u16, policy: &ReturnPolicy) -> i64 {
        let l = self.lines.get(usize::from(line)).copied().unwrap_or_default();
        if self.inspects_first(line, policy) { l.accepted } else { l.received - l.rejected }
    }

    /// Why a line is credited before its goods have come, or without them, if it is.
    #[must_use]
    pub fn ahead_of_goods(&self, doc: &Doc, line: u16, policy: &ReturnPolicy) -> Option<&'static str> {
        let rules = &policy.rules;
        let withdrawal = doc.lines.get(usize::from(line)).is_some_and(|l| l.kind == ReturnType::Withdrawal);
        let may = withdrawal && !self.inspects_first(line, policy);
        if self.kept.contains(&line) {
            Some("kept")
        } else if doc.paid.is_some() {
            Some("refunded_elsewhere")
        } else if self.lost && self.closed != Some(Closed::Lost) {
            Some("lost")
        } else if may && rules.withhold == Withhold::Not {
            Some("not_withheld")
        } else if may && rules.withhold == Withhold::Dispatch && self.sent.or(self.carried).is_some() {
            Some("dispatched")
        } else {
            None
        }
    }

    /// Units of a line that were to be repaired and finally went elsewhere than back to the customer.
    fn unrepaired(&self, doc: &Doc, line: u16) -> i64 {
        let gone = |d: Disposition| d.is_final() && d != Disposition::ReturnToCustomer;
        self.disposed(doc, line, gone)
    }

    /// Units of a line that were sent a way that fits.
    fn disposed(&self, doc: &Doc, line: u16, fits: impl Fn(Disposition) -> bool) -> i64 {
        let Some(of) = doc.lines.get(usize::from(line)) else { return 0 };
        let all = self.disposals.iter().flat_map(|d| &d.lines);
        all.filter(|l| l.0 == of.id && fits(l.3)).map(|l| l.2).sum()
    }

    /// Units of a line that stay with the retailer though nothing is given back for them: the order holds them on,
    /// so that nobody can return them again.
    #[must_use]
    pub fn taken_back(&self, doc: &Doc, line: u16) -> i64 {
        let l = self.lines.get(usize::from(line)).copied().unwrap_or_default();
        match doc.lines.get(usize::from(line)).map(|l| l.outcome) {
            Some(LineOutcome::None) => l.accepted.min(self.approved(line)),
            Some(LineOutcome::Repair) => {
                let sent = self.disposed(doc, line, |d| d == Disposition::ReturnToCustomer);
                let here = l.accepted - (sent - l.rejected).max(0) - self.unrepaired(doc, line);
                here.min(self.approved(line)).max(0)
            }
            _ => 0,
        }
    }

    /// How far a line has come that was not judged with the others.
    #[must_use]
    pub fn late(&self, line: u16) -> Option<Late> {
        self.late.iter().find(|l| l.0 == line).map(|l| l.1)
    }

    /// Units of a line that may still arrive.
    #[must_use]
    pub fn expected(&self, line: u16) -> i64 {
        if self.closed.is_some() || self.lost || !self.is_goods(line) || self.kept.contains(&line) {
            return 0;
        }
        let received = self.lines.get(usize::from(line)).map_or(0, |l| l.received);
        (self.approved(line) - received).max(0)
    }

    /// Whether nothing more can become due on a line: all has arrived and has been inspected.
    #[must_use]
    pub fn line_final(&self, line: u16) -> bool {
        let l = self.lines.get(usize::from(line)).copied().unwrap_or_default();
        self.expected(line) == 0 && l.received == l.accepted + l.rejected
    }

    /// The positions of all lines.
    pub(super) fn line_numbers(&self) -> impl Iterator<Item = u16> + use<> {
        (0_u16..).take(self.lines.len())
    }

    /// Whether anything was approved.
    #[must_use]
    pub fn any_approved(&self) -> bool {
        self.parts.iter().any(|p| p.units.0 > 0)
    }

    /// Whether anything has arrived.
    #[must_use]
    pub fn any_received(&self) -> bool {
        !self.receipts.is_empty()
    }

    /// Whether some order has not answered.
    #[must_use]
    pub fn awaits_orders(&self) -> bool {
        self.orders.iter().any(|o| o.1 == Answer::Awaited)
    }

    /// Whether every credit that was asked for is paid.
    #[must_use]
    pub fn all_settled(&self) -> bool {
        self.requests.iter().all(|r| r.state == RequestState::Settled)
    }

    /// Whether units that arrived wait for inspection.
    #[must_use]
    pub fn uninspected(&self) -> i64 {
        let known: i64 = self.lines.iter().map(|l| l.received - l.accepted - l.rejected).sum();
        known + self.unexpected.iter().map(|x| x.2 - x.3).sum::<i64>()
    }

    /// Whether everything that arrived has been inspected and is where it is to stay.
    #[must_use]
    pub fn goods_at_rest(&self) -> bool {
        self.uninspected() == 0 && self.interim() == 0 && self.disposals.iter().all(|d| d.done)
    }

    /// Units whose disposition is not final.
    #[must_use]
    pub fn interim(&self) -> i64 {
        self.disposals.iter().flat_map(|d| &d.lines).filter(|l| l.3.interim().is_some()).map(|l| l.2).sum()
    }
}

impl Disposal {
    /// Units of it that go a given way.
    pub fn of(&self, disposition: Disposition) -> impl Iterator<Item = &(String, String, i64, Disposition)> {
        self.lines.iter().filter(move |l| l.3 == disposition)
    }
}
