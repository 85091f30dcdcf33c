//! The whole journey behind any business id: every turn of the cases concerned, as a tree of cause and effect.

use crate::facts::contains;
use crate::turn::{Cause, Input, Turn};
use retail::envelope::{Json, Name};
use retail::time::Time;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{Reader, Scan, Scanned, StoreError};

/// What `trace` found.
#[derive(Debug, Serialize)]
pub struct Journey {
    /// What was asked for.
    pub key: String,
    /// The cases concerned, `kind/value`.
    pub cases: Vec<String>,
    /// What began it, each with what followed.
    pub steps: Vec<Step>,
}

/// One turn and what followed from it.
#[derive(Debug, Serialize)]
pub struct Step {
    pub part: u16,
    pub pos: u64,
    pub at: Time,
    /// `kind/value`.
    pub case: String,
    /// What was taken in: `event order.submitted`, `capture done`, `message stock.reserved`, `timer`.
    pub what: String,
    /// Why it could not be taken in, or what a system said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What it established.
    pub facts: Vec<(String, Json)>,
    /// What it ordered: operation, system and key.
    pub commands: Vec<(String, String, String)>,
    /// Exceptions it raised: code and cause.
    pub raised: Vec<(String, String)>,
    pub cleared: Vec<String>,
    pub then: Vec<Step>,
}

/// Turns in the order of their times, each with the place of the one that caused it: (partition, position).
type Rows = BTreeMap<(Time, u16, u64), (Turn, Option<(u16, u64)>)>;

/// Follows `key`, any business id of the tenant, through the journal. An id that is no case's name is looked
/// for in the text of the whole journal, which takes a second or so per gigabyte.
///
/// # Errors
/// When the store cannot be read.
pub fn trace(reader: &mut dyn Reader, tenant: &str, key: &str) -> Result<Journey, StoreError> {
    let mut open: BTreeSet<Name> = reader.find_case(tenant, key)?.into_iter().map(|hit| hit.name).collect();
    if open.is_empty() {
        open = search(reader, key)?;
    }
    let mut cases: BTreeSet<Name> = BTreeSet::new();
    let mut rows = Rows::new();
    while let Some(name) = open.pop_first() {
        if !cases.insert(name.clone()) {
            continue;
        }
        for hit in reader.find_case(&name.tenant, &name.value)?.into_iter().filter(|hit| hit.name == name) {
            for (pos, at, turn) in turns(reader, hit.part, hit.case)? {
                for other in turn.messages.iter().map(|m| &m.to).chain(sender(&turn)) {
                    // A pool serves every order: its turns are no part of one order's journey.
                    if other.kind != "pool" && !cases.contains(other) {
                        open.insert(other.clone());
                    }
                }
                let parent = match turn.cause {
                    Cause::Command(_, cause) => Some((hit.part, cause)),
                    Cause::Mail(part, _, cause) => Some((part, cause)),
                    Cause::Received(_) | Cause::Timer => None,
                };
                rows.insert((at, hit.part, pos), (turn, parent));
            }
        }
    }
    Ok(Journey {
        key: key.to_owned(),
        cases: cases.iter().map(|name| format!("{}/{}", name.kind, name.value)).collect(),
        steps: grow(rows),
    })
}

fn sender(turn: &Turn) -> Option<&Name> {
    match &turn.input {
        Input::Mail { from, .. } => Some(from),
        _ => None,
    }
}

/// Hangs every turn below the one that caused it; a cause outside the journey makes a root.
fn grow(rows: Rows) -> Vec<Step> {
    let known: BTreeSet<(u16, u64)> = rows.keys().map(|(_, part, pos)| (*part, *pos)).collect();
    let mut below: BTreeMap<(u16, u64), Vec<Step>> = BTreeMap::new();
    let mut roots = Vec::new();
    // Later turns first: what follows from a turn is complete when the turn itself is reached.
    for ((at, part, pos), (turn, parent)) in rows.into_iter().rev() {
        let mut then = below.remove(&(part, pos)).unwrap_or_default();
        then.reverse();
        let step = step(part, pos, at, turn, then);
        match parent.filter(|parent| known.contains(parent) && *parent != (part, pos)) {
            Some(parent) => below.entry(parent).or_default().push(step),
            None => roots.push(step),
        }
    }
    // A cause in another partition within the same millisecond may have been reached first.
    roots.extend(below.into_values().flatten());
    roots.sort_by_key(|step| (step.at, step.part, step.pos));
    roots
}

fn step(part: u16, pos: u64, at: Time, turn: Turn, then: Vec<Step>) -> Step {
    let mut note = turn.parked.map(|parked| format!("parked: {}: {}", parked.code, parked.why));
    let what = match turn.input {
        Input::Event { kind } => format!("event {kind}"),
        Input::Mail { kind, from } => format!("message {kind} from {}/{}", from.kind, from.value),
        Input::Timer {} => "timer".to_owned(),
        Input::Outcome { op, key, outcome, code, message, why, result } => {
            let said = [code, message, why].into_iter().flatten().collect::<Vec<_>>().join(": ");
            let said = if said.is_empty() { result.map(|r| r.get().to_owned()) } else { Some(said) };
            note = note.or(said);
            format!("{op} {outcome} ({key})")
        }
    };
    Step {
        part,
        pos,
        at,
        case: format!("{}/{}", turn.case.kind, turn.case.value),
        what,
        note,
        facts: turn.facts.into_iter().map(|fact| (fact.kind, fact.data)).collect(),
        commands: turn.commands.into_iter().map(|c| (c.op, c.system, c.key)).collect(),
        raised: turn.raised.into_iter().map(|alarm| (alarm.code, alarm.cause)).collect(),
        cleared: turn.cleared,
        then,
    }
}

fn turns(reader: &mut dyn Reader, part: u16, case: u64) -> Result<Vec<(u64, Time, Turn)>, StoreError> {
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let page = reader.scan(part, Scan::JournalOf(case), after, 1_000)?;
        let last = page.len() < 1_000;
        for row in page {
            let Scanned::Journal(row) = row else { continue };
            after = row.pos;
            if let Ok(turn) = serde_json::from_slice(&row.body) {
                all.push((row.pos, row.at, turn));
            }
        }
        if last {
            return Ok(all);
        }
    }
}

/// Cases whose journal holds the text, pools left out.
fn search(reader: &mut dyn Reader, key: &str) -> Result<BTreeSet<Name>, StoreError> {
    // The journal is full of words of its own; what anybody numbered has a digit.
    if !key.bytes().any(|b| b.is_ascii_digit()) {
        return Ok(BTreeSet::new());
    }
    let quoted = format!("\"{key}\"");
    let mut found = BTreeSet::new();
    for part in reader.parts()? {
        let mut after = 0;
        loop {
            let page = reader.scan(part, Scan::Journal, after, 2_000)?;
            let last = page.len() < 2_000;
            for row in page {
                let Scanned::Journal(row) = row else { continue };
                after = row.pos;
                if contains(&row.body, quoted.as_bytes())
                    && let Ok(turn) = serde_json::from_slice::<Turn>(&row.body)
                    && turn.case.kind != "pool"
                {
                    found.insert(turn.case);
                }
            }
            if last {
                break;
            }
        }
    }
    Ok(found)
}
