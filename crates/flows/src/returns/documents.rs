//! What the ERP, the warehouse and whoever the return was asked of are told of it.

use super::exchange;
use super::rules::Told;
use super::state::{Body, Disposal, Doc, Request};
use super::turn::Turn;
use crate::out::Res;
use retail::money::Currency;
use retail::returns::{Disposition, ReturnStart};
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ReturnOrder<'a> {
    id: &'a str,
    rma: &'a str,
    currency: &'a str,
    lines: Vec<ReturnOrderLine<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ReturnOrderLine<'a> {
    line: &'a str,
    order: &'a str,
    order_line: &'a str,
    sku: &'a str,
    quantity: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Expected<'a> {
    id: &'a str,
    rma: &'a str,
    lines: Vec<Units<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Units<'a> {
    line: &'a str,
    sku: &'a str,
    quantity: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    disposition: Option<Disposition>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Dispose<'a> {
    id: &'a str,
    rma: &'a str,
    receipt: &'a str,
    lines: Vec<Units<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Receipt<'a> {
    id: &'a str,
    rma: &'a str,
    place: &'a str,
    lines: Vec<Units<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Update<'a> {
    id: &'a str,
    rma: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    lines: Vec<UpdateLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refunded: Option<Refunded<'a>>,
    /// How the goods come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<LabelOf<'a>>,
    /// The order that the customer gets instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LabelOf<'a> {
    tracking: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    label: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct UpdateLine<'a> {
    pub line: &'a str,
    pub status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    pub quantity: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Refunded<'a> {
    amount: i64,
    currency: &'a str,
}

/// What an approved line is. It always is something: whatever order approved it has said so.
fn approved_sku<'a>(body: &'a Body, doc: &'a Doc, line: u16) -> &'a str {
    body.sku(doc, line).unwrap_or_default()
}

/// The name of what is told about lines that were judged after the others.
fn round(t: &Turn<'_>, letter: char) -> String {
    let rma = t.rma();
    if t.body.rounds <= 1 { rma.to_owned() } else { format!("{rma}-{letter}{}", t.body.rounds) }
}

/// One return order per currency, since a document has one: the first under the RMA itself.
pub(super) fn return_orders(t: &mut Turn<'_>, judged: &[u16]) -> Res {
    let (doc, rma, body) = (Arc::clone(&t.doc), t.rma(), t.body.clone());
    let first = round(t, 'M');
    let mut currencies: Vec<Currency> = Vec::new();
    let parts = || body.parts.iter().filter(|p| judged.contains(&p.line));
    for o in &body.orders {
        let currency = o.2.unwrap_or(t.policy.currency);
        let any = parts().any(|p| body.orders.get(usize::from(p.order)).is_some_and(|x| x.0 == o.0));
        if any && !currencies.contains(&currency) {
            currencies.push(currency);
        }
    }
    for (n, currency) in currencies.iter().enumerate() {
        let id = if n == 0 { first.clone() } else { format!("{first}-{currency}") };
        let lines = parts().filter_map(|p| {
            let order = body.orders.get(usize::from(p.order))?;
            let line = doc.lines.get(usize::from(p.line))?;
            (order.2.unwrap_or(t.policy.currency) == *currency).then_some(ReturnOrderLine {
                line: &line.id,
                order: &order.0,
                order_line: &p.order_line,
                sku: approved_sku(&body, &doc, p.line),
                quantity: p.units.0,
            })
        });
        let args = ReturnOrder { id: &id, rma, currency: currency.code(), lines: lines.collect() };
        t.command(("erp", ""), "create_return_order", &id, &args)?;
    }
    Ok(())
}

/// Announces goods at the place that returns are sent to: what is to come, and neither is here nor kept.
pub(super) fn expect(t: &mut Turn<'_>, judged: &[u16]) -> Res {
    let (doc, rma, policy, body) = (Arc::clone(&t.doc), t.rma(), t.policy, t.body.clone());
    let id = round(t, 'A');
    if doc.start == ReturnStart::StoreCounter {
        return Ok(());
    }
    let lines: Vec<Units<'_>> = (0_u16..)
        .zip(&doc.lines)
        .filter(|(i, _)| judged.contains(i) && body.expected(*i) > 0)
        .map(|(i, l)| Units {
            line: &l.id,
            sku: approved_sku(&body, &doc, i),
            quantity: body.expected(i),
            disposition: None,
        })
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    t.command(("wms", &policy.returns.place), "expect_return", &id, &Expected { id: &id, rma, lines })
}

/// Tells whoever the return was asked of what was approved and what was declined.
pub(super) fn decision(t: &mut Turn<'_>, judged: &[u16]) -> Res {
    let (doc, body) = (Arc::clone(&t.doc), t.body.clone());
    let mut lines = Vec::new();
    for (i, l) in (0_u16..).zip(&doc.lines).filter(|(i, _)| judged.contains(i)) {
        let approved = body.approved(i);
        if approved > 0 {
            let reason = body.kept.contains(&i).then_some("keep");
            lines.push(UpdateLine { line: &l.id, status: "approved", reason, quantity: approved });
        }
        for (_, quantity, reason) in body.declined.iter().filter(|d| d.0 == i) {
            lines.push(UpdateLine {
                line: &l.id,
                status: "declined",
                reason: Some(reason),
                quantity: *quantity,
            });
        }
    }
    if judged.iter().any(|l| body.approved(*l) > 0) {
        update(t, "approved", None, lines, None)
    } else {
        let reason = body.declined.iter().find(|d| judged.contains(&d.0)).map(|d| d.2.as_str());
        update(t, "declined", reason, lines, None)
    }
}

/// Tells whoever the return was asked of how it comes back.
pub(super) fn labelled(t: &mut Turn<'_>) -> Res {
    let (doc, body) = (Arc::clone(&t.doc), t.body.clone());
    let lines = (0_u16..).zip(&doc.lines).filter(|(i, _)| body.approved(*i) > 0).map(|(i, l)| UpdateLine {
        line: &l.id,
        status: "approved",
        reason: None,
        quantity: body.approved(i),
    });
    update(t, "approved", None, lines.collect(), None)
}

/// Who is told how a return stands; nobody where no system knows of it. A return that was asked for at a channel is
/// unknown to everybody else's platform.
fn audience(t: &Turn<'_>) -> Option<(&'static str, String)> {
    if t.doc.by_hub {
        return None;
    }
    let Some(source) = &t.doc.source else { return Some(("returns", String::new())) };
    match t.policy.returns.rules.told.get(source) {
        Some(Told::Nobody) => None,
        Some(Told::Storefront) => Some(("storefront", source.clone())),
        Some(Told::Returns) | None => Some(("returns", source.clone())),
    }
}

/// Tells whoever the return was asked of how it stands.
pub(super) fn update(
    t: &mut Turn<'_>,
    status: &str,
    reason: Option<&str>,
    lines: Vec<UpdateLine<'_>>,
    refunded: Option<(i64, Currency)>,
) -> Res {
    let Some((role, at)) = audience(t) else { return Ok(()) };
    t.body.updates += 1;
    let (rma, id) = (t.rma(), format!("{}-U{}", t.rma(), t.body.updates));
    let code = refunded.map(|(_, c)| c);
    let refunded =
        refunded.zip(code.as_ref()).map(|((amount, _), c)| Refunded { amount, currency: c.code() });
    let label = t.body.label.clone().filter(|_| status == "approved");
    let label = label.as_ref().map(|l| LabelOf { tracking: &l.tracking, label: &l.label });
    let exchange = (status == "completed" || status == "refunded").then(|| exchange::id(t)).flatten();
    let exchange = exchange.as_deref();
    let args = Update { id: &id, rma, status, reason, lines, refunded, label, exchange };
    t.command((role, &at), "update_return", &id, &args)
}

/// Tells whoever the return was asked of that a credit has been paid.
pub(super) fn refunded(t: &mut Turn<'_>, request: &Request, currency: Currency) -> Res {
    let (doc, body) = (Arc::clone(&t.doc), t.body.clone());
    let lines = request.lines.iter().filter_map(|(part, quantity)| {
        let line = doc.lines.get(usize::from(body.parts.get(usize::from(*part))?.line))?;
        Some(UpdateLine { line: &line.id, status: "refunded", reason: None, quantity: *quantity })
    });
    update(t, "refunded", None, lines.collect(), Some((request.amount, currency)))
}

fn disposed(disposal: &Disposal) -> Vec<Units<'_>> {
    let lines = disposal.lines.iter();
    lines
        .map(|(line, sku, quantity, d)| Units { line, sku, quantity: *quantity, disposition: Some(*d) })
        .collect()
}

/// Tells the warehouse where units go.
pub(super) fn dispose(t: &mut Turn<'_>, id: &str, disposal: &Disposal) -> Res {
    let args = Dispose { id, rma: t.rma(), receipt: &disposal.receipt, lines: disposed(disposal) };
    t.command(("wms", &disposal.place), "dispose", id, &args)
}

/// Tells the ERP what was received and where it went.
pub(super) fn receipt(t: &mut Turn<'_>, id: &str, disposal: &Disposal) -> Res {
    let args = Receipt { id, rma: t.rma(), place: &disposal.place, lines: disposed(disposal) };
    t.command(("erp", ""), "post_return_receipt", id, &args)
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![
        command::<ReturnOrder<'_>>("create_return_order"),
        command::<Expected<'_>>("expect_return"),
        command::<Dispose<'_>>("dispose"),
        command::<Receipt<'_>>("post_return_receipt"),
        command::<Update<'_>>("update_return"),
    ]
}
