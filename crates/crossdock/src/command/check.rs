//! `crossdock check`: everything that is wrong with an estate, at once.

use super::estate::{self, Reading};
use super::{Done, Out, say, verdict};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Reads an estate file and the connectors it names, and lists every fault with its place.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  crossdock check estate.toml\n  crossdock check --reference > estate.toml"
)]
pub struct Check {
    /// The estate file.
    #[arg(required_unless_present = "reference")]
    estate: Option<PathBuf>,
    /// A folder of connectors in place of those that ship.
    #[arg(long)]
    connectors: Option<PathBuf>,
    /// Print the annotated reference estate: every field with its meaning and default.
    #[arg(long)]
    reference: bool,
}

impl Check {
    pub fn run(self, out: Out) -> Done {
        if self.reference {
            say(settings::reference())?;
            return Ok(verdict(true));
        }
        let Some(file) = self.estate else { return Err("name an estate file".to_owned()) };
        let (faults, revision) = match estate::read(&file, self.connectors.as_deref())? {
            Reading::Good(_, wired) => (Vec::new(), Some(wired.revision)),
            Reading::Faults(faults) => (faults, None),
        };
        let listed: Vec<_> = faults
            .iter()
            .map(|f| json!({ "file": f.file, "line": f.line, "column": f.column, "path": f.path, "message": f.message, "hint": f.hint }))
            .collect();
        let value = json!({ "ok": faults.is_empty(), "revision": revision, "faults": listed });
        out.print(&value, |_| {
            if faults.is_empty() {
                return format!("{}: no fault, revision {}", file.display(), revision.unwrap_or_default());
            }
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            format!("{}\n{} faults", lines.join("\n"), faults.len())
        })?;
        Ok(verdict(faults.is_empty()))
    }
}
