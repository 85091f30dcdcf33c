//! Orders as a driver places them and as the shop keeps them.

use crate::base::decimal::{Decimal, decimals};
use crate::base::http::Moment;
use crate::base::ledger::{Head, Kind};
use crate::base::names::{NameId, Names};
use crate::base::queue::Payload;
use crate::base::text::{Text, plain_number};
use crate::base::when;
use crate::shop::Shop;
use serde::{Deserialize, Serialize};

/// An order to be placed, as `/shop/_lab/orders` takes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrder {
    pub source_id: Text,
    number: Option<Text>,
    placed_at: String,
    currency: String,
    customer: Option<Text>,
    #[serde(default = "yes")]
    taxes_included: bool,
    lines: Vec<NewLine>,
    #[serde(default)]
    shipping: Vec<NewShipping>,
    ship_to: Option<Address>,
    /// Who collects the payment: the provider, or `shopify_payments`, the shop itself.
    gateway: Option<String>,
}

/// The gateway whose payments the shop collects.
pub(crate) const OWN_GATEWAY: &str = "shopify_payments";

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLine {
    sku: String,
    title: Option<String>,
    category: Option<String>,
    quantity: i64,
    /// Decimal text; more decimals than the currency has are allowed.
    unit_price: Text,
    kind: Option<String>,
    /// Decimal text, `0.20`.
    tax_rate: Option<Text>,
    /// Minor units off the whole line.
    #[serde(default)]
    discount: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewShipping {
    title: String,
    /// Minor units.
    amount: i64,
    tax_rate: Option<Text>,
}

/// Where an order goes; of Shopify's address only what a label needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Address {
    name: String,
    address1: String,
    city: String,
    zip: String,
    country_code: String,
}

/// A line as the shop keeps it. Amounts are minor units; `amount` is after the discount.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlacedLine {
    pub sku: NameId,
    pub title: NameId,
    pub category: NameId,
    pub kind: NameId,
    pub price: NameId,
    pub tax_rate: NameId,
    pub quantity: i64,
    pub amount: i64,
    pub discount: i64,
    pub tax: i64,
}

/// An order as the shop keeps it. Shipping lines stand behind the goods and have the kind `shipping_line`.
#[derive(Clone, Debug)]
pub(crate) struct PlacedOrder {
    pub source_id: Box<str>,
    pub number: Box<str>,
    pub placed_at: i64,
    pub currency: NameId,
    pub customer: NameId,
    pub taxes_included: bool,
    pub ship_to: Option<Box<Address>>,
    pub lines: Box<[PlacedLine]>,
    pub intent: Box<str>,
    /// The shop itself collects the payment.
    pub own: bool,
    pub cancelled: Option<(i64, NameId)>,
}

/// The kind under which the shop keeps a shipping line.
pub(crate) const SHIPPING: &str = "shipping_line";

impl PlacedOrder {
    /// What the order comes to, minor units.
    pub(crate) fn total(&self) -> i64 {
        let tax = |l: &PlacedLine| if self.taxes_included { 0 } else { l.tax };
        self.lines.iter().map(|l| l.amount.saturating_add(tax(l))).fold(0, i64::saturating_add)
    }

    /// The shop's id of the line at an index: order id × 10 000 + 1, 2, … so that it is unique in the shop, as
    /// Shopify's are; 1, 2, … where the order's id is no number.
    pub(crate) fn line_id(&self, index: usize) -> u64 {
        let place = index as u64 + 1;
        let base = plain_number(&self.source_id).and_then(|n| n.checked_mul(10_000));
        base.and_then(|n| n.checked_add(place)).unwrap_or(place)
    }
}

/// An order that is checked and added up but not placed.
#[derive(Debug)]
pub(crate) struct Draft {
    pub source_id: String,
    pub currency: String,
    pub total: i64,
    new: NewOrder,
    amounts: Vec<Amounts>,
}

impl Draft {
    /// Whether the shop itself collects what is to be paid.
    pub(crate) fn own(&self) -> bool {
        self.total > 0 && self.new.gateway.is_some()
    }
}

#[derive(Clone, Copy, Debug)]
struct Amounts {
    amount: i64,
    tax: i64,
}

fn tax(amount: i64, rate: Option<&Text>, included: bool) -> Option<i64> {
    let Some(rate) = rate else { return Some(0) };
    let rate = Decimal::parse(&rate.0)?;
    if included { rate.within(amount) } else { rate.of(amount) }
}

fn amounts(line: &NewLine, decimals: u32, included: bool) -> Option<Amounts> {
    let gross = Decimal::parse(&line.unit_price.0)?.times(line.quantity, decimals)?;
    let amount = gross.checked_sub(line.discount)?;
    let tax = tax(amount, line.tax_rate.as_ref(), included)?;
    Some(Amounts { amount, tax })
}

/// Checks an order and adds it up: each line is rounded once, half away from zero; the total is their sum.
///
/// # Errors
/// A sentence saying which member of which line is wrong.
pub(crate) fn draft(new: NewOrder) -> Result<Draft, String> {
    let id = new.source_id.0.clone();
    if id.is_empty() || new.lines.is_empty() {
        return Err(format!("order '{id}': wants a source_id and at least one line"));
    }
    if when::parse(&new.placed_at).is_none() {
        return Err(format!("order {id}: placed_at '{}' is not RFC 3339 with a zone", new.placed_at));
    }
    if new.currency.len() != 3 {
        return Err(format!("order {id}: currency '{}' is not a code of three letters", new.currency));
    }
    if let Some(other) = new.gateway.as_deref().filter(|g| *g != OWN_GATEWAY) {
        return Err(format!("order {id}: gateway '{other}' is not {OWN_GATEWAY}"));
    }
    let places = decimals(&new.currency);
    let included = new.taxes_included;
    let mut all = Vec::with_capacity(new.lines.len() + new.shipping.len());
    for (index, line) in new.lines.iter().enumerate() {
        if line.quantity <= 0 {
            return Err(format!("order {id} line {}: quantity {} is not positive", index + 1, line.quantity));
        }
        all.push(amounts(line, places, included).ok_or_else(|| {
            format!(
                "order {id} line {}: unit_price '{}' or tax_rate is no decimal, or the amount is too large",
                index + 1,
                line.unit_price.0
            )
        })?);
    }
    for shipping in &new.shipping {
        let tax = tax(shipping.amount, shipping.tax_rate.as_ref(), included)
            .ok_or_else(|| format!("order {id}: tax_rate of '{}' is no decimal", shipping.title))?;
        all.push(Amounts { amount: shipping.amount, tax });
    }
    let charge = |a: &Amounts| if included { Some(a.amount) } else { a.amount.checked_add(a.tax) };
    let total = all
        .iter()
        .try_fold(0i64, |sum, a| charge(a).and_then(|c| sum.checked_add(c)))
        .ok_or_else(|| format!("order {id}: the total is too large"))?;
    Ok(Draft { source_id: id, currency: new.currency.to_ascii_uppercase(), total, new, amounts: all })
}

fn kept(names: &mut Names, draft: &Draft) -> Box<[PlacedLine]> {
    let new = &draft.new;
    let places = decimals(&draft.currency);
    let text = |t: &Option<Text>| t.as_ref().map_or(String::new(), |t| t.0.clone());
    let mut lines = Vec::with_capacity(draft.amounts.len());
    for (line, amounts) in new.lines.iter().zip(&draft.amounts) {
        lines.push(PlacedLine {
            sku: names.id(&line.sku),
            title: names.id(line.title.as_deref().unwrap_or(&line.sku)),
            category: names.id(line.category.as_deref().unwrap_or_default()),
            kind: names.id(line.kind.as_deref().unwrap_or("goods")),
            price: names.id(&line.unit_price.0),
            tax_rate: names.id(&text(&line.tax_rate)),
            quantity: line.quantity,
            amount: amounts.amount,
            discount: line.discount,
            tax: amounts.tax,
        });
    }
    for (line, amounts) in new.shipping.iter().zip(draft.amounts.iter().skip(new.lines.len())) {
        let price = crate::base::decimal::Major { minor: line.amount, decimals: places }.to_string();
        lines.push(PlacedLine {
            sku: 0,
            title: names.id(&line.title),
            category: 0,
            kind: names.id(SHIPPING),
            price: names.id(&price),
            tax_rate: names.id(&text(&line.tax_rate)),
            quantity: 1,
            amount: amounts.amount,
            discount: 0,
            tax: amounts.tax,
        });
    }
    lines.into()
}

impl Shop {
    /// Places an order and queues its webhook. `intent` is the payment's id, empty where nothing is to be paid.
    pub(crate) fn place(&mut self, at: Moment, draft: &Draft, intent: &str) {
        let Ok(number) = u32::try_from(self.orders.len()) else { return };
        let lines = kept(&mut self.names, draft);
        let new = &draft.new;
        let order = PlacedOrder {
            source_id: draft.source_id.as_str().into(),
            number: new.number.as_ref().map_or(draft.source_id.as_str(), |n| n.0.as_str()).into(),
            placed_at: when::parse(&new.placed_at).unwrap_or(at.business),
            currency: self.names.id(&draft.currency),
            customer: self.names.id(new.customer.as_ref().map_or("", |c| c.0.as_str())),
            taxes_included: new.taxes_included,
            ship_to: new.ship_to.clone().map(Box::new),
            lines,
            intent: intent.into(),
            own: draft.own(),
            cancelled: None,
        };
        let hub = self.hub_id(&draft.source_id);
        let head = Head {
            reference: &hub,
            order: &hub,
            id: &draft.source_id,
            amount: Some(draft.total),
            currency: &draft.currency,
            at: order.placed_at,
            ..Head::default()
        };
        let units = order.lines.iter().map(|l| l.quantity).sum();
        self.desk.ledger.document(&head).whole(Kind::OrderPlaced, Some(units));
        self.by_id.insert(draft.source_id.as_str().into(), number);
        self.orders.push(order);
        if draft.own() {
            self.collect(at, number, draft.total);
        }
        let event = format!("orders/create {}", draft.source_id);
        self.desk.notify(at, &event, "orders/create", Payload::Later(number));
    }
}
