//! Cases of polls: a cursor in, one request out, its answer in, messages and the next cursor out.

use super::command::compare;
use super::{Case, differ};
use crate::connector::Connector;
use crate::http::Endpoint;
use crate::poll::{Message, Polled};
use retail::envelope::Json;
use retail::time::Time;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a page is expected to bring.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    messages: Vec<Expected>,
    /// Where to go on.
    next: Option<String>,
    #[serde(default)]
    more: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Left out: the body is not looked at.
    body: Option<Json>,
}

pub(super) fn check(
    connector: &Connector,
    endpoint: &Endpoint,
    now: Time,
    poll: &str,
    case: &Case,
) -> Vec<String> {
    let mut out = Vec::new();
    let begun = connector.begin(poll, case.cursor.as_deref(), endpoint).filter(|_| !case.within);
    let cursor = begun.as_deref().or(case.cursor.as_deref());
    let request = match connector.poll(poll, cursor, endpoint, now) {
        Ok(request) => request,
        Err(why) => return vec![why],
    };
    let [step] = case.exchange.as_slice() else {
        return vec!["a poll's case has one exchange".to_owned()];
    };
    compare(step, &request, endpoint, &mut out);
    let polled = connector.polled(poll, cursor, endpoint, now, step.answer.as_answer());
    match (&case.page, &case.failed, polled) {
        (Some(page), None, Polled::Page { messages, cursor, more }) => {
            if (&cursor, more) != (&page.next, page.more) {
                out.push(format!(
                    "goes on at {cursor:?}, more: {more}; not at {:?}, {}",
                    page.next, page.more
                ));
            }
            if messages.len() != page.messages.len() {
                out.push(format!("{} messages, not {}", messages.len(), page.messages.len()));
            }
            for (n, (wanted, got)) in page.messages.iter().zip(&messages).enumerate() {
                message(n, wanted, got, &mut out);
            }
        }
        (None, Some(part), Polled::Failed { why, .. }) => {
            if !why.contains(part) {
                out.push(format!("it says {why:?}, not {part:?}"));
            }
        }
        (_, _, got) => out.push(format!("brought {got:?}")),
    }
    out
}

fn message(n: usize, wanted: &Expected, got: &Message, out: &mut Vec<String>) {
    let headers: BTreeMap<String, String> = got.headers.iter().cloned().collect();
    if headers != wanted.headers {
        out.push(format!("message {n} has headers {headers:?}, not {:?}", wanted.headers));
    }
    if let Some(body) = &wanted.body {
        differ(&format!("the body of message {n}"), body.get(), &String::from_utf8_lossy(&got.body), out);
    }
}
