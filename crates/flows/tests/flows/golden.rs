//! Files that are kept beside the code and must say the same: `UPDATE=1` writes them anew.

use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|v| v == "1")
}

/// A kept text must be what the code writes; `path` is from the root.
pub fn text(path: &str, now: &str) {
    let file = root().join(path);
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    if kept == now {
        return;
    }
    if updating() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, now).unwrap();
        return;
    }
    let line = kept.lines().zip(now.lines()).position(|(a, b)| a != b).map_or(0, |n| n + 1);
    panic!(
        "{path} differs from the code, first at line {line}; if the code is right, write it anew with \
         `UPDATE=1 cargo test -p flows`"
    );
}
