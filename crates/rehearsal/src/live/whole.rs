//! What a whole estate has beside the small one: who checks, taxes, carries, tells, serves and keeps stored value.

use crate::live::estate::{Secrets, WATCHED, canonical};
use serde_json::{Value, json};

/// Systems that a retailer may do without. All speak the canonical contract.
pub(crate) const SYSTEMS: [&str; 8] =
    ["customers", "promotions", "tax", "fraud", "carrier", "notifications", "service", "giftcards"];

/// Their connections, to be written after the small estate; `faults` says that they behave badly.
pub(crate) fn connections(lab: &str, faults: bool) -> String {
    let conf = format!("lists = true{}", if faults { WATCHED } else { "" });
    SYSTEMS
        .iter()
        .map(|system| {
            let plays = if *system == "giftcards" { "payments:giftcards" } else { system };
            format!(
                r#"
[[connection]]
name = "{system}"
connector = "canonical"
url = "{lab}/{system}"
plays = ["{plays}"]
in_flight = 16
rate = 100000
secret = {{ token = "file:secrets/{system}_token", hook = "file:secrets/{system}_hook" }}
conf = {{ {conf} }}
"#
            )
        })
        .collect()
}

/// How their look-alikes are set up, put into the small world's configuration.
pub(crate) fn world(secrets: &Secrets, world: &mut Value) {
    for system in SYSTEMS {
        world[system] = json!({"link": canonical(secrets, system)});
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_has_its_look_alike_and_its_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::make(folder.path()).unwrap();
        let mut set_up = json!({});
        world(&secrets, &mut set_up);
        let read: toml::Table = connections("http://lab", true).parse().unwrap();
        let all = read["connection"].as_array().unwrap();
        assert_eq!(all.len(), SYSTEMS.len());
        for connection in all {
            let name = connection["name"].as_str().unwrap();
            let token = connection["secret"]["token"].as_str().unwrap().strip_prefix("file:").unwrap();
            let held = std::fs::read_to_string(folder.path().join(token)).unwrap();
            assert_eq!(set_up[name]["link"]["token"], held.as_str());
            assert_eq!(set_up[name]["link"]["intake"], format!("/in/{name}"));
            assert_eq!(connection["conf"]["feed"].as_bool(), Some(true));
        }
    }
}
