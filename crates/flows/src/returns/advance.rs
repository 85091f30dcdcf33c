//! What follows from the counters as they stand now. Run after every stimulus.

use super::turn::Turn;
use super::{authorise, credit, deadline, documents, exchange, matching, request};
use crate::out::Res;

pub(super) fn advance(t: &mut Turn<'_>) -> Res {
    matching::ask(t)?;
    if authorise::decide(t)? {
        let early = std::mem::take(&mut t.body.early);
        request::replay(t, early)?;
    }
    if t.body.decided {
        credit::request(t)?;
        credit::give_up(t)?;
        exchange::unfunded(t)?;
        quarantine(t);
        complete(t)?;
    }
    if !deadline::owes(t) {
        t.out.clear("deadline_near");
        t.out.clear("deadline_passed");
    }
    Ok(())
}

/// Units in quarantine or refurbishing wait for a person.
fn quarantine(t: &mut Turn<'_>) {
    let n = t.body.interim();
    if n > 0 && t.body.disposals.iter().all(|d| d.done) {
        t.out.raise(
            "units_in_quarantine",
            "operations",
            format!("{n} units of return {} are set apart", t.name.value),
            "decide where they go (return.disposition_decided)",
        );
    }
}

/// Ends the return once every unit has arrived or is no longer expected, has been inspected and disposed of, every
/// credit is paid and every command is through.
fn complete(t: &mut Turn<'_>) -> Res {
    let b = &t.body;
    let done = !b.completed
        && b.pending.is_empty()
        && b.early.is_empty()
        && b.late.is_empty()
        && b.all_settled()
        && b.line_numbers().all(|l| b.line_final(l))
        && b.goods_at_rest();
    if !done {
        return Ok(());
    }
    t.body.completed = true;
    for code in ["inspection_overdue", "early_event_waits", "units_in_quarantine", "return_not_received"] {
        t.out.clear(code);
    }
    let paid = credit::paid(t);
    let sums: Vec<_> = paid
        .iter()
        .map(|(amount, currency)| serde_json::json!({"amount": amount, "currency": currency}))
        .collect();
    t.out.fact("return.completed", &serde_json::json!({"refunded": sums}))?;
    if t.body.any_received() || !t.body.requests.is_empty() {
        documents::update(t, "completed", None, Vec::new(), paid.first().copied())?;
    }
    Ok(())
}
