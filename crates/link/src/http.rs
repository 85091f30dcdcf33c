//! What goes out and what comes back: the values between the engine and whoever does the sending.

use bytes::Bytes;
use retail::time::{Span, Time};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

/// A connection: the address of one system, and what it is set up with.
#[derive(Clone, Default)]
pub struct Endpoint {
    /// The base address, `https://api.example.com`.
    pub url: String,
    /// The settings, an object.
    pub conf: Conf,
    /// The secrets by name, resolved by the caller. A value may hold several, separated by blanks: any
    /// verifies, the first is sent.
    pub secret: BTreeMap<String, String>,
    /// What a secret was before, while it is being replaced: it verifies too, until its end.
    pub before: BTreeMap<String, Replaced>,
}

/// A connection's settings: a JSON object, written out once for all the mappings that read it.
#[derive(Clone, Debug, Default)]
pub struct Conf {
    value: serde_json::Value,
    written: OnceLock<Bytes>,
}

impl Conf {
    /// As JSON text.
    pub(crate) fn written(&self) -> &Bytes {
        self.written.get_or_init(|| Bytes::from(self.value.to_string()))
    }
}

impl From<serde_json::Value> for Conf {
    fn from(value: serde_json::Value) -> Self {
        Self { value, written: OnceLock::new() }
    }
}

impl Deref for Conf {
    type Target = serde_json::Value;
    fn deref(&self) -> &serde_json::Value {
        &self.value
    }
}

/// A secret that is being replaced.
#[derive(Clone, PartialEq, Eq)]
pub struct Replaced {
    pub secret: String,
    /// From when on it is no longer accepted.
    pub until: Time,
}

impl fmt::Debug for Replaced {
    /// The secret is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replaced").field("until", &self.until).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// All that a signature may be made with at `now`, separated by blanks.
    pub(crate) fn accepted(&self, name: &str, now: Time) -> Cow<'_, str> {
        let secret = self.secret.get(name).map(String::as_str).unwrap_or_default();
        match self.before.get(name).filter(|before| now < before.until) {
            Some(before) => Cow::Owned(format!("{secret} {}", before.secret)),
            None => Cow::Borrowed(secret),
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.secret.keys().collect();
        f.debug_struct("Endpoint")
            .field("url", &self.url)
            .field("conf", &*self.conf)
            .field("secret", &names)
            .field("before", &self.before)
            .finish()
    }
}

/// A request to be sent as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// How long the whole exchange may take; after it the answer is [`Answer::Lost`].
    pub timeout: Span,
}

impl fmt::Debug for HttpRequest {
    /// Header values are left out: they hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What became of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    Response {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    /// Certainly not sent: no connection, breaker open, lane closed.
    NotSent {
        why: String,
    },
    /// Sent, or perhaps sent, and no answer: nobody knows.
    Lost {
        why: String,
    },
}

/// A message from outside, as it came.
#[derive(Clone, Copy, Debug)]
pub struct InboundRequest<'a> {
    /// Path and query below the connection's intake address.
    pub path: &'a str,
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_secret_was_before_is_accepted_until_its_end_and_no_longer() {
        let replaced = Replaced { secret: "old".to_owned(), until: Time(1_000) };
        let endpoint = Endpoint {
            secret: BTreeMap::from([("hook".to_owned(), "new".to_owned())]),
            before: BTreeMap::from([("hook".to_owned(), replaced)]),
            ..Endpoint::default()
        };
        for (now, accepted) in [(0, "new old"), (999, "new old"), (1_000, "new"), (1_001, "new")] {
            assert_eq!(endpoint.accepted("hook", Time(now)), accepted, "at {now}");
        }
        assert_eq!(endpoint.accepted("other", Time(0)), "");
    }
}
