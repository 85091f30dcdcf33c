//! The mapping language. Programs are compiled once with the connector; values live inside one call.
//!
//! A program sees `.` as the engine gives it (see [`crate::run`] and [`crate::intake`]) and the variables
//! `$conf`, `$key` and `$now`. It cannot read a clock, the environment or standard input: those filters
//! are not there.

mod compile;
mod natives;

use bytes::Bytes;
use jaq_core::data::JustLut;
use jaq_core::{Ctx, Vars, unwrap_valr};
use jaq_json::Val;
use std::cell::LazyCell;
use std::fmt;

pub(crate) use compile::{Library, Origin};

type Data = JustLut<Val>;

/// A compiled program, and where it stands.
pub(crate) struct Program {
    filter: jaq_core::Filter<Data>,
    /// The members that it leads through, where it is no more than a path (`.body.error.code`): most programs are, and
    /// such a one is followed without running anything.
    path: Option<Vec<Bytes>>,
    /// Whether it, or a file that it includes, may ask for the connection's settings.
    asks_conf: bool,
    /// For messages at run time: `op.refund.result (connector.toml:12)`.
    site: String,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Program({})", self.site)
    }
}

/// The variables of one call. The settings are made into a value when a program first asks for them.
pub(crate) struct Given<'a> {
    pub conf: LazyCell<Val, Box<dyn FnOnce() -> Val + 'a>>,
    pub key: Val,
    pub now: Val,
}

/// A program that did not yield what it should have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failed {
    pub site: String,
    pub why: String,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.site, self.why)
    }
}

/// The longest part of a jq error that goes into a message: it may quote the payload.
const QUOTED: usize = 160;

impl Program {
    pub fn failed(&self, why: impl Into<String>) -> Failed {
        Failed { site: self.site.clone(), why: why.into() }
    }

    /// The members that it leads through, where it is no more than a path.
    pub fn path(&self) -> Option<&[Bytes]> {
        self.path.as_deref()
    }

    /// Up to `most` outputs. A program that breaks off has failed like any other: it would break off each time, and
    /// take with it whoever ran it.
    pub fn some(&self, given: &Given<'_>, input: Val, most: usize) -> Result<Vec<Val>, Failed> {
        unbroken(|| self.run(given, input, most))
            .unwrap_or_else(|| Err(self.failed("it broke off, which is a bug; see the log")))
    }

    fn run(&self, given: &Given<'_>, input: Val, most: usize) -> Result<Vec<Val>, Failed> {
        let conf = if self.asks_conf { (*given.conf).clone() } else { Val::Null };
        let vars = Vars::new([conf, given.key.clone(), given.now.clone()]);
        let ctx = Ctx::<Data>::new(&self.filter.lut, vars);
        let mut out = Vec::new();
        for value in self.filter.id.run((ctx, input)).map(unwrap_valr).take(most) {
            out.push(value.map_err(|wrong| self.failed(told(wrong)))?);
        }
        Ok(out)
    }

    /// The first output; null where there is none.
    pub fn first(&self, given: &Given<'_>, input: Val) -> Result<Val, Failed> {
        if let Some(found) = self.path().and_then(|path| follow(&input, path)) {
            return Ok(found);
        }
        Ok(self.some(given, input, 1)?.pop().unwrap_or_default())
    }

    /// True where the first output is neither false nor null.
    pub fn holds(&self, given: &Given<'_>, input: Val) -> Result<bool, Failed> {
        Ok(holds(&self.first(given, input)?))
    }

    /// The first output as text: a text, or a whole number as it is written.
    pub fn text(&self, given: &Given<'_>, input: Val) -> Result<String, Failed> {
        self.as_text(&self.first(given, input)?)
    }

    /// What it gave as text.
    pub fn as_text(&self, value: &Val) -> Result<String, Failed> {
        plain(value).ok_or_else(|| self.failed(format!("gave {} where text is needed", kind(value))))
    }
}

/// What stands at the end of a path, as jq says: null where a member is missing. `None` where jq has to say what is
/// wrong with the path.
pub(crate) fn follow(from: &Val, path: &[Bytes]) -> Option<Val> {
    let mut at = from;
    for name in path {
        match at {
            Val::Obj(members) => match members.get(&Val::utf8_str(name.clone())) {
                Some(member) => at = member,
                None => return Some(Val::Null),
            },
            Val::Null => return Some(Val::Null),
            _ => return None,
        }
    }
    Some(at.clone())
}

/// What jq takes for true.
pub(crate) const fn holds(value: &Val) -> bool {
    !matches!(value, Val::Null | Val::Bool(false))
}

/// What `run` yields; nothing where it breaks off. It must leave nothing half done.
fn unbroken<T>(run: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).ok()
}

/// Texts, whole numbers and decimals as written, true and false; nothing else has a plain text.
pub(crate) fn plain(value: &Val) -> Option<String> {
    match value {
        Val::TStr(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        Val::Num(jaq_json::Num::Float(_)) => None,
        Val::Num(number) => Some(number.to_string()),
        Val::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// What a value is, for messages that must not quote it.
pub(crate) fn kind(value: &Val) -> &'static str {
    match value {
        Val::Null => "null",
        Val::Bool(_) => "true or false",
        Val::Num(_) => "a number",
        Val::BStr(_) => "bytes",
        Val::TStr(_) => "text",
        Val::Arr(_) => "a list",
        Val::Obj(_) => "an object",
    }
}

/// What a jq error says. jq quotes the value it stumbled over, which may be a whole customer: objects are
/// left out, and what remains is cut short.
fn told(wrong: jaq_core::Error<Val>) -> String {
    let mut text = match wrong.into_val() {
        Val::TStr(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        other => other.to_string(),
    };
    if let (Some(from), Some(to)) = (text.find('{'), text.rfind('}'))
        && from < to
    {
        text.replace_range(from + 1..to, "…");
    }
    if text.chars().count() > QUOTED {
        text = text.chars().take(QUOTED).chain(['…']).collect();
    }
    text
}

#[cfg(test)]
mod tests;
