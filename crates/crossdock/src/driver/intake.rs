//! Takes messages in: the signature over the raw bytes, the mapping, then to disk, and only then 2xx.

use super::partition::Waiting;
use super::{Running, clock};
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

/// Takes one message in.
pub async fn take(
    running: &Arc<Running>,
    waiting: &[Arc<Mutex<Waiting>>],
    connection: &str,
    path: &str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> Verdict {
    let Some(known) = running.wired.connections.get(connection) else {
        return Verdict::of(404, "no_connection", format!("the estate has no connection {connection}"));
    };
    let Ok(_permit) = running.intake.try_acquire() else {
        return Verdict::of(503, "busy", "too much is waiting; send it again");
    };
    let request = InboundRequest { path, headers: &headers, body: &body };
    let intake = known.connector.intake(&request, &known.endpoint, clock::now(), &running.wired.tenant);
    let (key, understood) = match intake {
        Intake::Refused { status, code, why } => return Verdict::of(status, code, why),
        Intake::Ignored { why } => return Verdict::of(200, "ignored", why),
        Intake::Taken { key, events } => (key, Understood::Events(events)),
        Intake::Parked { key, code, why } => (key, Understood::Parked { code: code.to_owned(), why }),
    };
    let message = Taken { connection, key, headers: wiring::kept_headers(&headers), body, understood };
    keep(running, waiting, message).await
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
    let Taken { connection, key, headers, body, understood } = message;
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
    Verdict::of(200, "taken", "")
}
