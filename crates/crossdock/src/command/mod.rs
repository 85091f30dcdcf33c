//! The commands, one per file. Each returns 0 when all is well, 1 when it found something wrong in what it
//! looked at, and 2 when it could not do its work.

pub mod check;
pub mod codes;
pub mod connector;
pub mod demo;
pub mod estate;
pub mod exceptions;
mod live;
pub mod lookalikes;
pub mod place;
pub mod reconcile;
pub mod rehearse;
pub mod serve;
mod simulate;
pub mod trace;
pub mod verify;

use serde::Serialize;
use std::process::ExitCode;

/// What a command came to, or why it could not run.
pub type Done = Result<ExitCode, String>;

/// How a command speaks.
#[derive(Clone, Copy, Debug)]
pub struct Out {
    pub json: bool,
}

impl Out {
    /// Prints `value` as JSON, or what `text` makes of it.
    pub fn print<T: Serialize>(self, value: &T, text: impl FnOnce(&T) -> String) -> Result<(), String> {
        if self.json {
            let json = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
            say(&json)
        } else {
            say(text(value).trim_end_matches('\n'))
        }
    }
}

/// Prints a line. A reader that has gone away, such as `head`, is no error.
pub fn say(line: &str) -> Result<(), String> {
    use std::io::{ErrorKind, Write};
    match writeln!(std::io::stdout().lock(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("cannot write: {error}")),
        _ => Ok(()),
    }
}

/// Where the hub of a data folder listens.
fn hub_url(data: &std::path::Path) -> Result<String, String> {
    let told = data.join("hub.json");
    let hub = std::fs::read(&told).map_err(|error| format!("{}: {error}", told.display()))?;
    let hub: serde_json::Value = serde_json::from_slice(&hub).map_err(|error| error.to_string())?;
    Ok(hub["url"].as_str().unwrap_or_default().to_owned())
}

/// One small request to the hub on this machine.
fn post(url: &str, path: &str, token: &str, body: Vec<u8>) -> Result<(u16, String), String> {
    use http_body_util::{BodyExt, Full};
    use hyper_util::client::legacy::Client;
    use hyper_util::rt::TokioExecutor;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<bytes::Bytes>>();
        let request = hyper::Request::post(format!("{url}{path}"))
            .header("authorization", format!("Bearer {token}"))
            .body(Full::from(body))
            .map_err(|error| error.to_string())?;
        let answer = client.request(request).await.map_err(|error| format!("{url}: {error}"))?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    })
}

/// 0 when `fine`, else 1.
pub fn verdict(fine: bool) -> ExitCode {
    if fine { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// Rows as a table: columns as wide as their widest cell, numbers to the right.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |n: usize| {
        let cells = rows.iter().filter_map(|row| row.get(n)).map(|cell| cell.chars().count());
        cells.chain(head.get(n).map(|cell| cell.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let numeric = |n: usize| {
        let number = |cell: &String| cell.chars().all(|c| c.is_ascii_digit() || ".,-+ ".contains(c));
        !rows.is_empty() && rows.iter().filter_map(|row| row.get(n)).all(number)
    };
    let right: Vec<bool> = (0..head.len()).map(numeric).collect();
    let line = |cells: &[String]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .zip(&right)
            .map(|((cell, width), right)| {
                let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
                if *right { format!("{gap}{cell}") } else { format!("{cell}{gap}") }
            })
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut lines = vec![line(&head), line(&rule)];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right() {
        let rows = vec![vec!["a".to_owned(), "1".to_owned()], vec!["bcd".to_owned(), "12.50".to_owned()]];
        assert_eq!(table(&["what", "sum"], &rows), "what    sum\n----  -----\na         1\nbcd   12.50");
    }
}
