//! Whole lifecycles a second: made-up trade through the real binary, hub and look-alikes over real HTTP, on SQLite and
//! on a private PostgreSQL of the same machine, whose own processor time is not in the hub's.
//! Prints figures with the machine's facts; nothing here asserts a time.
//!
//! `cargo bench -p crossdock --bench lifecycles -- 5000` takes the number of orders.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let orders =
        std::env::args().skip(1).find(|a| a.parse::<u64>().is_ok()).unwrap_or_else(|| "5000".to_owned());
    let server = match ownpg::shared() {
        Ok(server) => server,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let mut fine = true;
    for (seed, store) in ["1", "2", "3"].iter().flat_map(|seed| [(seed, "sqlite"), (seed, "postgres")]) {
        let address = if store == "postgres" { server.fresh() } else { store.to_owned() };
        let ran = Command::new(env!("CARGO_BIN_EXE_crossdock"))
            .args(["rehearse", "--orders", &orders, "--seed", seed, "--store", &address, "--json"])
            .output();
        let report = ran.ok().and_then(|ran| serde_json::from_slice::<serde_json::Value>(&ran.stdout).ok());
        let Some(report) = report else {
            eprintln!("the rehearsal with seed {seed} on {store} gave no report");
            return ExitCode::FAILURE;
        };
        fine &= report["ties"] == true;
        println!(
            "{store}, seed {seed}: {} orders/s, {} turns/s, hub {} ms CPU and {} bytes an order, {} MB at most, \
             order to completed p50 {} ms, p99 {} ms, ties {} on {}",
            report["throughput"]["orders_per_s"],
            report["hub"]["turns_per_s"],
            report["hub"]["cpu_ms_per_order"],
            report["hub"]["db_bytes_per_order"],
            report["hub"]["peak_rss_mb"],
            report["latency"]["p50_ms"],
            report["latency"]["p99_ms"],
            report["ties"],
            report["machine"],
        );
    }
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
