//! The ERP: the canonical contract's `erp` role. Everything is written under ids of the hub's and repeats are
//! harmless, save credit memos: two posts make two documents, as in most real ERPs, and only a search by
//! reference tells.

use crate::base::agenda::AgendaState;
use crate::base::desk::{Desk, Vendor};
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::system::System;
use crate::base::when;
use crate::config::WorldConfig;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The ERP's state.
#[derive(Debug)]
pub(crate) struct Erp {
    desk: Desk,
    orders: BTreeSet<Box<str>>,
    memos: Vec<Memo>,
    by_reference: BTreeMap<Box<str>, Vec<u32>>,
}

#[derive(Debug)]
struct Memo {
    total: i64,
    posted: i64,
}

#[derive(Serialize)]
struct ShownMemo<'a> {
    r#ref: String,
    reference: &'a str,
    total: i64,
}

/// One line of any document; what a document does not have is absent.
#[derive(Deserialize)]
struct Line {
    /// Empty where a credit memo is about the whole order.
    #[serde(default)]
    line: String,
    quantity: i64,
    #[serde(default)]
    sku: String,
    #[serde(default)]
    disposition: String,
}

/// Any document that is put. Members that it does not have are absent; those it must have are checked by kind.
#[derive(Deserialize)]
struct Document {
    id: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    rma: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    currency: String,
    placed_at: Option<String>,
    shipped_at: Option<String>,
    total: Option<i64>,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct NewMemo {
    reference: String,
    order: String,
    currency: String,
    total: i64,
    lines: Vec<Line>,
}

fn missing(kind: Kind, member: &str) -> Response {
    Response::refuse(422, "missing_member", &format!("{kind:?} wants '{member}'"))
}

impl Erp {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        Self {
            desk: Desk::new(System::Erp, config),
            orders: BTreeSet::new(),
            memos: Vec::new(),
            by_reference: BTreeMap::new(),
        }
    }

    fn put(
        &mut self,
        at: Moment,
        kind: Kind,
        prefix: &'static str,
        id: &str,
        call: &Call<'_>,
    ) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let document: Document = call.json()?;
        if document.id != id {
            let message = format!("the path says '{id}', the body '{}'", document.id);
            return Err(Response::refuse(422, "id_differs", &message));
        }
        self.check(kind, &document)?;
        self.book(at, kind, &document);
        if kind == Kind::SalesOrder {
            self.orders.insert(id.into());
        }
        let total = matches!(kind, Kind::SalesOrder | Kind::Invoice).then_some(document.total).flatten();
        Ok(self.desk.written.done(call, prefix, total))
    }

    fn check(&self, kind: Kind, document: &Document) -> Result<(), Response> {
        let of_an_order = matches!(kind, Kind::SalesOrderCancelled | Kind::Delivery | Kind::Invoice);
        if of_an_order && !self.orders.contains(document.order.as_str()) {
            let message = format!("there is no sales order '{}'", document.order);
            return Err(Response::refuse(404, "unknown_order", &message));
        }
        if matches!(kind, Kind::SalesOrder | Kind::Invoice) {
            if document.total.is_none() {
                return Err(missing(kind, "total"));
            }
            if document.currency.is_empty() {
                return Err(missing(kind, "currency"));
            }
        }
        if matches!(kind, Kind::ReturnOrder | Kind::ReturnReceipt) && document.rma.is_empty() {
            return Err(missing(kind, "rma"));
        }
        if matches!(kind, Kind::Delivery | Kind::ReturnReceipt) && document.place.is_empty() {
            return Err(missing(kind, "place"));
        }
        if document.lines.is_empty() {
            return Err(missing(kind, "lines"));
        }
        if let Some(bad) = document.lines.iter().find(|l| l.quantity <= 0) {
            let message = format!("line {}: quantity {} is not positive", bad.line, bad.quantity);
            return Err(Response::refuse(422, "bad_quantity", &message));
        }
        Ok(())
    }

    fn book(&mut self, at: Moment, kind: Kind, document: &Document) {
        let told = document.shipped_at.as_deref().or(document.placed_at.as_deref());
        let by_rma = matches!(kind, Kind::ReturnOrder | Kind::ReturnReceipt);
        let head = Head {
            reference: if by_rma { &document.rma } else { &document.id },
            order: if kind == Kind::SalesOrder { &document.id } else { &document.order },
            id: if by_rma { &document.id } else { "" },
            place: &document.place,
            currency: &document.currency,
            amount: document.total,
            at: told.and_then(when::parse).unwrap_or(at.business),
        };
        let mut entry = self.desk.ledger.document(&head);
        if matches!(kind, Kind::Delivery | Kind::ReturnReceipt) {
            for line in &document.lines {
                entry.line(kind, &line.line, &line.sku, line.quantity, &line.disposition);
            }
        } else {
            entry.whole(kind, Some(document.lines.iter().map(|l| l.quantity).sum()));
        }
    }

    fn post_memo(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let memo: NewMemo = call.json()?;
        let number = u32::try_from(self.memos.len()).unwrap_or(u32::MAX);
        self.memos.push(Memo { total: memo.total, posted: at.now });
        self.by_reference.entry(memo.reference.as_str().into()).or_default().push(number);
        let own = memo_ref(number);
        let head = Head {
            reference: &memo.reference,
            order: &memo.order,
            id: &own,
            currency: &memo.currency,
            amount: Some(memo.total),
            at: at.business,
            ..Head::default()
        };
        let units = memo.lines.iter().map(|l| l.quantity).sum();
        self.desk.ledger.document(&head).whole(Kind::CreditMemo, Some(units));
        Ok(Response::json(201, &ShownMemo { r#ref: own, reference: &memo.reference, total: memo.total }))
    }

    /// All memos under a reference that the index knows by now.
    fn find_memos(&self, at: Moment, call: &Call<'_>) -> Response {
        let Some(reference) = call.query("reference") else {
            return Response::refuse(422, "missing_member", "the search wants ?reference=");
        };
        let lag = i64::try_from(self.desk.habits.lookup_lag_ms).unwrap_or(i64::MAX);
        let numbers = self.by_reference.get(reference).map_or(&[][..], |n| n);
        let items: Vec<ShownMemo<'_>> = numbers
            .iter()
            .filter_map(|n| self.memos.get(*n as usize).map(|memo| (*n, memo)))
            .filter(|(_, memo)| at.now.saturating_sub(memo.posted) >= lag)
            .map(|(n, memo)| ShownMemo { r#ref: memo_ref(n), reference, total: memo.total })
            .collect();
        Response::json(200, &json!({"items": items}))
    }
}

fn memo_ref(number: u32) -> String {
    format!("CM-{:06}", u64::from(number) + 1)
}

impl Vendor for Erp {
    fn desk(&self) -> &Desk {
        &self.desk
    }

    fn desk_mut(&mut self) -> &mut Desk {
        &mut self.desk
    }

    fn configure(&mut self, config: &WorldConfig) {
        self.desk.configure(config);
    }

    fn api(&mut self, at: Moment, call: &Call<'_>, _: Fate) -> Response {
        let answer = match (call.method, call.path().as_slice()) {
            ("PUT", ["sales-orders", id]) => self.put(at, Kind::SalesOrder, "SO", id, call),
            ("PUT", ["sales-orders", _, "cancellations", id]) => {
                self.put(at, Kind::SalesOrderCancelled, "SC", id, call)
            }
            ("PUT", ["deliveries", id]) => self.put(at, Kind::Delivery, "DN", id, call),
            ("PUT", ["invoices", id]) => self.put(at, Kind::Invoice, "INV", id, call),
            ("PUT", ["return-orders", id]) => self.put(at, Kind::ReturnOrder, "RO", id, call),
            ("PUT", ["return-receipts", id]) => self.put(at, Kind::ReturnReceipt, "RR", id, call),
            ("POST", ["credit-memos"]) => self.post_memo(at, call),
            ("GET", ["credit-memos"]) => Ok(self.find_memos(at, call)),
            _ => Err(Response::not_found("the ERP has no such operation")),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn lab(&mut self, _: Moment, _: &[&str], _: &Call<'_>) -> Response {
        Response::not_found("/erp/_lab has nothing of its own")
    }

    fn run(&mut self, _: Moment) {}

    fn agenda(&self) -> AgendaState {
        AgendaState::default()
    }
}
