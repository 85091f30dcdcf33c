//! Files small enough to hold in the head.

#![allow(clippy::unwrap_used, clippy::panic)]

#[test]
fn no_file_is_longer_than_six_hundred_lines() {
    let mut long = Vec::new();
    for file in tidy::rust_files(&tidy::root().join("crates")).unwrap() {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        if lines > 600 {
            long.push(format!("{}: {lines} lines", file.display()));
        }
    }
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

#[test]
fn nothing_unfinished_is_committed() {
    let markers =
        [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("FIX", "ME"), concat!("XX", "X")];
    let mut found = Vec::new();
    for file in tidy::rust_files(&tidy::root().join("crates")).unwrap() {
        let text = std::fs::read_to_string(&file).unwrap();
        for marker in markers.iter().filter(|marker| text.contains(**marker)) {
            found.push(format!("{}: {marker}", file.display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
