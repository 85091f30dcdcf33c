//! `crossdock demo`: everything at once, to look at.

use super::live::{bar, summary};
use super::place::{Rehearsed, StoreOption};
use super::{Done, Out, say, verdict};
use clap::Args;
use rehearsal::live::{Job, Kills, Start};
use std::path::{Path, PathBuf};

/// Starts look-alike vendors and a hub in a fresh folder, sends orders and returns through them, prints a
/// summary, and keeps serving until stopped.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  crossdock demo\n  crossdock demo --orders 1000 --exit")]
pub struct Demo {
    /// How many orders.
    #[arg(long, default_value_t = 300)]
    orders: u64,
    /// Decides the made-up trade.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Which vendors there are: small has those that every retailer needs; whole has those too who check, tax, carry,
    /// tell, serve and keep gift cards.
    #[arg(long, default_value = "small", value_parser = ["small", "whole"])]
    estate: String,
    /// An empty or new folder; left out: a temporary one, removed at the end.
    #[arg(long)]
    data: Option<PathBuf>,
    #[command(flatten)]
    store: StoreOption,
    /// End when the trade is through.
    #[arg(long)]
    exit: bool,
}

impl Demo {
    pub fn run(self, out: Out) -> Done {
        let loaded =
            Job::Generated { orders: self.orders, seed: self.seed }.load().map_err(|e| e.to_string())?;
        let (data, temporary) = folder(self.data)?;
        let exe = std::env::current_exe().map_err(|error| error.to_string())?;
        let kept = Rehearsed::prepare(&self.store)?;
        let postgres = kept.as_ref().map(Rehearsed::told);
        let (whole, seed) = (self.estate == "whole", self.seed);
        let start = Start { exe, data: data.clone(), seed, faults: false, whole, listen: None, postgres };
        let (bar, watch) = bar(out.json);
        let runtime = runtime()?;
        let (lab, report) = runtime
            .block_on(rehearsal::live::rehearse(&start, &loaded, Kills::default(), &watch))
            .map_err(|error| error.to_string())?;
        bar.finish_and_clear();
        out.print(&report, summary)?;
        if !self.exit {
            if !out.json {
                guide(&data, &lab.hub_url, &lab.lab_url)?;
            }
            runtime.block_on(tokio::signal::ctrl_c()).map_err(|error| error.to_string())?;
        }
        runtime.block_on(lab.stop()).map_err(|error| error.to_string())?;
        if temporary {
            std::fs::remove_dir_all(&data).map_err(|error| format!("{}: {error}", data.display()))?;
            kept.map_or(Ok(()), |kept| kept.remove())?;
        }
        Ok(verdict(report.ties && report.in_progress == 0))
    }
}

/// What to try next while everything serves.
fn guide(data: &Path, hub: &str, vendors: &str) -> Result<(), String> {
    let data = data.display();
    say(&format!(
        "\nThe hub serves on {hub}, the vendors on {vendors}. While they do, try in another terminal:\n\
         \x20 crossdock trace shop-1000001 --data {data}\n\
         \x20 crossdock exceptions --data {data}\n\
         \x20 crossdock verify --data {data}\n\
         Ctrl-C ends it."
    ))
}

/// The folder asked for, or a fresh temporary one and that it is temporary.
pub fn folder(asked: Option<PathBuf>) -> Result<(PathBuf, bool), String> {
    match asked {
        Some(folder) => Ok((folder, false)),
        None => {
            let name = format!("crossdock-{}-{}", std::process::id(), crate::driver::clock::now().0);
            Ok((std::env::temp_dir().join(name), true))
        }
    }
}

/// The runtime of a command that waits for others.
pub fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime did not start: {error}"))
}
