//! Ownership: leases, epochs, and what a new owner reads first.

use super::Sqlite;
use super::code::failed;
use super::reader::{HEAD, head_row};
use super::view::{View, mail};
use crate::recover::{lease_held, put};
use crate::{Scan, StoreError};
use hub::batch::{MailRow, Part, ReceivedState, Recovered};
use retail::time::{Span, Time};
use rusqlite::{OptionalExtension, Result as Sql};

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
        let owner: Option<(String, i64)> = self
            .db
            .query_row("SELECT node, until FROM head WHERE part = ?1", [part], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()
            .map_err(fail)?;
        if let Some((owner, until)) = owner
            && owner != node
            && until > now.0
        {
            return Err(lease_held(part, &owner, Time(until), &self.place));
        }
        self.db
            .execute(
                "INSERT INTO head (part, epoch, node, until, pos, received, cases, commands, mail, hash)
                 VALUES (?1, 1, ?2, ?3, 0, 0, 0, 0, 0, zeroblob(32))
                 ON CONFLICT DO UPDATE SET epoch = epoch + 1, node = excluded.node, until = excluded.until",
                (part, node, now.plus(ttl).0),
            )
            .map_err(fail)?;
        Ok(())
    }

    fn recover(&mut self, part: Part) -> Result<Recovered, StoreError> {
        let mut v = View { db: &self.db, symbols: &mut self.symbols, place: &self.place };
        let fail = |e: rusqlite::Error| failed(&format!("recovering partition {part}"), &self.place, &e);
        let (epoch, head) =
            v.db.query_row(&format!("SELECT {HEAD} FROM head WHERE part = ?1"), [part], head_row)
                .map_err(fail)?;
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
        self.db
            .prepare_cached("UPDATE head SET until = ?3 WHERE part = ?1 AND epoch = ?2")
            .and_then(|mut s| s.execute((part, epoch.cast_signed(), until.0)))
            .map(|n| n == 1)
            .map_err(|e| failed(&format!("prolonging the lease of partition {part}"), &self.place, &e))
    }
}

fn mail_to(v: &View<'_>, part: Part) -> Sql<Vec<MailRow>> {
    v.db.prepare_cached("SELECT body FROM mail WHERE to_part = ?1 ORDER BY from_part, pos")?
        .query_map([part], mail)?
        .collect()
}
