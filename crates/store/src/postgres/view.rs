//! Rows of the tables as values: what both the writer (for recovery) and the readers walk through.

use super::fault::Bad;
use super::session::Link;
use super::text;
use crate::check::LARGEST;
use crate::code::{int, key, number, part_of, received_of, state_of};
use crate::pack::unpack;
use crate::row::{self, Cell};
use crate::totals::Table;
use crate::{Scan, Scanned};
use hub::batch::{
    CaseId, CaseRow, Digest, ExceptionRow, JournalRow, MailRow, OutboxRow, Part, Pos, ReceivedRow,
    ReceivedState,
};
use retail::envelope::{Command, Name};
use retail::time::Time;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

/// Tables seen through one connection.
pub(super) struct View<'a> {
    pub link: &'a Link,
}

type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

impl View<'_> {
    async fn all<T>(
        &self,
        sql: &'static str,
        values: Values<'_>,
        read: impl Fn(&Row) -> Result<T, Bad>,
    ) -> Result<Vec<T>, Bad> {
        self.link.rows(sql, values).await?.iter().map(read).collect()
    }

    pub(super) async fn walk(
        &self,
        part: Part,
        what: &Scan,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Scanned>, Bad> {
        let (from, to) = (key(part, after), key(part, LARGEST));
        let n = i64::try_from(limit).unwrap_or(i64::MAX);
        let (at, past) = (i32::from(part), int(after.min(LARGEST)));
        match what {
            Scan::Journal => {
                let sql = "SELECT id, number, prev, at, body, sum FROM journal
                     WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3";
                self.all(sql, &[&from, &to, &n], |r| journal(r).map(Scanned::Journal)).await
            }
            Scan::JournalOf(case) => self.journal_of(part, *case, after, n).await,
            Scan::Received(state) => self.received((from, to), *state, n).await,
            Scan::Outbox => {
                let sql = "SELECT id, number, cause, created, state, time, attempts, body, sum FROM outbox
                     WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3";
                self.all(sql, &[&from, &to, &n], outbox).await
            }
            Scan::OutboxOf(case) => {
                let sql = "SELECT id, number, cause, created, state, time, attempts, body, sum FROM outbox
                     WHERE id > $1 AND id <= $2 AND number = $4 ORDER BY id LIMIT $3";
                self.all(sql, &[&from, &to, &n, &int(*case)], outbox).await
            }
            Scan::Mail(sender) => {
                let sql = "SELECT to_part, from_part, pos, body, sum FROM mail
                     WHERE to_part = $1 AND from_part = $2 AND pos > $3
                     ORDER BY pos LIMIT $4";
                let read = |r: &Row| mail(r).map(|m| Scanned::Mail(Box::new(m)));
                self.all(sql, &[&at, &i32::from(*sender), &past, &n], read).await
            }
            Scan::Marks => {
                let sql =
                    "SELECT to_part, from_part, pos, sum FROM mark WHERE to_part = $1 AND from_part >= $2
                     ORDER BY from_part LIMIT $3";
                let past = i32::try_from(past).unwrap_or(i32::MAX);
                let read = |r: &Row| {
                    let r = checked(r, Table::Mark.name(), 0, 3)?;
                    Ok(Scanned::Mark { from: part_at(r, 1)?, pos: u64_at(r, 2)? })
                };
                self.all(sql, &[&at, &past, &n], read).await
            }
            Scan::Timers => {
                let sql = "SELECT id, due, tenant, kind, value FROM cases
                     WHERE live IS NOT NULL AND live >= 2 AND id > $1 AND id <= $2 ORDER BY id LIMIT $3";
                let read = |r: &Row| {
                    let due = Time(r.try_get(1)?);
                    Ok(Scanned::Timer { case: id_at(r, 0)?, due, name: name(r, 2)? })
                };
                self.all(sql, &[&from, &to, &n], read).await
            }
            Scan::Cases { open } => {
                let sql = if *open {
                    "SELECT c.id, c.ver, c.last, c.due, c.live, c.tenant, c.kind, c.value, c.body, c.sum, d.id, d.body, d.sum
                     FROM cases c LEFT JOIN doc d ON d.id = c.id
                     WHERE c.live IS NOT NULL AND c.live IN (1, 3) AND c.id > $1 AND c.id <= $2
                     ORDER BY c.id LIMIT $3"
                } else {
                    "SELECT c.id, c.ver, c.last, c.due, c.live, c.tenant, c.kind, c.value, c.body, c.sum, d.id, d.body, d.sum
                     FROM cases c LEFT JOIN doc d ON d.id = c.id
                     WHERE c.id > $1 AND c.id <= $2 ORDER BY c.id LIMIT $3"
                };
                self.all(sql, &[&from, &to, &n], |r| case(r).map(|c| Scanned::Case(Box::new(c)))).await
            }
            Scan::Exceptions { open } => {
                let sql = "SELECT id, part, about, code, cause, owner, next_step, opened, pos, closed, closed_pos, sum
                     FROM exception WHERE id > $1 AND id <= $2 AND (NOT $4 OR closed IS NULL) ORDER BY id LIMIT $3";
                self.all(sql, &[&from, &to, &n, open], exception).await
            }
            Scan::Balances { account, unit } => {
                let sql = "SELECT part, account, unit, value, sum FROM balance
                     WHERE part = $1 AND (account, unit) > ($2, $3) ORDER BY account, unit LIMIT $4";
                let read = |r: &Row| {
                    let r = checked(r, Table::Balance.name(), 0, 4)?;
                    let (account, unit) = (text_at(r, 1)?, text_at(r, 2)?);
                    Ok(Scanned::Balance { account, unit, value: r.try_get(3)? })
                };
                self.all(sql, &[&at, &text::put(account), &text::put(unit), &n], read).await
            }
            Scan::Rows { case, key: past } => {
                let sql =
                    "SELECT id, key, body, sum FROM rows WHERE id = $1 AND key > $2 ORDER BY key LIMIT $3";
                let read = |r: &Row| {
                    let r = checked(r, Table::Rows.name(), 0, 3)?;
                    Ok(Scanned::Row { key: text_at(r, 1)?, body: body_at(r, 2)? })
                };
                self.all(sql, &[&key(part, *case), &text::put(past), &n], read).await
            }
            Scan::Seen { case, key: past } => {
                let sql = "SELECT id, key, body, pos, sum FROM seen WHERE id = $1 AND key > $2 ORDER BY key LIMIT $3";
                let read = |r: &Row| {
                    let r = checked(r, Table::Seen.name(), 0, 4)?;
                    let (key, body) = (digest_at(r, 1)?, digest_at(r, 2)?);
                    Ok(Scanned::Seen { key, body, pos: u64_at(r, 3)? })
                };
                self.all(sql, &[&key(part, *case), &past.as_slice(), &n], read).await
            }
        }
    }

    /// Newest first, along `prev`. A row that is missing or of another case ends the walk, and is named.
    async fn journal_of(&self, part: Part, case: CaseId, after: Pos, n: i64) -> Result<Vec<Scanned>, Bad> {
        let (sql, at) = if after == 0 {
            ("SELECT last FROM cases WHERE id = $1", key(part, case))
        } else {
            ("SELECT prev FROM journal WHERE id = $1", key(part, after))
        };
        let mut at = match self.link.row(sql, &[&at]).await? {
            Some(row) => u64_at(&row, 0)?,
            None => 0,
        };
        if at == 0 || n == 0 {
            return Ok(Vec::new());
        }
        let sql = "WITH RECURSIVE turns AS (
               SELECT id, number, prev, at, body, sum, 1::bigint AS n FROM journal WHERE id = $1 AND number = $2
             UNION ALL
               SELECT j.id, j.number, j.prev, j.at, j.body, j.sum, t.n + 1 FROM turns t
               JOIN journal j ON j.id = ((t.id >> 47) << 47) + t.prev
               WHERE t.n < $3 AND t.prev > 0 AND ((t.id >> 47) << 47) + t.prev < t.id AND j.number = $2
             ) SELECT id, number, prev, at, body, sum FROM turns ORDER BY n";
        let mut out = Vec::new();
        for row in self.link.rows(sql, &[&key(part, at), &int(case), &n]).await? {
            let row = journal(&row)?;
            if row.prev >= row.pos {
                let (at, prev) = (row.pos, row.prev);
                return Err(Bad::Unreadable(format!("journal row {at} says that it follows {prev}")));
            }
            at = row.prev;
            out.push(Scanned::Journal(row));
        }
        if at != 0 && i64::try_from(out.len()).unwrap_or(i64::MAX) < n {
            return Err(Bad::Unreadable(format!("journal row {at} of case {case} is missing")));
        }
        Ok(out)
    }

    async fn received(
        &self,
        (from, to): (i64, i64),
        state: Option<ReceivedState>,
        n: i64,
    ) -> Result<Vec<Scanned>, Bad> {
        let sql = match state {
            Some(ReceivedState::Waiting | ReceivedState::Parked) => {
                "SELECT r.id, r.at, r.connection, r.key, r.headers, r.body, r.sum, u.id, u.state, u.sum
                 FROM unsettled u JOIN received r ON r.id = u.id
                 WHERE u.id > $1 AND u.id <= $2 AND u.state = $4 ORDER BY u.id LIMIT $3"
            }
            Some(ReceivedState::Decided) | None => {
                "SELECT r.id, r.at, r.connection, r.key, r.headers, r.body, r.sum, u.id, u.state, u.sum
                 FROM received r LEFT JOIN unsettled u ON r.id = u.id
                 WHERE r.id > $1 AND r.id <= $2 AND ($4::bigint IS NULL OR u.id IS NULL) ORDER BY r.id LIMIT $3"
            }
        };
        let state = state.map(|s| s as i64);
        let read = |r: &Row| {
            checked(r, Table::Received.name(), 0, 6)?;
            if r.try_get::<_, Option<i64>>(7)?.is_some() {
                checked(r, Table::Unsettled.name(), 7, 2)?;
            }
            let state = received_of(r.try_get(8)?)
                .ok_or_else(|| Bad::Unreadable("a received message's state".to_owned()))?;
            let headers = String::from_utf8(body_at(r, 4)?).map_err(|e| Bad::Unreadable(e.to_string()))?;
            Ok(Scanned::Received(ReceivedRow {
                pos: id_at(r, 0)?,
                at: Time(r.try_get(1)?),
                connection: text_at(r, 2)?,
                key: text_at(r, 3)?,
                headers,
                body: body_at(r, 5)?,
                state,
            }))
        };
        self.all(sql, &[&from, &to, &n, &state], read).await
    }
}

/// The columns of a row, so many from that one on, as they stand.
pub(super) fn cells(r: &Row, from: usize, n: usize) -> Result<row::Row<'static>, Bad> {
    let cell = |at: usize| {
        let of = r.columns().get(at).map(tokio_postgres::Column::type_);
        Ok(match of {
            Some(&Type::INT4) => r.try_get::<_, Option<i32>>(at)?.map(i64::from).into(),
            Some(&Type::INT8) => r.try_get::<_, Option<i64>>(at)?.into(),
            Some(&Type::TEXT) => {
                r.try_get::<_, Option<String>>(at)?.map_or(Cell::Null, |text| Cell::Text(text.into()))
            }
            Some(&Type::BYTEA) => r.try_get::<_, Option<Vec<u8>>>(at)?.map_or(Cell::Null, Cell::from),
            other => return Err(Bad::Unreadable(format!("a column of type {other:?}"))),
        })
    };
    (from..from + n).map(cell).collect()
}

/// A row, read whole from that column on, that fits the sum behind its `n` columns.
pub(super) fn checked<'r>(r: &'r Row, table: &str, from: usize, n: usize) -> Result<&'r Row, Bad> {
    match r.try_get::<_, Option<i64>>(from + n)? {
        Some(stored) if row::sum(table, &cells(r, from, n)?) != stored => {
            Err(Bad::Unreadable(row::damaged(table)))
        }
        _ => Ok(r),
    }
}

pub(super) fn u64_at(r: &Row, column: usize) -> Result<u64, Bad> {
    Ok(r.try_get::<_, i64>(column)?.cast_unsigned())
}

/// The number in a row's id.
pub(super) fn id_at(r: &Row, column: usize) -> Result<u64, Bad> {
    Ok(number(r.try_get(column)?))
}

pub(super) fn part_at(r: &Row, column: usize) -> Result<Part, Bad> {
    let stored: i32 = r.try_get(column)?;
    Part::try_from(stored).map_err(|_| Bad::Unreadable(format!("{stored} is no partition")))
}

pub(super) fn text_at(r: &Row, column: usize) -> Result<String, Bad> {
    Ok(text::get(r.try_get(column)?))
}

/// A body, unpacked.
pub(super) fn body_at(r: &Row, column: usize) -> Result<Vec<u8>, Bad> {
    unpack(r.try_get(column)?).map_err(Bad::Unreadable)
}

pub(super) fn digest_at(r: &Row, column: usize) -> Result<Digest, Bad> {
    let stored: &[u8] = r.try_get(column)?;
    Digest::try_from(stored).map_err(|_| Bad::Unreadable(format!("a digest of {} bytes", stored.len())))
}

/// Tenant, kind and value, from that column on.
pub(super) fn name(r: &Row, column: usize) -> Result<Name, Bad> {
    Ok(Name { tenant: text_at(r, column)?, kind: text_at(r, column + 1)?, value: text_at(r, column + 2)? })
}

/// A row of `cases` joined with `doc`.
pub(super) fn case(r: &Row) -> Result<CaseRow, Bad> {
    let name = name(r, 5)?;
    checked(r, Table::Cases.name(), 0, 9)?;
    if r.try_get::<_, Option<i64>>(10)?.is_some() {
        checked(r, Table::Doc.name(), 10, 2)?;
    }
    let damaged = |e: String| Bad::Unreadable(format!("{name}: {e}"));
    let body = unpack(r.try_get(8)?).map_err(damaged)?;
    let doc = r.try_get::<_, Option<&[u8]>>(11)?.map(unpack).transpose().map_err(damaged)?;
    Ok(CaseRow {
        id: id_at(r, 0)?,
        ver: u64_at(r, 1)?,
        last: u64_at(r, 2)?,
        due: r.try_get::<_, Option<i64>>(3)?.map(Time),
        open: r.try_get::<_, Option<i64>>(4)?.is_some_and(|live| live & 1 == 1),
        name,
        body,
        doc,
    })
}

fn journal(r: &Row) -> Result<JournalRow, Bad> {
    let r = checked(r, Table::Journal.name(), 0, 5)?;
    Ok(JournalRow {
        pos: id_at(r, 0)?,
        case: u64_at(r, 1)?,
        prev: u64_at(r, 2)?,
        at: Time(r.try_get(3)?),
        body: body_at(r, 4)?,
    })
}

fn outbox(r: &Row) -> Result<Scanned, Bad> {
    let r = checked(r, Table::Outbox.name(), 0, 8)?;
    let id = id_at(r, 0)?;
    let unreadable = |why: String| Bad::Unreadable(format!("command {id} in the outbox: {why}"));
    let (name, command): (Name, Command) =
        serde_json::from_slice(&body_at(r, 7)?).map_err(|e| unreadable(e.to_string()))?;
    let state = state_of(r.try_get(4)?, r.try_get(5)?).ok_or_else(|| unreadable("its state".to_owned()))?;
    Ok(Scanned::Outbox(Box::new(OutboxRow {
        id,
        case: u64_at(r, 1)?,
        name,
        cause: u64_at(r, 2)?,
        created: Time(r.try_get(3)?),
        state,
        attempts: u32::try_from(r.try_get::<_, i64>(6)?).map_err(|e| unreadable(e.to_string()))?,
        command,
    })))
}

pub(super) fn mail(r: &Row) -> Result<MailRow, Bad> {
    let r = checked(r, Table::Mail.name(), 0, 4)?;
    serde_json::from_slice(&body_at(r, 3)?).map_err(|e| Bad::Unreadable(format!("a mail: {e}")))
}

fn exception(r: &Row) -> Result<Scanned, Bad> {
    let r = checked(r, Table::Exception.name(), 0, 11)?;
    let id: i64 = r.try_get(0)?;
    let closed = match (r.try_get::<_, Option<i64>>(9)?, r.try_get::<_, Option<i64>>(10)?) {
        (Some(at), Some(pos)) => Some((Time(at), pos.cast_unsigned())),
        _ => None,
    };
    Ok(Scanned::Exception {
        number: number(id),
        row: Box::new(ExceptionRow {
            part: part_of(id),
            about: text_at(r, 2)?,
            code: text_at(r, 3)?,
            cause: text_at(r, 4)?,
            owner: text_at(r, 5)?,
            next_step: text_at(r, 6)?,
            opened: Time(r.try_get(7)?),
            pos: u64_at(r, 8)?,
        }),
        closed,
    })
}
