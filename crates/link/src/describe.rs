//! What a connector is, as plain values for lists and pages.

use crate::connector::Connector;
use crate::manifest::Strategy;
use retail::listing::ListKind;
use serde::Serialize;

/// A connector in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Description {
    pub name: String,
    pub roles: Vec<String>,
    /// `certified`, `recorded` or `documented`.
    pub support: &'static str,
    /// The vendor's interface version, and the day it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sunset: Option<String>,
    pub operations: Vec<Operation>,
    pub events: Vec<String>,
    /// What the system is asked for beside what it sends by itself.
    pub polls: Vec<String>,
    /// What it can be asked to list, to be held against the hub's books.
    pub lists: Vec<&'static str>,
    /// What it translates by, for which a connection may bring entries of its own.
    pub maps: Vec<Map>,
    /// Settings and secrets that a connection brings, with what they are.
    pub conf: Vec<Wanted>,
    pub secrets: Vec<Wanted>,
}

/// One operation in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Operation {
    pub role: String,
    pub name: String,
    /// `key`, `reference`, `state`, `name` or `none`.
    pub idempotency: &'static str,
    /// How long the vendor remembers a key, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keeps_ms: Option<i64>,
    /// True where what it did can be looked up.
    pub look_up: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settle_ms: Option<i64>,
}

/// One value map.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Map {
    pub name: String,
    /// The list of codes that its values are of.
    pub kind: &'static str,
    pub about: String,
}

/// One setting or secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Wanted {
    pub name: String,
    pub about: String,
    pub optional: bool,
}

/// Describes a connector.
#[must_use]
pub fn describe(connector: &Connector) -> Description {
    let operation = |op: &crate::Op| Operation {
        role: op.role.clone(),
        name: op.name.clone(),
        idempotency: op.idempotency.word(),
        keeps_ms: match op.idempotency {
            Strategy::Key { keeps } => Some(keeps.0),
            _ => None,
        },
        look_up: op.has_find(),
        settle_ms: op.settle.as_ref().map(|knob| knob.default.0),
    };
    let wanted = |settings: &std::collections::BTreeMap<String, crate::Setting>| {
        settings
            .iter()
            .map(|(name, setting)| Wanted {
                name: name.clone(),
                about: setting.about.clone(),
                optional: setting.optional,
            })
            .collect()
    };
    Description {
        name: connector.name().to_owned(),
        roles: connector.roles().to_vec(),
        support: connector.support().word(),
        version: connector.version().map(|version| version.api.clone()),
        sunset: connector.version().and_then(|version| version.sunset.clone()),
        operations: connector.ops().iter().map(operation).collect(),
        events: connector.events().into_iter().map(str::to_owned).collect(),
        polls: connector.polls().into_iter().map(str::to_owned).collect(),
        lists: connector.lists().into_iter().map(ListKind::code).collect(),
        maps: connector
            .maps()
            .iter()
            .map(|(name, map)| Map { name: name.clone(), kind: map.kind.code(), about: map.about.clone() })
            .collect(),
        conf: wanted(connector.conf()),
        secrets: wanted(connector.secrets()),
    }
}
