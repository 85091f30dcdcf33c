//! Evidence held in memory: for runs small enough, and for errors to be planted into.

use crate::postgres::Schema;
use crate::posts::ReceivedState;
use crate::report::{Breach, Report};
use crate::rules::Rule;
use crate::stored::{Item, ReadError};
use crate::verifier::{Case, Head, Settings, Verifier};
use std::collections::BTreeMap;
use std::path::Path;

/// A journal row, its body unpacked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JournalRow {
    pub part: u16,
    pub pos: u64,
    pub case: u64,
    pub prev: u64,
    /// Milliseconds since 1970.
    pub at: i64,
    pub body: Vec<u8>,
}

/// A stored case, its body unpacked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseRow {
    pub part: u16,
    pub id: u64,
    pub tenant: String,
    pub kind: String,
    pub value: String,
    pub last: u64,
    pub open: bool,
    pub body: Vec<u8>,
}

/// All that is judged. Tables as the store has them, ledgers as the systems gave them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Evidence {
    pub heads: Vec<Head>,
    /// Heads that were exported earlier: partition, position, hash.
    pub exported: Vec<(u16, u64, [u8; 32])>,
    pub journal: Vec<JournalRow>,
    pub cases: Vec<CaseRow>,
    /// Account with its entity, unit, amount.
    pub balances: Vec<(String, String, i64)>,
    /// Partition, case, key, body.
    pub rows: Vec<(u16, u64, String, Vec<u8>)>,
    /// Partition, number, key.
    pub outbox: Vec<(u16, u64, String)>,
    /// Partition, position.
    pub received: Vec<(u16, u64, ReceivedState)>,
    /// Messages that cases remember to have taken in: partition, case, journal row.
    pub seen: Vec<(u16, u64, u64)>,
    /// Sending partition, position.
    pub mail: Vec<(u16, u64)>,
    /// About, code, whether it is open.
    pub exceptions: Vec<(String, String, bool)>,
    /// What was held against a rule while it was read, and how much.
    pub checked: Vec<(Rule, u64)>,
    /// What is not as it was written: by which rule, table, row, why.
    pub damaged: Vec<(Rule, String, String, String)>,
    /// Tables: what the heads say that is left there, and what is there.
    pub totals: Vec<(String, u64, u64)>,
    /// Rows of each system's ledger.
    pub ledgers: BTreeMap<String, Vec<String>>,
    /// What a storefront shows as available, by SKU.
    pub shelves: BTreeMap<String, i64>,
}

impl Evidence {
    /// Reads all of a folder into memory; ledgers are left empty.
    ///
    /// # Errors
    /// As [`crate::read_sqlite`].
    pub fn read_sqlite(dir: &Path) -> Result<Self, ReadError> {
        let mut all = Self::default();
        crate::sqlite::each(dir, &mut |item| all.take(item))?;
        Ok(all)
    }

    /// Reads all of a schema into memory; ledgers are left empty.
    ///
    /// # Errors
    /// As [`crate::read_postgres`].
    pub fn read_postgres(schema: &Schema) -> Result<Self, ReadError> {
        let mut all = Self::default();
        crate::postgres::each(schema, &mut |item| all.take(item))?;
        Ok(all)
    }

    fn take(&mut self, item: Item<'_>) {
        match item {
            Item::Head(head) => self.heads.push(head),
            Item::Journal { part, pos, case, prev, at, body } => {
                self.journal.push(JournalRow { part, pos, case, prev, at, body: body.to_vec() });
            }
            Item::Case(c) => self.cases.push(CaseRow {
                part: c.part,
                id: c.id,
                tenant: c.tenant.to_owned(),
                kind: c.kind.to_owned(),
                value: c.value.to_owned(),
                last: c.last,
                open: c.open,
                body: c.body.to_vec(),
            }),
            Item::Balance { account, unit, amount } => {
                self.balances.push((account.to_owned(), unit.to_owned(), amount));
            }
            Item::Row { part, case, key, body } => {
                self.rows.push((part, case, key.to_owned(), body.to_vec()))
            }
            Item::Outbox { part, id, key } => self.outbox.push((part, id, key.to_owned())),
            Item::Received { part, pos, state } => self.received.push((part, pos, state)),
            Item::Seen { part, case, pos } => self.seen.push((part, case, pos)),
            Item::Mail { from_part, pos } => self.mail.push((from_part, pos)),
            Item::Checked { rule, rows } => self.checked.push((rule, rows)),
            Item::Total { table, kept, found } => self.totals.push((table.to_owned(), kept, found)),
            Item::Damaged { rule, table, row, why } => {
                self.damaged.push((rule, table.to_owned(), row.to_owned(), why.to_owned()))
            }
            Item::Exception { about, code, open } => {
                self.exceptions.push((about.to_owned(), code.to_owned(), open))
            }
        }
    }

    /// Judges it.
    #[must_use]
    pub fn report(&self, settings: Settings) -> Report {
        let mut v = Verifier::new(settings);
        for (part, pos, hash) in &self.exported {
            v.exported_head(*part, *pos, *hash);
        }
        for row in &self.journal {
            v.journal_row(row.part, row.pos, row.case, row.prev, row.at, &row.body);
        }
        self.stored(&mut v);
        for (system, rows) in &self.ledgers {
            v.ledger(system, None);
            for row in rows {
                v.ledger_row(system, row);
            }
        }
        v.finish()
    }

    /// Tells of all that is stored beside the journal, for a verifier that has taken the journal in.
    pub fn stored(&self, v: &mut Verifier) {
        for head in &self.heads {
            v.head(*head);
        }
        for c in &self.cases {
            let (tenant, kind, value) = (c.tenant.as_str(), c.kind.as_str(), c.value.as_str());
            v.case(Case {
                part: c.part,
                id: c.id,
                tenant,
                kind,
                value,
                last: c.last,
                open: c.open,
                body: &c.body,
            });
        }
        for (account, unit, amount) in &self.balances {
            v.balance(account, unit, *amount);
        }
        for (part, case, key, body) in &self.rows {
            v.stock_row(*part, *case, key, body);
        }
        for (part, id, key) in &self.outbox {
            v.outbox(*part, *id, key);
        }
        for (part, pos, state) in &self.received {
            v.received(*part, *pos, *state);
        }
        for (part, case, pos) in &self.seen {
            v.seen(*part, *case, *pos);
        }
        for (part, pos) in &self.mail {
            v.mail(*part, *pos);
        }
        for (about, code, open) in &self.exceptions {
            v.exception(about, code, *open);
        }
        for (rule, rows) in &self.checked {
            v.checked(*rule, *rows);
        }
        for (rule, table, row, why) in &self.damaged {
            v.damaged(*rule, table, row, why);
        }
        for (table, kept, found) in &self.totals {
            v.total(table, *kept, *found);
        }
        for (sku, available) in &self.shelves {
            v.shelf(sku, *available);
        }
    }
}

/// All rows that break a rule, with default settings.
#[must_use]
pub fn check(evidence: &Evidence) -> Vec<Breach> {
    evidence.report(Settings::default()).breaches
}
