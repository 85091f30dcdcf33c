//! Estates that users have must go on reading. `golden/estate.{release}.toml` is the annotated reference of a release,
//! which names every setting that there was; no file of a release is ever changed.

use settings::read;
use std::path::Path;

#[test]
fn the_reference_of_every_release_reads() {
    let mut read_ = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if let Err(faults) = read("estate.toml", &text) {
            let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
            panic!(
                "{} no longer reads:\n{}\nA setting that was there is taken under its old name as well, or the release that \
                 drops it says so in CHANGELOG.md with what to write instead, and this file's line is changed with it",
                path.display(),
                told.join("\n")
            );
        }
        read_ += 1;
    }
    assert!(read_ > 0);
}
