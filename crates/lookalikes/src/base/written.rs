//! What was written under ids of the hub's: the same again answers as the first time, another is a conflict.

use crate::base::http::{Call, Response};
use crate::base::same::sameness;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The answer of a write: the system's own number of the thing, its total where the contract wants one, and what
/// else a role's answer says.
#[derive(Debug)]
struct Answer {
    status: u16,
    prefix: &'static str,
    number: u32,
    total: Option<i64>,
    more: Option<Box<Map<String, Value>>>,
}

#[derive(Serialize)]
struct Done<'a> {
    r#ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
    #[serde(flatten)]
    more: Option<&'a Map<String, Value>>,
}

impl Answer {
    fn response(&self) -> Response {
        let done = Done {
            r#ref: format!("{}-{:06}", self.prefix, self.number),
            total: self.total,
            more: self.more.as_deref(),
        };
        Response::json(self.status, &done)
    }
}

/// All writes of one system, by name: mostly the path.
#[derive(Debug, Default)]
pub(crate) struct Written {
    by_name: BTreeMap<Box<str>, (u64, Answer)>,
    next: u32,
}

impl Written {
    /// The answer to a write that came before: the first answer, or 409 where the body differs. None when it
    /// is new.
    pub(crate) fn seen(&self, call: &Call<'_>) -> Option<Response> {
        self.seen_as(&call.joined(), call)
    }

    /// The same under a name that is not the path.
    pub(crate) fn seen_as(&self, name: &str, call: &Call<'_>) -> Option<Response> {
        let (body, answer) = self.by_name.get(name)?;
        if *body == sameness(call.body) {
            return Some(answer.response());
        }
        let message = format!("{name} was written before with another body");
        Some(Response::refuse(409, "conflict", &message))
    }

    /// Keeps a write that was done and answers it.
    pub(crate) fn done(&mut self, call: &Call<'_>, prefix: &'static str, total: Option<i64>) -> Response {
        self.done_as(&call.joined(), call, prefix, total)
    }

    /// The same under a name that is not the path.
    pub(crate) fn done_as(
        &mut self,
        name: &str,
        call: &Call<'_>,
        prefix: &'static str,
        total: Option<i64>,
    ) -> Response {
        self.keep(name, call, Answer { status: 200, prefix, number: 0, total, more: None })
    }

    /// Keeps a write that was done, and answers it with more members, an object. Status 202 says that the verdict
    /// comes later.
    pub(crate) fn told(
        &mut self,
        call: &Call<'_>,
        status: u16,
        prefix: &'static str,
        more: Value,
    ) -> Response {
        let Value::Object(more) = more else {
            return Response::refuse(500, "cannot_write", "the answer is no object");
        };
        let answer = Answer { status, prefix, number: 0, total: None, more: Some(Box::new(more)) };
        self.keep(&call.joined(), call, answer)
    }

    fn keep(&mut self, name: &str, call: &Call<'_>, answer: Answer) -> Response {
        self.next += 1;
        let answer = Answer { number: self.next, ..answer };
        let response = answer.response();
        self.by_name.insert(name.into(), (sameness(call.body), answer));
        response
    }
}
