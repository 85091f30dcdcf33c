//! The row of a partition: its head, its owner, and what its commits have left in each table.

use super::fault::Bad;
use super::session::Link;
use super::view::{checked, part_at, text_at, u64_at};
use crate::row;
use crate::totals::Totals;
use hub::batch::{Head, Part};
use tokio_postgres::Row;

const TABLE: &str = "head";
const READ: &str = "SELECT part, epoch, node, until, pos, received, cases, commands, mail, hash, totals, sum
     FROM head WHERE part = $1";
const LOCK: &str = "SELECT part, epoch, node, until, pos, received, cases, commands, mail, hash, totals, sum
     FROM head WHERE part = $1 FOR UPDATE";
const OWN: &str = "UPDATE head SET epoch = $2, node = $3, until = $4, totals = $5, sum = $6 WHERE part = $1";
/// One that is there already waits for its lock.
const BEGIN: &str = "INSERT INTO head (part, epoch, node, until, pos, received, cases, commands, mail, hash)
     VALUES ($1, 0, '', 0, 0, 0, 0, 0, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT (part) DO NOTHING";

#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub part: Part,
    pub epoch: u64,
    pub node: String,
    /// End of the lease, ms since 1970.
    pub until: i64,
    pub head: Head,
    pub totals: Totals,
}

impl Line {
    /// A row with all columns of the table, as it was written.
    pub(super) fn of(r: &Row) -> Result<Self, Bad> {
        let r = checked(r, TABLE, 0, 11)?;
        let hash: &[u8] = r.try_get(9)?;
        Ok(Self {
            part: part_at(r, 0)?,
            epoch: u64_at(r, 1)?,
            node: text_at(r, 2)?,
            until: r.try_get(3)?,
            head: Head {
                pos: u64_at(r, 4)?,
                received: u64_at(r, 5)?,
                cases: u64_at(r, 6)?,
                commands: u64_at(r, 7)?,
                mail: u64_at(r, 8)?,
                hash: hash.try_into().map_err(|_| Bad::Unreadable("the hash of a head".to_owned()))?,
            },
            totals: Totals::read(r.try_get(10)?).map_err(Bad::Unreadable)?,
        })
    }

    /// Its columns with their sum.
    pub(super) fn row(&self) -> row::Row<'_> {
        let head = &self.head;
        let mut row: row::Row<'_> = vec![
            self.part.into(),
            self.epoch.into(),
            super::text::put(&self.node).into(),
            self.until.into(),
            head.pos.into(),
            head.received.into(),
            head.cases.into(),
            head.commands.into(),
            head.mail.into(),
            head.hash.as_slice().into(),
            self.totals.bytes().into(),
        ];
        row.push(row::sum(TABLE, &row).into());
        row
    }
}

pub(super) async fn read(link: &Link, part: Part) -> Result<Option<Line>, Bad> {
    link.row(READ, &[&i32::from(part)]).await?.as_ref().map(Line::of).transpose()
}

/// The row, locked until the transaction ends; a new one where the partition was never claimed.
pub(super) async fn begin(link: &Link, part: Part) -> Result<Line, Bad> {
    let at = i32::from(part);
    link.rows(BEGIN, &[&at]).await?;
    lock(link, part).await?.ok_or_else(|| Bad::Unreadable(format!("partition {part} has no head")))
}

/// The row, locked until the transaction ends.
pub(super) async fn lock(link: &Link, part: Part) -> Result<Option<Line>, Bad> {
    link.row(LOCK, &[&i32::from(part)]).await?.as_ref().map(Line::of).transpose()
}

/// Writes who owns the partition until when, under the lock.
pub(super) async fn own(link: &Link, line: &Line) -> Result<(), Bad> {
    let row = line.row();
    let Some(row::Cell::Int(sum)) = row.last() else { return Ok(()) };
    let node = super::text::put(&line.node);
    let (part, epoch) = (i32::from(line.part), line.epoch.cast_signed());
    link.rows(OWN, &[&part, &epoch, &node, &line.until, &line.totals.bytes(), sum]).await?;
    Ok(())
}
