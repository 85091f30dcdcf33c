//! The way between hub and vendors: requests out, webhooks in, each with its delays and losses.

use crate::queue::Happening;
use crate::run::Run;
use crate::systems::Message;
use hub::batch::{CommandId, Part};
use hub::io::{Input, Received, Understood};
use link::{Answer, HttpRequest, InboundRequest, Intake};
use lookalikes::{Delivery, Request, Response};

/// Where the look-alikes stand in the simulated estate.
pub const BASE: &str = "http://vendors.invalid";
/// How long a sender of webhooks waits for its answer.
const PATIENCE_MS: i64 = 5_000;
/// By how much a signed time may be off, less what a message may be under way.
pub const TOLERANCE_MS: i64 = 290_000;

impl Run {
    /// Puts a request on its way.
    pub fn send(&mut self, life: u32, part: Part, id: CommandId, run: Box<link::Run>, request: HttpRequest) {
        let (at, not_sent) = self.way_out(life);
        let Some(why) = not_sent else {
            self.agenda.put(at, Happening::Call { life, part, id, run, request });
            return;
        };
        let answer = Answer::NotSent { why: why.to_owned() };
        self.agenda.put(at, Happening::Answer { life, part, id, run, answer });
    }

    /// When something that is sent now arrives, or why it is not sent.
    pub fn way_out(&mut self, life: u32) -> (i64, Option<&'static str>) {
        let (now, at) = (self.now, self.now + self.chance.between(1, 30));
        // Whoever may have been taken over from sends nothing any more, and knows that nothing was sent.
        let why = if self.owner_of(life).is_none_or(|owner| owner.lease <= now) {
            self.mark("not_sent_without_a_lease");
            "the lease has run out"
        } else if self.chance.strikes(self.faults.unreachable) {
            self.mark("vendor_unreachable");
            "simulated: connection refused"
        } else {
            return (at, None);
        };
        (at, Some(why))
    }

    /// A request arrives at a vendor, which answers or does not.
    pub fn call(&mut self, life: u32, part: Part, id: CommandId, run: Box<link::Run>, asked: &HttpRequest) {
        let path = asked.url.strip_prefix(BASE).unwrap_or(&asked.url).to_owned();
        let request = Request {
            method: asked.method.to_owned(),
            path,
            headers: asked.headers.clone(),
            body: asked.body.clone(),
        };
        let response = self.handle(&request);
        let lost = response.lost || self.chance.strikes(self.faults.answer_lost);
        let told = [response.status.to_le_bytes(), u16::from(lost).to_le_bytes()].concat();
        self.trace(&[request.path.as_bytes(), &request.body, &told, &response.body], || {
            let heard = if lost { " (nobody hears it)" } else { "" };
            format!("call {} {} -> {}{heard}", request.method, request.path, response.status)
        });
        self.mark_answer(&request, &response);
        let wait = i64::try_from(response.wait_ms).unwrap_or(i64::MAX);
        let (at, answer) = if lost {
            self.mark("vendor_answer_lost");
            (self.now + self.chance.between(1, 1_000), Answer::Lost { why: "simulated: cut".to_owned() })
        } else if wait > asked.timeout.0 {
            self.mark("vendor_too_slow");
            (self.now + asked.timeout.0, Answer::Lost { why: "simulated: no answer in time".to_owned() })
        } else {
            let headers =
                response.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            let answer = Answer::Response { status: response.status, headers, body: response.body };
            (self.now + wait + self.chance.between(1, 30), answer)
        };
        self.agenda.put(at, Happening::Answer { life, part, id, run, answer });
    }

    fn mark_answer(&mut self, request: &Request, response: &Response) {
        let replayed = response.headers.iter().any(|(name, _)| *name == "idempotent-replayed");
        match response.status {
            429 => self.mark("vendor_throttled"),
            503 => self.mark("vendor_down"),
            500 if replayed => self.mark("stored_failure_repeated"),
            500 => self.mark("vendor_failed"),
            _ if replayed => self.mark("key_recognised"),
            _ => {}
        }
        let key = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("idempotency-key"));
        if let (Some((_, key)), true) = (key, request.path.starts_with("/stripe/")) {
            self.mark_key(key.clone());
        }
    }

    /// The payment provider is shown a key.
    pub fn mark_key(&mut self, key: String) {
        let first = *self.keys_shown.entry(key).or_insert(self.now);
        if self.now - first >= self.setup.faults.keeps_ms() {
            self.mark("key_shown_again_once_forgotten");
        }
    }

    /// A message arrives at the hub, if it is up.
    pub fn arrives(&mut self, message: Message) {
        match message {
            Message::Webhook(delivery) => self.deliver(delivery),
            Message::Posted(posted) => self.deliver_plainly(&posted),
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        let connection = delivery.url_path.strip_prefix("/in/").unwrap_or_default().to_owned();
        if self.owner.is_none() {
            self.delivered(delivery.id, None);
            return;
        }
        let Some(known) = self.wired.connections.get(&connection) else {
            self.failures.push(format!("a webhook for {connection}, which the estate does not have"));
            self.delivered(delivery.id, Some(404));
            return;
        };
        let headers: Vec<(String, String)> =
            delivery.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let request = InboundRequest { path: &delivery.url_path, headers: &headers, body: &delivery.body };
        let intake = known.connector.intake(&request, &known.endpoint, self.clock(), &self.wired.tenant);
        let (key, understood) = match intake {
            Intake::Taken { key, events, first_counts } => (key, wiring::meant(events, first_counts)),
            Intake::Parked { key, code, why } => {
                self.failures.push(format!("a webhook of {connection} was parked: {code}: {why}"));
                (key, Understood::Parked { code: code.to_owned(), why })
            }
            // Polls come soon by themselves here.
            Intake::Ignored { .. } | Intake::Wakes { .. } => {
                self.delivered(delivery.id, Some(200));
                return;
            }
            // By a clock that is off, what is signed now is signed too long ago, or not yet.
            Intake::Refused { status, .. } if (self.clock().0 - self.now).abs() > TOLERANCE_MS => {
                self.mark("signature_refused_by_a_wrong_clock");
                self.delivered(delivery.id, Some(status));
                return;
            }
            Intake::Refused { status, code, why } => {
                self.failures.push(format!("a webhook of {connection} was refused: {status} {code}: {why}"));
                self.delivered(delivery.id, Some(status));
                return;
            }
        };
        let headers = wiring::kept_headers(&headers);
        self.take_in(delivery.id, connection, key, headers, delivery.body.to_vec(), understood);
    }

    /// The hub is given a message that was understood, whose sender waits for its answer.
    pub fn take_in(
        &mut self,
        delivery: u64,
        connection: String,
        key: String,
        headers: String,
        body: Vec<u8>,
        understood: Understood,
    ) {
        self.trace(&[connection.as_bytes(), key.as_bytes()], || format!("webhook {connection} {key}"));
        let parts = wiring::split(&self.wired.flows, understood, self.setup.parts);
        self.owed.insert(delivery, u32::try_from(parts.len()).unwrap_or(1));
        self.agenda.put(self.now + PATIENCE_MS, Happening::Impatient { delivery });
        for (part, understood) in parts {
            self.token += 1;
            self.waiting.insert(self.token, delivery);
            self.told.insert(self.token, (part, connection.clone(), key.clone()));
            let received = Received {
                token: Some(self.token),
                stored: None,
                connection: connection.clone(),
                key: key.clone(),
                headers: headers.clone(),
                body: body.clone(),
                understood,
                reopened: Vec::new(),
            };
            self.give(part, Input::Received(Box::new(received)));
        }
    }
}
