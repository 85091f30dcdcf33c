//! What was filed as tax, and which labels were bought.

use crate::args::Data;
use crate::documents::{Documents, Role};
use crate::names::{Id, Texts};
use crate::report::Findings;
use crate::rules;
use crate::trade::{At, family};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Tax of an order, minor units.
#[derive(Clone, Debug, Default)]
struct Tax {
    /// Invoiced, less what was credited.
    owed: i64,
    /// Filed, less what was taken back.
    filed: i64,
    /// The row that first says something of it.
    place: (u16, u64),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Filed {
    tax: BTreeMap<Id, Tax>,
    /// The first row of each partition that files: before it nobody played the role.
    since: BTreeMap<u16, u64>,
    /// Labels that are not voided: tracking number to what each is for, and whether it is for the way back.
    labels: HashMap<Id, (Id, bool)>,
}

impl Filed {
    /// A command that was ordered for the first time.
    pub fn command(&mut self, op: &str, data: &Data<'_>, at: &mut At<'_>) {
        let lines: i64 = data.lines().iter().map(|line| line.tax).sum();
        let (owed, filed) = match op {
            "post_invoice" => (lines, 0),
            "post_credit_memo" => (-lines, 0),
            "commit_tax" => (0, data.tax),
            "refund_tax" => (0, -data.tax),
            _ => return,
        };
        if op == "commit_tax" {
            self.since.entry(at.place.0).or_insert(at.place.1);
        }
        let order = at.texts.id(family(&at.case.kind, &at.case.value));
        let place = at.place;
        let tax = self.tax.entry(order).or_insert(Tax { place, ..Tax::default() });
        tax.owed += owed;
        tax.filed += filed;
    }

    /// A row of the carrier's ledger.
    pub fn label(&mut self, kind: &str, reference: Id, tracking: Id) {
        if kind == "label_voided" {
            self.labels.remove(&tracking);
        } else {
            self.labels.insert(tracking, (reference, kind == "return_label"));
        }
    }

    /// `busy`: orders and returns with something under way.
    pub fn finish(&self, busy: &BTreeSet<Id>, documents: &Documents, texts: &Texts, findings: &mut Findings) {
        for (order, tax) in &self.tax {
            let (part, pos) = tax.place;
            if busy.contains(order) || self.since.get(&part).is_none_or(|since| pos < *since) {
                continue;
            }
            findings.checked(rules::TAX_FILED, 1);
            if tax.filed != tax.owed {
                findings.breach(
                    rules::TAX_FILED,
                    texts.text(*order),
                    format!("tax {} as invoiced and not credited", tax.owed),
                    format!("{} filed and not taken back", tax.filed),
                    format!("journal {part}/{pos}"),
                );
            }
        }
        if !documents.given(Role::Carrier) {
            return;
        }
        let mut per_thing: BTreeMap<(Id, bool), u32> = BTreeMap::new();
        for thing in self.labels.values() {
            *per_thing.entry(*thing).or_default() += 1;
        }
        for ((thing, back), labels) in per_thing {
            findings.checked(rules::CARRIER_LABEL, 1);
            if labels > 1 {
                let word = if back { "return label" } else { "label" };
                findings.breach(
                    rules::CARRIER_LABEL,
                    texts.text(thing),
                    format!("one {word}"),
                    format!("{labels}"),
                    "ledger of carrier",
                );
            }
        }
    }
}
