//! Judges a run at rest: by the second opinion over journal, state and the vendors' ledgers, and by what must
//! not be left over.

use crate::run::Run;
use hub::batch::ReceivedState;
use lookalikes::System;
use serde::Deserialize;
use store::{Reader, Scan, Scanned};
use verify::{Case, Head, Settings, Verifier};

/// Exceptions that a run may end with: they tell of trade that went wrong, not of the hub.
const TRADE: &[&str] = &[
    "stock_short",
    "overreceived",
    "receipt_mismatch",
    "over_receipt",
    "unexpected_receipt",
    "cancellation_refused",
    "allocation_short",
    "short_picked",
];

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
    if counts.parked > 0 {
        run.failures.push(format!("{} messages are parked", counts.parked));
    }
    for (code, count) in &counts.exceptions {
        let kind = code.split(':').next().unwrap_or(code);
        if !TRADE.contains(&kind) {
            run.failures.push(format!("{count} exceptions {code} are open"));
        }
    }
    for (kind, count) in &counts.open_cases {
        run.failures.push(format!("{count} cases of kind {kind} are open"));
    }
    let report = second_opinion(run)?;
    for breach in report.breaches.iter().take(20) {
        run.failures.push(breach.to_string());
    }
    for (what, count) in &report.in_progress {
        run.failures.push(format!("verify counts {count} {what} as under way"));
    }
    Ok(())
}

fn second_opinion(run: &mut Run) -> Result<verify::Report, String> {
    let mut verifier = Verifier::new(Settings::default());
    let fail = |error: store::StoreError| error.to_string();
    let parts = run.setup.parts;
    for part in 0..parts {
        let (_, head) = run.reader.head(part).map_err(fail)?;
        verifier.head(Head {
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
        each(run.reader.as_mut(), part, &Scan::Journal, &mut |row| {
            if let Scanned::Journal(row) = row {
                verifier.journal_row(part, row.pos, row.case, row.prev, row.at.0, &row.body);
            }
        })?;
    }
    for part in 0..parts {
        let mut cases = Vec::new();
        each(run.reader.as_mut(), part, &Scan::Cases { open: false }, &mut |row| {
            if let Scanned::Case(row) = row {
                verifier.case(Case {
                    part,
                    id: row.id,
                    tenant: &row.name.tenant,
                    kind: &row.name.kind,
                    value: &row.name.value,
                    last: row.last,
                    open: row.open,
                    body: &row.body,
                });
                if row.name.kind == "pool" {
                    cases.push(row.id);
                }
            }
        })?;
        for case in cases {
            let mut what = Scan::rows(case);
            loop {
                let page = run.reader.scan(part, what.clone(), 0, 1_000).map_err(fail)?;
                let Some(Scanned::Row { key: last, .. }) = page.last() else { break };
                what = Scan::Rows { case, key: last.clone() };
                for row in &page {
                    if let Scanned::Row { key, body } = row {
                        verifier.stock_row(part, case, key, body);
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
                    verifier.balance(account, unit, *value);
                }
            }
        }
        each(run.reader.as_mut(), part, &Scan::Outbox, &mut |row| {
            if let Scanned::Outbox(row) = row {
                verifier.outbox(part, row.id, &row.command.key);
            }
        })?;
        each(run.reader.as_mut(), part, &Scan::Received(None), &mut |row| {
            if let Scanned::Received(row) = row {
                let state = match row.state {
                    ReceivedState::Waiting => verify::ReceivedState::Waiting,
                    ReceivedState::Decided => verify::ReceivedState::Decided,
                    ReceivedState::Parked => verify::ReceivedState::Parked,
                };
                verifier.received(part, row.pos, state);
            }
        })?;
        each(run.reader.as_mut(), part, &Scan::Exceptions { open: false }, &mut |row| {
            if let Scanned::Exception { row, closed, .. } = row {
                verifier.exception(&row.about, &row.code, closed.is_none());
            }
        })?;
        for from in 0..parts {
            each(run.reader.as_mut(), part, &Scan::Mail(from), &mut |row| {
                if let Scanned::Mail(row) = row {
                    verifier.mail(from, row.pos);
                }
            })?;
        }
    }
    for system in System::ALL {
        let system = system.to_string();
        verifier.ledger(&system, None);
        for line in run.ledger(&system) {
            verifier.ledger_row(&system, &line);
        }
    }
    for (sku, available) in run.shelves() {
        verifier.shelf(&sku, available);
    }
    Ok(verifier.finish())
}

/// Walks a scan to its end.
fn each(reader: &mut dyn Reader, part: u16, what: &Scan, with: &mut dyn FnMut(Scanned)) -> Result<(), String> {
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
            let said: Vec<&str> = ["type", "kind", "op", "outcome"].iter().filter_map(|m| of[*m].as_str()).collect();
            format!("{kind} {}", said.join(" "))
        }
        None => String::new(),
    };
    let facts: Vec<String> = row.facts.into_iter().map(|fact| fact.kind).collect();
    let parked = row.parked.map(|parked| format!(" PARKED {parked}")).unwrap_or_default();
    format!("{}/{} {input} -> {}{parked}", row.case.kind, row.case.value, facts.join(", "))
}
