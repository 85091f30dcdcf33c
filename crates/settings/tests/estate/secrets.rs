//! Secrets are named, found by the caller, and never shown.

use crate::common::{SMALL, and, with, wrong};
use settings::{Resolver, Secret, SecretRef, read};

const HUSH: &str = "sk_live_51HushHush";
const REFUSED: &str = "a secret is named here, never written (what stands here is not shown); \
                       try: env:NAME or file:PATH";

#[test]
fn a_secret_that_is_written_out_is_refused_and_not_shown() {
    assert_eq!(wrong(&with("env:STRIPE_KEY", HUSH)), [format!("30:18: connection[4].secret.key: {REFUSED}")]);
    assert_eq!(
        wrong(&and(&format!("[hub]\napi_token = \"{HUSH}\"\n"))),
        [format!("33:13: hub.api_token: {REFUSED}")]
    );
}

#[test]
fn a_secret_is_not_shown_wherever_it_was_put() {
    let quoted = format!("\"{HUSH}\"");
    let texts = [
        with("\"env:STRIPE_KEY\"", &format!("[{quoted}]")),
        with("\"env:STRIPE_KEY\"", &format!("{{ value = {quoted} }}")),
        with("{ key = \"env:STRIPE_KEY\" }", &quoted),
        with("https://api.stripe.com", &format!("https://{HUSH}@api.stripe.com")),
        with("https://api.stripe.com", &format!("{HUSH}@api.stripe.com")),
        and(&format!("[hub]\nstore = \"postgres://u:{HUSH}@localhost/x\"\n")),
        and(&format!("[hub]\nstore = \"postgres:///x?user=u&password={HUSH}\"\n")),
        and(&format!("[hub]\nstore = \"mysql://{HUSH}@localhost/x\"\n")),
        with("conf = {", &format!("conf = {{ api_key = {quoted}, nested = {{ Client_Secret = {quoted} }},")),
        and(&format!("token = {quoted}\n")),
        and(&format!("secret_key = {quoted}\nin_flight = {quoted}\n")),
        and(&format!("[hub]\napi_token = {quoted} {quoted}\n")),
    ];
    for text in texts {
        let told = wrong(&text);
        assert!(!told.is_empty(), "{text}");
        assert!(told.iter().all(|fault| !fault.contains("Hush")), "{told:?}");
    }
}

#[test]
fn a_setting_called_like_a_secret_belongs_elsewhere() {
    assert_eq!(
        wrong(&with("conf = {", "conf = { token_url = \"x\", client_secret = \"hush\",")),
        ["31:27: connection[4].conf.client_secret: a secret does not belong among settings; \
             try: secret = { client_secret = \"env:NAME\" }"]
    );
    assert_eq!(
        wrong(&with("secret = { key", "secret = { \"Key 1\"")),
        ["30:12: connection[4].secret.\"Key 1\": a secret's name is not one that a connector may ask for; \
             try: a-z, 0-9 and underline"]
    );
}

/// Knows what is set, like an environment.
struct Known<'a>(&'a [(&'a str, &'a str)]);

impl Resolver for Known<'_> {
    fn resolve(&self, reference: &SecretRef) -> Result<Secret, String> {
        let written = reference.to_string();
        let found = self.0.iter().find(|(name, _)| *name == written);
        found.map(|(_, value)| Secret::new(value)).ok_or_else(|| "it is not set".to_owned())
    }
}

#[test]
fn the_caller_finds_secrets_and_nothing_prints_them() {
    let estate = read("e", &and("[hub]\napi_token = \"file:token\"\n")).unwrap();
    let known = Known(&[("env:STRIPE_KEY", HUSH), ("file:token", "Hush-token\n")]);
    let secrets = estate.secrets(&known).unwrap();
    assert_eq!(secrets.of("stripe", "key").unwrap().expose(), HUSH);
    assert!(secrets.of("stripe", "hook").is_none() && secrets.of("paypal", "key").is_none());
    assert!(secrets.api_token.as_ref().unwrap().matches("Hush-token"));
    let printed = format!("{secrets:?} {estate:?} {}", serde_json::to_string(&estate).unwrap());
    assert!(!printed.contains("Hush") && printed.contains("Secret(***)"), "{printed}");
    assert!(printed.contains("env:STRIPE_KEY"), "where it is to be found is no secret");
}

#[test]
fn every_secret_that_is_not_there_is_told() {
    let estate = read("e", &and("[hub]\napi_token = \"file:token\"\n")).unwrap();
    let failed = estate.secrets(&Known(&[("file:token", " \n")])).unwrap_err();
    let told: Vec<String> = failed.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "e:30:18: connection[4].secret.key: env:STRIPE_KEY gives no secret: it is not set; \
             try: setting the variable STRIPE_KEY for the hub",
            "e:33:13: hub.api_token: file:token gives no secret: it is empty; \
             try: writing the secret into the file token, readable by the hub alone",
        ]
    );
    assert!(read("e", SMALL).unwrap().secrets(&Known(&[])).is_err());
}

#[test]
fn a_secret_that_is_replaced_names_both_and_an_end() {
    let rotating = "{ now = \"env:NEW\", before = \"file:old\", until = 2026-12-01T00:00:00Z }";
    let estate = read("e", &with("\"env:STRIPE_KEY\"", rotating)).unwrap();
    let stripe = estate.connection("stripe").unwrap();
    assert_eq!(stripe.secrets["key"].to_string(), "env:NEW");
    assert_eq!(stripe.before["key"].secret.to_string(), "file:old");
    assert_eq!(stripe.before["key"].until.to_string(), "2026-12-01T00:00:00Z");
    let secrets = estate.secrets(&Known(&[("env:NEW", "Hush-new"), ("file:old", HUSH)])).unwrap();
    assert_eq!(secrets.of("stripe", "key").unwrap().expose(), "Hush-new");
    assert_eq!(secrets.before["stripe"]["key"].expose(), HUSH);
    assert!(!format!("{secrets:?} {estate:?}").contains("Hush"));
    let missing = estate.secrets(&Known(&[("env:NEW", "Hush-new")])).unwrap_err();
    assert_eq!(missing[0].path, "connection[4].secret.key.before");
    assert_eq!(missing[0].line, 30, "the line of the secret");

    for (bad, told) in [
        ("{ now = \"env:NEW\", before = \"env:OLD\" }", "until = 2026-12-01T00:00:00Z"),
        ("{ now = \"env:NEW\", until = 2026-12-01T00:00:00Z }", "before = \"env:OLD\""),
        ("{ before = \"env:OLD\", until = 2026-12-01T00:00:00Z }", "now = \"env:NEW\""),
        ("{ now = \"env:NEW\", before = \"env:OLD\", until = 2026-12-01 }", "a time with its zone is needed"),
        ("{ now = \"env:NEW\", before = \"env:OLD\", until = \"soon\" }", "a time with its zone is needed"),
        (
            "{ now = \"sk_live_51HushHush\", before = \"env:OLD\", until = 2026-12-01T00:00:00Z }",
            "env:NAME or file:PATH",
        ),
        ("{ now = \"env:NEW\", before = \"env:OLD\", until = 2026-12-01T00:00:00Z, til = 1 }", "til"),
    ] {
        let faults = wrong(&with("\"env:STRIPE_KEY\"", bad));
        assert_eq!(faults.len(), 1, "{bad}: {faults:?}");
        assert!(faults[0].starts_with("30:") && faults[0].contains(told), "{bad}: {faults:?}");
        assert!(!faults[0].contains("Hush"), "{faults:?}");
    }
}
