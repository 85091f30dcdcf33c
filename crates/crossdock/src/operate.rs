//! What a person may ask of a running hub: a parked command again, a case again, a parked message again; and what it
//! is told of a comparison of its books.

use crate::driver::http_in::{Answer, Door, json, refuse};
use crate::driver::partition::Waiting;
use crate::driver::{Running, clock, query};
use hub::batch::{Part, ReceivedState};
use hub::io::{Input, Received, Reply};
use hub::process::Process as _;
use retail::envelope::Name;
use std::sync::Arc;
use store::{Scan, Scanned, StoreError};

/// `POST /v1/commands/{partition}/{id}/retry`, `/v1/cases/{kind}/{value}/retry`,
/// `/v1/messages/{partition}/{position}/replay`, `/v1/differences`; only the last one has a body.
pub async fn answer(door: &Door, rest: &str, body: &[u8]) -> Answer {
    match rest.split('/').collect::<Vec<_>>()[..] {
        ["commands", part, id, "retry"] => match (part.parse(), id.parse()) {
            (Ok(part), Ok(id)) => tell(door, part, |token| Input::Retry { id, token }).await,
            _ => refuse(422, "number", "partition and command are numbers"),
        },
        ["cases", kind, value, "retry"] => retry(door, kind, value).await,
        ["messages", part, pos, "replay"] => match (part.parse(), pos.parse()) {
            (Ok(part), Ok(pos)) => replay(door, part, pos).await,
            _ => refuse(422, "number", "partition and position are numbers"),
        },
        ["differences"] => differences(door, body).await,
        _ => refuse(404, "not_found", "there is nothing to be asked there"),
    }
}

async fn tell(door: &Door, part: Part, input: impl FnOnce(u64) -> Input) -> Answer {
    let at = usize::from(part);
    let (Some(waiting), Some(partition)) = (door.waiting.get(at), door.running.parts.get(at)) else {
        return refuse(404, "not_found", "there is no such partition");
    };
    let (token, answer) = Waiting::add(waiting);
    partition.tell(input(token));
    match answer.await {
        Ok(Reply::Taken) => json(202, b"{\"taken\":true}".to_vec()),
        Ok(Reply::Busy) => refuse(503, "busy", "too much is waiting; ask again"),
        Ok(Reply::NotFound) => refuse(404, "not_parked", "nothing of that number waits for a person"),
        Err(_) => refuse(503, "stopping", "the hub is stopping"),
    }
}

/// Hands a message to the partition of the case that it is for.
async fn take_in(door: &Door, kind: &str, value: &str, received: Received) -> Answer {
    let wired = &door.running.wired;
    let name = Name::new(wired.tenant.clone(), kind, value);
    let part = hub::part_of(wired.flows.family(&name), wired.parts);
    tell(door, part, |token| Input::Received(Box::new(Received { token: Some(token), ..received }))).await
}

/// Has a case try again what was refused.
async fn retry(door: &Door, kind: &str, value: &str) -> Answer {
    let asked = match wiring::retry_requested(&door.running.wired.tenant, kind, value, clock::now()) {
        Ok(asked) => asked,
        Err(why) => return refuse(422, "kind", &why),
    };
    match crate::api::case(&door.running, kind, value).await {
        Ok(Some(_)) => {}
        Ok(None) => return refuse(404, "not_found", "there is no case of that name"),
        Err(why) => return refuse(503, "store", &why),
    }
    take_in(door, kind, value, asked).await
}

/// `POST /v1/differences` `{found: [..], gone: [..]}`: what a comparison of the books with a system came to. Each
/// becomes an event of its own case, kept and decided on as a message is.
async fn differences(door: &Door, body: &[u8]) -> Answer {
    #[derive(serde::Deserialize)]
    struct Told {
        #[serde(default)]
        found: Vec<serde_json::Value>,
        #[serde(default)]
        gone: Vec<String>,
    }
    let told: Told = match serde_json::from_slice(body) {
        Ok(told) => told,
        Err(error) => return refuse(422, "bad_body", &error.to_string()),
    };
    let tenant = &door.running.wired.tenant;
    let gone = told.gone.iter().map(|case| (false, serde_json::json!({ "difference": case })));
    for (found, data) in told.found.iter().map(|data| (true, data.clone())).chain(gone) {
        let received = match wiring::difference(tenant, found, &data, clock::now()) {
            Ok(received) => received,
            Err(why) => return refuse(422, "difference", &why),
        };
        let name = data["difference"].as_str().unwrap_or_default();
        let taken = take_in(door, "difference", name, received).await;
        if taken.status().as_u16() != 202 {
            return taken;
        }
    }
    let answer = serde_json::json!({ "found": told.found.len(), "gone": told.gone.len() });
    json(202, answer.to_string().into_bytes())
}

/// Maps a parked message again with the connectors and the estate as they are now, and takes it in.
async fn replay(door: &Door, part: Part, pos: u64) -> Answer {
    let running = &door.running;
    match parked(running, part, pos).await {
        Err(why) => refuse(503, "store", &why),
        Ok(None) => refuse(404, "not_parked", "no parked message has that position"),
        Ok(Some((row, codes))) => {
            let again = wiring::again(&running.wired, row, part, running.wired.parts);
            let received = |token| Received { token: Some(token), reopened: codes, ..again };
            tell(door, part, |token| Input::Received(Box::new(received(token)))).await
        }
    }
}

/// A parked message and the codes of its open exceptions.
async fn parked(
    running: &Arc<Running>,
    part: Part,
    pos: u64,
) -> Result<Option<(hub::batch::ReceivedRow, Vec<String>)>, String> {
    query(running, move |reader| -> Result<_, StoreError> {
        let what = Scan::Received(Some(ReceivedState::Parked));
        let found = reader.scan(part, what, pos.saturating_sub(1), 1)?;
        let Some(Scanned::Received(row)) = found.into_iter().next().filter(|row| row.number() == pos) else {
            return Ok(None);
        };
        let about = format!("received/{part}/{pos}");
        let parts = usize::from(part) + 1;
        let open = crate::api::scan_all(reader, parts, &Scan::Exceptions { open: true })?;
        let codes = open.into_iter().filter_map(|row| match row {
            Scanned::Exception { row, .. } if row.about == about => Some(row.code),
            _ => None,
        });
        Ok(Some((row, codes.collect())))
    })
    .await
}
