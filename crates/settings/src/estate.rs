//! The estate: one tenant's systems, limits and policies.

use crate::maps::ValueMap;
use crate::policy::Policy;
use crate::role::{Play, Role};
use crate::route::Route;
use crate::secret::{Resolver, SecretRef, Secrets};
use formats::toml::{Fault, Positions};
use retail::money::Currency;
use retail::time::{Span, Time};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;

/// Everything that an estate file says. It fits together: every role is played, every place, pool and channel
/// named is known.
#[derive(Clone, Debug, Serialize)]
pub struct Estate {
    /// Whose orders these are: the first part of every name.
    pub tenant: String,
    /// The legal entity that sells, and in whose books it stands.
    pub entity: String,
    /// The entity's functional currency.
    pub currency: Currency,
    /// The hub's own address and size.
    pub hub: Hub,
    /// In the order of the file: `connections[n]` is `connection[n]` in faults.
    pub connections: Vec<Connection>,
    /// Which of several systems that play a role gets an order; of a role's rules the first that fits.
    pub routes: Vec<Route>,
    /// Value maps by name.
    pub maps: BTreeMap<String, ValueMap>,
    /// What the retailer decides.
    pub policy: Policy,
    /// Which text this was read from.
    pub revision: Revision,
    #[serde(skip)]
    pub(crate) positions: Positions,
}

impl Estate {
    /// A connection by its name.
    #[must_use]
    pub fn connection(&self, name: &str) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.name == name)
    }

    /// The connection that plays a role at a source, place or executor: the one that names it, else the one
    /// that plays the role for all.
    #[must_use]
    pub fn plays(&self, role: Role, at: &str) -> Option<&Connection> {
        let at_that = |at: &str| {
            let fits = |play: &Play| play.role == role && play.at == at;
            self.connections.iter().find(|connection| connection.plays.iter().any(fits))
        };
        at_that(at).or_else(|| at_that(""))
    }

    /// The words of the roles that somebody plays. What nobody plays is not asked.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<&'static str> {
        self.connections
            .iter()
            .flat_map(|connection| &connection.plays)
            .map(|play| play.role.word())
            .collect()
    }

    /// The places of all warehouses, in the order of the file.
    #[must_use]
    pub fn places(&self) -> Vec<&str> {
        let plays = self.connections.iter().flat_map(|connection| &connection.plays);
        plays.filter(|play| play.role == Role::Wms).map(|play| play.at.as_str()).collect()
    }

    /// Resolves every secret that the estate refers to.
    ///
    /// # Errors
    /// Every reference that stands for nothing, or for nothing but blanks, with its line.
    pub fn secrets(&self, resolver: &dyn Resolver) -> Result<Secrets, Vec<Fault>> {
        Secrets::resolve(self, resolver)
    }

    /// A fault in this estate that only the caller could find, with its line: a connector that does not exist
    /// (`connection[2].connector`), a setting that it wants (`connection[2].conf.pool`).
    #[must_use]
    pub fn fault(&self, path: &str, message: impl Into<String>, hint: impl Into<String>) -> Fault {
        self.positions.fault(path, message, hint)
    }
}

/// Which text an estate was read from: the first twelve digits of its SHA-256. One changed byte is another
/// revision.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Revision(String);

impl Revision {
    /// The revision of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect())
    }

    /// Twelve hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The hub's own address and size.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Hub {
    /// Where it listens; on this machine only, unless `public`.
    pub listen: SocketAddr,
    /// Whether other machines may reach it. Then it has an `api_token`.
    pub public: bool,
    /// How many partitions share the work; 1 to 64.
    pub partitions: u32,
    /// What callers of `/v1` must bring; without one, `/v1` answers nobody.
    pub api_token: Option<SecretRef>,
    /// Where the hub keeps what must survive: `sqlite` in its data folder, or the address of a PostgreSQL, which
    /// names its password by reference and never holds it.
    pub store: String,
    /// How much it holds at once.
    pub limits: Limits,
}

/// How much a hub holds at once, per partition. All counts from 1 on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Limits {
    /// Stimuli decided in one batch, at most.
    pub batch: u32,
    /// Cases kept in memory, at most.
    pub cache_cases: u32,
    /// Rows of large states kept in memory, at most.
    pub cache_rows: u32,
    /// Messages that wait undecided before senders are told to come back.
    pub intake: u32,
    /// Unsettled commands before senders are told to come back.
    pub outbox: u32,
    /// How long a message waits for a case to take its name before a person must look.
    pub unnamed: Span,
}

/// One system.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Connection {
    /// Unique; also the path `/in/{name}`. `[a-z0-9-]`, at most 64.
    pub name: String,
    /// The folder of the connector library.
    pub connector: String,
    /// Base address, `http` or `https`, without a slash at its end. There whenever it plays a role.
    pub url: Option<String>,
    /// The roles that it plays; none for one that only sends.
    pub plays: Vec<Play>,
    /// What it allows, where that differs from what its connector says.
    pub limits: Overrides,
    /// Where its secrets are, by the name that its connector knows.
    pub secrets: BTreeMap<String, SecretRef>,
    /// What a secret was before, by the same names: messages signed with it pass until its end.
    pub before: BTreeMap<String, Before>,
    /// Value maps of its connector, each with the map of the estate whose entries come first.
    pub maps: BTreeMap<String, String>,
    /// Settings that its connector knows. No decimals: those are text.
    pub conf: Map<String, Value>,
}

/// A secret that is being replaced.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Before {
    /// Where it is to be found.
    pub secret: SecretRef,
    /// From when on it no longer passes.
    pub until: Time,
}

/// What a system allows; `None` is what its connector says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Overrides {
    /// Calls under way at once; from 1 on.
    pub in_flight: Option<u32>,
    /// Calls per second; from 1 on.
    pub rate: Option<u32>,
    /// First pause after a failure; doubled with each.
    pub backoff: Option<Span>,
    /// The longest pause; not shorter than `backoff`.
    pub backoff_max: Option<Span>,
    /// Failures in a row that open the breaker; from 1 on.
    pub breaker: Option<u32>,
}
