//! What the models' hubs are told, and what they have left on disk.

use crate::kit::PART;
use hub::io::{Input, Received, Understood};
use retail::envelope::{Event, Outcome, json};
use store::{Memory, Scan, Scanned, Store};

/// Commands that are not settled, as they are on disk.
pub fn outbox(memory: &Memory) -> Vec<hub::batch::OutboxRow> {
    let rows = memory.reader().unwrap().scan(PART, Scan::Outbox, 0, 100).unwrap();
    let row = |row| match row {
        Scanned::Outbox(row) => Some(*row),
        _ => None,
    };
    rows.into_iter().filter_map(row).collect()
}

/// What a vendor answers to what it did.
pub fn done() -> Outcome {
    Outcome::Done { result: json(&serde_json::json!({"ref": "re_1", "state": "succeeded"})).unwrap() }
}

/// A message of the shop.
pub fn message(event: &Event, token: Option<u64>, stored: Option<u64>) -> Input {
    Input::Received(Box::new(Received {
        token,
        stored,
        connection: "shop".to_owned(),
        key: event.kind.clone(),
        headers: "{}".to_owned(),
        body: event.kind.clone().into_bytes(),
        understood: Understood::Events(vec![event.clone()]),
        reopened: Vec::new(),
    }))
}
