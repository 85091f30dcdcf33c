//! `crossdock commands`: what the hub wants done in other systems and has not heard the end of.

use super::place::StoreOption;
use super::{Done, Out, table};
use crate::api::scan_all;
use clap::Args;
use hub::batch::{CommandState, OutboxRow};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use store::{Scan, Scanned};

/// Lists commands that are not settled, by who is asked: the role, and which of several that play it. After
/// `serve --trial` that is what the hub would change in each system.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  crossdock commands --data DIR\n  crossdock commands --data DIR --role erp --json"
)]
pub struct Commands {
    /// The hub's data folder.
    #[arg(long)]
    data: PathBuf,
    /// Only those for this role, such as erp or payments:stripe.
    #[arg(long)]
    role: Option<String>,
    /// The estate of the hub, for where its store is. Left out: estate.toml in the data folder.
    #[arg(long)]
    estate: Option<PathBuf>,
    #[command(flatten)]
    store: StoreOption,
}

impl Commands {
    pub fn run(self, out: Out) -> Done {
        let mut reader = self.store.place(&self.data, self.estate.as_deref())?.reader()?;
        let parts = reader.parts().map_err(|error| error.to_string())?.len();
        let rows =
            scan_all(reader.as_mut(), parts, &Scan::Outbox).map_err(|error| error.to_string())?.into_iter();
        let rows = rows.filter_map(|row| if let Scanned::Outbox(row) = row { Some(row) } else { None });
        let mut rows: Vec<(String, Box<OutboxRow>)> = rows
            .map(|row| (role(&row), row))
            .filter(|(role, _)| self.role.as_ref().is_none_or(|wanted| role == wanted))
            .collect();
        rows.sort_by(|a, b| (&a.0, a.1.created).cmp(&(&b.0, b.1.created)));
        let mut by_role: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        for (role, row) in &rows {
            *by_role.entry(role).or_default().entry(&row.command.op).or_default() += 1;
        }
        let shown: Vec<Value> = rows.iter().map(|(role, row)| shown(role, row)).collect();
        let value = json!({ "open": rows.len(), "by_role": by_role, "commands": shown });
        out.print(&value, |_| {
            if rows.is_empty() {
                return "nothing is to be done in any system".to_owned();
            }
            let line = |(role, row): &(String, Box<OutboxRow>)| {
                let command = &row.command;
                vec![
                    role.clone(),
                    command.op.clone(),
                    command.object.clone(),
                    state(row.state).to_owned(),
                    row.created.to_string(),
                    command.args.get().to_owned(),
                ]
            };
            let lines: Vec<Vec<String>> = rows.iter().map(line).collect();
            table(&["role", "command", "object", "state", "since", "what"], &lines)
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// As an estate's `plays` names it.
fn role(row: &OutboxRow) -> String {
    let command = &row.command;
    if command.at.is_empty() { command.role.clone() } else { format!("{}:{}", command.role, command.at) }
}

fn shown(role: &str, row: &OutboxRow) -> Value {
    let command = &row.command;
    json!({
        "role": role, "op": command.op, "object": command.object, "key": command.key, "case": row.name.to_string(),
        "state": state(row.state), "since": row.created, "args": command.args,
    })
}

const fn state(state: CommandState) -> &'static str {
    match state {
        CommandState::Queued | CommandState::Marked => "to_send",
        CommandState::Unknown { .. } => "unknown",
        CommandState::Accepted { .. } => "accepted",
        CommandState::Parked => "parked",
    }
}
