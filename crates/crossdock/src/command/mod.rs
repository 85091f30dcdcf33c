//! The commands, one per file. Each returns 0 when all is well, 1 when it found something wrong in what it
//! looked at, and 2 when it could not do its work.

pub mod check;
pub mod codes;
pub mod commands;
pub mod connector;
pub mod demo;
pub mod estate;
pub mod exceptions;
pub mod gaps;
mod live;
pub mod lookalikes;
pub mod place;
pub mod reconcile;
pub mod rehearse;
mod running;
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
