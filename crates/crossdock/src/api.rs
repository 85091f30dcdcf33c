//! The small interface below `/v1`: progress, cases, balances, exceptions, facts, metrics; what a person may ask is in
//! `operate.rs`.

use crate::driver::http_in::{Answer, Door, arrived, json, refuse};
use crate::driver::{Running, clock, query};
use crate::{operate, process_facts};
use flows::Flows;
use hub::batch::Found;
use hub::batch::Key;
use hub::process::Process as _;
use hyper::Request;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use retail::envelope::Name;
use serde_json::{Value, json as value};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::{Scan, Scanned};

/// Most rows that one answer holds.
const PAGE: usize = 10_000;

/// Refuses whoever does not show the estate's token.
fn stranger(door: &Door, request: &Request<Incoming>) -> Option<Answer> {
    let token = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.strip_prefix("Bearer "));
    let own = door.running.wired.api_token.as_ref();
    let known = own.is_some_and(|own| own.matches(token.unwrap_or_default()));
    (!known).then(|| refuse(401, "unauthorised", "send the API token of the estate as a bearer token"))
}

/// Answers a request for `rest`, the path below `/v1/`. No body is read of one that nobody knows.
pub async fn answer(door: &Door, rest: &str, request: Request<Incoming>) -> Answer {
    let running = &door.running;
    if let Some(refusal) = stranger(door, &request) {
        return refusal;
    }
    if request.method() == hyper::Method::POST {
        return match arrived(request.into_body()).await {
            Ok(body) => operate::answer(door, rest, &body).await,
            Err(refusal) => refusal,
        };
    }
    if request.method() != hyper::Method::GET {
        return refuse(405, "method", "this interface is read by GET");
    }
    let asked = request.uri().query().unwrap_or_default();
    let answered = match rest.split('/').collect::<Vec<_>>()[..] {
        ["progress"] => progress(running).await.map(Some),
        ["metrics"] => metrics(running).await.map(Some),
        ["balances"] => balances(running).await.map(Some),
        ["exceptions"] => exceptions(running).await.map(Some),
        ["polls"] => Ok(Some(value!({ "polls": running.polls.show(clock::now()) }))),
        ["orders", id] => case(running, "order", id).await,
        ["cases", kind, id] => case(running, kind, id).await,
        ["pools", pool, "holds", hold] => held(running, pool, hold).await,
        ["facts"] => return facts(running, asked).await,
        _ => Ok(None),
    };
    match answered {
        Ok(Some(body)) => json(200, body.to_string().into_bytes()),
        Ok(None) => refuse(404, "not_found", "there is nothing by that name"),
        Err(why) => refuse(503, "store", &why),
    }
}

/// How busy the hub is. `at_rest`: nothing is under way and nothing will start by itself within a minute.
async fn progress(running: &Arc<Running>) -> Result<Value, String> {
    let resting = || {
        let loads: Vec<_> = running.parts.iter().map(crate::driver::Partition::load).collect();
        let free = running.intake.available_permits() == running.intake_max;
        let rest = free && loads.iter().all(hub::io::Load::at_rest);
        (rest, loads)
    };
    let (rested, before) = resting();
    let sum =
        |loads: &[hub::io::Load], pick: fn(&hub::io::Load) -> usize| loads.iter().map(pick).sum::<usize>();
    let busy = |loads: &[hub::io::Load]| {
        value!({
            "at_rest": false,
            "queued": sum(loads, |l| l.queued),
            "commands": sum(loads, |l| l.commands),
            "parked": sum(loads, |l| l.parked),
            "unnamed": sum(loads, |l| l.unnamed),
            "pos": loads.iter().map(|l| l.pos).sum::<u64>(),
        })
    };
    // Counting reads the whole store, which whoever waits for rest has no use for while there is none.
    if !rested {
        return Ok(busy(&before));
    }
    let counts = query(running, |reader| reader.counts()).await?;
    let (rested, loads) = resting();
    let mut told = busy(&loads);
    let steady = loads.iter().map(|load| load.pos).eq(before.iter().map(|load| load.pos));
    if let Value::Object(members) = &mut told {
        members.insert("at_rest".to_owned(), (rested && steady).into());
        members.insert("open".to_owned(), value!(counts.open_cases));
        members.insert("exceptions".to_owned(), counts.exceptions.values().sum::<u64>().into());
    }
    Ok(told)
}

async fn metrics(running: &Arc<Running>) -> Result<Value, String> {
    let counts = query(running, |reader| reader.counts()).await?;
    let usage = process_facts::usage();
    Ok(value!({
        "cpu_ms": usage.cpu_ms,
        "rss_mb": usage.rss_mb,
        "peak_rss_mb": usage.peak_rss_mb,
        "turns": running.parts.iter().map(|part| part.load().pos).sum::<u64>(),
        "commits": running.commits.load(Ordering::Relaxed),
        "db_bytes": counts.bytes,
        "uptime_ms": clock::now().since(running.started).0,
    }))
}

async fn balances(running: &Arc<Running>) -> Result<Value, String> {
    let parts = running.parts.len();
    let rows = query(running, move |reader| all_balances(reader, parts)).await?;
    let rows: Vec<Value> = rows
        .into_iter()
        .filter_map(|row| match row {
            Scanned::Balance { account, unit, value: amount } => {
                Some(value!({ "account": account, "unit": unit, "balance": amount }))
            }
            _ => None,
        })
        .collect();
    Ok(value!({ "balances": rows }))
}

async fn exceptions(running: &Arc<Running>) -> Result<Value, String> {
    let parts = running.parts.len();
    let rows =
        query(running, move |reader| scan_all(reader, parts, &Scan::Exceptions { open: true })).await?;
    let rows: Vec<Value> = rows
        .into_iter()
        .filter_map(|row| match row {
            Scanned::Exception { row, .. } => serde_json::to_value(&row).ok(),
            _ => None,
        })
        .collect();
    Ok(value!({ "exceptions": rows }))
}

/// Every row of a kind over all partitions.
pub fn scan_all(
    reader: &mut dyn store::Reader,
    parts: usize,
    what: &Scan,
) -> Result<Vec<Scanned>, store::StoreError> {
    let mut all = Vec::new();
    for part in 0..parts {
        let part = u16::try_from(part).unwrap_or(u16::MAX);
        let mut after = 0;
        loop {
            let page = reader.scan(part, what.clone(), after, PAGE)?;
            let full = page.len() == PAGE;
            after = page.last().map_or(after, Scanned::number);
            all.extend(page);
            if !full {
                break;
            }
        }
    }
    Ok(all)
}

/// Every balance over all partitions.
pub fn all_balances(reader: &mut dyn store::Reader, parts: usize) -> Result<Vec<Scanned>, store::StoreError> {
    let mut all = Vec::new();
    for part in 0..parts {
        let part = u16::try_from(part).unwrap_or(u16::MAX);
        let mut what = Scan::balances();
        loop {
            let page = reader.scan(part, what, 0, PAGE)?;
            let Some(Scanned::Balance { account, unit, .. }) = page.last() else { break };
            what = Scan::Balances { account: account.clone(), unit: unit.clone() };
            let full = page.len() == PAGE;
            all.extend(page);
            if !full {
                break;
            }
        }
    }
    Ok(all)
}

/// A case as people and programs read it; `None` where there is none of that name.
pub async fn case(running: &Arc<Running>, kind: &str, id: &str) -> Result<Option<Value>, String> {
    let name = Name::new(running.wired.tenant.clone(), kind, id);
    let parts = u16::try_from(running.parts.len()).unwrap_or(1);
    let part = hub::part_of(running.wired.flows.family(&name), parts);
    let key = Key::Case(name.clone());
    let found = query(running, move |reader| reader.load(part, &[key])).await?;
    let Some(Found::Case(stored)) = found.into_iter().next() else { return Ok(None) };
    show(&running.wired.flows, &name, &stored.row.body, stored.row.doc.as_deref()).map(Some)
}

/// What a checkout holds in a pool; `None` where nothing is known of it, or not any more.
async fn held(running: &Arc<Running>, pool: &str, hold: &str) -> Result<Option<Value>, String> {
    let flows = &running.wired.flows;
    let name = Name::new(running.wired.tenant.clone(), "pool", pool);
    let parts = u16::try_from(running.parts.len()).unwrap_or(1);
    let part = hub::part_of(flows.family(&name), parts);
    let row = flows::stock::state::order_key(&flows::stock::state::holder(hold));
    let (case, wanted) = (Key::Case(name.clone()), row.clone());
    let found = query(running, move |reader| {
        let Some(Found::Case(stored)) = reader.load(part, &[case])?.into_iter().next() else {
            return Ok(None);
        };
        Ok(reader.load(part, &[Key::Row(stored.row.id, wanted)])?.into_iter().next())
    })
    .await?;
    let Some(Found::Row(body)) = found else { return Ok(None) };
    match flows.decode_row(&name, &row, &body).map_err(|fault| format!("{}: {}", fault.code, fault.why))? {
        flows::Row::Order(row) => Ok(Some(flows::stock::show_hold(hold, &row))),
        _ => Ok(None),
    }
}

/// A stored case as people and programs read it.
pub fn show(flows: &Flows, name: &Name, body: &[u8], doc: Option<&[u8]>) -> Result<Value, String> {
    let state = flows.decode(name, body, doc).map_err(|fault| format!("{}: {}", fault.code, fault.why))?;
    Ok(flows::views::show(&flows.policy, name, &state))
}

/// Facts of the given types as JSON lines.
async fn facts(running: &Arc<Running>, asked: &str) -> Answer {
    let field = |name: &str| asked.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let types: Vec<String> = field("type").unwrap_or_default().split(',').map(str::to_owned).collect();
    let after: u64 = field("after").and_then(|n| n.parse().ok()).unwrap_or(0);
    let limit: usize = field("limit").and_then(|n| n.parse().ok()).unwrap_or(1_000).min(100_000);
    match query(running, move |reader| views::facts(reader, &types, after, limit)).await {
        Ok(lines) => json(200, lines),
        Err(why) => refuse(503, "store", &why),
    }
}
