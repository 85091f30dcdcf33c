//! `crossdock connector`: tests, tries and lists connectors.

use super::estate::library;
use super::{Done, Out, table, verdict};
use clap::{Args, Subcommand};
use link::{Endpoint, InboundRequest, describe};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Tests, tries and lists connectors.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  crossdock connector list\n  crossdock connector test stripe\n  crossdock connector map shopify order.submitted --payload order.json --conf source=shop"
)]
pub struct Connector {
    /// A folder of connectors in place of those that ship.
    #[arg(long, global = true)]
    connectors: Option<PathBuf>,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Runs the recorded cases of all connectors, or of those named.
    #[command(
        after_help = "Example:\n  crossdock connector test\n  crossdock connector test stripe shopify --json"
    )]
    Test { names: Vec<String> },
    /// Maps a payload by hand, without checking its signature, and prints the canonical event.
    #[command(
        after_help = "Example:\n  crossdock connector map shopify order.submitted --payload order.json --conf source=shop"
    )]
    Map {
        connector: String,
        /// The event's type, such as order.submitted.
        event: String,
        /// The payload.
        #[arg(long)]
        payload: PathBuf,
        /// A header that the mapping reads, NAME=VALUE.
        #[arg(long = "header", value_name = "NAME=VALUE")]
        headers: Vec<String>,
        /// A setting of the connection, NAME=VALUE.
        #[arg(long = "conf", value_name = "NAME=VALUE")]
        conf: Vec<String>,
    },
    /// Lists connectors with how far they were tried, their operations by role, events and polls.
    #[command(
        after_help = "Example:\n  crossdock connector list\n  crossdock connector list --connectors DIR --json"
    )]
    List,
}

impl Connector {
    pub fn run(self, out: Out) -> Done {
        let library = library(self.connectors.as_deref())?;
        match self.what {
            What::Test { names } => test(out, &library, &names),
            What::List => list(out, &library),
            What::Map { connector, event, payload, headers, conf } => {
                let folder =
                    library.get(&connector).ok_or_else(|| format!("there is no connector {connector}"))?;
                let compiled =
                    link::Connector::compile(folder, None).map_err(|faults| lines(&connector, faults))?;
                let body =
                    std::fs::read(&payload).map_err(|error| format!("{}: {error}", payload.display()))?;
                let headers = pairs(&headers)?;
                let conf: serde_json::Map<String, Value> =
                    pairs(&conf)?.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
                let endpoint = Endpoint { conf: Value::Object(conf).into(), ..Endpoint::default() };
                let request = InboundRequest { path: "", headers: &headers, body: &body };
                let now = crate::driver::clock::now();
                match compiled.map(&event, &request, &endpoint, now, "main") {
                    Ok(event) => {
                        out.print(&event, |event| serde_json::to_string_pretty(event).unwrap_or_default())?;
                        Ok(verdict(true))
                    }
                    Err(why) => {
                        out.print(&json!({ "error": why }), |_| why.clone())?;
                        Ok(verdict(false))
                    }
                }
            }
        }
    }
}

type Library = std::collections::BTreeMap<String, link::Folder>;

fn test(out: Out, library: &Library, names: &[String]) -> Done {
    if let Some(unknown) = names.iter().find(|name| !library.contains_key(*name)) {
        return Err(format!("there is no connector {unknown}"));
    }
    let mut results = Vec::new();
    let mut failed = 0;
    for (name, folder) in library.iter().filter(|(name, _)| names.is_empty() || names.contains(name)) {
        match link::cases::run(folder, None) {
            Err(faults) => {
                failed += 1;
                results.push(json!({ "connector": name, "passed": false, "faults": lines(name, faults) }));
            }
            Ok(cases) => {
                for case in cases {
                    failed += usize::from(!case.passed());
                    results.push(json!({ "connector": name, "file": case.file, "case": case.case,
                        "passed": case.passed(), "differences": case.differences }));
                }
            }
        }
    }
    let passed = results.len() - failed;
    out.print(&json!({ "passed": passed, "failed": failed, "cases": results }), |_| {
        let mut text = String::new();
        for result in &results {
            let mark = if result["passed"] == true { "ok  " } else { "FAIL" };
            let word = |member: &str| result[member].as_str().unwrap_or_default().to_owned();
            text.push_str(&format!(
                "{mark} {} {} {}{}\n",
                word("connector"),
                word("file"),
                word("case"),
                word("faults")
            ));
            for difference in result["differences"].as_array().into_iter().flatten() {
                text.push_str(&format!("     {}\n", difference.as_str().unwrap_or_default()));
            }
        }
        format!("{text}{passed} passed, {failed} failed")
    })?;
    Ok(verdict(failed == 0))
}

fn list(out: Out, library: &Library) -> Done {
    let mut described = Vec::new();
    for (name, folder) in library {
        let connector = link::Connector::compile(folder, None).map_err(|faults| lines(name, faults))?;
        described.push(describe(&connector));
    }
    out.print(&described, |described| {
        let rows: Vec<Vec<String>> = described.iter().flat_map(rows_of).collect();
        table(
            &["connector", "support", "what", "operations (what makes a repeat harmless), events, polls"],
            &rows,
        )
    })?;
    Ok(verdict(true))
}

fn lines(connector: &str, faults: Vec<link::Fault>) -> String {
    let under = format!("connectors/{connector}");
    faults.into_iter().map(|fault| fault.under(&under).to_string()).collect::<Vec<_>>().join("\n")
}

fn pairs(texts: &[String]) -> Result<Vec<(String, String)>, String> {
    let split = |text: &String| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    texts.iter().map(|text| split(text).ok_or_else(|| format!("{text} is not NAME=VALUE"))).collect()
}

/// How wide the last column is: what is longer goes on in a line of its own.
const WIDE: usize = 72;

/// For each connector its rows: operations by role, events, polls, lists.
fn rows_of(d: &link::Description) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut put = |what: &str, words: Vec<String>| {
        for (n, line) in wrapped(&words, WIDE).into_iter().enumerate() {
            let (name, support) =
                if rows.is_empty() { (d.name.as_str(), tried(d.support)) } else { ("", "") };
            let what = if n == 0 { what } else { "" };
            rows.push([name, support, what, &line].map(str::to_owned).into());
        }
    };
    for role in &d.roles {
        let own = d.operations.iter().filter(|op| op.role == *role);
        put(role, own.map(|op| format!("{} ({})", op.name, op.idempotency)).collect());
    }
    put("events", d.events.clone());
    if !d.polls.is_empty() {
        put("polls", d.polls.clone());
    }
    if !d.lists.is_empty() {
        put("lists", d.lists.iter().map(|kind| (*kind).to_owned()).collect());
    }
    rows
}

/// A support level in words that need no page beside them.
fn tried(support: &str) -> &'static str {
    match support {
        "certified" => "certified (real system)",
        "recorded" => "recorded (real payloads)",
        _ => "documented (by its pages)",
    }
}

/// Words joined by commas, in lines of at most `wide` characters where the words allow it; one line at least.
fn wrapped(words: &[String], wide: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (n, word) in words.iter().enumerate() {
        let word = if n + 1 < words.len() { format!("{word},") } else { word.clone() };
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = word,
            Some(line) if line.chars().count() + 1 + word.chars().count() <= wide => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_goes_on_below() {
        let words = ["one", "two", "three-and-more", "four"].map(str::to_owned);
        assert_eq!(wrapped(&words, 10), ["one, two,", "three-and-more,", "four"]);
        assert_eq!(wrapped(&[], 10), [""]);
    }
}
