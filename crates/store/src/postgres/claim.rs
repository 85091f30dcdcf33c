//! Ownership: leases, epochs, and what a new owner reads first.

use super::Postgres;
use super::fault::Bad;
use super::session::Link;
use super::view::{HEAD_ROW, View, head_row, mail};
use crate::recover::{lease_held, put};
use crate::{Scan, StoreError};
use hub::batch::{Part, ReceivedState, Recovered};
use retail::time::{Span, Time};

/// One conditional write: it takes a partition that is free, its own, or whose lease has run out, and nothing else.
const CLAIM: &str = "INSERT INTO head (part, epoch, node, until, pos, received, cases, commands, mail, hash)
     VALUES ($1, 1, $2, $3, 0, 0, 0, 0, 0, decode(repeat('00', 32), 'hex'))
     ON CONFLICT (part) DO UPDATE SET epoch = head.epoch + 1, node = excluded.node, until = excluded.until
       WHERE head.node = excluded.node OR head.until <= $4
     RETURNING epoch";

/// What a claim came to.
enum Claimed {
    Recovered(Box<Recovered>),
    Held(String, Time),
}

impl Postgres {
    pub(super) fn claim_part(
        &mut self,
        part: Part,
        node: &str,
        now: Time,
        ttl: Span,
    ) -> Result<Recovered, StoreError> {
        let until = now.plus(ttl).0;
        let claimed = self.session.run(&format!("claiming partition {part}"), async |link| {
            link.run("BEGIN").await?;
            let done = claim(link, part, node, now, until).await;
            match &done {
                Ok(Claimed::Recovered(_)) => link.run("COMMIT").await?,
                // Where this fails too the connection is gone, and with it the transaction.
                _ => link.run("ROLLBACK").await.unwrap_or_default(),
            }
            done
        })?;
        match claimed {
            Claimed::Recovered(recovered) => Ok(*recovered),
            Claimed::Held(owner, until) => Err(lease_held(part, &owner, until, &self.session.place)),
        }
    }

    pub(super) fn lease(&mut self, part: Part, epoch: u64, until: Time) -> Result<bool, StoreError> {
        let what = format!("prolonging the lease of partition {part}");
        self.session.run(&what, async |link| {
            let sql = "UPDATE head SET until = $3 WHERE part = $1 AND epoch = $2 RETURNING part";
            let done = link.row(sql, &[&i32::from(part), &epoch.cast_signed(), &until.0]).await?;
            Ok(done.is_some())
        })
    }
}

async fn claim(link: &Link, part: Part, node: &str, now: Time, until: i64) -> Result<Claimed, Bad> {
    let at = i32::from(part);
    if link.row(CLAIM, &[&at, &node, &until, &now.0]).await?.is_none() {
        let owner = link.row("SELECT node, until FROM head WHERE part = $1", &[&at]).await?;
        let Some(owner) = owner else {
            return Err(Bad::Unreadable(format!("partition {part} has no head")));
        };
        return Ok(Claimed::Held(owner.try_get(0)?, Time(owner.try_get(1)?)));
    }
    let Some(row) = link.row(HEAD_ROW, &[&at]).await? else {
        return Err(Bad::Unreadable(format!("partition {part} has no head")));
    };
    let (epoch, head) = head_row(&row)?;
    let mut found = Recovered { epoch, head, ..Recovered::default() };
    let waiting = "SELECT body FROM mail WHERE to_part = $1 ORDER BY from_part, pos";
    for row in link.rows(waiting, &[&at]).await? {
        found.mail.push(mail(&row)?);
    }
    for what in [Scan::Outbox, Scan::Timers, Scan::Marks, Scan::Received(Some(ReceivedState::Waiting))] {
        for row in (View { link }).walk(part, &what, 0, usize::MAX).await? {
            put(&mut found, row);
        }
    }
    found.timers.sort();
    Ok(Claimed::Recovered(Box::new(found)))
}
