//! What an order's life costs each store: time, bytes and loads, for 12 turns an order.
//!
//! PostgreSQL is a private server with Debian's settings on the same disk, reached by its Unix socket; what it costs
//! its own processes and writes itself does not show in the figures of this one.
//!
//! `cargo bench -p store` prints figures; nothing is asserted about time. Options after `--`: `--orders N`
//! (default 20000), `--turns N` in a group (default 64), `--parts N` (default 1), `--raw` to keep the received
//! messages too, `--only sqlite` or `--only postgres`.

mod life;

use hub::batch::{CommitAnswer, Key};
use life::{Life, TURNS};
use retail::time::{Span, Time};
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Address, Postgres, Reader, Sqlite, Store};

struct Options {
    orders: usize,
    turns: usize,
    parts: u16,
    raw: bool,
    only: Option<String>,
}

fn options() -> Result<Options, Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: usize| -> Result<usize, Box<dyn Error>> {
        match args.iter().position(|a| a == name) {
            None => Ok(default),
            Some(at) => Ok(args.get(at + 1).ok_or(format!("{name} needs a number"))?.parse()?),
        }
    };
    // `cargo test --benches` runs this without --bench: then a few orders show that it still works.
    let default = if args.iter().any(|a| a == "--bench") { 20_000 } else { 50 };
    Ok(Options {
        orders: number("--orders", default)?,
        turns: number("--turns", 64)?,
        parts: u16::try_from(number("--parts", 1)?)?,
        raw: args.iter().any(|a| a == "--raw"),
        only: args.iter().position(|a| a == "--only").and_then(|at| args.get(at + 1)).cloned(),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let o = options()?;
    // Beside the build, not in a folder that may be in memory.
    let dir = tempfile::TempDir::new_in(std::env::current_exe()?.parent().ok_or("no folder")?)?;
    println!("{}", machine(dir.path())?);
    if o.only.as_deref() != Some("postgres") {
        println!("\nSQLite");
        let store = Sqlite::open(dir.path())?;
        bench(&o, Box::new(store), Some(&dir.path().join(store::sqlite::FILE)))?;
    }
    if o.only.as_deref() != Some("sqlite") {
        println!("\nPostgreSQL");
        let server = ownpg::shared()?;
        let store = Postgres::open(&Address::parse(&server.fresh())?)?;
        bench(&o, Box::new(store), None)?;
    }
    Ok(())
}

/// A store in one file is as large as that file is once it is closed.
fn bench(o: &Options, mut store: Box<dyn Store>, file: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let mut lives = Vec::new();
    for part in 0..o.parts {
        let found = store.claim(part, "bench", Time(0), Span::days(9999))?;
        lives.push(Life::new(part, found.epoch, o.turns / usize::from(o.parts), o.raw));
    }
    let mut reader = store.reader()?;
    let (mut commits, mut loads) = (Vec::new(), Times::default());
    let (mut turns, mut logged, mut cpu, written) = (0, 0_u64, Duration::ZERO, written());
    while lives.iter().map(Life::finished).sum::<usize>() < o.orders {
        for life in &lives {
            loads.add(&mut *reader, life)?;
        }
        let group: Vec<_> = lives.iter_mut().map(Life::next).collect();
        logged += group.iter().map(life::bytes).sum::<usize>() as u64;
        turns += group.iter().map(|b| b.journal.len()).sum::<usize>();
        let (start, used) = (Instant::now(), processor());
        let answers = store.commit(&group.iter().collect::<Vec<_>>());
        commits.push(start.elapsed());
        cpu += processor().saturating_sub(used);
        if let Some(bad) = answers.iter().find(|a| **a != CommitAnswer::Yes) {
            return Err(format!("{bad:?}").into());
        }
    }
    let written = crate::written().saturating_sub(written);
    let counts = reader.counts()?;
    drop(reader);
    drop(store);
    let stored = match file {
        Some(file) => std::fs::metadata(file)?.len(),
        None => counts.bytes,
    };
    report(o, turns, &mut commits, &loads, stored, logged);
    let orders = turns as f64 / TURNS as f64;
    println!("ms of processor       {:.3} an order", cpu.as_secs_f64() * 1e3 / orders);
    println!("bytes written         {:.0} an order, log and file together", written as f64 / orders);
    println!(
        "kept                  {} cases, {} commands open, {} mail",
        counts.cases,
        counts.outbox.len(),
        counts.mail
    );
    Ok(())
}

fn report(o: &Options, turns: usize, commits: &mut [Duration], loads: &Times, stored: u64, logged: u64) {
    let total: Duration = commits.iter().sum();
    let orders = turns as f64 / TURNS as f64;
    commits.sort_unstable();
    let at = |share: f64| commits[((commits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "work                  {orders:.0} orders of {TURNS} turns, {} turns a group, {} partitions, raw messages {}",
        o.turns,
        o.parts,
        if o.raw { "kept" } else { "not kept" }
    );
    println!("turns/s               {:.0}", turns as f64 / total.as_secs_f64());
    println!("ms an order           {:.3}", total.as_secs_f64() * 1e3 / orders);
    println!("ms a commit           {:.2} median, {:.2} p99, {:.2} longest", at(0.5), at(0.99), at(1.0));
    println!(
        "bytes an order        {:.0} stored, of {:.0} given",
        stored as f64 / orders,
        logged as f64 / orders
    );
    println!("\u{b5}s a case loaded      {:.1} in progress, {:.1} not there", loads.found(), loads.absent());
}

/// Loads as a hub would do them, timed apart.
#[derive(Default)]
struct Times {
    found: (Duration, u32),
    absent: (Duration, u32),
}

impl Times {
    fn add(&mut self, reader: &mut dyn Reader, life: &Life) -> Result<(), Box<dyn Error>> {
        for (keys, sum) in
            [(life.some_names(true), &mut self.found), (life.some_names(false), &mut self.absent)]
        {
            let keys: Vec<Key> = keys.into_iter().map(Key::Case).collect();
            let start = Instant::now();
            let found = reader.load(life.part(), &keys)?;
            sum.0 += start.elapsed();
            sum.1 += u32::try_from(found.len())?;
        }
        Ok(())
    }

    fn found(&self) -> f64 {
        self.found.0.as_secs_f64() * 1e6 / f64::from(self.found.1.max(1))
    }

    fn absent(&self) -> f64 {
        self.absent.0.as_secs_f64() * 1e6 / f64::from(self.absent.1.max(1))
    }
}

/// Time that this thread has been on a processor: what others on the machine use does not count.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0))
}

/// Bytes that this process has handed to the file system.
fn written() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    io.lines().find_map(|l| l.strip_prefix("wchar: ")).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// What figures depend on: processors, load, and what an fsync costs in that folder.
fn machine(dir: &Path) -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    let cores = std::thread::available_parallelism()?;
    let model = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model.lines().find(|l| l.starts_with("model name")).and_then(|l| l.split_once(": "));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    write!(out, "machine               {cores} cores")?;
    write!(out, ", {}", model.map_or("unknown processor", |(_, name)| name))?;
    write!(out, ", load {}", load.split(' ').next().unwrap_or("unknown"))?;
    let mut file = std::fs::File::create(dir.join("probe"))?;
    let start = Instant::now();
    for _ in 0..200 {
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
    }
    write!(out, ", {:.2} ms an fsync", start.elapsed().as_secs_f64() * 1e3 / 200.0)?;
    Ok(out)
}
