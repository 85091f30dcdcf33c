//! The reference estate reads, shows every field, and tells the truth about defaults.

use serde_json::Value;

#[test]
fn the_reference_reads_clean() {
    let estate = settings::read("estate.default.toml", settings::reference()).unwrap();
    assert_eq!(estate.places(), ["wms-north", "wms-south"]);
    assert_eq!(estate.connections.len(), 11);
    assert_eq!(estate.connection("stripe").unwrap().limits.rate, Some(90));
    assert_eq!(estate.connection("shop").unwrap().url, None);
}

/// Without all from the line that begins so to the next that begins with the other.
fn without(text: &str, from: &str, until: &str) -> String {
    let begin = text.find(&format!("\n{from}")).map_or(text.len(), |at| at + 1);
    let end = text[begin..].find(&format!("\n{until}")).map_or(text.len(), |at| begin + at + 1);
    format!("{}{}", &text[..begin], &text[end..])
}

#[test]
fn what_it_shows_is_what_holds_when_left_out() {
    let mut whole = settings::read("e", settings::reference()).unwrap();
    let short = without(settings::reference(), "[policy]", "never");
    let short = without(&short, "[hub]", "# One [[connection]]");
    let short = without(&without(&short, "tenant", "entity"), "entity", "#");
    let given = ["[policy", "[hub", "tenant", "entity"];
    assert!(!short.lines().any(|line| given.iter().any(|part| line.starts_with(part))), "{short}");
    let mut left_out = settings::read("e", &short).unwrap();
    // A channel that is served by the default pool need not be listed.
    assert_eq!(left_out.policy.pool_of("shop"), whole.policy.pool_of("shop"));
    whole.policy.channels.clear();
    assert_eq!(left_out.policy, whole.policy);
    assert_eq!((&left_out.tenant, &left_out.entity), (&whole.tenant, &whole.entity));
    assert_eq!(left_out.hub.api_token, None, "the one thing that has no default");
    left_out.hub.api_token = whole.hub.api_token.clone();
    assert_eq!(left_out.hub, whole.hub);
}

fn keys(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            into.push(key.clone());
            keys(value, into);
        }),
        Value::Array(items) => items.iter().for_each(|item| keys(item, into)),
        _ => {}
    }
}

#[test]
fn every_field_of_an_estate_stands_in_it() {
    let estate = settings::read("e", settings::reference()).unwrap();
    let mut all = Vec::new();
    keys(&serde_json::to_value(&estate).unwrap(), &mut all);
    assert!(all.len() > 80, "{}", all.len());
    // In the file these are called otherwise, or are not written there at all.
    let renamed = ["connections", "routes", "band", "secrets", "role", "at", "revision"];
    for key in all.iter().filter(|key| !renamed.contains(&key.as_str())) {
        assert!(settings::reference().contains(key.as_str()), "{key}");
    }
}

#[test]
fn whatever_is_cut_off_or_left_out_is_told_within_the_text() {
    let text = settings::reference();
    let lines: Vec<&str> = text.lines().collect();
    let cut = (0..text.len()).step_by(41).filter_map(|end| text.get(..end)).map(str::to_owned);
    let left_out = (0..lines.len()).map(|n| [&lines[..n], &lines[n + 1..]].concat().join("\n"));
    let mut refused = 0;
    for broken in cut.chain(left_out) {
        let faults = settings::read("e", &broken).err().unwrap_or_default();
        refused += usize::from(!faults.is_empty());
        for fault in faults {
            let line = broken.split('\n').nth(fault.line - 1).unwrap_or_default();
            assert!(fault.column <= line.chars().count() + 1, "{fault}\n{broken}");
        }
    }
    assert!(refused > 100, "{refused}");
}
