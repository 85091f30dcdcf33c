//! What came lately, by message and by event, so that what a poll brings is known to have been pushed before. The
//! same event may come under another key when it is listed than when it was pushed: it is the same when type, case and
//! moment are.

use super::lock;
use super::{Running, query};
use hub::batch::Digest;
use hub::process::{digest, seen_key};
use link::{InboundRequest, Intake};
use retail::envelope::Event;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use store::{Scan, Scanned};

/// How many marks are remembered: a few megabytes.
const MOST: usize = 100_000;
/// How many of the messages on disk are read again on start, in each partition.
const RECALLED: u64 = 5_000;

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

/// The marks of one message.
pub fn marks(connection: &str, key: &str, events: &[Event]) -> Vec<Digest> {
    let event = |event: &Event| {
        let (name, at) = (&event.name, event.occurred.to_string());
        let parts = [connection, &event.kind, &name.kind, &name.value, &at];
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

/// Reads the latest messages on disk again, so that what was pushed before a restart and is listed after it is known.
pub async fn recall(running: &Arc<Running>) {
    let wired = Arc::clone(&running.wired);
    let parts = wired.parts;
    let read = query(running, move |reader| {
        let mut all = Vec::new();
        for part in 0..parts {
            let (_, head) = reader.head(part)?;
            let limit = usize::try_from(RECALLED).unwrap_or(usize::MAX);
            let rows =
                reader.scan(part, Scan::Received(None), head.received.saturating_sub(RECALLED), limit)?;
            for row in rows {
                let Scanned::Received(row) = row else { continue };
                let Some(known) = wired.connections.get(&row.connection) else { continue };
                if known.connector.polls_for(&known.endpoint).is_empty() {
                    continue;
                }
                let headers: BTreeMap<String, String> =
                    serde_json::from_str(&row.headers).unwrap_or_default();
                let headers: Vec<(String, String)> = headers.into_iter().collect();
                let request = InboundRequest { path: "", headers: &headers, body: &row.body };
                let meant = known.connector.understand(&request, &known.endpoint, row.at, &wired.tenant);
                let events = if let Intake::Taken { events, .. } = meant { events } else { Vec::new() };
                all.push(marks(&row.connection, &row.key, &events));
            }
        }
        Ok(all)
    })
    .await;
    match read {
        Ok(all) => {
            let mut came = lock(&running.polls.came);
            for marks in all {
                came.known(&marks);
            }
        }
        // What is counted may then be too much; what is taken in is the same.
        Err(why) => eprintln!("crossdock: what was pushed before the start is not known: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use retail::envelope::{Name, json};
    use retail::time::Time;

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
