//! Below `/_lab` and `/{system}/_lab`: for whoever drives the trade. No token is asked for, so a world listens on
//! the loopback address only.

use crate::base::http::{Call, Moment, Response};
use crate::base::lists::Hand;
use crate::base::system::System;
use crate::base::when;
use crate::shop::{NewOrder, draft};
use crate::world::{World, lock};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    /// RFC 3339, or null to follow the driver's clock.
    at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Orders {
    orders: Vec<NewOrder>,
}

#[derive(Serialize)]
struct Placed {
    order: String,
    total: i64,
    payment: String,
}

/// `/_lab/…`: what concerns the whole world.
pub(crate) fn whole(world: &World, at: Moment, call: &Call<'_>) -> Response {
    let answer = match (call.method, call.path().as_slice()) {
        ("GET", ["idle"]) => Ok(idle(world, at)),
        ("GET", ["clock"]) => Ok(Response::json(200, &json!({"at": when::text(at.business)}))),
        ("POST", ["clock"]) => clock(world, call),
        ("GET", ["config"]) => Ok(config(world)),
        ("POST", ["config"]) => configure(world, call),
        ("POST", ["stop"]) => {
            world.stop();
            Ok(Response::json(200, &json!({"stopping": true})))
        }
        _ => Err(Response::not_found("/_lab has idle, clock, config and stop")),
    };
    answer.unwrap_or_else(|refusal| refusal)
}

fn idle(world: &World, at: Moment) -> Response {
    let systems: serde_json::Map<String, Value> =
        System::ALL.into_iter().map(|s| (s.to_string(), json!(world.idle_of(s, at.now)))).collect();
    let all = world.idle(at.now);
    Response::json(
        200,
        &json!({
            "pending": all.pending,
            "in_flight": all.in_flight,
            "failed": all.failed,
            "oldest_ms": all.oldest_ms,
            "systems": systems,
        }),
    )
}

fn clock(world: &World, call: &Call<'_>) -> Result<Response, Response> {
    let wish: Clock = call.json()?;
    let time = match &wish.at {
        None => None,
        Some(text) => Some(when::parse(text).ok_or_else(|| {
            Response::refuse(422, "bad_time", &format!("'{text}' is not RFC 3339 with a zone"))
        })?),
    };
    world.set_clock(time);
    Ok(Response::json(200, &json!({"at": wish.at})))
}

/// The configuration without tokens and secrets.
fn config(world: &World) -> Response {
    let mut config = world.config();
    for system in System::ALL {
        let (link, _) = config.of_mut(system);
        "***".clone_into(&mut link.token);
        "***".clone_into(&mut link.secret);
    }
    Response::json(200, &config)
}

fn configure(world: &World, call: &Call<'_>) -> Result<Response, Response> {
    let patch: Value = call.json()?;
    let new = world.config().patched(&patch).map_err(|e| Response::refuse(422, "bad_config", &e))?;
    world.configure(new);
    Ok(config(world))
}

/// `/{system}/_lab/…`.
pub(crate) fn system(world: &World, at: Moment, system: System, path: &[&str], call: &Call<'_>) -> Response {
    match (system, call.method, path) {
        (System::Shop, "POST", ["orders"]) => place(world, at, call).unwrap_or_else(|refusal| refusal),
        (_, "POST", ["resend"]) => {
            let count = world.with(system, |vendor| vendor.desk_mut().outbox.resend(at.now));
            Response::json(200, &json!({"resent": count}))
        }
        (_, "POST", ["by-hand"]) => match call.json::<Hand>() {
            Ok(hand) => world.with(system, |vendor| {
                vendor.desk_mut().hands.push(hand);
                Response::json(200, &json!({"done": true}))
            }),
            Err(refusal) => refusal,
        },
        _ => world.with(system, |vendor| vendor.lab(at, path, call)),
    }
}

/// Places orders: each is checked, its payment authorised, and then it is there. All or none: an order that is wrong
/// stops the batch before the first is placed.
fn place(world: &World, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
    let wish: Orders = call.json()?;
    let mut drafts = Vec::with_capacity(wish.orders.len());
    for order in wish.orders {
        drafts.push(draft(order).map_err(|e| Response::refuse(422, "bad_order", &e))?);
    }
    let mut shop = lock(&world.shop);
    let mut ids = std::collections::BTreeSet::new();
    for draft in &drafts {
        if shop.has(&draft.source_id) || !ids.insert(draft.source_id.as_str()) {
            let message = format!("order {} was placed before", draft.source_id);
            return Err(Response::refuse(409, "known_order", &message));
        }
    }
    let mut placed = Vec::with_capacity(drafts.len());
    for draft in &drafts {
        let order = shop.hub_id(&draft.source_id);
        let payment = if draft.own() {
            String::new()
        } else if draft.total > 0 {
            lock(&world.stripe).authorise(at, &order, draft.total, &draft.currency)
        } else {
            String::new()
        };
        shop.place(at, draft, &payment);
        placed.push(Placed { order, total: draft.total, payment });
    }
    Ok(Response::json(200, &json!({"placed": placed})))
}
