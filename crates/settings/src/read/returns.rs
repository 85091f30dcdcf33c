//! `[policy.returns]`: what may come back, until when, and what is done with it.

use super::policy::word;
use super::pools::Stock;
use super::returns_more::rules;
use super::roster::Roster;
use super::words::{days, instead, texts};
use crate::policy::{ReturnPolicy, WindowFrom};
use formats::toml::{Fields, Node};
use retail::returns::{Disposition, Grade, ReturnType};
use std::collections::{BTreeMap, BTreeSet};

/// What each grade becomes, unless the estate says otherwise.
const DISPOSITIONS: [(&str, Grade, Disposition); 4] = [
    ("A", Grade::A, Disposition::Restock),
    ("B", Grade::B, Disposition::Restock),
    ("C", Grade::C, Disposition::Destroy),
    ("X", Grade::X, Disposition::Destroy),
];
/// Days that a ground has at the least, unless the estate says otherwise: withdrawal by Directive 2011/83/EU
/// art. 9, conformity by Directive (EU) 2019/771 art. 10; the others are the retailer's.
const LEAST_DAYS: [(ReturnType, i64); 4] = [
    (ReturnType::Withdrawal, 14),
    (ReturnType::Defect, 730),
    (ReturnType::Warranty, 730),
    (ReturnType::Recall, 3_650),
];

/// Reads `[policy.returns]`.
pub(super) fn returns(mut fields: Fields<'_>, stock: &Stock, roster: &Roster<'_>) -> ReturnPolicy {
    let policy = ReturnPolicy {
        place: place(fields.get("place"), stock),
        window_from: word(
            fields.get("window_from"),
            &[("shipped", WindowFrom::Shipped), ("placed", WindowFrom::Placed)],
        ),
        window_days: fields.get("window_days").and_then(|node| days(&node)).unwrap_or(30),
        windows: fields.section("windows").map(windows).unwrap_or_default(),
        least_days: fields.section("least_days").map(least_days).unwrap_or_default(),
        not_returnable: categories(fields.get("not_returnable")),
        inspect_first: categories(fields.get("inspect_first")),
        disposition: fields.section("disposition").map(dispositions).unwrap_or_default(),
        withdrawal_refund_days: fields
            .get("withdrawal_refund_days")
            .and_then(|node| days(&node))
            .unwrap_or(14),
        rules: rules(&mut fields, roster),
    };
    fields.done();
    policy
}

/// The place that returns are sent to: in a pool, so that restocked units can be sold again.
fn place(node: Option<Node<'_>>, stock: &Stock) -> String {
    let Some(node) = node else {
        let first = stock.pools.get(&stock.default_pool).and_then(|pool| pool.places.first());
        return first.cloned().unwrap_or_default();
    };
    let Some(text) = node.text() else { return String::new() };
    if stock.places().next().is_some() && !stock.places().any(|place| place == text.value) {
        node.fault(format!("no pool has the place {:?}", text.value), instead(text.value, stock.places()));
    }
    text.value.to_owned()
}

fn windows(fields: Fields<'_>) -> BTreeMap<String, i64> {
    let entries = fields.entries();
    entries.iter().filter_map(|(category, node)| Some((category.value.to_owned(), days(node)?))).collect()
}

fn least_days(mut fields: Fields<'_>) -> BTreeMap<ReturnType, i64> {
    let mut least = BTreeMap::from(LEAST_DAYS);
    for ground in ReturnType::ALL {
        if let Some(days) = fields.get(ground.code()).and_then(|node| days(&node)) {
            least.insert(*ground, days);
        }
    }
    fields.done();
    least
}

fn categories(node: Option<Node<'_>>) -> BTreeSet<String> {
    let read = node.map(|node| texts(&node)).unwrap_or_default();
    read.into_iter().map(|(category, _)| category).collect()
}

fn dispositions(mut fields: Fields<'_>) -> BTreeMap<Grade, Disposition> {
    let words: Vec<(&str, Disposition)> = Disposition::ALL.iter().map(|d| (d.code(), *d)).collect();
    let mut read = |(name, grade, usual)| {
        let given = fields.get(name).and_then(|node| node.word(&words));
        (grade, given.unwrap_or(usual))
    };
    let all = DISPOSITIONS.map(&mut read).into();
    fields.done();
    all
}
