//! A reader's connection.

use super::address::Address;
use super::fault::Bad;
use super::head;
use super::load::{load, statements};
use super::schema;
use super::session::{Link, Session, Use};
use super::text;
use super::view::{View, id_at, name, part_at, text_at, u64_at};
use crate::code::{part_of, state_of};
use crate::counts::state_name;
use crate::{Counts, Hit, Reader, Scan, Scanned, StoreError};
use hub::batch::{Found, Head, Key, Part};
use retail::envelope::Name;

/// Reads a PostgreSQL store beside its writers, from this process or another. A connection that broke is made
/// anew, once per call; what it had frozen is then over, and the call says so.
#[derive(Debug)]
pub struct PostgresReader {
    session: Session,
    frozen: bool,
}

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

impl PostgresReader {
    /// Opens a schema that holds a store.
    ///
    /// # Errors
    /// `missing` where there is none, `too_old`, `too_new` or `foreign` where it is not this release's.
    pub fn open(address: &Address) -> Result<Self, StoreError> {
        let mut session = Session::new(address.clone(), Use::Read)?;
        schema::check(&mut session)?;
        Ok(Self { session, frozen: false })
    }

    /// Runs a statement that sees one moment by itself.
    fn once<T>(&mut self, what: &str, work: impl AsyncFn(&Link) -> Result<T, Bad>) -> Result<T, StoreError> {
        if self.frozen && !self.session.connected() {
            return Err(StoreError::new(
                "lost",
                format!("{what}: the moment that was frozen went with its connection"),
                self.session.place.clone(),
                "thaw, and begin again",
            ));
        }
        let first = self.session.run(what, &work);
        match first {
            Err(e) if e.code == "lost" && !self.frozen => self.session.run(what, &work),
            done => done,
        }
    }

    /// Runs several statements that must see one moment.
    fn at_once<T>(
        &mut self,
        what: &str,
        work: impl AsyncFn(&Link) -> Result<T, Bad>,
    ) -> Result<T, StoreError> {
        if self.frozen {
            return self.once(what, work);
        }
        self.once(what, async |link| {
            link.run(BEGIN).await?;
            let done = work(link).await;
            // It changed nothing: its end can be lost only with the connection.
            link.run("ROLLBACK").await?;
            done
        })
    }
}

impl Reader for PostgresReader {
    fn load(&mut self, part: Part, keys: &[Key]) -> Result<Vec<Found>, StoreError> {
        let what = match keys {
            [one] => format!("loading {one:?}"),
            keys => format!("loading {} keys of partition {part}", keys.len()),
        };
        let work = async |link: &Link| load(link, part, keys).await;
        if statements(keys) > 1 { self.at_once(&what, work) } else { self.once(&what, work) }
    }

    fn head(&mut self, part: Part) -> Result<(u64, Head), StoreError> {
        self.once("reading a head", async |link| {
            let line = head::read(link, part).await?.unwrap_or_default();
            Ok((line.epoch, line.head))
        })
    }

    fn parts(&mut self) -> Result<Vec<Part>, StoreError> {
        self.once("reading the partitions", async |link| {
            link.rows("SELECT part FROM head ORDER BY part", &[])
                .await?
                .iter()
                .map(|r| part_at(r, 0))
                .collect()
        })
    }

    fn scan(&mut self, part: Part, what: Scan, after: u64, limit: usize) -> Result<Vec<Scanned>, StoreError> {
        let text = format!("reading {what:?}");
        let work = async |link: &Link| View { link }.walk(part, &what, after, limit).await;
        match what {
            Scan::JournalOf(_) => self.at_once(&text, work),
            _ => self.once(&text, work),
        }
    }

    fn find_case(&mut self, tenant: &str, value: &str) -> Result<Vec<Hit>, StoreError> {
        self.once("searching a name", async |link| {
            let sql = "SELECT c.id, r.kind, c.tenant, c.kind, c.value FROM route r
                 JOIN cases c ON c.id = (r.part::bigint << 47) + r.number WHERE r.value = $1 AND r.tenant = $2";
            let mut hits = Vec::new();
            for r in link.rows(sql, &[&text::put(value), &text::put(tenant)]).await? {
                let part = part_of(r.try_get(0)?);
                let matched = Name::new(tenant, text_at(&r, 1)?, value);
                hits.push(Hit { part, case: id_at(&r, 0)?, matched, name: name(&r, 2)? });
            }
            hits.sort();
            Ok(hits)
        })
    }

    fn counts(&mut self) -> Result<Counts, StoreError> {
        self.at_once("counting", count)
    }

    fn freeze(&mut self) -> Result<(), StoreError> {
        if !self.frozen {
            // The moment is taken at the first read, not at BEGIN.
            self.once("freezing", async |link| {
                link.run(BEGIN).await?;
                link.run("SELECT 1").await
            })?;
            self.frozen = true;
        }
        Ok(())
    }

    fn thaw(&mut self) -> Result<(), StoreError> {
        if self.frozen {
            self.frozen = false;
            if self.session.connected() {
                return self.session.run("thawing", async |link| link.run("ROLLBACK").await);
            }
        }
        Ok(())
    }
}

async fn count(link: &Link) -> Result<Counts, Bad> {
    let sums = "SELECT coalesce(sum(cases), 0)::bigint, coalesce(sum(received), 0)::bigint,
           coalesce(sum(pos), 0)::bigint, (SELECT count(*) FROM mail),
           (SELECT count(*) FROM unsettled WHERE state = 0), (SELECT count(*) FROM unsettled WHERE state = 2),
           (SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relkind = 'r'
              AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'head'::regclass))
         FROM head";
    let mut c = Counts::default();
    if let Some(r) = link.row(sums, &[]).await? {
        (c.cases, c.received, c.journal) = (u64_at(&r, 0)?, u64_at(&r, 1)?, u64_at(&r, 2)?);
        (c.mail, c.waiting, c.parked) = (u64_at(&r, 3)?, u64_at(&r, 4)?, u64_at(&r, 5)?);
        c.bytes = u64_at(&r, 6)?;
    }
    let open = "SELECT kind, count(*) FROM cases WHERE live IS NOT NULL AND live IN (1, 3) GROUP BY kind";
    for r in link.rows(open, &[]).await? {
        c.open_cases.insert(text_at(&r, 0)?, u64_at(&r, 1)?);
    }
    for r in link.rows("SELECT state, count(*) FROM outbox GROUP BY state", &[]).await? {
        let state: i64 = r.try_get(0)?;
        let time = if matches!(state, 2 | 3) { Some(0) } else { None };
        let state =
            state_of(state, time).ok_or_else(|| Bad::Unreadable(format!("a command's state {state}")))?;
        c.outbox.insert(state_name(state).to_owned(), u64_at(&r, 1)?);
    }
    let exceptions = "SELECT code, count(*) FROM exception WHERE closed IS NULL GROUP BY code";
    for r in link.rows(exceptions, &[]).await? {
        c.exceptions.insert(text_at(&r, 0)?, u64_at(&r, 1)?);
    }
    Ok(c)
}
