//! Order management: takes releases, allocates each line to a place, tells the hub.

use super::Yard;
use super::args::{Document, Line, Text, positive, read, refused, units};
use super::desk::{Desk, fault};
use lookalikes::Kind;
use lookalikes::parts::{Agenda, Head, hash, permille};
use retail::envelope::{Command, Outcome};
use serde::Serialize;
use std::collections::BTreeMap;

const PLACES: [&str; 2] = ["wms-north", "wms-south"];
/// How long it thinks, in milliseconds.
const ALLOCATE_MS: u64 = 5;
/// Lines in a thousand of which something is short.
const SHORT: u32 = 10;

#[derive(Debug)]
pub struct Oms {
    pub desk: Desk,
    releases: BTreeMap<String, Release>,
    later: Agenda<Asked>,
}

#[derive(Debug)]
struct Release {
    order: String,
    since: i64,
    cancelled: bool,
}

#[derive(Debug)]
struct Asked {
    id: String,
    order: String,
    lines: Vec<Wanted>,
}

#[derive(Debug)]
struct Wanted {
    line: String,
    sku: String,
    quantity: i64,
    place: &'static str,
}

#[derive(Serialize)]
struct Allocated<'a> {
    release: &'a str,
    order: &'a str,
    fulfilments: Vec<Part<'a>>,
    short: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    place: &'static str,
    lines: Vec<Line<'a>>,
}

impl Oms {
    pub fn new(desk: Desk) -> Self {
        Self { desk, releases: BTreeMap::new(), later: Agenda::default() }
    }

    pub fn api(&mut self, now: i64, command: &Command, yard: &Yard) -> Outcome {
        let answer = match command.op.as_str() {
            "release_order" => self.release(now, command),
            "cancel_release" => self.cancel(now, command, yard),
            other => Err(fault(&format!("order management has no {other}"))),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn release(&mut self, now: i64, command: &Command) -> Result<Outcome, Outcome> {
        if let Some(answer) = self.desk.written(command) {
            return Ok(answer);
        }
        let asked: Document<'_> = read(command)?;
        let mut lines = Vec::with_capacity(asked.lines.len());
        for line in positive(&asked.lines)? {
            let place = if line.place.is_empty() {
                PLACES[0]
            } else {
                PLACES
                    .into_iter()
                    .find(|place| *place == line.place)
                    .ok_or_else(|| refused("unknown_place", format!("there is no place '{}'", line.place)))?
            };
            let (line, sku, quantity) = (line.line.to_string(), line.sku.to_string(), line.quantity);
            lines.push(Wanted { line, sku, quantity, place });
        }
        let head = Head { reference: &asked.id, order: &asked.order, at: now, ..Head::default() };
        self.desk.ledger.document(&head).whole(Kind::Release, Some(units(&asked.lines)));
        let (id, order) = (asked.id.to_string(), asked.order.to_string());
        self.releases.insert(id.clone(), Release { order: order.clone(), since: now, cancelled: false });
        self.later.put(now, ALLOCATE_MS, Asked { id, order, lines });
        Ok(self.desk.done(command, "REL", None))
    }

    /// Until goods of the order have left a warehouse since the release was made.
    fn cancel(&mut self, now: i64, command: &Command, yard: &Yard) -> Result<Outcome, Outcome> {
        if let Some(answer) = self.desk.written(command) {
            return Ok(answer);
        }
        let wish: Document<'_> = read(command)?;
        let release = self
            .releases
            .get_mut(&*wish.id)
            .ok_or_else(|| refused("unknown_release", format!("there is no release '{}'", wish.id)))?;
        if yard.get(&release.order).is_some_and(|left| *left >= release.since) {
            return Err(refused("too_late", format!("goods of {} have left", release.order)));
        }
        release.cancelled = true;
        let head = Head { reference: &wish.id, order: &release.order, at: now, ..Head::default() };
        self.desk.ledger.document(&head).whole(Kind::ReleaseCancelled, None);
        Ok(self.desk.done(command, "RC", None))
    }

    pub fn run(&mut self, now: i64) {
        while let Some(asked) = self.later.take(now) {
            self.allocate(now, &asked);
        }
    }

    pub fn next_due(&self) -> Option<i64> {
        self.later.state().next
    }

    pub fn waiting(&self) -> usize {
        self.later.state().waiting
    }

    /// One fulfilment per place, as the hub proposed, save where a line is short, which release and line decide.
    fn allocate(&mut self, now: i64, asked: &Asked) {
        if self.releases.get(&asked.id).is_none_or(|release| release.cancelled) {
            return;
        }
        let mut fulfilments = PLACES.map(|place| Part { place, lines: Vec::new() });
        let mut short = Vec::new();
        for wanted in &asked.lines {
            let line = |sku, quantity| Line {
                line: Text::Borrowed(wanted.line.as_str()),
                sku,
                quantity,
                disposition: Text::default(),
                place: Text::default(),
            };
            let key = [asked.id.as_str(), wanted.line.as_str()];
            let mut left = wanted.quantity;
            if permille(self.desk.seed ^ 1, &key) < SHORT {
                let missing =
                    1 + i64::try_from(hash(self.desk.seed, &key) % left.unsigned_abs()).unwrap_or(0);
                left -= missing;
                short.push(line(Text::default(), missing));
            }
            let part = fulfilments.iter_mut().find(|part| part.place == wanted.place && left > 0);
            if let Some(part) = part {
                part.lines.push(line(Text::Borrowed(wanted.sku.as_str()), left));
            }
        }
        let fulfilments: Vec<Part<'_>> =
            fulfilments.into_iter().filter(|part| !part.lines.is_empty()).collect();
        let head = Head { reference: &asked.id, order: &asked.order, at: now, ..Head::default() };
        for Part { place, lines } in &fulfilments {
            let mut entry = self.desk.ledger.document(&Head { place, ..head.clone() });
            for line in lines {
                entry.line(Kind::Allocation, &line.line, &line.sku, line.quantity, "");
            }
        }
        if !short.is_empty() {
            let mut entry = self.desk.ledger.document(&head);
            for line in &short {
                entry.line(Kind::AllocationShort, &line.line, "", line.quantity, "");
            }
        }
        let data = Allocated { release: &asked.id, order: &asked.order, fulfilments, short };
        self.desk.tell(now, "order.allocated", ("order", &asked.order), &data);
    }
}
