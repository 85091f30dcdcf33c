//! A reader's connection.

use super::code::{failed, unreadable};
use super::folder;
use super::head;
use super::symbols::Symbols;
use super::view::{View, bytes};
use crate::code::{number, part_of, state_of};
use crate::counts::state_name;
use crate::{Counts, Hit, Reader, Scan, Scanned, StoreError};
use hub::batch::{Found, Head, Key, Part};
use retail::envelope::Name;
use rusqlite::{Connection, Result as Sql};
use std::path::Path;

/// Reads a folder beside its writer, from this process or another.
#[derive(Debug)]
pub struct SqliteReader {
    db: Connection,
    symbols: Symbols,
    place: String,
    frozen: bool,
}

impl SqliteReader {
    /// Opens a folder that holds a store.
    ///
    /// # Errors
    /// `missing` where there is none, `too_old`, `too_new` or `foreign` where it is not this release's.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let (db, file) = folder::open_reader(dir)?;
        Ok(Self { db, symbols: Symbols::default(), place: file.display().to_string(), frozen: false })
    }

    fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.db
            .prepare_cached(sql)
            .and_then(|mut s| s.execute([]))
            .map(|_| ())
            .map_err(|e| failed(&format!("reading ({sql})"), &self.place, &e))
    }

    /// Runs several statements that must see one moment.
    fn at_once<T>(
        &mut self,
        f: impl FnOnce(&mut View<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if !self.frozen {
            self.run("BEGIN")?;
        }
        let out = f(&mut View { db: &self.db, symbols: &mut self.symbols, place: &self.place });
        if !self.frozen {
            // A read transaction changed nothing: its end can be lost only with the connection.
            self.run("ROLLBACK")?;
        }
        out
    }
}

impl Reader for SqliteReader {
    fn load(&mut self, part: Part, keys: &[Key]) -> Result<Vec<Found>, StoreError> {
        self.at_once(|v| v.load(part, keys))
    }

    fn head(&mut self, part: Part) -> Result<(u64, Head), StoreError> {
        head::read(&self.db, part)
            .map(|found| found.map(|line| (line.epoch, line.head)).unwrap_or_default())
            .map_err(|e| failed("reading a head", &self.place, &e))
    }

    fn parts(&mut self) -> Result<Vec<Part>, StoreError> {
        self.db
            .prepare_cached("SELECT part FROM head ORDER BY part")
            .and_then(|mut s| s.query_map([], |r| r.get(0))?.collect())
            .map_err(|e| failed("reading the partitions", &self.place, &e))
    }

    fn scan(&mut self, part: Part, what: Scan, after: u64, limit: usize) -> Result<Vec<Scanned>, StoreError> {
        self.at_once(|v| v.scan(part, &what, after, limit))
    }

    fn find_case(&mut self, tenant: &str, value: &str) -> Result<Vec<Hit>, StoreError> {
        self.at_once(|v| find(v, tenant, value).map_err(|e| failed("searching a name", v.place, &e)))
    }

    fn counts(&mut self) -> Result<Counts, StoreError> {
        self.at_once(|v| {
            let mut counts = count(v).map_err(|e| failed("counting", v.place, &e))?;
            counts.bytes = bytes(v.db, v.place)?;
            Ok(counts)
        })
    }

    fn freeze(&mut self) -> Result<(), StoreError> {
        if !self.frozen {
            self.run("BEGIN")?;
            self.frozen = true;
            // SQLite takes the moment at the first read, not at BEGIN.
            self.parts()?;
        }
        Ok(())
    }

    fn thaw(&mut self) -> Result<(), StoreError> {
        if self.frozen {
            self.frozen = false;
            self.run("ROLLBACK")?;
        }
        Ok(())
    }
}

fn find(v: &mut View<'_>, tenant: &str, value: &str) -> Sql<Vec<Hit>> {
    let db = v.db;
    let kinds: Vec<(i64, String)> = db
        .prepare_cached("SELECT id, text FROM symbol WHERE scope = ?1 ORDER BY text")?
        .query_map([tenant], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<Sql<_>>()?;
    let mut statement = db.prepare_cached(
        "SELECT c.id, c.kind, c.value FROM route r JOIN cases c ON c.id = (r.part << 47) | r.number
         WHERE r.kind = ?1 AND r.value = ?2",
    )?;
    let mut hits = Vec::new();
    for (kind, text) in kinds {
        let mut rows = statement.query((kind, value))?;
        while let Some(r) = rows.next()? {
            let id = r.get(0)?;
            hits.push(Hit {
                part: part_of(id),
                case: number(id),
                matched: Name::new(tenant, text.clone(), value),
                name: v.name(r.get(1)?, r.get(2)?)?,
            });
        }
    }
    hits.sort();
    Ok(hits)
}

fn count(v: &mut View<'_>) -> Sql<Counts> {
    let db = v.db;
    let n = |sql: &str| -> Sql<u64> {
        db.prepare_cached(sql)?.query_row([], |r| r.get::<_, i64>(0)).map(i64::cast_unsigned)
    };
    let mut c = Counts {
        cases: n("SELECT ifnull(sum(cases), 0) FROM head")?,
        received: n("SELECT ifnull(sum(received), 0) FROM head")?,
        journal: n("SELECT ifnull(sum(pos), 0) FROM head")?,
        mail: n("SELECT count(*) FROM mail")?,
        waiting: n("SELECT count(*) FROM unsettled WHERE state = 0")?,
        parked: n("SELECT count(*) FROM unsettled WHERE state = 2")?,
        ..Counts::default()
    };
    let groups = |sql: &str| -> Sql<Vec<(i64, i64)>> {
        db.prepare_cached(sql)?.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect()
    };
    for (kind, n) in groups(
        "SELECT kind, count(*) FROM cases INDEXED BY cases_live WHERE live IS NOT NULL AND live IN (1, 3) GROUP BY kind",
    )? {
        let kind = v.symbols.text(db, kind)?.1;
        *c.open_cases.entry(kind).or_default() += n.cast_unsigned();
    }
    for (state, n) in groups("SELECT state, count(*) FROM outbox GROUP BY state")? {
        let time = if matches!(state, 2 | 3) { Some(0) } else { None };
        let state = state_of(state, time).ok_or_else(|| unreadable(format!("a command's state {state}")))?;
        c.outbox.insert(state_name(state).to_owned(), n.cast_unsigned());
    }
    let mut exceptions =
        db.prepare_cached("SELECT code, count(*) FROM exception WHERE closed IS NULL GROUP BY code")?;
    let mut rows = exceptions.query([])?;
    while let Some(r) = rows.next()? {
        c.exceptions.insert(r.get(0)?, r.get::<_, i64>(1)?.cast_unsigned());
    }
    Ok(c)
}
