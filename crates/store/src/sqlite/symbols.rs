//! Texts that come again and again (a tenant with a kind of case, a connection) stand as small numbers.

use super::code::checked;
use crate::row;
use crate::totals::{Table, Totals};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeMap;

/// The numbers known so far on one connection.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    numbers: BTreeMap<String, BTreeMap<String, i64>>,
    texts: BTreeMap<i64, (String, String)>,
    /// Made in the transaction that is open: forgotten when it is rolled back.
    fresh: Vec<i64>,
}

impl Symbols {
    /// The number of a text, if it has one.
    pub(super) fn find(&mut self, db: &Connection, scope: &str, text: &str) -> rusqlite::Result<Option<i64>> {
        if let Some(id) = self.numbers.get(scope).and_then(|s| s.get(text)) {
            return Ok(Some(*id));
        }
        let found = db
            .prepare_cached("SELECT id, scope, text, sum FROM symbol WHERE scope = ?1 AND text = ?2")?
            .query_row((scope, text), |r| checked(r, Table::Symbol, 3)?.get(0))
            .optional()?;
        if let Some(id) = found {
            self.keep(id, scope, text);
        }
        Ok(found)
    }

    /// The number of a text; a new one, in the transaction that is open, when it has none.
    pub(super) fn number(
        &mut self,
        db: &Connection,
        scope: &str,
        text: &str,
        totals: &mut Totals,
    ) -> rusqlite::Result<i64> {
        if let Some(id) = self.find(db, scope, text)? {
            return Ok(id);
        }
        let id: i64 =
            db.prepare_cached("SELECT 1 + ifnull(max(id), 0) FROM symbol")?.query_row([], |r| r.get(0))?;
        let sum = row::sum(Table::Symbol.name(), &[id.into(), scope.into(), text.into()]);
        db.prepare_cached("INSERT INTO symbol (id, scope, text, sum) VALUES (?1, ?2, ?3, ?4)")?
            .execute((id, scope, text, sum))?;
        totals.add(Table::Symbol, sum);
        self.keep(id, scope, text);
        self.fresh.push(id);
        Ok(id)
    }

    /// The text of a number.
    pub(super) fn text(&mut self, db: &Connection, id: i64) -> rusqlite::Result<(String, String)> {
        if let Some(found) = self.texts.get(&id) {
            return Ok(found.clone());
        }
        let (scope, text): (String, String) = db
            .prepare_cached("SELECT id, scope, text, sum FROM symbol WHERE id = ?1")?
            .query_row([id], |r| {
                let r = checked(r, Table::Symbol, 3)?;
                Ok((r.get(1)?, r.get(2)?))
            })?;
        self.keep(id, &scope, &text);
        Ok((scope, text))
    }

    fn keep(&mut self, id: i64, scope: &str, text: &str) {
        self.numbers.entry(scope.to_owned()).or_default().insert(text.to_owned(), id);
        self.texts.insert(id, (scope.to_owned(), text.to_owned()));
    }

    pub(super) fn committed(&mut self) {
        self.fresh.clear();
    }

    pub(super) fn rolled_back(&mut self) {
        for id in self.fresh.drain(..) {
            if let Some((scope, text)) = self.texts.remove(&id)
                && let Some(known) = self.numbers.get_mut(&scope)
            {
                known.remove(&text);
            }
        }
    }
}
