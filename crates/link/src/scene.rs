//! What a jq program of an operation sees, for the length of one call: `.args`, `.key`, `.object`,
//! `.found`, `.lookup`, `.page`, `.sent`, `.status`, `.headers`, `.body`, and `$conf`, `$key`, `$now`.

use crate::core::Core;
use crate::http::Endpoint;
use crate::jq::{Failed, Given, Program, follow, holds};
use crate::json::parse;
use crate::template::Fill;
use bytes::Bytes;
use jaq_json::{Map, Val};
use retail::envelope::Command;
use retail::time::Time;
use std::cell::{LazyCell, OnceCell};

pub(crate) struct Scene<'a> {
    core: &'a Core,
    command: &'a Command,
    endpoint: &'a Endpoint,
    now: Time,
    given: OnceCell<Given<'a>>,
    args: OnceCell<Val>,
    /// What no answer's taking in changes.
    told: OnceCell<Val>,
    found: Val,
    lookups: Map,
    page: Val,
    sent: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub raw: Bytes,
    body: OnceCell<Val>,
    /// All of it, made when a program first wants it and anew when a part has changed.
    whole: OnceCell<Val>,
}

pub(crate) fn text(value: &str) -> Val {
    Val::utf8_str(Bytes::copy_from_slice(value.as_bytes()))
}

/// A word of ours as a value, which costs no copy.
pub(crate) fn word(value: &'static str) -> Val {
    Val::utf8_str(Bytes::from_static(value.as_bytes()))
}

/// A setting as plain text.
pub(crate) fn setting(endpoint: &Endpoint, name: &str) -> Option<String> {
    match endpoint.conf.get(name)? {
        serde_json::Value::String(value) => Some(value.clone()),
        serde_json::Value::Number(value) => Some(value.to_string()),
        serde_json::Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

impl<'a> Scene<'a> {
    pub fn new(core: &'a Core, command: &'a Command, endpoint: &'a Endpoint, now: Time) -> Self {
        Self {
            core,
            command,
            endpoint,
            now,
            given: OnceCell::new(),
            args: OnceCell::new(),
            told: OnceCell::new(),
            found: Val::Null,
            lookups: Map::default(),
            page: Val::Null,
            sent: String::new(),
            status: 0,
            headers: Vec::new(),
            raw: Bytes::new(),
            body: OnceCell::new(),
            whole: OnceCell::new(),
        }
    }

    /// What a look-up found; null where nothing was.
    pub const fn found(&self) -> &Val {
        &self.found
    }

    pub fn find(&mut self, found: Val) {
        self.found = found;
        self.whole = OnceCell::new();
    }

    /// What a look-up of this name yielded.
    pub fn look_up(&mut self, name: &str, value: Val) {
        self.lookups.insert(text(name), value);
        self.whole = OnceCell::new();
    }

    /// What the next page is asked for with; null for the first.
    pub fn turn_to(&mut self, page: Val) {
        self.page = page;
        self.whole = OnceCell::new();
    }

    /// The key of the request that is being made: the command's, told apart by stage and generation.
    pub fn send_under(&mut self, key: &str) {
        self.sent.clear();
        self.sent.push_str(key);
        self.whole = OnceCell::new();
    }

    /// Puts an answer in place of the one before.
    pub fn answered(&mut self, status: u16, headers: Vec<(String, String)>, body: Vec<u8>) {
        self.status = status;
        self.headers = headers;
        self.raw = Bytes::from(body);
        self.body = OnceCell::new();
        self.told = OnceCell::new();
        self.whole = OnceCell::new();
    }

    /// The answer's body: JSON as a value, anything else as text, nothing as null.
    pub fn body(&self) -> &Val {
        self.body.get_or_init(|| match parse(&self.raw) {
            Ok(value) => value,
            Err(_) if self.raw.is_empty() => Val::Null,
            Err(_) => text(&String::from_utf8_lossy(&self.raw)),
        })
    }

    fn given(&self) -> &Given<'a> {
        self.given.get_or_init(|| {
            let (core, endpoint) = (self.core, self.endpoint);
            Given {
                conf: LazyCell::new(Box::new(move || core.conf(endpoint))),
                key: text(&self.command.key),
                now: text(&self.now.to_string()),
            }
        })
    }

    fn args(&self) -> &Val {
        self.args.get_or_init(|| {
            parse(&Bytes::copy_from_slice(self.command.args.get().as_bytes())).unwrap_or_default()
        })
    }

    /// The answer's headers, their names in lower case.
    fn told(&self) -> &Val {
        self.told.get_or_init(|| {
            let pairs = self.headers.iter();
            Val::obj(pairs.map(|(name, value)| (text(&name.to_ascii_lowercase()), text(value))).collect())
        })
    }

    /// A member of what programs see.
    fn member(&self, name: &str) -> Option<Val> {
        Some(match name {
            "args" => self.args().clone(),
            "key" => text(&self.command.key),
            "object" => text(&self.command.object),
            "found" => self.found.clone(),
            "lookup" => Val::obj(self.lookups.clone()),
            "page" => self.page.clone(),
            "sent" => text(&self.sent),
            "status" => Val::from(usize::from(self.status)),
            "headers" => self.told().clone(),
            "body" => self.body().clone(),
            _ => return None,
        })
    }

    fn input(&self) -> Val {
        const MEMBERS: [&str; 10] =
            ["args", "key", "object", "found", "lookup", "page", "sent", "status", "headers", "body"];
        let all = || MEMBERS.iter().filter_map(|name| Some((word(name), self.member(name)?)));
        self.whole.get_or_init(|| Val::obj(all().collect())).clone()
    }

    pub fn first(&self, program: &Program) -> Result<Val, Failed> {
        if let Some((name, rest)) = program.path().and_then(<[Bytes]>::split_first) {
            let start = std::str::from_utf8(name).ok().and_then(|name| self.member(name));
            if let Some(found) = start.and_then(|start| follow(&start, rest)) {
                return Ok(found);
            }
        }
        program.first(self.given(), self.input())
    }

    pub fn some(&self, program: &Program, most: usize) -> Result<Vec<Val>, Failed> {
        program.some(self.given(), self.input(), most)
    }

    pub fn holds(&self, program: &Program) -> Result<bool, Failed> {
        self.first(program).map(|value| holds(&value))
    }

    pub fn text(&self, program: &Program) -> Result<String, Failed> {
        program.as_text(&self.first(program)?)
    }
}

impl Fill for Scene<'_> {
    fn url(&self) -> &str {
        &self.endpoint.url
    }

    fn conf(&self, name: &str) -> Option<String> {
        setting(self.endpoint, name)
    }

    fn secret(&self, name: &str) -> Option<String> {
        self.endpoint.secret.get(name)?.split_whitespace().next().map(str::to_owned)
    }

    fn args(&self) -> &str {
        self.command.args.get()
    }

    fn key(&self) -> &str {
        &self.command.key
    }

    fn object(&self) -> &str {
        &self.command.object
    }

    fn evaluate(&self, program: &Program) -> Result<Val, Failed> {
        self.first(program)
    }
}
