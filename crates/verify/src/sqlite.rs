//! Reads a hub's folder, in one snapshot and without a lock that the hub would notice.

use crate::stored::{Item, ReadError, VERSION, body, feed, key_of, split, state_of};
use crate::verifier::{Case, Head, Verifier};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

/// The database's file name in the folder.
const FILE: &str = "crossdock.db";

/// Feeds all of a folder to a verifier.
///
/// # Errors
/// When the file cannot be opened, is of another version, or a value that is no evidence (a name, a number) does
/// not read. A damaged journal row is no error but a breach.
pub fn read_sqlite(dir: &Path, verifier: &mut Verifier) -> Result<(), ReadError> {
    each(dir, &mut |item| feed(verifier, item))
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

/// A value's bytes as they are stored.
fn bytes<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<&'r [u8]> {
    Ok(match row.get_ref(column)? {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => bytes,
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => &[],
    })
}

fn open(file: &Path) -> Result<Connection, ReadError> {
    let name = || file.display().to_string();
    let failed = |e| ReadError::Sqlite(name(), e);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags).map_err(failed)?;
    db.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
    db.pragma_update(None, "trusted_schema", false).map_err(failed)?;
    let version: i64 = db.pragma_query_value(None, "user_version", |r| r.get(0)).map_err(failed)?;
    if version == VERSION { Ok(db) } else { Err(ReadError::Foreign(name(), version)) }
}

/// Hands every stored thing over, in the order that [`Verifier`] asks for.
pub(crate) fn each(dir: &Path, take: &mut dyn FnMut(Item<'_>)) -> Result<(), ReadError> {
    let file = dir.join(FILE);
    let db = open(&file)?;
    let failed = |e| ReadError::Sqlite(file.display().to_string(), e);
    // One snapshot: the hub may go on writing.
    db.execute_batch("BEGIN").map_err(failed)?;
    rows(&db, take).map_err(failed)?;
    outbox(&db, &file, take)?;
    db.execute_batch("COMMIT").map_err(failed)
}

fn rows(db: &Connection, take: &mut dyn FnMut(Item<'_>)) -> rusqlite::Result<()> {
    let mut symbols: HashMap<i64, (String, String)> = HashMap::new();
    query(db, "SELECT id, scope, text FROM symbol", |r| {
        symbols.insert(r.get(0)?, (r.get(1)?, r.get(2)?));
        Ok(())
    })?;
    query(db, "SELECT part, pos, received, cases, commands, mail, hash FROM head ORDER BY part", |r| {
        take(Item::Head(Head {
            part: r.get(0)?,
            pos: number(r, 1)?,
            received: number(r, 2)?,
            cases: number(r, 3)?,
            commands: number(r, 4)?,
            mail: number(r, 5)?,
            hash: r.get(6)?,
        }));
        Ok(())
    })?;
    query(db, "SELECT id, number, prev, at, body FROM journal ORDER BY id", |r| {
        let (part, pos) = split(r.get(0)?);
        let body = body(bytes(r, 4)?, ("journal", &format_args!("{part}/{pos}")), take);
        take(Item::Journal {
            part,
            pos,
            case: number(r, 1)?,
            prev: number(r, 2)?,
            at: r.get(3)?,
            body: &body,
        });
        Ok(())
    })?;
    query(db, "SELECT id, last, live, kind, value, body FROM cases ORDER BY id", |r| {
        let (part, id) = split(r.get(0)?);
        let body = body(bytes(r, 5)?, ("cases", &format_args!("{part}/{id}")), take);
        let empty = (String::new(), String::new());
        let (tenant, kind) = symbols.get(&r.get(3)?).unwrap_or(&empty);
        let value: String = r.get(4)?;
        let open = r.get::<_, Option<i64>>(2)?.is_some_and(|live| live & 1 == 1);
        take(Item::Case(Case {
            part,
            id,
            tenant,
            kind,
            value: &value,
            last: number(r, 1)?,
            open,
            body: &body,
        }));
        Ok(())
    })?;
    query(db, "SELECT account, unit, value FROM balance", |r| {
        let (account, unit): (String, String) = (r.get(0)?, r.get(1)?);
        take(Item::Balance { account: &account, unit: &unit, amount: r.get(2)? });
        Ok(())
    })?;
    query(db, "SELECT id, key, body FROM rows ORDER BY id, key", |r| {
        let ((part, case), key) = (split(r.get(0)?), r.get::<_, String>(1)?);
        let body = body(bytes(r, 2)?, ("rows", &format_args!("{part}/{case} {key}")), take);
        take(Item::Row { part, case, key: &key, body: &body });
        Ok(())
    })?;
    query(db, "SELECT id, body FROM doc", |r| {
        let (part, case) = split(r.get(0)?);
        body(bytes(r, 1)?, ("doc", &format_args!("{part}/{case}")), take);
        Ok(())
    })?;
    let received = "SELECT r.id, u.state, r.headers, r.body FROM received r LEFT JOIN unsettled u ON u.id = r.id ORDER BY r.id";
    query(db, received, |r| {
        let (part, pos) = split(r.get(0)?);
        for column in [2, 3] {
            body(bytes(r, column)?, ("received", &format_args!("{part}/{pos}")), take);
        }
        take(Item::Received { part, pos, state: state_of(r.get(1)?) });
        Ok(())
    })?;
    query(db, "SELECT id, pos FROM seen", |r| {
        let (part, case) = split(r.get(0)?);
        take(Item::Seen { part, case, pos: number(r, 1)? });
        Ok(())
    })?;
    query(db, "SELECT from_part, pos, body FROM mail", |r| {
        let (from, pos): (u16, i64) = (r.get(0)?, r.get(1)?);
        body(bytes(r, 2)?, ("mail", &format_args!("{from}/{pos}")), take);
        take(Item::Mail { from_part: r.get(0)?, pos: number(r, 1)? });
        Ok(())
    })?;
    query(db, "SELECT about, code, closed IS NULL FROM exception", |r| {
        let (about, code): (String, String) = (r.get(0)?, r.get(1)?);
        take(Item::Exception { about: &about, code: &code, open: r.get(2)? });
        Ok(())
    })
}

fn outbox(db: &Connection, file: &Path, take: &mut dyn FnMut(Item<'_>)) -> Result<(), ReadError> {
    let failed = |e| ReadError::Sqlite(file.display().to_string(), e);
    let mut statement = db.prepare("SELECT id, body FROM outbox ORDER BY id").map_err(failed)?;
    let mut found = statement.query([]).map_err(failed)?;
    while let Some(r) = found.next().map_err(failed)? {
        let (part, id) = split(r.get(0).map_err(failed)?);
        let stored = bytes(r, 1).map_err(failed)?;
        let body = body(stored, ("outbox", &format_args!("{part}/{id}")), take);
        take(Item::Outbox { part, id, key: &key_of(part, id, &body)? });
    }
    Ok(())
}

fn query(
    db: &Connection,
    sql: &str,
    mut each: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row)?;
    }
    Ok(())
}
