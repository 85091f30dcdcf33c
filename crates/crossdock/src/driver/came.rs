//! What came lately, by message and by event, so that what a poll brings is known to have been pushed before. The
//! same event may come under another key when it is listed than when it was pushed, and with what changed since: it is
//! the same when type, case and moment are. A pool of stock is shared, and there the data must be the same too.

use super::{Running, query};
use hub::batch::{CaseId, Digest, Found, Key, Part};
use hub::part_of;
use hub::process::{Process as _, digest, seen_key};
use retail::envelope::{Event, Json};
use retail::time::Time;
use serde::Deserialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use store::{Scan, Scanned};

/// How many marks are remembered: a few megabytes.
const MOST: usize = 100_000;
/// How many turns of a case are looked through; a pool of stock has very many.
const TURNS: usize = 1_000;

/// Who brought something first.
#[derive(Clone, PartialEq, Eq, Debug)]
enum First {
    /// A push; or nobody knows, since it came before this process.
    Known,
    /// A poll, `connection/poll`, and it was counted as never pushed.
    Missed(String),
}

/// The marks of what came.
#[derive(Debug, Default)]
pub struct Came {
    first: BTreeMap<Digest, First>,
    order: VecDeque<Digest>,
}

/// Whether events of one type and moment may be several.
fn shared(event: &Event) -> bool {
    event.name.kind == "pool"
}

/// The marks of one message.
pub fn marks(connection: &str, key: &str, events: &[Event]) -> Vec<Digest> {
    let event = |event: &Event| {
        let (name, at) = (&event.name, event.occurred.to_string());
        let data = if shared(event) { event.data.get() } else { "" };
        let parts = [connection, &event.kind, &name.kind, &name.value, &at, data];
        digest(&parts.map(|part| [part.as_bytes(), b"\0"].concat()).each_ref().map(Vec::as_slice))
    };
    std::iter::once(seen_key(connection, key)).chain(events.iter().map(event)).collect()
}

impl Came {
    /// Whether any of it came before.
    pub fn knows(&self, marks: &[Digest]) -> bool {
        marks.iter().any(|mark| self.first.contains_key(mark))
    }

    /// Something came by a push, or is known from earlier. Gives the poll that had counted it as missed, and under
    /// which mark.
    pub fn known(&mut self, marks: &[Digest]) -> Option<(String, Digest)> {
        let missed = marks.iter().find_map(|mark| match self.first.get(mark) {
            Some(First::Missed(poll)) => Some((poll.clone(), *mark)),
            _ => None,
        });
        self.put(marks, &First::Known);
        missed
    }

    /// A poll brought something that nobody had pushed.
    pub fn missed(&mut self, marks: &[Digest], poll: &str) {
        self.put(marks, &First::Missed(poll.to_owned()));
    }

    fn put(&mut self, marks: &[Digest], first: &First) {
        for mark in marks {
            if self.first.insert(*mark, first.clone()).is_none() {
                self.order.push_back(*mark);
            }
        }
        while self.order.len() > MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.first.remove(&oldest);
            }
        }
    }
}

/// Whether a message or an event of it was taken in at any time, as the store has it: memory reaches back to the start
/// of the process. Asked only of what a poll brings and memory does not know.
///
/// # Errors
/// When the store cannot be read.
pub async fn stored(
    running: &Arc<Running>,
    connection: &str,
    key: &str,
    events: &[Event],
) -> Result<bool, String> {
    let (flows, parts) = (&running.wired.flows, running.wired.parts);
    let asked: Vec<(Part, Event)> =
        events.iter().map(|event| (part_of(flows.family(&event.name), parts), event.clone())).collect();
    let mark = seen_key(connection, key);
    query(running, move |reader| {
        for (part, event) in asked {
            let found = reader.load(part, &[Key::Case(event.name.clone())])?;
            let Some(Found::Case(case)) = found.into_iter().next() else { continue };
            let id = case.row.id;
            let seen = case.seen.iter().any(|(key, _)| *key == mark)
                || (!case.seen_complete
                    && matches!(reader.load(part, &[Key::Seen(id, mark)])?.first(), Some(Found::Seen(_))));
            if seen || in_journal(reader, part, id, &event)? {
                return Ok(true);
            }
        }
        Ok(false)
    })
    .await
}

/// Whether one of a case's latest turns took the event in.
fn in_journal(
    reader: &mut dyn store::Reader,
    part: Part,
    case: CaseId,
    event: &Event,
) -> Result<bool, store::StoreError> {
    let rows = reader.scan(part, Scan::JournalOf(case), 0, TURNS)?;
    Ok(rows.iter().any(|row| match row {
        Scanned::Journal(row) => serde_json::from_slice::<Turn>(&row.body).is_ok_and(|turn| {
            turn.input.event.is_some_and(|told| {
                told.r#type == event.kind
                    && told.occurred == event.occurred
                    && (!shared(event) || told.data.get() == event.data.get())
            })
        }),
        _ => false,
    }))
}

/// What is read of a journal row (docs/journal.md).
#[derive(Deserialize)]
struct Turn {
    input: Input,
}

#[derive(Deserialize)]
struct Input {
    event: Option<Told>,
}

#[derive(Deserialize)]
struct Told {
    r#type: String,
    occurred: Time,
    data: Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use retail::envelope::{Name, json};

    fn placed(order: &str, at: i64) -> Vec<Event> {
        let name = Name::new("acme", "order", order);
        vec![Event { kind: "order.submitted".into(), name, occurred: Time(at), data: json(&1).unwrap() }]
    }

    #[test]
    fn an_event_is_known_under_another_key_and_not_from_another_system() {
        let mut came = Came::default();
        assert_eq!(came.known(&marks("shop", "push-1", &placed("1", 5))), None);
        assert!(came.knows(&marks("shop", "listed-1", &placed("1", 5))));
        assert!(came.knows(&marks("shop", "push-1", &[])));
        assert!(!came.knows(&marks("erp", "push-1", &placed("1", 5))));
        assert!(!came.knows(&marks("shop", "listed-1", &placed("1", 6))), "the same happened again");
        assert!(!came.knows(&marks("shop", "listed-2", &placed("2", 5))));
        let received = |receipt: i64| {
            let (name, data) = (Name::new("acme", "pool", "main"), json(&receipt).unwrap());
            vec![Event { kind: "stock.received".into(), name, occurred: Time(5), data }]
        };
        assert_eq!(came.known(&marks("north", "r1", &received(1))), None);
        assert!(came.knows(&marks("north", "listed", &received(1))));
        assert!(!came.knows(&marks("north", "r2", &received(2))), "two receipts of one moment");
    }

    #[test]
    fn what_is_pushed_after_all_is_given_back_once() {
        let mut came = Came::default();
        let listed = marks("shop", "listed-1", &placed("1", 5));
        came.missed(&listed, "shop/orders");
        let pushed = marks("shop", "push-1", &placed("1", 5));
        assert_eq!(came.known(&pushed), Some(("shop/orders".to_owned(), listed[1])));
        assert_eq!(came.known(&pushed), None);
        assert_eq!(came.known(&pushed[..1]), None);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut came = Came::default();
        for n in 0..=MOST {
            came.known(&marks("shop", &n.to_string(), &[]));
        }
        assert_eq!((came.first.len(), came.order.len()), (MOST, MOST));
        assert!(!came.knows(&marks("shop", "0", &[])));
    }
}
