//! The order alone says what may be given back: it holds units for returns and grants each credit, so that
//! several returns and cancellations together can never exceed what was charged (M1, M4, M5).

use super::credit::{Credit, CreditState, Wish};
use super::naming::credit_id;
use super::returned;
use super::turn::Turn;
use super::{crediting, promotion, refunds};
use crate::messages::{
    Check, Checked, CheckedLine, ExchangeFor, Fee, Granted, GrantedLine, Release, Request, Verdict,
};
use crate::out::Res;
use retail::returns::LineOutcome;
use retail::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How much of what a return wishes may come back. The answer is held for the return.
pub(super) fn check(t: &mut Turn<'_>, rma: &str, ask: Check) -> Res {
    let doc = Arc::clone(&t.doc);
    let mut holds = t.body.holds.get(&ask.rma).cloned().unwrap_or_default();
    let before = holds.len();
    for l in ask.lines.iter().filter(|l| !answered(t, &ask.rma, &l.return_line)) {
        let meant = returned::meant(t, l, holds.get(before..).unwrap_or_default());
        holds.extend(meant.into_iter().map(|(i, n)| (l.return_line.clone(), i, n)));
    }
    if holds.len() > before {
        let n: i64 = holds.iter().skip(before).map(|h| h.2).sum();
        t.body.holds.insert(ask.rma.clone(), holds);
        t.out.fact("order.units_held", &serde_json::json!({"rma": ask.rma, "quantity": n}))?;
    }
    let held = t.body.holds.get(&ask.rma).map(Vec::as_slice).unwrap_or_default();
    let asked = |line: &str| ask.lines.iter().any(|l| l.return_line == line);
    let lines = held.iter().filter(|h| asked(&h.0)).filter_map(|(return_line, i, n)| {
        let l = doc.lines.get(usize::from(*i))?;
        let counters = t.body.lines.get(usize::from(*i))?;
        let last = t.shipment(counters.last);
        Some(CheckedLine {
            return_line: return_line.clone(),
            order_line: l.id.clone(),
            sku: l.sku.clone(),
            kind: l.kind_of(),
            category: l.category.clone(),
            held: *n,
            amount: t.body.worth(&doc, *i, counters.credited, counters.credited + n).0,
            shipped_at: last.map(|s| Time(s.at)),
            placed_at: doc.placed_at,
        })
    });
    let answer = Checked {
        rma: ask.rma.clone(),
        order: t.name.value.clone(),
        known: true,
        currency: Some(doc.currency),
        source: doc.source.clone(),
        customer: doc.customer.clone(),
        routes: doc.routes.clone(),
        revision: doc.revision,
        lines: lines.collect(),
    };
    t.out.tell(&t.name.tenant, ("return", rma), "return.checked", &answer)
}

/// Whether units were held for a return line before: a line is answered once, however often it is asked about.
fn answered(t: &Turn<'_>, rma: &str, line: &str) -> bool {
    t.body.holds.get(rma).is_some_and(|holds| holds.iter().any(|h| h.0 == line))
        || t.body.credits.iter().any(|c| c.rma == rma && c.lines.iter().any(|l| l.0 == line))
}

/// Units that will not come back, or were rejected, are free for another return.
pub(super) fn release(t: &mut Turn<'_>, free: &Release) -> Res {
    for l in &free.lines {
        let line = t.line(&l.order_line)?;
        unhold(t, &free.rma, &l.return_line, line, l.quantity);
    }
    Ok(())
}

/// Takes up to `quantity` out of what is held for a return line, and answers how many it were.
fn unhold(t: &mut Turn<'_>, rma: &str, return_line: &str, line: u16, quantity: i64) -> i64 {
    let Some(holds) = t.body.holds.get_mut(rma) else { return 0 };
    let mut taken = 0;
    for h in holds.iter_mut().filter(|h| h.0 == return_line && h.1 == line) {
        let n = h.2.min(quantity - taken);
        h.2 -= n;
        taken += n;
    }
    holds.retain(|h| h.2 > 0);
    if holds.is_empty() {
        t.body.holds.remove(rma);
    }
    taken
}

/// Grants a credit for units that are held, at the price paid and with the tax of their own lines, less what was
/// given back on them before and what a broken promotion takes back. Asked again for the same request, it answers the
/// same.
pub(super) fn request(t: &mut Turn<'_>, ask: Request) -> Res {
    if let Some(c) = t.body.credits.iter().position(|c| c.rma == ask.rma && c.request == ask.id) {
        return granted(t, c);
    }
    let doc = Arc::clone(&t.doc);
    let mut credit = Credit {
        rma: ask.rma,
        request: ask.id,
        lines: Vec::with_capacity(ask.lines.len()),
        ..Credit::default()
    };
    let (mut refused, mut worth) = (0, Vec::with_capacity(ask.lines.len()));
    let mut by_outcome: BTreeMap<LineOutcome, i64> = BTreeMap::new();
    for l in ask.lines {
        let line = t.line(&l.order_line)?;
        let n = unhold(t, &credit.rma, &l.return_line, line, l.quantity);
        refused += l.quantity - n;
        // A repaired unit goes back to its customer, who may return it again.
        if n == 0 || l.outcome == LineOutcome::Repair {
            continue;
        }
        let Some(from) = t.body.lines.get(usize::from(line)).map(|c| c.credited) else { continue };
        let value = match l.outcome {
            LineOutcome::None => (0, 0),
            _ => t.body.worth(&doc, line, from, from + n),
        };
        if let Some(counters) = t.body.lines.get_mut(usize::from(line)) {
            counters.credited = from + n;
        }
        credit.amount += value.0;
        credit.tax += value.1;
        *by_outcome.entry(l.outcome).or_default() += value.0;
        credit.lines.push((l.return_line, line, from, from + n));
        worth.push(value);
    }
    if worth.iter().zip(&credit.lines).any(|(v, l)| *v != doc.share(l.1, l.2, l.3)) {
        credit.values = worth;
    }
    if refused > 0 {
        t.out.raise(
            "credit_beyond_hold",
            "integration",
            format!(
                "return {} asked credit for {refused} units that order {} does not hold for it",
                credit.rma, t.name.value
            ),
            "compare the return with the order's returnable units",
        );
    }
    if credit.lines.is_empty() {
        let id = format!("{}-C0", t.name.value);
        let (currency, reason) = (doc.currency, Some("nothing_held".to_owned()));
        let verdict =
            Verdict { rma: credit.rma, id: credit.request, credit: id, currency, amount: 0, reason };
        return t.out.tell(&t.name.tenant, ("return", &verdict.rma), "credit.failed", &verdict);
    }
    promotion::break_for(t, &mut credit);
    credit.wish = wish(&credit, &by_outcome, &ask.fees, ask.exchange);
    credit.wish.paid_by = ask.paid_by;
    if t.policy.credits.approve_returns_above.is_some_and(|limit| credit.amount > limit) {
        return crediting::propose(t, credit);
    }
    crediting::granted(t, credit)?;
    granted(t, t.body.credits.len() - 1)
}

/// How a credit is to be settled: fees first, out of what goes back by the tenders, then out of store credit, then
/// out of what is carried to the exchange; never below nothing. What the exchange does not cost goes back.
fn wish(
    credit: &Credit,
    by_outcome: &BTreeMap<LineOutcome, i64>,
    fees: &[Fee],
    exchange: Option<ExchangeFor>,
) -> Wish {
    let of = |outcome| by_outcome.get(&outcome).copied().unwrap_or_default();
    let (mut issued, mut carried) = (of(LineOutcome::StoreCredit), of(LineOutcome::Exchange));
    // What a broken promotion takes back comes out of the tenders' share, then out of the others.
    let less = |from: &mut i64, n: i64| {
        let taken = n.clamp(0, *from);
        *from -= taken;
        n - taken
    };
    let mut refund = of(LineOutcome::Refund);
    let back = refund + issued + carried - credit.amount;
    let rest = less(&mut refund, back);
    let rest = less(&mut issued, rest);
    less(&mut carried, rest);
    let fee = |f: &Fee| {
        let share =
            i128::from(credit.amount) * i128::from(f.basis_points.unwrap_or_default().max(0)) / 10_000;
        f.amount.unwrap_or_default().max(0).saturating_add(i64::try_from(share).unwrap_or(i64::MAX))
    };
    let withheld = fees.iter().map(fee).fold(0_i64, i64::saturating_add).min(credit.amount);
    let rest = less(&mut refund, withheld);
    let rest = less(&mut issued, rest);
    less(&mut carried, rest);
    let (applied, exchange) = match exchange {
        Some(x) => (carried.min(x.total.max(0)), Some(x.order)),
        None => (0, None),
    };
    Wish { withheld, issued, applied, exchange, ..Wish::default() }
}

/// Tells the return what was granted. What is carried to an exchange is told only once the money for it is there.
pub(super) fn granted(t: &mut Turn<'_>, c: usize) -> Res {
    let (doc, id) = (Arc::clone(&t.doc), credit_id(t, c));
    let Some(credit) = t.body.credits.get(c).filter(|c| !c.rma.is_empty()) else { return Ok(()) };
    let waits = credit.wish.applied > 0 && credit.state == CreditState::Held;
    if waits || credit.state == CreditState::Requested {
        return Ok(());
    }
    if credit.state == CreditState::Declined {
        return refunds::tell(t, c, "credit.failed", Some("declined".to_owned()));
    }
    let lines = credit.lines.iter().enumerate().filter_map(|(n, (return_line, line, from, to))| {
        let (amount, tax) = credit.value(&doc, n);
        let order_line = doc.lines.get(usize::from(*line))?.id.clone();
        let quantity = if credit.carries_units(n) { to - from } else { 0 };
        Some(GrantedLine { return_line: return_line.clone(), order_line, quantity, amount, tax })
    });
    let said = Granted {
        rma: credit.rma.clone(),
        id: credit.request.clone(),
        credit: id,
        currency: doc.currency,
        amount: credit.amount,
        withheld: credit.wish.withheld,
        applied: credit.wish.applied,
        issued: credit.wish.issued,
        refunded: credit.by_tender(),
        lines: lines.collect(),
    };
    t.out.tell(&t.name.tenant, ("return", &said.rma), "credit.granted", &said)
}
