//! `crossdock trace`: the whole journey behind any business id.

use super::place::StoreOption;
use super::{Done, Out, verdict};
use clap::Args;
use std::path::PathBuf;
use views::Step;

/// Follows any business id (order, RMA, refund, shipment, payment …) through the journal and draws what caused
/// what, with times. Reads the hub's store, whether or not a hub is running on it.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  crossdock trace shop-536365 --data DIR\n  crossdock trace C536379 --data DIR --json"
)]
pub struct Trace {
    /// Any business id.
    key: String,
    /// The hub's data folder.
    #[arg(long)]
    data: PathBuf,
    /// The tenant.
    #[arg(long, default_value = "main")]
    tenant: String,
    #[command(flatten)]
    store: StoreOption,
    /// The hub's estate, for where its store is. Left out: estate.toml in the data folder.
    #[arg(long)]
    estate: Option<PathBuf>,
}

impl Trace {
    pub fn run(self, out: Out) -> Done {
        let mut reader = self.store.place(&self.data, self.estate.as_deref())?.reader()?;
        let journey =
            views::trace(reader.as_mut(), &self.tenant, &self.key).map_err(|error| error.to_string())?;
        let found = !journey.steps.is_empty();
        out.print(&journey, |journey| {
            if !found {
                return format!("nothing here is or mentions {}", journey.key);
            }
            let mut text = format!("{}: {}\n", journey.key, journey.cases.join(", "));
            for (n, step) in journey.steps.iter().enumerate() {
                draw(&mut text, step, "", n + 1 == journey.steps.len());
            }
            text
        })?;
        Ok(verdict(found))
    }
}

/// One step and what followed, as a tree.
fn draw(text: &mut String, step: &Step, before: &str, last: bool) {
    let (branch, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
    text.push_str(&format!("{before}{branch}{}  {}  {}\n", step.at, step.case, step.what));
    let inner = format!("{before}{below}");
    let bar = if step.then.is_empty() { "    " } else { "│   " };
    let mut note = |line: String| text.push_str(&format!("{inner}{bar}{line}\n"));
    if let Some(why) = &step.note {
        note(format!("said: {}", short(why)));
    }
    for (kind, data) in &step.facts {
        note(format!("* {kind} {}", short(data.get())));
    }
    for (op, system, key) in &step.commands {
        note(format!("> {op} to {system} ({key})"));
    }
    for (code, cause) in &step.raised {
        note(format!("! {code}: {cause}"));
    }
    for code in &step.cleared {
        note(format!("! {code} is over"));
    }
    for (n, next) in step.then.iter().enumerate() {
        draw(text, next, &inner, n + 1 == step.then.len());
    }
}

/// What fits a line.
fn short(text: &str) -> String {
    if text.chars().count() <= 120 {
        return text.to_owned();
    }
    text.chars().take(117).chain("...".chars()).collect()
}
