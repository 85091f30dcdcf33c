//! What stands between a placed order and its release, and the tax of invoices, as the journal tells of them.

use crate::args::Data;
use crate::names::{Id, Texts};
use crate::report::Findings;
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
pub(crate) struct Gates {
    /// Holds that stand, by order.
    holds: BTreeMap<Id, BTreeSet<String>>,
    /// The tax of each invoice.
    invoiced: BTreeMap<Id, i64>,
    /// What was filed of each invoice, and how often.
    filed: BTreeMap<Id, (i64, u32)>,
}

/// The tax of all lines.
fn tax(data: &Data<'_>) -> i64 {
    data.lines().iter().map(|l| l.tax).sum()
}

impl Gates {
    pub fn held(&mut self, order: Id, hold: &str) {
        self.holds.entry(order).or_default().insert(hold.to_owned());
    }

    pub fn lifted(&mut self, order: Id, hold: &str) {
        if let Some(holds) = self.holds.get_mut(&order) {
            holds.remove(hold);
        }
    }

    pub fn released(&self, order: Id, release: &str, place: &str, texts: &Texts, findings: &mut Findings) {
        findings.checked(rules::ORDER_HELD, 1);
        if let Some(holds) = self.holds.get(&order).filter(|holds| !holds.is_empty()) {
            let holds: Vec<&str> = holds.iter().map(String::as_str).collect();
            findings.breach(
                rules::ORDER_HELD,
                texts.text(order),
                format!("nothing released while held for {}", holds.join(", ")),
                format!("release {release}"),
                place,
            );
        }
    }

    /// `post_invoice`.
    pub fn invoiced(&mut self, invoice: Id, data: &Data<'_>) {
        self.invoiced.insert(invoice, tax(data));
    }

    /// `commit_tax`.
    pub fn filed(&mut self, invoice: Id, data: &Data<'_>) {
        let lines = tax(data);
        let filed = self.filed.entry(invoice).or_default();
        // A total that is not the sum of its lines is as wrong as another total.
        filed.0 += if lines == data.tax { lines } else { lines.saturating_add(data.tax) };
        filed.1 += 1;
    }

    pub fn finish(&self, texts: &Texts, findings: &mut Findings) {
        for (invoice, (tax, times)) in &self.filed {
            findings.checked(rules::TAX_INVOICED, 1);
            let on_it = self.invoiced.get(invoice);
            if on_it != Some(tax) || *times != 1 {
                let expected = on_it.map_or_else(|| "an invoice".to_owned(), |tax| format!("{tax}, once"));
                findings.breach(
                    rules::TAX_INVOICED,
                    format!("invoice {}", texts.text(*invoice)),
                    expected,
                    format!("{tax}, {times} times"),
                    "filings in the journal",
                );
            }
        }
    }
}
