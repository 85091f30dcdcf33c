//! Trade through a whole hub: runs of `rehearse`, and one finished folder that several tests only read.

use super::{Ran, folder, run};
use rehearsal::live::Report;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A finished rehearsal.
#[derive(Debug)]
pub struct Done {
    pub ran: Ran,
    pub data: PathBuf,
}

impl Done {
    /// Its report, read back.
    pub fn report(&self) -> Report {
        serde_json::from_str(&self.ran.out).unwrap_or_else(|e| panic!("{e}: {:?}", self.ran))
    }
}

/// `rehearse … --json --verify --data FOLDER`: code 0 says that it ties and that `verify`, vendors included, is clean.
pub fn rehearse(data: &Path, arguments: &[&OsStr]) -> Ran {
    let mut all: Vec<OsString> = vec!["rehearse".into(), "--json".into(), "--verify".into(), "--data".into()];
    all.push(data.into());
    all.extend(arguments.iter().map(|&argument| argument.to_owned()));
    run(&all)
}

/// Sixty made-up orders, run once for all tests. The folder is to be read only; its vendors are gone.
pub fn sixty() -> &'static Done {
    static DONE: OnceLock<Done> = OnceLock::new();
    DONE.get_or_init(|| {
        let data = folder::fresh("sixty");
        let ran = rehearse(&data, &["--orders", "60", "--seed", "3"].map(OsStr::new));
        Done { ran, data }
    })
}
