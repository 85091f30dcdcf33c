//! The returns platform: customers ask there, the hub reports back.

use super::args::{Document, read, refused, units};
use super::desk::{Desk, fault};
use crate::trade::SentBack;
use lookalikes::Kind;
use lookalikes::parts::Head;
use retail::envelope::{Command, Outcome};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

#[derive(Debug)]
pub struct Returns {
    pub desk: Desk,
    known: BTreeSet<String>,
}

#[derive(Serialize)]
struct Requested<'a> {
    rma: &'a str,
    requested_at: &'a str,
    customer: &'static str,
    lines: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    line: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_line: Option<&'a Value>,
    sku: &'a Value,
    quantity: i64,
    reason: &'static str,
    r#type: &'static str,
}

impl<'a> Line<'a> {
    fn of(line: &'a SentBack) -> Self {
        Self {
            line: &line.line,
            order: line.of.as_ref().map(|(order, _)| order.as_str()),
            order_line: line.of.as_ref().map(|(_, order_line)| order_line),
            sku: &line.sku,
            quantity: line.quantity,
            reason: "unwanted",
            r#type: "withdrawal",
        }
    }
}

impl Returns {
    pub const fn new(desk: Desk) -> Self {
        Self { desk, known: BTreeSet::new() }
    }

    pub fn request(&mut self, now: i64, rma: &str, requested_at: &str, lines: &[SentBack]) {
        self.known.insert(rma.to_owned());
        let head = Head { reference: rma, at: now, ..Head::default() };
        let units = lines.iter().map(|line| line.quantity).sum();
        self.desk.ledger.document(&head).whole(Kind::ReturnRequested, Some(units));
        let lines = lines.iter().map(Line::of).collect();
        let data = Requested { rma, requested_at, customer: "17850", lines };
        self.desk.tell(now, "return.requested", ("return", rma), &data);
    }

    pub fn api(&mut self, now: i64, command: &Command) -> Outcome {
        self.update(now, command).unwrap_or_else(|refusal| refusal)
    }

    fn update(&mut self, now: i64, command: &Command) -> Result<Outcome, Outcome> {
        if command.op != "update_return" {
            return Err(fault(&format!("the returns platform has no {}", command.op)));
        }
        let update: Document<'_> = read(command)?;
        if !self.known.contains(&*update.rma) {
            return Err(refused("unknown_return", format!("there is no return '{}'", update.rma)));
        }
        if let Some(answer) = self.desk.written(command) {
            return Ok(answer);
        }
        let kind = match &*update.status {
            "approved" => Kind::Approved,
            "declined" => Kind::Declined,
            "received" => Kind::Received,
            "rejected" => Kind::Rejected,
            "refunded" => Kind::Refunded,
            "completed" => Kind::Completed,
            other => return Err(refused("unknown_status", format!("there is no status '{other}'"))),
        };
        let head = Head {
            reference: &update.rma,
            id: &update.id,
            amount: update.refunded.as_ref().map(|money| money.amount),
            currency: update.refunded.as_ref().map_or("", |money| &money.currency),
            at: now,
            ..Head::default()
        };
        self.desk.ledger.document(&head).whole(kind, Some(units(&update.lines)));
        Ok(self.desk.done(command, "UPD", None))
    }
}
