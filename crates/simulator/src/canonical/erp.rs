//! The ERP: everything is written under ids of the hub's and repeats are harmless, save credit memos: two posts make
//! two documents, and only a search by reference tells.

use super::args::{Document, positive, read, refused, units};
use super::desk::{Desk, done, fault};
use lookalikes::Kind;
use lookalikes::parts::Head;
use retail::envelope::{Command, Outcome};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug)]
pub struct Erp {
    pub desk: Desk,
    orders: BTreeSet<String>,
    memos: Vec<Memo>,
    by_reference: BTreeMap<String, Vec<usize>>,
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

impl Erp {
    pub const fn new(desk: Desk) -> Self {
        Self { desk, orders: BTreeSet::new(), memos: Vec::new(), by_reference: BTreeMap::new() }
    }

    pub fn api(&mut self, now: i64, command: &Command, find: bool) -> Outcome {
        self.answer(now, command, find).unwrap_or_else(|refusal| refusal)
    }

    fn answer(&mut self, now: i64, command: &Command, find: bool) -> Result<Outcome, Outcome> {
        let (kind, prefix) = match command.op.as_str() {
            "post_credit_memo" if find => return self.find_memo(now, command),
            "post_credit_memo" => return self.post_memo(now, command),
            "create_sales_order" => (Kind::SalesOrder, "SO"),
            "cancel_sales_order" => (Kind::SalesOrderCancelled, "SC"),
            "amend_sales_order" => (Kind::SalesOrderAmended, "SA"),
            "post_delivery" => (Kind::Delivery, "DN"),
            "post_invoice" => (Kind::Invoice, "INV"),
            "create_return_order" => (Kind::ReturnOrder, "RO"),
            "post_return_receipt" => (Kind::ReturnReceipt, "RR"),
            "reverse_credit_memo" => (Kind::CreditMemoReversed, "CR"),
            "find_sale" => (Kind::SaleFound, "SF"),
            other => return Err(fault(&format!("the ERP has no {other}"))),
        };
        if let Some(answer) = self.desk.written(command) {
            return Ok(answer);
        }
        let document: Document<'_> = read(command)?;
        self.check(kind, &document)?;
        self.book(now, kind, &document);
        if kind == Kind::SalesOrder {
            self.orders.insert(document.id.to_string());
        }
        let total = matches!(kind, Kind::SalesOrder | Kind::Invoice).then_some(document.total).flatten();
        Ok(self.desk.done(command, prefix, total))
    }

    fn check(&self, kind: Kind, document: &Document<'_>) -> Result<(), Outcome> {
        let of_an_order = matches!(
            kind,
            Kind::SalesOrderCancelled | Kind::SalesOrderAmended | Kind::Delivery | Kind::Invoice
        );
        if of_an_order && !self.orders.contains(&*document.order) {
            return Err(refused("unknown_order", format!("there is no sales order '{}'", document.order)));
        }
        let wants = |missing: bool, member: &str| {
            if missing {
                Err(refused("missing_member", format!("{kind:?} wants '{member}'")))
            } else {
                Ok(())
            }
        };
        if matches!(kind, Kind::SalesOrder | Kind::Invoice) {
            wants(document.total.is_none(), "total")?;
            wants(document.currency.is_empty(), "currency")?;
        }
        if matches!(kind, Kind::ReturnOrder | Kind::ReturnReceipt) {
            wants(document.rma.is_empty(), "rma")?;
        }
        if matches!(kind, Kind::Delivery | Kind::ReturnReceipt) {
            wants(document.place.is_empty(), "place")?;
        }
        if !matches!(kind, Kind::SalesOrderAmended | Kind::CreditMemoReversed | Kind::SaleFound) {
            positive(&document.lines)?;
        }
        Ok(())
    }

    fn book(&mut self, now: i64, kind: Kind, document: &Document<'_>) {
        if matches!(kind, Kind::Delivery | Kind::ReturnReceipt) {
            let mut entry = self.desk.ledger.document(&head(now, kind, document));
            for line in &document.lines {
                entry.line(kind, &line.line, &line.sku, line.quantity, &line.disposition);
            }
            return;
        }
        let head = head(now, kind, document);
        let lines = if kind == Kind::SalesOrderAmended {
            Some(units(&document.add) + units(&document.change))
        } else {
            (!document.lines.is_empty()).then(|| units(&document.lines))
        };
        self.desk.ledger.document(&head).whole(kind, lines);
    }

    fn post_memo(&mut self, now: i64, command: &Command) -> Result<Outcome, Outcome> {
        let memo: Document<'_> = read(command)?;
        let total = memo.total.ok_or_else(|| refused("missing_member", "a credit memo wants 'total'"))?;
        let number = self.memos.len();
        self.memos.push(Memo { total, posted: now });
        self.by_reference.entry(memo.reference.to_string()).or_default().push(number);
        let own = memo_ref(number);
        let head = Head {
            reference: &memo.reference,
            order: &memo.order,
            id: &own,
            currency: &memo.currency,
            amount: Some(total),
            at: now,
            ..Head::default()
        };
        self.desk.ledger.document(&head).worded(Kind::CreditMemo, &memo.kind, Some(units(&memo.lines)));
        Ok(done(&ShownMemo { r#ref: own, reference: &memo.reference, total }))
    }

    /// A memo under a reference, once the index knows it.
    fn find_memo(&self, now: i64, command: &Command) -> Result<Outcome, Outcome> {
        let memo: Document<'_> = read(command)?;
        let lag = i64::try_from(self.desk.habits.lookup_lag_ms).unwrap_or(i64::MAX);
        let numbers = self.by_reference.get(&*memo.reference).map_or(&[][..], |numbers| numbers);
        let found = numbers.iter().filter_map(|n| self.memos.get(*n).map(|memo| (*n, memo)));
        let mut found = found.filter(|(_, memo)| now.saturating_sub(memo.posted) >= lag);
        Ok(match (found.next(), found.next()) {
            (None, _) => Outcome::Absent,
            (Some((n, kept)), None) => {
                let shown = ShownMemo { r#ref: memo_ref(n), reference: &memo.reference, total: kept.total };
                done(&shown)
            }
            (Some(_), Some(_)) => Outcome::Fault {
                code: "ambiguous".to_owned(),
                message: json!({ "two memos under": memo.reference }).to_string(),
            },
        })
    }
}

fn head<'a>(now: i64, kind: Kind, document: &'a Document<'_>) -> Head<'a> {
    let by_rma = matches!(kind, Kind::ReturnOrder | Kind::ReturnReceipt);
    Head {
        reference: match kind {
            _ if by_rma => &document.rma,
            Kind::CreditMemoReversed => &document.reference,
            _ => &document.id,
        },
        order: if kind == Kind::SalesOrder { &document.id } else { &document.order },
        id: if by_rma { &document.id } else { "" },
        place: &document.place,
        currency: &document.currency,
        amount: document.total,
        at: now,
    }
}

fn memo_ref(number: usize) -> String {
    format!("CM-{:06}", number + 1)
}
