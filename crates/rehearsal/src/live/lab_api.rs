//! What the feeder asks of the look-alikes.

use crate::live::error::LiveError;
use crate::live::http::Http;
use crate::wire::{NewReturn, Orders, Returns, Units};
use serde::Deserialize;
use serde_json::json;

/// The look-alikes.
#[derive(Clone, Debug)]
pub(crate) struct LabApi(pub Http);

/// How much the look-alikes still mean to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
pub(crate) struct Idle {
    pub pending: u64,
    pub in_flight: u64,
    pub failed: u64,
}

impl Idle {
    pub(crate) const fn at_rest(self) -> bool {
        self.pending == 0 && self.in_flight == 0
    }
}

/// One row of a ledger, as far as anybody here reads it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Row {
    pub n: u64,
    pub kind: String,
    pub reference: String,
    pub order: String,
    pub amount: Option<i64>,
    pub currency: String,
    pub quantity: Option<i64>,
    pub sku: String,
    pub place: String,
    /// The disposition of returned units.
    pub detail: String,
}

/// Rows in one answer.
const PAGE: u64 = 20_000;
/// Lines in one opening: an answer stays small.
const OPENING: usize = 1_000;

impl LabApi {
    pub(crate) async fn idle(&self) -> Result<Idle, LiveError> {
        self.0.get_json("/_lab/idle").await
    }

    /// Sets the clock of the business, RFC 3339.
    pub(crate) async fn clock(&self, at: &str) -> Result<(), LiveError> {
        self.0.post("/_lab/clock", &json!({"at": at})).await.map(drop)
    }

    pub(crate) async fn place(&self, orders: &Orders) -> Result<(), LiveError> {
        if orders.orders.is_empty() {
            return Ok(());
        }
        self.0.post("/shop/_lab/orders", orders).await.map(drop)
    }

    pub(crate) async fn ask_returns(&self, returns: Vec<NewReturn>) -> Result<(), LiveError> {
        if returns.is_empty() {
            return Ok(());
        }
        self.0.post("/returns/_lab/returns", &Returns { returns }).await.map(drop)
    }

    pub(crate) async fn open(&self, place: &str, lines: &[Units]) -> Result<(), LiveError> {
        for chunk in lines.chunks(OPENING) {
            self.0.post(&format!("/{place}/_lab/stock"), &json!({"lines": chunk})).await?;
        }
        Ok(())
    }

    pub(crate) async fn receive(&self, place: &str, receipt: &str, lines: &[Units]) -> Result<(), LiveError> {
        let body = json!({"receipt": receipt, "lines": lines});
        self.0.post(&format!("/{place}/_lab/receipts"), &body).await.map(drop)
    }

    /// Rows of a ledger after row `after`, one page of them.
    pub(crate) async fn ledger(&self, system: &str, after: u64) -> Result<Vec<Row>, LiveError> {
        let path = format!("/{system}/_ledger?after={after}&limit={PAGE}");
        let answer = self.0.get(&path).await?;
        let mut rows = Vec::new();
        for line in answer.body.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
            let row = serde_json::from_slice(line).map_err(|e| LiveError::Answer {
                url: format!("{}{path}", self.0.base()),
                status: answer.status,
                body: format!("{e}: {}", String::from_utf8_lossy(line)),
            })?;
            rows.push(row);
        }
        Ok(rows)
    }

    /// Every row of a ledger, in order.
    pub(crate) async fn read_ledger(&self, system: &str, mut take: impl FnMut(Row)) -> Result<(), LiveError> {
        let mut after = 0;
        loop {
            let rows = self.ledger(system, after).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.n;
            rows.into_iter().for_each(&mut take);
        }
    }

    pub(crate) async fn stop(&self) -> Result<(), LiveError> {
        self.0.post("/_lab/stop", &json!({})).await.map(drop)
    }
}
