//! By when the law, or the retailer's own promise, wants a return settled.

use super::state::Body;
use super::turn::Turn;
use retail::returns::{LineOutcome, Regime};
use retail::time::{Span, Time};

/// When it is to be settled, if its regime sets a time.
pub(super) fn of(t: &Turn<'_>) -> Option<Time> {
    let rules = &t.policy.returns;
    let days = match t.doc.regime {
        Regime::Withdrawal => Some(rules.withdrawal_refund_days),
        other => rules.rules.deadlines.get(&other).copied(),
    };
    days.filter(|d| *d > 0).map(|d| t.doc.notice.plus(Span::days(d)))
}

/// Whether something that was approved is not settled.
pub(super) fn owes(t: &Turn<'_>) -> bool {
    let body = &t.body;
    let line = |l: u16| match t.wish(l).map(|w| w.outcome) {
        Some(LineOutcome::None) | None => false,
        Some(LineOutcome::Repair) => body.approved(l) > 0 && !body.completed,
        Some(_) => body.still_approved(l) > body.credited(l),
    };
    !body.all_settled() || body.line_numbers().any(line)
}

/// When the deadline is broken. The money of a withdrawal may be withheld until its goods have come or are shown to be
/// on their way; from then on there is no more reason to wait.
pub(super) fn broken(t: &Turn<'_>) -> Option<Time> {
    let at = of(t)?;
    if t.doc.regime != Regime::Withdrawal || !waits_for_goods(&t.body) {
        return Some(at);
    }
    let shown = t.body.sent.or(t.body.carried).or(t.body.received_at);
    shown.map(|shown| at.max(Time(shown).plus(t.policy.spans.deadline_warning)))
}

/// Whether all that is not settled has yet to come.
fn waits_for_goods(body: &Body) -> bool {
    body.all_settled()
        && body.line_numbers().all(|l| {
            let here = body.lines.get(usize::from(l)).map_or(0, |c| c.received - c.rejected);
            !body.is_goods(l) || body.credited(l) >= here.min(body.still_approved(l))
        })
}
