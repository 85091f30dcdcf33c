//! Reads a hub's folder, in one snapshot and without a lock that the hub would notice.

use crate::rules;
use crate::stored::{Item, ReadError, VERSION, body, feed, key_of, split, state_of};
use crate::sums::{Summing, Totals, told};
use crate::verifier::{Case, Head, Verifier};
use rusqlite::types::{Type, ValueRef};
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
    file_holds(&db, take).map_err(failed)?;
    rows(&db, take).map_err(failed)?;
    db.execute_batch("COMMIT").map_err(failed)
}

/// The columns of each table, in the order that its sums are made in.
const SYMBOL: &[&str] = &["id", "scope", "text"];
const HEAD: &[&str] =
    &["part", "epoch", "node", "until", "pos", "received", "cases", "commands", "mail", "hash", "totals"];
const JOURNAL: &[&str] = &["id", "number", "prev", "at", "body"];
const CASES: &[&str] = &["id", "ver", "last", "due", "live", "kind", "value", "body"];
const BALANCE: &[&str] = &["part", "account", "unit", "value"];
const ROWS: &[&str] = &["id", "key", "body"];
const DOC: &[&str] = &["id", "body"];
const ROUTE: &[&str] = &["kind", "value", "part", "number", "own"];
const UNSETTLED: &[&str] = &["id", "state"];
const RECEIVED: &[&str] = &["id", "at", "connection", "key", "headers", "body"];
const SEEN: &[&str] = &["id", "key", "body", "pos"];
const MAIL: &[&str] = &["to_part", "from_part", "pos", "body"];
const MARK: &[&str] = &["to_part", "from_part", "pos"];
const EXCEPTION: &[&str] =
    &["id", "part", "about", "code", "cause", "owner", "next_step", "opened", "pos", "closed", "closed_pos"];
const OUTBOX: &[&str] = &["id", "number", "cause", "created", "state", "time", "attempts", "body"];

type Take<'t> = &'t mut dyn FnMut(Item<'_>);

/// Every row of a table, each held against its sum.
fn table(
    db: &Connection,
    totals: &mut Totals,
    (name, columns): (&'static str, &[&str]),
    take: Take<'_>,
    mut each: impl FnMut(&Row<'_>, Take<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    // In the order of their keys, which all stand in front.
    let sql = format!("SELECT {}, sum FROM {name} ORDER BY 1, 2, 3", columns.join(", "));
    let sql = if columns.first() == Some(&"id") { sql.replace("1, 2, 3", "1, 2") } else { sql };
    let mut statement = db.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut sum = Summing::new(name);
        for column in 0..columns.len() {
            match row.get_ref(column)? {
                ValueRef::Null => sum.int(None),
                ValueRef::Integer(n) => sum.int(Some(n)),
                ValueRef::Text(text) => sum.bytes(2, Some(text)),
                ValueRef::Blob(bytes) => sum.bytes(3, Some(bytes)),
                ValueRef::Real(n) => sum.bytes(4, Some(&n.to_le_bytes())),
            }
        }
        if !totals.row(name, sum, row.get(columns.len())?) {
            let key = |column| match row.get_ref(column) {
                Ok(ValueRef::Integer(n)) => n.to_string(),
                Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
                _ => String::new(),
            };
            told(name, &format!("{} {}", key(0), key(1)), take);
        }
        each(row, take)?;
    }
    Ok(())
}

fn rows(db: &Connection, take: Take<'_>) -> rusqlite::Result<()> {
    let mut totals = Totals::default();
    let t = &mut totals;
    let mut symbols: HashMap<i64, (String, String)> = HashMap::new();
    table(db, t, ("symbol", SYMBOL), take, |r, _| {
        symbols.insert(r.get(0)?, (r.get(1)?, r.get(2)?));
        Ok(())
    })?;
    let mut kept: Vec<Option<Vec<u8>>> = Vec::new();
    table(db, t, ("head", HEAD), take, |r, take| {
        kept.push(r.get(10)?);
        take(Item::Head(Head {
            part: r.get(0)?,
            pos: number(r, 4)?,
            received: number(r, 5)?,
            cases: number(r, 6)?,
            commands: number(r, 7)?,
            mail: number(r, 8)?,
            hash: r.get(9)?,
        }));
        Ok(())
    })?;
    kept.iter().for_each(|kept| t.head(kept.as_deref()));
    table(db, t, ("journal", JOURNAL), take, |r, take| {
        let (part, pos) = split(r.get(0)?);
        let body = body(bytes(r, 4)?, ("journal", &format_args!("{part}/{pos}")), take);
        let (case, prev, at) = (number(r, 1)?, number(r, 2)?, r.get(3)?);
        take(Item::Journal { part, pos, case, prev, at, body: &body });
        Ok(())
    })?;
    table(db, t, ("cases", CASES), take, |r, take| {
        let (part, id) = split(r.get(0)?);
        let body = body(bytes(r, 7)?, ("cases", &format_args!("{part}/{id}")), take);
        let empty = (String::new(), String::new());
        let (tenant, kind) = symbols.get(&r.get(5)?).unwrap_or(&empty);
        let value: String = r.get(6)?;
        let open = r.get::<_, Option<i64>>(4)?.is_some_and(|live| live & 1 == 1);
        let last = number(r, 2)?;
        take(Item::Case(Case { part, id, tenant, kind, value: &value, last, open, body: &body }));
        Ok(())
    })?;
    table(db, t, ("balance", BALANCE), take, |r, take| {
        let (account, unit): (String, String) = (r.get(1)?, r.get(2)?);
        take(Item::Balance { account: &account, unit: &unit, amount: r.get(3)? });
        Ok(())
    })?;
    table(db, t, ("rows", ROWS), take, |r, take| {
        let ((part, case), key) = (split(r.get(0)?), r.get::<_, String>(1)?);
        let body = body(bytes(r, 2)?, ("rows", &format_args!("{part}/{case} {key}")), take);
        take(Item::Row { part, case, key: &key, body: &body });
        Ok(())
    })?;
    table(db, t, ("doc", DOC), take, |r, take| {
        let (part, case) = split(r.get(0)?);
        body(bytes(r, 1)?, ("doc", &format_args!("{part}/{case}")), take);
        Ok(())
    })?;
    table(db, t, ("route", ROUTE), take, |_, _| Ok(()))?;
    inbox(db, t, take)?;
    table(db, t, ("mail", MAIL), take, |r, take| {
        let (from_part, pos) = (r.get(1)?, number(r, 2)?);
        body(bytes(r, 3)?, ("mail", &format_args!("{from_part}/{pos}")), take);
        take(Item::Mail { from_part, pos });
        Ok(())
    })?;
    table(db, t, ("mark", MARK), take, |_, _| Ok(()))?;
    table(db, t, ("exception", EXCEPTION), take, |r, take| {
        let (about, code): (String, String) = (r.get(2)?, r.get(3)?);
        take(Item::Exception { about: &about, code: &code, open: r.get::<_, Option<i64>>(9)?.is_none() });
        Ok(())
    })?;
    table(db, t, ("outbox", OUTBOX), take, |r, take| {
        let (part, id) = split(r.get(0)?);
        let body = body(bytes(r, 7)?, ("outbox", &format_args!("{part}/{id}")), take);
        let key = key_of(part, id, &body)
            .map_err(|e| rusqlite::Error::FromSqlConversionFailure(7, Type::Blob, e.into()))?;
        take(Item::Outbox { part, id, key: &key });
        Ok(())
    })?;
    totals.finish(take);
    Ok(())
}

fn inbox(db: &Connection, t: &mut Totals, take: Take<'_>) -> rusqlite::Result<()> {
    let mut unsettled: HashMap<i64, i64> = HashMap::new();
    table(db, t, ("unsettled", UNSETTLED), take, |r, _| {
        unsettled.insert(r.get(0)?, r.get(1)?);
        Ok(())
    })?;
    table(db, t, ("received", RECEIVED), take, |r, take| {
        let id = r.get(0)?;
        let (part, pos) = split(id);
        for column in [4, 5] {
            body(bytes(r, column)?, ("received", &format_args!("{part}/{pos}")), take);
        }
        take(Item::Received { part, pos, state: state_of(unsettled.get(&id).copied()) });
        Ok(())
    })?;
    table(db, t, ("seen", SEEN), take, |r, take| {
        let (part, case) = split(r.get(0)?);
        take(Item::Seen { part, case, pos: number(r, 3)? });
        Ok(())
    })
}

/// What SQLite says of the file itself: pages, and indexes against their tables.
fn file_holds(db: &Connection, take: Take<'_>) -> rusqlite::Result<()> {
    let mut statement = db.prepare("PRAGMA integrity_check(20)")?;
    let mut said = statement.query([])?;
    take(Item::Checked { rule: rules::STORE_FILE, rows: 1 });
    while let Some(row) = said.next()? {
        let why: String = row.get(0)?;
        if why != "ok" {
            take(Item::Damaged { rule: rules::STORE_FILE, table: FILE, row: "", why: &why });
        }
    }
    Ok(())
}
