//! The whole real year, where its file is. It takes long in the dev profile, so it runs only when asked for:
//! `cargo test --release -p crossdock -- --ignored`.

use super::common::root;
use super::common::trade::rehearse;
use rehearsal::live::{Report, same_tie_out};
use std::ffi::OsStr;
use std::path::PathBuf;

fn file() -> Option<PathBuf> {
    let shared = std::env::var_os("CROSSDOCK_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let file = shared.join("data/online-retail/online_retail_2010-12_2011-12.csv.gz");
    file.is_file().then_some(file)
}

fn run(kills: &str) -> Option<Report> {
    let file = file()?;
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--trade".as_ref(), file.as_os_str(), "--kills".as_ref(), OsStr::new(kills)];
    let ran = rehearse(&folder.path().join("data"), &arguments);
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
#[ignore = "takes minutes, and needs the real year's file"]
fn the_real_year_goes_through_and_fifty_kills_change_nothing() {
    // Without the file there is nothing to say; asking for the test by name is what needs it.
    let Some(year) = run("0") else { return };
    assert_eq!((year.lines.total, year.in_progress), (541_909, 0));
    let ties = year.equations.as_ref().unwrap();
    assert_eq!(ties.sales.file.normalize().to_string(), "10655622.484");
    assert_eq!(ties.cancellations.file.normalize().to_string(), "-896812.49");
    assert_eq!(ties.lines_taken + ties.lines_set_aside, 541_909);
    let fifty = run("50").unwrap();
    assert_eq!(fifty.kills, 50);
    assert_eq!(same_tie_out(&year, &fifty), Vec::<String>::new());
}
