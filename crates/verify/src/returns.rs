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

#[derive(Clone, Debug, Default)]
struct Return {
    requested: bool,
    cancelled: bool,
    skus: BTreeMap<Id, Units>,
    /// Authorised: return line, order, order line, units.
    authorised: Vec<(Id, Id, Id, i64)>,
    /// Received per return line.
    received: BTreeMap<Id, i64>,
    /// Units that the return says were credited before they came, or without coming, by line.
    ahead: BTreeMap<Id, i64>,
    /// Units sent back to the customer, by return line.
    sent_back: BTreeMap<Id, i64>,
    /// Credited goods per return line.
    credited: BTreeMap<Id, i64>,
}

#[derive(Clone, Debug, Default)]
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

    /// What a return's turn established.
    pub fn fact(&mut self, rma: &str, kind: &str, data: &Data<'_>, texts: &mut Texts) {
        match kind {
            "return.goods_received" => self.received(rma, data, texts),
            "return.credited_ahead" => {
                let line = texts.id(&data.line);
                *self.of(rma, texts).ahead.entry(line).or_default() += data.quantity;
            }
            _ => {}
        }
    }

    /// Units that came back, whoever brought them: a warehouse, another return's parcel, a store's counter.
    fn received(&mut self, rma: &str, data: &Data<'_>, texts: &mut Texts) {
        for l in data.lines() {
            let (line, sku) = (texts.id(&l.line), texts.id(&l.sku));
            let this = self.of(rma, texts);
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
                let of = |all: &BTreeMap<Id, i64>| all.get(line).copied().unwrap_or(0);
                let (received, ahead) = (of(&this.received), of(&this.ahead));
                if *credited > received + ahead {
                    let about = format!("{name} line {}", texts.text(*line));
                    let expected = format!("{received} received and {ahead} credited ahead at most");
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found of a return of which two units were credited: one was received, `ahead` are said to be credited
    /// without that.
    fn found(ahead: i64) -> usize {
        let (mut texts, mut all) = (Texts::default(), Returns::default());
        all.credited("R1", "1", 2, &mut texts);
        let fact = |text: &str, kind: &str, all: &mut Returns, texts: &mut Texts| {
            all.fact("R1", kind, &serde_json::from_str(text).unwrap(), texts);
        };
        let received = r#"{"receipt":"P1","lines":[{"line":"1","sku":"A","quantity":1}]}"#;
        fact(received, "return.goods_received", &mut all, &mut texts);
        let kept = format!(r#"{{"line":"1","quantity":{ahead},"why":"kept"}}"#);
        fact(&kept, "return.credited_ahead", &mut all, &mut texts);
        let mut findings = Findings::default();
        let busy = [texts.id("R1")].into();
        all.finish(&busy, &Documents::default(), &texts, &mut findings);
        findings.report().breaches.len()
    }

    #[test]
    fn what_is_credited_without_goods_must_be_said() {
        assert_eq!(found(1), 0);
        assert_eq!(found(0), 1);
    }
}
