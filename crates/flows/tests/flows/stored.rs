//! What was written once must be readable for ever. `golden/states/{kind}.v{n}.jsonl` holds states and rows as each
//! version wrote them: bodies and documents of real histories. No file of an older version is ever changed.

use crate::golden::root;
use crate::harness::name;
use flows::{Flows, Policy};
use hub::process::Process as _;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt::Write as _;

#[derive(Deserialize)]
struct Kept {
    kind: String,
    #[serde(default)]
    key: String,
    body: Box<RawValue>,
    doc: Option<Box<RawValue>>,
}

const MEND: &str = "What is stored must stay readable: raise the shape's VERSION, append to its UPGRADES what makes the new \
                    version out of the one before (`|_| Ok(())` where a member may be left out), leave this file as it \
                    is, and write today's beside it with UPDATE=1 cargo test -p flows";

/// The line as today's code writes it.
fn today(flows: &Flows, at: &str, kept: &Kept) -> String {
    let case = name(&kept.kind, "x");
    let (body, doc) = (kept.body.get().as_bytes(), kept.doc.as_ref().map(|d| d.get().as_bytes()));
    let failed =
        |why: hub::process::Fault| -> ! { panic!("{at} no longer reads: {}: {}. {MEND}", why.code, why.why) };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if kept.kind == "row" {
        let row = flows.decode_row(&case, &kept.key, body).unwrap_or_else(|why| failed(why));
        let body = text(flows.encode_row(&row).unwrap());
        return format!("{{\"kind\":\"row\",\"key\":{:?},\"body\":{body},\"doc\":null}}", kept.key);
    }
    let state = flows.decode(&case, body, doc).unwrap_or_else(|why| failed(why));
    let (body, doc) = (text(flows.encode(&state).unwrap()), flows.encode_doc(&state).unwrap().map(text));
    format!("{{\"kind\":{:?},\"body\":{body},\"doc\":{}}}", kept.kind, doc.as_deref().unwrap_or("null"))
}

/// `order.v1.jsonl` by kind and version.
fn files() -> BTreeMap<(String, u32), String> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(root().join("crates/flows/tests/golden/states")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let (kind, version) = file.strip_suffix(".jsonl").unwrap().rsplit_once(".v").unwrap();
        files.insert((kind.to_owned(), version.parse().unwrap()), std::fs::read_to_string(&path).unwrap());
    }
    files
}

/// The version that today's code writes of a kind.
fn version(line: &str) -> u32 {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let of = |part: &str| line[part]["v"].as_u64().and_then(|v| u32::try_from(v).ok()).unwrap_or(1);
    of("body").max(of("doc"))
}

#[test]
fn every_version_s_states_read_and_today_s_are_written_as_they_were() {
    let flows = Flows { policy: Policy::simple("uk", &["north", "south"]) };
    let files = files();
    let kinds = ["order", "pool", "refund", "return", "row-d", "row-f", "row-p", "row-r"];
    assert_eq!(
        files.keys().map(|(k, _)| k.as_str()).collect::<std::collections::BTreeSet<_>>(),
        kinds.into()
    );
    for kind in kinds {
        let of_kind: Vec<_> = files.iter().filter(|((k, _), _)| k == kind).collect();
        let ((_, newest), newest_text) = of_kind.last().unwrap();
        let mut upgraded = String::new();
        let mut writes = 0;
        for ((_, v), text) in &of_kind {
            for (n, line) in text.lines().enumerate() {
                let at = format!("{kind}.v{v}.jsonl:{}", n + 1);
                let now = today(&flows, &at, &serde_json::from_str(line).unwrap());
                writes = version(&now);
                let again = today(&flows, &at, &serde_json::from_str(&now).unwrap());
                assert_eq!(again, now, "{at}: what is upgraded reads back");
                if *v == writes {
                    assert_eq!(now, line, "{at} is written otherwise than it was. {MEND}");
                }
                writeln!(upgraded, "{now}").unwrap();
            }
        }
        if writes > *newest {
            let file = root().join(format!("crates/flows/tests/golden/states/{kind}.v{writes}.jsonl"));
            if std::env::var_os("UPDATE").is_some_and(|v| v == "1") {
                std::fs::write(file, &upgraded).unwrap();
            } else {
                panic!(
                    "{} is missing: UPDATE=1 cargo test -p flows writes it from the older ones",
                    file.display()
                );
            }
        }
        assert!(!newest_text.is_empty());
    }
}
