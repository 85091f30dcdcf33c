//! The two processes: started, listened to, killed.

use crate::live::error::LiveError;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How long a process may take until it listens: a hub with a long outbox reads it first.
const LISTENS: Duration = Duration::from_secs(60);

/// A process of this executable that has said where it listens.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pub url: String,
}

/// Processor time and memory of a process, so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Usage {
    pub cpu_ms: u64,
    pub peak_rss_mb: u64,
}

impl Process {
    /// Starts `exe` and waits for the line `listening http://…`. What it says otherwise is appended to a log.
    pub(crate) async fn start(
        what: &'static str,
        exe: &Path,
        arguments: &[&std::ffi::OsStr],
        log: &Path,
    ) -> Result<Self, LiveError> {
        let fault = |cause: String| LiveError::Start { what, cause, log: log.to_owned() };
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(log);
        let errors = errors.map_err(|e| LiveError::file(log, &e))?;
        let mut child = Command::new(exe)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(errors))
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| fault(format!("{}: {e}", exe.display())))?;
        let said = child.stdout.take().ok_or_else(|| fault("it has no standard output".to_owned()))?;
        let mut lines = BufReader::new(said).lines();
        let listens = async {
            while let Some(line) = lines.next_line().await.map_err(|e| e.to_string())? {
                if let Some(url) = line.strip_prefix("listening ") {
                    return Ok(url.trim().trim_end_matches('/').to_owned());
                }
            }
            Err("it ended before it listened".to_owned())
        };
        let url = match tokio::time::timeout(LISTENS, listens).await {
            Ok(url) => url.map_err(fault)?,
            Err(_) => return Err(fault(format!("it does not listen after {} s", LISTENS.as_secs()))),
        };
        // A pipe that nobody reads would stop the process once it is full.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { child, url })
    }

    /// What it has used up to now; zeros where the system does not say.
    pub(crate) fn usage(&self) -> Usage {
        self.child.id().map(usage_of).unwrap_or_default()
    }

    /// Ends it at once, as a failing machine would, and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> Result<(), LiveError> {
        self.child.kill().await.map_err(|e| LiveError::Start {
            what: "process to be killed",
            cause: e.to_string(),
            log: PathBuf::from("the operating system"),
        })
    }
}

/// Reads `/proc/{pid}`; zeros where there is none.
fn usage_of(pid: u32) -> Usage {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    Usage { cpu_ms: cpu_ms(&read("stat")), peak_rss_mb: peak_mb(&read("status")) }
}

/// User and system time of a `stat` line, counted in hundredths of a second on every Linux (USER_HZ).
fn cpu_ms(stat: &str) -> u64 {
    // The second field is the program's name in brackets and may hold blanks.
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum::<u64>() * 10
}

fn peak_mb(status: &str) -> u64 {
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_read() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194560 1 0 0 0 150 30 0 0 20 0 4 0 99 1 2 3";
        assert_eq!(cpu_ms(stat), 1_800);
        assert_eq!(peak_mb("Name:\tx\nVmHWM:\t  204800 kB\nVmRSS:\t 1 kB\n"), 200);
        assert_eq!((cpu_ms(""), peak_mb("")), (0, 0));
    }

    #[tokio::test]
    async fn a_process_that_ends_early_is_told_with_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("x.log");
        let error = Process::start("hub", Path::new("/bin/true"), &[], &log).await.unwrap_err();
        assert!(error.to_string().contains("ended before it listened"), "{error}");
        let error = Process::start("hub", Path::new("/nowhere/x"), &[], &log).await.unwrap_err();
        assert!(error.to_string().contains("/nowhere/x"), "{error}");
    }

    #[tokio::test]
    async fn the_line_that_says_where_it_listens_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let script = "echo starting; echo listening http://127.0.0.1:9/; sleep 30";
        let arguments = ["-c".as_ref(), script.as_ref()];
        let log = folder.path().join("x.log");
        let mut process = Process::start("hub", Path::new("/bin/sh"), &arguments, &log).await.unwrap();
        assert_eq!(process.url, "http://127.0.0.1:9");
        process.kill().await.unwrap();
        assert_eq!(process.usage(), Usage::default());
    }
}
