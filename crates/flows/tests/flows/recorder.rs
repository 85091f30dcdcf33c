//! Holds every command that any test orders, and every event that any test has taken in, against the kept schemas.

use crate::golden::root;
use jsonschema::Validator;
use std::collections::BTreeMap;
use std::sync::OnceLock;

type Schemas = BTreeMap<String, Validator>;

fn load(kind: &str) -> Schemas {
    let mut schemas = Schemas::new();
    for entry in std::fs::read_dir(root().join("schemas").join(kind)).unwrap() {
        let path = entry.unwrap().path();
        let schema = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        schemas.insert(name, jsonschema::validator_for(&schema).unwrap());
    }
    schemas
}

fn check(schemas: &Schemas, kind: &str, name: &str, data: &str) {
    let schema = schemas.get(name).unwrap_or_else(|| {
        panic!("{kind} {name} has no schema: derive JsonSchema for tests, list it in `shapes`, and UPDATE=1")
    });
    let data = serde_json::from_str(data).unwrap();
    if let Err(wrong) = schema.validate(&data) {
        panic!("{kind} {name} {data} does not fit its schema at {}: {wrong}", wrong.instance_path());
    }
}

/// A command that was ordered.
pub fn command(op: &str, args: &str) {
    static COMMANDS: OnceLock<Schemas> = OnceLock::new();
    check(COMMANDS.get_or_init(|| load("commands")), "command", op, args);
}

/// An event that was taken in.
pub fn event(kind: &str, data: &str) {
    static EVENTS: OnceLock<Schemas> = OnceLock::new();
    check(EVENTS.get_or_init(|| load("events")), "event", kind, data);
}
