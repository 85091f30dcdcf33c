//! What is kept of a credit: a share for putting goods back on sale, and the way back. The rules are policy; the law says
//! of which grounds nothing may be kept, and settings refuse what it forbids.

use super::authorise::currency_of;
use super::state::{Line, Part};
use super::turn::Turn;
use crate::messages::{Fee, FeeKind};

/// The restocking rule that units of a line come under, by position in policy.
pub(super) fn restocking(t: &Turn<'_>, wish: &Line, part: &Part) -> Option<usize> {
    let rules = &t.promised(part.order).rules.fees;
    // What arrives as nothing in particular is not put back on sale: services are not restocked.
    let fits = |i: &usize| {
        rules
            .get(*i)
            .is_some_and(|r| r.kind == FeeKind::Restocking && r.fits(wish.kind, &wish.reason, &part.category))
    };
    (0..rules.len()).find(fits).filter(|_| part.kind.is_stocked() && !t.body.kept.contains(&part.line))
}

/// The fees of one credit: (line, units) are what it gives back.
pub(super) fn of(t: &mut Turn<'_>, order: u16, restocking: Option<usize>, units: &[(u16, i64)]) -> Vec<Fee> {
    let rules = &t.promised(order).rules.fees;
    let id = t.body.orders.get(usize::from(order)).map(|o| o.0.as_str());
    let own = currency_of(t, id) == t.policy.currency;
    let mut fees = Vec::new();
    if let Some(rule) = restocking.and_then(|i| rules.get(i)) {
        let quantity = units.iter().map(|u| u.1).sum();
        fees.extend(rule.of(quantity));
    }
    if !t.body.shipping_fee
        && let Some(fee) = shipping(t)
    {
        t.body.shipping_fee = true;
        fees.push(fee);
    }
    // An amount is in the entity's currency.
    fees.retain(|f| own || f.amount.is_none());
    fees
}

/// The fee for the way back, once for the return. Where one line comes back for free, the parcel does.
fn shipping(t: &Turn<'_>) -> Option<Fee> {
    let rule = |line: u16| {
        let wish = t.wish(line)?;
        let part = t.body.parts.iter().find(|p| p.line == line);
        let category = part.map_or("", |p| p.category.as_str());
        let rules = &part.map_or(&t.policy.returns, |p| t.promised(p.order)).rules.fees;
        rules.iter().find(|r| r.kind == FeeKind::ReturnShipping && r.fits(wish.kind, &wish.reason, category))
    };
    let coming = |l: &u16| t.body.approved(*l) > 0 && t.body.is_goods(*l) && !t.body.kept.contains(l);
    let lines: Vec<u16> = t.body.line_numbers().filter(coming).collect();
    let all = lines.iter().all(|l| rule(*l).is_some());
    lines.first().filter(|_| all).and_then(|l| rule(*l)).and_then(|r| r.of(1))
}
