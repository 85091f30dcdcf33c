//! `crossdock gaps`: up to when all that each system lists is known, and what it never pushed.

use super::running::RunningHub;
use super::{Done, Out, table, verdict};
use clap::Args;
use hyper::Method;
use serde_json::Value;
use std::path::PathBuf;

/// Shows for each system that is asked for what it may have failed to push: up to when all is known, and what came by
/// asking only. Exits 1 when a system cannot be asked or is more than three of its pauses behind.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  crossdock gaps --data DIR\n  crossdock gaps --data DIR --json")]
pub struct Gaps {
    /// The data folder of the running hub.
    #[arg(long)]
    data: PathBuf,
    /// The estate of the hub, for its API token. Left out: estate.toml in the data folder.
    #[arg(long)]
    estate: Option<PathBuf>,
}

impl Gaps {
    pub fn run(self, out: Out) -> Done {
        let hub = RunningHub::of(&self.data, self.estate.as_deref())?;
        let (status, body) = hub.ask(Method::GET, "/v1/polls")?;
        let value: Value = serde_json::from_str(&body).map_err(|error| format!("{status}: {error}"))?;
        if status != 200 {
            return Err(format!("the hub answers {status}: {}", value["message"].as_str().unwrap_or(&body)));
        }
        let polls = value["polls"].as_array().cloned().unwrap_or_default();
        let wrong = |poll: &Value| !poll["failing"].is_null() || poll["late"] == true;
        out.print(&value, |_| text(&polls))?;
        Ok(verdict(!polls.iter().any(wrong)))
    }
}

const HEAD: [&str; 8] =
    ["connection", "poll", "complete up to", "behind", "last asked", "never pushed", "failing since", "why"];

fn text(polls: &[Value]) -> String {
    if polls.is_empty() {
        return "no system is asked for what it may have failed to push".to_owned();
    }
    let mut said = table(&HEAD, &polls.iter().map(row).collect::<Vec<_>>());
    let missed: Vec<Vec<String>> = polls.iter().flat_map(missed).collect();
    if !missed.is_empty() {
        said.push_str("\n\nnever pushed, the last of each:\n");
        said.push_str(&table(&["poll", "type", "name", "happened", "found after"], &missed));
    }
    said
}

fn row(poll: &Value) -> Vec<String> {
    let word = |member: &str| poll[member].as_str().unwrap_or("-").to_owned();
    let (connection, name) = poll["poll"].as_str().and_then(|full| full.split_once('/')).unwrap_or_default();
    let late = if poll["late"] == true { " late" } else { "" };
    vec![
        connection.to_owned(),
        name.to_owned(),
        word("complete_up_to"),
        poll["behind_ms"].as_i64().map_or_else(|| format!("-{late}"), |ms| span(ms) + late),
        word("asked"),
        poll["missed"].to_string(),
        word("failing_since"),
        poll["failing"].as_str().unwrap_or_default().to_owned(),
    ]
}

fn missed(poll: &Value) -> Vec<Vec<String>> {
    let line = |missed: &Value| {
        let word = |member: &str| missed[member].as_str().unwrap_or_default().to_owned();
        let late = span(missed["late_ms"].as_i64().unwrap_or_default());
        vec![
            poll["poll"].as_str().unwrap_or_default().to_owned(),
            word("type"),
            word("name"),
            word("occurred"),
            late,
        ]
    };
    poll["last_missed"].as_array().into_iter().flatten().map(line).collect()
}

/// A span in its two largest units.
fn span(ms: i64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0 => format!("{ms} ms"),
        1..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn spans_are_read_at_a_glance() {
        let said = [5, 61_500, 3_660_000, 200_000_000].map(span);
        assert_eq!(said, ["5 ms", "1 min 1 s", "1 h 1 min", "2 d 7 h"]);
    }

    #[test]
    fn a_row_says_what_is_wrong() {
        let late = json!({"poll": "shop/orders", "complete_up_to": null, "behind_ms": null, "late": true,
            "asked": "2026-03-01T08:00:00Z", "missed": 2, "failing": "no answer", "failing_since": "2026-03-01T07:00:00Z",
            "last_missed": [{"type": "order.submitted", "name": "order/1", "occurred": "2026-03-01T06:00:00Z", "late_ms": 1000}]});
        let said = text(&[late]);
        for part in ["shop        orders", "- late", "2026-03-01T07:00:00Z", "no answer", "order/1", "1 s"] {
            assert!(said.contains(part), "{part:?} is not in\n{said}");
        }
        assert!(text(&[]).contains("no system"));
    }
}
