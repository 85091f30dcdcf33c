//! Judges a run at rest: by the second opinion over journal, state and the vendors' ledgers, and by what must
//! not be left over.

use crate::run::Run;
use hub::batch::ReceivedState;
use lookalikes::System;
use serde::Deserialize;
use store::{Reader, Scan, Scanned};
use verify::{CaseRow, Evidence, Head, JournalRow};

/// Exceptions that a run may end with: they tell a person of trade that went wrong, not of the hub.
const TRADE: &[&str] = &["stock_short", "rejected_after_credit", "change_conflicts", "below_zero"];
/// A person asked for a credit beyond what is left, and was refused: what they asked stays parked.
const REFUSED: &str = "credit_beyond_limit";

/// Judges the run and adds what is wrong to its failures.
///
/// # Errors
/// When the store cannot be read.
pub fn judge(run: &mut Run) -> Result<(), String> {
    let counts = run.reader.counts().map_err(|error| error.to_string())?;
    run.turns = counts.journal;
    if counts.outbox.values().sum::<u64>() > 0 {
        run.failures.push(format!("commands are left over: {:?}", counts.outbox));
    }
    let refused = counts.exceptions.get(REFUSED).copied().unwrap_or(0);
    if counts.parked != refused {
        run.failures.push(format!("{} messages are parked, {refused} were refused", counts.parked));
    }
    for (code, count) in &counts.exceptions {
        let kind = code.split(':').next().unwrap_or(code);
        if kind != REFUSED && !TRADE.contains(&kind) {
            run.failures.push(format!("{count} exceptions {code} are open"));
        }
    }
    for (kind, count) in &counts.open_cases {
        run.failures.push(format!("{count} cases of kind {kind} are open"));
    }
    // The journal and the ledgers were taken in as they came about.
    let mut verifier = std::mem::take(&mut run.watch.verifier);
    stored(run)?.stored(&mut verifier);
    let report = verifier.finish();
    breaches(run, &report);
    for (what, count) in &report.in_progress {
        run.failures.push(format!("verify counts {count} {what} as under way"));
    }
    Ok(())
}

/// Judges all that a process left behind, with everything under way: what a person would see who looked then.
///
/// # Errors
/// When the store cannot be read.
pub fn left_behind(run: &mut Run) -> Result<(), String> {
    // The journal and the ledgers were taken in as they came about.
    let mut verifier = run.watch.verifier.clone();
    verifier.under_way();
    stored(run)?.stored(&mut verifier);
    breaches(run, &verifier.finish());
    Ok(())
}

fn breaches(run: &mut Run, report: &verify::Report) {
    // Where the shop's ledger is that of an executor, none is given for the storefront.
    let shopify = run.setup.shopify;
    let known = |breach: &&verify::Breach| {
        !(shopify && breach.rule == "ledger.missing" && breach.about == "storefront")
    };
    for breach in report.breaches.iter().filter(known).take(20) {
        run.failures.push(breach.to_string());
    }
}

/// All that a second opinion needs: journal, state, and the vendors' ledgers.
///
/// # Errors
/// When the store cannot be read.
pub fn gather(run: &mut Run) -> Result<Evidence, String> {
    let mut evidence = stored(run)?;
    for part in 0..run.setup.parts {
        each(run.reader.as_mut(), part, &Scan::Journal, &mut |row| {
            if let Scanned::Journal(row) = row {
                evidence.journal.push(JournalRow {
                    part,
                    pos: row.pos,
                    case: row.case,
                    prev: row.prev,
                    at: row.at.0,
                    body: row.body.clone(),
                });
            }
        })?;
    }
    for system in System::ALL {
        let plays = run.watch.plays(system).to_owned();
        evidence.ledgers.entry(plays).or_default().extend(run.systems.ledger(run.now, system));
    }
    Ok(evidence)
}

/// What is stored beside the journal.
fn stored(run: &mut Run) -> Result<Evidence, String> {
    let mut evidence = Evidence::default();
    let fail = |error: store::StoreError| error.to_string();
    let parts = run.setup.parts;
    for part in 0..parts {
        let (_, head) = run.reader.head(part).map_err(fail)?;
        evidence.heads.push(Head {
            part,
            pos: head.pos,
            received: head.received,
            cases: head.cases,
            commands: head.commands,
            mail: head.mail,
            hash: head.hash,
        });
    }
    for part in 0..parts {
        let (mut cases, mut all) = (Vec::new(), Vec::new());
        each(run.reader.as_mut(), part, &Scan::Cases { open: false }, &mut |row| {
            if let Scanned::Case(row) = row {
                evidence.cases.push(CaseRow {
                    part,
                    id: row.id,
                    tenant: row.name.tenant.clone(),
                    kind: row.name.kind.clone(),
                    value: row.name.value.clone(),
                    last: row.last,
                    open: row.open,
                    body: row.body.clone(),
                });
                all.push(row.id);
                if row.name.kind == "pool" {
                    cases.push(row.id);
                }
            }
        })?;
        for case in all {
            let mut key = [0; 16];
            loop {
                let page = run.reader.scan(part, Scan::Seen { case, key }, 0, 1_000).map_err(fail)?;
                let Some(Scanned::Seen { key: last, .. }) = page.last() else { break };
                key = *last;
                for row in &page {
                    if let Scanned::Seen { pos, .. } = row {
                        evidence.seen.push((part, case, *pos));
                    }
                }
            }
        }
        for case in cases {
            let mut what = Scan::rows(case);
            loop {
                let page = run.reader.scan(part, what.clone(), 0, 1_000).map_err(fail)?;
                let Some(Scanned::Row { key: last, .. }) = page.last() else { break };
                what = Scan::Rows { case, key: last.clone() };
                for row in &page {
                    if let Scanned::Row { key, body } = row {
                        evidence.rows.push((part, case, key.clone(), body.clone()));
                    }
                }
            }
        }
        let mut what = Scan::balances();
        loop {
            let page = run.reader.scan(part, what.clone(), 0, 1_000).map_err(fail)?;
            let Some(Scanned::Balance { account, unit, .. }) = page.last() else { break };
            what = Scan::Balances { account: account.clone(), unit: unit.clone() };
            for row in &page {
                if let Scanned::Balance { account, unit, value } = row {
                    evidence.balances.push((account.clone(), unit.clone(), *value));
                }
            }
        }
        each(run.reader.as_mut(), part, &Scan::Outbox, &mut |row| {
            if let Scanned::Outbox(row) = row {
                evidence.outbox.push((part, row.id, row.command.key.clone()));
            }
        })?;
        each(run.reader.as_mut(), part, &Scan::Received(None), &mut |row| {
            if let Scanned::Received(row) = row {
                let state = match row.state {
                    ReceivedState::Waiting => verify::ReceivedState::Waiting,
                    ReceivedState::Decided => verify::ReceivedState::Decided,
                    ReceivedState::Parked => verify::ReceivedState::Parked,
                };
                evidence.received.push((part, row.pos, state));
            }
        })?;
        each(run.reader.as_mut(), part, &Scan::Exceptions { open: false }, &mut |row| {
            if let Scanned::Exception { row, closed, .. } = row {
                evidence.exceptions.push((row.about.clone(), row.code.clone(), closed.is_none()));
            }
        })?;
        for from in 0..parts {
            each(run.reader.as_mut(), part, &Scan::Mail(from), &mut |row| {
                if let Scanned::Mail(row) = row {
                    evidence.mail.push((from, row.pos));
                }
            })?;
        }
    }
    for (sku, available) in run.systems.shelves(run.now) {
        evidence.shelves.insert(sku, available);
    }
    Ok(evidence)
}

/// Walks a scan to its end.
fn each(
    reader: &mut dyn Reader,
    part: u16,
    what: &Scan,
    with: &mut dyn FnMut(Scanned),
) -> Result<(), String> {
    let mut after = 0;
    loop {
        let page = reader.scan(part, what.clone(), after, 1_000).map_err(|error| error.to_string())?;
        let last = page.len() < 1_000;
        for row in page {
            after = row.number();
            with(row);
        }
        if last {
            return Ok(());
        }
    }
}

/// What a journal row is about, in a line.
pub fn headline(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Row {
        case: retail::envelope::Name,
        input: serde_json::Value,
        parked: Option<serde_json::Value>,
        #[serde(default)]
        facts: Vec<Fact>,
    }
    #[derive(Deserialize)]
    struct Fact {
        #[serde(rename = "type")]
        kind: String,
    }
    let Ok(row) = serde_json::from_slice::<Row>(body) else { return "unreadable".to_owned() };
    let input = match row.input.as_object().and_then(|input| input.iter().next()) {
        Some((kind, of)) => {
            let said: Vec<&str> =
                ["type", "kind", "op", "outcome"].iter().filter_map(|m| of[*m].as_str()).collect();
            format!("{kind} {}", said.join(" "))
        }
        None => String::new(),
    };
    let facts: Vec<String> = row.facts.into_iter().map(|fact| fact.kind).collect();
    let parked = row.parked.map(|parked| format!(" PARKED {parked}")).unwrap_or_default();
    format!("{}/{} {input} -> {}{parked}", row.case.kind, row.case.value, facts.join(", "))
}
