//! Requests and answers as values, and a request once its path is taken apart.

use crate::base::form;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// What came in. `path` holds the query too; header names are compared without regard to case.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers.
    #[must_use]
    pub fn new(method: &str, path: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: body.into() }
    }

    /// The same with one header more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What goes back.
#[derive(Clone, Debug, Default)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// The connection is to be cut without an answer: the caller must not learn status or body.
    pub lost: bool,
    /// How long the answer is to be held back, in milliseconds. What was asked is done already.
    pub wait_ms: u64,
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[derive(Serialize)]
struct Refusal<'a> {
    code: &'a str,
    message: &'a str,
}

impl Response {
    pub(crate) fn bytes(status: u16, body: Vec<u8>) -> Self {
        Self { status, headers: vec![(JSON.0, JSON.1.to_owned())], body, lost: false, wait_ms: 0 }
    }

    /// A value as JSON. A value that cannot be written is a mistake of this crate and shows as 500.
    pub(crate) fn json<T: Serialize + ?Sized>(status: u16, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self::bytes(status, body),
            Err(e) => Self::refuse(500, "cannot_write", &e.to_string()),
        }
    }

    /// The contract's refusal, `{"code", "message"}`.
    pub(crate) fn refuse(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::to_vec(&Refusal { code, message }).unwrap_or_default();
        Self::bytes(status, body)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::refuse(404, "not_found", what)
    }

    pub(crate) fn text(status: u16, kind: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![(JSON.0, kind.to_owned())], body, lost: false, wait_ms: 0 }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The two times a system knows: the driver's clock, and the business day that stands in payloads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Milliseconds since 1970 by the driver's clock: delays, retries and signatures go by it.
    pub now: i64,
    /// Milliseconds since 1970 by the business clock: `shipped_at`, `received_at`, `time`.
    pub business: i64,
}

/// A request below a system's prefix.
pub(crate) struct Call<'a> {
    pub method: &'a str,
    /// The path's parts after the system's prefix, percent-decoded.
    pub parts: Vec<Cow<'a, str>>,
    pub query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    headers: &'a [(String, String)],
    pub body: &'a [u8],
}

impl<'a> Call<'a> {
    /// The first part of the path, and the rest of the request.
    pub(crate) fn split(request: &'a Request) -> (Cow<'a, str>, Self) {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let mut parts = path.split('/').filter(|p| !p.is_empty()).map(form::decode);
        let first = parts.next().unwrap_or_default();
        let call = Call {
            method: &request.method,
            parts: parts.collect(),
            query: form::pairs(query),
            headers: &request.headers,
            body: &request.body,
        };
        (first, call)
    }

    /// The parts as plain text, to be matched on.
    pub(crate) fn path(&self) -> Vec<&str> {
        self.parts.iter().map(AsRef::as_ref).collect()
    }

    /// The path below the prefix, joined again.
    pub(crate) fn joined(&self) -> String {
        self.path().join("/")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_ref())
    }

    /// A whole number of the query, or the fallback where it is absent or no number.
    pub(crate) fn number(&self, name: &str, fallback: u64) -> u64 {
        self.query(name).and_then(|v| v.parse().ok()).unwrap_or(fallback)
    }

    /// The body as JSON of a known shape.
    ///
    /// # Errors
    /// 422 `bad_body` with the parser's place, to be answered as it is.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Response> {
        serde_json::from_slice(self.body).map_err(|e| {
            Response::refuse(422, "bad_body", &format!("{} {}: {e}", self.method, self.joined()))
        })
    }
}
