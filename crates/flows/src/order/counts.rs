//! What can be read off an order's counters. Nothing here is stored.

use super::doc::Doc;
use super::state::{Body, CancellationState, FulfilmentState, ReleaseState, State, Units};

/// How far an order has come, in the words of its people. Read off counters and documents.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Status {
    /// Something was heard of it before it was submitted.
    Awaited,
    /// The pool has been asked.
    Submitted,
    /// Nothing more is released until a hold is lifted.
    OnHold,
    /// All that is left waits for stock.
    Backordered,
    /// Units are reserved and not released.
    Reserved,
    /// The order management has been asked.
    Released,
    /// A warehouse is at work.
    Fulfilling,
    PartlyShipped,
    /// Nothing is left to ship; documents or money are outstanding.
    Shipped,
    /// Everything is cancelled; documents or money are outstanding.
    Cancelling,
    Completed,
    Cancelled,
}

impl Status {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Awaited => "awaited",
            Self::Submitted => "submitted",
            Self::OnHold => "on_hold",
            Self::Backordered => "backordered",
            Self::Reserved => "reserved",
            Self::Released => "released",
            Self::Fulfilling => "fulfilling",
            Self::PartlyShipped => "partly_shipped",
            Self::Shipped => "shipped",
            Self::Cancelling => "cancelling",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Reads the status off the counters.
#[must_use]
pub fn status(state: &State) -> Status {
    let Some(doc) = state.doc.as_deref() else { return Status::Awaited };
    let body = &state.body;
    let shipped = body.lines.iter().any(|l| l.shipped > 0);
    if body.completed {
        return if shipped { Status::Completed } else { Status::Cancelled };
    }
    if !body.answered {
        return Status::Submitted;
    }
    if settled(doc, body) {
        return if shipped { Status::Shipped } else { Status::Cancelling };
    }
    if !body.stops.is_empty() {
        Status::OnHold
    } else if shipped {
        Status::PartlyShipped
    } else if body.fulfilments.iter().any(|f| !f.3.is_empty()) {
        Status::Fulfilling
    } else if body.releases.iter().any(|r| !r.1.is_empty()) {
        Status::Released
    } else if doc.has_goods() && body.reserved.is_empty() && body.stuck.is_empty() {
        Status::Backordered
    } else {
        Status::Reserved
    }
}

/// Whether every unit is shipped or cancelled and no cancellation is undecided.
pub(crate) fn settled(doc: &Doc, body: &Body) -> bool {
    doc.lines.iter().zip(&body.lines).all(|(d, l)| l.cancelled + l.shipped == d.quantity)
        && body.cancellations.iter().all(|c| c.state != CancellationState::Open)
}

/// Whether nothing more is to come of it for now: it may be asked for credits again.
pub(crate) fn at_rest(body: &Body) -> bool {
    body.completed
        && body.pending.is_empty()
        && body.credits.iter().all(|c| c.state.is_over())
        && !body.in_dispute()
        && body.early.is_empty()
}

fn of(units: &[Units], line: u16) -> i64 {
    units.iter().filter(|u| u.0 == line).map(|u| u.2).sum()
}

impl Body {
    /// Units of a goods line for which the pool has no stock yet.
    #[must_use]
    pub fn waiting(&self, doc: &Doc, line: u16) -> i64 {
        let (Some(d), Some(l)) = (doc.lines.get(usize::from(line)), self.lines.get(usize::from(line))) else {
            return 0;
        };
        if !d.is_goods() {
            return 0;
        }
        d.quantity - l.cancelled - l.shipped - self.reserved_of(line) - self.released_of(line)
    }

    /// Units that the pool holds for the line and that are not released.
    #[must_use]
    pub fn reserved_of(&self, line: u16) -> i64 {
        of(&self.reserved, line) + of(&self.stuck, line)
    }

    /// Units with the order management or a warehouse.
    #[must_use]
    pub fn released_of(&self, line: u16) -> i64 {
        self.releases.iter().map(|r| of(&r.1, line)).sum::<i64>()
            + self.fulfilments.iter().map(|f| of(&f.3, line)).sum::<i64>()
    }

    /// Units of a line that a cancellation may still reach although they are released.
    #[must_use]
    pub fn recallable(&self, line: u16) -> i64 {
        let releases = self.releases.iter().filter(|r| r.0 != ReleaseState::Ended);
        let fulfilments = self.fulfilments.iter().filter(|f| {
            matches!(f.2, FulfilmentState::Held | FulfilmentState::Open | FulfilmentState::Recalled)
        });
        releases.map(|r| of(&r.1, line)).sum::<i64>() + fulfilments.map(|f| of(&f.3, line)).sum::<i64>()
    }

    /// Units of a line that are promised to returns.
    #[must_use]
    pub fn held(&self, line: u16) -> i64 {
        self.holds.values().flatten().filter(|h| h.1 == line).map(|h| h.2).sum()
    }

    /// Units of a line that may still be given back.
    #[must_use]
    pub fn returnable(&self, line: u16) -> i64 {
        self.lines.get(usize::from(line)).map_or(0, |l| l.shipped - l.credited - self.held(line))
    }

    /// The value of what has been shipped, minor units.
    #[must_use]
    pub fn invoiced(&self, doc: &Doc) -> i64 {
        (0_u16..).zip(&self.lines).map(|(i, l)| doc.share(i, 0, l.shipped).0).sum()
    }
}

/// Takes up to `wanted` units of a line out of a list, those reserved at `place` first; answers what was taken.
pub(crate) fn take_at(units: &mut Vec<Units>, line: u16, place: Option<u16>, wanted: i64) -> Vec<Units> {
    let (mut left, mut taken) = (wanted, Vec::new());
    for here in [true, false] {
        for u in units.iter_mut().filter(|u| u.0 == line && (Some(u.1) == place) == here) {
            let n = u.2.min(left);
            if n > 0 {
                u.2 -= n;
                left -= n;
                taken.push(Units(line, u.1, n));
            }
        }
    }
    units.retain(|u| u.2 > 0);
    taken
}

/// Takes up to `wanted` units of a line out of a list, wherever they are reserved.
pub(crate) fn take(units: &mut Vec<Units>, line: u16, wanted: i64) -> Vec<Units> {
    take_at(units, line, None, wanted)
}

/// Adds units to a list, joining those of one line and place.
pub(crate) fn put(units: &mut Vec<Units>, more: impl IntoIterator<Item = Units>) {
    for u in more {
        match units.iter_mut().find(|x| x.0 == u.0 && x.1 == u.1) {
            Some(x) => x.2 += u.2,
            None => units.push(u),
        }
    }
}

/// The sum of some units.
pub(crate) fn sum(units: &[Units]) -> i64 {
    units.iter().map(|u| u.2).sum()
}
