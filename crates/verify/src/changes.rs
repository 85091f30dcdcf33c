//! Lines that did not stand in the order as it was submitted: components of bundles, and what was added later.

use crate::args::{Added, Expanded};
use crate::names::{Id, Texts};
use crate::orders::{Counters, Orders};
use crate::report::Findings;
use crate::rules;

impl Orders {
    /// `order.bundle_expanded`: components take a bundle's place, whose money is theirs together.
    pub fn expanded(
        &mut self,
        order: Id,
        data: &Expanded<'_>,
        place: &str,
        texts: &mut Texts,
        findings: &mut Findings,
    ) {
        let bundle = texts.id(&data.line);
        let about = format!("{} line {}", texts.text(order), &*data.line);
        let Some(found) = self.lines_of(order) else { return };
        let sold = found.iter().find(|l| l.line == bundle).copied().unwrap_or_default();
        found.retain(|l| l.line != bundle);
        let (mut charge, mut tax) = (0, 0);
        for l in &data.lines {
            (charge, tax) = (charge + l.amount, tax + l.tax);
            let line = texts.id(&l.line);
            found.push(Counters {
                line,
                known_as: line,
                sku: texts.id(&l.sku),
                goods: l.kind.is_empty() || &*l.kind == "goods",
                ordered: l.quantity,
                charge: l.amount,
                tax: l.tax,
                ..Counters::default()
            });
        }
        findings.checked(rules::ORDER_BUNDLE, 1);
        if (charge, tax) != (sold.charge, sold.tax) {
            let expected = format!("{} with {} tax", sold.charge, sold.tax);
            findings.breach(rules::ORDER_BUNDLE, about, expected, format!("{charge} with {tax}"), place);
        }
    }

    /// `order.line_added`: once per line.
    pub fn added(&mut self, order: Id, data: &Added<'_>, texts: &mut Texts) {
        let line = texts.id(&data.line);
        let known_as = if data.raises.is_empty() { line } else { texts.id(&data.raises) };
        let sku = texts.id(&data.sku);
        let Some(found) = self.lines_of(order).filter(|all| all.iter().all(|l| l.line != line)) else {
            return;
        };
        found.push(Counters {
            line,
            known_as,
            sku,
            goods: &*data.kind == "goods",
            ordered: data.quantity,
            charge: data.amount,
            tax: data.tax,
            ..Counters::default()
        });
        self.costs_more(order, data.amount);
    }
}
