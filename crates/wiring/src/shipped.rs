//! The connectors that ship with the program, as data.

use include_dir::{Dir, include_dir};
use link::Folder;
use std::collections::BTreeMap;

static CONNECTORS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../connectors");

/// Every connector that ships, by the name of its folder.
#[must_use]
pub fn shipped() -> BTreeMap<String, Folder> {
    let mut library = BTreeMap::new();
    for dir in CONNECTORS.dirs() {
        let mut folder = Folder::default();
        gather(dir, dir, &mut folder);
        if let Some(name) = dir.path().file_name().and_then(|name| name.to_str()) {
            library.insert(name.to_owned(), folder);
        }
    }
    library
}

fn gather(root: &Dir<'_>, dir: &Dir<'_>, folder: &mut Folder) {
    for file in dir.files() {
        let path = file.path().strip_prefix(root.path()).ok().and_then(|path| path.to_str());
        if let (Some(path), Some(text)) = (path, file.contents_utf8()) {
            folder.files.insert(path.to_owned(), text.to_owned());
        }
    }
    for inner in dir.dirs() {
        gather(root, inner, folder);
    }
}
