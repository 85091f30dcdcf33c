//! The tables, how an older schema becomes one of today, and whether the server keeps what it commits.
//!
//! They are those of SQLite (`sqlite/schema_1.sql`) but for the table of symbols: a row of PostgreSQL has so much
//! overhead of its own that numbers in place of kinds would save nothing worth the indirection.

use super::fault::Bad;
use super::session::{Link, Session};
use crate::StoreError;
use tokio_postgres::error::SqlState;

/// Entry n makes version n + 1 out of version n. A released entry is never edited, only followed by another.
const STEPS: &[&str] = &[include_str!("schema_1.sql"), include_str!("schema_2.sql")];

/// The table that says how many were applied. The program's name keeps it from being taken for another tool's.
const VERSION: &str = "CREATE TABLE schema_version (
  program text NOT NULL CHECK (program = 'crossdock'),
  version bigint PRIMARY KEY,
  applied timestamptz NOT NULL DEFAULT now()
)";

/// The version that this release writes.
pub(super) fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// What is found in a schema.
enum Found {
    /// No schema, or one without a table.
    Nothing,
    Ours(i64),
    Others,
}

/// Makes the schema where there is none and brings its tables to [`newest`], each step in a transaction of its own.
///
/// # Errors
/// `unsafe` for a server that may lose commits, `foreign` for another program's tables, `too_new` for a later
/// release's, and whatever PostgreSQL says.
pub(super) fn migrate(session: &mut Session) -> Result<(), StoreError> {
    if !session.address().careless {
        let lax = session.run("asking how commits are kept", lax)?;
        if !lax.is_empty() {
            return Err(StoreError::new(
                "unsafe",
                format!("a power cut could lose commits: {}", lax.join(" and ")),
                session.place.clone(),
                "switch it on for this database (ALTER DATABASE … SET synchronous_commit = on; fsync in \
                 postgresql.conf), or say durable=off in the address where losing data is acceptable",
            ));
        }
    }
    let schema = session.address().schema().to_owned();
    loop {
        let found = session.run("reading the tables' version", async |link| look(link, &schema).await)?;
        let version = refuse(found, &session.place)?.unwrap_or_default();
        if version == newest() {
            return Ok(());
        }
        let step = usize::try_from(version).ok().and_then(|n| STEPS.get(n)).copied().unwrap_or_default();
        let schema = &schema;
        session.run("bringing the tables up to date", async |link| {
            let done = apply(link, schema, version, step).await;
            if done.is_err() {
                // Where this fails too the connection is gone, and with it the transaction.
                link.run("ROLLBACK").await.unwrap_or_default();
            }
            done
        })?;
    }
}

/// Makes sure that a reader finds the tables it knows.
///
/// # Errors
/// `missing`, `too_old`, `too_new` or `foreign`.
pub(super) fn check(session: &mut Session) -> Result<(), StoreError> {
    let schema = session.address().schema().to_owned();
    let found = session.run("reading the tables' version", async |link| look(link, &schema).await)?;
    match refuse(found, &session.place)? {
        None => Err(StoreError::new(
            "missing",
            "there is no store",
            session.place.clone(),
            "name the database and the schema that the hub was started with (--store)",
        )),
        Some(version) if version < newest() => Err(StoreError::new(
            "too_old",
            "an earlier release wrote the store",
            session.place.clone(),
            "start this release's hub on it once: it brings the tables up to date",
        )),
        Some(_) => Ok(()),
    }
}

/// The version of tables that are ours; `None` where there are none.
fn refuse(found: Found, place: &str) -> Result<Option<i64>, StoreError> {
    match found {
        Found::Nothing => Ok(None),
        Found::Ours(version) if version <= newest() => Ok(Some(version)),
        Found::Ours(version) => Err(StoreError::new(
            "too_new",
            format!("the tables have version {version} and this release knows up to {}", newest()),
            place,
            "run the release that wrote them, or a later one; tables cannot go back",
        )),
        Found::Others => Err(StoreError::new(
            "foreign",
            "the schema belongs to another program",
            place,
            "name a schema of the hub's own: schema=NAME in the address",
        )),
    }
}

async fn look(link: &Link, schema: &str) -> Result<Found, Bad> {
    let tables = link
        .row(
            "SELECT count(*), count(*) FILTER (WHERE relname = 'schema_version') FROM pg_class
             WHERE relnamespace = to_regnamespace(quote_ident($1))
               AND relkind IN ('r', 'p', 'v', 'm')",
            &[&schema],
        )
        .await?;
    let (all, versions): (i64, i64) = match tables {
        Some(row) => (row.try_get(0)?, row.try_get(1)?),
        None => (0, 0),
    };
    match (all, versions) {
        (0, _) => Ok(Found::Nothing),
        (_, 0) => Ok(Found::Others),
        _ => match link
            .row("SELECT coalesce(max(version), 0) FROM schema_version WHERE program = 'crossdock'", &[])
            .await
        {
            Ok(Some(row)) => Ok(Found::Ours(row.try_get(0)?)),
            Ok(None) => Ok(Found::Others),
            Err(Bad::Said(e)) if e.code() == Some(&SqlState::UNDEFINED_COLUMN) => Ok(Found::Others),
            Err(e) => Err(e),
        },
    }
}

/// One step, unless another hub was quicker.
async fn apply(link: &Link, schema: &str, from: i64, step: &str) -> Result<(), Bad> {
    let client = link.client();
    client.batch_execute("BEGIN").await?;
    client.execute("SELECT pg_advisory_xact_lock(hashtext($1))", &[&format!("crossdock {schema}")]).await?;
    match look(link, schema).await? {
        Found::Ours(version) if version != from => {}
        Found::Nothing | Found::Ours(_) => {
            if from == 0 {
                client.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"")).await?;
                client.batch_execute(VERSION).await?;
            }
            client.batch_execute(step).await?;
            client
                .execute(
                    "INSERT INTO schema_version (program, version) VALUES ('crossdock', $1)",
                    &[&(from + 1)],
                )
                .await?;
        }
        Found::Others => {}
    }
    client.batch_execute("COMMIT").await?;
    Ok(())
}

/// The settings under which a commit that was answered may be lost.
async fn lax(link: &Link) -> Result<Vec<String>, Bad> {
    let mut found = Vec::new();
    let settings = link
        .rows(
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') AND setting = 'off'
             ORDER BY name",
            &[],
        )
        .await?;
    for row in settings {
        found.push(format!("{} is {}", row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?));
    }
    Ok(found)
}
