//! Takes messages in: the signature over the raw bytes, the mapping, then to disk, and only then 2xx.

use super::partition::Waiting;
use super::{Running, clock};
use hub::io::{Input, Received, Reply, Understood};
use link::{InboundRequest, Intake};
use retail::envelope::Event;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How a message was received, as a status and a body.
#[derive(Debug)]
pub struct Verdict {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
}

impl Verdict {
    fn of(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }
}

/// How long a sender waits for its message to be on disk; webhook senders hang up after five seconds.
const PATIENCE: Duration = Duration::from_millis(4_500);

/// Takes one message in.
pub async fn take(
    running: &Arc<Running>,
    waiting: &[Arc<Mutex<Waiting>>],
    connection: &str,
    path: &str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> Verdict {
    let Some(known) = running.estate.connection(connection) else {
        return Verdict::of(404, "no_connection", format!("the estate has no connection {connection}"));
    };
    let Ok(_permit) = running.intake.try_acquire() else {
        return Verdict::of(503, "busy", "too much is waiting; send it again");
    };
    let request = InboundRequest { path, headers: &headers, body: &body };
    let intake = known.connector.intake(&request, &known.endpoint, clock::now(), &running.estate.tenant);
    let (key, understood) = match intake {
        Intake::Refused { status, code, why } => {
            return Verdict { status, code: if status == 401 { "unauthorised" } else { "refused" }, message: format!("{code}: {why}") };
        }
        Intake::Ignored { why } => return Verdict::of(200, "ignored", why),
        Intake::Taken { key, events } => (key, Understood::Events(events)),
        Intake::Parked { key, code, why } => (key, Understood::Parked { code, why }),
    };
    let kept = serde_json::to_string(&headers.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<BTreeMap<_, _>>())
        .unwrap_or_default();
    let mut answers = Vec::new();
    for (part, understood) in split(running, understood) {
        let Some(waiting) = waiting.get(part) else { continue };
        let (token, answer) = Waiting::add(waiting);
        running.parts[part].tell(Input::Received(Box::new(Received {
            token: Some(token),
            stored: None,
            connection: connection.to_owned(),
            key: key.clone(),
            headers: kept.clone(),
            body: body.clone(),
            understood,
        })));
        answers.push(answer);
    }
    for answer in answers {
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(Reply::Taken)) => {}
            Ok(Ok(Reply::Busy)) => return Verdict::of(503, "busy", "too much is waiting; send it again"),
            _ => return Verdict::of(503, "not_on_disk", "the message is not on disk yet; send it again"),
        }
    }
    Verdict::of(200, "taken", "")
}

/// A message by the partitions that its events belong to; each keeps its own copy.
fn split(running: &Running, understood: Understood) -> Vec<(usize, Understood)> {
    let parts = u16::try_from(running.parts.len()).unwrap_or(1);
    let Understood::Events(events) = understood else { return vec![(0, understood)] };
    let mut by_part: BTreeMap<usize, Vec<Event>> = BTreeMap::new();
    for event in events {
        let part = hub::part_of(flows::family(&event.name), parts);
        by_part.entry(usize::from(part)).or_default().push(event);
    }
    if by_part.is_empty() {
        by_part.insert(0, Vec::new());
    }
    by_part.into_iter().map(|(part, events)| (part, Understood::Events(events))).collect()
}

/// Maps again a message that was stored before a restart and not decided.
pub fn again(running: &Running, row: hub::batch::ReceivedRow) -> Received {
    let headers: BTreeMap<String, String> = serde_json::from_str(&row.headers).unwrap_or_default();
    let headers: Vec<(String, String)> = headers.into_iter().collect();
    let understood = match running.estate.connection(&row.connection) {
        None => Understood::Parked {
            code: "no_connection".to_owned(),
            why: format!("the estate no longer has the connection {}", row.connection),
        },
        Some(known) => {
            let request = InboundRequest { path: "", headers: &headers, body: &row.body };
            match known.connector.understand(&request, &known.endpoint, row.at, &running.estate.tenant) {
                Intake::Taken { events, .. } => Understood::Events(events),
                Intake::Parked { code, why, .. } => Understood::Parked { code, why },
                Intake::Refused { why, .. } | Intake::Ignored { why } => {
                    Understood::Parked { code: "not_understood".to_owned(), why }
                }
            }
        }
    };
    Received {
        token: None,
        stored: Some(row.pos),
        connection: row.connection,
        key: row.key,
        headers: row.headers,
        body: row.body,
        understood,
    }
}
