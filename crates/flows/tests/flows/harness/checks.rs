//! The systems that check an order: what they say of it.

use super::Rng;
use super::systems::Habits;
use flows::policy::{CheckRule, CheckoutPolicy, InvoiceRule, OnExpiry, SingleCapture, WhenDown, WhenRefused};
use retail::envelope::Command;
use retail::time::Span;
use serde_json::{Value, json};

/// Operations that only ask.
pub fn is_check(op: &str) -> bool {
    matches!(op, "check_customer" | "check_promotions" | "quote_tax" | "screen_order" | "check_payment")
}

/// A verdict, against the order as often as habit has it.
pub fn verdict(c: &Command, args: &Value, habits: &mut Habits) -> Value {
    let against = habits.rng.chance(habits.against);
    match c.op.as_str() {
        "check_customer" if against => json!({"ref": "c", "state": "blocked", "reason": "unpaid bills"}),
        "check_promotions" if against => json!({"ref": "p", "state": "invalid", "reason": "used up"}),
        "quote_tax" => {
            let lines = args["lines"].as_array().unwrap();
            let tax: i64 = lines.iter().map(|l| l["tax"].as_i64().unwrap()).sum();
            json!({"ref": "q", "tax": tax + i64::from(against) * 7})
        }
        "screen_order" if against => {
            let decision = ["review", "decline"][habits.rng.below(2)];
            json!({"ref": "s", "decision": decision, "reason": "score"})
        }
        "screen_order" => json!({"ref": "s", "decision": "approve"}),
        "check_payment" => {
            let state = if against { "expired" } else { "authorised" };
            json!({"ref": "y", "state": state, "amount": 1_000_000, "currency": "GBP"})
        }
        _ => json!({"ref": "k", "state": "ok"}),
    }
}

fn check(rng: &mut Rng) -> CheckRule {
    CheckRule {
        ask: rng.chance(30),
        wait: Span::hours(rng.within(1, 48)),
        when_down: if rng.chance(50) { WhenDown::Hold } else { WhenDown::GoOn },
        when_refused: if rng.chance(70) { WhenRefused::Hold } else { WhenRefused::Cancel },
    }
}

/// What a retailer might decide about checkout.
pub fn checkout(rng: &mut Rng) -> CheckoutPolicy {
    CheckoutPolicy {
        customer: check(rng),
        promotions: check(rng),
        tax: check(rng),
        payment: check(rng),
        fraud: check(rng),
        tax_tolerance: rng.within(0, 10),
        on_expiry: if rng.chance(50) { OnExpiry::Hold } else { OnExpiry::Reauthorise },
        renew_before: Span::hours(12),
        single_capture: if rng.chance(50) { SingleCapture::Wait } else { SingleCapture::Reauthorise },
        invoice: if rng.chance(70) { InvoiceRule::PerShipment } else { InvoiceRule::WhenComplete },
    }
}
