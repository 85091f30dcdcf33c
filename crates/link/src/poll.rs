//! Asks a system for messages that it should have sent by itself. One call is one page: a cursor in, the page's
//! messages and the next cursor out. A message found this way means what a posted one means, and the same one
//! again has no effect; so a cursor may be lost, or stand too far back, and nothing is lost by it.

use crate::classify::verdict;
use crate::core::Core;
use crate::http::{Answer, Endpoint, HttpRequest};
use crate::jq::{Failed, plain};
use crate::json::write;
use crate::manifest::{Class, Poll};
use crate::request::build;
use crate::scene::Scene;
use jaq_json::{Map, Val};
use retail::envelope::{Class as Urgency, Command, Outcome, json};
use retail::time::{Span, Time};

/// More messages than this in one answer are a fault of the manifest: it should ask for smaller pages.
const PAGE: usize = 10_000;

/// What an answer to a poll brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Polled {
    /// The page's messages, in order, each as it would have been posted. `cursor` is where to go on, `None` where
    /// the system has said nothing new; `more` that asking again at once brings more.
    Page { messages: Vec<Message>, cursor: Option<String>, more: bool },
    /// Nothing was learned; ask again after `retry_after`, or at the next turn.
    Failed { why: String, retry_after: Option<Span> },
}

/// A message as it would have been posted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What programs of a poll see as `.args`.
fn asked(poll: &Poll, cursor: Option<&str>) -> Result<Command, String> {
    question(&poll.name, &serde_json::json!({ "cursor": cursor }))
}

/// A question as programs see it: a command that orders nothing.
pub(crate) fn question(name: &str, args: &serde_json::Value) -> Result<Command, String> {
    let args = json(args).map_err(|error| error.to_string())?;
    Ok(Command {
        role: String::new(),
        at: String::new(),
        op: name.to_owned(),
        object: String::new(),
        key: String::new(),
        class: Urgency::Bulk,
        args,
    })
}

/// The request for the page after `cursor`.
pub(crate) fn request(
    core: &Core,
    poll: &Poll,
    cursor: Option<&str>,
    endpoint: &Endpoint,
    now: Time,
) -> Result<HttpRequest, String> {
    let command = asked(poll, cursor)?;
    let scene = Scene::new(core, &command, endpoint, now);
    build(core, &poll.plan, &poll.call, &scene, None, None)
        .map_err(|outcome| format!("poll.{}: {}", poll.name, unasked(outcome)))
}

/// Why a question cannot be put, in words.
pub(crate) fn unasked(outcome: Outcome) -> String {
    match outcome {
        Outcome::Fault { code, message } => format!("{message} ({code})"),
        other => format!("{other:?}"),
    }
}

/// What the answer to [`request`] brought.
pub(crate) fn read(
    core: &Core,
    poll: &Poll,
    cursor: Option<&str>,
    endpoint: &Endpoint,
    now: Time,
    answer: Answer,
) -> Polled {
    let failed =
        |why: String| Polled::Failed { why: format!("poll.{}: {why}", poll.name), retry_after: None };
    let (status, headers, body) = match answer {
        Answer::Response { status, headers, body } => (status, headers, body),
        Answer::NotSent { why } | Answer::Lost { why } => return failed(why),
    };
    let command = match asked(poll, cursor) {
        Ok(command) => command,
        Err(why) => return failed(why),
    };
    let mut scene = Scene::new(core, &command, endpoint, now);
    scene.answered(status, headers, body);
    match verdict(&core.manifest.rules, &scene, now) {
        Err(wrong) => failed(wrong.to_string()),
        Ok(said) if said.class != Class::Done => Polled::Failed {
            why: format!("poll.{}: {} ({})", poll.name, said.message, said.code),
            retry_after: said.retry_after,
        },
        Ok(_) => page(poll, &scene).unwrap_or_else(|wrong| failed(wrong.to_string())),
    }
}

fn page(poll: &Poll, scene: &Scene<'_>) -> Result<Polled, Failed> {
    let found = scene.some(&poll.items, PAGE + 1)?;
    if found.len() > PAGE {
        return Err(poll.items.failed(format!("gave more than {PAGE} messages for one page")));
    }
    let messages = found.iter().map(|item| message(poll, item)).collect::<Result<Vec<_>, _>>()?;
    let cursor = match scene.first(&poll.cursor)? {
        Val::Null | Val::Bool(false) => None,
        value => {
            Some(plain(&value).ok_or_else(|| poll.cursor.failed("gave no text to go on from".to_owned()))?)
        }
    };
    let more = poll.more.as_ref().map_or(Ok(false), |program| scene.holds(program))?;
    Ok(Polled::Page { messages, more: more && cursor.is_some(), cursor })
}

/// `{headers?, body}`: a body that is a text is taken as it is, anything else is written as JSON.
fn message(poll: &Poll, item: &Val) -> Result<Message, Failed> {
    let Val::Obj(item) = item else {
        return Err(poll.items.failed("gave something else than {headers, body}".to_owned()));
    };
    let body = match member(item, "body") {
        None | Some(Val::Null) => return Err(poll.items.failed("gave a message without body".to_owned())),
        Some(Val::TStr(text)) => text.to_vec(),
        Some(value) => write(value).map_err(|why| poll.items.failed(why))?.into_bytes(),
    };
    let mut headers = Vec::new();
    if let Some(Val::Obj(given)) = member(item, "headers") {
        for (name, value) in given.iter() {
            if let (Some(name), Some(value)) = (plain(name), plain(value)) {
                headers.push((name, value));
            }
        }
    }
    Ok(Message { headers, body })
}

fn member<'v>(map: &'v Map, name: &str) -> Option<&'v Val> {
    map.get(&crate::scene::text(name))
}
