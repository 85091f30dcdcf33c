//! Recorded cases: what goes into a connector and what must come out of it, as data beside the manifest.
//! One runner serves the tests and the command line.
//!
//! A file `cases/*.json` holds one case or a list of them; `cases/at.json` is the connection that they all
//! use (`{"url": …, "conf": {…}, "secret": {…}}`) and the time (`"now"`) where a case does not say its own.
//!
//! ```json
//! {"case": "an order is placed",
//!  "receive": {"headers": {"x-shopify-topic": "orders/create"}, "body": {"id": 1}},
//!  "taken": {"key": "e1", "events": [{"type": "order.submitted", "name": "order/shop-1", "data": {}}]}}
//!
//! {"case": "a refund whose answer was lost is found",
//!  "command": {"op": "refund", "key": "k1", "args": {}}, "mode": "find",
//!  "exchange": [{"send": "GET /v1/refunds?limit=100", "answer": {"status": 200, "body": {}}}],
//!  "outcome": {"outcome": "absent"}}
//!
//! {"case": "a page of events", "poll": "events", "cursor": "7",
//!  "exchange": [{"send": "GET /events?after=7&limit=500", "answer": {"status": 200, "body": {}}}],
//!  "page": {"messages": [{"headers": {}, "body": {"id": "e8"}}], "next": "8", "more": false}}
//!
//! {"case": "refunds over two pages", "list": "refunds", "since": "2026-01-01T00:00:00Z",
//!  "exchange": [{"send": "GET /v1/refunds?limit=100", "answer": {"status": 200, "body": {}}}],
//!  "rows": [{"id": "re_1", "reference": "refund:shop-1-C1", "amount": 500, "currency": "GBP"}]}
//! ```
//!
//! A message is signed with the connection's secret unless `"signed": false` or `"signed_with"` says
//! otherwise. Instead of `taken` a case may expect `"ignored": true`, `"wakes": ["orders"]`, `"parked": {"code": …, "why": "part of
//! it"}` or `"refused": 401`, and instead of `page` a poll's `"failed": "part of why"`. An answer may also be `"lost"` or `"not_sent"`.

mod command;
mod list;
mod poll;
mod receive;

use crate::connector::{Connector, Folder};
use crate::http::Endpoint;
use formats::toml::Fault;
use retail::envelope::Json;
use retail::time::Time;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What became of one case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseResult {
    /// The file in the folder.
    pub file: String,
    /// The case's own words.
    pub case: String,
    /// How it differs from what was expected; empty when it passed.
    pub differences: Vec<String>,
}

impl CaseResult {
    /// True when everything was as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Runs every case of a connector's folder.
///
/// # Errors
/// The folder's faults, where it does not compile.
pub fn run(folder: &Folder, overlay: Option<&Folder>) -> Result<Vec<CaseResult>, Vec<Fault>> {
    let connector = Connector::compile(folder, overlay)?;
    let mut results = Vec::new();
    let at = match folder.files.get(AT).map(|text| serde_json::from_str::<At>(text)) {
        None => At::default(),
        Some(Ok(at)) => at,
        Some(Err(wrong)) => {
            let differences = vec![format!("the connection cannot be read: {wrong}")];
            return Ok(vec![CaseResult { file: AT.to_owned(), case: String::new(), differences }]);
        }
    };
    let files = folder
        .files
        .iter()
        .filter(|(file, _)| file.starts_with("cases/") && file.ends_with(".json") && *file != AT);
    for (file, text) in files {
        let cases = if text.trim_start().starts_with('[') {
            serde_json::from_str::<Vec<Case>>(text)
        } else {
            serde_json::from_str::<Case>(text).map(|case| vec![case])
        };
        match cases {
            Ok(cases) => results.extend(cases.into_iter().map(|case| {
                let differences = one(&connector, &at, &case);
                CaseResult { file: file.clone(), case: case.case, differences }
            })),
            Err(wrong) => {
                let differences = vec![format!("the case cannot be read: {wrong}")];
                results.push(CaseResult { file: file.clone(), case: String::new(), differences });
            }
        }
    }
    Ok(results)
}

const AT: &str = "cases/at.json";

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields, default)]
struct At {
    url: String,
    conf: serde_json::Value,
    secret: BTreeMap<String, String>,
    now: Time,
}

impl Default for At {
    fn default() -> Self {
        let conf = serde_json::Value::Object(serde_json::Map::new());
        Self {
            url: "https://example.test".to_owned(),
            conf,
            secret: BTreeMap::new(),
            now: Time(1_767_225_600_000),
        }
    }
}

impl At {
    fn endpoint(&self) -> Endpoint {
        Endpoint {
            url: self.url.clone(),
            conf: self.conf.clone().into(),
            secret: self.secret.clone(),
            ..Endpoint::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    case: String,
    at: Option<At>,
    now: Option<Time>,
    receive: Option<receive::Receive>,
    taken: Option<receive::Taken>,
    parked: Option<receive::Parked>,
    ignored: Option<bool>,
    /// The polls that the message wakes.
    wakes: Option<Vec<String>>,
    refused: Option<u16>,
    command: Option<command::Given>,
    #[serde(default)]
    mode: command::First,
    /// Since when nothing of it is proven to have been done.
    renewed: Option<Time>,
    #[serde(default)]
    exchange: Vec<command::Exchange>,
    outcome: Option<Json>,
    poll: Option<String>,
    cursor: Option<String>,
    /// The cursor is that of a page within a run, so that the run's overlap is not taken off it.
    #[serde(default)]
    within: bool,
    page: Option<poll::Page>,
    failed: Option<String>,
    list: Option<String>,
    since: Option<Time>,
    /// The system says that it keeps no such list.
    not_kept: Option<bool>,
    /// What all pages of a list come to.
    rows: Option<Json>,
}

fn one(connector: &Connector, at: &At, case: &Case) -> Vec<String> {
    let at = case.at.as_ref().unwrap_or(at);
    let now = case.now.unwrap_or(at.now);
    let endpoint = at.endpoint();
    match (&case.receive, &case.command, &case.poll, &case.list) {
        (Some(receive), None, None, None) => receive::check(connector, &endpoint, now, receive, case),
        (None, Some(given), None, None) => command::check(connector, &endpoint, now, given, case),
        (None, None, Some(poll), None) => poll::check(connector, &endpoint, now, poll, case),
        (None, None, None, Some(list)) => list::check(connector, &endpoint, now, list, case),
        _ => vec!["a case has one of `receive`, `command`, `poll` and `list`".to_owned()],
    }
}

/// Puts a difference between two JSON texts in words.
fn differ(what: &str, wanted: &str, got: &str, out: &mut Vec<String>) {
    match crate::json::same(wanted, got) {
        Ok(true) => {}
        Ok(false) => out.push(format!("{what} differs\n  wanted {}\n  got    {got}", one_line(wanted))),
        Err(wrong) => out.push(format!("{what}: {wrong}")),
    }
}

fn one_line(text: &str) -> String {
    serde_json::from_str::<Json>(text)
        .ok()
        .and_then(|_| bytes_to_line(text))
        .unwrap_or_else(|| text.to_owned())
}

fn bytes_to_line(text: &str) -> Option<String> {
    let value = crate::json::parse(&bytes::Bytes::copy_from_slice(text.as_bytes())).ok()?;
    crate::json::write(&value).ok()
}
