//! Cases of commands: requests out, answers in, outcome out.

use super::{Case, differ};
use crate::connector::Connector;
use crate::http::{Answer, Endpoint, HttpRequest};
use crate::run::{Mode, Next};
use retail::envelope::{Class, Command, Json, Outcome};
use retail::time::Time;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    op: String,
    key: String,
    #[serde(default)]
    object: String,
    args: Json,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub(super) enum First {
    #[default]
    First,
    Find,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    /// `POST /v1/refunds`: method, and address after the connection's.
    send: String,
    /// Headers that must be among those sent.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Json>,
    /// Members that the body must have; others are not looked at.
    part: Option<BTreeMap<String, Json>>,
    /// A body that is not JSON.
    text: Option<String>,
    pub(super) answer: Answered,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answered {
    Lost,
    NotSent,
    #[serde(untagged)]
    Response(Response),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Response {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: serde_json::Value,
    text: Option<String>,
}

pub(super) fn check(
    connector: &Connector,
    endpoint: &Endpoint,
    now: Time,
    given: &Given,
    case: &Case,
) -> Vec<String> {
    let Some(wanted) = &case.outcome else { return vec!["a command's case has an `outcome`".to_owned()] };
    let role = connector.op(&given.op).map(|op| op.role.clone()).unwrap_or_default();
    let command = Command {
        role,
        at: String::new(),
        op: given.op.clone(),
        object: given.object.clone(),
        key: given.key.clone(),
        class: Class::Status,
        args: given.args.clone(),
    };
    let mode = match case.mode {
        First::First => Mode::First,
        First::Find => Mode::Find,
    };
    let mut out = Vec::new();
    let outcome = match connector.start(&command, mode, &Arc::new(endpoint.clone()), case.renewed) {
        Err(outcome) => outcome,
        Ok(mut run) => {
            let mut answer = None;
            let mut exchange = case.exchange.iter();
            loop {
                match run.next(answer.take(), now) {
                    Next::Done(outcome) => {
                        let left = exchange.count();
                        if left > 0 {
                            out.push(format!("{left} of the requests expected were not sent"));
                        }
                        break outcome;
                    }
                    Next::Send(request) => {
                        let Some(step) = exchange.next() else {
                            out.push(format!("one request too many: {} {}", request.method, request.url));
                            return out;
                        };
                        compare(step, &request, endpoint, &mut out);
                        answer = Some(step.answer.as_answer());
                    }
                }
            }
        }
    };
    match said(&outcome) {
        Ok(said) => outcome_differs(wanted, &outcome, &said, &mut out),
        Err(wrong) => out.push(format!("the outcome cannot be written: {wrong}")),
    }
    out
}

/// An outcome as JSON text.
fn said(outcome: &Outcome) -> Result<String, serde_json::Error> {
    serde_json::to_string(outcome)
}

/// Outcomes are compared whole, but texts meant for people (`why`, `message`) only where the case gives
/// them, and then in part.
fn outcome_differs(wanted: &Json, outcome: &Outcome, said: &str, out: &mut Vec<String>) {
    #[derive(Deserialize)]
    struct Words {
        why: Option<String>,
        message: Option<String>,
    }
    let words: Words = match serde_json::from_str(wanted.get()) {
        Ok(words) => words,
        Err(wrong) => return out.push(format!("the outcome expected cannot be read: {wrong}")),
    };
    let told = match outcome {
        Outcome::Refused { message, .. } | Outcome::Fault { message, .. } => message.as_str(),
        Outcome::Unknown { why } => why.as_str(),
        _ => "",
    };
    let part = words.why.or(words.message).unwrap_or_default();
    if !told.contains(&part) {
        out.push(format!("the outcome says {told:?}, not {part:?}"));
    }
    let plain = |text: &str| -> Option<String> {
        let mut value: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
        value.remove("why");
        value.remove("message");
        // A wait that is not there may be left out of a case.
        value.retain(|_, member| !member.is_null());
        serde_json::to_string(&value).ok()
    };
    match (plain(wanted.get()), plain(said)) {
        (Some(wanted), Some(got)) => differ("the outcome", &wanted, &got, out),
        _ => out.push("the outcome expected is not an object".to_owned()),
    }
    if out.iter().any(|line| line.starts_with("the outcome differs")) && !told.is_empty() {
        out.push(format!("it says: {told}"));
    }
}

pub(super) fn compare(step: &Exchange, request: &HttpRequest, endpoint: &Endpoint, out: &mut Vec<String>) {
    let below = request.url.strip_prefix(endpoint.url.trim_end_matches('/')).unwrap_or(&request.url);
    let sent = format!("{} {below}", request.method);
    if sent != step.send {
        out.push(format!("sent {sent}\n  wanted {}", step.send));
    }
    for (name, wanted) in &step.headers {
        let got = crate::sign::header(&request.headers, name);
        if got != Some(wanted.as_str()) {
            out.push(format!("{sent} has {name}: {}, not {wanted}", got.unwrap_or("nothing")));
        }
    }
    let body = String::from_utf8_lossy(&request.body);
    if let Some(wanted) = &step.part {
        let got: BTreeMap<String, Json> = serde_json::from_str(&body).unwrap_or_default();
        for (name, wanted) in wanted {
            let got = got.get(name).map_or("null", |value| value.get());
            differ(&format!("{name} in the body of {sent}"), wanted.get(), got, out);
        }
        return;
    }
    match (&step.body, &step.text) {
        (Some(wanted), _) => differ(&format!("the body of {sent}"), wanted.get(), &body, out),
        (None, Some(wanted)) if *wanted == body => {}
        (None, Some(wanted)) => {
            out.push(format!("the body of {sent} differs\n  wanted {wanted}\n  got    {body}"))
        }
        (None, None) if body.is_empty() => {}
        (None, None) => out.push(format!("{sent} has a body that was not expected: {body}")),
    }
}

impl Answered {
    pub(super) fn as_answer(&self) -> Answer {
        match self {
            Self::Lost => Answer::Lost { why: "time-out".to_owned() },
            Self::NotSent => Answer::NotSent { why: "no connection".to_owned() },
            Self::Response(response) => Answer::Response {
                status: response.status,
                headers: response.headers.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
                body: match (&response.text, &response.body) {
                    (Some(text), _) => text.clone().into_bytes(),
                    (None, serde_json::Value::Null) => Vec::new(),
                    (None, body) => body.to_string().into_bytes(),
                },
            },
        }
    }
}
