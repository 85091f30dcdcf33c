//! Seeded simulation on the command line: many seeds on all cores, a failing one shown at its shortest.

use super::{Done, Out, say, verdict};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use simulator::{Faults, Outcome, Setup};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// What many runs came to.
#[derive(Default)]
struct Sum {
    runs: u64,
    orders: u64,
    returns: u64,
    turns: u64,
    crashes: u64,
    marks: BTreeMap<&'static str, u64>,
    failing: Option<Setup>,
    problem: Option<String>,
}

/// Runs `seeds` seeds from `first` on; stops at the first that fails and prints its shortest history.
pub fn run(out: Out, first: u64, seeds: u64, orders: u32, partitions: u16, bad: bool) -> Done {
    let setup = |seed: u64| Setup {
        seed,
        orders,
        parts: match partitions {
            0 => {
                if seed.is_multiple_of(2) {
                    4
                } else {
                    1
                }
            }
            parts => parts,
        },
        faults: if bad { Faults::bad(seed) } else { Faults::none() },
        keep: false,
        shopify: false,
    };
    let bar = if out.json { ProgressBar::hidden() } else { ProgressBar::new(seeds) };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} seeds  {elapsed} (left {eta})") {
        bar.set_style(style);
    }
    let began = Instant::now();
    let next = AtomicU64::new(0);
    let sum = Mutex::new(Sum::default());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= seeds || crate::driver::lock(&sum).failing.is_some() {
                        return;
                    }
                    let setup = setup(first + n);
                    let ran = simulator::simulate(setup);
                    bar.inc(1);
                    add(&mut crate::driver::lock(&sum), setup, ran);
                }
            });
        }
    });
    bar.finish_and_clear();
    let sum = sum.into_inner().unwrap_or_default();
    if let Some(problem) = sum.problem {
        return Err(problem);
    }
    let seconds = began.elapsed().as_secs_f64();
    let per_second = sum.orders as f64 / seconds.max(0.001);
    let failure = sum.failing.map(simulator::shortest).transpose()?;
    let value = json!({
        "seeds": sum.runs, "orders": sum.orders, "returns": sum.returns, "turns": sum.turns,
        "crashes": sum.crashes, "marks": sum.marks, "seconds": seconds, "orders_per_s": per_second,
        "failed": failure.as_ref().map(|(setup, outcome)| json!({
            "seed": setup.seed, "orders": setup.orders, "parts": setup.parts, "faults": setup.faults,
            "failures": outcome.failures, "history": outcome.history,
        })),
    });
    out.print(&value, |_| {
        let marks: Vec<String> = sum.marks.iter().map(|(mark, count)| format!("{mark} {count}")).collect();
        format!(
            "{} seeds, {} orders, {} returns, {} turns, {} crashes in {seconds:.1} s ({per_second:.0} orders/s)\nreached: {}",
            sum.runs, sum.orders, sum.returns, sum.turns, sum.crashes, marks.join(", ")
        )
    })?;
    if let (Some((setup, outcome)), false) = (&failure, out.json) {
        say(&format!("\nseed {} fails; the shortest failing history is {setup:?}:", setup.seed))?;
        for line in &outcome.history {
            say(line)?;
        }
        for line in &outcome.failures {
            say(&format!("FAILED: {line}"))?;
        }
    }
    Ok(verdict(failure.is_none()))
}

fn add(sum: &mut Sum, setup: Setup, ran: Result<Outcome, String>) {
    match ran {
        Err(problem) => {
            sum.problem.get_or_insert(problem);
            sum.failing.get_or_insert(setup);
        }
        Ok(outcome) => {
            sum.runs += 1;
            sum.orders += u64::from(outcome.orders);
            sum.returns += u64::from(outcome.returns);
            sum.turns += outcome.turns;
            sum.crashes += u64::from(outcome.crashes);
            for (mark, count) in outcome.marks {
                *sum.marks.entry(mark).or_default() += count;
            }
            if !outcome.failures.is_empty() {
                sum.failing.get_or_insert(setup);
            }
        }
    }
}
