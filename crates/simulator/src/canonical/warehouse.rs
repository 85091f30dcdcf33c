//! A warehouse: its own stock, fulfilment orders in, shipments out, returns received, inspected and disposed of.

use super::Yard;
use super::args::{Document, Line, Text, positive, read, refused, units};
use super::desk::{Desk, failed, fault};
use crate::trade::Units;
use lookalikes::Kind;
use lookalikes::parts::{Agenda, Head, permille};
use retail::envelope::{Command, Outcome};
use retail::time::Time;
use serde::Serialize;
use std::collections::BTreeMap;

/// How long picking, receiving and inspecting take, in milliseconds.
const WORK_MS: u64 = 10;
const DISPOSITIONS: [&str; 6] =
    ["restock", "destroy", "return_to_customer", "vendor_return", "quarantine", "refurbish"];
/// Returned lines in a thousand that are nothing that was sold.
const NOTHING_OF_OURS: u32 = 20;

#[derive(Debug)]
pub struct Warehouse {
    pub desk: Desk,
    place: &'static str,
    stock: BTreeMap<String, i64>,
    fulfilments: BTreeMap<String, State>,
    later: Agenda<Later>,
    shipments: u32,
    shorts: u32,
    receipts: u32,
    counts: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Waiting,
    Shipped,
    /// Nothing was there: closed without a shipment.
    Empty,
    Cancelled,
}

#[derive(Debug)]
enum Later {
    Pick(Job),
    Receive(Job),
    Inspect { receipt: String, job: Job },
}

/// Lines of an order or a return that the warehouse works on.
#[derive(Debug)]
struct Job {
    id: String,
    /// The order, or the RMA.
    about: String,
    lines: Vec<Kept>,
}

#[derive(Clone, Debug, Serialize)]
struct Kept {
    line: String,
    sku: String,
    quantity: i64,
}

#[derive(Serialize)]
struct Confirmed<'a> {
    shipment: &'a str,
    fulfilment: &'a str,
    order: &'a str,
    place: &'a str,
    shipped_at: Time,
    parcels: [Parcel<'a>; 1],
}

#[derive(Serialize)]
struct Parcel<'a> {
    id: String,
    carrier: &'static str,
    tracking: String,
    lines: &'a [Kept],
}

#[derive(Serialize)]
struct Short<'a> {
    id: &'a str,
    fulfilment: &'a str,
    order: &'a str,
    place: &'a str,
    lines: &'a [Kept],
}

#[derive(Serialize)]
struct Received<'a> {
    receipt: &'a str,
    rma: &'a str,
    place: &'a str,
    received_at: Time,
    lines: &'a [Kept],
}

#[derive(Serialize)]
struct Inspected<'a> {
    inspection: String,
    rma: &'a str,
    receipt: &'a str,
    lines: Vec<Graded<'a>>,
}

#[derive(Serialize)]
struct Graded<'a> {
    line: &'a str,
    sku: &'a str,
    quantity: i64,
    grade: &'static str,
    accepted: i64,
    rejected: i64,
}

/// What a warehouse says of its stock.
#[derive(Default, Serialize)]
struct Stock<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    count: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    receipt: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    adjustment: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    place: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Time>,
    lines: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    sku: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_hand: Option<i64>,
}

fn items(lines: &[Units]) -> Vec<Item> {
    lines.iter().map(|line| Item { sku: line.sku, quantity: Some(line.quantity), on_hand: None }).collect()
}

impl Warehouse {
    pub fn new(desk: Desk, place: &'static str) -> Self {
        Self {
            desk,
            place,
            stock: BTreeMap::new(),
            fulfilments: BTreeMap::new(),
            later: Agenda::default(),
            shipments: 0,
            shorts: 0,
            receipts: 0,
            counts: 0,
        }
    }

    fn on_hand(&self, sku: &str) -> i64 {
        self.stock.get(sku).copied().unwrap_or(0)
    }

    fn move_stock(&mut self, sku: &str, by: i64) {
        if let Some(on_hand) = self.stock.get_mut(sku) {
            *on_hand += by;
        } else {
            self.stock.insert(sku.to_owned(), by);
        }
    }

    fn own_id(&self, letter: &str, number: u32) -> String {
        format!("{letter}-{}-{number:06}", self.place)
    }

    /// Units come, go or are counted.
    fn book(&mut self, now: i64, kind: Kind, reference: &str, lines: &[Units], detail: &str) {
        let head = Head { reference, place: self.place, at: now, ..Head::default() };
        let mut entry = self.desk.ledger.document(&head);
        for line in lines {
            entry.line(kind, "", line.sku, line.quantity, detail);
        }
        for line in lines {
            self.move_stock(line.sku, line.quantity);
        }
    }

    /// What is on hand to begin with, counted to the hub.
    pub fn open(&mut self, now: i64, lines: &[Units]) {
        self.counts += 1;
        let count = self.own_id("COUNT", self.counts);
        self.book(now, Kind::Opening, &count, lines, "");
        let counted =
            |line: &Units| Item { sku: line.sku, quantity: None, on_hand: Some(self.on_hand(line.sku)) };
        let lines = lines.iter().map(counted).collect();
        let data =
            Stock { count: &count, place: self.place, as_of: Some(Time(now)), lines, ..Stock::default() };
        self.desk.tell(now, "stock.counted", ("pool", "main"), &data);
    }

    /// Supply arrives.
    pub fn goods_in(&mut self, now: i64, receipt: &str, lines: &[Units]) {
        self.book(now, Kind::StockReceived, receipt, lines, "");
        let data = Stock { receipt, place: self.place, lines: items(lines), ..Stock::default() };
        self.desk.tell(now, "stock.received", ("pool", "main"), &data);
    }

    /// A unit is found or lost; whether there was one to be lost.
    pub fn adjust(&mut self, now: i64, adjustment: &str, line: Units) -> bool {
        if self.on_hand(line.sku) + line.quantity < 0 {
            return false;
        }
        let reason = "damage";
        self.book(now, Kind::Adjustment, adjustment, &[line], reason);
        let data = Stock { adjustment, place: self.place, reason, lines: items(&[line]), ..Stock::default() };
        self.desk.tell(now, "stock.adjusted", ("pool", "main"), &data);
        true
    }

    /// Answers a command, and says what was rare about it.
    pub fn api(&mut self, now: i64, command: &Command) -> (Outcome, Option<&'static str>) {
        if let Some(answer) = self.desk.written(command) {
            return (answer, None);
        }
        let answer = match command.op.as_str() {
            "create_fulfilment" => self.create(now, command),
            "cancel_fulfilment" => self.cancel(now, command),
            "expect_return" => self.expect(now, command),
            "dispose" => self.dispose(now, command),
            other => Err(fault(&format!("the warehouse has no {other}"))),
        };
        let answer = answer.unwrap_or_else(|refusal| refusal);
        let half = matches!(answer, Outcome::Unknown { .. }).then_some("vendor_half_done");
        (answer, half)
    }

    fn create(&mut self, now: i64, command: &Command) -> Result<Outcome, Outcome> {
        let order: Document<'_> = read(command)?;
        let lines = kept(positive(&order.lines)?);
        let (id, place) = (order.id.to_string(), self.place);
        if !self.fulfilments.contains_key(&id) {
            let head = Head { reference: &id, order: &order.order, place, at: now, ..Head::default() };
            self.desk.ledger.document(&head).whole(Kind::Fulfilment, Some(units(&order.lines)));
            self.fulfilments.insert(id.clone(), State::Waiting);
            // It is there, and nobody picks it before it is asked for again.
            if self.desk.luck.roll(self.desk.half) {
                return Ok(failed(500));
            }
        }
        self.later.put(now, WORK_MS, Later::Pick(Job { id, about: order.order.to_string(), lines }));
        Ok(self.desk.done(command, "FO", None))
    }

    fn cancel(&mut self, now: i64, command: &Command) -> Result<Outcome, Outcome> {
        let wish: Document<'_> = read(command)?;
        let id = &*wish.id;
        match self.fulfilments.get_mut(id) {
            None => {
                return Err(refused("unknown_fulfilment", format!("there is no fulfilment order '{id}'")));
            }
            Some(State::Shipped) => return Err(refused("already_shipped", format!("{id} has left"))),
            Some(State::Empty | State::Cancelled) => {}
            Some(state @ State::Waiting) => *state = State::Cancelled,
        }
        let head = Head { reference: id, order: &wish.order, place: self.place, at: now, ..Head::default() };
        self.desk.ledger.document(&head).whole(Kind::FulfilmentCancelled, None);
        Ok(self.desk.done(command, "FC", None))
    }

    fn expect(&mut self, now: i64, command: &Command) -> Result<Outcome, Outcome> {
        let expected: Document<'_> = read(command)?;
        let lines = kept(positive(&expected.lines)?);
        let head = Head { reference: &expected.rma, place: self.place, at: now, ..Head::default() };
        self.desk.ledger.document(&head).whole(Kind::ExpectedReturn, Some(units(&expected.lines)));
        let job = Job { id: expected.id.to_string(), about: expected.rma.to_string(), lines };
        self.later.put(now, WORK_MS, Later::Receive(job));
        Ok(self.desk.done(command, "ER", None))
    }

    /// Restocked units go back on the shelf.
    fn dispose(&mut self, now: i64, command: &Command) -> Result<Outcome, Outcome> {
        let disposal: Document<'_> = read(command)?;
        let odd = |line: &&Line<'_>| !DISPOSITIONS.contains(&&*line.disposition);
        if let Some(bad) = positive(&disposal.lines)?.iter().find(odd) {
            return Err(refused("bad_line", format!("line {}: disposition '{}'", bad.line, bad.disposition)));
        }
        let head = Head {
            reference: &disposal.rma,
            id: &disposal.receipt,
            place: self.place,
            at: now,
            ..Head::default()
        };
        let mut entry = self.desk.ledger.document(&head);
        for line in &disposal.lines {
            entry.line(Kind::Disposition, &line.line, &line.sku, line.quantity, &line.disposition);
        }
        for line in disposal.lines.iter().filter(|line| line.disposition == "restock") {
            self.move_stock(&line.sku, line.quantity);
        }
        Ok(self.desk.done(command, "DISP", None))
    }

    pub fn run(&mut self, now: i64, yard: &mut Yard) {
        while let Some(deed) = self.later.take(now) {
            match deed {
                Later::Pick(job) => self.pick(now, &job, yard),
                Later::Receive(job) => self.receive(now, job),
                Later::Inspect { receipt, job } => self.inspect(now, &receipt, &job),
            }
        }
    }

    pub fn next_due(&self) -> Option<i64> {
        self.later.state().next
    }

    pub fn waiting(&self) -> usize {
        self.later.state().waiting
    }

    /// Takes from the shelf what is there; what is not is told as short and never shipped under this order.
    fn pick(&mut self, now: i64, job: &Job, yard: &mut Yard) {
        if self.fulfilments.get(&job.id) != Some(&State::Waiting) {
            return;
        }
        let (mut picked, mut short) = (Vec::with_capacity(job.lines.len()), Vec::new());
        for line in &job.lines {
            let found = line.quantity.min(self.on_hand(&line.sku)).max(0);
            if found > 0 {
                self.move_stock(&line.sku, -found);
                picked.push(Kept { quantity: found, ..line.clone() });
            }
            if found < line.quantity {
                short.push(Kept { quantity: line.quantity - found, ..line.clone() });
            }
        }
        let state = if picked.is_empty() { State::Empty } else { State::Shipped };
        self.fulfilments.insert(job.id.clone(), state);
        if !picked.is_empty() {
            self.ship(now, job, &picked);
            yard.insert(job.about.clone(), now);
        }
        if !short.is_empty() {
            self.run_short(now, job, &short);
        }
    }

    fn units(&mut self, now: i64, kind: Kind, names: (&str, &str, &str), lines: &[Kept]) {
        let (reference, order, id) = names;
        let head = Head { reference, order, id, place: self.place, at: now, ..Head::default() };
        let mut entry = self.desk.ledger.document(&head);
        for line in lines {
            entry.line(kind, &line.line, &line.sku, line.quantity, "");
        }
    }

    fn ship(&mut self, now: i64, job: &Job, picked: &[Kept]) {
        self.shipments += 1;
        let shipment = self.own_id("S", self.shipments);
        self.units(now, Kind::Shipment, (&shipment, &job.about, &job.id), picked);
        let parcel = Parcel {
            id: format!("{shipment}-P1"),
            carrier: "parcel-post",
            tracking: format!("LA{:010}GB", self.shipments),
            lines: picked,
        };
        let data = Confirmed {
            shipment: &shipment,
            fulfilment: &job.id,
            order: &job.about,
            place: self.place,
            shipped_at: Time(now),
            parcels: [parcel],
        };
        self.desk.tell(now, "shipment.confirmed", ("order", &job.about), &data);
    }

    fn run_short(&mut self, now: i64, job: &Job, short: &[Kept]) {
        self.shorts += 1;
        let id = self.own_id("SHORT", self.shorts);
        self.units(now, Kind::Short, (&job.id, &job.about, &id), short);
        let data = Short { id: &id, fulfilment: &job.id, order: &job.about, place: self.place, lines: short };
        self.desk.tell(now, "fulfilment.short", ("order", &job.about), &data);
    }

    fn receive(&mut self, now: i64, job: Job) {
        self.receipts += 1;
        let receipt = self.own_id("RCPT", self.receipts);
        self.units(now, Kind::ReturnReceived, (&job.about, "", &receipt), &job.lines);
        let data = Received {
            receipt: &receipt,
            rma: &job.about,
            place: self.place,
            received_at: Time(now),
            lines: &job.lines,
        };
        self.desk.tell(now, "return.received", ("return", &job.about), &data);
        self.later.put(now, WORK_MS, Later::Inspect { receipt, job });
    }

    /// RMA and line decide what comes of a line.
    fn inspect(&mut self, now: i64, receipt: &str, job: &Job) {
        let graded = |line: &'_ Kept| {
            let drawn = permille(self.desk.seed, &["grade", &job.about, &line.line]);
            let rejected = if drawn < NOTHING_OF_OURS { line.quantity } else { 0 };
            let grade = match drawn {
                0..NOTHING_OF_OURS => "X",
                NOTHING_OF_OURS..70 => "C",
                70..170 => "B",
                _ => "A",
            };
            (grade, rejected)
        };
        let graded: Vec<_> = job.lines.iter().map(graded).collect();
        let lines = job.lines.iter().zip(graded).map(|(line, (grade, rejected))| Graded {
            line: &line.line,
            sku: &line.sku,
            quantity: line.quantity,
            grade,
            accepted: line.quantity - rejected,
            rejected,
        });
        let data = Inspected {
            inspection: format!("INSP-{receipt}"),
            rma: &job.about,
            receipt,
            lines: lines.collect(),
        };
        self.desk.tell(now, "return.inspected", ("return", &job.about), &data);
    }
}

fn kept(lines: &[Line<'_>]) -> Vec<Kept> {
    let text = |text: &Text<'_>| text.to_string();
    lines.iter().map(|l| Kept { line: text(&l.line), sku: text(&l.sku), quantity: l.quantity }).collect()
}
