//! The arrows between rooms, read from the manifests.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

/// Which rooms each room may know. A room that is not listed fails the test: say here what it may know.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("retail", &[]),
    ("formats", &[]),
    ("books", &["retail"]),
    ("hub", &["retail"]),
    // Of the hub, flows know the trait that they implement.
    ("flows", &["retail", "books", "hub"]),
    ("link", &["retail", "formats"]),
    ("store", &["retail", "hub"]),
    ("settings", &["retail", "formats"]),
    ("reconcile", &["retail"]),
    ("views", &["retail", "hub", "store"]),
    ("wiring", &["retail", "books", "flows", "hub", "link", "settings"]),
    // The judges and the doubles share nothing with what they judge.
    ("lookalikes", &["formats"]),
    ("verify", &["formats"]),
    ("rehearsal", &["retail", "books"]),
    (
        "simulator",
        &["retail", "books", "flows", "hub", "link", "lookalikes", "settings", "store", "verify", "wiring"],
    ),
    (
        "crossdock",
        &[
            "retail",
            "books",
            "flows",
            "hub",
            "link",
            "lookalikes",
            "reconcile",
            "rehearsal",
            "settings",
            "simulator",
            "store",
            "verify",
            "views",
            "wiring",
        ],
    ),
    // A server for tests; nothing that ships knows it.
    ("ownpg", &[]),
    ("tidy", &[]),
];

#[test]
fn no_room_knows_what_it_must_not() {
    let rooms: BTreeMap<&str, &[&str]> = MAY_KNOW.iter().copied().collect();
    let crates = tidy::root().join("crates");
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(&crates).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let known = rooms.get(name.as_str());
        let Some(known) = known else {
            wrong.push(format!("{name} is not listed in MAY_KNOW"));
            continue;
        };
        for table in ["dependencies", "build-dependencies"] {
            let depends = manifest.get(table).and_then(toml::Value::as_table);
            for dependency in depends.into_iter().flat_map(|table| table.keys()) {
                let is_room = crates.join(dependency).is_dir();
                if is_room && !known.contains(&dependency.as_str()) {
                    wrong.push(format!("{name} must not know {dependency}"));
                }
            }
        }
        names.insert(name);
    }
    for room in rooms.keys().filter(|room| !names.contains(**room)) {
        wrong.push(format!("{room} is listed and does not exist"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_says_what_it_must_never_know() {
    for (room, _) in MAY_KNOW {
        let crates = tidy::root().join("crates").join(room).join("src");
        let file = if crates.join("lib.rs").is_file() { "lib.rs" } else { continue };
        let text = std::fs::read_to_string(crates.join(file)).unwrap();
        assert!(
            text.contains("Must never know"),
            "{room}/src/{file} does not say what the room must never know"
        );
    }
}
