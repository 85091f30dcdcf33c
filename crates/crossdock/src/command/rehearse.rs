//! `crossdock rehearse`: a retailer's own year, made-up trade, or seeded simulation.

use super::live::{bar, summary};
use super::place::{Rehearsed, StoreOption};
use super::{Done, Out, simulate, verdict};
use clap::Args;
use rehearsal::live::{Job, Kills, Start};
use std::path::PathBuf;

/// Runs trade through the hub and reports what came of it. With --trade or --orders: look-alike vendors and the
/// hub as processes, over real HTTP. With --simulate: the whole hub in simulated time with faults, by seed.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  crossdock rehearse --trade year.csv.gz --data DIR --json\n  crossdock rehearse --orders 5000 --seed 1 --data DIR\n  crossdock rehearse --orders 300 --store postgres://crossdock@localhost/crossdock?password=env:PGPASSWORD\n  crossdock rehearse --trade year.csv.gz --data DIR --kills 50 --seed 7\n  crossdock rehearse --orders 500 --faults bad --seed 7\n  crossdock rehearse --simulate --seeds 200 --orders 50\n  crossdock rehearse --simulate --canonical --seeds 2000"
)]
pub struct Rehearse {
    /// A retailer's trade as CSV, plain or gzip.
    #[arg(long, conflicts_with = "simulate")]
    trade: Option<PathBuf>,
    /// The column map of that file; left out: that of the UCI Online Retail data set.
    #[arg(long, requires = "trade")]
    map: Option<PathBuf>,
    /// Made-up trade of so many orders; with --simulate, orders per seed.
    #[arg(long)]
    orders: Option<u64>,
    /// Decides made-up trade, kills, or the first simulated run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Which vendors there are: small has those that every retailer needs; whole has those too who check, tax, carry,
    /// tell, serve and keep gift cards.
    #[arg(long, default_value = "small", conflicts_with = "simulate", value_parser = ["small", "whole"])]
    estate: String,
    /// An empty or new folder for everything; kept. Left out: a temporary one.
    #[arg(long)]
    data: Option<PathBuf>,
    #[command(flatten)]
    store: StoreOption,
    /// Kill the hub with SIGKILL at so many seeded moments and start it again on the same folder.
    #[arg(long, default_value_t = 0)]
    kills: u32,
    /// Have `verify` judge the end, vendors included.
    #[arg(long)]
    verify: bool,
    /// Have `reconcile` compare the books with what every vendor says at the end.
    #[arg(long)]
    reconcile: bool,
    /// Simulate instead of running processes.
    #[arg(long)]
    simulate: bool,
    /// How many seeds to simulate, from --seed on.
    #[arg(long, default_value_t = 1, requires = "simulate")]
    seeds: u64,
    /// How the vendors behave: none, or bad (late, twice, out of order, 429, 500, cut off, down for a while, webhooks
    /// never sent). Left out: bad in simulated runs, none else.
    #[arg(long, value_parser = ["none", "bad"])]
    faults: Option<String>,
    /// Partitions of simulated hubs: 0 takes one and four in turn.
    #[arg(long, default_value_t = 0, requires = "simulate", value_parser = clap::value_parser!(u16).range(0..=7))]
    partitions: u16,
    /// Simulate every seed twice and compare the traces.
    #[arg(long, requires = "simulate")]
    twice: bool,
    /// In simulated runs people work too: they adjust stock, hold orders, dispute payments, give credits and lower
    /// quantities.
    #[arg(long, requires = "simulate")]
    people: bool,
    /// In simulated runs the vendors take the hub's commands as they are: several times the orders in the same time,
    /// without the connectors being tried.
    #[arg(long, requires = "simulate")]
    canonical: bool,
    /// A file that keeps which seeds ran clean, a line each; those that are in it are not simulated again.
    #[arg(long, requires = "simulate")]
    seeds_file: Option<PathBuf>,
}

impl Rehearse {
    pub fn run(self, out: Out) -> Done {
        let bad = self.faults.map(|faults| faults == "bad");
        if self.simulate {
            let orders =
                u32::try_from(self.orders.unwrap_or(50)).map_err(|_| "too many orders".to_owned())?;
            let job = simulate::Job {
                first: self.seed,
                seeds: self.seeds,
                orders,
                partitions: self.partitions,
                bad: bad.unwrap_or(true),
                twice: self.twice,
                people: self.people,
                canonical: self.canonical,
                sqlite: self.store.simulated()?,
                folder: super::demo::folder(self.data)?.0,
                kept: self.seeds_file,
            };
            return simulate::run(out, &job);
        }
        let job = match (self.trade, self.orders) {
            (Some(file), _) => Job::Year { file, map: self.map },
            (None, Some(orders)) => Job::Generated { orders, seed: self.seed },
            (None, None) => return Err("say --trade FILE, --orders N or --simulate".to_owned()),
        };
        let loaded = job.load().map_err(|error| error.to_string())?;
        let (data, temporary) = super::demo::folder(self.data)?;
        let exe = std::env::current_exe().map_err(|error| error.to_string())?;
        let (faults, whole) = (bad.unwrap_or(false), self.estate == "whole");
        let kept = Rehearsed::prepare(&self.store)?;
        let postgres = kept.as_ref().map(Rehearsed::told);
        let (exe_of, data_of, seed) = (exe.clone(), data.clone(), self.seed);
        let start = Start { exe: exe_of, data: data_of, seed, faults, whole, listen: None, postgres };
        let kills = Kills { times: self.kills, seed: self.seed };
        let (bar, watch) = bar(out.json);
        let runtime = super::demo::runtime()?;
        let (lab, report) = runtime
            .block_on(rehearsal::live::rehearse(&start, &loaded, kills, &watch))
            .map_err(|error| error.to_string())?;
        bar.finish_and_clear();
        out.print(&report, summary)?;
        let mut fine = report.ties && report.books.balanced && report.in_progress == 0;
        for (judge, wanted) in [("verify", self.verify), ("reconcile", self.reconcile)] {
            if !wanted {
                continue;
            }
            let judged = std::process::Command::new(&exe)
                .args([judge, "--data"])
                .arg(&data)
                .stdout(std::io::stderr())
                .status()
                .map_err(|error| format!("{judge} did not start: {error}"))?;
            fine &= judged.success();
        }
        runtime.block_on(lab.stop()).map_err(|error| error.to_string())?;
        if temporary {
            std::fs::remove_dir_all(&data).map_err(|error| format!("{}: {error}", data.display()))?;
            kept.map_or(Ok(()), |kept| kept.remove())?;
        }
        Ok(verdict(fine))
    }
}
