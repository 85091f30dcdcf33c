//! Keys looked up for a turn.

use super::code::{Body, checked, failed};
use super::view::{View, mark};
use crate::StoreError;
use crate::code::key;
use crate::totals::Table;
use hub::batch::{CaseId, Found, Key, Part, SEEN_WITH_CASE, StoredCase};
use retail::envelope::Name;
use rusqlite::{OptionalExtension, Result as Sql};

impl View<'_> {
    /// # Errors
    /// When SQLite cannot read, or a row does not read as what it should be.
    pub(super) fn load(&mut self, part: Part, keys: &[Key]) -> Result<Vec<Found>, StoreError> {
        keys.iter()
            .map(|k| self.look_up(part, k).map_err(|e| failed(&format!("loading {k:?}"), self.place, &e)))
            .collect()
    }

    fn look_up(&mut self, part: Part, wanted: &Key) -> Sql<Found> {
        Ok(match wanted {
            Key::Case(name) => match self.case_of(part, name)? {
                None => Found::Nothing,
                Some(id) => self.stored_case(part, id)?.map_or(Found::Nothing, |c| Found::Case(Box::new(c))),
            },
            Key::Row(case, row) => self
                .db
                .prepare_cached("SELECT id, key, body, sum FROM rows WHERE id = ?1 AND key = ?2")?
                .query_row((key(part, *case), row), |r| checked(r, Table::Rows, 3)?.get::<_, Body>(2))
                .optional()?
                .map_or(Found::Nothing, |b| Found::Row(b.0)),
            Key::Seen(case, wanted) => self
                .db
                .prepare_cached("SELECT id, key, body, pos, sum FROM seen WHERE id = ?1 AND key = ?2")?
                .query_row((key(part, *case), wanted.as_slice()), mark)
                .optional()?
                .map_or(Found::Nothing, |(_, body)| Found::Seen(body)),
        })
    }

    /// The case that a name leads to: the one that was opened under it, else the latest that took it as a
    /// further name.
    fn case_of(&mut self, part: Part, name: &Name) -> Sql<Option<CaseId>> {
        let Some(kind) = self.symbols.find(self.db, &name.tenant, &name.kind)? else {
            return Ok(None);
        };
        let mut statement = self
            .db
            .prepare_cached("SELECT kind, value, part, number, own, sum FROM route WHERE kind = ?1 AND value = ?2 AND part = ?3")?;
        let found = statement.query_map((kind, &name.value, part), |r| {
            let r = checked(r, Table::Route, 5)?;
            Ok((r.get(4)?, r.get(3)?))
        })?;
        let mut best: Option<(i64, i64)> = None;
        for row in found {
            best = best.max(Some(row?));
        }
        Ok(best.map(|(_, number)| number.cast_unsigned()))
    }

    fn stored_case(&mut self, part: Part, case: CaseId) -> Sql<Option<StoredCase>> {
        let id = key(part, case);
        let db = self.db;
        let mut statement = db.prepare_cached(
            "SELECT c.id, c.ver, c.last, c.due, c.live, c.kind, c.value, c.body, c.sum, d.id, d.body, d.sum
             FROM cases c LEFT JOIN doc d ON d.id = c.id WHERE c.id = ?1",
        )?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let row = self.case(row)?;
        let mut statement = db
            .prepare_cached("SELECT id, key, body, pos, sum FROM seen WHERE id = ?1 ORDER BY key LIMIT ?2")?;
        let marks = statement.query_map((id, one_more()), mark)?;
        let mut seen = marks.collect::<Sql<Vec<_>>>()?;
        let seen_complete = seen.len() <= SEEN_WITH_CASE;
        seen.truncate(SEEN_WITH_CASE);
        Ok(Some(StoredCase { row, seen, seen_complete }))
    }
}

/// One more than is loaded, to see whether there are more.
fn one_more() -> i64 {
    i64::try_from(SEEN_WITH_CASE + 1).unwrap_or(i64::MAX)
}
