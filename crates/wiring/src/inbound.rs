//! A message on its way in: which partitions its events belong to, and how it is mapped again after a restart.

use crate::Wired;
use flows::Flows;
use hub::batch::{Part, ReceivedRow};
use hub::io::{Received, Understood};
use hub::part_of;
use hub::process::Process as _;
use link::{InboundRequest, Intake, Message};
use retail::envelope::{Event, Name};
use retail::time::Time;
use std::collections::BTreeMap;

/// A message by the partitions that its events belong to; each partition keeps its own copy.
#[must_use]
pub fn split(flows: &Flows, understood: Understood, parts: Part) -> Vec<(Part, Understood)> {
    let (events, again): (_, fn(Vec<Event>) -> Understood) = match understood {
        Understood::Events(events) => (events, Understood::Events),
        Understood::First(events) => (events, Understood::First),
        Understood::Parked { .. } => return vec![(0, understood)],
    };
    let mut by_part: BTreeMap<Part, Vec<Event>> = BTreeMap::new();
    for event in events {
        by_part.entry(part_of(flows.family(&event.name), parts)).or_default().push(event);
    }
    if by_part.is_empty() {
        by_part.insert(0, Vec::new());
    }
    by_part.into_iter().map(|(part, events)| (part, again(events))).collect()
}

/// What a message that was taken means.
#[must_use]
pub fn meant(events: Vec<Event>, first_counts: bool) -> Understood {
    if first_counts { Understood::First(events) } else { Understood::Events(events) }
}

/// The headers as they are kept beside the body: a JSON object, names in lower case.
#[must_use]
pub fn kept_headers(headers: &[(String, String)]) -> String {
    let kept: serde_json::Map<String, serde_json::Value> = headers
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("authorization"))
        .map(|(name, value)| (name.to_ascii_lowercase(), serde_json::Value::from(value.as_str())))
        .collect();
    serde_json::Value::Object(kept).to_string()
}

/// What a message that nobody signed means: one that the hub asked its system for. `None` where it is of no concern.
/// Gives the key under which a repeat is known, the same as if it had been posted.
#[must_use]
pub fn polled(wired: &Wired, connection: &str, message: &Message, now: Time) -> Option<(String, Understood)> {
    let known = wired.connections.get(connection)?;
    let request = InboundRequest { path: "", headers: &message.headers, body: &message.body };
    match known.connector.understand(&request, &known.endpoint, now, &wired.tenant) {
        Intake::Taken { events, .. } if events.is_empty() => None,
        Intake::Taken { key, events, first_counts } => Some((key, meant(events, first_counts))),
        Intake::Parked { key, code, why } => Some((key, Understood::Parked { code: code.to_owned(), why })),
        Intake::Ignored { .. } | Intake::Wakes { .. } | Intake::Refused { .. } => None,
    }
}

/// Maps again a message that `part` had received before a restart and not decided.
#[must_use]
pub fn again(wired: &Wired, row: ReceivedRow, part: Part, parts: Part) -> Received {
    let understood = understand(wired, &row);
    let own = split(&wired.flows, understood, parts)
        .into_iter()
        .find(|(of, _)| *of == part)
        .map(|(_, understood)| understood);
    Received {
        token: None,
        stored: Some(row.pos),
        connection: row.connection,
        key: row.key,
        headers: row.headers,
        body: row.body,
        understood: own.unwrap_or(Understood::Events(Vec::new())),
        reopened: Vec::new(),
    }
}

/// The connection under which what a person asks for is received: its bodies are events as they are.
pub const OPERATOR: &str = "operator";

/// What a person asks of a case, as a message that is kept like any other: to try again what was refused.
///
/// # Errors
/// When there is nothing to ask of cases of that kind.
pub fn retry_requested(tenant: &str, kind: &str, value: &str, now: Time) -> Result<Received, String> {
    let (event, member) = match kind {
        "order" => ("order.retry_requested", "order"),
        "return" => ("return.retry_requested", "rma"),
        "refund" => ("refund.retry_requested", "credit"),
        _ => return Err(format!("a {kind} has nothing to try again; say order, return or refund")),
    };
    let data =
        retail::envelope::json(&serde_json::json!({ member: value })).map_err(|error| error.to_string())?;
    operators(Event { kind: event.to_owned(), name: Name::new(tenant, kind, value), occurred: now, data })
}

/// A message that says of a difference between the books and a system that it was found, or that it is gone. `data` is
/// the event's, and names the difference.
///
/// # Errors
/// When it does not name it.
pub fn difference(
    tenant: &str,
    found: bool,
    data: &serde_json::Value,
    now: Time,
) -> Result<Received, String> {
    let kind = if found { "difference.found" } else { "difference.gone" };
    let Some(value) = data.get("difference").and_then(serde_json::Value::as_str) else {
        return Err(format!("{kind}: `difference` is missing"));
    };
    let name = Name::new(tenant, "difference", value);
    let data = retail::envelope::json(data).map_err(|error| error.to_string())?;
    operators(Event { kind: kind.to_owned(), name, occurred: now, data })
}

/// An event that no system sent.
fn operators(event: Event) -> Result<Received, String> {
    let (value, now) = (&event.name.value, event.occurred);
    let body = serde_json::to_vec(&event).map_err(|error| error.to_string())?;
    Ok(Received {
        token: None,
        stored: None,
        connection: OPERATOR.to_owned(),
        key: format!("{}:{value}:{now}", event.kind),
        headers: "{}".to_owned(),
        body,
        understood: Understood::Events(vec![event]),
        reopened: Vec::new(),
    })
}

fn understand(wired: &Wired, row: &ReceivedRow) -> Understood {
    let parked = |code: &str, why: String| Understood::Parked { code: code.to_owned(), why };
    if row.connection == OPERATOR {
        return match serde_json::from_slice(&row.body) {
            Ok(event) => Understood::Events(vec![event]),
            Err(error) => parked("not_understood", error.to_string()),
        };
    }
    let Some(known) = wired.connections.get(&row.connection) else {
        return parked(
            "no_connection",
            format!("the estate no longer has the connection {}", row.connection),
        );
    };
    let headers: BTreeMap<String, String> = serde_json::from_str(&row.headers).unwrap_or_default();
    let headers: Vec<(String, String)> = headers.into_iter().collect();
    let request = InboundRequest { path: "", headers: &headers, body: &row.body };
    // Its signature was checked when it came; it may since have grown too old to pass again.
    match known.connector.understand(&request, &known.endpoint, row.at, &wired.tenant) {
        Intake::Taken { events, first_counts, .. } => meant(events, first_counts),
        Intake::Parked { code, why, .. } => parked(code, why),
        Intake::Ignored { why } | Intake::Refused { why, .. } => parked("not_understood", why),
        // What is mapped again wakes nothing; a message that only did so is not kept.
        Intake::Wakes { .. } => parked("not_understood", "it says only that something changed".to_owned()),
    }
}
