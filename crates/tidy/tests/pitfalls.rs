//! Every pitfall is held by a test that bears its number, and `docs/pitfalls.md` says where.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

const PITFALLS: usize = 39;

/// The tests that a table of the page names, by pitfall.
fn listed() -> BTreeMap<usize, BTreeSet<String>> {
    let page = std::fs::read_to_string(tidy::root().join("docs/pitfalls.md")).unwrap();
    let mut rows = BTreeMap::new();
    for line in page.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, number, must, held, tests, _] = cells[..] else { continue };
        let Ok(number) = number.parse() else { continue };
        assert!(!must.is_empty() && !held.is_empty(), "pitfall {number} says too little: {line}");
        let names = tests.split('`').filter_map(|named| named.rsplit("::").next());
        let names = names.filter(|name| name.starts_with("pitfall_")).map(str::to_owned).collect();
        assert!(rows.insert(number, names).is_none(), "pitfall {number} has two rows");
    }
    rows
}

/// The tests in the code whose names bear a pitfall's number.
fn written() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in tidy::rust_files(&tidy::root().join("crates")).unwrap() {
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (above, line) in lines.iter().zip(lines.iter().skip(1)) {
            let name = line.strip_prefix("fn ").and_then(|rest| rest.split('(').next()).unwrap_or_default();
            if *above == "#[test]" && name.starts_with("pitfall_") {
                assert!(found.insert(name.to_owned()), "{name} is there twice");
            }
        }
    }
    found
}

#[test]
fn each_has_a_row_and_each_row_tests_that_are_there() {
    let (listed, written) = (listed(), written());
    assert_eq!(listed.keys().copied().collect::<Vec<_>>(), (1..=PITFALLS).collect::<Vec<_>>());
    for (number, names) in &listed {
        assert!(!names.is_empty(), "pitfall {number} names no test");
        for name in names {
            assert!(name.starts_with(&format!("pitfall_{number:02}_")), "{name} is in row {number}");
            assert!(written.contains(name), "{name} is in docs/pitfalls.md and not in the code");
        }
    }
    let named: BTreeSet<String> = listed.into_values().flatten().collect();
    let unnamed: Vec<&String> = written.difference(&named).collect();
    assert!(unnamed.is_empty(), "docs/pitfalls.md lacks {unnamed:?}");
}
