//! `[map.NAME]`: what a vendor's own words mean in a list of canonical codes. A connection may bring entries of its
//! own, which come first.

use formats::toml::{Fields, Node, nearest};
use retail::codes::{CodeList, on_the_wire};
use std::collections::BTreeMap;

/// A value map that a connector's mappings use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValueMap {
    /// The list that its values are of.
    pub kind: CodeList,
    /// What it translates, for whoever fills it in.
    pub about: String,
    /// What ships with the connector. `*` is every value that is not listed; without one such a value is refused.
    pub values: BTreeMap<String, String>,
}

/// Reads all maps of a manifest.
pub(super) fn maps(node: &Node<'_>) -> BTreeMap<String, ValueMap> {
    let entries = node.fields().map(|fields| fields.entries()).unwrap_or_default();
    let read = |(name, node): (formats::toml::Text<'_>, Node<'_>)| {
        Some((name.value.to_owned(), map(node.fields()?)?))
    };
    entries.into_iter().filter_map(read).collect()
}

fn map(mut fields: Fields<'_>) -> Option<ValueMap> {
    let lists: Vec<(&str, CodeList)> = CodeList::ALL.iter().map(|list| (list.code(), *list)).collect();
    let kind = fields.need("kind", "kind = \"return_reason\"").and_then(|node| node.word(&lists));
    let about = fields.need("about", "about = \"what it translates\"").and_then(|node| node.text());
    let values = fields.section("values");
    fields.done();
    let (kind, values) = (kind?, values?);
    Some(ValueMap { kind, about: about?.value.to_owned(), values: entries(kind, &values) })
}

fn entries(kind: CodeList, fields: &Fields<'_>) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for (from, node) in fields.entries() {
        let Some(to) = node.text() else { continue };
        let known = kind.codes().unwrap_or_default();
        let means = kind.read(to.value).or_else(|| known.is_empty().then_some(to.value));
        let Some(means) = means else {
            let near = nearest(to.value, known.iter().copied());
            node.fault(
                format!("{:?} is not a {kind}", to.value),
                near.map_or_else(|| known.join(", "), str::to_owned),
            );
            continue;
        };
        values.insert(on_the_wire(from.value).unwrap_or(from.value).to_owned(), means.to_owned());
    }
    values
}
