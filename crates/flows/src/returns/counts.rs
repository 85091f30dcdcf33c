//! What can be read off a return's counters. Nothing here is stored.

use super::state::{Answer, Body, Disposal, Doc, RequestState};
use crate::policy::ReturnPolicy;
use retail::returns::Disposition;

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
    pub fn due(&self, line: u16, policy: &ReturnPolicy) -> i64 {
        let approved = self.still_approved(line);
        if !self.is_goods(line) {
            return approved;
        }
        let l = self.lines.get(usize::from(line)).copied().unwrap_or_default();
        let shown = if self.inspects_first(line, policy) { l.accepted } else { l.received - l.rejected };
        shown.min(approved)
    }

    /// Units of a line that may still arrive.
    #[must_use]
    pub fn expected(&self, line: u16) -> i64 {
        if self.closed.is_some() || !self.is_goods(line) {
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
