//! Every payload that others recorded of Shopify and Stripe, through the shipped connectors and into the processes:
//! taken, parked with a reason that names the field, or of a topic that its connector leaves alone by name. None
//! panics and none is lost. Prints a table (`--nocapture`). Where the recordings are not at hand there is nothing to try.

#![allow(clippy::unwrap_used, clippy::panic)]

use flows::{Flows, Policy};
use hub::process::{Process as _, Rows, Stimulus};
use link::{Connector, Endpoint, InboundRequest, Intake, Scheme};
use retail::envelope::Event;
use retail::time::Time;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const NOW: Time = Time(1_767_607_200_000);
const SECRET: &str = "whsec_c2VjcmV0";

fn shared() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    std::env::var_os("CROSSDOCK_SHARED").map_or(beside, PathBuf::from).join("data")
}

/// A recording: its path, headers and body. Some are whole requests, others bodies alone.
struct Recording {
    file: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

#[derive(serde::Deserialize)]
struct Request {
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Box<serde_json::value::RawValue>,
}

fn recordings(folder: &str, into: &mut Vec<Recording>) {
    let Ok(entries) = std::fs::read_dir(shared().join(folder)) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let file = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            recordings(&file, into);
        } else if path.extension().is_some_and(|e| e == "json") {
            let bytes = std::fs::read(&path).unwrap();
            into.push(match serde_json::from_slice::<Request>(&bytes) {
                Ok(r) => Recording { file, headers: r.headers, body: r.body.get().as_bytes().to_vec() },
                Err(_) => Recording { file, headers: BTreeMap::new(), body: bytes },
            });
        }
    }
    into.sort_by(|a, b| a.file.cmp(&b.file));
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Became {
    Taken,
    Parked,
    LeftAlone,
}

struct Row {
    file: String,
    topic: String,
    became: Became,
    why: String,
}

fn connector(name: &str) -> Connector {
    Connector::compile(&wiring::shipped()[name], None).unwrap()
}

/// What is parked says which member is at fault; what is left alone is so by its connector's own word.
fn judged(rows: &[Row]) {
    println!("{}", table(rows));
    for row in rows {
        let named = match row.became {
            Became::Taken => true,
            // The path of a member, or where in the text it is no JSON.
            Became::Parked => {
                row.why.contains(": .") || row.why.contains("at byte") || row.why.contains("with \"")
            }
            Became::LeftAlone => row.why == format!("messages of {:?} are left alone", row.topic),
        };
        assert!(named, "{} {}: {}", row.file, row.topic, row.why);
    }
}

/// Whether a file met this end, for a reason like this; true where there are no recordings.
fn met(rows: &[Row], file: &str, became: Became, why: &str) -> bool {
    let is = |row: &Row| row.file.contains(file) && row.became == became && row.why.contains(why);
    rows.is_empty() || rows.iter().any(is)
}

/// What becomes of one message: understood by the connector, then decided by the process that it is for.
fn offer(
    connector: &Connector,
    flows: &Flows,
    headers: Vec<(String, String)>,
    body: &[u8],
) -> (Became, String) {
    let endpoint = Endpoint {
        url: "https://x.test".to_owned(),
        conf: serde_json::json!({"source": "shop"}).into(),
        secret: BTreeMap::from([("hook".to_owned(), SECRET.to_owned())]),
        ..Endpoint::default()
    };
    let request = InboundRequest { path: "/", headers: &headers, body };
    match connector.intake(&request, &endpoint, NOW, "t") {
        Intake::Refused { why, .. } => panic!("well signed, and refused: {why}"),
        Intake::Ignored { why } => (Became::LeftAlone, why),
        Intake::Wakes { polls } => panic!("it wakes {polls:?}, and the connector's messages say more"),
        Intake::Parked { key, code, why } => {
            assert!(!key.is_empty());
            (Became::Parked, format!("{code}: {why}"))
        }
        Intake::Taken { key, events, .. } => {
            assert!(!key.is_empty() && !events.is_empty());
            let mut kinds = Vec::new();
            for event in events {
                kinds.push(format!("{} of {}/{}", event.kind, event.name.kind, event.name.value));
                if let Err(why) = decide(flows, event) {
                    return (Became::Parked, why);
                }
            }
            (Became::Taken, kinds.join(", "))
        }
    }
}

fn decide(flows: &Flows, event: Event) -> Result<(), String> {
    let name = event.name.clone();
    // A payment that no case has taken as a name yet waits for its case; the hub keeps it.
    if !flows.opens(&name.kind) {
        return Ok(());
    }
    let stimulus = Stimulus::Event(event);
    let decided = flows.decide(&name, None, &Rows::new(), &stimulus, NOW);
    decided.map(|_| ()).map_err(|fault| format!("{}: {}", fault.code, fault.why))
}

fn table(rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows {
        writeln!(out, "{:?}\t{}\t{}\t{}", row.became, row.file, row.topic, row.why).unwrap();
    }
    for became in [Became::Taken, Became::Parked, Became::LeftAlone] {
        writeln!(out, "{became:?}: {}", rows.iter().filter(|r| r.became == became).count()).unwrap();
    }
    out
}

fn shopify(topics: impl Fn(&Recording) -> Vec<String>, folders: &[&str]) -> Vec<Row> {
    let (connector, flows) = (connector("shopify"), Flows { policy: Policy::simple("uk", &["north"]) });
    let mut all = Vec::new();
    folders.iter().for_each(|folder| recordings(folder, &mut all));
    let mut rows = Vec::new();
    for r in &all {
        for topic in topics(r) {
            let mut headers = Scheme::Shopify.sign("m", &r.body, SECRET, NOW);
            let kept = r.headers.iter().filter(|(k, _)| !k.to_ascii_lowercase().contains("hmac"));
            headers.extend(kept.map(|(k, v)| (k.to_ascii_lowercase(), v.clone())));
            headers.retain(|(k, _)| k != "x-shopify-topic");
            headers.push(("x-shopify-topic".to_owned(), topic.clone()));
            if !headers.iter().any(|(k, _)| k == "x-shopify-event-id") {
                headers.push(("x-shopify-event-id".to_owned(), "e-1".to_owned()));
            }
            let (became, why) = offer(&connector, &flows, headers, &r.body);
            rows.push(Row { file: r.file.clone(), topic, became, why });
        }
    }
    rows
}

fn topic_of(r: &Recording) -> Vec<String> {
    let named = r.headers.iter().find(|(k, _)| k.eq_ignore_ascii_case("x-shopify-topic"));
    let file = Path::new(&r.file).file_stem().unwrap().to_string_lossy().into_owned();
    vec![named.map_or_else(|| file.replacen('.', "/", 1), |(_, v)| v.clone())]
}

#[test]
fn shopify_s_webhooks() {
    let rows = shopify(topic_of, &["shopify/webhooks"]);
    judged(&rows);
    assert!(met(&rows, "orders.cancelled", Became::Taken, "order.cancel_requested"));
    assert!(met(&rows, "returns.request", Became::Taken, "return.requested"));
    assert!(met(&rows, "orders.create", Became::Parked, ".payment_gateway_names"));
    assert!(met(&rows, "refunds.create", Became::Parked, "refunds/create"));
    assert!(met(&rows, "orders.edited", Became::Parked, "orders/edited"));
}

#[test]
fn what_shopify_answers_elsewhere() {
    let topics =
        |_: &Recording| ["orders/create", "orders/cancelled", "returns/request"].map(str::to_owned).to_vec();
    let rows = shopify(topics, &["shopify/odd", "shopify/rest"]);
    judged(&rows);
    assert!(rows.iter().all(|row| row.became == Became::Parked), "none of them is such a message");
}

#[test]
fn stripe_s_events_and_objects() {
    let (connector, flows) = (connector("stripe"), Flows { policy: Policy::simple("uk", &["north"]) });
    let mut all = Vec::new();
    recordings("stripe/events", &mut all);
    recordings("stripe/objects", &mut all);
    let mut rows = Vec::new();
    for r in &all {
        let headers = Scheme::Stripe.sign("m", &r.body, SECRET, NOW);
        let body: serde_json::Value = serde_json::from_slice(&r.body).unwrap_or_default();
        let topic = body["type"].as_str().or(body["object"].as_str()).unwrap_or("-").to_owned();
        let (became, why) = offer(&connector, &flows, headers, &r.body);
        rows.push(Row { file: r.file.clone(), topic, became, why });
    }
    judged(&rows);
    assert!(met(&rows, "charge.refund.updated", Became::Taken, "payment.refunded_elsewhere"));
    assert!(met(&rows, "charge.dispute.created", Became::Parked, "charge.dispute.created"));
}
