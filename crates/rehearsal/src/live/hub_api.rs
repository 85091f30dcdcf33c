//! What the feeder asks of the hub.

use crate::live::error::LiveError;
use crate::live::http::Http;
use crate::trade::OrderLine;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The hub's `/v1`.
#[derive(Clone, Debug)]
pub(crate) struct HubApi(pub Http);

/// How busy the hub is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Load {
    pub at_rest: bool,
    pub queued: u64,
    pub commands: u64,
    pub parked: u64,
    pub unnamed: u64,
    pub open: BTreeMap<String, u64>,
    pub exceptions: u64,
    pub pos: u64,
}

#[derive(Deserialize)]
struct OrderView {
    #[serde(default)]
    lines: Vec<LineView>,
}

#[derive(Deserialize)]
struct LineView {
    line: String,
    sku: String,
    returnable: i64,
    awaiting_shipment: i64,
}

/// One balance of the hub's books.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Balance {
    /// `entity/account`.
    pub account: String,
    pub unit: String,
    pub balance: i64,
}

#[derive(Deserialize)]
struct Balances {
    balances: Vec<Balance>,
}

/// One open exception.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OpenException {
    pub code: String,
}

#[derive(Deserialize)]
struct OpenExceptions {
    exceptions: Vec<OpenException>,
}

#[derive(Deserialize)]
struct Polls {
    polls: Vec<Poll>,
}

#[derive(Deserialize)]
struct Poll {
    complete_up_to: Option<retail::time::Time>,
    failing: Option<String>,
}

/// How far the hub has asked its systems for what they may not have posted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Complete {
    NothingAsked,
    NotYet,
    UpTo(retail::time::Time),
}

/// What the hub's process has used.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Metrics {
    pub cpu_ms: u64,
    pub peak_rss_mb: u64,
    pub turns: u64,
    pub commits: u64,
    pub db_bytes: u64,
}

/// One fact of the journal.
#[derive(Debug, Deserialize)]
pub(crate) struct Fact {
    /// RFC 3339.
    pub at: retail::time::Time,
    /// Tenant, kind, value.
    pub case: [String; 3],
    #[serde(rename = "type")]
    pub kind: String,
    pub data: Box<RawValue>,
}

#[derive(Deserialize)]
struct Next {
    next: u64,
}

/// Facts in one answer.
const PAGE: usize = 20_000;

impl HubApi {
    pub(crate) async fn load(&self) -> Result<Load, LiveError> {
        self.0.get_json("/v1/progress").await
    }

    /// Since when the hub knows everything that its systems list; `None` where it asks none of them, or has not heard
    /// from one since it began.
    pub(crate) async fn complete_up_to(&self) -> Result<Complete, LiveError> {
        let polls = self.0.get_json::<Polls>("/v1/polls").await?.polls;
        if polls.is_empty() {
            return Ok(Complete::NothingAsked);
        }
        let least = polls.iter().map(|p| p.complete_up_to.filter(|_| p.failing.is_none())).min().flatten();
        Ok(least.map_or(Complete::NotYet, Complete::UpTo))
    }

    pub(crate) async fn metrics(&self) -> Result<Metrics, LiveError> {
        self.0.get_json("/v1/metrics").await
    }

    pub(crate) async fn balances(&self) -> Result<Vec<Balance>, LiveError> {
        self.0.get_json::<Balances>("/v1/balances").await.map(|b| b.balances)
    }

    pub(crate) async fn exceptions(&self) -> Result<Vec<OpenException>, LiveError> {
        self.0.get_json::<OpenExceptions>("/v1/exceptions").await.map(|e| e.exceptions)
    }

    /// The lines of an order; `None` where the hub does not know it.
    pub(crate) async fn order(&self, id: &str) -> Result<Option<Vec<OrderLine>>, LiveError> {
        let path = format!("/v1/orders/{id}");
        let answer = self.0.get(&path).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        let view: OrderView = self.0.json(&path, &answer)?;
        let lines = view.lines.into_iter().map(|l| OrderLine {
            line: l.line,
            sku: l.sku,
            returnable: l.returnable,
            awaiting: l.awaiting_shipment,
        });
        Ok(Some(lines.collect()))
    }

    /// A case as JSON; `None` where the hub does not know it.
    pub(crate) async fn case(&self, kind: &str, id: &str) -> Result<Option<serde_json::Value>, LiveError> {
        let path = format!("/v1/cases/{kind}/{id}");
        let answer = self.0.get(&path).await?;
        if answer.status == 404 { Ok(None) } else { self.0.json(&path, &answer).map(Some) }
    }

    /// All facts of some types, in the order of the journal.
    pub(crate) async fn facts(&self, types: &str, mut take: impl FnMut(Fact)) -> Result<(), LiveError> {
        let mut after = 0;
        loop {
            let path = format!("/v1/facts?type={types}&after={after}&limit={PAGE}");
            let answer = self.0.get(&path).await?;
            let mut next = None;
            for line in answer.body.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
                if let Ok(fact) = serde_json::from_slice::<Fact>(line) {
                    take(fact);
                } else {
                    next = serde_json::from_slice::<Next>(line).ok().map(|n| n.next);
                }
            }
            match next {
                Some(pos) if pos > after => after = pos,
                _ => return Ok(()),
            }
        }
    }
}
