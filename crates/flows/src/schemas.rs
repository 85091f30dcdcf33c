//! JSON Schemas of every event and command, made from the very types that are read and written:
//! `UPDATE=1 cargo test -p flows schemas` writes `schemas/` anew. Compiled for tests only.
//!
//! What a member's reader checks beyond its type is put in by the reader's name, which is read from the source
//! (`sources`); and the tests hold the schemas against the readers, message by message, damaged in every way that
//! matters.

mod sources;

use crate::read::{MAX_AMOUNT, MAX_QUANTITY};
use crate::reference::PROCESSES;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// An event: its type, its schema, and whether its data reads.
pub(crate) struct EventShape {
    pub kind: &'static str,
    pub schema: fn() -> Value,
    pub reads: fn(&str) -> Result<(), String>,
}

/// A command: its operation and its schema.
pub(crate) struct CommandShape {
    pub op: &'static str,
    pub schema: fn() -> Value,
}

pub(crate) const fn event<T: JsonSchema + DeserializeOwned>(kind: &'static str) -> EventShape {
    EventShape {
        kind,
        schema: || taken::<T>(),
        reads: |data| serde_json::from_str::<T>(data).map(drop).map_err(|e| e.to_string()),
    }
}

pub(crate) const fn command<T: JsonSchema>(op: &'static str) -> CommandShape {
    CommandShape {
        op,
        schema: || {
            SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>().into()
        },
    }
}

fn events() -> Vec<EventShape> {
    [
        crate::order::event_shapes(),
        crate::returns::event_shapes(),
        crate::refund::event_shapes(),
        crate::stock::event_shapes(),
        crate::difference::event_shapes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn commands() -> Vec<CommandShape> {
    [
        crate::order::command_shapes(),
        crate::returns::command_shapes(),
        crate::refund::command_shapes(),
        crate::stock::command_shapes(),
        crate::tell::shapes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// An event's schema, with what its members' readers check beyond their types.
fn taken<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    let mut schema: Value = settings.into_generator().into_root_schema_for::<T>().into();
    let members = sources::members();
    if let Some(object) = schema.as_object_mut() {
        limit(object, &members);
    }
    schema
}

fn limit(schema: &mut Map<String, Value>, members: &sources::Members) {
    let title = schema.get("title").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let was = std::mem::take(properties);
        for (name, mut property) in was {
            let member = members.find(&title, &name);
            if let Value::Object(property) = &mut property {
                if property.get("format") == Some(&json!("int64")) {
                    property.extend([
                        ("minimum".to_owned(), i64::MIN.into()),
                        ("maximum".to_owned(), i64::MAX.into()),
                    ]);
                }
                if let Some(reader) = &member.reader {
                    check(reader, property);
                }
            }
            properties.insert(member.alias.clone().unwrap_or(name), property);
        }
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        for name in required {
            if let Some(alias) = name.as_str().and_then(|name| members.find(&title, name).alias) {
                *name = alias.into();
            }
        }
    }
    if let Some(Value::Object(definitions)) = schema.get_mut("$defs") {
        for (name, definition) in definitions {
            if let Value::Object(definition) = definition {
                let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
                definition.entry("title").or_insert_with(|| name.into());
                limit(definition, members);
            }
        }
    }
}

/// What a reader checks, as a schema says it.
fn check(reader: &str, property: &mut Map<String, Value>) {
    const ID: &str = "^[A-Za-z0-9._:-]{1,80}$";
    const PRINTABLE: &str = "^[^\\s\\p{Cc}]([^\\p{Cc}]*[^\\s\\p{Cc}])?$";
    let more = match reader.rsplit("::").next().unwrap_or_default() {
        "quantity" => json!({ "minimum": 1, "maximum": MAX_QUANTITY }),
        "accepted" | "rejected" | "on_hand" | "wanted" => json!({ "minimum": 0, "maximum": MAX_QUANTITY }),
        "signed" => json!({ "minimum": -MAX_QUANTITY, "maximum": MAX_QUANTITY, "not": { "const": 0 } }),
        "available" => json!({ "minimum": -MAX_QUANTITY, "maximum": MAX_QUANTITY }),
        "amount" | "amount_if" | "discount" | "tax" | "total" | "authorised" | "captured" | "share" => {
            json!({ "minimum": 0, "maximum": MAX_AMOUNT })
        }
        "sku" | "by" => json!({ "pattern": PRINTABLE, "maxLength": 80 }),
        // An empty one is none.
        "given_sku" => json!({ "pattern": format!("^$|{PRINTABLE}"), "maxLength": 80 }),
        "given_id" => json!({ "pattern": format!("^$|{ID}") }),
        "day" => json!({ "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        "supply" => json!({ "pattern": ID, "type": "string" }),
        "order" | "source" | "source_id" | "line" | "rma" | "receipt" | "inspection" | "shipment"
        | "fulfilment" | "release" | "payment" | "refund" | "credit" | "place" | "id" | "hold"
        | "channel" | "transfer" | "from" | "to" | "count" | "adjustment" | "executor" => {
            json!({ "pattern": ID })
        }
        other => panic!("say here what the reader `{other}` checks, so that the schemas say it too"),
    };
    if let Value::Object(more) = more {
        property.extend(more);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas")
}

/// A schema as its file has it.
fn file(kind: &str, name: &str, schema: Value) -> (PathBuf, String) {
    let mut whole = Map::new();
    whole.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    whole.insert("$id".to_owned(), format!("urn:crossdock:{kind}:{name}").into());
    if let Value::Object(schema) = schema {
        whole.extend(schema.into_iter().filter(|(key, _)| key != "$schema"));
    }
    whole.insert("title".to_owned(), name.into());
    let text = serde_json::to_string_pretty(&Value::Object(whole)).unwrap() + "\n";
    (root().join(kind).join(format!("{name}.json")), text)
}

fn files() -> BTreeMap<PathBuf, String> {
    let events = events().into_iter().map(|e| file("events", e.kind, (e.schema)()));
    events.chain(commands().into_iter().map(|c| file("commands", c.op, (c.schema)()))).collect()
}

#[test]
fn the_kept_schemas_are_those_of_the_types() {
    let now = files();
    if std::env::var_os("UPDATE").is_some_and(|v| v == "1") {
        for (path, text) in &now {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
    let mut kept = BTreeMap::new();
    for kind in ["events", "commands"] {
        for entry in std::fs::read_dir(root().join(kind)).unwrap() {
            let path = entry.unwrap().path();
            kept.insert(path.clone(), std::fs::read_to_string(path).unwrap());
        }
    }
    let mut wrong: Vec<String> = Vec::new();
    for path in now.keys().chain(kept.keys()).collect::<BTreeSet<_>>() {
        if now.get(path) != kept.get(path) {
            wrong.push(path.display().to_string());
        }
    }
    assert!(
        wrong.is_empty(),
        "these schemas differ from the types: {wrong:?}. A member that is new and may be left out is no harm; one that \
         is demanded, renamed or taken away breaks systems that speak the contract, and needs a new event or command \
         beside the old one. Then: UPDATE=1 cargo test -p flows schemas"
    );
}

#[test]
fn every_event_and_command_of_every_process_has_its_schema() {
    let listed: BTreeSet<&str> = PROCESSES.iter().flat_map(|p| p.events.iter().map(|e| e.0)).collect();
    assert_eq!(events().iter().map(|e| e.kind).collect::<BTreeSet<_>>(), listed);
    let listed: BTreeSet<&str> = PROCESSES.iter().flat_map(|p| p.commands.iter().map(|c| c.op)).collect();
    assert_eq!(commands().iter().map(|c| c.op).collect::<BTreeSet<_>>(), listed);
}

/// Messages that read, one of each event, with every member there is.
fn samples() -> BTreeMap<String, Value> {
    serde_json::from_str(include_str!("schemas/samples.json")).unwrap()
}

#[test]
fn schema_and_reader_agree_on_every_damaged_message() {
    let samples = samples();
    let (mut agreed, mut refused, mut wrong) = (0, 0, Vec::new());
    for shape in events() {
        let sample =
            samples.get(shape.kind).unwrap_or_else(|| panic!("schemas/samples.json has no {}", shape.kind));
        let schema = jsonschema::validator_for(&(shape.schema)()).unwrap();
        let mut tried = vec![sample.clone()];
        damage(sample, &mut |damaged| tried.push(damaged));
        for (n, data) in tried.iter().enumerate() {
            let text = data.to_string();
            let (valid, reads) = (schema.is_valid(data), (shape.reads)(&text));
            if valid != reads.is_ok() {
                wrong.push(format!("{} {text}: the schema says {valid}, the reader {reads:?}", shape.kind));
            }
            assert!(n > 0 || valid, "{}: the sample itself", shape.kind);
            agreed += 1;
            refused += usize::from(!valid);
        }
    }
    assert!(wrong.is_empty(), "{} disagree:\n{}", wrong.len(), wrong.join("\n"));
    assert!(agreed > 1_000 && refused > 500, "{agreed} tried, {refused} refused");
}

/// Every message that differs from a sound one in one place.
fn damage(sound: &Value, each: &mut dyn FnMut(Value)) {
    let mut pointers = Vec::new();
    walk(sound, String::new(), &mut pointers);
    for pointer in &pointers {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut without = sound.clone();
        match without.pointer_mut(parent).unwrap() {
            Value::Object(object) => drop(object.remove(name)),
            Value::Array(items) => drop(items.remove(name.parse().unwrap())),
            _ => {}
        }
        each(without);
        let was = sound.pointer(pointer).unwrap();
        for wrong in wrongs(was) {
            let mut damaged = sound.clone();
            *damaged.pointer_mut(pointer).unwrap() = wrong;
            each(damaged);
        }
    }
    let mut more = sound.clone();
    more["new_in_v7"] = json!({ "x": 1 });
    each(more);
    // serde reads an object's members in order from a list as well; the contract has no such thing.
    for other in [json!(null), json!(7), json!("x")] {
        each(other);
    }
}

fn walk(value: &Value, at: String, out: &mut Vec<String>) {
    let mut inner = |key: &str, value: &Value| {
        let at = format!("{at}/{key}");
        out.push(at.clone());
        walk(value, at, out);
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| inner(key, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, value)| inner(&n.to_string(), value)),
        _ => {}
    }
}

fn wrongs(was: &Value) -> Vec<Value> {
    let mut wrongs = vec![json!(null), json!(true), json!({})];
    match was {
        Value::Number(_) => wrongs.extend([
            json!(0),
            json!(-1),
            json!(1),
            json!(1.5),
            json!("1"),
            json!(MAX_QUANTITY),
            json!(MAX_QUANTITY + 1),
            json!(-MAX_QUANTITY - 1),
            json!(MAX_AMOUNT),
            json!(MAX_AMOUNT + 1),
            json!(i64::MAX),
            json!(u64::MAX),
            json!(1e308),
        ]),
        Value::String(_) => wrongs.extend([
            json!(""),
            json!(" "),
            json!(7),
            json!("a b"),
            json!("a/b"),
            json!("x".repeat(80)),
            json!("x".repeat(81)),
            json!("line\nbreak"),
            json!("ends "),
            json!("furniture"),
            json!(["x"]),
        ]),
        Value::Bool(_) => wrongs.extend([json!(0), json!("true")]),
        Value::Array(_) => wrongs.extend([json!([]), json!([null]), json!("x")]),
        _ => wrongs.extend([json!([null]), json!("x"), json!(1)]),
    }
    wrongs
}
