//! What a journal row means for orders, returns, stock and documents: events that were taken in, messages and
//! commands, by their names in `docs/contract.md`.

use crate::args::{Data, Line};
use crate::clearing::Clearing;
use crate::credits::Credits;
use crate::documents::{Documents, Kind, Side};
use crate::filed::Filed;
use crate::gates::Gates;
use crate::holding::Holding;
use crate::names::{Id, Texts};
use crate::orders::Orders;
use crate::payments::Payments;
use crate::record::{Command, Entry, Fact, Name};
use crate::report::Findings;
use crate::returns::Returns;
use crate::stock::Stock;
use crate::told::Told;
use crate::{clearing, rules};
use std::collections::HashSet;

#[derive(Clone, Debug, Default)]
pub(crate) struct Trade {
    pub orders: Orders,
    pub returns: Returns,
    pub stock: Stock,
    pub holding: Holding,
    pub credits: Credits,
    pub payments: Payments,
    pub clearing: Clearing,
    pub gates: Gates,
    pub documents: Documents,
    pub told: Told,
    pub filed: Filed,
    /// Facts that were taken in: reported again, they count once.
    seen: HashSet<(Kind, Id)>,
}

/// The row that is being read.
pub(crate) struct At<'a> {
    pub place: (u16, u64),
    pub case: &'a Name<'a>,
    pub texts: &'a mut Texts,
    pub findings: &'a mut Findings,
}

impl At<'_> {
    fn said(&self) -> String {
        format!("journal {}/{}", self.place.0, self.place.1)
    }
}

/// The order or return that a case is about: a refund is about its order.
pub(crate) fn family<'a>(kind: &str, value: &'a str) -> &'a str {
    match value.rfind("-C") {
        Some(at) if kind == "refund" => &value[..at],
        _ => value,
    }
}

fn lines<'a>(lines: impl IntoIterator<Item = &'a Line<'a>>) -> Side {
    let mut side = Side { times: 1, ..Side::default() };
    for l in lines {
        side.line(&l.sku, "", l.quantity);
    }
    side
}

impl Trade {
    /// An event; `parked` when the case could not take it in.
    pub fn event(&mut self, kind: &str, data: &Data<'_>, parked: bool, at: &mut At<'_>) {
        let Some((doc, key, side)) = reported(kind, data) else {
            if parked {
                return;
            }
            match kind {
                "return.cancelled" => self.returns.cancelled(&data.rma, at.texts),
                "order.allocated" => self.allocated(data, at),
                "payment.captured" => self.payments.reported(at.texts.id(&data.payment), data.amount),
                _ => {}
            }
            return;
        };
        let key = at.texts.id(&key);
        if parked {
            self.documents.parked(doc, key);
            return;
        }
        // Receipts of one return share its number in the ledger, so they are told apart by their own; the same receipt
        // may bring goods of several returns.
        let own = match doc {
            Kind::ReturnReceived => at.texts.id(&format!("{} {}", &*at.case.value, &*data.receipt)),
            Kind::Short => at.texts.id(&data.id),
            _ => key,
        };
        if !self.seen.insert((doc, own)) {
            return;
        }
        self.documents.told(doc, key, side);
        let order = at.texts.id(&data.order);
        match doc {
            Kind::OrderPlaced => {
                let place = at.said();
                self.orders.submitted(order, data, &place, at.texts, at.findings);
            }
            Kind::Shipment => self.orders.shipped(order, data.packed(), at.texts),
            // Nobody's platform knows what was asked for at a channel.
            Kind::ReturnRequested if data.source.is_empty() => self.returns.requested(&data.rma, at.texts),
            Kind::StockReceived => self.holding.received(data, at.texts),
            Kind::Refund => {
                self.payments.refunded(at.texts.id(&data.payment), data.amount);
                // Some providers know only the payment; whose it is says the case that took the event in.
                let order = if data.order.is_empty() { at.texts.id(&at.case.value) } else { order };
                self.orders.refunded_elsewhere(order, data.amount);
            }
            _ => {}
        }
    }

    /// Goods were collected at a store: they left there with this shipment, where they had not left before.
    pub fn collected(&mut self, data: &Data<'_>, at: &mut At<'_>) {
        let key = at.texts.id(&data.shipment);
        if self.seen.insert((Kind::Shipment, key)) {
            self.documents.told(Kind::Shipment, key, lines(data.lines()));
            let order = at.texts.id(&data.order);
            self.orders.shipped(order, data.lines().iter(), at.texts);
        }
    }

    /// A fact that says which units a pool keeps for whom, or of which lines an order is made.
    pub fn made(&mut self, fact: &Fact<'_>, at: &mut At<'_>) -> Result<(), String> {
        if &*at.case.kind == "pool" {
            if let Some(held) = self.holding.fact(fact, at.texts)? {
                let place = at.said();
                self.stock.hold(&held, &place, at.texts, at.findings);
            }
            return Ok(());
        }
        if &*at.case.kind != "order" {
            return Ok(());
        }
        let (order, place) = (at.texts.id(&at.case.value), at.said());
        match &*fact.kind {
            "order.line_added" => {
                let data = serde_json::from_str(fact.data.get()).map_err(|e| e.to_string())?;
                self.orders.added(order, &data, at.texts);
            }
            "order.bundle_expanded" => {
                let data = serde_json::from_str(fact.data.get()).map_err(|e| e.to_string())?;
                self.orders.expanded(order, &data, &place, at.texts, at.findings);
            }
            _ => {}
        }
        Ok(())
    }

    fn allocated(&mut self, data: &Data<'_>, at: &mut At<'_>) {
        let key = at.texts.id(&data.release);
        if !self.seen.insert((Kind::Allocation, key)) {
            return;
        }
        let shares = data.fulfilments.iter().flat_map(|f| &f.lines);
        self.documents.told(Kind::Allocation, key, lines(shares));
        if !data.short.is_empty() {
            self.documents.told(Kind::AllocationShort, key, lines(&data.short));
        }
    }

    /// Whether facts of this kind are judged; those that are not may have members of any shape.
    pub fn reads(fact: &str) -> bool {
        matches!(
            fact,
            "credit.granted"
                | "credit.settled_elsewhere"
                | "dispute.opened"
                | "dispute.closed"
                | "order.held"
                | "order.hold_lifted"
                | "order.released"
                | "return.goods_received"
                | "return.credited_ahead"
        )
    }

    /// What the row's turn established.
    pub fn fact(&mut self, kind: &str, data: &Data<'_>, at: &mut At<'_>) {
        if &*at.case.kind == "return" {
            self.returns.fact(&at.case.value, kind, data, at.texts);
        }
        if &*at.case.kind != "order" {
            return;
        }
        let (order, place) = (at.texts.id(&at.case.value), at.said());
        match kind {
            "order.held" => self.gates.held(order, &data.hold),
            "order.hold_lifted" => self.gates.lifted(order, &data.hold),
            "order.released" => self.gates.released(order, &data.release, &place, at.texts, at.findings),
            // A return is told of its own; what it is told is read there.
            "credit.granted" if data.rma.is_empty() => {
                let credit = at.texts.id(&data.credit);
                self.credits.granted(order, credit, data.amount);
                self.orders.granted(order, data, &place, at.texts, at.findings);
            }
            "credit.settled_elsewhere" => {
                self.credits.otherwise(order, data.amount);
                self.orders.refunded_elsewhere(order, -data.amount);
            }
            "dispute.opened" => {
                let (dispute, payment) = (at.texts.id(&data.dispute), at.texts.id(&data.payment));
                self.payments.disputed(dispute, payment);
            }
            "dispute.closed" => self.payments.dispute_ended(at.texts.id(&data.dispute), &data.outcome),
            _ => {}
        }
        if kind == "credit.granted" && !data.by.is_empty() {
            at.findings.checked(rules::CREDIT_APPROVED, 1);
            if *data.by == *data.approved_by {
                let found = format!("{} approved it", &*data.by);
                at.findings.breach(
                    rules::CREDIT_APPROVED,
                    format!("credit {}", &*data.credit),
                    format!("somebody else than {}", &*data.by),
                    found,
                    place,
                );
            }
        }
    }

    /// A message that the row's case took in.
    pub fn mail(&mut self, kind: &str, data: &Data<'_>, at: &mut At<'_>) {
        if &*at.case.kind == "return" && kind == "return.received" {
            // Another return's parcel brought them.
            self.event(kind, data, false, at);
        }
        if kind == "exchange.open" {
            let order = at.texts.id(&at.case.value);
            self.orders.exchanged(order, data, at.texts);
        }
        if &*at.case.kind == "pool" {
            self.stock.told(kind, data, at.texts);
        }
    }

    /// A message that the row's case sent.
    pub fn message(&mut self, kind: &str, data: &Data<'_>, at: &mut At<'_>) {
        let place = at.said();
        match (&*at.case.kind, kind) {
            ("pool", _) => {
                self.stock.said(kind, data, at.texts);
                self.holding.promised(data, &place, at.texts, at.findings);
            }
            ("order", "credit.granted") => {
                let (order, credit) = (at.texts.id(&at.case.value), at.texts.id(&data.credit));
                self.credits.granted(order, credit, data.amount);
                if !self.orders.granted(order, data, &place, at.texts, at.findings) {
                    return;
                }
                for l in data.lines() {
                    if self.orders.is_goods(order, &l.order_line, at.texts) {
                        self.returns.credited(&data.rma, &l.return_line, l.quantity, at.texts);
                    }
                }
            }
            ("order", "refund.open") => {
                let (order, refund) = (at.texts.id(&at.case.value), at.texts.id(&data.credit));
                let payment = at.texts.id(&data.payment);
                let ids = (order, refund, payment);
                if &*data.pay == "recorded" {
                    return;
                }
                if data.pay.is_empty() || &*data.pay == "refund" {
                    self.payments.opened(payment, &place, at.texts, at.findings);
                }
                self.credits.opened(ids, &data.pay, data.amount, &place, at.texts, at.findings);
            }
            ("refund", "refund.settled" | "refund.failed") => {
                let refund = at.texts.id(&data.credit);
                self.credits.verdict(refund, (kind == "refund.settled").then_some(data.amount));
            }
            ("return", "stock.returned") => self.returns.pooled(data, at.texts),
            _ => {}
        }
    }

    /// A command that the row's case ordered; one that is ordered `again` under its key means nothing new. Answers
    /// the document that it makes, if it makes one.
    pub fn command(
        &mut self,
        command: &Command<'_>,
        data: &Data<'_>,
        again: bool,
        at: &mut At<'_>,
    ) -> Option<(Kind, Id, Side)> {
        let order = at.texts.id(&data.order);
        let place = at.said();
        if !again {
            self.told.command(&command.op, data, at);
            self.filed.command(&command.op, data, at);
        }
        if &*command.role == "payments" && !data.payment.is_empty() && !command.at.is_empty() {
            let payment = at.texts.id(&data.payment);
            let executor = at.texts.id(&command.at);
            self.payments.told(payment, executor, &place, at.texts, at.findings);
        }
        match &*command.op {
            _ if again => {}
            "create_sales_order" => {
                let id = at.texts.id(&data.id);
                self.orders.written(id, data.total, &place, at.texts, at.findings);
                self.orders.told(id, data.lines(), at.texts);
            }
            "amend_sales_order" => self.orders.told(order, &data.add, at.texts),
            "post_delivery" => self.orders.delivered(order, data, at.texts),
            "post_invoice" => {
                self.gates.invoiced(at.texts.id(&data.id), data);
                self.orders.invoiced(order, data, &place, at.texts, at.findings);
            }
            "commit_tax" => self.gates.filed(at.texts.id(&data.id), data),
            "cancel_sales_order" | "report_cancellation" => self.orders.cancelled(order, data, at.texts),
            "post_credit_memo" => self.orders.memo(order, data.total),
            "reverse_credit_memo" => self.orders.memo(order, -data.total),
            "refund" => {
                let refund = at.texts.id(&data.credit);
                self.credits.sent(refund);
                self.documents.asked(Kind::Refund, refund, Side::whole(0, data.amount));
            }
            "create_return_order" => self.returns.authorised(data, at.texts),
            "dispose" => self.returns.disposed(data, at.texts),
            "publish_stock" => self.stock.published(at.place, &at.case.value, data, at.texts),
            _ => {}
        }
        // What a storefront is told of its own return is no document of the returns platform.
        if &*command.op == "update_return" && &*command.role == "storefront" {
            return None;
        }
        let (kind, key, side) = ordered(&command.op, data)?;
        Some((kind, at.texts.id(&key), side))
    }

    /// An entry of the row: what it means for the order of the case.
    pub fn entry(&mut self, entry: &Entry<'_>, at: &mut At<'_>) {
        if !matches!(&*at.case.kind, "order" | "refund") {
            return;
        }
        let order = at.texts.id(family(&at.case.kind, &at.case.value));
        let (mut captured, mut owed) = (0, 0);
        for (account, unit, amount) in &entry.lines {
            self.orders.posted(order, account, *amount);
            self.clearing.posted(account, unit, *amount);
            match &**account {
                clearing::EXCHANGE if &*entry.memo == "captured" => self.orders.carried(order, *amount),
                provider if provider.starts_with("provider.") => captured += amount,
                "refunds.payable" => owed += amount,
                _ => {}
            }
        }
        match &*entry.memo {
            // What a credit came to without a refund: kept, carried on, or paid by a dispute.
            "fee_withheld" | "fee_returned" | "credit_settled_by_dispute" | "credit_unsettled_by_dispute" => {
                self.credits.otherwise(order, owed);
            }
            "refund_paid" if &*at.case.kind == "order" => self.credits.otherwise(order, owed),
            "refund_taken_over" => self.credits.taken_over(order, -owed),
            "surplus_granted" => self.orders.surplus(order, -owed),
            "captured" if captured == 0 => {}
            "captured" => self.documents.told(Kind::Captured, order, Side::whole(0, captured)),
            "capture_reversed" => self.documents.untold(Kind::Captured, order, Side::whole(0, -captured)),
            _ => {}
        }
    }
}

/// The document that an event reports.
fn reported(kind: &str, data: &Data<'_>) -> Option<(Kind, String, Side)> {
    let said = data.lines();
    let (kind, key, side) = match kind {
        "order.submitted" => (Kind::OrderPlaced, &data.order, Side::whole(data.units(), data.total)),
        "order.cancel_requested" => (Kind::CancelRequested, &data.order, Side::whole(0, 0)),
        "shipment.confirmed" => (Kind::Shipment, &data.shipment, lines(data.packed())),
        "fulfilment.short" => (Kind::Short, &data.fulfilment, lines(said)),
        "return.requested" => (Kind::ReturnRequested, &data.rma, Side::whole(data.units(), 0)),
        // A receipt without a return is one of its own; lines of another return are told there.
        "return.received" => {
            let own = format!("{}-{}", &*data.place, &*data.receipt);
            let rma = if data.rma.is_empty() { own } else { data.rma.to_string() };
            let side = lines(said.iter().filter(|l| l.rma.is_empty() || *l.rma == *rma));
            return (side.units > 0).then_some((Kind::ReturnReceived, rma, side));
        }
        "stock.received" => (Kind::StockReceived, &data.receipt, lines(said)),
        "stock.adjusted" => (Kind::Adjustment, &data.adjustment, lines(said)),
        "stock.counted" => {
            let mut side = Side { times: 1, ..Side::default() };
            for l in said {
                side.line(&l.sku, "", l.on_hand);
            }
            (Kind::Opening, &data.count, side)
        }
        "payment.refunded_elsewhere" => (Kind::Refund, &data.refund, Side::whole(0, data.amount)),
        _ => return None,
    };
    Some((kind, key.to_string(), side))
}

/// The document that a command makes; a capture's goes by its payment. Refunds are judged by what came of them.
fn ordered(op: &str, data: &Data<'_>) -> Option<(Kind, String, Side)> {
    let units = Side::whole(data.units(), 0);
    let value = Side::whole(data.units(), data.total);
    let disposed = || {
        let mut side = Side { times: 1, ..Side::default() };
        for l in data.lines() {
            side.line(&l.sku, &l.disposition, l.quantity);
        }
        side
    };
    let (kind, key, side) = match op {
        "create_sales_order" => (Kind::SalesOrder, &data.id, value),
        "cancel_sales_order" => (Kind::SalesOrderCancelled, &data.id, units),
        "post_delivery" => (Kind::Delivery, &data.id, lines(data.lines())),
        "post_invoice" => (Kind::Invoice, &data.id, value),
        "create_return_order" => (Kind::ReturnOrder, &data.rma, units),
        "post_return_receipt" => (Kind::ReturnReceipt, &data.rma, disposed()),
        "post_credit_memo" => (Kind::CreditMemo, &data.reference, value),
        "release_order" => (Kind::Release, &data.id, units),
        "cancel_release" => (Kind::ReleaseCancelled, &data.id, units),
        "create_fulfilment" => (Kind::Fulfilment, &data.id, units),
        "cancel_fulfilment" => (Kind::FulfilmentCancelled, &data.id, units),
        "expect_return" => (Kind::ExpectedReturn, &data.rma, units),
        "dispose" => (Kind::Disposition, &data.rma, disposed()),
        "report_shipment" => {
            let packed = data.packed().map(|l| l.quantity).sum();
            (Kind::ShipmentReported, &data.id, Side::whole(packed, 0))
        }
        "report_cancellation" => (Kind::CancellationReported, &data.id, units),
        "report_refund" => (Kind::RefundReported, &data.id, Side::whole(data.units(), data.amount)),
        "publish_stock" => (Kind::StockPublished, &data.id, Side::whole(0, 0)),
        "capture" => (Kind::Captured, &data.payment, Side::whole(0, data.amount)),
        "void" => (Kind::Voided, &data.order, Side::whole(0, 0)),
        "issue_store_credit" => (Kind::Issued, &data.id, Side::whole(0, data.amount)),
        "notify_customer" => (Kind::Message, &data.id, Side::whole(0, 0)),
        "note_case" if &*data.state == "opened" => (Kind::CaseOpened, &data.id, Side::whole(0, 0)),
        "note_case" => (Kind::CaseClosed, &data.id, Side::whole(0, 0)),
        "commit_tax" => (Kind::TaxCommitted, &data.id, Side::whole(0, data.tax)),
        "refund_tax" => (Kind::TaxRefunded, &data.id, Side::whole(0, data.tax)),
        "buy_label" => (Kind::Label, &data.fulfilment, Side::whole(0, 0)),
        "buy_return_label" => (Kind::ReturnLabel, &data.id, Side::whole(0, 0)),
        "void_label" => (Kind::LabelVoided, &data.id, Side::whole(0, 0)),
        "amend_sales_order" => (Kind::SalesOrderAmended, &data.id, Side::whole(0, 0)),
        "reverse_credit_memo" => (Kind::CreditMemoReversed, &data.reference, Side::whole(0, data.total)),
        "amend_fulfilment" => (Kind::FulfilmentAmended, &data.id, Side::whole(0, 0)),
        "report_ready" => (Kind::ReadyReported, &data.id, Side::whole(0, 0)),
        "update_return" => (update(&data.status)?, &data.rma, units),
        _ => return None,
    };
    Some((kind, key.to_string(), side))
}

fn update(status: &str) -> Option<Kind> {
    Some(match status {
        "approved" => Kind::Approved,
        "declined" => Kind::Declined,
        "received" => Kind::Received,
        "rejected" => Kind::Rejected,
        "refunded" => Kind::Refunded,
        "completed" => Kind::Completed,
        _ => return None,
    })
}
