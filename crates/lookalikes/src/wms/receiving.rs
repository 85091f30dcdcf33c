//! Returns at the warehouse: expected, received, inspected, disposed of.

use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::luck::permille;
use crate::base::when;
use crate::wms::{Later, Line, Wms, positive, same_id};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// An announced return. What is announced arrives, and nothing else.
#[derive(Debug, Deserialize)]
pub(super) struct Expected {
    /// The hub's number for it: the RMA, or one of its own for what was approved later.
    id: String,
    rma: String,
    lines: Vec<Line>,
}

/// A return that has arrived.
#[derive(Debug)]
pub(super) struct Arrival {
    receipt: String,
    expected: Expected,
}

#[derive(Deserialize)]
struct Disposal {
    id: String,
    rma: String,
    receipt: String,
    lines: Vec<DisposedLine>,
}

#[derive(Deserialize)]
struct DisposedLine {
    line: String,
    sku: String,
    quantity: i64,
    disposition: String,
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

const DISPOSITIONS: [&str; 6] =
    ["restock", "destroy", "return_to_customer", "vendor_return", "quarantine", "refurbish"];

impl Wms {
    pub(super) fn expect(&mut self, at: Moment, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let expected: Expected = call.json()?;
        same_id(id, &expected.id)?;
        positive(&expected.lines)?;
        let place = self.config.place.clone();
        let head = Head { reference: &expected.rma, place: &place, at: at.business, ..Head::default() };
        let units = expected.lines.iter().map(|l| l.quantity).sum();
        self.desk.ledger.document(&head).whole(Kind::ExpectedReturn, Some(units));
        self.later.put(at.now, self.config.receive_ms, Later::Receive(expected));
        Ok(self.desk.written.done(call, "ER", None))
    }

    pub(super) fn receive(&mut self, at: Moment, expected: Expected) {
        self.numbers.receipts += 1;
        let receipt = self.own_id("RCPT", self.numbers.receipts);
        let place = self.config.place.clone();
        let head = Head {
            reference: &expected.rma,
            id: &receipt,
            place: &place,
            at: at.business,
            ..Head::default()
        };
        let mut entry = self.desk.ledger.document(&head);
        for line in &expected.lines {
            entry.line(Kind::ReturnReceived, &line.line, &line.sku, line.quantity, "");
        }
        let data = json!({
            "receipt": receipt,
            "rma": expected.rma,
            "place": place,
            "received_at": when::text(at.business),
            "lines": expected.lines,
        });
        self.desk.cloud_event(at, "return.received", &data);
        self.later.put(at.now, self.config.inspect_ms, Later::Inspect(Arrival { receipt, expected }));
    }

    /// The grade of a line is decided by RMA and line, so that a rerun finds the same.
    fn grade(&self, rma: &str, line: &str) -> &'static str {
        let grades = self.config.grades;
        let drawn = permille(self.desk.seed, &["grade", rma, line]);
        if drawn < grades.x {
            "X"
        } else if drawn < grades.x + grades.c {
            "C"
        } else if drawn < grades.x + grades.c + grades.b {
            "B"
        } else {
            "A"
        }
    }

    pub(super) fn inspect(&mut self, at: Moment, arrival: &Arrival) {
        let rma = arrival.expected.rma.as_str();
        let graded: Vec<Graded<'_>> = arrival
            .expected
            .lines
            .iter()
            .map(|line| {
                let grade = self.grade(rma, &line.line);
                let rejected = if grade == "X" { line.quantity } else { 0 };
                Graded {
                    line: &line.line,
                    sku: &line.sku,
                    quantity: line.quantity,
                    grade,
                    accepted: line.quantity - rejected,
                    rejected,
                }
            })
            .collect();
        let data = json!({
            "inspection": format!("INSP-{}", arrival.receipt),
            "rma": rma,
            "receipt": arrival.receipt,
            "lines": graded,
        });
        self.desk.cloud_event(at, "return.inspected", &data);
    }

    /// Restocked units go back on the shelf; all others leave the warehouse's stock for good, which they never
    /// were in.
    pub(super) fn dispose(&mut self, at: Moment, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let disposal: Disposal = call.json()?;
        same_id(id, &disposal.id)?;
        if let Some(bad) =
            disposal.lines.iter().find(|l| l.quantity <= 0 || !DISPOSITIONS.contains(&l.disposition.as_str()))
        {
            let message =
                format!("line {}: {} units, disposition '{}'", bad.line, bad.quantity, bad.disposition);
            return Err(Response::refuse(422, "bad_line", &message));
        }
        let place = self.config.place.clone();
        let head = Head {
            reference: &disposal.rma,
            id: &disposal.receipt,
            place: &place,
            at: at.business,
            ..Head::default()
        };
        let mut entry = self.desk.ledger.document(&head);
        for line in &disposal.lines {
            entry.line(Kind::Disposition, &line.line, &line.sku, line.quantity, &line.disposition);
        }
        for line in disposal.lines.iter().filter(|l| l.disposition == "restock") {
            self.move_stock(&line.sku, line.quantity);
        }
        Ok(self.desk.written.done(call, "DISP", None))
    }
}
