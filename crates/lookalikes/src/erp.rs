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
use std::collections::BTreeMap;

/// The ERP's state.
#[derive(Debug)]
pub(crate) struct Erp {
    desk: Desk,
    /// By id: the customer, empty where none is named.
    orders: BTreeMap<Box<str>, Box<str>>,
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
    #[serde(default)]
    customer: String,
    total: Option<i64>,
    lines: Vec<Line>,
}

/// More or fewer units of a sales order, or another address.
#[derive(Deserialize)]
struct Amendment {
    id: String,
    order: String,
    #[serde(default)]
    add: Vec<Line>,
    #[serde(default)]
    change: Vec<Line>,
}

#[derive(Deserialize)]
struct Search {
    id: String,
    sku: String,
    customer: Option<String>,
    /// The shop's own number of the order, as a customer would know it.
    reference: Option<String>,
}

#[derive(Deserialize)]
struct Reversal {
    id: String,
    reference: String,
    #[serde(default)]
    order: String,
    currency: String,
    total: i64,
}

#[derive(Deserialize)]
struct NewMemo {
    /// Why it is given; nothing where it is for a return.
    #[serde(default)]
    kind: String,
    reference: String,
    order: String,
    currency: String,
    total: i64,
    #[serde(default)]
    lines: Vec<Line>,
}

fn same(path: &str, body: &str) -> Result<(), Response> {
    if path == body {
        return Ok(());
    }
    Err(Response::refuse(422, "id_differs", &format!("the path says '{path}', the body '{body}'")))
}

fn missing(kind: Kind, member: &str) -> Response {
    Response::refuse(422, "missing_member", &format!("{kind:?} wants '{member}'"))
}

impl Erp {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        Self {
            desk: Desk::new(System::Erp, config),
            orders: BTreeMap::new(),
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
        same(id, &document.id)?;
        self.check(kind, &document)?;
        self.book(at, kind, &document);
        if kind == Kind::SalesOrder {
            self.orders.insert(id.into(), document.customer.as_str().into());
        }
        let total = matches!(kind, Kind::SalesOrder | Kind::Invoice).then_some(document.total).flatten();
        Ok(self.desk.written.done(call, prefix, total))
    }

    fn check(&self, kind: Kind, document: &Document) -> Result<(), Response> {
        let of_an_order = matches!(kind, Kind::SalesOrderCancelled | Kind::Delivery | Kind::Invoice);
        if of_an_order {
            self.known(&document.order)?;
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
        self.desk.ledger.document(&head).worded(Kind::CreditMemo, &memo.kind, Some(units));
        Ok(Response::json(201, &ShownMemo { r#ref: own, reference: &memo.reference, total: memo.total }))
    }

    fn amend(&mut self, at: Moment, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let amendment: Amendment = call.json()?;
        same(id, &amendment.id)?;
        self.known(&amendment.order)?;
        let head = Head { reference: id, order: &amendment.order, at: at.business, ..Head::default() };
        let units = amendment.add.iter().chain(&amendment.change).map(|l| l.quantity).sum();
        self.desk.ledger.document(&head).whole(Kind::SalesOrderAmended, Some(units));
        Ok(self.desk.written.done(call, "SA", None))
    }

    /// The last delivery of a SKU, to that customer or under that order where one is named.
    fn search(&mut self, at: Moment, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let search: Search = call.json()?;
        same(id, &search.id)?;
        let fits = |order: &str| {
            let customer = self.orders.get(order).map_or("", |customer| customer);
            let named = |reference: &str| order == reference || order.ends_with(&format!("-{reference}"));
            search.customer.as_deref().is_none_or(|wanted| wanted == customer)
                && search.reference.as_deref().is_none_or(named)
        };
        let found = self.desk.ledger.last_of(Kind::Delivery, &search.sku, fits);
        let order = found.as_ref().map_or("", |(order, _)| order);
        let head = Head { reference: id, order, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).worded(Kind::SaleFound, &search.sku, None);
        let more = match &found {
            Some((order, line)) => json!({"order": order, "order_line": line}),
            None => json!({}),
        };
        Ok(self.desk.written.told(call, 200, "SF", more))
    }

    fn reverse(&mut self, at: Moment, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let reversal: Reversal = call.json()?;
        same(id, &reversal.id)?;
        if !self.by_reference.contains_key(reversal.reference.as_str()) {
            let message = format!("there is no credit memo under '{}'", reversal.reference);
            return Err(Response::refuse(404, "unknown_memo", &message));
        }
        let head = Head {
            reference: &reversal.reference,
            order: &reversal.order,
            id,
            currency: &reversal.currency,
            amount: Some(reversal.total),
            at: at.business,
            ..Head::default()
        };
        self.desk.ledger.document(&head).whole(Kind::CreditMemoReversed, None);
        Ok(self.desk.written.done(call, "CR", None))
    }

    fn known(&self, order: &str) -> Result<(), Response> {
        if self.orders.contains_key(order) {
            return Ok(());
        }
        Err(Response::refuse(404, "unknown_order", &format!("there is no sales order '{order}'")))
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
            ("PUT", ["sales-orders", _, "amendments", id]) => self.amend(at, id, call),
            ("PUT", ["sale-searches", id]) => self.search(at, id, call),
            ("PUT", ["credit-memo-reversals", id]) => self.reverse(at, id, call),
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
