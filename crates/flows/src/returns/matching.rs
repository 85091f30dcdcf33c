//! Lines whose order nobody named: looked up in the ERP where policy says so, matched by a person or by a request that
//! comes later, and then judged like any other.

use super::authorise::currency_of;
use super::events::Matched;
use super::state::{Answer, Asked, Counters, Doc, Late, Line};
use super::turn::Turn;
use crate::messages::{Check, CheckLine};
use crate::out::Res;
use crate::read::field;
use hub::process::Fault;
use retail::envelope::Json;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FindSale<'a> {
    id: &'a str,
    rma: &'a str,
    sku: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    /// What is written on the parcel.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
}

/// What an ERP answers.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Sale {
    #[serde(default)]
    order: Option<String>,
    #[serde(default)]
    order_line: Option<String>,
}

/// Sets lines without an order apart, where they may still be matched: those that came unannounced always, others
/// where the ERP may know their sale. The rest is declined with the others.
pub(super) fn set_apart(t: &mut Turn<'_>, lines: impl Iterator<Item = u16>) -> Res {
    for line in lines {
        let Some(wish) = t.wish(line).filter(|l| l.order.is_none()) else { continue };
        let known = wish.sku.is_some();
        let find = known && t.policy.returns.rules.find_sale;
        if t.body.late(line).is_some() || !(find || t.doc.by_hub) {
            continue;
        }
        t.body.late.push((line, Late::Unmatched));
        if find {
            find_sale(t, line)?;
        }
    }
    Ok(())
}

fn find_sale(t: &mut Turn<'_>, line: u16) -> Res {
    let doc = Arc::clone(&t.doc);
    let Some(sku) = doc.lines.get(usize::from(line)).and_then(|l| l.sku.as_deref()) else { return Ok(()) };
    let id = format!("{}-L{}", t.rma(), line + 1);
    let args = FindSale {
        id: &id,
        rma: t.rma(),
        sku,
        customer: doc.customer.as_deref(),
        reference: doc.tracking.as_deref(),
    };
    t.command(("erp", ""), "find_sale", &id, &args)
}

/// The line that a search `{rma}-L{n}` was for.
fn searched(t: &Turn<'_>, id: &str) -> Option<u16> {
    let n = id.strip_prefix(t.rma())?.strip_prefix("-L")?.parse::<u16>().ok()?.checked_sub(1)?;
    (t.body.late(n) == Some(Late::Unmatched)).then_some(n)
}

/// The ERP has answered.
pub(super) fn found(t: &mut Turn<'_>, id: &str, result: Option<&Json>) -> Res {
    let Some(line) = searched(t, id) else { return Ok(()) };
    // What an ERP says beside an order is for people.
    let sale: Sale = result.and_then(|r| serde_json::from_str(r.get()).ok()).unwrap_or_default();
    match sale.order.filter(|o| field::is_id(o)) {
        Some(order) => assign(t, line, order, sale.order_line, "erp"),
        // Goods that are here wait for a person; a wish that nothing bears out is declined.
        None if t.body.lines.get(usize::from(line)).is_some_and(|l| l.received > 0) || t.doc.by_hub => Ok(()),
        None => none(t, line),
    }
}

/// A person says which sale a line belongs to, or that there is none.
pub(super) fn matched(t: &mut Turn<'_>, event: &Matched) -> Res {
    t.same(&event.rma)?;
    let Some(line) = t.line(&event.line) else {
        let why = format!("return {} has no line {:?}", event.rma, event.line);
        return Err(Fault::new("unknown_line", why));
    };
    if t.body.late(line) != Some(Late::Unmatched) {
        let same = t.wish(line).is_some_and(|l| l.order == event.order);
        let why = format!("line {:?} of return {} belongs to an order already", event.line, event.rma);
        return if same { Ok(()) } else { Err(Fault::new("matched_already", why)) };
    }
    let by = event.by.as_deref().unwrap_or("operator");
    match &event.order {
        Some(order) => assign(t, line, order.clone(), event.order_line.clone(), by),
        None => none(t, line),
    }
}

fn assign(t: &mut Turn<'_>, line: u16, order: String, order_line: Option<String>, by: &str) -> Res {
    let Some(wish) = t.learn(line) else { return Ok(()) };
    wish.order = Some(order.clone());
    wish.order_line = order_line.filter(|l| !l.is_empty());
    let fact = serde_json::json!({"line": wish.id, "order": order, "order_line": wish.order_line, "by": by});
    stage(t, line, Late::Matched);
    t.out.fact("return.line_matched", &fact)
}

/// There is no sale: nobody gets anything for it, and what came goes back once inspected.
fn none(t: &mut Turn<'_>, line: u16) -> Res {
    t.body.late.retain(|l| l.0 != line);
    cleared(t);
    let Some(l) = t.wish(line).cloned() else { return Ok(()) };
    t.body.declined.push((line, l.quantity, "no_sale_found".to_owned()));
    let currency = currency_of(t, None);
    let claimed = l.claimed.and_then(|p| p.times(l.quantity, currency)).map(|m| m.minor);
    let fact = serde_json::json!({
        "line": l.id, "order": l.order, "sku": l.sku, "quantity": l.quantity, "reason": "no_sale_found",
        "claimed_amount": claimed, "currency": currency,
    });
    t.out.fact("return.line_refused", &fact)?;
    super::documents::decision(t, &[line])?;
    // What was found on it waited for this.
    let early = std::mem::take(&mut t.body.early);
    super::request::replay(t, early)
}

fn stage(t: &mut Turn<'_>, line: u16, to: Late) {
    match t.body.late.iter_mut().find(|l| l.0 == line) {
        Some(l) => l.1 = to,
        None => t.body.late.push((line, to)),
    }
    cleared(t);
}

fn cleared(t: &mut Turn<'_>) {
    if !t.body.late.iter().any(|l| l.1 == Late::Unmatched) {
        t.out.clear("return_unmatched");
    }
}

/// Asks orders about lines that were matched to them. An order is asked one thing at a time.
pub(super) fn ask(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let mut asks: Vec<(u16, Vec<CheckLine>)> = Vec::new();
    for (line, at) in t.body.late.clone() {
        let Some(l) = doc.lines.get(usize::from(line)).filter(|_| at == Late::Matched) else { continue };
        let Some(id) = &l.order else { continue };
        let known = t.body.orders.iter().position(|o| o.0 == *id);
        let o = known.unwrap_or(t.body.orders.len());
        let n = u16::try_from(o).unwrap_or(u16::MAX);
        let asked_now = asks.iter().any(|a| a.0 == n);
        match t.body.orders.get_mut(o) {
            Some(order) if order.1 == Answer::Awaited && !asked_now => continue,
            Some(order) => order.1 = Answer::Awaited,
            None => t.body.orders.push(Asked(id.clone(), Answer::Awaited, None)),
        }
        stage(t, line, Late::Asking);
        let check = CheckLine {
            return_line: l.id.clone(),
            order_line: l.order_line.clone(),
            sku: l.sku.clone(),
            quantity: l.quantity,
        };
        match asks.iter_mut().find(|a| a.0 == n) {
            Some(a) => a.1.push(check),
            None => asks.push((n, vec![check])),
        }
    }
    for (order, lines) in asks {
        let check = Check { rma: t.rma().to_owned(), requested_at: doc.requested_at, lines };
        t.order(order, "return.check", &check)?;
    }
    Ok(())
}

/// A line that nobody had announced; answers its position. Its order is known if the parcel says so.
pub(super) fn unannounced(t: &mut Turn<'_>, line: Line) -> Res<u16> {
    let at = t.doc.lines.len();
    let n = u16::try_from(at)
        .map_err(|_| Fault::new("line_count", format!("return {} has too many lines", t.name.value)))?;
    let late = if line.order.is_some() { Late::Matched } else { Late::Unmatched };
    Arc::make_mut(&mut t.doc).lines.push(line);
    t.body.lines.push(Counters::default());
    if late == Late::Matched {
        stage(t, n, late);
    } else {
        set_apart(t, std::iter::once(n))?;
    }
    Ok(n)
}

/// A return that opened by itself is requested after all: what came is what was asked for where line or SKU agree, and
/// what did not come yet is awaited.
pub(super) fn merge(t: &mut Turn<'_>, asked: Doc) -> Res {
    let mut taken = Vec::new();
    for line in asked.lines {
        let waits = |t: &Turn<'_>, i: u16| t.body.late(i) == Some(Late::Unmatched);
        let named = t.line(&line.id).filter(|i| {
            t.wish(*i).is_some_and(|l| line.sku.is_none() || l.sku.is_none() || l.sku == line.sku)
        });
        if let Some(i) = named.filter(|i| !waits(t, *i)) {
            // Somebody was quicker; what they said stands, and what the customer wishes is heard.
            let Some(l) = t.learn(i) else { continue };
            if l.order.is_some() && line.order.is_some() && l.order != line.order {
                changed(t);
            } else if t.body.requests.is_empty() {
                let Some(l) = t.learn(i) else { continue };
                (l.reason, l.kind, l.outcome, l.exchange) =
                    (line.reason, line.kind, line.outcome, line.exchange);
            }
            continue;
        }
        let same =
            |i: &u16| waits(t, *i) && line.sku.is_some() && t.wish(*i).is_some_and(|l| l.sku == line.sku);
        let found = named.or_else(|| t.body.line_numbers().filter(|i| !taken.contains(i)).find(same));
        let Some(i) = found else {
            taken.push(unannounced(t, line)?);
            continue;
        };
        taken.push(i);
        let Some(l) = t.learn(i) else { continue };
        let also = l.also.take().or_else(|| (l.id != line.id).then(|| l.id.clone()));
        let sku = line.sku.clone().or_else(|| l.sku.clone());
        *l = Line { also, sku, ..line };
        if l.order.is_some() {
            stage(t, i, Late::Matched);
        }
    }
    let doc = Arc::make_mut(&mut t.doc);
    doc.by_hub = false;
    (doc.requested_at, doc.regime, doc.notice) = (asked.requested_at, asked.regime, asked.notice);
    (doc.customer, doc.source, doc.paid) = (asked.customer, asked.source, asked.paid);
    super::keep::as_requested(t);
    t.out.fact("return.announced", &serde_json::json!({"lines": t.doc.lines.len()}))
}

/// What was requested again differs from what is known.
pub(super) fn changed(t: &mut Turn<'_>) {
    t.out.raise(
        "return_changed",
        "customer_service",
        format!("return {} was requested again with other contents", t.name.value),
        "cancel the return and have the customer request it anew",
    );
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<FindSale<'_>>("find_sale")]
}
