//! Returns: what was authorised, received, disposed of and told.

use crate::args::Data;
use crate::documents::{Documents, Kind, Role, Side};
use crate::names::{Id, Texts};
use crate::orders::Orders;
use crate::report::Findings;
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};

/// Units of one SKU of a return.
#[derive(Clone, Copy, Debug, Default)]
struct Units {
    received: i64,
    interim: i64,
    done: i64,
    restocked: i64,
    pooled: i64,
}

#[derive(Debug, Default)]
struct Return {
    requested: bool,
    cancelled: bool,
    skus: BTreeMap<Id, Units>,
    /// Authorised: return line, order, order line, units.
    authorised: Vec<(Id, Id, Id, i64)>,
    /// Received per return line.
    received: BTreeMap<Id, i64>,
    /// Units sent back to the customer, by return line.
    sent_back: BTreeMap<Id, i64>,
    /// Credited goods per return line.
    credited: BTreeMap<Id, i64>,
}

#[derive(Debug, Default)]
pub(crate) struct Returns {
    all: BTreeMap<Id, Return>,
}

/// Dispositions after which something is still to be done with the unit.
const INTERIM: [&str; 2] = ["quarantine", "refurbish"];

impl Returns {
    fn of(&mut self, rma: &str, texts: &mut Texts) -> &mut Return {
        self.all.entry(texts.id(rma)).or_default()
    }

    pub fn requested(&mut self, rma: &str, texts: &mut Texts) {
        self.of(rma, texts).requested = true;
    }

    pub fn cancelled(&mut self, rma: &str, texts: &mut Texts) {
        self.of(rma, texts).cancelled = true;
    }

    /// `create_return_order`.
    pub fn authorised(&mut self, data: &Data<'_>, texts: &mut Texts) {
        for l in data.lines() {
            let line = (texts.id(&l.line), texts.id(&l.order), texts.id(&l.order_line), l.quantity);
            self.of(&data.rma, texts).authorised.push(line);
        }
    }

    /// `return.received`.
    pub fn received(&mut self, data: &Data<'_>, texts: &mut Texts) {
        for l in data.lines() {
            let (line, sku) = (texts.id(&l.line), texts.id(&l.sku));
            let this = self.of(&data.rma, texts);
            this.skus.entry(sku).or_default().received += l.quantity;
            *this.received.entry(line).or_default() += l.quantity;
        }
    }

    /// Units of a return line that the order gave credit for.
    pub fn credited(&mut self, rma: &str, line: &str, units: i64, texts: &mut Texts) {
        let line = texts.id(line);
        *self.of(rma, texts).credited.entry(line).or_default() += units;
    }

    /// `dispose`.
    pub fn disposed(&mut self, data: &Data<'_>, texts: &mut Texts) {
        for l in data.lines() {
            let sku = texts.id(&l.sku);
            let units = self.of(&data.rma, texts).skus.entry(sku).or_default();
            if INTERIM.contains(&&*l.disposition) {
                units.interim += l.quantity;
            } else {
                units.done += l.quantity;
            }
            if &*l.disposition == "restock" {
                units.restocked += l.quantity;
            }
            if &*l.disposition == "return_to_customer" {
                let line = texts.id(&l.line);
                *self.of(&data.rma, texts).sent_back.entry(line).or_default() += l.quantity;
            }
        }
    }

    /// `stock.returned`: the pool was told of restocked units.
    pub fn pooled(&mut self, data: &Data<'_>, texts: &mut Texts) {
        for l in data.lines() {
            let sku = texts.id(&l.sku);
            self.of(&data.rma, texts).skus.entry(sku).or_default().pooled += l.quantity;
        }
    }

    /// Lays received units on the order lines that they were authorised on, in that order. Units sent back are the
    /// customer's again and may come once more.
    pub fn trace_back(&self, orders: &mut Orders) {
        for this in self.all.values() {
            for (line, units) in &this.received {
                let mut left = *units - this.sent_back.get(line).copied().unwrap_or(0);
                for (_, order, order_line, most) in this.authorised.iter().filter(|a| a.0 == *line) {
                    let n = left.min(*most);
                    left -= n;
                    if n > 0 {
                        orders.came_back(*order, *order_line, n);
                    }
                }
            }
        }
    }

    /// Judges each return. `busy` are those with anything under way.
    pub fn finish(&self, busy: &BTreeSet<Id>, documents: &Documents, texts: &Texts, findings: &mut Findings) {
        for (rma, this) in &self.all {
            let (over, name) = (!busy.contains(rma), texts.text(*rma));
            for (sku, units) in &this.skus {
                let about = format!("{name} {}", texts.text(*sku));
                findings.checked(rules::RETURN_DISPOSED, 1);
                findings.checked(rules::RETURN_RESTOCKED, 1);
                let short = over && units.done + units.interim < units.received;
                if units.done > units.received || short {
                    let expected = format!("{} received", units.received);
                    let found = format!("{} disposed of, {} held", units.done, units.interim);
                    findings.breach(
                        rules::RETURN_DISPOSED,
                        about.as_str(),
                        expected,
                        found,
                        "dispositions in the journal",
                    );
                }
                if over && units.restocked != units.pooled {
                    let (expected, found) =
                        (format!("{} restocked", units.restocked), units.pooled.to_string());
                    findings.breach(rules::RETURN_RESTOCKED, about, expected, found, "messages to the pool");
                }
            }
            for (line, credited) in &this.credited {
                findings.checked(rules::RETURN_CREDITED, 1);
                let received = this.received.get(line).copied().unwrap_or(0);
                if *credited > received {
                    let about = format!("{name} line {}", texts.text(*line));
                    let expected = format!("{received} received at most");
                    findings.breach(
                        rules::RETURN_CREDITED,
                        about,
                        expected,
                        credited.to_string(),
                        "credits in the journal",
                    );
                }
            }
            if this.requested && over && !this.cancelled && documents.given(Role::Returns) {
                findings.checked(rules::RETURN_KNOWN, 1);
                let ends = [Kind::Completed, Kind::Declined, Kind::Rejected, Kind::Refunded];
                let told: Side = ends.iter().fold(Side::default(), |mut sum, kind| {
                    sum.add(documents.system_side(*kind, *rma));
                    sum
                });
                if told.times == 0 {
                    let expected = "declined, rejected, refunded or completed";
                    findings.breach(rules::RETURN_KNOWN, name, expected, "no end", "ledger of returns");
                }
            }
        }
    }
}
