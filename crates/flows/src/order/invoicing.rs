//! Invoices: one with each shipment, or one over all of them, and the tax of each filed where a system keeps it.

use super::counts::settled;
use super::documents::values;
use super::turn::{LineValue, Turn};
use crate::out::{Res, To};
use crate::policy::InvoiceRule;
use retail::envelope::Class;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Invoice<'a> {
    id: &'a str,
    order: &'a str,
    /// The one delivery that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<&'a str>,
    /// All of them, where it is about several or may be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deliveries: Vec<&'a str>,
    currency: &'a str,
    lines: Vec<LineValue<'a>>,
    total: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Tax<'a> {
    id: &'a str,
    order: &'a str,
    currency: &'a str,
    lines: Vec<LineValue<'a>>,
    tax: i64,
}

/// Invoices the `n`th shipment, counted from 1, where each shipment has its own.
pub(super) fn shipment(t: &mut Turn<'_>, n: u16) -> Res {
    if t.policy.checkout.invoice == InvoiceRule::WhenComplete {
        return Ok(());
    }
    let Some(s) = t.shipment(n).cloned() else { return Ok(()) };
    post(t, &s.id)?;
    tax(t, &s.id)
}

/// Invoices what was shipped and has no invoice, where an order has one over all: once nothing more can come. What is
/// sold later has another.
pub(super) fn whole(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    if t.policy.checkout.invoice == InvoiceRule::PerShipment || t.body.completed || !settled(&doc, &t.body) {
        return Ok(());
    }
    let billed = |i: u16| t.body.bills.iter().flatten().filter(|b| b.0 == i).map(|b| b.2).max().unwrap_or(0);
    let lines = (0_u16..).zip(&t.body.lines).map(|(i, l)| (i, billed(i), l.shipped));
    let lines: Vec<_> = lines.filter(|(_, from, to)| from < to).collect();
    if lines.is_empty() {
        return Ok(());
    }
    t.body.bills.push(lines);
    let id = bill_id(t, t.body.bills.len());
    post(t, &id)?;
    tax(t, &id)
}

/// `{order}-I{n}`
fn bill_id(t: &Turn<'_>, n: usize) -> String {
    format!("{}-I{n}", t.name.value)
}

/// What an invoice is about: (line, from unit, to unit).
fn lines_of(t: &Turn<'_>, id: &str) -> Option<Vec<(u16, i64, i64)>> {
    let bill = (1..).zip(&t.body.bills).find(|(n, _)| bill_id(t, *n) == id).map(|(_, lines)| lines.clone());
    bill.or_else(|| t.body.shipments.iter().find(|s| s.id == id).map(|s| s.lines.clone()))
}

/// What an invoice comes to, minor units.
pub(super) fn total(t: &Turn<'_>, id: &str) -> Option<i64> {
    let lines = lines_of(t, id)?;
    Some(lines.iter().map(|(line, from, to)| t.doc.share(*line, *from, *to).0).sum())
}

/// Posts an invoice, for the first time or again.
pub(super) fn post(t: &mut Turn<'_>, id: &str) -> Res {
    let Some(lines) = lines_of(t, id) else { return Ok(()) };
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    let own = t.body.shipments.iter().find(|s| s.id == id);
    let delivery = own.filter(|s| s.place.is_some()).map(|s| s.id.clone());
    let deliveries: Vec<String> = match own {
        Some(_) => Vec::new(),
        None => t.body.shipments.iter().filter(|s| s.place.is_some()).map(|s| s.id.clone()).collect(),
    };
    let lines = values(&doc, lines.into_iter());
    let total = lines.iter().map(|l| l.amount).sum();
    let args = Invoice {
        id,
        order,
        delivery: delivery.as_deref(),
        deliveries: deliveries.iter().map(String::as_str).collect(),
        currency: doc.currency.code(),
        lines,
        total,
    };
    t.erp("post_invoice", id, &args)
}

/// Files the tax of an invoice, where a system plays the role.
pub(super) fn tax(t: &mut Turn<'_>, id: &str) -> Res {
    let Some(lines) = lines_of(t, id).filter(|_| t.policy.asks.contains("tax")) else { return Ok(()) };
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    let lines = values(&doc, lines.into_iter());
    let tax = lines.iter().map(|l| l.tax).sum();
    let args = Tax { id, order, currency: doc.currency.code(), lines, tax };
    let object = format!("order/{order}");
    let to = To { role: "tax", at: "", object: &object, class: Class::Fulfilment };
    t.command(to, "commit_tax", id, &args)
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<Invoice<'_>>("post_invoice"), command::<Tax<'_>>("commit_tax")]
}
