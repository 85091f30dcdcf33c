//! Cases: what the journal says of each, against what is stored of it.

use crate::names::{Id, Texts};
use crate::record::Row;
use crate::report::Findings;
use crate::rules;
use crate::verifier::Case;
use std::collections::HashMap;

/// A case as the journal shows it.
#[derive(Clone, Copy, Debug)]
struct Seen {
    tenant: Id,
    kind: Id,
    value: Id,
    last: u64,
    open: bool,
    stored: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Cases {
    seen: HashMap<(u16, u64), Seen>,
    /// Cases that are stored and not in the journal.
    alien: Vec<(u16, u64, Id)>,
    most: HashMap<u16, u64>,
}

/// A case's name as people write it.
pub(crate) fn display(tenant: &str, kind: &str, value: &str) -> String {
    format!("{tenant}/{kind}/{value}")
}

impl Cases {
    /// Takes in a journal row.
    pub fn row(
        &mut self,
        at: (u16, u64),
        case: u64,
        prev: u64,
        row: &Row<'_>,
        texts: &mut Texts,
        findings: &mut Findings,
    ) {
        findings.checked(rules::JOURNAL_PREV, 1);
        let place = || format!("journal {}/{}", at.0, at.1);
        let about = || display(&row.case.tenant, &row.case.kind, &row.case.value);
        if case == 0 {
            if prev != 0 || row.parked.is_none() {
                let found = format!("a row of no case, after {prev}");
                findings.breach(
                    rules::JOURNAL_PREV,
                    about(),
                    "only parked turns before any case",
                    found,
                    place(),
                );
            }
            return;
        }
        let (tenant, kind, value) =
            (texts.id(&row.case.tenant), texts.id(&row.case.kind), texts.id(&row.case.value));
        let most = self.most.entry(at.0).or_default();
        *most = case.max(*most);
        let known = self.seen.entry((at.0, case)).or_insert(Seen {
            tenant,
            kind,
            value,
            last: 0,
            open: false,
            stored: false,
        });
        if known.last != prev {
            let (expected, found) = (format!("{} before it", known.last), prev.to_string());
            findings.breach(rules::JOURNAL_PREV, about(), expected, found, place());
        }
        if (known.tenant, known.kind, known.value) != (tenant, kind, value) {
            let expected = display(texts.text(known.tenant), texts.text(known.kind), texts.text(known.value));
            findings.breach(rules::JOURNAL_BODY, format!("case {case}"), expected, about(), place());
        }
        (known.last, known.open) = (at.1, row.open);
    }

    /// Takes in a stored case, after the journal.
    pub fn stored(&mut self, case: &Case<'_>, texts: &mut Texts, findings: &mut Findings) {
        let Case { part, id, tenant, kind, value, last, open, .. } = *case;
        findings.checked(rules::CASE_KNOWN, 1);
        findings.checked(rules::CASE_LAST, 1);
        let about = display(tenant, kind, value);
        let Some(seen) = self.seen.get_mut(&(part, id)) else {
            self.alien.push((part, id, texts.id(&about)));
            return;
        };
        seen.stored = true;
        let known = display(texts.text(seen.tenant), texts.text(seen.kind), texts.text(seen.value));
        let place = format!("cases {part}/{id}");
        if known != about {
            findings.breach(rules::CASE_KNOWN, about.as_str(), known, about.as_str(), place.as_str());
        }
        if seen.last != last {
            findings.breach(
                rules::CASE_LAST,
                about.as_str(),
                format!("last row {}", seen.last),
                last.to_string(),
                place.as_str(),
            );
        }
        if seen.open != open {
            let said = |open| if open { "in progress" } else { "over" };
            findings.breach(rules::CASE_LAST, about, said(seen.open), said(open), place);
        }
    }

    /// Number of the newest case of a partition.
    pub fn most(&self, part: u16) -> u64 {
        self.most.get(&part).copied().unwrap_or(0)
    }

    /// Kind, value and whether it is in progress, of each case.
    pub fn all(&self) -> impl Iterator<Item = (Id, Id, bool)> {
        self.seen.values().map(|s| (s.kind, s.value, s.open))
    }

    pub fn finish(&self, texts: &Texts, findings: &mut Findings) {
        for ((part, id), seen) in &self.seen {
            if seen.open {
                let what = match texts.text(seen.kind) {
                    "order" => "orders",
                    "return" => "returns",
                    "refund" => "refunds",
                    "pool" => "pools",
                    "difference" => "differences",
                    _ => "other_cases",
                };
                findings.waits(what, 1);
            }
            if !seen.stored {
                findings.breach(
                    rules::CASE_KNOWN,
                    display(texts.text(seen.tenant), texts.text(seen.kind), texts.text(seen.value)),
                    "a stored case",
                    "none",
                    format!("cases {part}/{id}"),
                );
            }
        }
        for (part, id, about) in &self.alien {
            let place = format!("cases {part}/{id}");
            findings.breach(rules::CASE_KNOWN, texts.text(*about), "rows in the journal", "none", place);
        }
    }
}
