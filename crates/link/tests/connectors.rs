//! Compiles every connector of this repository and runs all its cases.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers stand outside #[test] functions

use link::{Connector, Folder, cases};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn connectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors")
}

fn folder(root: &Path) -> Folder {
    let mut files = BTreeMap::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    Folder { files }
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(connectors())
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

#[test]
fn every_connector_compiles_under_its_own_name() {
    let names = names();
    assert!(names.iter().any(|name| name == "canonical"), "{names:?}");
    for name in names {
        let folder = folder(&connectors().join(&name));
        match Connector::compile(&folder, None) {
            Ok(connector) => assert_eq!(connector.name(), name),
            Err(faults) => {
                let told: Vec<String> =
                    faults.into_iter().map(|fault| fault.under(&name).to_string()).collect();
                panic!("{}", told.join("\n"));
            }
        }
        assert!(folder.files.contains_key("README.md"), "{name} has a README.md with sources and pitfalls");
    }
}

#[test]
fn every_case_of_every_connector_passes() {
    let mut failed = Vec::new();
    for name in names() {
        let results = cases::run(&folder(&connectors().join(&name)), None).unwrap();
        assert!(results.len() >= 3, "{name} has only {} cases", results.len());
        for result in results.into_iter().filter(|result| !result.passed()) {
            failed.push(format!(
                "{name}/{}: {}\n  {}",
                result.file,
                result.case,
                result.differences.join("\n  ")
            ));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Whatever the contract offers was tried: each operation and event of `canonical` has a case and a place in the
/// contract.
#[test]
fn the_contract_is_told_and_tried_whole() {
    let folder = folder(&connectors().join("canonical"));
    let connector = Connector::compile(&folder, None).unwrap();
    let contract = std::fs::read_to_string(connectors().join("../docs/contract.md")).unwrap();
    let cases: Vec<serde_json::Value> = folder
        .files
        .iter()
        .filter(|(name, _)| name.starts_with("cases/") && !name.ends_with("at.json"))
        .flat_map(|(_, text)| serde_json::from_str::<Vec<serde_json::Value>>(text).unwrap())
        .collect();
    let ops: Vec<&str> = connector.ops().iter().map(|op| op.name.as_str()).collect();
    assert!(ops.len() >= 40, "{}", ops.len());
    let untold: Vec<&str> = ops
        .iter()
        .chain(&connector.events())
        .copied()
        .filter(|name| !contract.contains(&format!("`{name}`")))
        .collect();
    assert!(untold.is_empty(), "docs/contract.md does not tell of {untold:?}");
    let tried = |name: &str| {
        cases.iter().any(|case| case["command"]["op"] == name || case["receive"]["body"]["type"] == name)
    };
    let untried: Vec<&str> =
        ops.iter().chain(&connector.events()).copied().filter(|name| !tried(name)).collect();
    assert!(untried.is_empty(), "no case tries {untried:?}");
}
