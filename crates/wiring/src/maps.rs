//! Value maps of the estate among a connection's settings, where its connector looks for them.

use link::Connector;
use serde_json::{Map, Value};
use settings::{Connection, Estate, Fault};

/// A connection's settings with the entries of the estate's maps as `maps`.
pub fn conf(estate: &Estate, connection: &Connection) -> Value {
    let mut conf = connection.conf.clone();
    let mut maps = Map::new();
    for (own, name) in &connection.maps {
        let values = estate.maps.get(name).into_iter().flat_map(|map| &map.values);
        let entries = values.map(|(from, to)| (from.clone(), Value::from(to.as_str())));
        maps.insert(own.clone(), Value::Object(entries.collect()));
    }
    if !maps.is_empty() {
        conf.insert("maps".to_owned(), Value::Object(maps));
    }
    Value::Object(conf)
}

/// Maps that the connector does not ask for, or of another list than it asks for.
pub fn faults(estate: &Estate, n: usize, connector: &Connector) -> Vec<Fault> {
    let named = estate.connections.get(n).into_iter().flat_map(|connection| &connection.maps);
    let fault = |(own, name): (&String, &String)| {
        let path = format!("connection[{n}].maps.{own}");
        let Some(wanted) = connector.maps().get(own) else {
            let known: Vec<&str> = connector.maps().keys().map(String::as_str).collect();
            let message = format!("the connector {} has no value map {own}", connector.name());
            return Some(estate.fault(&path, message, known.join(", ")));
        };
        let given = estate.maps.get(name)?;
        (given.kind != wanted.kind).then(|| {
            let message = format!("[maps.{name}] is of {}, not of {}", given.kind.code(), wanted.kind.code());
            estate.fault(&path, message, format!("kind = \"{}\"", wanted.kind.code()))
        })
    };
    named.filter_map(fault).collect()
}
