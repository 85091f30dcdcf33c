//! Trade over real HTTP: look-alikes and hub as processes of their own, a feeder that plays customers, suppliers
//! and time, and a report of what came of it.
//!
//! [`start`] prepares a folder and starts both processes; [`trade_year`] or [`trade_generated`] sends trade
//! through them and gathers the [`Report`]; the [`Lab`] goes on serving until [`Lab::stop`]. [`rehearse`] is all of
//! it in one call. [`same_tie_out`] compares two reports.

mod asks;
mod cost;
mod error;
mod estate;
mod exceptions;
mod faults;
mod gather;
mod generated;
mod http;
mod hub_api;
mod kills;
mod lab;
mod lab_api;
mod latency;
mod ledgers;
mod machine;
mod process;
mod progress;
mod report;
mod rest;
mod tie_out;
mod verdicts;
mod whole;
mod year;

pub use error::LiveError;
pub use generated::trade_generated;
pub use kills::Kills;
pub use lab::{Lab, Postgres, Start, start};
pub use latency::Latency;
pub use machine::Machine;
pub use progress::{Phase, Progress, Watch};
pub use report::{
    Books, Exceptions, Growth, HubCost, Lines, MoneyTies, Report, SetAsideReport, Tenth, Throughput,
    TieOutReport, Vendor,
};
pub use tie_out::same_tie_out;
pub use year::trade_year;

use crate::generate::Generated;
use crate::trade::{ColumnMap, Trade};
use std::path::PathBuf;

/// What is sent through the hub.
#[derive(Clone, Debug)]
pub enum Job {
    /// A retailer's file, plain or gzip, read through a column map (none: the one that ships).
    Year { file: PathBuf, map: Option<PathBuf> },
    /// Made-up trade.
    Generated { orders: u64, seed: u64 },
}

impl Job {
    /// Reads what there is to read, so that a mistake in a file is told before anything is started.
    ///
    /// # Errors
    /// When the file or the map cannot be read.
    pub fn load(&self) -> Result<Loaded, LiveError> {
        match self {
            Self::Generated { orders, seed } => Ok(Loaded::Generated(Generated::new(*orders, *seed))),
            Self::Year { file, map } => {
                let map = match map {
                    None => ColumnMap::online_retail(),
                    Some(path) => {
                        let text = std::fs::read_to_string(path).map_err(|e| LiveError::file(path, &e))?;
                        ColumnMap::parse(&text)
                    }
                };
                let map = map.map_err(|e| LiveError::Trade(e.to_string()))?;
                let open = std::fs::File::open(file).map_err(|e| LiveError::file(file, &e))?;
                let trade = Trade::read(open, map);
                let trade = trade.map_err(|e| LiveError::Trade(format!("{}: {e}", file.display())))?;
                Ok(Loaded::Year(Box::new(trade)))
            }
        }
    }
}

/// Trade that is ready to be sent.
#[derive(Debug)]
pub enum Loaded {
    Year(Box<Trade>),
    Generated(Generated),
}

impl Loaded {
    fn policy(&self) -> estate::ReturnsPolicy {
        match self {
            Self::Year(trade) => estate::ReturnsPolicy {
                window_days: trade.map.returns.window_days,
                inspect_first: trade.map.returns.inspect_first.clone(),
            },
            Self::Generated(_) => {
                estate::ReturnsPolicy { window_days: 30, inspect_first: Generated::inspect_first() }
            }
        }
    }
}

/// Starts everything, sends the trade through, and gathers the report. The lab still serves, so that `verify` can
/// ask the vendors; stop it with [`Lab::stop`].
///
/// # Errors
/// When something cannot be started, dies by itself, or stands still for minutes; what is running is stopped then.
pub async fn rehearse(
    start_with: &Start,
    loaded: &Loaded,
    kills: Kills,
    watch: &Watch,
) -> Result<(Lab, Report), LiveError> {
    let lab = start(start_with, loaded).await?;
    let report = match loaded {
        Loaded::Year(trade) => trade_year(&lab, trade, kills, watch).await?,
        Loaded::Generated(trade) => trade_generated(&lab, trade, kills, watch).await?,
    };
    Ok((lab, report))
}
