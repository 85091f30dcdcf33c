//! Cases of incoming messages.

use super::{Case, differ};
use crate::connector::Connector;
use crate::http::{Endpoint, InboundRequest};
use crate::intake::Intake;
use retail::envelope::Json;
use retail::time::Time;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Receive {
    #[serde(default)]
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The body, byte for byte as it stands in the case.
    body: Option<Json>,
    /// A body that is not JSON.
    text: Option<String>,
    #[serde(default = "yes")]
    signed: bool,
    /// Another secret than the connection's.
    signed_with: Option<String>,
    /// Another time than now.
    signed_at: Option<Time>,
    /// What Standard Webhooks calls the message.
    id: Option<String>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Taken {
    key: Option<String>,
    events: Vec<Expected>,
    /// Whether a later message of the key is a repeat whatever it says.
    first_counts: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(rename = "type")]
    kind: String,
    /// `order/shop-1`
    name: String,
    occurred: Option<Time>,
    data: Option<Json>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parked {
    key: Option<String>,
    code: String,
    /// Part of the reason.
    why: String,
}

/// The tenant of all cases.
const TENANT: &str = "t";

pub(super) fn check(
    connector: &Connector,
    endpoint: &Endpoint,
    now: Time,
    receive: &Receive,
    case: &Case,
) -> Vec<String> {
    let body = match (&receive.body, &receive.text) {
        (Some(body), None) => body.get().to_owned(),
        (None, Some(text)) => text.clone(),
        _ => return vec!["a message has either `body` or `text`".to_owned()],
    };
    let mut headers: Vec<(String, String)> =
        receive.headers.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    if receive.signed {
        let Some(signature) = connector.core().signatures.first() else {
            return vec!["the connector signs nothing".to_owned()];
        };
        let own = endpoint.secret.get(&signature.secret).cloned().unwrap_or_default();
        let secret = receive.signed_with.as_ref().unwrap_or(&own);
        let id = receive.id.as_deref().unwrap_or("msg_1");
        headers.extend(signature.scheme.sign(id, body.as_bytes(), secret, receive.signed_at.unwrap_or(now)));
    }
    let request = InboundRequest { path: &receive.path, headers: &headers, body: body.as_bytes() };
    let intake = connector.intake(&request, endpoint, now, TENANT);
    match (&intake, case) {
        (Intake::Taken { key, events, first_counts }, Case { taken: Some(wanted), .. }) => {
            let mut out = taken(wanted, key, events);
            if wanted.first_counts.is_some_and(|wanted| wanted != *first_counts) {
                out.push(format!("taken with first_counts = {first_counts}"));
            }
            out
        }
        (Intake::Ignored { .. }, Case { ignored: Some(true), .. }) => Vec::new(),
        (Intake::Wakes { polls }, Case { wakes: Some(wanted), .. }) => {
            if wanted == polls {
                Vec::new()
            } else {
                vec![format!("wakes {}", polls.join(", "))]
            }
        }
        (Intake::Parked { key, code, why }, Case { parked: Some(wanted), .. }) => {
            let mut out = Vec::new();
            if wanted.key.as_ref().is_some_and(|wanted| wanted != key) {
                out.push(format!("parked under the key {key}"));
            }
            if wanted.code != *code || !why.contains(&wanted.why) {
                out.push(format!("parked as {code}: {why}"));
            }
            out
        }
        (Intake::Refused { status, .. }, Case { refused: Some(wanted), .. }) if status == wanted => {
            Vec::new()
        }
        (other, _) => vec![format!("got {}", told(other))],
    }
}

fn taken(wanted: &Taken, key: &str, events: &[retail::envelope::Event]) -> Vec<String> {
    let mut out = Vec::new();
    if wanted.key.as_ref().is_some_and(|wanted| wanted != key) {
        out.push(format!("taken under the key {key}"));
    }
    if wanted.events.len() != events.len() {
        out.push(format!("{} events came of it, not {}", events.len(), wanted.events.len()));
    }
    for (n, (wanted, got)) in wanted.events.iter().zip(events).enumerate() {
        if wanted.kind != got.kind {
            out.push(format!("event {n} is {}, not {}", got.kind, wanted.kind));
        }
        let name = format!("{}/{}", got.name.kind, got.name.value);
        if wanted.name != name || got.name.tenant != TENANT {
            out.push(format!("event {n} is about {name}, not {}", wanted.name));
        }
        if wanted.occurred.is_some_and(|wanted| wanted != got.occurred) {
            out.push(format!("event {n} occurred at {}", got.occurred));
        }
        if let Some(data) = &wanted.data {
            differ(&format!("the data of event {n}"), data.get(), got.data.get(), &mut out);
        }
    }
    out
}

fn told(intake: &Intake) -> String {
    match intake {
        Intake::Refused { status, code, why } => format!("refused with {status} ({code}): {why}"),
        Intake::Ignored { why } => format!("ignored: {why}"),
        Intake::Wakes { polls } => format!("wakes {}", polls.join(", ")),
        Intake::Taken { key, events, .. } => {
            let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
            format!("taken under {key}: {}", kinds.join(", "))
        }
        Intake::Parked { code, why, .. } => format!("parked as {code}: {why}"),
    }
}
