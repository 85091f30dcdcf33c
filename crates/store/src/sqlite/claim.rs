//! Ownership: leases, epochs, and what a new owner reads first.

use super::Sqlite;
use super::code::failed;
use super::head::{self, Line};
use super::view::{View, mail};
use crate::recover::{lease_held, put};
use crate::{Scan, StoreError};
use hub::batch::{MailRow, Part, ReceivedState, Recovered};
use retail::time::{Span, Time};
use rusqlite::Result as Sql;

impl Sqlite {
    pub(super) fn claim_part(
        &mut self,
        part: Part,
        node: &str,
        now: Time,
        ttl: Span,
    ) -> Result<Recovered, StoreError> {
        let fail = |e: rusqlite::Error| failed(&format!("claiming partition {part}"), &self.place, &e);
        self.db.execute_batch("BEGIN IMMEDIATE").map_err(fail)?;
        let done = self.raise(part, node, now, ttl).and_then(|()| self.recover(part));
        let fail = |e: rusqlite::Error| failed(&format!("claiming partition {part}"), &self.place, &e);
        match done {
            Ok(recovered) => match self.db.execute_batch("COMMIT") {
                Ok(()) => Ok(recovered),
                Err(e) => {
                    self.roll_back();
                    Err(failed(&format!("claiming partition {part}"), &self.place, &e))
                }
            },
            Err(e) => {
                if !self.db.is_autocommit() {
                    self.db.execute_batch("ROLLBACK").map_err(fail)?;
                }
                Err(e)
            }
        }
    }

    fn raise(&self, part: Part, node: &str, now: Time, ttl: Span) -> Result<(), StoreError> {
        let fail = |e: rusqlite::Error| failed(&format!("claiming partition {part}"), &self.place, &e);
        let line = match head::read(&self.db, part).map_err(fail)? {
            None => Line { part, epoch: 1, ..Line::default() },
            Some(line) if line.node != node && line.until > now.0 => {
                return Err(lease_held(part, &line.node, Time(line.until), &self.place));
            }
            Some(line) => Line { epoch: line.epoch + 1, ..line },
        };
        let line = Line { node: node.to_owned(), until: now.plus(ttl).0, ..line };
        head::write(&self.db, &line).map(|_| ()).map_err(fail)
    }

    fn recover(&mut self, part: Part) -> Result<Recovered, StoreError> {
        let mut v = View { db: &self.db, symbols: &mut self.symbols, place: &self.place };
        let fail = |e: rusqlite::Error| failed(&format!("recovering partition {part}"), &self.place, &e);
        let Line { epoch, head, .. } = head::read(v.db, part).map_err(fail)?.unwrap_or_default();
        let mut found =
            Recovered { epoch, head, mail: mail_to(&v, part).map_err(fail)?, ..Recovered::default() };
        for what in [Scan::Outbox, Scan::Timers, Scan::Marks, Scan::Received(Some(ReceivedState::Waiting))] {
            for row in v.scan(part, &what, 0, usize::MAX)? {
                put(&mut found, row);
            }
        }
        found.timers.sort();
        Ok(found)
    }

    pub(super) fn lease(&mut self, part: Part, epoch: u64, until: Time) -> Result<bool, StoreError> {
        let done = (|| {
            self.db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            let held = head::read(&self.db, part)?.filter(|line| line.epoch == epoch);
            if let Some(line) = &held {
                head::write(&self.db, &Line { until: until.0, ..line.clone() })?;
            }
            self.db.prepare_cached("COMMIT")?.execute([])?;
            Ok(held.is_some())
        })();
        if done.is_err() {
            self.roll_back();
        }
        done.map_err(|e| failed(&format!("prolonging the lease of partition {part}"), &self.place, &e))
    }
}

fn mail_to(v: &View<'_>, part: Part) -> Sql<Vec<MailRow>> {
    v.db.prepare_cached(
        "SELECT to_part, from_part, pos, body, sum FROM mail WHERE to_part = ?1 ORDER BY from_part, pos",
    )?
    .query_map([part], mail)?
    .collect()
}
