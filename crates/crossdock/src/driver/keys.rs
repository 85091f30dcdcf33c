//! Keys of messages that came lately, so that one used again for another case is noticed. The cases remember their
//! own keys for ever; nothing that is stored knows keys over all cases, so this reaches back no further than memory.

use hub::batch::Digest;
use hub::io::Understood;
use hub::process::{digest, said, seen_key};
use retail::envelope::Event;
use std::collections::{BTreeMap, VecDeque};

/// How many keys are remembered: a few megabytes.
const MOST: usize = 50_000;

/// What came under a key: what it says, and the case of its first event.
type Came = (Digest, Option<Digest>);

/// What is remembered of a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// Nothing that matters.
    No,
    /// The same came under it.
    Same,
    /// Something else came under it, for another case.
    Clash,
}

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
    /// What is remembered of the key of a message. Something else for the same case is for that case to say, which
    /// knows it also after a restart; what nobody understood has used no key, so that it can be sent again mended.
    pub fn known(&self, connection: &str, key: &str, says: Digest, of: Option<Digest>) -> Known {
        match self.came.get(&seen_key(connection, key)) {
            Some((was, _)) if *was == says => Known::Same,
            Some((_, Some(case))) if of.is_some_and(|of| of != *case) => Known::Clash,
            _ => Known::No,
        }
    }

    /// Remembers a message that was taken.
    pub fn took(&mut self, connection: &str, key: &str, says: Digest, of: Option<Digest>) {
        let key = seen_key(connection, key);
        if let Some(came) = self.came.get_mut(&key) {
            if came.1.is_none() {
                *came = (says, of);
            }
            return;
        }
        self.came.insert(key, (says, of));
        self.order.push_back(key);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.came.remove(&oldest);
        }
    }

    /// What is to be remembered of a message: what it says, as the hub tells a repeat from a clash.
    pub fn mark(body: &[u8], understood: &Understood) -> (Digest, Option<Digest>) {
        (said(understood, body), case(understood.events()))
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

    fn mark(body: &[u8], events: &[Event]) -> (Digest, Option<Digest>) {
        Keys::mark(body, &Understood::Events(events.to_vec()))
    }

    #[test]
    fn a_key_for_another_case_clashes_and_a_repeat_does_not() {
        let mut keys = Keys::default();
        // Another body says something else here.
        let known = |keys: &Keys, connection: &str, body: &[u8], events: &[Event]| {
            let says = |event: &Event| Event { data: json(&body).unwrap(), ..event.clone() };
            let (body, of) = mark(body, &events.iter().map(says).collect::<Vec<_>>());
            keys.known(connection, "m-1", body, of)
        };
        assert_eq!(known(&keys, "shop", b"a", &about("1")), Known::No);
        let a = Event { data: json(b"a").unwrap(), ..about("1").remove(0) };
        let (body, of) = mark(b"a", &[a]);
        keys.took("shop", "m-1", body, of);
        assert_eq!(known(&keys, "shop", b"a", &about("1")), Known::Same);
        assert_eq!(known(&keys, "shop", b"b", &about("1")), Known::No, "the case itself says so");
        assert_eq!(known(&keys, "shop", b"b", &about("2")), Known::Clash);
        assert_eq!(known(&keys, "shop", b"b", &[]), Known::No, "what is parked has no case");
        assert_eq!(known(&keys, "erp", b"b", &about("2")), Known::No, "another sender has its own keys");
    }

    #[test]
    fn what_was_posted_is_the_same_when_it_is_listed_in_other_bytes() {
        let mut keys = Keys::default();
        let (posted, of) = mark(b"{\"id\":1}", &about("1"));
        keys.took("shop", "m-1", posted, of);
        let (listed, of) = mark(b"{\"id\": 1, \"seen\": 2}", &about("1"));
        assert_eq!(keys.known("shop", "m-1", listed, of), Known::Same);
    }

    #[test]
    fn what_was_not_understood_may_come_again_mended() {
        let mut keys = Keys::default();
        let (bad, none) = mark(b"bad", &[]);
        keys.took("shop", "m-1", bad, none);
        assert_eq!(keys.known("shop", "m-1", bad, none), Known::Same);
        let (good, case) = mark(b"good", &about("1"));
        assert_eq!(keys.known("shop", "m-1", good, case), Known::No);
        keys.took("shop", "m-1", good, case);
        let (other, of) = mark(b"other", &about("2"));
        assert_eq!(keys.known("shop", "m-1", other, of), Known::Clash);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut keys = Keys::default();
        let (body, of) = mark(b"a", &about("1"));
        for n in 0..=MOST {
            keys.took("shop", &n.to_string(), body, of);
        }
        assert_eq!((keys.came.len(), keys.order.len()), (MOST, MOST));
        assert_eq!(keys.known("shop", "0", body, of), Known::No);
        assert_eq!(keys.known("shop", "1", body, of), Known::Same);
    }
}
