//! `crossdock exceptions`: what waits for a person, why, and what to do.

use super::place::StoreOption;
use super::running::RunningHub;
use super::{Done, Out, table, verdict};
use crate::api::scan_all;
use clap::Args;
use hub::batch::ExceptionRow;
use hyper::Method;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use store::{Scan, Scanned};

/// Lists open exceptions with cause, owner and next step, grouped by code. Exits 1 when there are any.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  crossdock exceptions --data DIR\n  crossdock exceptions --data DIR --code command_parked\n  crossdock exceptions --data DIR --retry 0/417\n  crossdock exceptions --data DIR --retry order/shop-536365\n  crossdock exceptions --data DIR --replay 0/1204"
)]
pub struct Exceptions {
    /// The hub's data folder.
    #[arg(long)]
    data: PathBuf,
    /// Only those of this code (the part before a colon).
    #[arg(long)]
    code: Option<String>,
    /// Only those of this owner: operations, finance, integration, customer_service.
    #[arg(long)]
    owner: Option<String>,
    /// Have the running hub try again: a parked command, PARTITION/ID as its exception says, or all that was
    /// refused of a case, such as order/shop-536365.
    #[arg(long, value_name = "WHAT", conflicts_with = "replay")]
    retry: Option<String>,
    /// Have the running hub take in a parked message, mapped anew: PARTITION/POSITION as its exception says.
    #[arg(long, value_name = "PARTITION/POSITION")]
    replay: Option<String>,
    /// The estate of the hub, for its API token and where its store is. Left out: estate.toml in the data folder.
    #[arg(long)]
    estate: Option<PathBuf>,
    #[command(flatten)]
    store: StoreOption,
}

impl Exceptions {
    pub fn run(self, out: Out) -> Done {
        if let Some(what) = &self.retry {
            let kind = what.split('/').next().unwrap_or_default();
            let of = if kind.bytes().all(|b| b.is_ascii_digit()) { "commands" } else { "cases" };
            return self.ask(out, what, &format!("/v1/{of}/{what}/retry"));
        }
        if let Some(what) = &self.replay {
            return self.ask(out, what, &format!("/v1/messages/{what}/replay"));
        }
        let mut reader = self.store.place(&self.data, self.estate.as_deref())?.reader()?;
        let parts = reader.parts().map_err(|error| error.to_string())?.len();
        let rows = scan_all(reader.as_mut(), parts, &Scan::Exceptions { open: true })
            .map_err(|error| error.to_string())?;
        let rows: Vec<ExceptionRow> = rows
            .into_iter()
            .filter_map(|row| match row {
                Scanned::Exception { row, .. } => Some(*row),
                _ => None,
            })
            .filter(|row| self.code.as_deref().is_none_or(|code| kind(&row.code) == code))
            .filter(|row| self.owner.as_deref().is_none_or(|owner| row.owner == owner))
            .collect();
        let mut by_kind: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &rows {
            *by_kind.entry(kind(&row.code)).or_default() += 1;
        }
        let shown: Vec<serde_json::Value> = rows.iter().map(shown).collect();
        let value = json!({ "open": rows.len(), "by_kind": by_kind, "exceptions": shown });
        out.print(&value, |_| {
            if rows.is_empty() {
                return "nothing waits for a person".to_owned();
            }
            let line = |row: &ExceptionRow| {
                let next = next_step(row);
                [&row.opened.to_string(), &row.code, &row.about, &row.owner, &row.cause, &next]
                    .map(Clone::clone)
                    .to_vec()
            };
            let lines: Vec<Vec<String>> = rows.iter().map(line).collect();
            table(&["since", "code", "about", "owner", "cause", "next step"], &lines)
        })?;
        Ok(verdict(rows.is_empty()))
    }

    /// Asks the hub that runs on the data folder.
    fn ask(&self, out: Out, what: &str, path: &str) -> Done {
        let hub = RunningHub::of(&self.data, self.estate.as_deref())?;
        let (status, body) = hub.ask(Method::POST, path)?;
        let value = json!({ "status": status, "answer": body });
        out.print(&value, |_| if status == 202 { format!("{what} is tried again") } else { body.clone() })?;
        Ok(verdict(status == 202))
    }
}

/// An exception as it is shown: what to do about it names the command to type.
fn shown(row: &ExceptionRow) -> serde_json::Value {
    let mut value = json!(row);
    value["next_step"] = next_step(row).into();
    value
}

/// What is to be done. A process asks for a retry of its case and does not know how a person types that.
fn next_step(row: &ExceptionRow) -> String {
    let next = &row.next_step;
    match row.about.split_once('/') {
        Some((_, case)) if next.contains("request a retry") => {
            format!("{next}: `crossdock exceptions --retry {case}`")
        }
        _ => next.clone(),
    }
}

/// A code without the object it names.
fn kind(code: &str) -> &str {
    code.split(':').next().unwrap_or(code)
}
