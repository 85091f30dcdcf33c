//! `[policy.credits]`: who may give what back, and how.

use super::policy::word;
use super::roster::Roster;
use super::words::{instead, yes};
use crate::policy::{CreditPolicy, PromotionBreak};
use crate::role::Role;
use formats::toml::{Fields, Node};

/// The largest limit, minor units: a billion of most currencies.
const MOST: i64 = 100_000_000_000;

/// Reads `[policy.credits]`; what is left out is the careful choice.
pub(super) fn credits(mut fields: Fields<'_>, roster: &Roster<'_>) -> CreditPolicy {
    let policy = CreditPolicy {
        goodwill_limit: amount(fields.get("goodwill_limit")),
        approve_above: above(fields.get("approve_above")),
        approve_returns_above: above(fields.get("approve_returns_above")),
        store_credit: executor(fields.get("store_credit"), roster),
        promotion_break: word(
            fields.get("promotion_break"),
            &[("keep", PromotionBreak::Keep), ("claw_back", PromotionBreak::ClawBack)],
        ),
        reverse_memo: yes(&mut fields, "reverse_memo", false),
    };
    fields.done();
    policy
}

fn amount(node: Option<Node<'_>>) -> i64 {
    node.and_then(|node| node.whole(0..=MOST)).unwrap_or(0)
}

/// A limit above which somebody must approve; 0 for never.
fn above(node: Option<Node<'_>>) -> Option<i64> {
    Some(amount(node)).filter(|n| *n > 0)
}

/// The executor that issues store credit: one that some connection plays payments for.
fn executor(node: Option<Node<'_>>, roster: &Roster<'_>) -> String {
    let Some(node) = node else { return String::new() };
    let Some(text) = node.text() else { return String::new() };
    if !text.value.is_empty() && !roster.plays(Role::Payments, text.value) {
        node.fault(
            format!("no connection plays payments at {:?}", text.value),
            instead(text.value, roster.ats(Role::Payments)),
        );
    }
    text.value.to_owned()
}
