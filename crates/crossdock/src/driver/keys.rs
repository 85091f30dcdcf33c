//! Keys of messages that came lately, so that one used again for another case is noticed. The cases remember their
//! own keys for ever; nothing that is stored knows keys over all cases, so this reaches back no further than memory.

use hub::batch::Digest;
use hub::process::{digest, seen_key};
use retail::envelope::Event;
use std::collections::{BTreeMap, VecDeque};

/// How many keys are remembered: a few megabytes.
const MOST: usize = 50_000;

/// What came under a key: its body, and the case of its first event.
type Came = (Digest, Option<Digest>);

/// The last keys.
#[derive(Debug, Default)]
pub struct Keys {
    came: BTreeMap<Digest, Came>,
    order: VecDeque<Digest>,
}

fn case(events: &[Event]) -> Option<Digest> {
    let name = &events.first()?.name;
    Some(digest(&[name.kind.as_bytes(), b"/", name.value.as_bytes()]))
}

impl Keys {
    /// Whether the key came before with another body and for another case. What came for the same case is for
    /// that case to say, which knows it also after a restart.
    pub fn clash(&self, connection: &str, key: &str, body: &[u8], events: &[Event]) -> bool {
        let known = self.came.get(&seen_key(connection, key));
        known.is_some_and(|(was, of)| *was != digest(&[body]) && *of != case(events))
    }

    /// Remembers a message that was taken.
    pub fn took(&mut self, connection: &str, key: &str, body: Digest, of: Option<Digest>) {
        let key = seen_key(connection, key);
        if self.came.contains_key(&key) {
            return;
        }
        self.came.insert(key, (body, of));
        self.order.push_back(key);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.came.remove(&oldest);
        }
    }

    /// What is to be remembered of a message.
    pub fn mark(body: &[u8], events: &[Event]) -> (Digest, Option<Digest>) {
        (digest(&[body]), case(events))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use retail::envelope::{Name, json};
    use retail::time::Time;

    fn about(order: &str) -> Vec<Event> {
        let name = Name::new("acme", "order", order);
        vec![Event { kind: "order.submitted".into(), name, occurred: Time(0), data: json(&1).unwrap() }]
    }

    #[test]
    fn a_key_for_another_case_clashes_and_a_repeat_does_not() {
        let mut keys = Keys::default();
        assert!(!keys.clash("shop", "m-1", b"a", &about("1")));
        let (body, of) = Keys::mark(b"a", &about("1"));
        keys.took("shop", "m-1", body, of);
        assert!(!keys.clash("shop", "m-1", b"a", &about("1")), "a repeat");
        assert!(!keys.clash("shop", "m-1", b"b", &about("1")), "the case itself says so");
        assert!(keys.clash("shop", "m-1", b"b", &about("2")));
        assert!(keys.clash("shop", "m-1", b"b", &[]), "what is parked has no case");
        assert!(!keys.clash("erp", "m-1", b"b", &about("2")), "another sender has its own keys");
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut keys = Keys::default();
        let (body, of) = Keys::mark(b"a", &about("1"));
        for n in 0..=MOST {
            keys.took("shop", &n.to_string(), body, of);
        }
        assert_eq!((keys.came.len(), keys.order.len()), (MOST, MOST));
        assert!(!keys.clash("shop", "0", b"b", &about("2")) && keys.clash("shop", "1", b"b", &about("2")));
    }
}
