//! Rows written, changed and deleted, each with its sum and in the totals.

use super::code::cells;
use super::symbols::Symbols;
use crate::row::{self, Cell};
use crate::totals::{Table, Totals};
use rusqlite::{Connection, OptionalExtension, Params, Result as Sql, params_from_iter};

/// Ends the process at the statement that a test chose.
#[cfg(test)]
pub(super) fn burn(fuse: &mut Option<u32>) {
    match fuse {
        Some(0) => std::process::abort(),
        Some(n) => *n -= 1,
        None => {}
    }
}

pub(super) struct Writer<'a> {
    pub db: &'a Connection,
    pub symbols: &'a mut Symbols,
    /// Of the batch's partition, as they become.
    pub totals: Totals,
    #[cfg(test)]
    pub fuse: &'a mut Option<u32>,
}

impl Writer<'_> {
    pub(super) fn run(&mut self, sql: &str, p: impl Params) -> Sql<usize> {
        #[cfg(test)]
        burn(self.fuse);
        self.db.prepare_cached(sql)?.execute(p)
    }

    /// Writes a row with its sum. `over` is the sum of the row that stood there.
    pub(super) fn put(
        &mut self,
        table: Table,
        sql: &str,
        mut row: row::Row<'_>,
        over: Option<i64>,
    ) -> Sql<()> {
        let sum = row::sum(table.name(), &row);
        row.push(sum.into());
        if self.run(sql, params_from_iter(row))? > 0 {
            self.totals.take(table, over);
            self.totals.add(table, sum);
        }
        Ok(())
    }

    /// Deletes rows; the statement returns their sums.
    pub(super) fn delete(&mut self, table: Table, sql: &str, p: impl Params) -> Sql<()> {
        #[cfg(test)]
        burn(self.fuse);
        let mut statement = self.db.prepare_cached(sql)?;
        let mut gone = statement.query(p)?;
        while let Some(row) = gone.next()? {
            self.totals.take(table, row.get(0)?);
        }
        Ok(())
    }

    /// The sum of the row that stands where one is to be written.
    pub(super) fn sum_of(&self, sql: &str, p: impl Params) -> Sql<Option<i64>> {
        self.db.prepare_cached(sql)?.query_row(p, |r| r.get(0)).optional().map(Option::flatten)
    }

    /// Changes columns of a row that stands; nothing where there is none. `read` selects all of its `n` columns and
    /// the sum, `sql` takes the columns that `change` has made, and the sum.
    pub(super) fn change(
        &mut self,
        table: Table,
        (read, key, n): (&str, &[Cell<'_>], usize),
        sql: &str,
        change: impl FnOnce(&mut row::Row<'_>),
        bound: &[usize],
    ) -> Sql<usize> {
        let db = self.db;
        let mut statement = db.prepare_cached(read)?;
        let mut found = statement.query(params_from_iter(key))?;
        let Some(r) = found.next()? else { return Ok(0) };
        let (old, stored) = (cells(r, 0, n)?, r.get::<_, Option<i64>>(n)?);
        let mut new = old.clone();
        change(&mut new);
        let sum = row::changed(table.name(), stored, &old, &new);
        let mut values: row::Row<'_> = bound.iter().filter_map(|at| new.get(*at).cloned()).collect();
        values.push(sum.into());
        self.totals.take(table, stored);
        self.totals.add(table, sum);
        self.run(sql, params_from_iter(values))
    }
}
