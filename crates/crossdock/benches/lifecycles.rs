//! Whole lifecycles a second: trade through the real binary, hub and look-alikes over real HTTP, on SQLite and on a
//! private PostgreSQL of the same machine, whose own processor time is not in the hub's, side by side.
//! Prints figures with the machine's facts and whether both stores ended in the same `tie_out`; nothing here asserts a
//! time.
//!
//! `cargo bench -p crossdock --bench lifecycles -- 5000` takes made-up trade of so many orders, three seeds;
//! `-- --trade FILE` a retailer's file of invoice lines.

use serde_json::Value;
use std::process::{Command, ExitCode};

const STORES: [&str; 2] = ["sqlite", "postgres"];
/// What is printed, and where a report has it.
const ROWS: [(&str, &str); 11] = [
    ("orders", "/orders"),
    ("returns", "/returns"),
    ("orders/s", "/throughput/orders_per_s"),
    ("lines/s", "/throughput/lines_per_s"),
    ("turns/s", "/hub/turns_per_s"),
    ("hub CPU ms/order", "/hub/cpu_ms_per_order"),
    ("disk bytes/order", "/hub/db_bytes_per_order"),
    ("hub MB at most", "/hub/peak_rss_mb"),
    ("CPU last/first tenth, order", "/hub/growth/end_to_start_per_order"),
    ("CPU last/first tenth, line", "/hub/growth/end_to_start_per_line"),
    ("everything ties", "/ties"),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let file = arguments.iter().skip_while(|a| *a != "--trade").nth(1);
    let orders = arguments.iter().find(|a| a.parse::<u64>().is_ok()).map_or("5000", String::as_str);
    let jobs: Vec<Vec<&str>> = match file {
        Some(file) => vec![vec!["--trade", file]],
        None => ["1", "2", "3"].map(|seed| vec!["--orders", orders, "--seed", seed]).into(),
    };
    match jobs.iter().try_for_each(|job| side_by_side(job)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// The same trade on both stores.
fn side_by_side(job: &[&str]) -> Result<(), String> {
    let server = ownpg::shared()?;
    let mut reports = Vec::new();
    for store in STORES {
        let address = if store == "postgres" { server.fresh() } else { store.to_owned() };
        eprintln!("{} on {store}", job.join(" "));
        reports.push(rehearse(job, &address)?);
    }
    println!("{}\n{:<30} {:>14} {:>14}", job.join(" "), "", STORES[0], STORES[1]);
    for (what, place) in ROWS {
        let figures: Vec<String> = reports.iter().map(|r| figure(r, place)).collect();
        println!("{what:<30} {:>14} {:>14}", figures[0], figures[1]);
    }
    let same = reports[0]["books"]["tie_out"] == reports[1]["books"]["tie_out"];
    println!("{:<30} {:>14}", "the same tie_out", same);
    println!("on {}\n", reports[0]["machine"]);
    let fine = same && reports.iter().all(|r| r["ties"] == true);
    if fine { Ok(()) } else { Err("the two do not tie".to_owned()) }
}

fn figure(report: &Value, place: &str) -> String {
    report.pointer(place).map_or_else(|| "-".to_owned(), Value::to_string)
}

fn rehearse(job: &[&str], store: &str) -> Result<Value, String> {
    let ran = Command::new(env!("CARGO_BIN_EXE_crossdock"))
        .arg("rehearse")
        .args(job)
        .args(["--store", store, "--json"])
        .output()
        .map_err(|e| e.to_string())?;
    serde_json::from_slice(&ran.stdout)
        .map_err(|_| format!("no report of {}:\n{}", job.join(" "), String::from_utf8_lossy(&ran.stderr)))
}
