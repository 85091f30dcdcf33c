//! Seeded simulation on the command line: many seeds on all cores, a failing one shown at its shortest.

use super::{Done, Out, say, verdict};
use crate::driver::lock;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use simulator::{Outcome, Setup};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// What is to be run.
#[derive(Debug)]
pub struct Job {
    pub first: u64,
    pub seeds: u64,
    pub orders: u32,
    /// 0 takes one and four in turn.
    pub partitions: u16,
    pub bad: bool,
    /// Every seed twice: the same seed must be the same run.
    pub twice: bool,
    /// People work too.
    pub people: bool,
    /// Vendors that take commands as they are, without connectors.
    pub canonical: bool,
    /// On SQLite instead of in memory.
    pub sqlite: bool,
    /// Where that is.
    pub folder: PathBuf,
    /// Where it is kept which seeds ran; those that are there are not run again.
    pub kept: Option<PathBuf>,
}

impl Job {
    fn setup(&self, seed: u64) -> Setup {
        let setup = Setup {
            people: self.people,
            canonical: self.canonical,
            ..Setup::of(seed, self.orders, self.bad)
        };
        if self.partitions == 0 { setup } else { Setup { parts: self.partitions, ..setup } }
    }

    fn simulate(&self, setup: Setup) -> Result<Outcome, String> {
        if !self.sqlite {
            return simulator::simulate(setup);
        }
        let folder = self.folder.join(format!("seed-{}", setup.seed));
        let store = store::Sqlite::open_unsynced(&folder).map_err(|error| error.to_string())?;
        let outcome = simulator::simulate_on(setup, Box::new(store));
        std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        outcome
    }

    /// One seed, and that it is the same when it is run again.
    fn run(&self, setup: Setup) -> Result<Outcome, String> {
        let mut outcome = self.simulate(setup)?;
        if self.twice {
            let again = self.simulate(setup)?.trace;
            if again != outcome.trace {
                let why = format!("the seed is not a run: trace {} and then {again}", outcome.trace);
                outcome.failures.push(why);
            }
        }
        Ok(outcome)
    }
}

/// What many runs came to.
#[derive(Default)]
struct Sum {
    runs: u64,
    orders: u64,
    returns: u64,
    turns: u64,
    crashes: u64,
    marks: BTreeMap<String, u64>,
    /// By seed, for one digest over all.
    traces: BTreeMap<u64, String>,
    failing: Option<(Setup, Outcome)>,
    problem: Option<String>,
}

/// A line of the file of seeds.
#[derive(Serialize, Deserialize)]
struct Line {
    seed: u64,
    orders: u32,
    bad: bool,
    #[serde(default)]
    people: bool,
    #[serde(default)]
    canonical: bool,
    trace: String,
    failures: usize,
}

/// Runs the job's seeds; stops at the first that fails and prints its shortest history.
pub fn run(out: Out, job: &Job) -> Done {
    let ran = job.kept.as_deref().map(|path| known(path, job)).transpose()?.unwrap_or_default();
    let file = job.kept.as_deref().map(append).transpose()?.map(Mutex::new);
    let bar = if out.json { ProgressBar::hidden() } else { ProgressBar::new(job.seeds) };
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
                    if n >= job.seeds || lock(&sum).stops() {
                        return;
                    }
                    let setup = job.setup(job.first + n);
                    if !ran.contains(&setup.seed) {
                        let outcome = job.run(setup);
                        let noted = file.as_ref().map_or(Ok(()), |file| note(file, job, &outcome));
                        lock(&sum).add(setup, outcome.and_then(|outcome| noted.map(|()| outcome)));
                    }
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    let sum = sum.into_inner().unwrap_or_default();
    if let Some(problem) = sum.problem {
        return Err(problem);
    }
    report(out, job, sum, ran.len(), began.elapsed().as_secs_f64())
}

fn report(out: Out, job: &Job, sum: Sum, before: usize, seconds: f64) -> Done {
    let per_second = sum.orders as f64 / seconds.max(0.001);
    let unreached = if job.bad && sum.failing.is_none() {
        simulator::unreached(&sum.marks, sum.orders, job.people, job.canonical)
    } else {
        Vec::new()
    };
    let digest = sum.traces.values().fold(Sha256::new(), |all, trace| all.chain_update(trace));
    let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let failure = sum.failing.map(|(setup, outcome)| shortest(job, setup, outcome)).transpose()?;
    let value = json!({
        "seeds": sum.runs, "seeds_before": before, "orders": sum.orders, "returns": sum.returns,
        "turns": sum.turns, "crashes": sum.crashes, "marks": sum.marks, "unreached": unreached, "digest": digest,
        "seconds": seconds, "orders_per_s": per_second,
        "failed": failure.as_ref().map(|(setup, outcome)| json!({
            "seed": setup.seed, "orders": setup.orders, "parts": setup.parts, "shopify": setup.shopify,
            "faults": setup.faults, "failures": outcome.failures, "history": outcome.history,
        })),
    });
    out.print(&value, |_| {
        let marks: Vec<String> = sum.marks.iter().map(|(mark, count)| format!("{mark} {count}")).collect();
        let skipped = if before > 0 { format!(" ({before} more ran before)") } else { String::new() };
        format!(
            "{} seeds{skipped}, {} orders, {} returns, {} turns, {} crashes in {seconds:.1} s ({per_second:.0} \
             orders/s)\nreached: {}\ndigest of all traces: {digest}",
            sum.runs, sum.orders, sum.returns, sum.turns, sum.crashes, marks.join(", ")
        )
    })?;
    if !out.json {
        for mark in &unreached {
            say(&format!("FAILED: no run reached {mark}"))?;
        }
        if let Some((setup, outcome)) = &failure {
            say(&format!("\nseed {} fails; the shortest failing history is {setup:?}:", setup.seed))?;
            for line in &outcome.history {
                say(line)?;
            }
            for line in &outcome.failures {
                say(&format!("FAILED: {line}"))?;
            }
        }
        if job.bad && failure.is_none() && sum.orders < simulator::judged_after() {
            say(&format!("some marks are judged from {} orders on only", simulator::judged_after()))?;
        }
    }
    Ok(verdict(failure.is_none() && unreached.is_empty()))
}

/// The shortest history near a failing run; one that does not fail in memory, or alone, is shown as it was.
fn shortest(job: &Job, setup: Setup, outcome: Outcome) -> Result<(Setup, Outcome), String> {
    let (shortest, shown) = simulator::shortest(setup)?;
    if shown.failures.is_empty() {
        let kept = job.simulate(Setup { keep: true, ..setup })?;
        return Ok((setup, Outcome { failures: outcome.failures, ..kept }));
    }
    Ok((shortest, shown))
}

impl Sum {
    const fn stops(&self) -> bool {
        self.failing.is_some() || self.problem.is_some()
    }

    fn add(&mut self, setup: Setup, ran: Result<Outcome, String>) {
        let outcome = match ran {
            Ok(outcome) => outcome,
            Err(problem) => {
                self.problem.get_or_insert(problem);
                return;
            }
        };
        self.runs += 1;
        self.orders += u64::from(outcome.orders);
        self.returns += u64::from(outcome.returns);
        self.turns += outcome.turns;
        self.crashes += u64::from(outcome.crashes);
        for (mark, count) in &outcome.marks {
            *self.marks.entry(mark.clone()).or_default() += count;
        }
        self.traces.insert(setup.seed, outcome.trace.clone());
        if !outcome.failures.is_empty() {
            self.failing.get_or_insert((setup, outcome));
        }
    }
}

/// The seeds that ran clean before, with as many orders and the same faults.
fn known(path: &Path, job: &Job) -> Result<BTreeSet<u64>, String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    let mut seeds = BTreeSet::new();
    for (n, line) in text.lines().enumerate() {
        let line: Line = serde_json::from_str(line)
            .map_err(|error| format!("{}, line {}: {error}", path.display(), n + 1))?;
        let asked = (job.first..job.first.saturating_add(job.seeds)).contains(&line.seed);
        let same = (line.orders, line.bad, line.people, line.canonical)
            == (job.orders, job.bad, job.people, job.canonical);
        if asked && same && line.failures == 0 {
            seeds.insert(line.seed);
        }
    }
    Ok(seeds)
}

fn append(path: &Path) -> Result<File, String> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.map_err(|error| format!("{}: {error}", path.display()))
}

fn note(file: &Mutex<File>, job: &Job, outcome: &Result<Outcome, String>) -> Result<(), String> {
    let Ok(outcome) = outcome else { return Ok(()) };
    let line = Line {
        seed: outcome.seed,
        orders: job.orders,
        bad: job.bad,
        people: job.people,
        canonical: job.canonical,
        trace: outcome.trace.clone(),
        failures: outcome.failures.len(),
    };
    let mut text = serde_json::to_string(&line).map_err(|error| error.to_string())?;
    text.push('\n');
    lock(file).write_all(text.as_bytes()).map_err(|error| format!("cannot write the file of seeds: {error}"))
}
