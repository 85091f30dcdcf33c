//! The order alone says what may be given back: it holds units for returns and grants each credit, so that
//! several returns and cancellations together can never exceed what was charged (M1, M4, M5).

use super::naming::credit_id;
use super::state::{Credit, CreditState};
use super::turn::Turn;
use crate::messages::{Check, Checked, CheckedLine, Granted, GrantedLine, Release, Request, Verdict};
use crate::out::Res;
use retail::time::Time;
use std::sync::Arc;

/// How much of what a return wishes may come back. The answer is held for the return.
pub(super) fn check(t: &mut Turn<'_>, rma: &str, ask: Check) -> Res {
    let doc = Arc::clone(&t.doc);
    let mut holds = t.body.holds.get(&ask.rma).cloned().unwrap_or_default();
    let before = holds.len();
    for l in ask.lines.iter().filter(|l| !answered(t, &ask.rma, &l.return_line)) {
        let mut left = l.quantity;
        for i in (0_u16..).take(doc.lines.len()) {
            let Some(placed) = doc.lines.get(usize::from(i)) else { continue };
            let meant = (l.order_line.is_some() || l.sku.is_some())
                && l.order_line.as_ref().is_none_or(|id| *id == placed.id)
                && l.sku.as_ref().is_none_or(|sku| *sku == placed.sku);
            let taken: i64 = holds.iter().skip(before).filter(|h| h.1 == i).map(|h| h.2).sum();
            let n = left.min(t.body.returnable(i) - taken);
            if meant && n > 0 {
                holds.push((l.return_line.clone(), i, n));
                left -= n;
            }
        }
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
            kind: l.kind,
            category: l.category.clone(),
            held: *n,
            amount: doc.share(*i, counters.credited, counters.credited + n).0,
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

/// Grants a credit for units that are held, at the price paid and with the tax of their own lines. Asked again
/// for the same request, it answers the same.
pub(super) fn request(t: &mut Turn<'_>, ask: Request) -> Res {
    if let Some(c) = t.body.credits.iter().position(|c| c.rma == ask.rma && c.request == ask.id) {
        return granted(t, c);
    }
    let doc = Arc::clone(&t.doc);
    let mut credit = Credit {
        rma: ask.rma,
        request: ask.id,
        amount: 0,
        tax: 0,
        lines: Vec::with_capacity(ask.lines.len()),
        parts: Vec::new(),
        state: CreditState::Held,
    };
    let mut refused = 0;
    for l in ask.lines {
        let line = t.line(&l.order_line)?;
        let n = unhold(t, &credit.rma, &l.return_line, line, l.quantity);
        refused += l.quantity - n;
        let Some(counters) = t.body.lines.get_mut(usize::from(line)).filter(|_| n > 0) else { continue };
        let (from, to) = (counters.credited, counters.credited + n);
        counters.credited = to;
        let (amount, tax) = doc.share(line, from, to);
        credit.amount += amount;
        credit.tax += tax;
        credit.lines.push((l.return_line, line, from, to));
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
    let (net, tax) = (doc.money(credit.amount - credit.tax), doc.money(credit.tax));
    t.out.post(t.posting().credit_granted(net, tax))?;
    t.body.credits.push(credit);
    let c = t.body.credits.len() - 1;
    granted(t, c)
}

fn granted(t: &mut Turn<'_>, c: usize) -> Res {
    let (doc, id) = (Arc::clone(&t.doc), credit_id(t, c));
    let Some(credit) = t.body.credits.get(c) else { return Ok(()) };
    let lines = credit.lines.iter().filter_map(|(return_line, line, from, to)| {
        let (amount, tax) = doc.share(*line, *from, *to);
        let order_line = doc.lines.get(usize::from(*line))?.id.clone();
        Some(GrantedLine { return_line: return_line.clone(), order_line, quantity: to - from, amount, tax })
    });
    let said = Granted {
        rma: credit.rma.clone(),
        id: credit.request.clone(),
        credit: id,
        currency: doc.currency,
        amount: credit.amount,
        lines: lines.collect(),
        withheld: 0,
        applied: 0,
        issued: 0,
        refunded: credit.amount,
    };
    let fact = serde_json::json!({
        "credit": said.credit, "rma": said.rma, "amount": said.amount, "tax": credit.tax,
    });
    t.out.fact("credit.granted", &fact)?;
    t.out.tell(&t.name.tenant, ("return", &said.rma), "credit.granted", &said)
}
