//! Puts together what an estate names: compiled connectors, their endpoints, the hub's plan, the processes'
//! policy. Both drivers, the real one and the simulator, stand on it, so that what is simulated is what ships.
//!
//! **Must never know** a socket, a clock, a thread or a store; secrets come resolved.

mod inbound;
mod maps;
mod plan;
mod policy;
mod returns;
mod shipped;

pub use inbound::{OPERATOR, again, difference, kept_headers, meant, polled, retry_requested, split};
pub use shipped::shipped;

use flows::Flows;
use flows::policy::ReturnPolicy;
use hub::plan::Plan;
use link::{Connector, Endpoint, Folder, Replaced};
use settings::{Estate, Fault, Secret, Secrets};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One system, ready to be spoken to.
#[derive(Clone, Debug)]
pub struct Connection {
    pub connector: Connector,
    pub endpoint: Arc<Endpoint>,
}

/// An estate put together.
#[derive(Clone, Debug)]
pub struct Wired {
    pub tenant: String,
    pub entity: String,
    /// How many partitions share the work.
    pub parts: u16,
    pub connections: BTreeMap<String, Connection>,
    pub plan: Plan,
    pub flows: Flows,
    /// Who may read `/v1`.
    pub api_token: Option<Secret>,
    /// Which text the estate was read from.
    pub revision: String,
}

impl Wired {
    /// Gives the settings their number, with what earlier ones promised about returns.
    pub fn numbered(&mut self, number: u32, former: BTreeMap<u32, ReturnPolicy>) {
        self.flows.policy.revision = number;
        self.flows.policy.former = former;
    }
}

/// What an estate promises about returns.
#[must_use]
pub fn promises(estate: &Estate) -> ReturnPolicy {
    policy::returns(&estate.policy.returns)
}

/// Puts an estate together over a library of connectors (folder name to folder).
///
/// # Errors
/// Every fault at once: a connector that does not exist or does not compile, a setting or a secret that it
/// needs, a role that the connector does not play.
pub fn wire(
    estate: &Estate,
    secrets: &Secrets,
    library: &BTreeMap<String, Folder>,
) -> Result<Wired, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut compiled: BTreeMap<String, Option<Connector>> = BTreeMap::new();
    let mut connections = BTreeMap::new();
    for (n, connection) in estate.connections.iter().enumerate() {
        let Some(folder) = library.get(&connection.connector) else {
            let known = library.keys().cloned().collect::<Vec<_>>().join(", ");
            let path = format!("connection[{n}].connector");
            faults.push(estate.fault(
                &path,
                format!("there is no connector {}", connection.connector),
                known,
            ));
            continue;
        };
        let connector = compiled.entry(connection.connector.clone()).or_insert_with(|| {
            match Connector::compile(folder, None) {
                Ok(connector) => Some(connector),
                Err(found) => {
                    let folder = format!("connectors/{}", connection.connector);
                    faults.extend(found.into_iter().map(|fault| fault.under(&folder)));
                    None
                }
            }
        });
        let Some(connector) = connector else { continue };
        for (m, play) in connection.plays.iter().enumerate() {
            if !connector.roles().iter().any(|role| role == play.role.word()) {
                let path = format!("connection[{n}].plays[{m}]");
                let message = format!("the connector {} does not play {}", connector.name(), play.role);
                faults.push(estate.fault(&path, message, connector.roles().join(", ")));
            }
        }
        for (name, setting) in connector.conf() {
            if !setting.optional && !connection.conf.contains_key(name) {
                let path = format!("connection[{n}]");
                let message = format!("{} needs conf.{name}: {}", connector.name(), setting.about);
                faults.push(estate.fault(&path, message, format!("conf = {{ {name} = … }}")));
            }
        }
        for (name, setting) in connector.secrets() {
            if !setting.optional && !connection.secrets.contains_key(name) {
                let path = format!("connection[{n}]");
                let message = format!("{} needs secret.{name}: {}", connector.name(), setting.about);
                faults.push(estate.fault(&path, message, format!("secret = {{ {name} = \"env:…\" }}")));
            }
        }
        faults.extend(maps::faults(estate, n, connector));
        let secret = connection
            .secrets
            .keys()
            .filter_map(|name| Some((name.clone(), secrets.of(&connection.name, name)?.expose().to_owned())))
            .collect();
        for name in connection.before.keys().filter(|name| !connector.verifies_with(name)) {
            let path = format!("connection[{n}].secret.{name}");
            let message =
                format!("{} signs nothing with secret.{name}, so an old one is of no use", connector.name());
            faults.push(estate.fault(&path, message, format!("secret = {{ {name} = \"env:…\" }}")));
        }
        let before = connection.before.iter().filter_map(|(name, old)| {
            let secret = secrets.before.get(&connection.name)?.get(name)?.expose().to_owned();
            Some((name.clone(), Replaced { secret, until: old.until }))
        });
        let endpoint = Endpoint {
            before: before.collect(),
            url: connection.url.clone().unwrap_or_default(),
            conf: maps::conf(estate, connection).into(),
            secret,
        };
        let (connector, endpoint) = (connector.clone(), Arc::new(endpoint));
        connections.insert(connection.name.clone(), Connection { connector, endpoint });
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Wired {
        tenant: estate.tenant.clone(),
        entity: estate.entity.clone(),
        parts: u16::try_from(estate.hub.partitions).unwrap_or(1),
        plan: plan::plan(estate, &connections),
        connections,
        flows: Flows { policy: policy::policy(estate) },
        api_token: secrets.api_token.clone(),
        revision: estate.revision.to_string(),
    })
}
