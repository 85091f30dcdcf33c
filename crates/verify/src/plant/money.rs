//! The part of the told trade in which money is argued about: a dispute, and goodwill that a second person approved.

use super::book::{Book, Turn};
use serde_json::json;

fn turn() -> Turn {
    Turn { open: true, ..Turn::default() }
}

/// A customer disputes a payment and does not get through with it.
pub(super) fn dispute(b: &mut Book, order: &str, amount: i64) {
    let case = ("order", order);
    let said = json!({"dispute": "dp_1", "payment": format!("pi_{order}"), "order": order, "amount": amount, "currency": "GBP", "outcome": "won"});
    let held = vec![("disputed.stripe", "GBP", amount), ("provider.stripe", "GBP", -amount)];
    let facts = vec![("dispute.opened", said.clone())];
    b.event(case, "dispute.opened", &said, Turn { entries: vec![("dispute_opened", held)], facts, ..turn() });
    let back = vec![("provider.stripe", "GBP", amount), ("disputed.stripe", "GBP", -amount)];
    let facts = vec![("dispute.closed", said.clone())];
    let turned = Turn { entries: vec![("dispute_won", back)], facts, ..Turn::default() };
    b.event(case, "dispute.closed", &said, turned);
}

/// Somebody asks for goodwill, somebody else approves it, and it is paid.
pub(super) fn goodwill(b: &mut Book, order: &str, amount: i64) {
    let (case, credit) = (("order", order), format!("{order}-C2"));
    let refund = ("refund", credit.as_str());
    let word = json!({"order": order, "credit": credit, "by": "bob"});
    let fact = json!({"credit": credit, "kind": "goodwill", "rma": "", "amount": amount, "lines": [], "by": "ann", "approved_by": "bob"});
    let lines = json!([{"quantity": 0, "amount": amount, "tax": 0}]);
    let open = json!({"credit": credit, "order": order, "executor": "stripe", "payment": format!("pi_{order}"), "amount": amount, "lines": lines});
    let owed = vec![("goodwill", "GBP", amount), ("refunds.payable", "GBP", -amount)];
    let turned = Turn {
        messages: vec![("refund", credit.clone(), "refund.open", open)],
        entries: vec![("goodwill_granted", owed)],
        facts: vec![("credit.granted", fact)],
        ..turn()
    };
    let sent = b.event(case, "credit.approved", &word, turned).0[0];
    let memo =
        json!({"reference": credit, "order": order, "kind": "goodwill", "lines": lines, "total": amount});
    let pay = json!({"payment": format!("pi_{order}"), "order": order, "credit": credit, "amount": amount, "currency": "GBP"});
    let commands =
        vec![("erp", "post_credit_memo", credit.clone(), memo), ("payments", "refund", credit.clone(), pay)];
    let ordered = b.mail(refund, sent, Turn { commands, ..turn() }).1;
    let row = json!({"reference": credit, "order": order, "amount": amount, "currency": "GBP"});
    let mut counted = row.clone();
    counted["quantity"] = json!(0);
    b.ledger("erp", "credit_memo", counted.clone());
    b.ledger("stripe", "refunded", row);
    b.done(refund, ordered[0], turn());
    let paid = vec![("refunds.payable", "GBP", amount), ("provider.stripe", "GBP", -amount)];
    let settled = json!({"credit": credit, "currency": "GBP", "amount": amount, "reference": "re_2"});
    let turned = Turn {
        messages: vec![("order", order.to_owned(), "refund.settled", settled)],
        entries: vec![("refund_paid", paid)],
        ..Turn::default()
    };
    let told = b.done(refund, ordered[1], turned).0[0];
    let report = json!({"id": credit, "order": order, "kind": "goodwill", "amount": amount, "lines": []});
    let commands = vec![("storefront", "report_refund", credit.clone(), report)];
    let ordered = b.mail(case, told, Turn { commands, ..turn() }).1[0];
    b.ledger("shop", "refund_reported", counted);
    b.done(case, ordered, Turn::default());
}
