//! What was written under ids of the hub's: the same again answers as the first time, another is a conflict.

use crate::base::http::{Call, Response};
use crate::base::same::sameness;
use serde::Serialize;
use std::collections::BTreeMap;

/// The answer of a write: the system's own number of the thing, and its total where the contract wants one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub prefix: &'static str,
    pub number: u32,
    pub total: Option<i64>,
}

#[derive(Serialize)]
struct Done {
    r#ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
}

impl Answer {
    pub(crate) fn response(self) -> Response {
        Response::json(200, &Done { r#ref: format!("{}-{:06}", self.prefix, self.number), total: self.total })
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
        self.next += 1;
        let answer = Answer { prefix, number: self.next, total };
        self.by_name.insert(name.into(), (sameness(call.body), answer));
        answer.response()
    }
}
