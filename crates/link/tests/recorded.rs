//! Real payloads, recorded by others (each folder's PROVENANCE.md): every one must be taken, ignored, or
//! parked with a reason that names a field. Skipped where the recordings are not at hand.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers stand outside #[test] functions

use link::{Connector, Endpoint, Folder, InboundRequest, Intake, Scheme};
use retail::time::Time;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const NOW: Time = Time(1_767_607_200_000);
const SECRET: &str = "whsec_c2VjcmV0";

fn shared() -> PathBuf {
    match std::env::var_os("CROSSDOCK_SHARED") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    }
    .join("data")
}

fn connector(name: &str) -> Connector {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors").join(name);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    Connector::compile(&Folder { files }, None).unwrap()
}

/// File name, headers, body.
type Recording = (String, Vec<(String, String)>, Vec<u8>);

/// Each recording of a folder.
fn recordings(folder: &Path) -> Vec<Recording> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut out = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let whole: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
        let headers: BTreeMap<String, String> = whole
            .as_ref()
            .and_then(|v| serde_json::from_value(v["headers"].clone()).ok())
            .unwrap_or_default();
        #[derive(serde::Deserialize)]
        struct Envelope {
            body: Box<serde_json::value::RawValue>,
        }
        let body = match serde_json::from_slice::<Envelope>(&bytes) {
            Ok(envelope) => envelope.body.get().as_bytes().to_vec(),
            Err(_) => bytes,
        };
        out.push((name, headers.into_iter().collect(), body));
    }
    out.sort();
    out
}

/// What became of each recording, by kind.
#[derive(Default, Debug)]
struct Tally {
    taken: Vec<String>,
    ignored: usize,
    parked: Vec<(String, String)>,
}

fn run(name: &str, scheme: Scheme, folder: &str) -> Option<Tally> {
    let connector = connector(name);
    let endpoint = Endpoint {
        url: "https://x.test".to_owned(),
        conf: serde_json::json!({"source": "shop"}),
        secret: BTreeMap::from([("hook".to_owned(), SECRET.to_owned())]),
        ..Endpoint::default()
    };
    let recordings = recordings(&shared().join(folder));
    if recordings.is_empty() {
        return None;
    }
    let mut tally = Tally::default();
    for (file, mut headers, body) in recordings {
        headers.retain(|(key, _)| !key.contains("hmac") && !key.contains("signature"));
        headers.extend(scheme.sign("m", &body, SECRET, NOW));
        let request = InboundRequest { path: "/", headers: &headers, body: &body };
        match connector.intake(&request, &endpoint, NOW, "t") {
            Intake::Taken { key, events } => {
                assert!(!key.is_empty() && !events.is_empty(), "{file}");
                tally.taken.extend(events.into_iter().map(|event| format!("{file}: {}", event.kind)));
            }
            Intake::Ignored { .. } => tally.ignored += 1,
            Intake::Parked { why, .. } => tally.parked.push((file, why)),
            Intake::Refused { why, .. } => panic!("{file} is refused: {why}"),
        }
    }
    Some(tally)
}

#[test]
fn shopify_s_recorded_webhooks() {
    let Some(tally) = run("shopify", Scheme::Shopify, "shopify/webhooks") else { return };
    for (file, why) in &tally.parked {
        assert!(why.contains(": ."), "{file} names no field: {why}");
    }
    assert!(
        tally.taken.iter().any(|line| line.contains("orders.cancelled.json: order.cancel_requested")),
        "{tally:?}"
    );
    assert!(
        tally
            .parked
            .iter()
            .any(|(file, why)| file.contains("orders.create") && why.contains(".payment_gateway_names")),
        "{tally:?}"
    );
    assert!(
        tally.taken.iter().any(|line| line.contains("returns.request.json: return.requested")),
        "its lines have no SKU: {tally:?}"
    );
    assert!(tally.ignored > 70, "{tally:?}");
}

#[test]
fn stripe_s_recorded_events() {
    let Some(tally) = run("stripe", Scheme::Stripe, "stripe/events") else { return };
    for (file, why) in &tally.parked {
        assert!(why.contains(": ."), "{file} names no field: {why}");
    }
    assert!(
        tally.parked.iter().any(|(file, why)| file.contains("charge.refund.updated")
            && why.contains(".payment_intent is missing")),
        "{tally:?}"
    );
    assert!(tally.ignored > 20, "{tally:?}");
}

/// Fragments and objects that are no webhooks at all, put where an order or event is expected.
#[test]
fn odd_fragments_never_get_through_unnoticed() {
    for (name, scheme, folder, topic) in [
        ("shopify", Scheme::Shopify, "shopify/odd", Some("orders/create")),
        ("shopify", Scheme::Shopify, "shopify/rest", Some("orders/create")),
        ("shopify", Scheme::Shopify, "shopify/rest", Some("returns/request")),
        ("stripe", Scheme::Stripe, "stripe/objects", None),
    ] {
        let connector = connector(name);
        let endpoint = Endpoint {
            url: String::new(),
            conf: serde_json::json!({"source": "shop"}),
            secret: BTreeMap::from([("hook".to_owned(), SECRET.to_owned())]),
            ..Endpoint::default()
        };
        for (file, _, body) in recordings(&shared().join(folder)) {
            let mut headers = scheme.sign("m", &body, SECRET, NOW);
            headers.extend(topic.map(|topic| ("X-Shopify-Topic".to_owned(), topic.to_owned())));
            headers.push(("X-Shopify-Event-Id".to_owned(), "e".to_owned()));
            let request = InboundRequest { path: "/", headers: &headers, body: &body };
            match connector.intake(&request, &endpoint, NOW, "t") {
                Intake::Parked { why, .. } => assert!(!why.is_empty(), "{file}"),
                Intake::Ignored { .. } => assert!(topic.is_none(), "{file} was ignored"),
                other => panic!("{folder}/{file}: {other:?}"),
            }
        }
    }
}

/// Signature vectors of others' test suites.
#[test]
fn others_signature_vectors() {
    let Ok(text) = std::fs::read_to_string(shared().join("stripe/signatures/signature_vectors.json")) else {
        return;
    };
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let body =
            std::fs::read(shared().join("stripe/signatures").join(case["body_file"].as_str().unwrap()))
                .unwrap();
        let headers = [("Stripe-Signature".to_owned(), case["header"].as_str().unwrap().to_owned())];
        let now = Time(case["clock"].as_i64().unwrap() * 1_000);
        let tolerance = retail::time::Span::seconds(case["tolerance"].as_i64().unwrap());
        let verdict =
            Scheme::Stripe.verify(&headers, &body, case["secret"].as_str().unwrap(), tolerance, now);
        assert_eq!(verdict.is_ok(), case["valid"].as_bool().unwrap(), "{case}");
    }
}
