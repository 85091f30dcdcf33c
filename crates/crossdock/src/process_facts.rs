//! What the operating system says of this process and this machine.

use serde::Serialize;

/// What this process has used.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Usage {
    /// User and system time, in milliseconds.
    pub cpu_ms: u64,
    pub rss_mb: u64,
    pub peak_rss_mb: u64,
}

/// Reads `/proc/self`; zeros where there is none.
pub fn usage() -> Usage {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let megabytes = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
    };
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the program's name in brackets and may hold blanks.
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    // Linux counts a hundred ticks a second on every machine this runs on (USER_HZ).
    Usage { cpu_ms: ticks * 10, rss_mb: megabytes("VmRSS:"), peak_rss_mb: megabytes("VmHWM:") }
}
