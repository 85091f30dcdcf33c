//! The manifest's reference in `connectors/README.md` is written by the code, and lists every field that the parser
//! asks for and no other. `UPDATE=1 cargo test -p link --test reference` writes it anew.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers stand outside #[test] functions

use link::{Connector, Folder, reference};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const BEGINS: &str =
    "<!-- Written by `UPDATE=1 cargo test -p link --test reference`; do not edit from here on. -->\n";

/// A field that no parser asks for and that is like none that it does: each table that has it answers with all that it
/// knows.
const ODD: &str = "qqqqqqqqqqqqqqqqqqqqqqqq";

/// Every table of a manifest, each with [`ODD`] for `ODD`.
const EVERY: &str = r#"
ODD = 0
name = "every"
roles = ["erp"]
support = "documented"
[version]
api = "1"
ODD = 0
[conf]
set = { about = "a setting", ODD = 0 }
[secret]
hook = { about = "a secret", ODD = 0 }
[map.why]
kind = "return_reason"
about = "why"
ODD = 0
[map.why.values]
[http]
base = "{conf.url}"
ODD = 0
[limits]
rate = { conf = "set", default = "9/s", ODD = 0 }
in_flight = { conf = "set", default = 9, ODD = 0 }
cost = { left = ".body", restore = ".body", keep = 1, ODD = 0 }
ODD = 0
[[classify]]
status = [404]
class = "refused"
ODD = 0
[op.do]
idempotency = { by = "key", keeps = "1h", ODD = 0 }
settle = { conf = "set", default = "1s", ODD = 0 }
result = '.found'
ODD = 0
[op.do.lookup.one]
get = "/"
take = '.body'
ODD = 0
[op.do.find]
get = "/"
ODD = 0
[[op.do.stage]]
post = "/"
ODD = 0
[intake]
signature = { kind = "stripe", secret = "{secret.hook}", ODD = 0 }
dedupe = '.body.id'
ODD = 0
[[intake.wake]]
when = '.body'
polls = ["all"]
ODD = 0
[[event]]
type = "order.submitted"
map = '.body'
name = '["order", .data.order]'
ODD = 0
[[event]]
type = "order.submitted"
passthrough = true
dedupe = ["/id"]
name = ["order", "/id"]
ODD = 0
[poll.all]
every = { conf = "set", default = "1m", ODD = 0 }
overlap = { conf = "set", default = "1m", ODD = 0 }
get = "/"
items = '.body[]'
cursor = '.body'
ODD = 0
[list.stock]
get = "/"
rows = '.body[]'
ODD = 0
"#;

/// Under which headings the fields of a table of [`EVERY`] are documented.
fn documented(table: &str) -> &'static [&'static str] {
    match table {
        "" => &["connector.toml"],
        "version" => &["[version]"],
        "conf.set" | "secret.hook" => &["[conf] NAME = { … }"],
        "map.why" => &["[map.NAME]"],
        "http" => &["[http]"],
        "limits" => &["[limits]"],
        "limits.rate" | "limits.in_flight" | "op.do.settle" | "poll.all.every" | "poll.all.overlap" => {
            &["rate = { … }, in_flight, settle, every, overlap"]
        }
        "limits.cost" => &["cost = { … }"],
        "classify[0]" => &["[[classify]]"],
        "op.do" => &["[op.NAME]"],
        "op.do.idempotency" => &["idempotency = { … }"],
        "op.do.lookup.one" => &["[op.NAME.lookup.NAME]", "a call"],
        "op.do.find" => &["[op.NAME.find]", "a call"],
        "op.do.stage[0]" => &["[[op.NAME.stage]]", "a call"],
        "intake" => &["[intake]"],
        "intake.signature" => &["signature = { … }"],
        "intake.wake[0]" => &["[[intake.wake]]"],
        "event[0]" | "event[1]" => &["[[event]]"],
        "poll.all" => &["[poll.NAME]", "a call"],
        "list.stock" => &["[list.KIND]", "a call"],
        other => panic!("say where the fields of {other} are documented"),
    }
}

/// The fields documented under each heading.
fn told() -> BTreeMap<String, BTreeSet<String>> {
    let mut headings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut heading = String::new();
    for line in reference().lines() {
        if let Some(written) = line.strip_prefix("#### `") {
            written.trim_end_matches('`').clone_into(&mut heading);
            headings.entry(heading.clone()).or_default();
        } else if let Some(row) = line.strip_prefix("| `") {
            let cells: Vec<&str> = row.split(" | ").collect();
            assert!(cells.len() == 4 && cells[3].len() > 5, "a type, a default and a meaning: {line}");
            headings.get_mut(&heading).unwrap().insert(cells[0].trim_end_matches('`').to_owned());
        }
    }
    headings
}

#[test]
fn every_field_that_is_read_is_documented_and_no_other() {
    let files = BTreeMap::from([("connector.toml".to_owned(), EVERY.replace("ODD", ODD))]);
    let faults = Connector::compile(&Folder { files }, None).unwrap_err();
    let told = told();
    let mut read: BTreeMap<&[&str], BTreeSet<String>> = BTreeMap::new();
    for fault in &faults {
        assert_eq!(fault.message, "there is no such field", "the rest is sound: {fault}");
        let table = fault.path.strip_suffix(ODD).unwrap_or_else(|| panic!("{fault}")).trim_end_matches('.');
        let known = fault.hint.split(", ").map(str::to_owned);
        read.entry(documented(table)).or_default().extend(known);
    }
    assert_eq!(faults.len(), EVERY.matches("ODD").count(), "each table answers: {faults:#?}");
    for (headings, read) in &read {
        let documented: BTreeSet<String> =
            headings.iter().flat_map(|heading| told[*heading].iter().cloned()).collect();
        assert_eq!(&documented, read, "under {headings:?}");
    }
    let tried: BTreeSet<&str> = read.keys().flat_map(|headings| headings.iter().copied()).collect();
    let untried: Vec<&String> = told.keys().filter(|heading| !tried.contains(heading.as_str())).collect();
    assert!(untried.is_empty(), "documented, and no table of EVERY: {untried:?}");
}

#[test]
fn the_page_says_what_the_code_does() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/README.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let (written, kept) = page.split_once(BEGINS).unwrap_or_else(|| panic!("the page has no line {BEGINS}"));
    if kept == reference() {
        return;
    }
    assert!(
        std::env::var_os("UPDATE").is_some_and(|v| v == "1"),
        "the reference differs from the code: `UPDATE=1 cargo test -p link --test reference`"
    );
    std::fs::write(&file, format!("{written}{BEGINS}{}", reference())).unwrap();
}
