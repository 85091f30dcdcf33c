//! A compiled connector as its runs share it.

use crate::http::Endpoint;
use crate::json::parse;
use crate::manifest::{Manifest, Signature, ValueMap, Way};
use crate::scene::word;
use bytes::Bytes;
use jaq_json::{Rc, Val};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) struct Core {
    pub manifest: Manifest,
    /// Operations by name.
    pub ops: BTreeMap<String, usize>,
    /// Every signature that some event asks for, or a message that wakes a poll, once.
    pub signatures: Vec<Signature>,
    /// For each event, which of the signatures.
    pub signed_by: Vec<usize>,
    /// Events that pass through, by type.
    pub passing: BTreeMap<String, usize>,
    /// Which of the signatures a message bears that may wake a poll, where any may.
    pub waking: Option<usize>,
    /// What the value maps say, as JSON text.
    maps: Bytes,
}

impl Core {
    pub fn new(manifest: Manifest) -> Self {
        let ops = manifest.ops.iter().enumerate().map(|(n, op)| (op.name.clone(), n)).collect();
        let mut signatures: Vec<Signature> = Vec::new();
        let mut number = |wanted: &Signature| {
            signatures.iter().position(|known| known == wanted).unwrap_or_else(|| {
                signatures.push(wanted.clone());
                signatures.len() - 1
            })
        };
        let mut signed_by = Vec::new();
        let mut passing = BTreeMap::new();
        for (n, event) in manifest.events.iter().enumerate() {
            signed_by.push(number(&event.signature));
            if matches!(event.way, Way::Passthrough(_)) {
                passing.insert(event.kind.clone(), n);
            }
        }
        let waking = manifest.waking.as_ref().filter(|_| !manifest.wakes.is_empty()).map(number);
        let entries = |map: &ValueMap| {
            let pairs = map.values.iter().map(|(from, to)| (from.clone(), Value::from(to.as_str())));
            Value::Object(pairs.collect())
        };
        let maps = manifest.maps.iter().map(|(name, map)| (name.clone(), entries(map)));
        let maps = Bytes::from(Value::Object(maps.collect()).to_string());
        Self { manifest, ops, signatures, signed_by, passing, waking, maps }
    }

    /// A connection's settings as jq sees them: its own, and as `maps` what the connector's value maps say, entries
    /// of the connection (`conf.maps`) first.
    pub fn conf(&self, endpoint: &Endpoint) -> Val {
        let own = parse(endpoint.conf.written()).unwrap_or_default();
        if self.manifest.maps.is_empty() {
            return own;
        }
        let mut own = match own {
            Val::Obj(members) if endpoint.conf.get("maps").is_none() => members,
            own => return self.conf_with_own_maps(endpoint, own),
        };
        Rc::make_mut(&mut own).insert(word("maps"), parse(&self.maps).unwrap_or_default());
        Val::Obj(own)
    }

    fn conf_with_own_maps(&self, endpoint: &Endpoint, own: Val) -> Val {
        let mut conf = endpoint.conf.as_object().cloned().unwrap_or_default();
        let mut maps = match conf.remove("maps") {
            Some(Value::Object(maps)) => maps,
            _ => serde_json::Map::new(),
        };
        for (name, map) in &self.manifest.maps {
            let given = maps.entry(name.clone()).or_insert_with(|| Value::Object(serde_json::Map::new()));
            let Value::Object(given) = given else { continue };
            for (from, to) in &map.values {
                given.entry(from.clone()).or_insert_with(|| Value::from(to.as_str()));
            }
        }
        conf.insert("maps".to_owned(), Value::Object(maps));
        parse(&Bytes::from(Value::Object(conf).to_string())).unwrap_or(own)
    }
}
