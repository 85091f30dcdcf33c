//! The hub's plan: who plays which role, and what each system and operation allows.

use crate::Connection;
use hub::plan::{OpSpec, Plan, Strategy, SystemSpec};
use settings::{Connection as Named, Estate};
use std::collections::BTreeMap;

pub fn plan(estate: &Estate, connections: &BTreeMap<String, Connection>) -> Plan {
    let limits = &estate.hub.limits;
    let mut plan = Plan {
        intake_max: size(limits.intake),
        outbox_max: size(limits.outbox),
        batch_max: size(limits.batch),
        cache_cases: size(limits.cache_cases),
        cache_rows: size(limits.cache_rows),
        unnamed_max: limits.unnamed,
        ..Plan::default()
    };
    for named in &estate.connections {
        for play in &named.plays {
            let role = play.role.word().to_owned();
            if play.role.told_apart_by().is_none() {
                // Rules send an order to a system by its name; it keeps that even when the rules go.
                plan.route(role.clone(), named.name.clone(), named.name.clone());
                plan.exact.insert(role.clone());
            }
            plan.route(role, play.at.clone(), named.name.clone());
        }
        if let Some(connection) = connections.get(&named.name) {
            plan.systems.insert(named.name.clone(), system(named, connection));
        }
    }
    // What concerns no order that rules sent somewhere goes where the last rule sends all that is left.
    for route in &estate.routes {
        plan.route(route.role.word(), "", route.to.clone());
    }
    plan
}

fn system(named: &Named, connection: &Connection) -> SystemSpec {
    let limits = connection.connector.limits_for(&connection.endpoint);
    let own = &named.limits;
    let base = SystemSpec::default();
    SystemSpec {
        in_flight: own.in_flight.unwrap_or(limits.in_flight),
        rate: own.rate.or_else(|| limits.rate_per_second.map(per_second)),
        backoff: own.backoff.unwrap_or(base.backoff),
        backoff_max: own.backoff_max.unwrap_or(base.backoff_max),
        breaker: own.breaker.unwrap_or(base.breaker),
        ops: connection.connector.ops().iter().map(|op| (op.name.clone(), spec(connection, op))).collect(),
    }
}

fn spec(connection: &Connection, op: &link::Op) -> OpSpec {
    let base = OpSpec::default();
    OpSpec {
        strategy: match op.idempotency {
            link::Strategy::Key { keeps } => Strategy::Key { keeps },
            link::Strategy::Reference => Strategy::Reference,
            link::Strategy::State => Strategy::State,
            link::Strategy::Name => Strategy::Name,
            link::Strategy::None => Strategy::None,
        },
        finds: op.has_find(),
        settle: connection.connector.settle_for(op, &connection.endpoint).unwrap_or(base.settle),
        give_up: op.give_up.unwrap_or(base.give_up),
        ..base
    }
}

/// A rate below one a second is rounded up to one: the lane reckons in whole calls.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn per_second(rate: f64) -> u32 {
    rate.clamp(1.0, 1_000_000.0) as u32
}

fn size(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
