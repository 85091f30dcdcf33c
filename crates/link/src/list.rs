//! Asks a system what it says it has: request, answer, page, until it says that there is no more. What comes of it is
//! compared elsewhere; here only its shape is judged.

use crate::classify::verdict;
use crate::core::Core;
use crate::http::{Answer, Endpoint, HttpRequest};
use crate::json::write;
use crate::manifest::{Class, List};
use crate::poll::{question, unasked};
use crate::request::build;
use crate::scene::Scene;
use bytes::Bytes;
use jaq_json::Val;
use retail::envelope::Command;
use retail::listing::{ListKind, Row, RowLine};
use retail::time::{Span, Time};
use serde_json::{Map, Value};
use std::sync::Arc;

/// A list that runs over more pages than this is a fault of the manifest, or does not end.
const PAGES: usize = 20_000;

/// More rows than this in one answer are a fault of the manifest: it should ask for smaller pages.
const ROWS: usize = 10_000;

/// What an answer brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Listed {
    /// The page's rows. `more`: there is another page to be asked for.
    Page { rows: Vec<Row>, more: bool },
    /// The system keeps no such list.
    NotKept,
    /// Nothing was learned. With `retry_after` the system wants to be asked again later.
    Failed { why: String, retry_after: Option<Span> },
}

/// Rows, and what the next page is asked for with.
type Read = (Vec<Row>, Option<String>);

/// A list that is being asked for.
#[derive(Debug)]
pub struct Listing {
    core: Arc<Core>,
    at: usize,
    since: Option<Time>,
    endpoint: Endpoint,
    /// What the page to be asked for is asked for with, as JSON; `null` for the first.
    page: String,
    pages: usize,
    rows: usize,
}

impl Listing {
    pub(crate) fn new(core: Arc<Core>, at: usize, since: Option<Time>, endpoint: Endpoint) -> Self {
        Self { core, at, since, endpoint, page: "null".to_owned(), pages: 0, rows: 0 }
    }

    fn list(&self) -> &List {
        &self.core.manifest.lists[self.at]
    }

    /// What is asked for.
    #[must_use]
    pub fn kind(&self) -> ListKind {
        self.list().kind
    }

    fn asked(&self) -> Result<Command, String> {
        question(self.kind().code(), &serde_json::json!({ "since": self.since }))
    }

    fn page(&self) -> Val {
        crate::json::parse(&Bytes::copy_from_slice(self.page.as_bytes())).unwrap_or_default()
    }

    fn named(&self, why: impl std::fmt::Display) -> String {
        format!("list.{}: {why}", self.kind().code())
    }

    /// The request for the page that is next.
    ///
    /// # Errors
    /// In words, where it cannot be made.
    pub fn request(&self, now: Time) -> Result<HttpRequest, String> {
        let (list, command, page) = (self.list(), self.asked()?, self.page());
        let mut scene = Scene::new(&self.core, &command, &self.endpoint, now);
        scene.turn_to(page.clone());
        let params = Some(&page).filter(|page| !matches!(page, Val::Null));
        build(&self.core, &list.plan, &list.call, &scene, params, None)
            .map_err(|outcome| self.named(unasked(outcome)))
    }

    /// What the answer to [`Listing::request`] brought.
    pub fn read(&mut self, now: Time, answer: Answer) -> Listed {
        match self.learn(now, answer) {
            Ok(None) => Listed::NotKept,
            Ok(Some((rows, next))) => {
                let more = next.is_some();
                self.page = next.unwrap_or_else(|| "null".to_owned());
                Listed::Page { rows, more }
            }
            Err((why, retry_after)) => Listed::Failed { why: self.named(why), retry_after },
        }
    }

    fn learn(&mut self, now: Time, answer: Answer) -> Result<Option<Read>, (String, Option<Span>)> {
        let (status, headers, body) = match answer {
            Answer::Response { status, headers, body } => (status, headers, body),
            Answer::NotSent { why } | Answer::Lost { why } => return Err((why, None)),
        };
        let (command, page) = (self.asked().map_err(|why| (why, None))?, self.page());
        let list = self.list();
        let mut scene = Scene::new(&self.core, &command, &self.endpoint, now);
        scene.turn_to(page);
        scene.answered(status, headers, body);
        let told = |wrong: crate::jq::Failed| (wrong.to_string(), None);
        if let Some(program) = &list.none_if
            && scene.holds(program).map_err(told)?
        {
            return Ok(None);
        }
        let said =
            verdict(&self.core.manifest.rules, &scene, now).map_err(|wrong| (wrong.to_string(), None))?;
        if said.class != Class::Done {
            return Err((format!("{} ({})", said.message, said.code), said.retry_after));
        }
        let found = scene.some(&list.rows, ROWS + 1).map_err(told)?;
        if found.len() > ROWS {
            return Err((format!("more than {ROWS} rows on one page"), None));
        }
        let first = self.rows;
        let rows: Result<Vec<Row>, String> =
            found.iter().enumerate().map(|(n, value)| row(list.kind, first + n, value)).collect();
        let rows = rows.map_err(|why| (why, None))?;
        let next = list.page.as_ref().map(|program| scene.first(program)).transpose().map_err(told)?;
        let next = next.filter(|value| !matches!(value, Val::Null | Val::Bool(false)));
        let next = next.map(|value| write(&value)).transpose().map_err(|why| (why, None))?;
        if next.as_ref() == Some(&self.page) {
            return Err(("the next page is the one that was just read".to_owned(), None));
        }
        self.rows += rows.len();
        self.pages += 1;
        if next.is_some() && self.pages >= PAGES {
            return Err((format!("it runs over {PAGES} pages"), None));
        }
        Ok(Some((rows, next)))
    }
}

/// A row as it is compared. `n` counts from 0 over all pages.
fn row(kind: ListKind, n: usize, value: &Val) -> Result<Row, String> {
    let wrong = |why: String| format!("row {n}: {why}");
    let text = write(value).map_err(&wrong)?;
    let value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    read_row(kind, &value).map_err(wrong)
}

fn read_row(kind: ListKind, value: &Value) -> Result<Row, String> {
    let mut members = Members::of(value)?;
    let row = Row {
        id: members.text("id")?.ok_or("id: missing")?,
        reference: members.text("reference")?,
        order: members.text("order")?,
        rma: members.text("rma")?,
        amount: members.number("amount")?,
        currency: members.text("currency")?,
        sku: members.text("sku")?,
        place: members.text("place")?,
        quantity: members.number("quantity")?,
        tracking: members.text("tracking")?,
        state: members.text("state")?,
        at: match members.text("at")? {
            None => None,
            Some(text) => {
                Some(Time::parse(&text).ok_or_else(|| format!("at: {text:?} is not RFC 3339 with a zone"))?)
            }
        },
        lines: members.lines()?,
    };
    members.done()?;
    let missing = |member: &str| Err(format!("{member}: missing"));
    match () {
        () if kind.is_money() && row.amount.is_none() => missing("amount"),
        () if row.amount.is_some() && row.currency.is_none() => missing("currency"),
        () if kind == ListKind::Stock && row.sku.is_none() => missing("sku"),
        () if kind == ListKind::Stock && row.quantity.is_none() => missing("quantity"),
        () => Ok(row),
    }
}

/// The members of an object, each taken once, so that one which nobody knows is a fault and not passed over.
struct Members<'v> {
    left: Map<String, Value>,
    under: Option<&'v str>,
}

impl Members<'_> {
    fn of(value: &Value) -> Result<Self, String> {
        let Value::Object(members) = value else { return Err(format!("{value} is no object")) };
        Ok(Self { left: members.clone(), under: None })
    }

    fn named(&self, member: &str) -> String {
        self.under.map_or_else(|| member.to_owned(), |under| format!("{under}.{member}"))
    }

    fn take(&mut self, member: &str) -> Option<Value> {
        self.left.remove(member).filter(|value| !value.is_null())
    }

    /// A text; a number is taken as one, since many systems number what they keep. Nothing is no text.
    fn text(&mut self, member: &str) -> Result<Option<String>, String> {
        match self.take(member) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(other) => Err(format!("{}: {other} is no text", self.named(member))),
        }
    }

    /// A whole number: minor units or units. A fraction is a fault and never rounded.
    fn number(&mut self, member: &str) -> Result<Option<i64>, String> {
        match self.take(member) {
            None => Ok(None),
            Some(value) => value
                .as_i64()
                .map(Some)
                .ok_or_else(|| format!("{}: {value} is no whole number", self.named(member))),
        }
    }

    fn lines(&mut self) -> Result<Option<Vec<RowLine>>, String> {
        let Some(value) = self.take("lines") else { return Ok(None) };
        let Value::Array(items) = value else { return Err("lines: no list".to_owned()) };
        let line = |(n, item): (usize, &Value)| -> Result<RowLine, String> {
            let under = format!("lines[{n}]");
            let mut members =
                Members { under: Some(&under), ..Members::of(item).map_err(|w| format!("{under}: {w}"))? };
            let read = RowLine {
                sku: members.text("sku")?.ok_or_else(|| format!("{under}.sku: missing"))?,
                quantity: members.number("quantity")?.ok_or_else(|| format!("{under}.quantity: missing"))?,
                amount: members.number("amount")?,
                place: members.text("place")?,
            };
            members.done()?;
            Ok(read)
        };
        items.iter().enumerate().map(line).collect::<Result<_, _>>().map(Some)
    }

    fn done(self) -> Result<(), String> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(member) => Err(format!("{}: no row has such a member", self.named(member))),
        }
    }
}
