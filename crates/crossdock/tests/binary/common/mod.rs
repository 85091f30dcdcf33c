//! What the tests share: running commands, a served hub, signed messages, made-up trade, HTTP.

pub mod events;
pub mod folder;
pub mod http;
pub mod hub;
pub mod lab;
pub mod seeds;
pub mod sign;
pub mod trace;
pub mod trade;
pub mod vendor;

use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The binary under test.
pub const EXE: &str = env!("CARGO_BIN_EXE_crossdock");

/// What a command came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Its standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e} in:\n{}\n{}", self.out, self.err))
    }
}

/// Runs a command to its end.
pub fn run<S: AsRef<OsStr>>(arguments: &[S]) -> Ran {
    let done = Command::new(EXE).args(arguments).stdin(Stdio::null()).output().unwrap();
    Ran {
        code: done.status.code().unwrap_or(-1),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

/// Runs a command on a data folder.
pub fn on(data: &Path, arguments: &[&str]) -> Ran {
    let mut all: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    all.extend([OsStr::new("--data"), data.as_os_str()]);
    run(&all)
}

/// Waits until something holds; a test that waits in vain fails after a minute.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("in vain: {what}");
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
