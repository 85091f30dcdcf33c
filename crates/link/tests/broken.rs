//! Broken manifests, and what their authors are told: the exact place, what is wrong, what to do.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers stand outside #[test] functions

use link::{Connector, Folder};
use std::collections::BTreeMap;

const GOOD: &str = r#"name = "acme"
roles = ["erp"]
support = "documented"
[conf]
pool = "the pool"
[secret]
key = "the key"
[http]
base = "{conf.url}"
headers = { Authorization = "Bearer {secret.key}" }
[op.refund]
idempotency = { by = "key", header = "Idempotency-Key", keeps = "24h" }
settle = "60s"
result = '{ref: .found.id}'
[op.refund.find]
get = "/refunds"
match = '.body.data[] | select(.key == $key)'
[[op.refund.stage]]
post = "/refunds/{.args.payment}"
body = '{amount: .args.amount}'
found = '.body'
[[event]]
type = "refund.failed"
signature = { kind = "shopify", secret = "{secret.key}" }
dedupe = '.body.id'
when = '.body.type == "refund.failed"'
map = "failed.jq"
name = '["refund", .data.credit]'
"#;

const FAILED: &str = "# a refund\n.body\n| {credit: need(.credit)}\n";

/// Line and column of faults in words; the columns count characters from 1.
fn faults(change: impl Fn(&str) -> String) -> Vec<String> {
    with(&change(GOOD), FAILED)
}

fn with(manifest: &str, jq: &str) -> Vec<String> {
    let files = [("connector.toml", manifest), ("failed.jq", jq)];
    let files: BTreeMap<String, String> =
        files.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    match Connector::compile(&Folder { files }, None) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

fn told(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    let faults = faults(|good| good.replacen(from, to, 1));
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults[0].clone()
}

#[test]
fn the_pattern_itself_is_sound() {
    assert_eq!(faults(str::to_owned), Vec::<String>::new());
}

#[test]
fn a_missing_settle() {
    assert_eq!(
        told("settle = \"60s\"\n", ""),
        "connector.toml:11:1: op.refund.settle: missing: where there is a look-up, absence is proof only after it; \
         try: settle = \"60s\": the vendor's longest execution plus its index lag"
    );
}

#[test]
fn a_mistyped_field() {
    assert_eq!(
        told("result = '{ref: .found.id}'", "result = '{ref: .found.id}'\ngiveup = \"1h\""),
        "connector.toml:15:1: op.refund.giveup: there is no such field; try: give_up"
    );
}

#[test]
fn a_field_of_the_wrong_type() {
    assert_eq!(
        told("settle = \"60s\"", "settle = 60"),
        "connector.toml:13:10: op.refund.settle: text is needed, not an integer"
    );
}

#[test]
fn a_span_that_is_none() {
    assert_eq!(
        told("keeps = \"24h\"", "keeps = \"1 day\""),
        "connector.toml:12:65: op.refund.idempotency.keeps: \"1 day\" is not a span of time; try: 500ms, 60s, 5m, 24h or 30d"
    );
}

#[test]
fn a_strategy_that_is_not_known() {
    assert_eq!(
        told("by = \"key\"", "by = \"kay\""),
        "connector.toml:12:22: op.refund.idempotency.by: \"kay\" is not known here; try: key"
    );
}

#[test]
fn a_jq_error_in_the_manifest() {
    assert_eq!(
        told("result = '{ref: .found.id}'", "result = '{ref: .found.id | nowhere}'"),
        "connector.toml:14:29: op.refund.result: jq: there is no filter nowhere"
    );
}

#[test]
fn a_jq_error_in_a_text_of_several_lines() {
    assert_eq!(
        told(
            "match = '.body.data[] | select(.key == $key)'",
            "match = '''\n.body.data[]\n| select(.key == $kee)'''"
        ),
        "connector.toml:19:18: op.refund.find.match: jq: there is no variable $kee; try: $conf, $key or $now"
    );
}

#[test]
fn a_jq_error_in_a_file() {
    let faults = with(GOOD, "# a refund\n.body\n| {credit: (.credit}\n");
    assert_eq!(faults, ["failed.jq:3:20: event[0].map: jq: expected closing parenthesis, found `}`"]);
}

#[test]
fn a_file_that_is_not_there() {
    assert_eq!(
        told("map = \"failed.jq\"", "map = \"faild.jq\""),
        "connector.toml:27:7: event[0].map: there is no file faild.jq in this folder; try: failed.jq"
    );
}

#[test]
fn a_clock_in_a_mapping() {
    assert_eq!(
        told("'{amount: .args.amount}'", "'{amount: .args.amount, at: now}'"),
        "connector.toml:20:36: op.refund.stage[0].body: jq: there is no filter now; try: $now, the time of this call as RFC 3339 text"
    );
}

#[test]
fn a_setting_that_is_not_declared() {
    assert_eq!(
        told("base = \"{conf.url}\"", "base = \"{conf.url}/{conf.pol}\""),
        "connector.toml:9:21: http.base: conf.pol is not declared; try: conf.pool"
    );
}

#[test]
fn a_secret_in_an_address() {
    assert_eq!(
        told("get = \"/refunds\"", "get = \"/refunds/{secret.key}\""),
        "connector.toml:16:18: op.refund.find.get: a secret may stand in a header only: addresses are logged; try: [http] headers"
    );
}

#[test]
fn a_jq_error_in_an_address() {
    assert_eq!(
        told("{.args.payment}", "{.args.payment | foo}"),
        "connector.toml:19:35: op.refund.stage[0].post: jq: there is no filter foo"
    );
}

#[test]
fn a_brace_without_its_partner() {
    assert_eq!(
        told("{.args.payment}", "{.args.payment"),
        "connector.toml:19:18: op.refund.stage[0].post: a brace without its partner; try: {{ and }} for braces themselves"
    );
}

#[test]
fn a_concept_that_this_version_does_not_run() {
    let faults = faults(|good| format!("{good}fetch = \"/orders/1\"\n[session]\ncall = \"login\"\n"));
    let end = "is not available in this version; try: a program of its own on the canonical contract";
    assert_eq!(
        faults,
        [
            format!("connector.toml:29:1: event[0].fetch: fetch {end}"),
            format!("connector.toml:30:2: session: session {end}"),
        ]
    );
}

#[test]
fn a_list_that_does_not_say_what_it_needs() {
    let faults = faults(|good| {
        format!(
            "{good}[list.refund]\nonly_with = \"lists\"\nevery = \"5m\"\n[list.stock]\nget = \"/stock\"\nrows = '.body['\n"
        )
    });
    let said: Vec<&str> = faults.iter().map(String::as_str).collect();
    assert_eq!(
        said,
        [
            "connector.toml:29:1: list.refund: there are no lists of refund; try: refunds",
            "connector.toml:29:1: list.refund: no call; try: get, post, put, patch or delete = \"/path\"",
            "connector.toml:29:1: list.refund.rows: missing; try: rows = '.body.data[] | {id: .id, reference: .metadata.hub}': what an answer lists",
            "connector.toml:30:13: list.refund.only_with: conf.lists is not declared; try: [conf] lists = \"what it is\"",
            "connector.toml:31:1: list.refund.every: there is no such field; try: query",
            "connector.toml:34:15: list.stock.rows: jq: expected closing bracket, found the end",
        ]
    );
}

#[test]
fn a_poll_that_does_not_say_what_it_needs() {
    let faults = faults(|good| format!("{good}[poll.events]\nevery = \"0s\"\nonly_with = \"feed\"\n"));
    assert_eq!(
        faults,
        [
            "connector.toml:29:1: poll.events: no call; try: get, post, put, patch or delete = \"/path\"",
            "connector.toml:29:1: poll.events.cursor: missing; try: cursor = '.body.next': where to go on, null where nothing was new",
            "connector.toml:29:1: poll.events.items: missing; try: items = '.body.items[] | {body: .}': the messages in an answer",
            "connector.toml:30:9: poll.events.every: a poll needs time between two calls; try: every = \"5m\"",
            "connector.toml:31:13: poll.events.only_with: conf.feed is not declared; try: [conf] feed = \"what it is\"",
        ]
    );
}

#[test]
fn xml_is_not_there_yet() {
    assert_eq!(
        told("base = \"{conf.url}\"", "base = \"{conf.url}\"\nencode = \"xml\""),
        "connector.toml:10:10: http.encode: xml is not available in this version; try: json, form or none"
    );
}

#[test]
fn by_reference_without_a_find() {
    let faults = faults(|good| {
        let start = good.find("[op.refund.find]").unwrap();
        let end = good.find("[[op.refund.stage]]").unwrap();
        format!("{}{}", &good[..start], &good[end..])
            .replace("by = \"key\", header = \"Idempotency-Key\", keeps = \"24h\"", "by = \"reference\"")
    });
    assert_eq!(
        faults,
        [
            "connector.toml:12:15: op.refund.idempotency: by reference means looking it up first, and there is no find; try: [op.name.find]"
        ]
    );
}

#[test]
fn two_calls_in_one_place() {
    assert_eq!(
        told("get = \"/refunds\"", "get = \"/refunds\"\npost = \"/refunds\""),
        "connector.toml:17:8: op.refund.find.post: a second call in one place; try: one of get, post, put, patch, delete"
    );
}

#[test]
fn an_event_that_is_not_signed() {
    assert_eq!(
        told("signature = { kind = \"shopify\", secret = \"{secret.key}\" }\n", ""),
        "connector.toml:22:1: event[0].signature: missing; try: signature = { kind = \"standard-webhooks\", secret = \"{secret.hook}\" }, here or in [intake]"
    );
}

#[test]
fn a_token_without_a_header_and_a_header_without_a_token() {
    let signed = "{ kind = \"shopify\", secret = \"{secret.key}\" }";
    assert_eq!(
        told(signed, "{ kind = \"token\", secret = \"{secret.key}\" }"),
        "connector.toml:24:13: event[0].signature.header: missing; try: header = \"x-hook-token\""
    );
    assert_eq!(
        told(signed, "{ kind = \"token\", header = \"x hook\", secret = \"{secret.key}\" }"),
        "connector.toml:24:40: event[0].signature.header: \"x hook\" is not the name of a header; try: header = \"x-hook-token\""
    );
    assert_eq!(
        told(signed, "{ kind = \"shopify\", header = \"x-a\", secret = \"{secret.key}\" }"),
        "connector.toml:24:42: event[0].signature.header: only kind = \"token\" names its header; the other kinds have their own; try: no header"
    );
}

#[test]
fn toml_that_is_none() {
    let faults = faults(|good| good.replacen("roles = [\"erp\"]", "roles = [\"erp\"", 1));
    assert!(faults[0].starts_with("connector.toml:3:"), "{faults:?}");
    assert!(faults[0].contains("not TOML: "), "{faults:?}");
}

#[test]
fn a_mapping_that_should_be_a_program() {
    let faults = with(GOOD, &format!("{}{FAILED}", ". as $x |\n".repeat(61)));
    assert_eq!(
        faults,
        [
            "failed.jq:1:1: 63 lines of jq are more than the 60 a mapping may have; try: a program of its own on the canonical contract"
        ]
    );
}

#[test]
fn every_fault_is_told_at_once() {
    let faults = faults(|good| {
        good.replacen("support = \"documented\"\n", "", 1)
            .replacen("'{ref: .found.id}'", "'{ref: '", 1)
            .replacen("kind = \"shopify\"", "kind = \"shopfy\"", 1)
    });
    assert_eq!(
        faults,
        [
            "connector.toml:1:1: support: missing; try: support = \"recorded\"",
            "connector.toml:13:17: op.refund.result: jq: expected closing brace, found the end",
            "connector.toml:23:22: event[0].signature.kind: \"shopfy\" is not known here; try: shopify",
        ]
    );
}

#[test]
fn a_folder_without_a_manifest() {
    let faults = Connector::compile(&Folder::default(), None).unwrap_err();
    assert_eq!(
        faults[0].to_string(),
        "connector.toml:1:1: the folder has no manifest; try: a file connector.toml"
    );
}

#[test]
fn an_overlay_takes_the_place_of_a_mapping_and_of_nothing_else() {
    let folder = |files: &[(&str, &str)]| Folder {
        files: files.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
    };
    let base = folder(&[("connector.toml", GOOD), ("failed.jq", FAILED)]);
    assert!(Connector::compile(&base, Some(&folder(&[("failed.jq", ".body")]))).is_ok());
    let broken = Connector::compile(&base, Some(&folder(&[("failed.jq", ".body |")]))).unwrap_err();
    assert_eq!(broken[0].to_string(), "failed.jq:1:8: event[0].map: jq: expected term, found the end");
    for file in ["connector.toml", "faild.jq"] {
        let refused = Connector::compile(&base, Some(&folder(&[(file, "")]))).unwrap_err();
        assert!(
            refused[0]
                .to_string()
                .starts_with(&format!("{file}:1:1: an overlay takes the place of a mapping")),
            "{refused:?}"
        );
    }
}
