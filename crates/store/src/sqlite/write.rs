//! A group of batches in one transaction.
//!
//! Head and case versions are checked before a batch writes its first row. What only a write can find (a mark
//! that exists, a balance at its bound) rolls the whole transaction back, and the group is done again without
//! that batch: rare enough, and far cheaper than a savepoint around each batch.

use super::Sqlite;
use super::head::{self, Line};
use super::put::Writer;
use super::symbols::Symbols;
use crate::check::{malformed, moved, movements, sorted};
use crate::code::{int, key, live, state_code};
use crate::pack::pack;
use crate::row::{self, Cell};
use crate::totals::{Table, Totals};
use hub::batch::{
    Batch, CaseId, CaseRow, CommitAnswer, ExceptionChange, ExceptionRow, JournalRow, MailRow, OutboxChange,
    Part, ReceivedRow, ReceivedState,
};
use retail::envelope::Name;
use rusqlite::{ErrorCode, OptionalExtension, Result as Sql};

/// Why a batch's rows were not all written.
enum Trouble {
    /// This batch is at fault; others are not.
    Batch(CommitAnswer),
    /// The database is.
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for Trouble {
    fn from(e: rusqlite::Error) -> Self {
        match e.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig) => {
                Self::Batch(CommitAnswer::Failed(format!("the rows contradict what is stored: {e}")))
            }
            _ => Self::Database(e),
        }
    }
}

impl Sqlite {
    pub(super) fn commit_group(&mut self, batches: &[&Batch]) -> Vec<CommitAnswer> {
        let mut answers: Vec<Option<CommitAnswer>> =
            batches.iter().map(|b| malformed(b).map(CommitAnswer::Failed)).collect();
        while answers.iter().any(Option::is_none) {
            if let Err(e) = self.attempt(batches, &mut answers) {
                self.roll_back();
                let said = super::code::failed("committing", &self.place, &e).to_string();
                for open in answers.iter_mut().filter(|a| a.is_none()) {
                    *open = Some(CommitAnswer::Failed(said.clone()));
                }
            }
        }
        answers.into_iter().flatten().collect()
    }

    /// One transaction over all batches that have no answer yet. Answers at least one, or fails.
    fn attempt(&mut self, batches: &[&Batch], answers: &mut [Option<CommitAnswer>]) -> Sql<()> {
        self.db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut written = Vec::new();
        for (i, b) in batches.iter().enumerate().filter(|(i, _)| answers[*i].is_none()).collect::<Vec<_>>() {
            let mut w = Writer {
                db: &self.db,
                symbols: &mut self.symbols,
                totals: Totals::default(),
                #[cfg(test)]
                fuse: &mut self.fuse,
            };
            match w.batch(b) {
                Ok(None) => written.push(i),
                Ok(Some(refused)) => answers[i] = Some(refused),
                Err(Trouble::Batch(refused)) => {
                    // It may have written rows: none of this transaction counts, and the others try again.
                    answers[i] = Some(refused);
                    self.roll_back();
                    return Ok(());
                }
                Err(Trouble::Database(e)) => return Err(e),
            }
        }
        if written.is_empty() {
            self.roll_back();
            return Ok(());
        }
        #[cfg(test)]
        super::put::burn(&mut self.fuse);
        let said = match self.db.prepare_cached("COMMIT").and_then(|mut s| s.execute([])) {
            Ok(_) => {
                #[cfg(test)]
                super::put::burn(&mut self.fuse);
                self.symbols.committed();
                None
            }
            Err(e) => {
                self.roll_back();
                Some(super::code::failed("committing", &self.place, &e).to_string())
            }
        };
        for i in written {
            answers[i] = Some(match &said {
                None => CommitAnswer::Yes,
                Some(said) => self.after_failure(batches[i], said),
            });
        }
        Ok(())
    }

    /// What a COMMIT that answered with an error came to, by the head that is stored now.
    fn after_failure(&self, b: &Batch, said: &str) -> CommitAnswer {
        match head::read(&self.db, b.part) {
            Ok(Some(line)) if line.epoch == b.epoch && line.head == b.to && b.to != b.from => {
                CommitAnswer::Yes
            }
            Ok(_) => CommitAnswer::Failed(said.to_owned()),
            Err(e) => CommitAnswer::Unknown(format!("{said}; and the head cannot be read: {e}")),
        }
    }

    pub(super) fn roll_back(&mut self) {
        self.symbols.rolled_back();
        // SQLite has rolled back by itself after some errors; and where this fails, the next BEGIN fails and says so.
        if !self.db.is_autocommit() && self.db.execute_batch("ROLLBACK").is_err() {
            self.symbols = Symbols::default();
        }
    }
}

impl Writer<'_> {
    fn kind(&mut self, name: &Name) -> Sql<i64> {
        self.symbols.number(self.db, &name.tenant, &name.kind, &mut self.totals)
    }

    /// Writes a batch, or says why not before having written anything.
    fn batch(&mut self, b: &Batch) -> Result<Option<CommitAnswer>, Trouble> {
        let Some(line) = head::read(self.db, b.part)?.filter(|l| (l.epoch, l.head) == (b.epoch, b.from))
        else {
            return Ok(Some(CommitAnswer::Fenced));
        };
        self.totals = line.totals;
        let mut clash = Vec::new();
        let mut stood = Vec::with_capacity(b.cases.len());
        for c in &b.cases {
            match self.check_case(b, c)? {
                Some(found) => stood.push(found),
                None => clash.push(c.id),
            }
        }
        if !clash.is_empty() {
            return Ok(Some(CommitAnswer::Clash(sorted(clash))));
        }
        for (c, stood) in b.cases.iter().zip(stood) {
            self.case(b.part, c, stood)?;
        }
        for row in &b.journal {
            self.journal(b.part, row)?;
        }
        self.inbox(b)?;
        self.names_and_rows(b)?;
        for change in &b.outbox {
            self.outbox(b.part, change)?;
        }
        self.mail(b)?;
        self.balances(b)?;
        for change in &b.exceptions {
            self.exception(b.part, change)?;
        }
        // Last, since it carries the totals.
        #[cfg(test)]
        super::put::burn(self.fuse);
        head::write(self.db, &Line { head: b.to, totals: self.totals, ..line })?;
        Ok(None)
    }

    /// Whether a case stands as the batch expects: its `live` column and its sum so far, or `None` for a clash.
    fn check_case(&mut self, b: &Batch, c: &CaseRow) -> Sql<Option<Stood>> {
        let stored: Option<(i64, Stood)> = self
            .db
            .prepare_cached("SELECT ver, live, sum FROM cases WHERE id = ?1")?
            .query_row([key(b.part, c.id)], |r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?))))
            .optional()?;
        Ok(match stored {
            Some((ver, stood)) if c.ver > 1 && ver == int(c.ver - 1) => Some(stood),
            None if c.ver == 1 => {
                let taken = match self.symbols.find(self.db, &c.name.tenant, &c.name.kind)? {
                    None => false,
                    Some(kind) => self
                        .db
                        .prepare_cached("SELECT 1 FROM route WHERE kind = ?1 AND value = ?2 AND part = ?3")?
                        .exists((kind, &c.name.value, b.part))?,
                };
                (!taken).then_some((None, None))
            }
            _ => None,
        })
    }

    fn case(&mut self, part: Part, c: &CaseRow, (was_live, over): Stood) -> Sql<()> {
        let (id, live) = (key(part, c.id), live(c.open, c.due));
        let kind = self.kind(&c.name)?;
        let row = vec![
            id.into(),
            c.ver.into(),
            c.last.into(),
            c.due.map(|t| t.0).into(),
            live.into(),
            kind.into(),
            c.name.value.as_str().into(),
            pack(&c.body).into(),
        ];
        if c.ver == 1 {
            self.put(
                Table::Cases,
                "INSERT INTO cases (id, ver, last, due, live, kind, value, body, sum)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                row,
                None,
            )?;
            self.route(part, &c.name, c.id, 1)?;
        } else {
            let sum = row::sum(Table::Cases.name(), &row);
            let (ver, last, due, body) = (&row[1], &row[2], &row[3], &row[7]);
            if live == was_live {
                // The index over `live` is not touched.
                self.run(
                    "UPDATE cases SET ver = ?2, last = ?3, due = ?4, body = ?5, sum = ?6 WHERE id = ?1",
                    (id, ver, last, due, body, sum),
                )?;
            } else {
                self.run(
                    "UPDATE cases SET ver = ?2, last = ?3, due = ?4, live = ?5, body = ?6, sum = ?7 WHERE id = ?1",
                    (id, ver, last, due, live, body, sum),
                )?;
            }
            self.totals.take(Table::Cases, over);
            self.totals.add(Table::Cases, sum);
        }
        if let Some(doc) = &c.doc {
            let over = self.sum_of("SELECT sum FROM doc WHERE id = ?1", [id])?;
            let sql = "INSERT OR REPLACE INTO doc (id, body, sum) VALUES (?1, ?2, ?3)";
            self.put(Table::Doc, sql, vec![id.into(), pack(doc).into()], over)?;
        }
        Ok(())
    }

    /// A case may be told its own name, or the same name twice.
    fn route(&mut self, part: Part, name: &Name, case: CaseId, own: i64) -> Sql<()> {
        let kind = self.kind(name)?;
        let row = vec![kind.into(), name.value.as_str().into(), part.into(), case.into(), own.into()];
        let sql = "INSERT OR IGNORE INTO route (kind, value, part, number, own, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.put(Table::Route, sql, row, None)
    }

    fn journal(&mut self, part: Part, row: &JournalRow) -> Sql<()> {
        self.put(
            Table::Journal,
            "INSERT INTO journal (id, number, prev, at, body, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            vec![
                key(part, row.pos).into(),
                row.case.into(),
                row.prev.into(),
                row.at.0.into(),
                pack(&row.body).into(),
            ],
            None,
        )
    }

    fn inbox(&mut self, b: &Batch) -> Result<(), Trouble> {
        for row in &b.received {
            self.received(b.part, row)?;
        }
        for (pos, state) in &b.settled {
            let id = key(b.part, *pos);
            match state {
                ReceivedState::Decided => {
                    self.delete(Table::Unsettled, "DELETE FROM unsettled WHERE id = ?1 RETURNING sum", [id])?;
                }
                ReceivedState::Waiting | ReceivedState::Parked => self.unsettled(id, *state)?,
            };
        }
        for s in &b.seen {
            let put = self.put(
                Table::Seen,
                "INSERT INTO seen (id, key, body, pos, sum) VALUES (?1, ?2, ?3, ?4, ?5)",
                vec![
                    key(b.part, s.case).into(),
                    s.key.as_slice().into(),
                    s.body.as_slice().into(),
                    s.pos.into(),
                ],
                None,
            );
            put.map_err(|e| already(e, s.case))?;
        }
        Ok(())
    }

    fn received(&mut self, part: Part, row: &ReceivedRow) -> Sql<()> {
        let id = key(part, row.pos);
        let connection = self.symbols.number(self.db, "", &row.connection, &mut self.totals)?;
        self.put(
            Table::Received,
            "INSERT INTO received (id, at, connection, key, headers, body, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            vec![
                id.into(),
                row.at.0.into(),
                connection.into(),
                row.key.as_str().into(),
                pack(row.headers.as_bytes()).into(),
                pack(&row.body).into(),
            ],
            None,
        )?;
        if row.state != ReceivedState::Decided {
            self.unsettled(id, row.state)?;
        }
        Ok(())
    }

    fn unsettled(&mut self, id: i64, state: ReceivedState) -> Sql<()> {
        let over = self.sum_of("SELECT sum FROM unsettled WHERE id = ?1", [id])?;
        let sql = "INSERT OR REPLACE INTO unsettled (id, state, sum) VALUES (?1, ?2, ?3)";
        self.put(Table::Unsettled, sql, vec![id.into(), (state as i64).into()], over)
    }

    fn names_and_rows(&mut self, b: &Batch) -> Sql<()> {
        for (name, case) in &b.routes {
            self.route(b.part, name, *case, 0)?;
        }
        for row in &b.rows {
            let at = (key(b.part, row.case), row.key.as_str());
            match &row.body {
                Some(body) => {
                    let over = self.sum_of("SELECT sum FROM rows WHERE id = ?1 AND key = ?2", at)?;
                    let sql = "INSERT OR REPLACE INTO rows (id, key, body, sum) VALUES (?1, ?2, ?3, ?4)";
                    self.put(Table::Rows, sql, vec![at.0.into(), at.1.into(), pack(body).into()], over)?;
                }
                None => {
                    self.delete(
                        Table::Rows,
                        "DELETE FROM rows WHERE id = ?1 AND key = ?2 RETURNING sum",
                        at,
                    )?;
                }
            }
        }
        Ok(())
    }

    /// A command that is not there was settled: an answer that comes after its verdict changes nothing.
    fn outbox(&mut self, part: Part, change: &OutboxChange) -> Result<(), Trouble> {
        match change {
            OutboxChange::Put(row) => {
                let (state, time) = state_code(row.state);
                let id = key(part, row.id);
                let over = self.sum_of("SELECT sum FROM outbox WHERE id = ?1", [id])?;
                let body = pack(&json(&(&row.name, &row.command))?);
                self.put(
                    Table::Outbox,
                    "INSERT OR REPLACE INTO outbox (id, number, cause, created, state, time, attempts, body, sum)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    vec![
                        id.into(),
                        row.case.into(),
                        row.cause.into(),
                        row.created.0.into(),
                        state.into(),
                        time.into(),
                        row.attempts.into(),
                        body.into(),
                    ],
                    over,
                )?;
            }
            OutboxChange::Move { id, state, attempts } => {
                let (state, time) = state_code(*state);
                let read = "SELECT id, number, cause, created, state, time, attempts, body, sum
                     FROM outbox WHERE id = ?1";
                self.change(
                    Table::Outbox,
                    (read, &[key(part, *id).into()], 8),
                    "UPDATE outbox SET state = ?2, time = ?3, attempts = ?4, sum = ?5 WHERE id = ?1",
                    |row| (row[4], row[5], row[6]) = (state.into(), time.into(), (*attempts).into()),
                    &[0, 4, 5, 6],
                )?;
            }
            OutboxChange::Delete(id) => {
                let sql = "DELETE FROM outbox WHERE id = ?1 RETURNING sum";
                self.delete(Table::Outbox, sql, [key(part, *id)])?;
            }
        }
        Ok(())
    }

    fn mail(&mut self, b: &Batch) -> Result<(), Trouble> {
        for m in &b.mail {
            let body = json::<MailRow>(m)?;
            self.put(
                Table::Mail,
                "INSERT INTO mail (to_part, from_part, pos, body, sum) VALUES (?1, ?2, ?3, ?4, ?5)",
                vec![m.to_part.into(), m.from_part.into(), m.pos.into(), pack(&body).into()],
                None,
            )?;
        }
        for (from, pos) in &b.taken {
            let pos = i64::try_from(*pos).unwrap_or(i64::MAX);
            let changed = self.change(
                Table::Mark,
                (
                    "SELECT to_part, from_part, pos, sum FROM mark WHERE to_part = ?1 AND from_part = ?2",
                    &[b.part.into(), (*from).into()],
                    3,
                ),
                "UPDATE mark SET pos = ?3, sum = ?4 WHERE to_part = ?1 AND from_part = ?2",
                |row| {
                    if !matches!(row[2], Cell::Int(stands) if stands > pos) {
                        row[2] = pos.into();
                    }
                },
                &[0, 1, 2],
            )?;
            if changed == 0 {
                let sql = "INSERT INTO mark (to_part, from_part, pos, sum) VALUES (?1, ?2, ?3, ?4)";
                self.put(Table::Mark, sql, vec![b.part.into(), (*from).into(), pos.into()], None)?;
            }
            self.delete(
                Table::Mail,
                "DELETE FROM mail WHERE to_part = ?1 AND from_part = ?2 AND pos <= ?3 RETURNING sum",
                (b.part, from, pos),
            )?;
        }
        Ok(())
    }

    fn balances(&mut self, b: &Batch) -> Result<(), Trouble> {
        for ((account, unit), by) in movements(b) {
            let stored: Option<(i64, Option<i64>)> = self
                .db
                .prepare_cached(
                    "SELECT value, sum FROM balance WHERE part = ?1 AND account = ?2 AND unit = ?3",
                )?
                .query_row((b.part, account, unit), |r| Ok((r.get(0)?, r.get(1)?)))
                .optional()?;
            let was = stored.map_or(0, |(value, _)| value);
            let value =
                moved(account, unit, was, by).map_err(|why| Trouble::Batch(CommitAnswer::Failed(why)))?;
            let row = |value: i64| -> row::Row<'_> {
                vec![b.part.into(), account.into(), unit.into(), value.into()]
            };
            let over = stored.and_then(|(_, sum)| sum);
            let sum = row::changed(Table::Balance.name(), over, &row(was), &row(value));
            self.run(
                "INSERT INTO balance (part, account, unit, value, sum) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET value = excluded.value, sum = excluded.sum",
                (b.part, account, unit, value, sum),
            )?;
            self.totals.take(Table::Balance, over);
            self.totals.add(Table::Balance, sum);
        }
        Ok(())
    }

    fn exception(&mut self, part: Part, change: &ExceptionChange) -> Sql<()> {
        match change {
            ExceptionChange::Raise(e) => {
                let open =
                    "SELECT 1 FROM exception WHERE part = ?1 AND about = ?2 AND code = ?3 AND closed IS NULL";
                if self.db.prepare_cached(open)?.exists((part, &e.about, &e.code))? {
                    return Ok(());
                }
                let newest = "SELECT ifnull(max(id), ?1) FROM exception WHERE id > ?1 AND id <= ?2";
                let newest: i64 = self
                    .db
                    .prepare_cached(newest)?
                    .query_row((key(part, 0), key(part, u64::MAX)), |r| r.get(0))?;
                let sql = "INSERT INTO exception
                     (id, part, about, code, cause, owner, next_step, opened, pos, closed, closed_pos, sum)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
                self.put(Table::Exception, sql, raised(newest + 1, e), None)
            }
            ExceptionChange::Close { about, code, at, pos } => {
                let read = "SELECT id, part, about, code, cause, owner, next_step, opened, pos, closed, closed_pos, sum
                     FROM exception WHERE part = ?1 AND about = ?2 AND code = ?3 AND closed IS NULL";
                self.change(
                    Table::Exception,
                    (read, &[part.into(), about.as_str().into(), code.as_str().into()], 11),
                    "UPDATE exception SET closed = ?2, closed_pos = ?3, sum = ?4 WHERE id = ?1",
                    |row| (row[9], row[10]) = (at.0.into(), (*pos).into()),
                    &[0, 9, 10],
                )
                .map(|_| ())
            }
        }
    }
}

/// Of a case that stands: whether it is live, and its sum.
type Stood = (Option<i64>, Option<i64>);

/// The row of an exception that opens.
fn raised(id: i64, e: &ExceptionRow) -> row::Row<'_> {
    vec![
        id.into(),
        e.part.into(),
        e.about.as_str().into(),
        e.code.as_str().into(),
        e.cause.as_str().into(),
        e.owner.as_str().into(),
        e.next_step.as_str().into(),
        e.opened.0.into(),
        e.pos.into(),
        Cell::Null,
        Cell::Null,
    ]
}

/// A mark that exists means that the case was decided without seeing it.
fn already(e: rusqlite::Error, case: CaseId) -> Trouble {
    match e.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => Trouble::Batch(CommitAnswer::Clash(vec![case])),
        _ => Trouble::Database(e),
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, Trouble> {
    serde_json::to_vec(value)
        .map_err(|e| Trouble::Batch(CommitAnswer::Failed(format!("a row cannot be written as JSON: {e}"))))
}
