//! The row of a partition: its head, its owner, and what its commits have left in each table.

use super::code::{check, unreadable};
use crate::row;
use crate::totals::Totals;
use hub::batch::{Head, Part};
use rusqlite::{Connection, OptionalExtension, Result as Sql, Row, params_from_iter};

const TABLE: &str = "head";
const READ: &str = "SELECT part, epoch, node, until, pos, received, cases, commands, mail, hash, totals, sum
     FROM head WHERE part = ?1";
const WRITE: &str = "INSERT OR REPLACE INTO head
     (part, epoch, node, until, pos, received, cases, commands, mail, hash, totals, sum)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

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

/// The row as it was written, or none where the partition was never claimed.
pub(super) fn read(db: &Connection, part: Part) -> Sql<Option<Line>> {
    db.prepare_cached(READ)?.query_row([part], line).optional()
}

fn line(r: &Row<'_>) -> Sql<Line> {
    check(r, TABLE, 0, 11)?;
    let n = |column| r.get::<_, i64>(column).map(i64::cast_unsigned);
    let totals = r.get_ref(10)?.as_blob_or_null()?;
    Ok(Line {
        part: r.get(0)?,
        epoch: n(1)?,
        node: r.get(2)?,
        until: r.get(3)?,
        head: Head {
            pos: n(4)?,
            received: n(5)?,
            cases: n(6)?,
            commands: n(7)?,
            mail: n(8)?,
            hash: r.get(9)?,
        },
        totals: Totals::read(totals).map_err(unreadable)?,
    })
}

/// Writes all of it; it was read whole before.
pub(super) fn write(db: &Connection, line: &Line) -> Sql<usize> {
    let head = &line.head;
    let mut cells: row::Row<'_> = vec![
        line.part.into(),
        line.epoch.into(),
        line.node.as_str().into(),
        line.until.into(),
        head.pos.into(),
        head.received.into(),
        head.cases.into(),
        head.commands.into(),
        head.mail.into(),
        head.hash.as_slice().into(),
        line.totals.bytes().into(),
    ];
    cells.push(row::sum(TABLE, &cells).into());
    db.prepare_cached(WRITE)?.execute(params_from_iter(cells))
}
