//! The storefront: orders and cancellations out; shipments, cancellations, refunds and availability in.

use super::args::{Document, Stock, read, refused, units};
use super::desk::{Desk, done, fault};
use crate::trade::{Bought, Order};
use lookalikes::Kind;
use lookalikes::parts::Head;
use retail::envelope::{Command, Outcome};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug)]
pub struct Shop {
    pub desk: Desk,
    /// Orders by the shop's own id, and whether their customer has cancelled.
    orders: BTreeMap<String, bool>,
    /// By SKU: how new the word is, and what is offered.
    shelves: BTreeMap<String, (i64, i64)>,
}

/// An order as the hub is told of it; amounts in minor units.
#[derive(Debug, Serialize)]
pub struct PlacedOrder {
    #[serde(rename = "order")]
    pub id: String,
    source: &'static str,
    source_id: String,
    number: String,
    placed_at: String,
    currency: &'static str,
    lines: Vec<PlacedLine>,
    pub total: i64,
    tenders: Vec<Tender>,
    customer: &'static str,
}

#[derive(Debug, Serialize)]
struct PlacedLine {
    quantity: i64,
    unit_price: &'static str,
    discount: i64,
    tax_included: bool,
    amount: i64,
    tax: i64,
    line: String,
    sku: &'static str,
    title: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Tender {
    id: &'static str,
    kind: &'static str,
    executor: &'static str,
    payment: String,
    authorised: i64,
}

#[derive(Serialize)]
struct CancelRequested<'a> {
    order: &'a str,
    reason: &'static str,
}

#[derive(Serialize)]
struct Taken {
    r#ref: String,
    taken: usize,
}

/// A price as written, in minor units: `12.50` is 1250.
fn minor(price: &str) -> i64 {
    let (whole, cents) = price.split_once('.').unwrap_or((price, "0"));
    let number = |digits: &str| digits.parse::<i64>().unwrap_or(0);
    number(whole) * 100 + number(cents)
}

/// Twenty in a hundred of an amount, or what an amount holds of it, rounded half up.
const fn tax(amount: i64, included: bool) -> i64 {
    let (times, of) = if included { (20, 120) } else { (20, 100) };
    (2 * amount * times + of) / (2 * of)
}

impl PlacedOrder {
    pub fn new(order: &Order) -> Self {
        let source_id = order.number.to_string();
        let included = order.taxes_included;
        let mut lines = Vec::with_capacity(order.lines.len());
        for (bought, n) in order.lines.iter().zip(1_u64..) {
            let (sku, title, kind, category, quantity, unit_price) = match *bought {
                Bought::Goods { units, category, unit_price } => {
                    (units.sku, units.sku, "goods", Some(category), units.quantity, unit_price)
                }
                Bought::Postage { unit_price } => ("POST", "Postage", "shipping", None, 1, unit_price),
            };
            let amount = minor(unit_price) * quantity;
            lines.push(PlacedLine {
                quantity,
                unit_price,
                discount: 0,
                tax_included: included,
                amount,
                tax: tax(amount, included),
                line: (u64::from(order.number) * 10_000 + n).to_string(),
                sku,
                title,
                kind,
                category,
            });
        }
        let owed = |line: &PlacedLine| line.amount + if included { 0 } else { line.tax };
        Self {
            id: format!("shop-{source_id}"),
            source: "shop",
            number: source_id.clone(),
            source_id,
            placed_at: order.placed_at.clone(),
            currency: "GBP",
            total: lines.iter().map(owed).sum(),
            lines,
            tenders: Vec::new(),
            customer: "17850",
        }
    }
}

impl Shop {
    pub const fn new(desk: Desk) -> Self {
        Self { desk, orders: BTreeMap::new(), shelves: BTreeMap::new() }
    }

    pub fn shelves(&self) -> Vec<(String, i64)> {
        self.shelves.iter().map(|(sku, (_, available))| (sku.clone(), *available)).collect()
    }

    pub fn place(&mut self, now: i64, mut order: PlacedOrder, payment: String) {
        let head = Head {
            reference: &order.id,
            order: &order.id,
            id: &order.source_id,
            amount: Some(order.total),
            currency: order.currency,
            at: now,
            place: "",
        };
        let units = order.lines.iter().map(|line| line.quantity).sum();
        self.desk.ledger.document(&head).whole(Kind::OrderPlaced, Some(units));
        self.orders.insert(order.source_id.clone(), false);
        let (id, kind, executor, authorised) = ("t1", "card", "stripe", order.total);
        order.tenders.push(Tender { id, kind, executor, payment, authorised });
        self.desk.tell(now, "order.submitted", ("order", &order.id), &order);
    }

    /// A customer cancels, once.
    pub fn cancel(&mut self, now: i64, source_id: &str) -> bool {
        let Some(cancelled @ false) = self.orders.get_mut(source_id) else { return false };
        *cancelled = true;
        let order = format!("shop-{source_id}");
        let head = Head { reference: &order, order: &order, id: source_id, at: now, ..Head::default() };
        self.desk.ledger.document(&head).whole(Kind::CancelRequested, None);
        let data = CancelRequested { order: &order, reason: "customer" };
        self.desk.tell(now, "order.cancel_requested", ("order", &order), &data);
        true
    }

    pub fn api(&mut self, now: i64, command: &Command) -> Outcome {
        let answer = match command.op.as_str() {
            "publish_stock" => self.stock(now, command),
            "report_shipment" => self.report(now, command, Kind::ShipmentReported),
            "report_cancellation" => self.report(now, command, Kind::CancellationReported),
            "report_refund" => self.report(now, command, Kind::RefundReported),
            other => Err(fault(&format!("the storefront has no {other}"))),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn report(&mut self, now: i64, command: &Command, kind: Kind) -> Result<Outcome, Outcome> {
        let report: Document<'_> = read(command)?;
        if !self.orders.contains_key(&*report.source_id) {
            return Err(refused("unknown_order", format!("the shop has no order {}", report.source_id)));
        }
        if let Some(answer) = self.desk.written(command) {
            return Ok(answer);
        }
        let shipped: i64 = report.parcels.iter().map(|parcel| units(&parcel.lines)).sum();
        let head = Head {
            reference: &report.id,
            order: &report.order,
            amount: report.amount,
            currency: &report.currency,
            at: now,
            ..Head::default()
        };
        let units = if kind == Kind::ShipmentReported { shipped } else { units(&report.lines) };
        self.desk.ledger.document(&head).whole(kind, Some(units));
        Ok(self.desk.done(command, "SHOP", None))
    }

    /// Availability: an item older than what is known is ignored.
    fn stock(&mut self, now: i64, command: &Command) -> Result<Outcome, Outcome> {
        let stock: Stock<'_> = read(command)?;
        let mut taken = 0;
        for item in &stock.items {
            match self.shelves.get_mut(&*item.sku) {
                Some((seq, _)) if *seq > stock.seq => continue,
                Some(shelf) => *shelf = (stock.seq, item.available),
                None => {
                    self.shelves.insert(item.sku.to_string(), (stock.seq, item.available));
                }
            }
            taken += 1;
        }
        let head = Head { reference: &stock.id, at: now, ..Head::default() };
        let units = i64::try_from(taken).unwrap_or(i64::MAX);
        self.desk.ledger.document(&head).whole(Kind::StockPublished, Some(units));
        Ok(done(&Taken { r#ref: format!("STOCK-{}", stock.seq), taken }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_is_rounded_half_up_whether_it_is_included_or_not() {
        assert_eq!((tax(340, true), tax(999, true), tax(5_000, true)), (57, 167, 833));
        assert_eq!((tax(2_495, false), tax(85, false), tax(333, false)), (499, 17, 67));
    }

    #[test]
    fn a_price_is_minor_units() {
        assert_eq!((minor("12.50"), minor("0.85"), minor("399.00")), (1_250, 85, 39_900));
    }
}
