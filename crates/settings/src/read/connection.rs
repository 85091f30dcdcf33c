//! `[[connection]]`: one system each.

use super::hub::secret;
use super::roster::Roster;
use super::url::url;
use super::words::{name, span, texts};
use crate::estate::{Before, Connection, Overrides};
use crate::role::Play;
use crate::secret::SecretRef;
use formats::toml::{Fields, Node};
use retail::time::Time;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const SHOWN: &str = "[[connection]] with name, connector, url and plays";
/// Settings that name something of the estate, whatever the connector: they are checked here.
const NAMED: [&str; 4] = ["source", "executor", "place", "pool"];

/// Reads all connections; the roster learns who plays what.
pub(super) fn connections<'a>(root: &mut Fields<'a>, roster: &mut Roster<'a>) -> Vec<Connection> {
    let list = match root.need("connection", SHOWN) {
        Some(node) if node.is_table() => {
            node.fault("connections are a list", "[[connection]] with two brackets");
            Vec::new()
        }
        Some(node) => {
            let items = node.items();
            if node.is_array() && items.is_empty() {
                node.fault("there is no connection", SHOWN);
            }
            items
        }
        None => Vec::new(),
    };
    if list.is_empty() {
        roster.broken();
    }
    let read: Vec<Option<Connection>> =
        list.iter().map(|node| node.fields().and_then(|fields| connection(fields, roster))).collect();
    read.into_iter().flatten().collect()
}

fn connection<'a>(mut fields: Fields<'a>, roster: &mut Roster<'a>) -> Option<Connection> {
    let called = fields.need("name", "name = \"erp\"");
    let called = called.and_then(|node| {
        let name = name(&node)?;
        roster.name(&name, &node);
        Some(name)
    });
    let connector = fields.need("connector", "connector = \"canonical\"").and_then(|node| name(&node));
    let plays = fields.get("plays");
    let url = match fields.get("url") {
        Some(node) => url(&node),
        None => {
            if plays.as_ref().is_some_and(|node| node.is_array() && !node.items().is_empty()) {
                let hint = "url = \"https://erp.example.com/api\"";
                fields.fault_in("url", "missing, as the connection plays a role", hint);
            }
            None
        }
    };
    let plays = plays.map(|node| read_plays(&node, called.as_deref().unwrap_or("?"), roster));
    let limits = overrides(&mut fields);
    let (secrets, before) = fields.section("secret").map(|fields| secrets(&fields)).unwrap_or_default();
    let maps = fields.get("maps").map(|node| super::maps::named(&node, roster)).unwrap_or_default();
    let conf = fields.get("conf").map(|node| conf(&node, roster)).unwrap_or_default();
    fields.done();
    let plays = plays.unwrap_or_default();
    Some(Connection { name: called?, connector: connector?, url, plays, limits, secrets, before, maps, conf })
}

fn read_plays<'a>(node: &Node<'a>, by: &str, roster: &mut Roster<'a>) -> Vec<Play> {
    if !node.is_array() {
        roster.broken();
    }
    let mut plays = Vec::new();
    for item in node.items() {
        match item.text().and_then(|text| Roster::read(text.value, &item)) {
            Some(play) => {
                roster.play(&play, by, item);
                plays.push(play);
            }
            None => roster.broken(),
        }
    }
    plays
}

fn overrides(fields: &mut Fields<'_>) -> Overrides {
    let in_flight = fields.get("in_flight").and_then(|node| node.count());
    let rate = fields.get("rate").and_then(|node| node.count());
    let breaker = fields.get("breaker").and_then(|node| node.count());
    let backoff = fields.get("backoff").and_then(|node| span(&node));
    let backoff_max = fields.get("backoff_max").and_then(|node| span(&node));
    if let (Some(first), Some(most)) = (backoff, backoff_max)
        && most < first
    {
        fields.fault_in("backoff_max", "the longest pause is shorter than the first", "backoff or more");
    }
    Overrides { in_flight, rate, backoff, backoff_max, breaker }
}

/// `hook = "env:NEW"`, or while it is replaced
/// `hook = { now = "env:NEW", before = "env:OLD", until = 2026-12-01T00:00:00Z }`.
fn secrets(fields: &Fields<'_>) -> (BTreeMap<String, SecretRef>, BTreeMap<String, Before>) {
    let (mut secrets, mut before) = (BTreeMap::new(), BTreeMap::new());
    for (name, node) in fields.entries() {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.value.is_empty() || !name.value.chars().all(plain) {
            let message = "a secret's name is not one that a connector may ask for";
            fields.reading().fault(name.start, &name.path, message, "a-z, 0-9 and underline");
        }
        if node.is_table() {
            if let Some((now, old)) = node.fields().and_then(replaced) {
                secrets.insert(name.value.to_owned(), now);
                before.insert(name.value.to_owned(), old);
            }
        } else if let Some(reference) = secret(&node) {
            secrets.insert(name.value.to_owned(), reference);
        }
    }
    (secrets, before)
}

/// A secret and what it was before.
fn replaced(mut fields: Fields<'_>) -> Option<(SecretRef, Before)> {
    let now = fields.need("now", "now = \"env:NEW\"").and_then(|node| secret(&node));
    let old = fields.need("before", "before = \"env:OLD\"").and_then(|node| secret(&node));
    let until = fields.need("until", "until = 2026-12-01T00:00:00Z").and_then(|node| {
        let text = node.instant()?;
        let at = Time::parse(&text);
        if at.is_none() {
            node.fault(format!("{text} is no time"), "2026-12-01T00:00:00Z, without quotes");
        }
        at
    });
    fields.done();
    Some((now?, Before { secret: old?, until: until? }))
}

fn conf<'a>(node: &Node<'a>, roster: &mut Roster<'a>) -> Map<String, Value> {
    no_secrets(node);
    let entries = node.fields().map(|fields| fields.entries()).unwrap_or_default();
    let mut conf = Map::new();
    for (name, node) in entries {
        if name.value == "maps" {
            node.fault("value maps stand beside the settings", "maps = { return_reason = \"NAME\" }");
        }
        if let Some(value) = node.json() {
            conf.insert(name.value.to_owned(), value);
        }
        let Some(field) = NAMED.into_iter().find(|field| *field == name.value) else { continue };
        let values = if node.is_array() { texts(&node) } else { Vec::new() };
        let single = node.is_text().then(|| node.text()).flatten().map(|text| (text.value.to_owned(), node));
        for (value, node) in values.into_iter().chain(single) {
            roster.named(field, &value, node);
        }
    }
    conf
}

/// Settings are shown to people; what is called like a secret belongs elsewhere.
fn no_secrets(node: &Node<'_>) {
    const CALLED: [&str; 6] = ["password", "passwd", "secret", "token", "api_key", "private_key"];
    let Some(fields) = node.is_table().then(|| node.fields()).flatten() else { return };
    for (name, inner) in fields.entries() {
        let lower = name.value.to_ascii_lowercase();
        let called = CALLED
            .iter()
            .any(|word| lower.strip_suffix(word).is_some_and(|r| r.is_empty() || r.ends_with('_')));
        if called && inner.is_text() {
            let hint = format!("secret = {{ {lower} = \"env:NAME\" }}");
            fields.reading().fault(name.start, &name.path, "a secret does not belong among settings", hint);
        }
        no_secrets(&inner);
    }
}
