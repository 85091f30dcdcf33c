//! A hub under `strace`: what it asks of the kernel, and what the kernel then does.
//!
//! The tracer watches from aside (`-D`), so that the process that a test starts and kills is the hub. Where tracing is
//! forbidden the tests say so and fail: a promise that was not looked at is not shown.

use super::folder::Folder;
use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The calls by which a commit is written and a sender answered.
pub const CALLS: &str = "trace=pwrite64,fdatasync,fsync,recvfrom,writev,sendto";

const MISSING: &str = "these tests trace the hub with strace (bin/need-packages installs it), and cannot";

/// Fails with a reason where nothing can be traced here.
fn must_trace() {
    static TRIED: OnceLock<Result<(), String>> = OnceLock::new();
    let tried = TRIED.get_or_init(|| {
        let done =
            Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).stdin(Stdio::null()).output();
        match done {
            Err(error) => Err(format!("{MISSING}: {error}")),
            Ok(done) if !done.status.success() => {
                let said = String::from_utf8_lossy(&done.stderr).into_owned();
                Err(format!(
                    "{MISSING}; in a container ptrace may be forbidden (--cap-add=SYS_PTRACE): {said}"
                ))
            }
            Ok(_) => Ok(()),
        }
    });
    if let Err(why) = tried {
        panic!("{why}");
    }
}

/// What stands before the hub's own command line.
pub fn way(folder: &Folder, options: &[&str]) -> Vec<OsString> {
    must_trace();
    let mut words: Vec<OsString> =
        ["strace", "-D", "-f", "-qq", "-y", "-s", "40", "-o"].map(OsString::from).into();
    words.push(folder.path().join("strace.log").into());
    words.extend(options.iter().map(OsString::from));
    words
}

/// All that was traced. The tracer ends with the hub, and may be writing for a moment longer.
pub fn log(folder: &Folder) -> String {
    let read = || std::fs::read_to_string(folder.path().join("strace.log")).unwrap();
    let mut text = read();
    super::until("the tracer is done", || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        let (before, now) = (text.len(), read());
        text = now;
        text.len() == before
    });
    text
}

/// What the hub itself said.
pub fn said(folder: &Folder) -> String {
    std::fs::read_to_string(folder.path().join("hub.log")).unwrap()
}

/// Of messages that were sent one after the other: each 2xx was written only after the log had been written and synced
/// well since the message came. Says how many there were, or the first that was not.
pub fn synced_before_answers(log: &str) -> Result<usize, String> {
    let (mut written, mut synced, mut answers) = (false, false, 0);
    for line in log.lines() {
        let wal = line.contains(".db-wal>");
        if line.contains("\"POST /in/") {
            (written, synced) = (false, false);
        } else if wal && line.contains("pwrite64(") {
            written = true;
        } else if (wal && line.contains("fdatasync(")) || line.contains("<... fdatasync resumed>") {
            synced |= written && line.trim_end().ends_with("= 0");
        } else if line.contains("\"HTTP/1.1 200") {
            if !synced {
                return Err(format!("answered without a sync: {line}"));
            }
            answers += 1;
        }
    }
    Ok(answers)
}
