//! A group of batches in one transaction.
//!
//! Head and case versions are checked before a batch writes its first row. What only a write can find (a mark
//! that exists, a balance at its bound) rolls the whole transaction back, and the group is done again without
//! that batch: rare enough, and far cheaper than a savepoint around each batch.

use super::Sqlite;
use super::reader::{HEAD, head_row};
use super::symbols::Symbols;
use crate::check::{malformed, moved, movements, sorted};
use crate::code::{int, key, live, state_code};
use crate::pack::pack;
use hub::batch::{
    Batch, CaseId, CaseRow, CommitAnswer, ExceptionChange, Head, JournalRow, MailRow, OutboxChange, Part,
    ReceivedRow, ReceivedState,
};
use retail::envelope::Name;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Params, Result as Sql};

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
        burn(&mut self.fuse);
        let said = match self.db.prepare_cached("COMMIT").and_then(|mut s| s.execute([])) {
            Ok(_) => {
                #[cfg(test)]
                burn(&mut self.fuse);
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
        match stored_head(&self.db, b.part) {
            Ok(Some((epoch, head))) if epoch == b.epoch && head == b.to && b.to != b.from => {
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

fn stored_head(db: &Connection, part: Part) -> Sql<Option<(u64, Head)>> {
    db.prepare_cached(&format!("SELECT {HEAD} FROM head WHERE part = ?1"))?
        .query_row([part], head_row)
        .optional()
}

/// Ends the process at the statement that a test chose.
#[cfg(test)]
fn burn(fuse: &mut Option<u32>) {
    match fuse {
        Some(0) => std::process::abort(),
        Some(n) => *n -= 1,
        None => {}
    }
}

struct Writer<'a> {
    db: &'a Connection,
    symbols: &'a mut Symbols,
    #[cfg(test)]
    fuse: &'a mut Option<u32>,
}

impl Writer<'_> {
    fn run(&mut self, sql: &str, p: impl Params) -> Sql<usize> {
        #[cfg(test)]
        burn(self.fuse);
        self.db.prepare_cached(sql)?.execute(p)
    }

    fn kind(&mut self, name: &Name) -> Sql<i64> {
        self.symbols.number(self.db, &name.tenant, &name.kind)
    }

    /// Writes a batch, or says why not before having written anything.
    fn batch(&mut self, b: &Batch) -> Result<Option<CommitAnswer>, Trouble> {
        if stored_head(self.db, b.part)? != Some((b.epoch, b.from)) {
            return Ok(Some(CommitAnswer::Fenced));
        }
        let mut clash = Vec::new();
        let mut was_live = Vec::with_capacity(b.cases.len());
        for c in &b.cases {
            match self.check_case(b, c)? {
                Some(live) => was_live.push(live),
                None => clash.push(c.id),
            }
        }
        if !clash.is_empty() {
            return Ok(Some(CommitAnswer::Clash(sorted(clash))));
        }
        self.head(b)?;
        for (c, was) in b.cases.iter().zip(was_live) {
            self.case(b.part, c, was)?;
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
        Ok(None)
    }

    /// Whether a case stands as the batch expects: its `live` column so far, or `None` for a clash.
    fn check_case(&mut self, b: &Batch, c: &CaseRow) -> Sql<Option<Option<i64>>> {
        let stored: Option<(i64, Option<i64>)> = self
            .db
            .prepare_cached("SELECT ver, live FROM cases WHERE id = ?1")?
            .query_row([key(b.part, c.id)], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        Ok(match stored {
            Some((ver, live)) if c.ver > 1 && ver == int(c.ver - 1) => Some(live),
            None if c.ver == 1 => {
                let taken = match self.symbols.find(self.db, &c.name.tenant, &c.name.kind)? {
                    None => false,
                    Some(kind) => self
                        .db
                        .prepare_cached("SELECT 1 FROM route WHERE kind = ?1 AND value = ?2 AND part = ?3")?
                        .exists((kind, &c.name.value, b.part))?,
                };
                (!taken).then_some(None)
            }
            _ => None,
        })
    }

    fn head(&mut self, b: &Batch) -> Sql<usize> {
        let h = &b.to;
        self.run(
            "UPDATE head SET pos = ?2, received = ?3, cases = ?4, commands = ?5, mail = ?6, hash = ?7 WHERE part = ?1",
            (b.part, int(h.pos), int(h.received), int(h.cases), int(h.commands), int(h.mail), h.hash),
        )
    }

    fn case(&mut self, part: Part, c: &CaseRow, was_live: Option<i64>) -> Sql<()> {
        let (id, live, due) = (key(part, c.id), live(c.open, c.due), c.due.map(|t| t.0));
        let body = pack(&c.body);
        if c.ver == 1 {
            let kind = self.kind(&c.name)?;
            self.run(
                "INSERT INTO cases (id, ver, last, due, live, kind, value, body) VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7)",
                (id, int(c.last), due, live, kind, &c.name.value, body),
            )?;
            self.run(
                "INSERT INTO route (kind, value, part, number, own) VALUES (?1, ?2, ?3, ?4, 1)",
                (kind, &c.name.value, part, int(c.id)),
            )?;
        } else if live == was_live {
            // The index over `live` is not touched.
            self.run(
                "UPDATE cases SET ver = ?2, last = ?3, due = ?4, body = ?5 WHERE id = ?1",
                (id, int(c.ver), int(c.last), due, body),
            )?;
        } else {
            self.run(
                "UPDATE cases SET ver = ?2, last = ?3, due = ?4, live = ?5, body = ?6 WHERE id = ?1",
                (id, int(c.ver), int(c.last), due, live, body),
            )?;
        }
        if let Some(doc) = &c.doc {
            self.run("INSERT OR REPLACE INTO doc (id, body) VALUES (?1, ?2)", (id, pack(doc)))?;
        }
        Ok(())
    }

    fn journal(&mut self, part: Part, row: &JournalRow) -> Sql<usize> {
        self.run(
            "INSERT INTO journal (id, number, prev, at, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            (key(part, row.pos), int(row.case), int(row.prev), row.at.0, pack(&row.body)),
        )
    }

    fn inbox(&mut self, b: &Batch) -> Result<(), Trouble> {
        for row in &b.received {
            self.received(b.part, row)?;
        }
        for (pos, state) in &b.settled {
            let id = key(b.part, *pos);
            match state {
                ReceivedState::Decided => self.run("DELETE FROM unsettled WHERE id = ?1", [id])?,
                ReceivedState::Waiting | ReceivedState::Parked => self.run(
                    "INSERT OR REPLACE INTO unsettled (id, state) VALUES (?1, ?2)",
                    (id, *state as i64),
                )?,
            };
        }
        for s in &b.seen {
            let put = self.run(
                "INSERT INTO seen (id, key, body, pos) VALUES (?1, ?2, ?3, ?4)",
                (key(b.part, s.case), s.key, s.body, int(s.pos)),
            );
            put.map_err(|e| already(e, s.case))?;
        }
        Ok(())
    }

    fn received(&mut self, part: Part, row: &ReceivedRow) -> Sql<()> {
        let id = key(part, row.pos);
        let connection = self.symbols.number(self.db, "", &row.connection)?;
        self.run(
            "INSERT INTO received (id, at, connection, key, headers, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (id, row.at.0, connection, &row.key, pack(row.headers.as_bytes()), pack(&row.body)),
        )?;
        if row.state != ReceivedState::Decided {
            self.run("INSERT INTO unsettled (id, state) VALUES (?1, ?2)", (id, row.state as i64))?;
        }
        Ok(())
    }

    fn names_and_rows(&mut self, b: &Batch) -> Sql<()> {
        for (name, case) in &b.routes {
            let kind = self.kind(name)?;
            // A case may be told its own name, or the same name twice.
            self.run(
                "INSERT OR IGNORE INTO route (kind, value, part, number, own) VALUES (?1, ?2, ?3, ?4, 0)",
                (kind, &name.value, b.part, int(*case)),
            )?;
        }
        for row in &b.rows {
            let id = key(b.part, row.case);
            match &row.body {
                Some(body) => self.run(
                    "INSERT OR REPLACE INTO rows (id, key, body) VALUES (?1, ?2, ?3)",
                    (id, &row.key, pack(body)),
                )?,
                None => self.run("DELETE FROM rows WHERE id = ?1 AND key = ?2", (id, &row.key))?,
            };
        }
        Ok(())
    }

    /// A command that is not there was settled: an answer that comes after its verdict changes nothing.
    fn outbox(&mut self, part: Part, change: &OutboxChange) -> Result<usize, Trouble> {
        Ok(match change {
            OutboxChange::Put(row) => {
                let (state, time) = state_code(row.state);
                let body = json(&(&row.name, &row.command))?;
                self.run(
                    "INSERT OR REPLACE INTO outbox (id, number, cause, created, state, time, attempts, body)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    (
                        key(part, row.id),
                        int(row.case),
                        int(row.cause),
                        row.created.0,
                        state,
                        time,
                        row.attempts,
                        pack(&body),
                    ),
                )?
            }
            OutboxChange::Move { id, state, attempts } => {
                let (state, time) = state_code(*state);
                self.run(
                    "UPDATE outbox SET state = ?2, time = ?3, attempts = ?4 WHERE id = ?1",
                    (key(part, *id), state, time, attempts),
                )?
            }
            OutboxChange::Delete(id) => self.run("DELETE FROM outbox WHERE id = ?1", [key(part, *id)])?,
        })
    }

    fn mail(&mut self, b: &Batch) -> Result<(), Trouble> {
        for m in &b.mail {
            let body = json::<MailRow>(m)?;
            self.run(
                "INSERT INTO mail (to_part, from_part, pos, body) VALUES (?1, ?2, ?3, ?4)",
                (m.to_part, m.from_part, int(m.pos), pack(&body)),
            )?;
        }
        for (from, pos) in &b.taken {
            let pos = i64::try_from(*pos).unwrap_or(i64::MAX);
            self.run(
                "INSERT INTO mark (to_part, from_part, pos) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET pos = max(pos, excluded.pos)",
                (b.part, from, pos),
            )?;
            self.run(
                "DELETE FROM mail WHERE to_part = ?1 AND from_part = ?2 AND pos <= ?3",
                (b.part, from, pos),
            )?;
        }
        Ok(())
    }

    fn balances(&mut self, b: &Batch) -> Result<(), Trouble> {
        for ((account, unit), by) in movements(b) {
            let value: Option<i64> = self
                .db
                .prepare_cached("SELECT value FROM balance WHERE part = ?1 AND account = ?2 AND unit = ?3")?
                .query_row((b.part, account, unit), |r| r.get(0))
                .optional()?;
            let value = moved(account, unit, value.unwrap_or(0), by)
                .map_err(|why| Trouble::Batch(CommitAnswer::Failed(why)))?;
            self.run(
                "INSERT INTO balance (part, account, unit, value) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET value = excluded.value",
                (b.part, account, unit, value),
            )?;
        }
        Ok(())
    }

    fn exception(&mut self, part: Part, change: &ExceptionChange) -> Sql<usize> {
        match change {
            ExceptionChange::Raise(e) => self.run(
                "INSERT INTO exception (id, part, about, code, cause, owner, next_step, opened, pos)
                 VALUES (1 + (SELECT ifnull(max(id), ?9) FROM exception WHERE id > ?9 AND id <= ?10),
                         ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (part, about, code) WHERE closed IS NULL DO NOTHING",
                (
                    part,
                    &e.about,
                    &e.code,
                    &e.cause,
                    &e.owner,
                    &e.next_step,
                    e.opened.0,
                    int(e.pos),
                    key(part, 0),
                    key(part, u64::MAX),
                ),
            ),
            ExceptionChange::Close { about, code, at, pos } => self.run(
                "UPDATE exception SET closed = ?4, closed_pos = ?5
                 WHERE part = ?1 AND about = ?2 AND code = ?3 AND closed IS NULL",
                (part, about, code, at.0, int(*pos)),
            ),
        }
    }
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
