//! What is different between two estates, in words.

use crate::estate::Estate;
use serde_json::{Map, Value};

/// Every setting that differs, in the order of its name: `policy.returns.window_days: 30 → 14`. Connections are told
/// apart by name. Secrets are not in an estate, so none is shown.
#[must_use]
pub fn changes(old: &Estate, new: &Estate) -> Vec<String> {
    let mut told = Vec::new();
    if let (Some(old), Some(new)) = (shown(old), shown(new)) {
        differ("", Some(&Value::Object(old)), Some(&Value::Object(new)), &mut told);
    }
    told
}

fn shown(estate: &Estate) -> Option<Map<String, Value>> {
    let Value::Object(mut all) = serde_json::to_value(estate).ok()? else { return None };
    all.remove("revision");
    if let Some(Value::Array(list)) = all.remove("connections") {
        let named = list.into_iter().filter_map(|mut one| {
            let name = one.as_object_mut()?.remove("name")?;
            Some((name.as_str()?.to_owned(), one))
        });
        all.insert("connection".to_owned(), Value::Object(named.collect()));
    }
    Some(all)
}

fn differ(path: &str, old: Option<&Value>, new: Option<&Value>, told: &mut Vec<String>) {
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                differ(&inner, old.get(name), new.get(name), told);
            }
        }
        (old, new) if old == new => {}
        (None, Some(new)) if new.is_object() => told.push(format!("{path}: added")),
        (Some(old), None) if old.is_object() => told.push(format!("{path}: removed")),
        (None, Some(new)) => told.push(format!("{path}: added, {new}")),
        (Some(old), None) => told.push(format!("{path}: removed, was {old}")),
        (Some(old), Some(new)) => told.push(format!("{path}: {old} → {new}")),
        (None, None) => {}
    }
}
