//! Who works out tax, and files what was invoiced and what was credited. It never takes back more than it filed.

use super::{idle, same, vendor};
use crate::base::agenda::AgendaState;
use crate::base::desk::{Desk, Vendor};
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::luck::permille;
use crate::base::system::System;
use crate::config::{TaxConfig, WorldConfig};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// The state of tax.
#[derive(Debug)]
pub(crate) struct Tax {
    desk: Desk,
    config: TaxConfig,
    /// Filed and not taken back, by order; minor units.
    filed: BTreeMap<Box<str>, i64>,
}

#[derive(Deserialize)]
struct Document {
    id: String,
    order: String,
    currency: String,
    lines: Vec<Line>,
    /// Absent in a quote.
    tax: Option<i64>,
}

#[derive(Deserialize)]
struct Line {
    /// Absent where an amount is credited for no units.
    #[serde(default)]
    quantity: i64,
    #[serde(default)]
    tax: i64,
}

impl Tax {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        Self { desk: Desk::new(System::Tax, config), config: config.tax.clone(), filed: BTreeMap::new() }
    }

    fn answer(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let path = call.path();
        let ("PUT", ["tax", what, id]) = (call.method, path.as_slice()) else {
            return Err(Response::not_found("tax has quotes, commitments and refunds"));
        };
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let document: Document = call.json()?;
        same(id, &document.id)?;
        match *what {
            "quotes" => Ok(self.quote(at, &document, call)),
            "commitments" => self.file(at, &document, call),
            "refunds" => self.take_back(at, &document, call),
            _ => Err(Response::not_found("tax has quotes, commitments and refunds")),
        }
    }

    fn quote(&mut self, at: Moment, document: &Document, call: &Call<'_>) -> Response {
        let asked: i64 = document.lines.iter().map(|line| line.tax).sum();
        let off = permille(self.desk.seed, &["tax", &document.order]) < self.config.off_rate;
        let tax = if off { asked.saturating_add(self.config.off_by) } else { asked };
        self.book(at, Kind::TaxQuoted, document, tax);
        self.desk.written.told(call, 200, "TQ", json!({"tax": tax}))
    }

    fn file(&mut self, at: Moment, document: &Document, call: &Call<'_>) -> Result<Response, Response> {
        let tax = sum_of(document)?;
        *self.filed.entry(document.order.as_str().into()).or_default() += tax;
        self.book(at, Kind::TaxCommitted, document, tax);
        Ok(self.desk.written.done(call, "TX", None))
    }

    fn take_back(&mut self, at: Moment, document: &Document, call: &Call<'_>) -> Result<Response, Response> {
        let tax = sum_of(document)?;
        let filed = self.filed.entry(document.order.as_str().into()).or_default();
        if tax > *filed {
            let message = format!("{tax} is more than the {filed} that is filed for {}", document.order);
            return Err(Response::refuse(422, "exceeds_filed", &message));
        }
        *filed -= tax;
        self.book(at, Kind::TaxRefunded, document, tax);
        Ok(self.desk.written.done(call, "TR", None))
    }

    fn book(&mut self, at: Moment, kind: Kind, document: &Document, tax: i64) {
        let head = Head {
            reference: &document.id,
            order: &document.order,
            currency: &document.currency,
            amount: Some(tax),
            at: at.business,
            ..Head::default()
        };
        let units = document.lines.iter().map(|line| line.quantity).sum();
        self.desk.ledger.document(&head).whole(kind, Some(units));
    }
}

/// The document's tax, which is that of its lines and not below zero.
fn sum_of(document: &Document) -> Result<i64, Response> {
    let lines: i64 = document.lines.iter().map(|line| line.tax).sum();
    match document.tax {
        Some(tax) if tax == lines && tax >= 0 => Ok(tax),
        Some(tax) => {
            let message = format!("the tax is {tax} and that of its lines {lines}");
            Err(Response::refuse(422, "tax_differs", &message))
        }
        None => Err(Response::refuse(422, "missing_member", "a filing wants its tax")),
    }
}

impl Vendor for Tax {
    vendor!(answer, tax);
    idle!();
}
