//! The folder of a rehearsal: random secrets in files, the estate that names them, the look-alikes' configuration.

use crate::live::error::LiveError;
use crate::live::lab::Postgres;
use crate::live::whole;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The two warehouses, in the order in which the hub asks them.
pub(crate) const FIRST: &str = "wms-north";
pub(crate) const SECOND: &str = "wms-south";
/// Systems that speak the canonical contract; the storefront's status connection is the sixth.
const CANONICAL: [&str; 5] = ["erp", "oms", FIRST, SECOND, "returns"];

/// What the estate says about returns.
#[derive(Clone, Debug)]
pub(crate) struct ReturnsPolicy {
    pub window_days: i64,
    pub inspect_first: Vec<String>,
}

/// The secrets of one rehearsal: made at random, kept in files of the folder.
pub(crate) struct Secrets {
    values: BTreeMap<String, String>,
}

fn random(bytes: &mut [u8]) -> Result<(), LiveError> {
    let fault = |e: getrandom::Error| LiveError::Trade(format!("the system gives no random numbers: {e}"));
    getrandom::fill(bytes).map_err(fault)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

impl Secrets {
    /// Makes them and writes each to a file that only its owner may read.
    pub(crate) fn make(folder: &Path) -> Result<Self, LiveError> {
        let secrets = folder.join("secrets");
        fs::create_dir_all(&secrets).map_err(|e| LiveError::file(&secrets, &e))?;
        let mut values = BTreeMap::new();
        let plain = ["api_token", "shop_token", "shop_hook", "stripe_key"].map(str::to_owned);
        let canonical = || CANONICAL.iter().chain(&whole::SYSTEMS);
        let tokens = canonical().map(|s| format!("{s}_token"));
        let hooks = canonical()
            .map(|s| format!("{s}_hook"))
            .chain(["stripe_hook".to_owned(), "shop-status_hook".to_owned()]);
        for name in plain.into_iter().chain(tokens) {
            let mut bytes = [0; 24];
            random(&mut bytes)?;
            let prefix = if name == "stripe_key" { "sk_test_" } else { "" };
            values.insert(name, format!("{prefix}{}", hex(&bytes)));
        }
        for name in hooks {
            let mut bytes = [0; 24];
            random(&mut bytes)?;
            values.insert(name, format!("whsec_{}", STANDARD.encode(bytes)));
        }
        for (name, value) in &values {
            private(&secrets.join(name), value)?;
        }
        Ok(Self { values })
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |v| v)
    }
}

/// Writes a file that only its owner may read.
fn private(path: &Path, text: &str) -> Result<(), LiveError> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|e| LiveError::file(path, &e))
}

/// What the estate says of the hub's store; a password goes into a file beside the other secrets.
pub(crate) fn store(folder: &Path, postgres: Option<&Postgres>) -> Result<String, LiveError> {
    let Some(Postgres { address, password }) = postgres else { return Ok("sqlite".to_owned()) };
    let Some(password) = password else { return Ok(address.clone()) };
    private(&folder.join("secrets/store_password"), password)?;
    Ok(format!("{address}&password=file:secrets/store_password"))
}

/// What a connection says so that the hub finds what its system fails to post, and soon believes a look-up that finds
/// nothing: a look-alike's lists lag by half a second.
pub(crate) const WATCHED: &str = ", feed = true, feed_every = \"1s\", settle = \"3s\"";

/// The estate file. `lab` is where the look-alikes listen, `listen` the hub's own address, `store` where it keeps what
/// must survive; `faults` says that they behave badly.
pub(crate) fn estate(
    lab: &str,
    listen: &str,
    store: &str,
    returns: &ReturnsPolicy,
    publish_ms: u64,
    faults: bool,
) -> String {
    let watched = if faults { WATCHED } else { "" };
    let stripe = watched.trim_start_matches(", ");
    let shop = if faults { WATCHED.split(", settle").next().unwrap_or_default() } else { "" };
    let mut text = format!(
        r#"# Written by a rehearsal.
tenant = "main"
entity = "main"

[hub]
listen = "{listen}"
api_token = "file:secrets/api_token"
store = "{store}"

[[connection]]
name = "shop"
connector = "shopify"
url = "{lab}/shop"
secret = {{ hook = "file:secrets/shop_hook", token = "file:secrets/shop_token" }}
conf = {{ source = "shop"{shop} }}

[[connection]]
name = "shop-status"
connector = "canonical"
url = "{lab}/shop"
plays = ["storefront:shop"]
in_flight = 16
rate = 100000
secret = {{ token = "file:secrets/shop_token", hook = "file:secrets/shop-status_hook" }}
conf = {{ lists = true }}

[[connection]]
name = "stripe"
connector = "stripe"
url = "{lab}/stripe"
plays = ["payments:stripe"]
in_flight = 16
rate = 100000
secret = {{ key = "file:secrets/stripe_key", hook = "file:secrets/stripe_hook" }}
conf = {{ {stripe} }}
"#
    );
    for system in CANONICAL {
        let plays = if system.starts_with("wms-") { format!("wms:{system}") } else { system.to_owned() };
        let pool = if system.starts_with("wms-") { ", pool = \"main\"" } else { "" };
        let conf = format!("lists = true{pool}{watched}");
        text += &format!(
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
        );
    }
    let categories: Vec<String> = returns.inspect_first.iter().map(|c| format!("{c:?}")).collect();
    text += &format!(
        r#"
[policy.pools.main]
places = ["{FIRST}", "{SECOND}"]
publish_to = ["shop"]
publish_after = "{publish_ms}ms"

[policy.returns]
place = "{FIRST}"
window_days = {}
inspect_first = [{}]
"#,
        returns.window_days,
        categories.join(", ")
    );
    text
}

/// The door between a look-alike and the hub: its token, its secret, and where its webhooks go.
fn link(secrets: &Secrets, (token, secret): (&str, &str), intake: &str) -> Value {
    json!({
        "token": secrets.get(token), "secret": secrets.get(secret), "intake": format!("/in/{intake}"),
        "retry": {"first_ms": 50, "factor": 2, "max_ms": 400, "tries": 0},
    })
}

/// The same for one that speaks the canonical contract under its own name.
pub(crate) fn canonical(secrets: &Secrets, system: &str) -> Value {
    link(secrets, (&format!("{system}_token"), &format!("{system}_hook")), system)
}

/// How the look-alikes are set up, for `crossdock lookalikes --config`. `rejects`: returned lines in a thousand that
/// turn out not to be ours or unusable.
pub(crate) fn world(secrets: &Secrets, hub: &str, seed: u64, ordered: bool, rejects: u32) -> Value {
    let canonical = |system: &str| canonical(secrets, system);
    let mut shop = link(secrets, ("shop_token", "shop_hook"), "shop");
    if let Value::Object(members) = &mut shop {
        members.insert("ordered".to_owned(), json!(ordered));
    }
    let warehouse = |system: &str| {
        json!({
            "link": canonical(system), "place": system, "grades": {"b": 100, "c": 40, "x": rejects},
        })
    };
    json!({
        "hub": hub,
        "seed": seed,
        "shop": {"link": shop, "source": "shop"},
        "stripe": {"link": link(secrets, ("stripe_key", "stripe_hook"), "stripe")},
        "erp": {"link": canonical("erp")},
        "oms": {"link": canonical("oms"), "places": [FIRST, SECOND]},
        FIRST: warehouse(FIRST),
        SECOND: warehouse(SECOND),
        "returns": {"link": canonical("returns")},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estate_names_secrets_and_holds_none() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::make(folder.path()).unwrap();
        let returns = ReturnsPolicy { window_days: 400, inspect_first: vec!["candles".into()] };
        let postgres =
            Postgres { address: "postgres:///x?user=u".to_owned(), password: Some("hush".to_owned()) };
        let store = store(folder.path(), Some(&postgres)).unwrap();
        let text = estate("http://127.0.0.1:9", "127.0.0.1:8", &store, &returns, 20, false);
        assert_eq!(
            text.lines().find(|line| line.starts_with("store")),
            Some(r#"store = "postgres:///x?user=u&password=file:secrets/store_password""#)
        );
        assert_eq!(fs::read_to_string(folder.path().join("secrets/store_password")).unwrap(), "hush");
        let read: toml::Table = text.parse().unwrap();
        assert_eq!(read["connection"].as_array().unwrap().len(), 8);
        assert_eq!(read["policy"]["returns"]["inspect_first"][0].as_str(), Some("candles"));
        for value in secrets.values.values() {
            assert!(!text.contains(value));
        }
        // Every file that it names is there and holds what the look-alikes are told.
        let mut named = 0;
        for reference in text.split("\"file:").skip(1).filter_map(|rest| rest.split('"').next()) {
            let name = reference.strip_prefix("secrets/").unwrap();
            assert_eq!(fs::read_to_string(folder.path().join(reference)).unwrap(), secrets.get(name));
            named += 1;
        }
        assert_eq!(named, 17);
    }

    #[test]
    fn two_rehearsals_have_different_secrets() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (a, b) = (Secrets::make(a.path()).unwrap(), Secrets::make(b.path()).unwrap());
        assert!(a.values.iter().all(|(name, value)| b.get(name) != value && value.len() >= 38));
        let (a, b) = (world(&a, "http://h", 1, true, 0), world(&b, "http://h", 1, false, 10));
        assert_ne!(a["erp"]["link"]["secret"], b["erp"]["link"]["secret"]);
        assert_eq!(
            (&a["shop"]["link"]["ordered"], &b["wms-north"]["grades"]["x"]),
            (&json!(true), &json!(10))
        );
    }
}
