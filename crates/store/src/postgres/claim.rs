//! Ownership: leases, epochs, and what a new owner reads first.

use super::Postgres;
use super::fault::Bad;
use super::head::{self, Line};
use super::session::Link;
use super::view::{View, mail};
use crate::recover::{lease_held, put};
use crate::{Scan, StoreError};
use hub::batch::{Part, ReceivedState, Recovered};
use retail::time::{Span, Time};

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
            link.run("BEGIN").await?;
            let done = prolong(link, part, epoch, until).await;
            match &done {
                Ok(_) => link.run("COMMIT").await?,
                // Where this fails too the connection is gone, and with it the transaction.
                Err(_) => link.run("ROLLBACK").await.unwrap_or_default(),
            }
            done
        })
    }
}

async fn prolong(link: &Link, part: Part, epoch: u64, until: Time) -> Result<bool, Bad> {
    let held = head::lock(link, part).await?.filter(|line| line.epoch == epoch);
    if let Some(line) = &held {
        head::own(link, &Line { until: until.0, ..line.clone() }).await?;
    }
    Ok(held.is_some())
}

/// Takes a partition that is free, its own, or whose lease has run out, and nothing else.
async fn claim(link: &Link, part: Part, node: &str, now: Time, until: i64) -> Result<Claimed, Bad> {
    let at = i32::from(part);
    let line = head::begin(link, part).await?;
    if line.node != node && line.until > now.0 {
        return Ok(Claimed::Held(line.node, Time(line.until)));
    }
    let line = Line { epoch: line.epoch + 1, node: node.to_owned(), until, ..line };
    head::own(link, &line).await?;
    let Line { epoch, head, .. } = line;
    let mut found = Recovered { epoch, head, ..Recovered::default() };
    let waiting =
        "SELECT to_part, from_part, pos, body, sum FROM mail WHERE to_part = $1 ORDER BY from_part, pos";
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
