//! Goods that the customer keeps although they are given back for: asked for line by line, or because they are not
//! worth their way back.

use super::turn::Turn;
use crate::messages::CheckedLine;
use retail::money::Currency;
use retail::returns::{LineOutcome, ReturnStart};

/// What the request itself says.
pub(super) fn as_requested(t: &mut Turn<'_>) {
    let kept = (0_u16..).zip(&t.doc.lines).filter(|(_, l)| l.keep && l.outcome.gives_value());
    t.body.kept = kept.map(|(i, _)| i).collect();
}

/// What policy says once it is known what was paid. A line that several order lines answer comes back.
pub(super) fn by_policy(
    t: &mut Turn<'_>,
    order: u16,
    line: u16,
    checked: &CheckedLine,
    currency: Option<Currency>,
) {
    let Some(wish) = t.wish(line) else { return };
    let money = matches!(wish.outcome, LineOutcome::Refund | LineOutcome::StoreCredit);
    let asked = t.doc.start == ReturnStart::Request && money;
    let whole = checked.held == wish.quantity && currency == Some(t.policy.currency);
    let little = t.promised(order).rules.keeps(&checked.category, checked.amount);
    if asked && whole && little && checked.kind.is_stocked() && !t.body.kept.contains(&line) {
        t.body.kept.push(line);
    }
}
