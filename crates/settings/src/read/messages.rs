//! `policy.messages`: the milestones that customers are told of.

use super::words::instead;
use formats::toml::{Fields, Node};
use retail::milestone::Milestone;
use std::collections::BTreeSet;

/// Reads the list; what is left out is all that customers are usually told.
pub(super) fn messages(fields: &mut Fields<'_>) -> BTreeSet<Milestone> {
    match fields.get("messages") {
        Some(node) => node.items().iter().filter_map(milestone).collect(),
        None => Milestone::usual().collect(),
    }
}

fn milestone(node: &Node<'_>) -> Option<Milestone> {
    let word = node.text()?.value;
    let found = Milestone::parse(word);
    if found.is_none() {
        let hint = instead(word, Milestone::ALL.iter().map(|milestone| milestone.code()));
        node.fault(format!("there is no milestone {word:?}"), hint);
    }
    found
}
