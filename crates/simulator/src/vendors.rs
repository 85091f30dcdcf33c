//! The way between hub and vendors: requests out, webhooks in, each with its delays and losses.

use crate::queue::Happening;
use crate::run::Run;
use hub::batch::{CommandId, Part};
use hub::io::{Input, Received, Understood};
use link::{Answer, HttpRequest, InboundRequest, Intake};
use lookalikes::{Delivery, Request};

/// Where the look-alikes stand in the simulated estate.
pub const BASE: &str = "http://vendors.invalid";
/// How long a sender of webhooks waits for its answer.
const PATIENCE_MS: i64 = 5_000;

impl Run {
    /// Puts a request on its way.
    pub fn send(&mut self, life: u32, part: Part, id: CommandId, run: Box<link::Run>, request: HttpRequest) {
        let at = self.now + self.chance.between(1, 30);
        self.agenda.put(at, Happening::Call { life, part, id, run, request });
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
        let response = self.world.handle(self.now, &request);
        let lost = response.lost || self.chance.strikes(self.faults.answer_lost);
        self.note(|| {
            let heard = if lost { " (nobody hears it)" } else { "" };
            format!("call {} {} -> {}{heard}", request.method, request.path, response.status)
        });
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

    /// A webhook arrives at the hub, if it is up.
    pub fn deliver(&mut self, delivery: Delivery) {
        let connection = delivery.url_path.strip_prefix("/in/").unwrap_or_default().to_owned();
        if self.hubs.is_empty() {
            self.world.delivered(delivery.id, self.now, None);
            return;
        }
        let Some(known) = self.wired.connections.get(&connection) else {
            self.failures.push(format!("a webhook for {connection}, which the estate does not have"));
            self.world.delivered(delivery.id, self.now, Some(404));
            return;
        };
        let headers: Vec<(String, String)> =
            delivery.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let request = InboundRequest { path: &delivery.url_path, headers: &headers, body: &delivery.body };
        let intake = known.connector.intake(&request, &known.endpoint, self.at(), &self.wired.tenant);
        let (key, understood) = match intake {
            Intake::Taken { key, events, first_counts } => (key, wiring::meant(events, first_counts)),
            Intake::Parked { key, code, why } => {
                self.failures.push(format!("a webhook of {connection} was parked: {code}: {why}"));
                (key, Understood::Parked { code: code.to_owned(), why })
            }
            // Polls come soon by themselves here.
            Intake::Ignored { .. } | Intake::Wakes { .. } => {
                self.world.delivered(delivery.id, self.now, Some(200));
                return;
            }
            Intake::Refused { status, code, why } => {
                self.failures.push(format!("a webhook of {connection} was refused: {status} {code}: {why}"));
                self.world.delivered(delivery.id, self.now, Some(status));
                return;
            }
        };
        self.note(|| format!("webhook {connection} {key}"));
        let headers = wiring::kept_headers(&headers);
        let parts = wiring::split(&self.wired.flows, understood, self.setup.parts);
        self.owed.insert(delivery.id, u32::try_from(parts.len()).unwrap_or(1));
        self.agenda.put(self.now + PATIENCE_MS, Happening::Impatient { delivery: delivery.id });
        for (part, understood) in parts {
            self.token += 1;
            self.waiting.insert(self.token, delivery.id);
            let received = Received {
                token: Some(self.token),
                stored: None,
                connection: connection.clone(),
                key: key.clone(),
                headers: headers.clone(),
                body: delivery.body.to_vec(),
                understood,
                reopened: Vec::new(),
            };
            self.give(part, Input::Received(Box::new(received)));
        }
    }

    /// Asks the look-alikes something as whoever drives the trade; a refusal is a failure of the run's own making.
    pub fn lab(&mut self, path: &str, body: &serde_json::Value) -> bool {
        let response = self.world.handle(self.now, &Request::new("POST", path, body.to_string()));
        if !response.ok() {
            let said = String::from_utf8_lossy(&response.body).into_owned();
            self.failures.push(format!("POST {path} was answered {}: {said}", response.status));
        }
        response.ok()
    }

    /// Every ledger row of a system, as JSON lines.
    pub fn ledger(&self, system: &str) -> Vec<String> {
        let request = Request::new("GET", &format!("/{system}/_ledger?after=0&limit=1000000"), "");
        let response = self.world.handle(self.now, &request);
        String::from_utf8_lossy(&response.body).lines().map(str::to_owned).collect()
    }

    /// What the storefront shows as available, by SKU.
    pub fn shelves(&self) -> Vec<(String, i64)> {
        #[derive(serde::Deserialize)]
        struct Shelf {
            available: i64,
        }
        #[derive(serde::Deserialize)]
        struct Shelves {
            items: std::collections::BTreeMap<String, Shelf>,
        }
        let response = self.world.handle(self.now, &Request::new("GET", "/shop/_lab/stock", ""));
        let shelves: Option<Shelves> = serde_json::from_slice(&response.body).ok();
        shelves
            .into_iter()
            .flat_map(|shelves| shelves.items)
            .map(|(sku, shelf)| (sku, shelf.available))
            .collect()
    }
}
