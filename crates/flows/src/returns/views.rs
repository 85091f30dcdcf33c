//! A return as people and programs outside see it.

use super::state::{ExchangeState, RequestState, State};
use super::status::statuses;
use crate::policy::ReturnPolicy;
use retail::returns::Regime;
use retail::time::{Span, Time};
use serde_json::{Value, json};

/// The whole picture: three statuses, lines with their counters, receipts, dispositions, credits, deadlines.
#[must_use]
pub fn show(rma: &str, policy: &ReturnPolicy, state: &State) -> Value {
    let b = &state.body;
    let Some(doc) = state.document() else {
        let early: Vec<&str> = b.early.iter().map(|e| e.kind.as_str()).collect();
        return json!({"rma": rma, "status": "awaited", "waiting_events": early});
    };
    let s = statuses(policy, state);
    let lines = (0_u16..).zip(doc.lines.iter().zip(&b.lines)).map(|(i, (d, l))| {
        let declined = b.declined.iter().filter(|x| x.0 == i);
        json!({
            "line": d.id, "order": d.order, "order_line": d.order_line, "sku": b.sku(doc, i), "reason": d.reason,
            "type": d.kind, "outcome": d.outcome, "keep": b.kept.contains(&i), "matched": b.late(i).is_none(),
            "requested": d.quantity, "approved": b.approved(i), "expected": b.expected(i),
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
    let days = match doc.regime {
        Regime::Withdrawal => Some(policy.withdrawal_refund_days),
        other => policy.rules.deadlines.get(&other).copied(),
    };
    let deadline = days.filter(|d| *d > 0).map(|d| doc.notice.plus(Span::days(d)));
    let exchanges = (1..).zip(&b.exchanges).map(|(n, x)| {
        let state = match x.state {
            ExchangeState::Asked => "asked",
            ExchangeState::Advance => "sent_in_advance",
            ExchangeState::Funded => "paid",
            ExchangeState::Unfunded => "unpaid",
        };
        json!({"order": format!("{rma}-E{n}"), "state": state})
    });
    // Where an order was promised other things than hold now.
    let mut earlier: Vec<u32> = b.revisions.iter().map(|r| r.1).filter(|r| *r != b.revision).collect();
    earlier.sort_unstable();
    json!({
        "rma": rma, "status": s.customer, "warehouse": s.warehouse, "finance": s.finance,
        "requested_at": doc.requested_at, "regime": doc.regime, "notice": doc.notice, "refund_by": deadline,
        "start": doc.start, "source": doc.source, "customer": doc.customer,
        "parcel": json!({
            "tracking": b.label.as_ref().map(|l| &l.tracking).or(doc.tracking.as_ref()), "lost": b.lost,
            "sent": b.sent.map(Time), "delivered": b.carried.map(Time),
        }),
        "exchanges": exchanges.collect::<Vec<_>>(), "lines": lines.collect::<Vec<_>>(),
        "orders": b.orders.iter().map(|o| &o.0).collect::<Vec<_>>(), "routes": b.routes, "revision": b.revision,
        "window_from_revision": earlier.first(),
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
