//! What a system lists of its own events, for a receiver to which it failed to post one. Kept only where the
//! system is set up to list them, and only the latest of them, as vendors do (Stripe: 30 days).

use crate::base::http::{Call, Response};
use bytes::Bytes;
use std::collections::VecDeque;

/// The most events that are kept.
const KEPT: usize = 20_000;
/// The most that one answer lists.
const PAGE: usize = 500;

#[derive(Debug, Default)]
pub(crate) struct Feed {
    events: VecDeque<Listed>,
    written: u64,
}

#[derive(Debug)]
pub(crate) struct Listed {
    number: u64,
    pub id: String,
    pub kind: &'static str,
    pub body: Bytes,
}

impl Feed {
    pub(crate) fn add(&mut self, id: &str, kind: &'static str, body: Bytes) {
        self.written += 1;
        self.events.push_back(Listed { number: self.written, id: id.to_owned(), kind, body });
        if self.events.len() > KEPT {
            self.events.pop_front();
        }
    }

    /// `GET /events?after=N&limit=M` of the canonical contract: `{items, next, more}`, oldest first.
    pub(crate) fn list(&self, call: &Call<'_>) -> Response {
        let after = call.number("after", 0);
        let limit = usize::try_from(call.number("limit", 100)).unwrap_or(PAGE).clamp(1, PAGE);
        let mut found = self.events.iter().filter(|e| e.number > after);
        let page: Vec<&Listed> = found.by_ref().take(limit).collect();
        let mut body = br#"{"items":["#.to_vec();
        for (n, event) in page.iter().enumerate() {
            if n > 0 {
                body.push(b',');
            }
            body.extend_from_slice(&event.body);
        }
        let next = page.last().map_or_else(|| "null".to_owned(), |e| format!("\"{}\"", e.number));
        body.extend_from_slice(format!(r#"],"next":{next},"more":{}}}"#, found.next().is_some()).as_bytes());
        Response::bytes(200, body)
    }

    /// The events of some kinds next after the one with an id, or the latest ones, newest first; and whether there
    /// are more (docs.stripe.com/api/pagination, `ending_before`).
    pub(crate) fn before(&self, id: Option<&str>, kinds: &[&str], limit: usize) -> (Vec<&Listed>, bool) {
        let meant = |e: &&Listed| kinds.is_empty() || kinds.contains(&e.kind);
        let mut page: Vec<&Listed> = match id {
            Some(id) => {
                let known = self.events.iter().position(|e| e.id == id).map_or(0, |n| n + 1);
                self.events.iter().skip(known).filter(meant).take(limit + 1).collect()
            }
            None => {
                let mut latest: Vec<&Listed> =
                    self.events.iter().rev().filter(meant).take(limit + 1).collect();
                latest.reverse();
                if latest.len() > limit {
                    latest.remove(0);
                    latest.reverse();
                    return (latest, true);
                }
                latest
            }
        };
        let more = page.len() > limit;
        page.truncate(limit);
        page.reverse();
        (page, more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::http::Request;
    use serde_json::{Value, json};

    fn feed() -> Feed {
        let mut feed = Feed::default();
        for n in 1..=5 {
            let kind = if n % 2 == 0 { "even" } else { "odd" };
            feed.add(&format!("e{n}"), kind, Bytes::from(json!({"id": n}).to_string()));
        }
        feed
    }

    fn list(path: &str) -> Value {
        let request = Request::new("GET", path, "");
        serde_json::from_slice(&feed().list(&Call::split(&request).1).body).unwrap()
    }

    #[test]
    fn the_list_goes_on_where_it_stopped_and_says_when_it_is_through() {
        let first = list("/erp/events?limit=3");
        assert_eq!(first, json!({"items": [{"id": 1}, {"id": 2}, {"id": 3}], "next": "3", "more": true}));
        let last = list("/erp/events?limit=3&after=3");
        assert_eq!(last, json!({"items": [{"id": 4}, {"id": 5}], "next": "5", "more": false}));
        assert_eq!(list("/erp/events?after=5"), json!({"items": [], "next": null, "more": false}));
    }

    #[test]
    fn a_page_before_a_known_event_holds_those_next_after_it_newest_first() {
        let feed = feed();
        let ids = |(page, more): (Vec<&Listed>, bool)| {
            (page.iter().map(|e| e.id.clone()).collect::<Vec<_>>(), more)
        };
        assert_eq!(ids(feed.before(Some("e1"), &[], 2)), (vec!["e3".into(), "e2".into()], true));
        assert_eq!(ids(feed.before(Some("e1"), &["odd"], 2)), (vec!["e5".into(), "e3".into()], false));
        assert_eq!(ids(feed.before(None, &[], 2)), (vec!["e5".into(), "e4".into()], true));
        assert_eq!(ids(feed.before(Some("e5"), &[], 2)), (vec![], false));
    }
}
