//! What the journal does not keep: of an address only country, region and postcode, since the rest is about a
//! person.

use retail::envelope::{Json, json};
use serde_json::{Map, Value};

/// Members that hold an address, as they stand in the text.
const ADDRESSES: [&str; 4] = ["\"ship_to\"", "\"bill_to\"", "\"to\"", "\"from\""];
/// What of an address tells nothing of a person.
const AREA: [&str; 3] = ["country", "region", "postcode"];

/// The same data without what is about a person; `None` where there is nothing of that kind.
pub(crate) fn without_persons(data: &Json) -> Option<Json> {
    let text = data.get();
    if !ADDRESSES.iter().any(|member| text.contains(member)) {
        return None;
    }
    let mut members: Map<String, Value> = serde_json::from_str(text).ok()?;
    let mut found = false;
    for member in ADDRESSES {
        if let Some(Value::Object(address)) = members.get_mut(member.trim_matches('"')) {
            let before = address.len();
            address.retain(|name, _| AREA.contains(&name.as_str()));
            found |= address.len() < before;
        }
    }
    if found { json(&members).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Option<String> {
        let data: Json = serde_json::from_str(text).unwrap();
        without_persons(&data).map(|j| j.get().to_owned())
    }

    #[test]
    fn an_address_keeps_its_area_and_everything_else_stays() {
        let text = r#"{"order":"s-1","ship_to":{"name":"Ann","country":"GB","postcode":"N1"},"total":9007199254740993}"#;
        let left = kept(text).unwrap();
        assert!(!left.contains("Ann"));
        for part in [r#""order":"s-1""#, r#""country":"GB""#, r#""postcode":"N1""#, "9007199254740993"] {
            assert!(left.contains(part), "{left}");
        }
    }

    #[test]
    fn what_has_no_person_in_it_is_left_alone() {
        for text in [
            r#"{"order":"s-1","total":1}"#,
            r#"{"from":"north","to":"south","lines":[]}"#,
            r#"{"ship_to":{"country":"GB"}}"#,
            "7",
        ] {
            assert_eq!(kept(text), None, "{text}");
        }
    }
}
