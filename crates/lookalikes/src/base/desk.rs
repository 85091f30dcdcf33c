//! What every system has beside its trade: its door, its ledger, its queue, its luck.

use crate::base::agenda::AgendaState;
use crate::base::feed::Feed;
use crate::base::habits::{BadHabits, Fate};
use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::Ledger;
use crate::base::lists::{Hand, Shelved};
use crate::base::luck::{Luck, hash};
use crate::base::queue::{Delivery, Item, Outbox, Payload};
use crate::base::sign;
use crate::base::system::System;
use crate::base::when;
use crate::base::written::Written;
use crate::config::{Link, WorldConfig};
use bytes::Bytes;
use serde::Serialize;

/// The common part of a system.
#[derive(Debug)]
pub(crate) struct Desk {
    pub system: System,
    pub link: Link,
    pub habits: BadHabits,
    pub seed: u64,
    run: String,
    pub ledger: Ledger,
    pub outbox: Outbox,
    pub feed: Feed,
    pub written: Written,
    pub luck: Luck,
    /// What somebody did to its lists by hand, and told nobody.
    pub hands: Vec<Hand>,
    events: u64,
}

/// A CloudEvent 1.0 in structured JSON (cloudevents/spec, 2026-07-23).
#[derive(Serialize)]
struct CloudEvent<'a, T> {
    specversion: &'static str,
    id: &'a str,
    source: &'a str,
    r#type: &'a str,
    time: String,
    datacontenttype: &'static str,
    data: &'a T,
}

impl Desk {
    pub(crate) fn new(system: System, config: &WorldConfig) -> Self {
        let (link, habits) = config.of(system);
        Self {
            system,
            link: link.clone(),
            habits: habits.clone(),
            seed: config.seed,
            run: config.run.clone(),
            ledger: Ledger::default(),
            outbox: Outbox::new(system, link),
            feed: Feed::default(),
            written: Written::default(),
            luck: Luck::new(config.seed, system.number()),
            hands: Vec::new(),
            events: 0,
        }
    }

    pub(crate) fn configure(&mut self, config: &WorldConfig) {
        let (link, habits) = config.of(self.system);
        self.outbox.configure(link);
        self.link = link.clone();
        self.habits = habits.clone();
        if config.seed != self.seed {
            self.luck = Luck::new(config.seed, self.system.number());
            self.seed = config.seed;
        }
        self.run.clone_from(&config.run);
    }

    /// Whether the caller showed the right token.
    pub(crate) fn admits(&self, call: &Call<'_>) -> bool {
        // Shopify has a header of its own (shopify.dev: authentication of the Admin API).
        if self.system == System::Shop
            && call.header("x-shopify-access-token") == Some(self.link.token.as_str())
        {
            return true;
        }
        let shown = call.header("authorization").and_then(|v| v.split_once(' '));
        shown.is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && token.trim() == self.link.token
        })
    }

    /// What will become of this call.
    pub(crate) fn fate(&mut self, call: &Call<'_>) -> Fate {
        self.habits.fate(&mut self.luck, call.method == "GET")
    }

    /// A new event's id, unique over the systems of one run.
    pub(crate) fn event_id(&mut self, prefix: &str) -> String {
        self.events += 1;
        let number = self.events;
        format!("{prefix}{}{}-{number:07}", self.system, self.run)
    }

    /// What tells this run from others in ids.
    pub(crate) fn event_run(&self) -> &str {
        &self.run
    }

    /// A number that stands for something of this system, such as half of a UUID.
    pub(crate) fn number_of(&self, what: &str) -> u64 {
        hash(self.seed, &[self.system.as_str(), &self.run, what])
    }

    /// Whether the system is down now.
    pub(crate) fn down(&self, now: i64) -> bool {
        self.habits.down(now, hash(self.seed, &[self.system.as_str(), "down"]))
    }

    /// Queues a webhook, twice, late or never where this system has the habit. What the system has no list of is
    /// always posted: a shop lists its orders and no requests of returns.
    pub(crate) fn notify(&mut self, at: Moment, event: &str, kind: &'static str, payload: Payload) {
        if self.link.feed {
            if let Payload::Ready(body) = &payload {
                self.feed.add(event, kind, body.clone());
            }
            if kind != "returns/request" && self.luck.roll(self.habits.unsent) {
                return;
            }
        }
        let delay = self.habits.delay(&mut self.luck);
        let due = at.now.saturating_add(i64::try_from(delay).unwrap_or(0));
        if self.luck.roll(self.habits.duplicate) {
            let again = self.habits.delay(&mut self.luck);
            let due = at.now.saturating_add(i64::try_from(again).unwrap_or(0));
            self.outbox.put(at.now, due, event, kind, at.business, payload.clone());
        }
        self.outbox.put(at.now, due, event, kind, at.business, payload);
    }

    /// Queues an event of the canonical contract.
    pub(crate) fn cloud_event<T: Serialize>(&mut self, at: Moment, kind: &'static str, data: &T) {
        let id = self.event_id("evt-");
        let source = format!("/{}", self.system);
        let event = CloudEvent {
            specversion: "1.0",
            id: &id,
            source: &source,
            r#type: kind,
            time: when::text(at.business),
            datacontenttype: "application/json",
            data,
        };
        let body = serde_json::to_vec(&event).unwrap_or_default();
        self.notify(at, &id, kind, Payload::Ready(Bytes::from(body)));
    }

    /// A delivery under the headers of Standard Webhooks 1.0.0: the id stays over retries, the timestamp is of
    /// this attempt.
    pub(crate) fn standard(&self, item: &Item, now: i64, body: Bytes) -> Delivery {
        let unix = now.div_euclid(1000);
        let signature = sign::standard(&self.link.secret, &item.event, unix, &body);
        let headers = vec![
            ("content-type", "application/cloudevents+json".to_owned()),
            ("webhook-id", item.event.clone()),
            ("webhook-timestamp", unix.to_string()),
            ("webhook-signature", signature),
        ];
        self.delivery(item, headers, body)
    }

    pub(crate) fn delivery(
        &self,
        item: &Item,
        headers: Vec<(&'static str, String)>,
        body: Bytes,
    ) -> Delivery {
        Delivery { id: item.id, system: self.system, url_path: self.link.intake.clone(), headers, body }
    }
}

/// One system of the world.
pub(crate) trait Vendor {
    fn desk(&self) -> &Desk;
    fn desk_mut(&mut self) -> &mut Desk;

    /// Takes a new configuration; what is under way goes on.
    fn configure(&mut self, config: &WorldConfig);

    /// Answers a call of its interface; the caller is admitted and the call is to be done. `fate` is for those
    /// who keep answers and so must know what the caller got to see.
    fn api(&mut self, at: Moment, call: &Call<'_>, fate: Fate) -> Response;

    /// Answers whoever drives the trade; `path` is what follows `_lab`.
    fn lab(&mut self, at: Moment, path: &[&str], call: &Call<'_>) -> Response;

    /// What it has, or shows, of each SKU.
    fn shelf(&self) -> Vec<Shelved<'_>> {
        Vec::new()
    }

    /// Does what it has put off until now.
    fn run(&mut self, at: Moment);

    /// What it still means to do.
    fn agenda(&self) -> AgendaState;

    /// Writes one webhook out and signs it.
    fn write(&self, item: &Item, now: i64) -> Delivery {
        let body = match &item.payload {
            Payload::Ready(body) => body.clone(),
            Payload::Later(_) => Bytes::new(),
        };
        self.desk().standard(item, now, body)
    }

    /// A refusal or failure that has nothing to do with what was asked, in this vendor's words.
    fn trouble(&self, status: u16, code: &str, message: &str) -> Response {
        Response::refuse(status, code, message)
    }
}
