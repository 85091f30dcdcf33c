//! What the pure rooms must not touch: the code that ships is the code that is simulated.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;

const PURE: &[&str] =
    &["retail", "books", "flows", "hub", "link", "formats", "settings", "wiring", "reconcile"];

/// Text that has no place in a pure room, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    ("async fn", "waiting is a value"),
    ("async move", "waiting is a value"),
    (".await", "waiting is a value"),
    ("tokio", "the driver's"),
    ("Instant::now", "time comes in as a value"),
    ("SystemTime", "time comes in as a value"),
    ("std::thread", "a driver has threads"),
    ("thread::spawn", "a driver has threads"),
    ("std::net", "a driver has sockets"),
    ("std::fs", "files are read by the caller"),
    ("std::env::var", "the environment is read by the caller"),
    ("rand::", "chance comes in as a value"),
    ("getrandom", "chance comes in as a value"),
    ("HashMap", "its order is random from run to run; take BTreeMap"),
    ("HashSet", "its order is random from run to run; take BTreeSet"),
    ("RandomState", "its order is random from run to run"),
];

fn files() -> Vec<PathBuf> {
    PURE.iter()
        .flat_map(|room| {
            let src = tidy::root().join("crates").join(room).join("src");
            let lib = std::fs::read_to_string(src.join("lib.rs")).unwrap();
            // What is compiled for tests only does not ship; it may read and write the files that are kept.
            let ships = move |file: &PathBuf| {
                let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                !lib.contains(&format!("#[cfg(test)]\nmod {name};")) || file.parent() != Some(src.as_path())
            };
            let files = tidy::rust_files(&tidy::root().join("crates").join(room).join("src")).unwrap();
            files.into_iter().filter(ships).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn the_pure_rooms_touch_no_clock_thread_socket_or_chance() {
    let mut wrong = Vec::new();
    for file in files() {
        // A settings type for where to listen is an address, not a socket.
        let address_only = file.ends_with("settings/src/estate.rs")
            || file.starts_with(tidy::root().join("crates/settings"));
        for (n, line) in std::fs::read_to_string(&file).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for (text, why) in FORBIDDEN {
                if names(code, text) && !(address_only && *text == "std::net") {
                    wrong.push(format!("{}:{}: {text}: {why}", file.display(), n + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the text stands there as a whole word.
fn names(code: &str, text: &str) -> bool {
    code.match_indices(text).any(|(at, _)| {
        let next = code[at + text.len()..].chars().next();
        !next.is_some_and(|c| c.is_alphanumeric() && text.ends_with(char::is_alphanumeric))
    })
}

#[test]
fn the_search_would_find_something() {
    let text = "let at = std::time::Instant::now();";
    assert!(FORBIDDEN.iter().any(|(forbidden, _)| names(text, forbidden)));
    assert!(files().len() > 50, "the pure rooms were not found");
}
