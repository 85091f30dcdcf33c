//! `crossdock check`: everything that is wrong with an estate, at once.

use super::estate::{self, Reading};
use super::{Done, Out, say, verdict};
use crate::revisions::Revisions;
use clap::Args;
use serde_json::json;
use settings::Estate;
use std::path::{Path, PathBuf};

/// Reads an estate file and the connectors it names, and lists every fault with its place.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  crossdock check estate.toml\n  crossdock check --data /var/lib/crossdock estate.toml\n  crossdock check --reference > estate.toml"
)]
pub struct Check {
    /// The estate file.
    #[arg(required_unless_present = "reference")]
    estate: Option<PathBuf>,
    /// The data folder of the hub: says which revision the estate is or would become there, and what it changes.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
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
        let mut became = None;
        let (faults, revision) = match estate::read(&file, self.connectors.as_deref())? {
            Reading::Good(estate, wired) => {
                if let Some(data) = &self.data {
                    became = Some(becomes(data, &file, &estate)?);
                }
                (Vec::new(), Some(wired.revision))
            }
            Reading::Faults(faults) => (faults, None),
        };
        let listed: Vec<_> = faults
            .iter()
            .map(|f| json!({ "file": f.file, "line": f.line, "column": f.column, "path": f.path, "message": f.message, "hint": f.hint }))
            .collect();
        let mut value = json!({ "ok": faults.is_empty(), "revision": revision, "faults": listed });
        if let Some(b) = &became {
            value["number"] = json!(b.number);
            value["new"] = json!(b.new);
            value["changes_from"] = json!(b.from);
            value["changes"] = json!(b.changes);
        }
        out.print(&value, |_| {
            if faults.is_empty() {
                let good = format!("{}: no fault, revision {}", file.display(), revision.unwrap_or_default());
                return became.as_ref().map_or(good.clone(), |b| format!("{good}\n{}", b.told()));
            }
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            format!("{}\n{} faults", lines.join("\n"), faults.len())
        })?;
        Ok(verdict(faults.is_empty()))
    }
}

/// What an estate would be in a data folder.
struct Becomes {
    number: u32,
    new: bool,
    /// The revision that it is compared with; 0 where there is none.
    from: u32,
    changes: Vec<String>,
}

impl Becomes {
    fn told(&self) -> String {
        let first = match (self.new, self.number == self.from) {
            (true, _) => format!("it would become revision {}", self.number),
            (false, true) => format!("it is revision {}, which was served last", self.number),
            (false, false) => format!("it is revision {}", self.number),
        };
        let of = match (self.from, self.changes.is_empty()) {
            (0, _) => "the first here".to_owned(),
            (from, true) => format!("no setting differs from revision {from}"),
            (from, false) => format!("what differs from revision {from}:"),
        };
        let lines = self.changes.iter().map(|change| format!("\n  {change}"));
        format!("{first}; {of}{}", lines.collect::<String>())
    }
}

fn becomes(data: &Path, file: &Path, estate: &Estate) -> Result<Becomes, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let revisions = Revisions::open(data)?;
    let (number, new) = revisions.number(&text);
    let from = revisions.now();
    let changes = if from == 0 { Vec::new() } else { settings::changes(&revisions.estate(from)?, estate) };
    Ok(Becomes { number, new, from, changes })
}
