//! A return as people and programs outside see it.

use super::state::{RequestState, State};
use super::status::statuses;
use crate::policy::ReturnPolicy;
use retail::time::Span;
use serde_json::{Value, json};

/// The whole picture: three statuses, lines with their counters, receipts, dispositions, credits, deadlines.
#[must_use]
pub fn show(rma: &str, policy: &ReturnPolicy, state: &State) -> Value {
    let b = &state.body;
    let Some(doc) = state.doc.as_deref() else {
        let early: Vec<&str> = b.early.iter().map(|e| e.kind.as_str()).collect();
        return json!({"rma": rma, "status": "awaited", "waiting_events": early});
    };
    let s = statuses(policy, state);
    let lines = (0_u16..).zip(doc.lines.iter().zip(&b.lines)).map(|(i, (d, l))| {
        let declined = b.declined.iter().filter(|x| x.0 == i);
        json!({
            "line": d.id, "order": d.order, "order_line": d.order_line, "sku": b.sku(doc, i), "reason": d.reason,
            "type": d.kind, "requested": d.quantity, "approved": b.approved(i), "expected": b.expected(i),
            "received": l.received, "accepted": l.accepted, "rejected": l.rejected,
            "credit_asked": b.asked(i), "credited": b.credited(i),
            "declined": declined.map(|x| json!({"quantity": x.1, "reason": x.2})).collect::<Vec<_>>(),
        })
    });
    let credits = b.requests.iter().map(|r| {
        let order = b.orders.get(usize::from(r.order));
        json!({
            "order": order.map(|o| &o.0), "currency": order.and_then(|o| o.2), "credit": r.credit,
            "amount": r.amount, "state": word(r.state),
        })
    });
    let disposals = (1..).zip(&b.disposals).map(|(n, d)| {
        let lines = d.lines.iter();
        let lines = lines.map(|l| json!({"line": l.0, "sku": l.1, "quantity": l.2, "disposition": l.3}));
        json!({
            "disposition": format!("{rma}-D{n}"), "place": d.place, "receipt": d.receipt, "done": d.done,
            "lines": lines.collect::<Vec<_>>(),
        })
    });
    let deadline = (doc.regime == retail::returns::Regime::Withdrawal)
        .then(|| doc.notice.plus(Span::days(policy.withdrawal_refund_days)));
    json!({
        "rma": rma, "status": s.customer, "warehouse": s.warehouse, "finance": s.finance,
        "requested_at": doc.requested_at, "regime": doc.regime, "notice": doc.notice, "refund_by": deadline,
        "customer": doc.customer, "lines": lines.collect::<Vec<_>>(),
        "orders": b.orders.iter().map(|o| &o.0).collect::<Vec<_>>(),
        "receipts": b.receipts.iter().map(|r| json!({"receipt": r.0, "place": r.1})).collect::<Vec<_>>(),
        "unexpected": b.unexpected.iter().map(|x| json!({"line": x.0, "sku": x.1, "quantity": x.2})).collect::<Vec<_>>(),
        "dispositions": disposals.collect::<Vec<_>>(), "credits": credits.collect::<Vec<_>>(),
        "outstanding": b.pending.iter().map(|(k, p)| json!({"command": k, "state": p.word()})).collect::<Vec<_>>(),
    })
}

const fn word(state: RequestState) -> &'static str {
    match state {
        RequestState::Asked => "asked",
        RequestState::Granted => "granted",
        RequestState::Settled => "settled",
        RequestState::Failed => "failed",
        RequestState::Reversed => "reversed",
    }
}
