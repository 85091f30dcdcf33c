//! `crossdock verify`: the second opinion.

use super::estate::{file_of, must_read};
use super::place::{Place, StoreOption};
use super::{Done, Out, table, verdict};
use crate::driver::clock;
use clap::Args;
use settings::Role;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use verify::{
    PoolRules, Schema, Settings, Verifier, fetch_ledger, fetch_shelves, keep_heads, kept_heads,
    read_postgres, read_sqlite,
};

/// Recomputes balances, stock and money from the journal, fetches each vendor's ledger over HTTP, and prints
/// every row that breaks a rule. Shares no code with what it judges. Exits 1 when anything is broken.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  crossdock verify --data DIR\n  crossdock verify --data DIR --no-vendors --json\n  crossdock verify --data DIR --head heads.jsonl --export-head heads.jsonl"
)]
pub struct Verify {
    /// The hub's data folder.
    #[arg(long)]
    data: PathBuf,
    /// The estate file: where the vendors are. Left out: estate.toml in the data folder.
    #[arg(long)]
    estate: Option<PathBuf>,
    #[command(flatten)]
    store: StoreOption,
    /// Look at the store only and ask no vendor.
    #[arg(long)]
    no_vendors: bool,
    /// Systems may still have messages on their way: what only they know of is then in progress, not wrong.
    #[arg(long)]
    busy: bool,
    /// Heads that were exported earlier: each must still be in the journal. May be repeated.
    #[arg(long, value_name = "FILE")]
    head: Vec<PathBuf>,
    /// Append the journal's heads as they are now to this file, where no rule of the journal is broken. Keep it where
    /// whoever can write the store cannot.
    #[arg(long, value_name = "FILE")]
    export_head: Option<PathBuf>,
}

impl Verify {
    pub fn run(self, out: Out) -> Done {
        let file = file_of(&self.data, self.estate.as_deref());
        let (estate, wired) = must_read(&file, None)?;
        let (mut safety, mut pools) = (BTreeMap::new(), BTreeMap::new());
        for (id, pool) in &estate.policy.pools {
            safety.extend(pool.places.iter().map(|place| (place.clone(), pool.safety_at(place))));
            pools.insert(id.clone(), rules(&pool.rules));
        }
        let mut verifier = Verifier::new(Settings { systems_at_rest: !self.busy, safety, pools });
        for file in &self.head {
            let named = |why: String| format!("{}: {why}", file.display());
            let text = std::fs::read_to_string(file).map_err(|error| named(error.to_string()))?;
            for head in kept_heads(&text).map_err(named)? {
                verifier.exported_head(head.part, head.pos, head.hash);
            }
        }
        // Ledgers first: what a vendor does while the store is read is then no surprise to the journal.
        let mut shelves = BTreeMap::new();
        if !self.no_vendors {
            for named in &estate.connections {
                let Some(url) = named.url.as_deref() else { continue };
                let endpoint = wired.connections.get(&named.name).map(|connection| &connection.endpoint);
                let token = endpoint.and_then(|e| e.secret.get("token").or_else(|| e.secret.get("key")));
                let token = token.map_or("", String::as_str);
                // Whoever plays no role was sent nothing: its ledger is that of the connection that does.
                if named.plays.is_empty() {
                    continue;
                }
                for play in &named.plays {
                    verifier.ledger(&named.name, Some(play.role.word()));
                }
                for line in fetch_ledger(url, token) {
                    verifier.ledger_row(&named.name, &line.map_err(|error| error.to_string())?);
                }
                if named.plays.iter().any(|play| play.role == Role::Storefront) {
                    shelves = fetch_shelves(url, token).map_err(|error| error.to_string())?;
                }
            }
        }
        for (sku, available) in shelves {
            verifier.shelf(&sku, available);
        }
        let folder = file.parent().unwrap_or_else(|| Path::new("."));
        match self.store.place_of(&self.data, &estate, folder)? {
            Place::Folder(data) => read_sqlite(&data, &mut verifier),
            Place::Postgres(address) => {
                let (url, password) = (address.plain(), address.password());
                let schema = Schema { url, password, name: address.schema().to_owned() };
                read_postgres(&schema, &mut verifier)
            }
        }
        .map_err(|error| error.to_string())?;
        let heads = verifier.heads().to_vec();
        let report = verifier.finish();
        if let Some(file) = &self.export_head
            && !report.broken().iter().any(|rule| rule.starts_with("journal."))
        {
            append(file, &keep_heads(&heads, &clock::now().to_string()))
                .map_err(|error| format!("{}: {error}", file.display()))?;
        }
        out.print(&report, |report| {
            let checks: Vec<Vec<String>> = report
                .checks
                .iter()
                .map(|c| {
                    vec![
                        c.rule.to_owned(),
                        c.rows_checked.to_string(),
                        c.breaches.to_string(),
                        c.title.to_owned(),
                    ]
                })
                .collect();
            let mut text = table(&["rule", "rows", "broken", "what must hold"], &checks);
            for breach in &report.breaches {
                text.push_str(&format!("\n{breach}"));
            }
            for (what, count) in &report.in_progress {
                text.push_str(&format!("\nin progress: {count} {what}"));
            }
            let end = if report.clean() {
                "no rule is broken".to_owned()
            } else {
                format!("{} rows break a rule", report.breaches.len())
            };
            format!("{text}\n{end}")
        })?;
        Ok(verdict(report.clean()))
    }
}

/// Appends lines to a file and has them on disk.
fn append(file: &Path, lines: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(lines.as_bytes())?;
    file.sync_all()
}

/// What decides what a pool may promise, as the second opinion takes it.
fn rules(own: &settings::StockRules) -> PoolRules {
    let sources = own.kept.keys().chain(own.shares.keys());
    let rule =
        |source: &String| (own.shares.get(source).copied(), own.kept.get(source).copied().unwrap_or(0));
    PoolRules {
        safety_skus: own.safety_skus.clone(),
        safety_categories: own.safety_categories.clone(),
        sellable: own.sellable.iter().cloned().collect(),
        consigned: own.consigned.clone(),
        channels: sources.map(|source| (source.clone(), rule(source))).collect(),
    }
}
