//! Reads a hub's schema of a PostgreSQL, in one snapshot and without a lock that the hub would notice.

use crate::stored::{Item, ReadError, VERSION, body, feed, key_of, split, state_of};
use crate::verifier::{Case, Head, Verifier};
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::{Client, IsolationLevel, NoTls, Row, Transaction};
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

fn rows(now: &mut Transaction<'_>, take: &mut dyn FnMut(Item<'_>)) -> Result<(), Broken> {
    query(now, "SELECT part, pos, received, cases, commands, mail, hash FROM head ORDER BY part", |r| {
        let hash = r.try_get::<_, &[u8]>(6)?.try_into();
        let hash = hash.map_err(|_| Broken::Value(ReadError::Value("head", "a hash".to_owned())))?;
        take(Item::Head(Head {
            part: part(r, 0)?,
            pos: number(r, 1)?,
            received: number(r, 2)?,
            cases: number(r, 3)?,
            commands: number(r, 4)?,
            mail: number(r, 5)?,
            hash,
        }));
        Ok(())
    })?;
    query(now, "SELECT id, number, prev, at, body FROM journal ORDER BY id", |r| {
        let (part, pos) = split(r.try_get(0)?);
        let body = body(r.try_get(4)?, ("journal", &format_args!("{part}/{pos}")), take);
        let (case, prev, at) = (number(r, 1)?, number(r, 2)?, r.try_get(3)?);
        take(Item::Journal { part, pos, case, prev, at, body: &body });
        Ok(())
    })?;
    query(now, "SELECT id, last, live, tenant, kind, value, body FROM cases ORDER BY id", |r| {
        let (part, id) = split(r.try_get(0)?);
        let body = body(r.try_get(6)?, ("cases", &format_args!("{part}/{id}")), take);
        let (tenant, kind, value) = (text(r, 3)?, text(r, 4)?, text(r, 5)?);
        let open = r.try_get::<_, Option<i64>>(2)?.is_some_and(|live| live & 1 == 1);
        let last = number(r, 1)?;
        take(Item::Case(Case {
            part,
            id,
            tenant: &tenant,
            kind: &kind,
            value: &value,
            last,
            open,
            body: &body,
        }));
        Ok(())
    })?;
    query(now, "SELECT account, unit, value FROM balance", |r| {
        let (account, unit) = (text(r, 0)?, text(r, 1)?);
        take(Item::Balance { account: &account, unit: &unit, amount: r.try_get(2)? });
        Ok(())
    })?;
    query(now, "SELECT id, key, body FROM rows ORDER BY id, key", |r| {
        let ((part, case), key) = (split(r.try_get(0)?), text(r, 1)?);
        let body = body(r.try_get(2)?, ("rows", &format_args!("{part}/{case} {key}")), take);
        take(Item::Row { part, case, key: &key, body: &body });
        Ok(())
    })?;
    query(now, "SELECT id, body FROM doc", |r| {
        let (part, case) = split(r.try_get(0)?);
        body(r.try_get(1)?, ("doc", &format_args!("{part}/{case}")), take);
        Ok(())
    })?;
    let received = "SELECT r.id, u.state, r.headers, r.body FROM received r LEFT JOIN unsettled u ON u.id = r.id ORDER BY r.id";
    query(now, received, |r| {
        let (part, pos) = split(r.try_get(0)?);
        for column in [2, 3] {
            body(r.try_get(column)?, ("received", &format_args!("{part}/{pos}")), take);
        }
        take(Item::Received { part, pos, state: state_of(r.try_get(1)?) });
        Ok(())
    })?;
    query(now, "SELECT id, pos FROM seen", |r| {
        let (part, case) = split(r.try_get(0)?);
        take(Item::Seen { part, case, pos: number(r, 1)? });
        Ok(())
    })?;
    query(now, "SELECT from_part, pos, body FROM mail", |r| {
        let (from_part, pos) = (part(r, 0)?, number(r, 1)?);
        body(r.try_get(2)?, ("mail", &format_args!("{from_part}/{pos}")), take);
        take(Item::Mail { from_part, pos });
        Ok(())
    })?;
    query(now, "SELECT about, code, closed IS NULL FROM exception", |r| {
        let (about, code) = (text(r, 0)?, text(r, 1)?);
        take(Item::Exception { about: &about, code: &code, open: r.try_get(2)? });
        Ok(())
    })?;
    query(now, "SELECT id, body FROM outbox ORDER BY id", |r| {
        let (part, id) = split(r.try_get(0)?);
        let body = body(r.try_get(1)?, ("outbox", &format_args!("{part}/{id}")), take);
        let key = key_of(part, id, &body).map_err(Broken::Value)?;
        take(Item::Outbox { part, id, key: &key });
        Ok(())
    })
}

/// Rows as they come, so that a year of them need not be held at once.
fn query(
    now: &mut Transaction<'_>,
    sql: &str,
    mut each: impl FnMut(&Row) -> Result<(), Broken>,
) -> Result<(), Broken> {
    let mut rows = now.query_raw(sql, std::iter::empty::<i64>())?;
    while let Some(row) = rows.next()? {
        each(&row)?;
    }
    Ok(())
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
