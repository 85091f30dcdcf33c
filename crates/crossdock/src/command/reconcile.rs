//! `crossdock reconcile`: what systems say about themselves against what the hub's journal says of them.

use super::estate::{file_of, must_read};
use super::place::StoreOption;
use super::running::RunningHub;
use super::{Done, Out, table, verdict};
use crate::driver::clock;
use crate::driver::http_out::Senders;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use link::{Listed, Listing};
use reconcile::{Books, Difference, compare};
use retail::listing::{ListKind, Row};
use retail::time::{Span, Time};
use serde::Serialize;
use settings::{Connection, Role};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::{Reader, Scan, Scanned};
use wiring::Wired;

/// A connection, and a list that it is asked for.
type Ask = (String, Listing);

/// Asks each system what it says it has and compares that with the hub's journal: orders, shipments, documents,
/// captures, refunds, returns, labels and stock. Changes nothing. Exits 1 when anything differs, 2 when a system could
/// not be asked.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  crossdock reconcile --data DIR\n  crossdock reconcile erp --data DIR --json\n  crossdock reconcile --data DIR --since 2026-11-01T00:00:00Z\n  crossdock reconcile --data DIR --raise"
)]
pub struct Reconcile {
    /// The connection to ask. Left out: all that play a role.
    system: Option<String>,
    /// The hub's data folder.
    #[arg(long)]
    data: PathBuf,
    /// The estate file: where the systems are. Left out: estate.toml in the data folder.
    #[arg(long)]
    estate: Option<PathBuf>,
    #[command(flatten)]
    store: StoreOption,
    /// A folder of connectors in place of those that ship.
    #[arg(long)]
    connectors: Option<PathBuf>,
    /// Leave out what is older: RFC 3339 with a zone.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Time>,
    /// Have the running hub raise an exception for each difference, and close those of differences that are gone.
    #[arg(long)]
    raise: bool,
}

fn time(text: &str) -> Result<Time, String> {
    Time::parse(text).ok_or_else(|| format!("{text:?} is not RFC 3339 with a zone, as 2026-11-01T00:00:00Z"))
}

/// What a role's system is asked to list.
const fn lists_of(role: Role) -> &'static [ListKind] {
    use ListKind::{
        Captures, CreditMemos, Deliveries, Invoices, Labels, Orders, Refunds, ReturnReceipts, Returns,
        Shipments, Stock,
    };
    match role {
        Role::Storefront => &[Orders, Shipments, Stock],
        Role::Erp => &[Orders, Deliveries, Invoices, ReturnReceipts, CreditMemos, Stock],
        Role::Wms => &[Shipments, Stock],
        Role::Payments => &[Captures, Refunds],
        Role::Returns => &[Returns],
        Role::Carrier => &[Labels],
        _ => &[],
    }
}

/// One list that was asked for, or why it could not be.
#[derive(Debug)]
struct Answered {
    system: String,
    kind: ListKind,
    at: Time,
    /// `None` where the system keeps no such list.
    rows: Result<Option<Vec<Row>>, String>,
}

#[derive(Debug, Serialize)]
struct Compared {
    system: String,
    kind: ListKind,
    rows: usize,
    differences: usize,
    in_flight: usize,
}

#[derive(Debug, Serialize)]
struct NotAsked {
    system: String,
    kind: ListKind,
    why: String,
}

#[derive(Debug, Serialize)]
struct Report {
    differences: Vec<Difference>,
    compared: Vec<Compared>,
    /// Things under way at the systems, by system: they are no differences.
    in_flight: BTreeMap<String, usize>,
    could_not_ask: Vec<NotAsked>,
    /// Systems that play a role and list nothing.
    lists_nothing: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raised: Option<serde_json::Value>,
}

impl Reconcile {
    pub fn run(self, out: Out) -> Done {
        let file = file_of(&self.data, self.estate.as_deref());
        let (estate, wired) = must_read(&file, self.connectors.as_deref())?;
        let folder = file.parent().unwrap_or_else(|| Path::new("."));
        let mut reader = self.store.place_of(&self.data, &estate, folder)?.reader()?;
        let wired = Arc::new(wired);
        let (asks, lists_nothing) = self.asks(&estate.connections, &wired)?;
        let bar = bar(out.json);
        // The systems first: what they do while the journal is read is then no surprise to it.
        let runtime = super::demo::runtime()?;
        let answered = runtime.block_on(ask_all(asks, &wired, &bar));
        let books = read(reader.as_mut(), &wired, &bar)?;
        bar.finish_and_clear();
        let mut report = judge(&books, answered, self.since, lists_nothing);
        if self.raise {
            let found = raise(&report, self.since.is_some(), reader.as_mut(), &wired.tenant)?;
            report.raised = Some(self.tell(&found)?);
        }
        out.print(&report, text)?;
        let fine = report.differences.is_empty();
        Ok(if report.could_not_ask.is_empty() { verdict(fine) } else { ExitCode::from(2) })
    }

    /// The lists to ask for, and systems that have none.
    fn asks(&self, named: &[Connection], wired: &Wired) -> Result<(Vec<Ask>, Vec<String>), String> {
        if let Some(system) = self.system.as_ref().filter(|system| !named.iter().any(|c| c.name == **system))
        {
            let known: Vec<&str> = named.iter().map(|c| c.name.as_str()).collect();
            return Err(format!("the estate has no connection {system}; it has {}", known.join(", ")));
        }
        let (mut asks, mut nothing) = (Vec::new(), Vec::new());
        for connection in named.iter().filter(|c| self.system.as_ref().is_none_or(|system| *system == c.name))
        {
            let Some(known) = wired.connections.get(&connection.name) else { continue };
            let wanted: BTreeSet<ListKind> =
                connection.plays.iter().flat_map(|play| lists_of(play.role)).copied().collect();
            let listed = known.connector.lists_for(&known.endpoint);
            let found = listed.into_iter().filter(|kind| wanted.contains(kind));
            let before = asks.len();
            asks.extend(found.filter_map(|kind| {
                Some((connection.name.clone(), known.connector.list(kind, self.since, &known.endpoint)?))
            }));
            if asks.len() == before && !wanted.is_empty() {
                nothing.push(connection.name.clone());
            }
        }
        if let Some(system) = self.system.as_ref().filter(|_| asks.is_empty()) {
            return Err(format!(
                "{system} lists nothing that could be compared: its connector or its settings have no lists"
            ));
        }
        Ok((asks, nothing))
    }

    fn tell(&self, found: &serde_json::Value) -> Result<serde_json::Value, String> {
        let body = serde_json::to_vec(found).map_err(|error| error.to_string())?;
        let hub = RunningHub::of(&self.data, self.estate.as_deref())?;
        let (status, answer) = hub.ask(hyper::Method::POST, "/v1/differences", body)?;
        if status != 202 {
            return Err(format!("the hub did not take the differences in ({status}): {answer}"));
        }
        serde_json::from_str(&answer).map_err(|error| format!("the hub's answer: {error}"))
    }
}

/// A line on standard error that says how far it is; none where that is no terminal or JSON was asked for.
fn bar(hidden: bool) -> ProgressBar {
    let bar = if hidden { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    let style = ProgressStyle::with_template("{spinner} {msg:<32} {human_pos} rows  {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

async fn ask_all(asks: Vec<Ask>, wired: &Arc<Wired>, bar: &ProgressBar) -> Vec<Answered> {
    let senders = Senders::new(Arc::clone(wired), None);
    let mut answered = Vec::new();
    for (system, listing) in asks {
        let (kind, at) = (listing.kind(), clock::now());
        bar.set_message(format!("{system}: {kind}"));
        let rows = ask(listing, &senders, bar).await;
        answered.push(Answered { system, kind, at, rows });
    }
    answered
}

/// How often a page is asked for that does not come.
const TRIES: u32 = 4;

/// One list to its end. What fails is asked for again, and with longer pauses.
async fn ask(mut listing: Listing, senders: &Senders, bar: &ProgressBar) -> Result<Option<Vec<Row>>, String> {
    let (mut rows, mut failed) = (Vec::new(), 0);
    loop {
        let answer = senders.call(listing.request(clock::now())?).await;
        match listing.read(clock::now(), answer) {
            Listed::Page { rows: page, more } => {
                bar.inc(u64::try_from(page.len()).unwrap_or(0));
                rows.extend(page);
                failed = 0;
                if !more {
                    return Ok(Some(rows));
                }
            }
            Listed::NotKept => return Ok(None),
            Listed::Failed { why, retry_after } => {
                failed += 1;
                if failed >= TRIES {
                    return Err(why);
                }
                let pause = retry_after.unwrap_or(Span(500 << failed)).0.clamp(0, 60_000);
                tokio::time::sleep(Duration::from_millis(pause.unsigned_abs())).await;
            }
        }
    }
}

const PAGE: usize = 2_000;

/// The whole journal, and which commands are not settled.
fn read(reader: &mut dyn Reader, wired: &Wired, bar: &ProgressBar) -> Result<Books, String> {
    let mut books = Books::new(wired.plan.routes.clone());
    let mut open = BTreeSet::new();
    bar.set_message("the journal");
    bar.set_position(0);
    for part in reader.parts().map_err(|error| error.to_string())? {
        let mut after = 0;
        loop {
            let page = reader.scan(part, Scan::Journal, after, PAGE).map_err(|error| error.to_string())?;
            bar.inc(u64::try_from(page.len()).unwrap_or(0));
            let last = page.len() < PAGE;
            for row in page {
                let Scanned::Journal(row) = row else { continue };
                after = row.pos;
                let wrong = |error| format!("journal row {} of partition {part}: {error}", row.pos);
                books.turn(part, row.at, &row.body).map_err(wrong)?;
            }
            if last {
                break;
            }
        }
        let mut after = 0;
        loop {
            let page = reader.scan(part, Scan::Outbox, after, PAGE).map_err(|error| error.to_string())?;
            let last = page.len() < PAGE;
            after = page.last().map_or(after, Scanned::number);
            open.extend(page.iter().map(|row| (part, row.number())));
            if last {
                break;
            }
        }
    }
    books.unsettled(&open);
    Ok(books)
}

fn judge(books: &Books, answered: Vec<Answered>, since: Option<Time>, lists_nothing: Vec<String>) -> Report {
    let mut report = Report {
        differences: Vec::new(),
        compared: Vec::new(),
        in_flight: BTreeMap::new(),
        could_not_ask: Vec::new(),
        lists_nothing,
        raised: None,
    };
    for Answered { system, kind, at, rows } in answered {
        let rows = match rows {
            Ok(Some(rows)) => rows,
            Ok(None) => continue,
            Err(why) => {
                report.could_not_ask.push(NotAsked { system, kind, why });
                continue;
            }
        };
        let found = compare(books, &system, kind, &rows, since, at);
        *report.in_flight.entry(system.clone()).or_default() += found.in_flight;
        let (rows, differences, in_flight) = (found.rows, found.differences.len(), found.in_flight);
        report.compared.push(Compared { system, kind, rows, differences, in_flight });
        report.differences.extend(found.differences);
    }
    report
}

/// What the hub is told: the differences, each under its case, and the cases of those that are gone.
fn raise(
    report: &Report,
    partly: bool,
    reader: &mut dyn Reader,
    tenant: &str,
) -> Result<serde_json::Value, String> {
    let found: BTreeMap<String, &Difference> =
        report.differences.iter().map(|difference| (difference.case(), difference)).collect();
    let parts = reader.parts().map_err(|error| error.to_string())?.len();
    let open =
        crate::api::scan_all(reader, parts, &Scan::Exceptions { open: true }).map_err(|e| e.to_string())?;
    let before = format!("{tenant}/difference/");
    let of: Vec<String> = report.compared.iter().map(|c| reconcile::case_of(&c.system, c.kind, "")).collect();
    let shown = open.into_iter().filter_map(|row| match row {
        Scanned::Exception { row, .. } => row.about.strip_prefix(&before).map(str::to_owned),
        _ => None,
    });
    let shown: BTreeSet<String> = shown.collect();
    let asked = |case: &str| of.iter().any(|of| case.starts_with(of.as_str()));
    // What is older than asked for was not looked at.
    let gone: Vec<&String> =
        shown.iter().filter(|case| !partly && !found.contains_key(*case) && asked(case)).collect();
    let found: Vec<_> = found
        .iter()
        .filter(|(case, _)| !shown.contains(*case))
        .map(|(case, difference)| {
            let mut told = serde_json::json!(difference);
            told["difference"] = case.as_str().into();
            told
        })
        .collect();
    Ok(serde_json::json!({ "found": found, "gone": gone }))
}

fn text(report: &Report) -> String {
    let mut lines = Vec::new();
    if !report.differences.is_empty() {
        let row = |d: &Difference| {
            let of = d.order.as_ref().or(d.rma.as_ref()).filter(|of| **of != d.what);
            let what = of.map_or_else(|| d.what.clone(), |of| format!("{} ({of})", d.what));
            vec![
                d.system.clone(),
                d.kind.to_string(),
                what,
                d.hub.clone(),
                d.there.clone(),
                d.cause.to_string(),
                d.next_step.to_owned(),
            ]
        };
        let rows: Vec<Vec<String>> = report.differences.iter().map(row).collect();
        let head = ["system", "kind", "what", "hub says", "system says", "likely cause", "safe next step"];
        lines.push(table(&head, &rows));
        lines.push(String::new());
    }
    for failed in &report.could_not_ask {
        lines.push(format!("could not ask {} for {}: {}", failed.system, failed.kind, failed.why));
    }
    if !report.lists_nothing.is_empty() {
        lines.push(format!("not compared, since they list nothing: {}", report.lists_nothing.join(", ")));
    }
    for (system, count) in report.in_flight.iter().filter(|(_, count)| **count > 0) {
        lines.push(format!("in flight: {count} at {system}"));
    }
    if let Some(raised) = &report.raised {
        lines.push(format!("told the hub: {} found, {} gone", raised["found"], raised["gone"]));
    }
    let rows: usize = report.compared.iter().map(|compared| compared.rows).sum();
    let systems: BTreeSet<&str> = report.compared.iter().map(|compared| compared.system.as_str()).collect();
    lines.push(match report.differences.len() {
        0 => format!("no differences in {rows} rows of {} systems", systems.len()),
        1 => format!("1 difference in {rows} rows of {} systems", systems.len()),
        n => format!("{n} differences in {rows} rows of {} systems", systems.len()),
    });
    lines.join("\n")
}
