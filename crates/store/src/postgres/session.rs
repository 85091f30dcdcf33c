//! One connection, made anew when it is lost, and the blocking calls around it.
//!
//! Each session has a runtime of its own on the thread that calls: while it waits, it also carries the connection.

use super::address::Address;
use super::fault::Bad;
use crate::StoreError;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Statement};

/// Pauses between two tries to connect: the first, and the longest.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// Every statement of the hub goes by an index, and is planned once, perhaps while the tables are still empty. So
/// that a plan made then is right for a million rows, plans that read whole tables count as dear.
const PLANS: &str = "SET jit = off; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
     SET enable_hashjoin = off; SET enable_mergejoin = off; SET client_min_messages = warning;";
/// A writer that was cut off in the midst of a transaction must not keep its rows locked.
const WRITES: &str = "SET idle_in_transaction_session_timeout = '20s'; SET lock_timeout = '10s';
     SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = off;";
const READS: &str = "SET default_transaction_read_only = on;";

/// What a session is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Use {
    Write,
    Read,
}

/// A connection that stands.
#[derive(Debug)]
pub(super) struct Link {
    client: Client,
    statements: RefCell<BTreeMap<&'static str, Statement>>,
}

pub(super) type Value<'a> = Box<dyn ToSql + Sync + 'a>;

impl Link {
    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// A prepared statement: asked for once per connection.
    pub(super) async fn statement(&self, sql: &'static str) -> Result<Statement, Bad> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let made = self.client.prepare(sql).await?;
        self.statements.borrow_mut().insert(sql, made.clone());
        Ok(made)
    }

    pub(super) async fn rows(
        &self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Bad> {
        Ok(self.client.query(&self.statement(sql).await?, values).await?)
    }

    pub(super) async fn row(
        &self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, Bad> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    pub(super) async fn run(&self, sql: &'static str) -> Result<(), Bad> {
        Ok(self.client.batch_execute(sql).await?)
    }
}

#[derive(Debug)]
pub(super) struct Session {
    address: Address,
    of: Use,
    /// Address and schema, without a secret: where errors say they are.
    pub place: String,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    link: Option<Link>,
    /// Tries that failed since the last that did not, and when the next may be made.
    tries: u32,
    next: Instant,
}

impl Session {
    /// A session that is not connected yet.
    ///
    /// # Errors
    /// When the system gives no runtime.
    pub(super) fn new(address: Address, of: Use) -> Result<Self, StoreError> {
        let place = address.to_string();
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|e| {
            StoreError::new("io", format!("no runtime: {e}"), place.clone(), "raise the limit of open files")
        })?;
        Ok(Self { address, of, place, runtime: Some(runtime), link: None, tries: 0, next: Instant::now() })
    }

    pub(super) const fn address(&self) -> &Address {
        &self.address
    }

    /// Does work on a connection, which is made where there is none.
    ///
    /// # Errors
    /// What kept the work from being done. When the connection broke, the next call makes a new one.
    pub(super) fn run<T>(
        &mut self,
        what: &str,
        work: impl AsyncFnOnce(&Link) -> Result<T, Bad>,
    ) -> Result<T, StoreError> {
        self.attempt(work).map_err(|stopped| match stopped {
            Stopped::Away(e) => e,
            Stopped::Bad(bad) => bad.error(what, &self.place),
        })
    }

    /// As [`Session::run`], telling a connection that could not be made from work that failed.
    pub(super) fn attempt<T>(
        &mut self,
        work: impl AsyncFnOnce(&Link) -> Result<T, Bad>,
    ) -> Result<T, Stopped> {
        self.connect().map_err(Stopped::Away)?;
        let (Some(runtime), Some(link)) = (&self.runtime, &self.link) else {
            return Err(Stopped::Bad(Bad::Unreadable("the session has ended".to_owned())));
        };
        let done = runtime.block_on(work(link));
        if link.client.is_closed() || done.as_ref().is_err_and(Bad::lost) {
            self.link = None;
        }
        done.map_err(Stopped::Bad)
    }

    /// Gives the connection up; the server then rolls back what was not committed.
    pub(super) fn hang_up(&mut self) {
        self.link = None;
    }

    /// Whether there is a connection, as far as is known.
    pub(super) fn connected(&self) -> bool {
        self.link.as_ref().is_some_and(|link| !link.client.is_closed())
    }

    fn connect(&mut self) -> Result<(), StoreError> {
        if self.connected() {
            return Ok(());
        }
        self.link = None;
        std::thread::sleep(self.next.saturating_duration_since(Instant::now()));
        let Some(runtime) = &self.runtime else { return Ok(()) };
        match runtime.block_on(connect(&self.address, self.of)) {
            Ok(client) => {
                self.tries = 0;
                self.link = Some(Link { client, statements: RefCell::default() });
                Ok(())
            }
            Err(bad) => {
                self.tries = (self.tries + 1).min(10);
                self.next = Instant::now() + (PAUSE * 2_u32.pow(self.tries - 1)).min(LONGEST);
                Err(bad.error("connecting", &self.place))
            }
        }
    }
}

impl Drop for Session {
    /// A runtime must not be waited for where the caller itself runs on one.
    fn drop(&mut self) {
        self.link = None;
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Why [`Session::attempt`] did not do its work.
pub(super) enum Stopped {
    /// There was no connection: nothing was begun.
    Away(StoreError),
    Bad(Bad),
}

async fn connect(address: &Address, of: Use) -> Result<Client, Bad> {
    let mut config = address.config.clone();
    if of == Use::Write && config.get_target_session_attrs() == TargetSessionAttrs::Any {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    let (client, connection) = config.connect(NoTls).await?;
    // Whoever waits for an answer is told when the connection breaks; nobody waits for its end itself.
    tokio::spawn(async move { connection.await.unwrap_or_default() });
    let own = if of == Use::Write { WRITES } else { READS };
    // The name was checked: a-z, 0-9 and underline.
    client.batch_execute(&format!("{PLANS} {own} SET search_path = \"{}\"", address.schema())).await?;
    Ok(client)
}
