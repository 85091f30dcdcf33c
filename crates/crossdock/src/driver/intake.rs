//! Takes messages in: the signature over the raw bytes, the mapping, then to disk, and only then 2xx.

use super::keys::{Keys, Known};
use super::partition::Waiting;
use super::{Running, came, clock, lock};
use hub::io::{Input, Received, Reply, Understood};
use link::{InboundRequest, Intake};
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

/// A body as it came over the wire, which is what is signed, and unpacked where it was compressed.
#[derive(Debug)]
pub struct Sent {
    pub body: Vec<u8>,
    pub plain: Option<Vec<u8>>,
}

/// Takes one message in. Card numbers are masked before anything is understood or kept.
pub async fn take(
    running: &Arc<Running>,
    waiting: &[Arc<Mutex<Waiting>>],
    connection: &str,
    path: &str,
    headers: Vec<(String, String)>,
    sent: Sent,
) -> Verdict {
    let Some(known) = running.wired.connections.get(connection) else {
        return Verdict::of(404, "no_connection", format!("the estate has no connection {connection}"));
    };
    let Ok(_permit) = running.intake.try_acquire() else {
        return Verdict::of(503, "busy", "too much is waiting; send it again");
    };
    let headers: Vec<(String, String)> = headers.into_iter().map(masked).collect();
    let body = link::mask_cards(sent.plain.as_ref().unwrap_or(&sent.body));
    let request = InboundRequest { path, headers: &headers, body: &body };
    let (endpoint, tenant) = (&known.endpoint, &running.wired.tenant);
    let intake = known.connector.intake_as_sent(&request, &sent.body, endpoint, clock::now(), tenant);
    let (key, understood) = match intake {
        Intake::Refused { status, code, why } => return Verdict::of(status, code, why),
        Intake::Ignored { why } => return Verdict::of(200, "ignored", why),
        Intake::Wakes { polls } => {
            for poll in &polls {
                running.polls.wake(&format!("{connection}/{poll}"), clock::now());
            }
            return Verdict::of(200, "woken", format!("asks {}", polls.join(", ")));
        }
        Intake::Taken { key, events, first_counts } => (key, wiring::meant(events, first_counts)),
        Intake::Parked { key, code, why } => (key, Understood::Parked { code: code.to_owned(), why }),
    };
    let marks = came::marks(connection, &key, understood.events());
    let message = Taken {
        connection,
        key,
        headers: wiring::kept_headers(&headers),
        body: body.into_owned(),
        understood,
    };
    let verdict = keep(running, waiting, message).await;
    if verdict.status == 200 {
        running.polls.pushed(&marks);
    }
    verdict
}

/// A message whose meaning is known.
pub(super) struct Taken<'a> {
    pub connection: &'a str,
    pub key: String,
    /// As [`wiring::kept_headers`] gives them.
    pub headers: String,
    pub body: Vec<u8>,
    pub understood: Understood,
}

/// Hands a message to the partitions that its events belong to and waits until each has it on disk.
pub(super) async fn keep(
    running: &Arc<Running>,
    waiting: &[Arc<Mutex<Waiting>>],
    message: Taken<'_>,
) -> Verdict {
    let Taken { connection, key, headers, body, mut understood } = message;
    let (digest, case) = Keys::mark(&body, &understood);
    match lock(&running.keys).known(connection, &key, digest, case) {
        // The same again, and not understood again: it is kept already.
        Known::Same if matches!(understood, Understood::Parked { .. }) => {
            return Verdict::of(200, "taken", "");
        }
        Known::Clash => {
            understood = Understood::Parked {
                code: "event_key_reused".to_owned(),
                why: format!(
                    "{connection} sent another body, for another case, under the key {key} it had used before"
                ),
            };
        }
        Known::Same | Known::No => {}
    }
    let parts = u16::try_from(running.parts.len()).unwrap_or(1);
    let mut answers = Vec::new();
    for (part, understood) in wiring::split(&running.wired.flows, understood, parts) {
        let part = usize::from(part);
        let (Some(waiting), Some(partition)) = (waiting.get(part), running.parts.get(part)) else { continue };
        let (token, answer) = Waiting::add(waiting);
        partition.tell(Input::Received(Box::new(Received {
            token: Some(token),
            stored: None,
            connection: connection.to_owned(),
            key: key.clone(),
            headers: headers.clone(),
            body: body.clone(),
            understood,
            reopened: Vec::new(),
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
    lock(&running.keys).took(connection, &key, digest, case);
    Verdict::of(200, "taken", "")
}

fn masked((name, value): (String, String)) -> (String, String) {
    let value = link::mask_header(&name, value);
    (name, value)
}
