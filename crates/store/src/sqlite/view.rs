//! Rows of the tables as values: what both the writer (for recovery) and the readers walk through.

use super::code::{Body, Hash16, check, checked, failed, unreadable};
use super::symbols::Symbols;
use crate::check::LARGEST;
use crate::code::{int, key, number, part_of, received_of, state_of};
use crate::totals::Table;
use crate::{Scan, Scanned, StoreError};
use hub::batch::{
    CaseId, CaseRow, Digest, ExceptionRow, JournalRow, MailRow, OutboxRow, Part, Pos, ReceivedRow,
    ReceivedState,
};
use retail::envelope::{Command, Name};
use retail::time::Time;
use rusqlite::{Connection, Error, OptionalExtension, Params, Result as Sql, Row};

/// Tables seen through one connection.
pub(super) struct View<'a> {
    pub db: &'a Connection,
    pub symbols: &'a mut Symbols,
    pub place: &'a str,
}

fn u64_at(r: &Row<'_>, column: usize) -> Sql<u64> {
    r.get::<_, i64>(column).map(i64::cast_unsigned)
}

impl View<'_> {
    fn all<T>(
        &mut self,
        sql: &str,
        p: impl Params,
        read: impl Fn(&mut Self, &Row<'_>) -> Sql<T>,
    ) -> Sql<Vec<T>> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query(p)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(read(self, row)?);
        }
        Ok(out)
    }

    /// A case's name from the numbers in its row.
    pub(super) fn name(&mut self, kind: i64, value: String) -> Sql<Name> {
        let (tenant, kind) = self.symbols.text(self.db, kind)?;
        Ok(Name { tenant, kind, value })
    }

    /// # Errors
    /// When SQLite cannot read, or a row does not read as what it should be.
    pub(super) fn scan(
        &mut self,
        part: Part,
        what: &Scan,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Scanned>, StoreError> {
        self.walk(part, what, after, limit).map_err(|e| failed(&format!("reading {what:?}"), self.place, &e))
    }

    fn walk(&mut self, part: Part, what: &Scan, after: u64, limit: usize) -> Sql<Vec<Scanned>> {
        let (from, to) = (key(part, after), key(part, LARGEST));
        let n = i64::try_from(limit).unwrap_or(i64::MAX);
        match what {
            Scan::Journal => self.all(
                "SELECT id, number, prev, at, body, sum FROM journal WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3",
                (from, to, n),
                |_, r| journal(r).map(Scanned::Journal),
            ),
            Scan::JournalOf(case) => self.journal_of(part, *case, after, limit),
            Scan::Received(state) => self.received(part, *state, after, n),
            Scan::Outbox => self.all(
                "SELECT id, number, cause, created, state, time, attempts, body, sum FROM outbox
                 WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3",
                (from, to, n),
                |_, r| outbox(r),
            ),
            Scan::OutboxOf(case) => self.all(
                "SELECT id, number, cause, created, state, time, attempts, body, sum FROM outbox
                 WHERE id > ?1 AND id <= ?2 AND number = ?4 ORDER BY id LIMIT ?3",
                (from, to, n, int(*case)),
                |_, r| outbox(r),
            ),
            Scan::Mail(sender) => self.all(
                "SELECT to_part, from_part, pos, body, sum FROM mail
                 WHERE to_part = ?1 AND from_part = ?2 AND pos > ?3 ORDER BY pos LIMIT ?4",
                (part, sender, int(after.min(LARGEST)), n),
                |_, r| mail(r).map(|m| Scanned::Mail(Box::new(m))),
            ),
            Scan::Marks => self.all(
                "SELECT to_part, from_part, pos, sum FROM mark
                 WHERE to_part = ?1 AND from_part >= ?2 ORDER BY from_part LIMIT ?3",
                (part, int(after.min(LARGEST)), n),
                |_, r| {
                    let r = checked(r, Table::Mark, 3)?;
                    Ok(Scanned::Mark { from: r.get(1)?, pos: u64_at(r, 2)? })
                },
            ),
            // The partial index holds the ids of the few cases that matter; reading them from it keeps a scan
            // from passing over every case that is long over.
            Scan::Timers => self.all(
                "SELECT id, due, kind, value FROM cases WHERE id IN
                   (SELECT id FROM cases INDEXED BY cases_live WHERE live IS NOT NULL AND live >= 2 AND id > ?1 AND id <= ?2)
                 ORDER BY id LIMIT ?3",
                (from, to, n),
                |v, r| {
                    let name = v.name(r.get(2)?, r.get(3)?)?;
                    Ok(Scanned::Timer { case: number(r.get(0)?), due: Time(r.get(1)?), name })
                },
            ),
            Scan::Cases { open: false } => self.all(
                "SELECT c.id, c.ver, c.last, c.due, c.live, c.kind, c.value, c.body, c.sum, d.id, d.body, d.sum
                 FROM cases c LEFT JOIN doc d ON d.id = c.id
                 WHERE c.id > ?1 AND c.id <= ?2 ORDER BY c.id LIMIT ?3",
                (from, to, n),
                |v, r| v.case(r).map(|c| Scanned::Case(Box::new(c))),
            ),
            Scan::Cases { open: true } => self.all(
                "SELECT c.id, c.ver, c.last, c.due, c.live, c.kind, c.value, c.body, c.sum, d.id, d.body, d.sum
                 FROM cases c LEFT JOIN doc d ON d.id = c.id WHERE c.id IN
                   (SELECT id FROM cases INDEXED BY cases_live WHERE live IS NOT NULL AND live IN (1, 3) AND id > ?1 AND id <= ?2)
                 ORDER BY c.id LIMIT ?3",
                (from, to, n),
                |v, r| v.case(r).map(|c| Scanned::Case(Box::new(c))),
            ),
            Scan::Exceptions { open } => self.all(
                "SELECT id, part, about, code, cause, owner, next_step, opened, pos, closed, closed_pos, sum FROM exception
                 WHERE id > ?1 AND id <= ?2 AND (NOT ?4 OR closed IS NULL) ORDER BY id LIMIT ?3",
                (from, to, n, open),
                |_, r| exception(r),
            ),
            Scan::Balances { account, unit } => self.all(
                "SELECT part, account, unit, value, sum FROM balance WHERE part = ?1 AND (account, unit) > (?2, ?3)
                 ORDER BY account, unit LIMIT ?4",
                (part, account, unit, n),
                |_, r| {
                    let r = checked(r, Table::Balance, 4)?;
                    Ok(Scanned::Balance { account: r.get(1)?, unit: r.get(2)?, value: r.get(3)? })
                },
            ),
            Scan::Rows { case, key: after } => self.all(
                "SELECT id, key, body, sum FROM rows WHERE id = ?1 AND key > ?2 ORDER BY key LIMIT ?3",
                (key(part, *case), after, n),
                |_, r| {
                    let r = checked(r, Table::Rows, 3)?;
                    Ok(Scanned::Row { key: r.get(1)?, body: r.get::<_, Body>(2)?.0 })
                },
            ),
            Scan::Seen { case, key: after } => self.all(
                "SELECT id, key, body, pos, sum FROM seen WHERE id = ?1 AND key > ?2 ORDER BY key LIMIT ?3",
                (key(part, *case), after.as_slice(), n),
                |_, r| {
                    let (key, body) = mark(r)?;
                    Ok(Scanned::Seen { key, body, pos: u64_at(r, 3)? })
                },
            ),
        }
    }

    fn journal_of(&mut self, part: Part, case: CaseId, after: Pos, limit: usize) -> Sql<Vec<Scanned>> {
        let start = if after == 0 {
            ("SELECT last FROM cases WHERE id = ?1", key(part, case))
        } else {
            ("SELECT prev FROM journal WHERE id = ?1", key(part, after))
        };
        let mut at =
            self.db.prepare_cached(start.0)?.query_row([start.1], |r| u64_at(r, 0)).optional()?.unwrap_or(0);
        let mut one = self.db.prepare_cached(
            "SELECT id, number, prev, at, body, sum FROM journal WHERE id = ?1 AND number = ?2",
        )?;
        let mut out = Vec::new();
        while at != 0 && out.len() < limit {
            let row = one.query_row((key(part, at), int(case)), journal).map_err(|e| match e {
                Error::QueryReturnedNoRows => {
                    unreadable(format!("journal row {at} of case {case} is missing"))
                }
                e => e,
            })?;
            if row.prev >= at {
                return Err(unreadable(format!("journal row {at} says that it follows {}", row.prev)));
            }
            at = row.prev;
            out.push(Scanned::Journal(row));
        }
        Ok(out)
    }

    fn received(
        &mut self,
        part: Part,
        state: Option<ReceivedState>,
        after: Pos,
        n: i64,
    ) -> Sql<Vec<Scanned>> {
        let sql = match state {
            Some(ReceivedState::Waiting | ReceivedState::Parked) => {
                "SELECT r.id, r.at, r.connection, r.key, r.headers, r.body, r.sum, u.id, u.state, u.sum
                 FROM unsettled u JOIN received r ON r.id = u.id
                 WHERE u.id > ?1 AND u.id <= ?2 AND u.state = ?4 ORDER BY u.id LIMIT ?3"
            }
            Some(ReceivedState::Decided) | None => {
                "SELECT r.id, r.at, r.connection, r.key, r.headers, r.body, r.sum, u.id, u.state, u.sum
                 FROM received r LEFT JOIN unsettled u ON r.id = u.id
                 WHERE r.id > ?1 AND r.id <= ?2 AND (?4 IS NULL OR u.id IS NULL) ORDER BY r.id LIMIT ?3"
            }
        };
        let state = state.map(|s| s as i64);
        self.all(sql, (key(part, after), key(part, LARGEST), n, state), |v, r| {
            check(r, Table::Received.name(), 0, 6)?;
            if r.get::<_, Option<i64>>(7)?.is_some() {
                check(r, Table::Unsettled.name(), 7, 2)?;
            }
            let state =
                received_of(r.get(8)?).ok_or_else(|| unreadable("a received message's state".to_owned()))?;
            let headers = String::from_utf8(r.get::<_, Body>(4)?.0).map_err(|e| unreadable(e.to_string()))?;
            Ok(Scanned::Received(ReceivedRow {
                pos: number(r.get(0)?),
                at: Time(r.get(1)?),
                connection: v.symbols.text(v.db, r.get(2)?)?.1,
                key: r.get(3)?,
                headers,
                body: r.get::<_, Body>(5)?.0,
                state,
            }))
        })
    }

    /// A row of `cases` joined with `doc`.
    pub(super) fn case(&mut self, r: &Row<'_>) -> Sql<CaseRow> {
        check(r, Table::Cases.name(), 0, 8)?;
        if r.get::<_, Option<i64>>(9)?.is_some() {
            check(r, Table::Doc.name(), 9, 2)?;
        }
        Ok(CaseRow {
            id: number(r.get(0)?),
            name: self.name(r.get(5)?, r.get(6)?)?,
            ver: u64_at(r, 1)?,
            last: u64_at(r, 2)?,
            due: r.get::<_, Option<i64>>(3)?.map(Time),
            open: r.get::<_, Option<i64>>(4)?.is_some_and(|live| live & 1 == 1),
            body: r.get::<_, Body>(7)?.0,
            doc: r.get::<_, Option<Body>>(10)?.map(|b| b.0),
        })
    }
}

/// Bytes of the file and its log.
///
/// # Errors
/// When SQLite cannot say.
pub(super) fn bytes(db: &Connection, place: &str) -> Result<u64, StoreError> {
    let ask = |what: &str| db.pragma_query_value(None, what, |r| r.get::<_, i64>(0));
    let pages = ask("page_count").and_then(|n| Ok(n * ask("page_size")?));
    let pages = pages.map_err(|e| failed("asking for the file's size", place, &e))?;
    // No log is an empty log.
    let log = std::fs::metadata(format!("{place}-wal")).map_or(0, |m| m.len());
    Ok(pages.cast_unsigned() + log)
}

/// A row of `seen`: the key and the body's hash.
pub(super) fn mark(r: &Row<'_>) -> Sql<(Digest, Digest)> {
    let r = checked(r, Table::Seen, 4)?;
    Ok((r.get::<_, Hash16>(1)?.0, r.get::<_, Hash16>(2)?.0))
}

fn journal(r: &Row<'_>) -> Sql<JournalRow> {
    let r = checked(r, Table::Journal, 5)?;
    Ok(JournalRow {
        pos: number(r.get(0)?),
        case: u64_at(r, 1)?,
        prev: u64_at(r, 2)?,
        at: Time(r.get(3)?),
        body: r.get::<_, Body>(4)?.0,
    })
}

fn outbox(r: &Row<'_>) -> Sql<Scanned> {
    let r = checked(r, Table::Outbox, 8)?;
    let id = number(r.get(0)?);
    let (name, command): (Name, Command) = serde_json::from_slice(&r.get::<_, Body>(7)?.0)
        .map_err(|e| unreadable(format!("command {id} in the outbox: {e}")))?;
    let state = state_of(r.get(4)?, r.get(5)?)
        .ok_or_else(|| unreadable(format!("command {id} in the outbox: its state")))?;
    Ok(Scanned::Outbox(Box::new(OutboxRow {
        id,
        case: u64_at(r, 1)?,
        name,
        cause: u64_at(r, 2)?,
        created: Time(r.get(3)?),
        state,
        attempts: r.get(6)?,
        command,
    })))
}

pub(super) fn mail(r: &Row<'_>) -> Sql<MailRow> {
    let r = checked(r, Table::Mail, 4)?;
    serde_json::from_slice(&r.get::<_, Body>(3)?.0).map_err(|e| unreadable(format!("a mail: {e}")))
}

fn exception(r: &Row<'_>) -> Sql<Scanned> {
    let r = checked(r, Table::Exception, 11)?;
    let id: i64 = r.get(0)?;
    let closed = match (r.get::<_, Option<i64>>(9)?, r.get::<_, Option<i64>>(10)?) {
        (Some(at), Some(pos)) => Some((Time(at), pos.cast_unsigned())),
        _ => None,
    };
    Ok(Scanned::Exception {
        number: number(id),
        row: Box::new(ExceptionRow {
            part: part_of(id),
            about: r.get(2)?,
            code: r.get(3)?,
            cause: r.get(4)?,
            owner: r.get(5)?,
            next_step: r.get(6)?,
            opened: Time(r.get(7)?),
            pos: u64_at(r, 8)?,
        }),
        closed,
    })
}
