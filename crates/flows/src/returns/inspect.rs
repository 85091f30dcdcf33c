//! Somebody has looked at what came: each unit is accepted or rejected and given a disposition.

use super::dispose;
use super::documents::{self, UpdateLine};
use super::events::{Inspected, InspectedLine};
use super::state::Disposal;
use super::turn::Turn;
use super::{forward, start};
use crate::early::Early;
use crate::out::{Res, raw};
use hub::process::Fault;
use retail::returns::{Disposition, LineOutcome};

pub(super) fn inspected(t: &mut Turn<'_>, mut event: Inspected) -> Res {
    match (&event.rma, &event.place) {
        (Some(rma), _) => t.same(rma)?,
        (None, Some(place)) => t.same(&start::own_rma(place, &event.receipt))?,
        (None, None) => {
            let why = "`rma` is missing; goods that nobody announced are named by `place` and `receipt`";
            return Err(Fault::new("bad_data", why));
        }
    }
    forward::inspected(t, &event)?;
    let rma = t.rma();
    event.lines.retain(|l| l.rma.as_deref().is_none_or(|own| own == rma));
    if t.body.inspections.contains(&event.inspection) || event.lines.is_empty() {
        return Ok(());
    }
    for l in &event.lines {
        if l.accepted + l.rejected != l.quantity {
            let why = format!(
                "line {:?}: {} accepted and {} rejected are not {}",
                l.line, l.accepted, l.rejected, l.quantity
            );
            return Err(Fault::new("inspection_sum", why));
        }
    }
    // From here on a line is called as the request calls it.
    for l in &mut event.lines {
        if let Some(id) = t.arrived(&l.line, &l.sku).and_then(|i| t.wish(i)).map(|w| w.id.clone()) {
            l.line = id;
        }
    }
    let waits = event.lines.iter().any(|l| t.line(&l.line).is_some_and(|i| t.body.late(i).is_some()));
    let receipt = t.body.receipts.iter().find(|r| r.0 == event.receipt).cloned().filter(|_| !waits);
    let Some(receipt) = receipt else {
        // The word of the inspection overtook that of the receipt, or it is not known yet whose goods they are: it
        // waits.
        let data = raw(&event)?;
        let early = Early { kind: "return.inspected".to_owned(), occurred: t.occurred, data };
        if !t.body.early.contains(&early) {
            t.body.early.push(early);
        }
        return Ok(());
    };
    let mut lines: Vec<(String, String, i64, Disposition)> = Vec::new();
    let mut rejected = Vec::new();
    let mut add = |l: &InspectedLine, n: i64, to: Disposition| {
        if n > 0 {
            match lines.iter_mut().find(|x| x.0 == l.line && x.1 == l.sku && x.3 == to) {
                Some(x) => x.2 += n,
                None => lines.push((l.line.clone(), l.sku.clone(), n, to)),
            }
        }
    };
    for l in &event.lines {
        let by_grade = t.policy.returns.disposition.get(&l.grade).copied().unwrap_or(Disposition::Quarantine);
        let (keep, back) = judge(t, l)?;
        let wish = t.line(&l.line).and_then(|i| t.wish(i)).map(|w| w.outcome);
        let to = if wish == Some(LineOutcome::Repair) { Disposition::Refurbish } else { by_grade };
        add(l, keep, to);
        add(l, back, Disposition::ReturnToCustomer);
        if back > 0 {
            rejected.push(UpdateLine { line: &l.line, status: "rejected", reason: None, quantity: back });
        }
    }
    t.out.fact(
        "return.goods_inspected",
        &serde_json::json!({
            "inspection": event.inspection,
            "accepted": event.lines.iter().map(|l| l.accepted).sum::<i64>(),
            "rejected": event.lines.iter().map(|l| l.rejected).sum::<i64>(),
        }),
    )?;
    t.body.inspections.push(event.inspection.clone());
    if !rejected.is_empty() {
        documents::update(t, "rejected", None, rejected, None)?;
    }
    if lines.is_empty() {
        return Ok(());
    }
    dispose::order(t, Disposal { place: receipt.1, receipt: receipt.0, lines, done: false })
}

/// Counts a line's units, and answers how many are kept and how many go back to the customer. Nobody gets credit
/// for what was rejected or never approved; what was credited already at receipt is kept whatever is found.
fn judge(t: &mut Turn<'_>, l: &InspectedLine) -> Res<(i64, i64)> {
    let beyond = |n: i64| {
        let why = format!("line {:?}: {} inspected and only {n} are there to inspect", l.line, l.quantity);
        Fault::new("inspected_beyond_receipt", why)
    };
    let strange = t.body.unexpected.iter_mut().find(|x| x.0 == l.line && x.1 == l.sku);
    if let Some(x) = strange {
        if x.2 - x.3 < l.quantity {
            return Err(beyond(x.2 - x.3));
        }
        x.3 += l.quantity;
        return Ok((0, l.quantity));
    }
    let Some(i) = t.line(&l.line) else { return Err(beyond(0)) };
    let (approved, asked) = (t.body.still_approved(i), t.body.asked(i));
    let Some(counters) = t.body.lines.get_mut(usize::from(i)) else { return Err(beyond(0)) };
    let there = counters.received - counters.accepted - counters.rejected;
    if there < l.quantity {
        return Err(beyond(there));
    }
    let room = (approved - counters.accepted).max(0);
    let accepted = l.accepted.min(room);
    let refused = l.quantity - accepted;
    // Units that were credited at receipt and are not covered by what else may still be accepted.
    let left_after = there - l.quantity;
    let credited = (asked - counters.accepted - accepted - left_after).clamp(0, refused);
    counters.accepted += accepted + credited;
    counters.rejected += refused - credited;
    if credited > 0 {
        t.out.raise(
            "rejected_after_credit",
            "customer_service",
            format!("{credited} units of line {:?} were rejected after they had been credited", l.line),
            "decide whether to claim the money back; the units are kept",
        );
    }
    Ok((accepted + credited, refused - credited))
}
