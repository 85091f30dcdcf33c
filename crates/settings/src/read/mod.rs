//! Reads an estate: every field, then how the fields fit together, with all faults at once.

mod checkout;
mod connection;
mod credits;
mod fulfilment;
mod hub;
mod maps;
mod messages;
mod policy;
mod pools;
mod returns;
mod returns_more;
mod roster;
mod routes;
mod spans;
mod stock;
mod url;
mod words;

use crate::estate::{Estate, Revision};
use formats::toml::{Fault, Fields, Positions};
use retail::money::Currency;
use roster::Roster;

/// Reads an estate. `file_name` is what faults call the file; nothing is opened.
///
/// # Errors
/// Everything that is wrong, in reading order. No fault shows a secret, nor what may be one.
pub fn read(file_name: &str, text: &str) -> Result<Estate, Vec<Fault>> {
    formats::toml::read(file_name, text, |root| estate(root, Revision::of(text)))
}

fn estate(mut root: Fields<'_>, revision: Revision) -> Option<Estate> {
    let positions = Positions::of(&root);
    let mut id = |name| match root.get(name) {
        Some(node) => words::id(&node),
        None => Some("main".to_owned()),
    };
    let (tenant, entity) = (id("tenant"), id("entity"));
    let currency = match root.get("currency") {
        Some(node) => words::currency(&node),
        None => Some(Currency::GBP),
    };
    let hub = hub::hub(&mut root);
    let mut roster = Roster::default();
    roster.routed = routes::roles(&mut root);
    let connections = connection::connections(&mut root, &mut roster);
    roster.every_role_is_played(&root);
    let routes = routes::routes(&mut root, &roster);
    let maps = maps::maps(&mut root, &roster);
    let policy = policy::policy(&mut root, &roster);
    root.done();
    Some(Estate {
        tenant: tenant?,
        entity: entity?,
        currency: currency?,
        hub: hub?,
        connections,
        routes,
        maps,
        policy: policy?,
        revision,
        positions,
    })
}
