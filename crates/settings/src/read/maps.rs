//! `[maps.NAME]`: partners' own words in canonical codes, each checked against its list.

use super::roster::Roster;
use super::words::instead;
use crate::maps::ValueMap;
use crate::role::Role;
use formats::toml::{Fields, Node, Text};
use retail::codes::{CodeList, on_the_wire};
use std::collections::BTreeMap;

/// Reads all value maps, and refuses a connection that names one that is not here.
pub(super) fn maps<'a>(root: &mut Fields<'a>, roster: &Roster<'a>) -> BTreeMap<String, ValueMap> {
    let entries = root.get("maps").and_then(|node| node.fields()).map(|fields| fields.entries());
    let mut maps = BTreeMap::new();
    let mut known = Vec::new();
    for (called, node) in entries.unwrap_or_default() {
        known.push(called.value.to_owned());
        if let Some(map) = node.fields().and_then(|fields| map(fields, roster)) {
            maps.insert(called.value.to_owned(), map);
        }
    }
    for named in roster.named_by("map").filter(|named| !known.contains(&named.value)) {
        let hint = match known.is_empty() {
            true => format!("[maps.{}] with kind and values", named.value),
            false => instead(&named.value, known.iter().map(String::as_str)),
        };
        named.node.fault(format!("there is no value map {:?}", named.value), hint);
    }
    maps
}

/// `maps = { return_reason = "shop_reasons" }` of a connection: its connector's map to one of the estate.
pub(super) fn named<'a>(node: &Node<'a>, roster: &mut Roster<'a>) -> BTreeMap<String, String> {
    let mut maps = BTreeMap::new();
    for (own, node) in node.fields().map(|fields| fields.entries()).unwrap_or_default() {
        if let Some(text) = node.text() {
            maps.insert(own.value.to_owned(), text.value.to_owned());
            roster.named("map", text.value, node);
        }
    }
    maps
}

fn map<'a>(mut fields: Fields<'a>, roster: &Roster<'a>) -> Option<ValueMap> {
    let lists: Vec<(&str, CodeList)> = CodeList::ALL.iter().map(|list| (list.code(), *list)).collect();
    let kind = fields.need("kind", "kind = \"return_reason\"").and_then(|node| node.word(&lists));
    let values = fields.need("values", "values = { too_small = \"wrong_size\" }");
    fields.done();
    let (kind, values) = (kind?, values?.fields()?);
    let mut read = BTreeMap::new();
    let mut froms: BTreeMap<String, String> = BTreeMap::new();
    for (from, node) in values.entries() {
        let to = node.text().and_then(|text| meaning(kind, text.value, &node, roster));
        let Some(said) = said(kind, &values, &from) else { continue };
        if let Some(other) = froms.insert(said.clone(), from.value.to_owned()) {
            let message = format!("{other:?} says the same already");
            values.reading().fault(from.start, &from.path, message, "each value once");
        }
        if let Some(to) = to {
            read.insert(said, to);
        }
    }
    Some(ValueMap { kind, values: read })
}

/// What stands on the left, as the partner sends it.
fn said(kind: CodeList, values: &Fields<'_>, from: &Text<'_>) -> Option<String> {
    let Some(wire) = on_the_wire(from.value) else { return Some(from.value.to_owned()) };
    let known = kind.standard();
    if known.iter().any(|(code, _)| code == from.value) {
        return Some(wire.to_owned());
    }
    let hint = match known.is_empty() {
        true => "the value as the partner sends it".to_owned(),
        false => standard_near(from.value, &known),
    };
    values.reading().fault(from.start, &from.path, format!("{:?} is no code of a {kind}", from.value), hint);
    None
}

/// What stands on the right, as a code of the list.
fn meaning(kind: CodeList, to: &str, node: &Node<'_>, roster: &Roster<'_>) -> Option<String> {
    let role = match kind {
        CodeList::Place => Some(Role::Wms),
        CodeList::Executor => Some(Role::Payments),
        CodeList::Channel => Some(Role::Storefront),
        _ => None,
    };
    if let Some(role) = role {
        roster.expect(role, to, node);
        return Some(to.to_owned());
    }
    let Some(codes) = kind.codes() else {
        if to.trim().is_empty() {
            node.fault("an empty text names nothing", "");
            return None;
        }
        return Some(to.to_owned());
    };
    let means = kind.read(to);
    if means.is_none() {
        let hint = match on_the_wire(to) {
            Some(_) if !kind.standard().is_empty() => standard_near(to, &kind.standard()),
            _ => instead(to, codes),
        };
        node.fault(format!("{to:?} is not a {kind}"), hint);
    }
    means.map(str::to_owned)
}

/// The standard's codes that could be meant: of the same standard, with what they mean.
fn standard_near(wrong: &str, known: &[(String, &'static str)]) -> String {
    let same = |code: &str| code.split_once(':').map(|c| c.0) == wrong.split_once(':').map(|c| c.0);
    let shown: Vec<String> = known
        .iter()
        .filter(|(code, _)| same(code))
        .map(|(code, means)| format!("{code} ({means})"))
        .collect();
    if shown.is_empty() { "a code of the list".to_owned() } else { shown.join(", ") }
}
