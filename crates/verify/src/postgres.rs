//! Reads a hub's schema of a PostgreSQL, in one snapshot and without a lock that the hub would notice.

use crate::stored::{Item, ReadError, VERSION, body, feed, key_of, split, state_of};
use crate::sums::{Summing, Totals, told};
use crate::verifier::{Case, Head, Verifier};
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::Type;
use postgres::{Client, IsolationLevel, NoTls, Row, Transaction};
use std::collections::HashMap;
use std::fmt;

/// A schema of a PostgreSQL.
#[derive(Clone)]
pub struct Schema {
    /// The address as any client reads it.
    pub url: String,
    pub password: Option<String>,
    pub name: String,
}

/// The password is not shown.
impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Feeds all of a schema to a verifier.
///
/// # Errors
/// As [`crate::read_sqlite`].
pub fn read_postgres(schema: &Schema, verifier: &mut Verifier) -> Result<(), ReadError> {
    each(schema, &mut |item| feed(verifier, item))
}

/// Why a row could not be handed over.
enum Broken {
    Said(postgres::Error),
    Value(ReadError),
}

impl From<postgres::Error> for Broken {
    fn from(e: postgres::Error) -> Self {
        Self::Said(e)
    }
}

/// Hands every stored thing over, in the order that [`Verifier`] asks for.
pub(crate) fn each(schema: &Schema, take: &mut dyn FnMut(Item<'_>)) -> Result<(), ReadError> {
    let place = || format!("schema {} of the PostgreSQL", schema.name);
    let failed = |e| ReadError::Postgres(place(), e);
    let mut config: postgres::Config = schema.url.parse().map_err(failed)?;
    if let Some(password) = &schema.password {
        config.password(password);
    }
    let mut client: Client = config.connect(NoTls).map_err(failed)?;
    let quoted = schema.name.replace('"', "\"\"");
    client.batch_execute(&format!("SET search_path = \"{quoted}\"")).map_err(failed)?;
    // One snapshot: the hub may go on writing.
    let mut now = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .map_err(failed)?;
    let version = now
        .query_one("SELECT coalesce(max(version), 0) FROM schema_version WHERE program = 'crossdock'", &[])
        .and_then(|row| row.try_get::<_, i64>(0))
        .map_err(failed)?;
    if version != VERSION {
        return Err(ReadError::Foreign(place(), version));
    }
    rows(&mut now, take).map_err(|broken| match broken {
        Broken::Said(e) => failed(e),
        Broken::Value(e) => e,
    })
}

/// The columns of each table, in the order that its sums are made in.
const HEAD: &str = "part, epoch, node, until, pos, received, cases, commands, mail, hash, totals";
const JOURNAL: &str = "id, number, prev, at, body";
const CASES: &str = "id, ver, last, due, live, tenant, kind, value, body";
const BALANCE: &str = "part, account, unit, value";
const ROWS: &str = "id, key, body";
const DOC: &str = "id, body";
const ROUTE: &str = "value, kind, tenant, part, number, own";
const UNSETTLED: &str = "id, state";
const RECEIVED: &str = "id, at, connection, key, headers, body";
const SEEN: &str = "id, key, body, pos";
const MAIL: &str = "to_part, from_part, pos, body";
const MARK: &str = "to_part, from_part, pos";
const EXCEPTION: &str = "id, part, about, code, cause, owner, next_step, opened, pos, closed, closed_pos";
const OUTBOX: &str = "id, number, cause, created, state, time, attempts, body";

type Take<'t> = &'t mut dyn FnMut(Item<'_>);

/// Every row of a table as it comes, so that a year of them need not be held at once, each held against its sum.
fn table(
    now: &mut Transaction<'_>,
    totals: &mut Totals,
    (name, columns): (&'static str, &str),
    take: Take<'_>,
    mut each: impl FnMut(&Row, Take<'_>) -> Result<(), Broken>,
) -> Result<(), Broken> {
    // In the order of their keys, which all stand in front.
    let order = if columns.starts_with("id, ") { "1, 2" } else { "1, 2, 3" };
    let sql = format!("SELECT {columns}, sum FROM {name} ORDER BY {order}");
    let mut rows = now.query_raw(sql.as_str(), std::iter::empty::<i64>())?;
    while let Some(row) = rows.next()? {
        let last = row.len() - 1;
        let mut sum = Summing::new(name);
        for (at, column) in row.columns().iter().take(last).enumerate() {
            match *column.type_() {
                Type::INT4 => sum.int(row.try_get::<_, Option<i32>>(at)?.map(i64::from)),
                Type::INT8 => sum.int(row.try_get(at)?),
                Type::TEXT => sum.bytes(2, row.try_get::<_, Option<&str>>(at)?.map(str::as_bytes)),
                _ => sum.bytes(3, row.try_get(at)?),
            }
        }
        if !totals.row(name, sum, row.try_get(last)?) {
            let key = row.try_get::<_, i64>(0).map(|id| id.to_string());
            told(name, &key.unwrap_or_default(), take);
        }
        each(&row, take)?;
    }
    Ok(())
}

fn rows(now: &mut Transaction<'_>, take: Take<'_>) -> Result<(), Broken> {
    let mut totals = Totals::default();
    let t = &mut totals;
    let mut kept: Vec<Option<Vec<u8>>> = Vec::new();
    table(now, t, ("head", HEAD), take, |r, take| {
        kept.push(r.try_get(10)?);
        let hash = r.try_get::<_, &[u8]>(9)?.try_into();
        let hash = hash.map_err(|_| Broken::Value(ReadError::Value("head", "a hash".to_owned())))?;
        take(Item::Head(Head {
            part: part(r, 0)?,
            pos: number(r, 4)?,
            received: number(r, 5)?,
            cases: number(r, 6)?,
            commands: number(r, 7)?,
            mail: number(r, 8)?,
            hash,
        }));
        Ok(())
    })?;
    kept.iter().for_each(|kept| t.head(kept.as_deref()));
    table(now, t, ("journal", JOURNAL), take, |r, take| {
        let (part, pos) = split(r.try_get(0)?);
        let body = body(r.try_get(4)?, ("journal", &format_args!("{part}/{pos}")), take);
        let (case, prev, at) = (number(r, 1)?, number(r, 2)?, r.try_get(3)?);
        take(Item::Journal { part, pos, case, prev, at, body: &body });
        Ok(())
    })?;
    table(now, t, ("cases", CASES), take, |r, take| {
        let (part, id) = split(r.try_get(0)?);
        let body = body(r.try_get(8)?, ("cases", &format_args!("{part}/{id}")), take);
        let (tenant, kind, value) = (text(r, 5)?, text(r, 6)?, text(r, 7)?);
        let open = r.try_get::<_, Option<i64>>(4)?.is_some_and(|live| live & 1 == 1);
        let (last, tenant, kind, value) = (number(r, 2)?, &*tenant, &*kind, &*value);
        take(Item::Case(Case { part, id, tenant, kind, value, last, open, body: &body }));
        Ok(())
    })?;
    table(now, t, ("balance", BALANCE), take, |r, take| {
        let (account, unit) = (text(r, 1)?, text(r, 2)?);
        take(Item::Balance { account: &account, unit: &unit, amount: r.try_get(3)? });
        Ok(())
    })?;
    table(now, t, ("rows", ROWS), take, |r, take| {
        let ((part, case), key) = (split(r.try_get(0)?), text(r, 1)?);
        let body = body(r.try_get(2)?, ("rows", &format_args!("{part}/{case} {key}")), take);
        take(Item::Row { part, case, key: &key, body: &body });
        Ok(())
    })?;
    table(now, t, ("doc", DOC), take, |r, take| {
        let (part, case) = split(r.try_get(0)?);
        body(r.try_get(1)?, ("doc", &format_args!("{part}/{case}")), take);
        Ok(())
    })?;
    table(now, t, ("route", ROUTE), take, |_, _| Ok(()))?;
    inbox(now, t, take)?;
    table(now, t, ("mail", MAIL), take, |r, take| {
        let (from_part, pos) = (part(r, 1)?, number(r, 2)?);
        body(r.try_get(3)?, ("mail", &format_args!("{from_part}/{pos}")), take);
        take(Item::Mail { from_part, pos });
        Ok(())
    })?;
    table(now, t, ("mark", MARK), take, |_, _| Ok(()))?;
    table(now, t, ("exception", EXCEPTION), take, |r, take| {
        let (about, code) = (text(r, 2)?, text(r, 3)?);
        let open = r.try_get::<_, Option<i64>>(9)?.is_none();
        take(Item::Exception { about: &about, code: &code, open });
        Ok(())
    })?;
    table(now, t, ("outbox", OUTBOX), take, |r, take| {
        let (part, id) = split(r.try_get(0)?);
        let body = body(r.try_get(7)?, ("outbox", &format_args!("{part}/{id}")), take);
        let key = key_of(part, id, &body).map_err(Broken::Value)?;
        take(Item::Outbox { part, id, key: &key });
        Ok(())
    })?;
    totals.finish(take);
    Ok(())
}

fn inbox(now: &mut Transaction<'_>, t: &mut Totals, take: Take<'_>) -> Result<(), Broken> {
    let mut unsettled: HashMap<i64, i64> = HashMap::new();
    table(now, t, ("unsettled", UNSETTLED), take, |r, _| {
        unsettled.insert(r.try_get(0)?, r.try_get(1)?);
        Ok(())
    })?;
    table(now, t, ("received", RECEIVED), take, |r, take| {
        let id = r.try_get(0)?;
        let (part, pos) = split(id);
        for column in [4, 5] {
            body(r.try_get(column)?, ("received", &format_args!("{part}/{pos}")), take);
        }
        take(Item::Received { part, pos, state: state_of(unsettled.get(&id).copied()) });
        Ok(())
    })?;
    table(now, t, ("seen", SEEN), take, |r, take| {
        let (part, case) = split(r.try_get(0)?);
        take(Item::Seen { part, case, pos: number(r, 3)? });
        Ok(())
    })
}

fn number(r: &Row, column: usize) -> Result<u64, Broken> {
    Ok(r.try_get::<_, i64>(column)?.cast_unsigned())
}

fn part(r: &Row, column: usize) -> Result<u16, Broken> {
    Ok(u16::try_from(r.try_get::<_, i32>(column)?).unwrap_or(u16::MAX))
}

/// PostgreSQL's texts hold no NUL: U+F8F0 and `0` stand for it, U+F8F0 and `1` for that character itself.
fn text(r: &Row, column: usize) -> Result<String, Broken> {
    let stored: String = r.try_get(column)?;
    Ok(stored.replace("\u{F8F0}0", "\0").replace("\u{F8F0}1", "\u{F8F0}"))
}
