//! Order management: takes releases, allocates each line to a place, tells the hub.

use crate::base::agenda::{Agenda, AgendaState};
use crate::base::desk::{Desk, Vendor};
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::luck::{hash, permille};
use crate::base::system::System;
use crate::config::{OmsConfig, WorldConfig};
use crate::wms::Yard;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The state of order management.
#[derive(Debug)]
pub(crate) struct Oms {
    desk: Desk,
    config: OmsConfig,
    releases: BTreeMap<Box<str>, Release>,
    later: Agenda<Asked>,
    yard: Yard,
}

#[derive(Debug)]
struct Release {
    order: Box<str>,
    since: i64,
    cancelled: bool,
}

#[derive(Debug, Deserialize)]
struct Asked {
    id: String,
    order: String,
    lines: Vec<AskedLine>,
}

#[derive(Debug, Deserialize)]
struct AskedLine {
    line: String,
    sku: String,
    quantity: i64,
    #[serde(default)]
    place: String,
}

#[derive(Deserialize)]
struct Cancellation {
    id: String,
}

#[derive(Serialize)]
struct Allocated<'a> {
    release: &'a str,
    order: &'a str,
    fulfilments: Vec<Part<'a>>,
    short: Vec<Short<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    place: &'a str,
    lines: Vec<PartLine<'a>>,
}

#[derive(Serialize)]
struct PartLine<'a> {
    line: &'a str,
    sku: &'a str,
    quantity: i64,
}

#[derive(Serialize)]
struct Short<'a> {
    line: &'a str,
    quantity: i64,
}

impl Oms {
    pub(crate) fn new(config: &WorldConfig, yard: Yard) -> Self {
        Self {
            desk: Desk::new(System::Oms, config),
            config: config.oms.clone(),
            releases: BTreeMap::new(),
            later: Agenda::default(),
            yard,
        }
    }

    fn release(&mut self, at: Moment, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let asked: Asked = call.json()?;
        if asked.id != id {
            let message = format!("the path says '{id}', the body '{}'", asked.id);
            return Err(Response::refuse(422, "id_differs", &message));
        }
        if let Some(bad) = asked.lines.iter().find(|l| l.quantity <= 0) {
            let message = format!("line {}: quantity {} is not positive", bad.line, bad.quantity);
            return Err(Response::refuse(422, "bad_quantity", &message));
        }
        if let Some(bad) =
            asked.lines.iter().find(|l| !l.place.is_empty() && !self.config.places.contains(&l.place))
        {
            let message = format!("line {}: there is no place '{}'", bad.line, bad.place);
            return Err(Response::refuse(422, "unknown_place", &message));
        }
        let head = Head { reference: id, order: &asked.order, at: at.business, ..Head::default() };
        let units = asked.lines.iter().map(|l| l.quantity).sum();
        self.desk.ledger.document(&head).whole(Kind::Release, Some(units));
        let release = Release { order: asked.order.as_str().into(), since: at.now, cancelled: false };
        self.releases.insert(id.into(), release);
        self.later.put(at.now, self.config.allocate_ms, asked);
        Ok(self.desk.written.done(call, "REL", None))
    }

    /// Until goods of the order have left a warehouse since the release was made.
    fn cancel(&mut self, at: Moment, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let body: Cancellation = call.json()?;
        if body.id.is_empty() {
            return Err(Response::refuse(422, "missing_member", "the cancellation wants an id"));
        }
        let release = self.releases.get_mut(id).ok_or_else(|| {
            Response::refuse(404, "unknown_release", &format!("there is no release '{id}'"))
        })?;
        if self.yard.left_since(&release.order, release.since) {
            let message = format!("goods of {} have left since {id} was released", release.order);
            return Err(Response::refuse(409, "too_late", &message));
        }
        release.cancelled = true;
        let order = release.order.clone();
        let head = Head { reference: id, order: &order, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).whole(Kind::ReleaseCancelled, None);
        Ok(self.desk.written.done(call, "RC", None))
    }

    /// One fulfilment per place, as the hub proposed, save where the habits say short or split. Which lines those are
    /// is decided by release and line, so that a rerun finds the same.
    fn allocate(&mut self, at: Moment, asked: &Asked) {
        if self.releases.get(asked.id.as_str()).is_none_or(|r| r.cancelled) {
            return;
        }
        let places = self.config.places.clone();
        let mut parts: BTreeMap<&str, Vec<PartLine<'_>>> = BTreeMap::new();
        let mut short = Vec::new();
        for line in &asked.lines {
            let first = if line.place.is_empty() { places.first().map_or("", |p| p) } else { &line.place };
            let key = [asked.id.as_str(), line.line.as_str()];
            let mut left = line.quantity;
            if permille(self.desk.seed ^ 1, &key) < self.config.short_rate {
                let quantity =
                    1 + i64::try_from(hash(self.desk.seed, &key) % left.unsigned_abs()).unwrap_or(0);
                left -= quantity;
                short.push(Short { line: &line.line, quantity });
            }
            let other = places.iter().find(|p| p.as_str() != first);
            if left >= 2
                && permille(self.desk.seed ^ 2, &key) < self.config.split_rate
                && let Some(other) = other
            {
                let quantity = left / 2;
                left -= quantity;
                parts.entry(other).or_default().push(PartLine { line: &line.line, sku: &line.sku, quantity });
            }
            if left > 0 {
                parts.entry(first).or_default().push(PartLine {
                    line: &line.line,
                    sku: &line.sku,
                    quantity: left,
                });
            }
        }
        for (place, lines) in &parts {
            let head =
                Head { reference: &asked.id, order: &asked.order, place, at: at.business, ..Head::default() };
            let mut entry = self.desk.ledger.document(&head);
            for line in lines {
                entry.line(Kind::Allocation, line.line, line.sku, line.quantity, "");
            }
        }
        if !short.is_empty() {
            let head = Head { reference: &asked.id, order: &asked.order, at: at.business, ..Head::default() };
            let mut entry = self.desk.ledger.document(&head);
            for line in &short {
                entry.line(Kind::AllocationShort, line.line, "", line.quantity, "");
            }
        }
        let fulfilments = parts.into_iter().map(|(place, lines)| Part { place, lines }).collect();
        let data = Allocated { release: &asked.id, order: &asked.order, fulfilments, short };
        self.desk.cloud_event(at, "order.allocated", &data);
    }
}

impl Vendor for Oms {
    fn desk(&self) -> &Desk {
        &self.desk
    }

    fn desk_mut(&mut self) -> &mut Desk {
        &mut self.desk
    }

    fn configure(&mut self, config: &WorldConfig) {
        self.desk.configure(config);
        self.config = config.oms.clone();
    }

    fn api(&mut self, at: Moment, call: &Call<'_>, _: Fate) -> Response {
        let answer = match (call.method, call.path().as_slice()) {
            ("PUT", ["releases", id]) => self.release(at, id, call),
            ("PUT", ["releases", id, "cancellation"]) => self.cancel(at, id, call),
            _ => Err(Response::not_found("order management has no such operation")),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn lab(&mut self, _: Moment, _: &[&str], _: &Call<'_>) -> Response {
        Response::not_found("/oms/_lab has nothing of its own")
    }

    fn run(&mut self, at: Moment) {
        while let Some(asked) = self.later.take(at.now) {
            self.allocate(at, &asked);
        }
    }

    fn agenda(&self) -> AgendaState {
        self.later.state()
    }
}
