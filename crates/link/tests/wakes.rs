//! Messages that say only that something changed, and polls that begin before their cursor.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers stand outside #[test] functions

use link::{Connector, Endpoint, Folder, InboundRequest, Intake, cases};
use retail::time::Time;
use std::collections::BTreeMap;

const THIN: &str = r#"name = "thin"
roles = ["storefront"]
support = "documented"
[conf]
counts = { about = "whether stock is asked for", optional = true }
lag = { about = "how late it lists what changed", optional = true }
[secret]
hook = "the hook's secret"
[http]
base = "{conf.url}"
[intake]
signature = { kind = "standard-webhooks", secret = "{secret.hook}" }
dedupe = '.body.key'
topic = '.headers["x-topic"]'
leaves = ["product/*", "stock/seen"]
wakes = ["orders"]
[[intake.wake]]
when = '.headers["x-topic"] | startswith("stock/")'
polls = ["stock"]
[[intake.wake]]
when = '.headers["x-topic"] == "all"'
polls = ["stock", "orders"]
[[event]]
type = "order.submitted"
when = '.body.order'
map = '.body | {order}'
name = '["order", .data.order]'
first_counts = true
[poll.orders]
overlap = { conf = "lag", default = "60s" }
get = "/orders"
query = '{from: .args.cursor}'
items = '.body.orders[] | {body: .}'
cursor = '.body.next'
[poll.stock]
only_with = "counts"
get = "/stock"
query = '{from: .args.cursor}'
items = '.body[] | {body: .}'
cursor = '.body.next'
"#;

const CASES: &str = r#"[
{"case": "an order is an order", "receive": {"headers": {"x-topic": "order"}, "body": {"key": "1", "order": "a"}},
 "taken": {"key": "1", "first_counts": true, "events": [{"type": "order.submitted", "name": "order/a"}]}},
{"case": "anything else wakes", "receive": {"headers": {"x-topic": "order"}, "body": {"id": 1}}, "wakes": ["orders"]},
{"case": "also without a topic", "receive": {"body": {"id": 1}}, "wakes": ["orders"]},
{"case": "and when it is no JSON", "receive": {"text": "id=1"}, "wakes": ["orders"]},
{"case": "not what is left alone", "receive": {"headers": {"x-topic": "product/new"}, "body": {}}, "ignored": true},
{"case": "not unsigned", "receive": {"body": {}, "signed": false}, "refused": 401},
{"case": "not nested without end is judged first", "receive": {"headers": {"x-topic": "all"}, "text": "x"}, "wakes": ["orders", "stock"]},
{"case": "a condition comes before what is left alone", "receive": {"headers": {"x-topic": "stock/seen"}, "body": {}},
 "wakes": ["stock"]},
{"case": "of two polls the one that is asked", "at": {"secret": {"hook": "whsec_Zm9v"}},
 "receive": {"headers": {"x-topic": "all"}, "body": {}}, "wakes": ["orders"]},
{"case": "a poll that is not asked leaves it to the rule for all", "at": {"secret": {"hook": "whsec_Zm9v"}},
 "receive": {"headers": {"x-topic": "stock/moved"}, "body": {}}, "wakes": ["orders"]},
{"case": "a run begins before its cursor", "poll": "orders", "cursor": "2026-03-01T09:26:00+01:00",
 "exchange": [{"send": "GET /orders?from=2026-03-01T08%3A25%3A00Z", "answer": {"status": 200, "body": {"orders": [], "next": null}}}],
 "page": {"messages": [], "next": null}},
{"case": "its pages do not", "poll": "orders", "cursor": "2026-03-01T08:26:00Z", "within": true,
 "exchange": [{"send": "GET /orders?from=2026-03-01T08%3A26%3A00Z", "answer": {"status": 200, "body": {"orders": [], "next": null}}}],
 "page": {"messages": [], "next": null}},
{"case": "a cursor that is no time is used as it is", "poll": "orders", "cursor": "20260301",
 "exchange": [{"send": "GET /orders?from=20260301", "answer": {"status": 200, "body": {"orders": [], "next": null}}}],
 "page": {"messages": [], "next": null}},
{"case": "a connection says how much", "poll": "orders", "cursor": "2026-03-01T08:26:00Z",
 "at": {"conf": {"lag": "6m"}},
 "exchange": [{"send": "GET /orders?from=2026-03-01T08%3A20%3A00Z", "answer": {"status": 200, "body": {"orders": [], "next": null}}}],
 "page": {"messages": [], "next": null}}
]"#;

fn folder(manifest: &str) -> Folder {
    let at = r#"{"conf": {"counts": true}, "secret": {"hook": "whsec_Zm9v"}}"#;
    let files = [("connector.toml", manifest), ("cases/at.json", at), ("cases/all.json", CASES)];
    Folder { files: files.map(|(name, text)| (name.to_owned(), text.to_owned())).into() }
}

#[test]
fn what_wakes_and_what_does_not() {
    let results = cases::run(&folder(THIN), None).unwrap();
    assert_eq!(results.len(), 14);
    for result in results {
        assert!(result.passed(), "{}: {:#?}", result.case, result.differences);
    }
}

#[test]
fn a_wrong_expectation_fails() {
    let wrong = folder(&THIN.replace("wakes = [\"orders\"]", "wakes = [\"stock\"]"));
    let failed: Vec<String> = cases::run(&wrong, None)
        .unwrap()
        .into_iter()
        .filter(|result| !result.passed())
        .map(|result| result.differences.concat())
        .collect();
    assert!(failed.iter().any(|why| why == "wakes stock"), "{failed:?}");
}

/// Nobody would ask, so what the message meant would be lost.
#[test]
fn a_message_whose_polls_are_not_asked_is_kept_for_a_person() {
    let connector = Connector::compile(&folder(&THIN.replace("wakes = [\"orders\"]\n", "")), None).unwrap();
    let endpoint = Endpoint {
        secret: BTreeMap::from([("hook".to_owned(), "whsec_Zm9v".to_owned())]),
        ..Endpoint::default()
    };
    let now = Time(1_767_225_600_000);
    let mut headers = link::Scheme::StandardWebhooks.sign("m", b"{}", "whsec_Zm9v", now);
    headers.push(("x-topic".to_owned(), "stock/moved".to_owned()));
    let request = InboundRequest { path: "/", headers: &headers, body: b"{}" };
    match connector.intake(&request, &endpoint, now, "t") {
        Intake::Parked { code: "no_event", why, .. } => assert!(why.contains("set conf.counts"), "{why}"),
        other => panic!("{other:?}"),
    }
    // What a poll brought, or was kept from an earlier time, never wakes a poll.
    match connector.understand(&request, &endpoint, now, "t") {
        Intake::Parked { code: "no_event", why, .. } => assert!(why.contains("stock/moved"), "{why}"),
        other => panic!("{other:?}"),
    }
}

fn faults(from: &str, to: &str) -> Vec<String> {
    assert!(THIN.contains(from));
    let faults = Connector::compile(&folder(&THIN.replacen(from, to, 1)), None).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let told = faults("wakes = [\"orders\"]", "wakes = [\"order\"]");
    assert_eq!(told, ["connector.toml:16:10: intake.wakes[0]: there is no poll order; try: orders"]);
    let told = faults("polls = [\"stock\"]", "polls = [\"weather\"]");
    assert_eq!(
        told,
        ["connector.toml:19:10: intake.wake[0].polls[0]: there is no poll weather; try: [poll.weather]"]
    );
    let told = faults("wakes = [\"orders\"]", "wakes = []");
    assert_eq!(told, ["connector.toml:16:9: intake.wakes: no poll is named; try: [\"orders\"]"]);
    let told = faults("when = '.headers[\"x-topic\"] == \"all\"'\n", "");
    assert!(told.iter().any(|why| why.contains("intake.wake[1].when: missing")), "{told:?}");
    let told = faults("signature = { kind = \"standard-webhooks\", secret = \"{secret.hook}\" }", "");
    assert!(
        told.iter().any(|why| why.contains("intake.signature: missing: a message that wakes")),
        "{told:?}"
    );
    let told = faults("default = \"60s\"", "default = \"soon\"");
    assert!(told.len() == 1 && told[0].contains("poll.orders.overlap.default"), "{told:?}");
}

/// A connector may make no event of what it is sent at all.
#[test]
fn a_connector_without_events_is_woken_too() {
    let (head, rest) = THIN.split_once("[[event]]").unwrap();
    let (_, polls) = rest.split_once("[poll.orders]").unwrap();
    let connector = Connector::compile(&folder(&format!("{head}[poll.orders]{polls}")), None).unwrap();
    let endpoint = Endpoint {
        secret: BTreeMap::from([("hook".to_owned(), "whsec_Zm9v".to_owned())]),
        ..Endpoint::default()
    };
    let now = Time(1_767_225_600_000);
    let headers = link::Scheme::StandardWebhooks.sign("m", b"", "whsec_Zm9v", now);
    let request = InboundRequest { path: "/", headers: &headers, body: b"" };
    assert!(
        matches!(connector.intake(&request, &endpoint, now, "t"), Intake::Wakes { polls } if polls == ["orders"])
    );
}
