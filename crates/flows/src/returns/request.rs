//! A return is requested: written down, and the orders it concerns are asked.

use super::doc::Instead;
use super::events::{GivenTender, Requested, RequestedLine};
use super::state::{Answer, Asked, Doc, Line, Paid, State};
use super::turn::Turn;
use super::{advance, decide, keep, matching, start};
use crate::early::Early;
use crate::messages::{Check, CheckLine, ExchangeTender};
use crate::out::Res;
use crate::policy::Policy;
use crate::read::{MAX_LINES, field, read};
use hub::process::Fault;
use retail::envelope::{Json, Name};
use retail::money::UnitPrice;
use retail::returns::{LineOutcome, ReturnStart};
use retail::time::Time;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Opens the return and takes in what came before it. `by_hub` where an order opened it and no platform knows it.
pub(super) fn open<'a>(
    policy: &'a Policy,
    name: &'a Name,
    mut state: State,
    (kind, data, by_hub): (&str, &Json, bool),
    (occurred, now): (Time, Time),
) -> Res<Turn<'a>> {
    let doc = Doc { by_hub, ..understand(name, read(kind, data)?)? };
    let early = std::mem::take(&mut state.body.early);
    let mut t = start::opened(policy, name, state, doc, (occurred, now))?;
    keep::as_requested(&mut t);
    let lines = t.body.line_numbers();
    matching::set_apart(&mut t, lines)?;
    ask(&mut t)?;
    replay(&mut t, early)?;
    advance::advance(&mut t)?;
    Ok(t)
}

/// Takes in what came early, in the order of arrival. What cannot be taken in becomes an exception, since its
/// message was answered long ago.
pub(super) fn replay(t: &mut Turn<'_>, early: Vec<Early>) -> Res {
    for one in early {
        let event = one.event(t.name);
        let (body, marks) = (t.body.clone(), t.out.marks());
        if let Err(fault) = decide::event(t, &event) {
            t.body = body;
            t.out.back_to(&marks);
            t.out.raise(
                "early_event_refused",
                "integration",
                format!(
                    "{} came before its time and does not fit return {}: {} ({})",
                    event.kind, t.name.value, fault.why, fault.code
                ),
                "compare the return with its sender and report the event again once it is right",
            );
        }
    }
    Ok(())
}

/// Asks each order once, with all the lines that concern it.
pub(super) fn ask(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    for l in &doc.lines {
        let Some(order) = &l.order else { continue };
        if !t.body.orders.iter().any(|o| o.0 == *order) {
            t.body.orders.push(Asked(order.clone(), Answer::Awaited, None));
        }
    }
    for o in (0_u16..).take(t.body.orders.len()) {
        let Some(id) = t.body.orders.get(usize::from(o)).map(|o| o.0.clone()) else { continue };
        let lines = doc.lines.iter().filter(|l| l.order.as_ref() == Some(&id)).map(|l| CheckLine {
            return_line: l.id.clone(),
            order_line: l.order_line.clone(),
            sku: l.sku.clone(),
            quantity: l.quantity,
        });
        let check = Check { rma: t.rma().to_owned(), requested_at: doc.requested_at, lines: lines.collect() };
        t.order(o, "return.check", &check)?;
    }
    Ok(())
}

/// A second request changes nothing; one that differs is shown to a person. The first request of a return that
/// opened by itself says whose it is.
pub(super) fn again(t: &mut Turn<'_>, kind: &str, data: &Json) -> Res {
    let doc = understand(t.name, read(kind, data)?)?;
    if t.doc.by_hub && kind == "return.requested" && t.doc.start == ReturnStart::UnannouncedReceipt {
        return matching::merge(t, doc);
    }
    if !agrees(&doc, &t.doc) {
        matching::changed(t);
    }
    Ok(())
}

/// Whether a request says what is known already; more may be known than it says.
fn agrees(asked: &Doc, known: &Doc) -> bool {
    let merged = known.start == ReturnStart::UnannouncedReceipt;
    let line = |l: &Line| {
        let Some(k) = known.lines.iter().find(|k| k.id == l.id) else { return false };
        let same = Line {
            also: None,
            order: l.order.as_ref().and(k.order.clone()),
            order_line: l.order_line.as_ref().and(k.order_line.clone()),
            sku: l.sku.as_ref().and(k.sku.clone()),
            ..k.clone()
        };
        same == *l
    };
    asked.lines.iter().all(line)
        && (merged || asked.lines.len() == known.lines.len())
        && Doc { lines: Vec::new(), start: known.start, by_hub: known.by_hub, ..asked.clone() }
            == Doc {
                lines: Vec::new(),
                place: asked.place.clone(),
                tracking: asked.tracking.clone(),
                ..known.clone()
            }
}

fn understand(name: &Name, r: Requested) -> Res<Doc> {
    if r.rma != name.value {
        let why = format!("it says {:?} and came under the name of {:?}", r.rma, name.value);
        return Err(Fault::new("return_differs", why));
    }
    let mut ids = BTreeSet::new();
    if let Some(l) = r.lines.iter().find(|l| !ids.insert(l.line.as_str())) {
        return Err(Fault::new("duplicate_line", format!("line {:?} stands in it twice", l.line)));
    }
    let Some(first) = r.lines.first().filter(|_| r.lines.len() <= MAX_LINES) else {
        let why = format!("it has {} lines; a return has 1 to {MAX_LINES}", r.lines.len());
        return Err(Fault::new("line_count", why));
    };
    let negative = |l: &&RequestedLine| l.claimed_unit_price.is_some_and(|p| p < UnitPrice(0.into()));
    if let Some(l) = r.lines.iter().find(negative) {
        let why = format!("line {:?}: `claimed_unit_price` is negative", l.line);
        return Err(Fault::new("bad_data", why));
    }
    if let Some(l) = r.lines.iter().find(|l| l.sku.is_none() && !names_order_line(l)) {
        let why = format!("line {:?}: without `sku` it must name its `order` and `order_line`", l.line);
        return Err(Fault::new("bad_data", why));
    }
    for l in &r.lines {
        if (l.outcome == LineOutcome::Exchange) != l.exchange.is_some() {
            let why = format!(
                "line {:?}: the outcome is {} and `exchange` is {}; an exchange says what it is for",
                l.line,
                l.outcome,
                if l.exchange.is_some() { "given" } else { "missing" }
            );
            return Err(Fault::new("bad_data", why));
        }
    }
    let regime = r.regime.unwrap_or_else(|| first.kind.regime());
    let notice = r.notice_at.unwrap_or(r.requested_at);
    let paid = r.refund.map(|p| Paid {
        payment: p.payment,
        refund: p.refund,
        amount: p.amount,
        currency: p.currency,
    });
    if r.start == ReturnStart::RefundedElsewhere && paid.is_none() {
        let why = "`refund` is missing; a return that was refunded elsewhere says by which refund";
        return Err(Fault::new("bad_data", why));
    }
    let lines = r.lines.into_iter().map(line).collect();
    Ok(Doc {
        notice,
        customer: r.customer,
        start: r.start,
        source: r.source,
        place: r.place,
        tracking: r.tracking.filter(|t| !t.is_empty()),
        paid,
        ..Doc::new(r.requested_at, regime, lines)
    })
}

fn line(l: RequestedLine) -> Line {
    let advance = l.advance;
    let tender = |t: GivenTender| ExchangeTender {
        id: t.id,
        kind: t.kind,
        executor: t.executor,
        payment: t.payment,
        authorised: t.authorised,
        several: t.several,
        expires_at: t.expires_at,
    };
    let exchange = l.exchange.map(|x| {
        Box::new(Instead {
            sku: x.sku,
            title: x.title,
            category: x.category,
            quantity: x.quantity,
            unit_price: x.unit_price,
            amount: x.amount,
            tax: x.tax,
            tax_included: x.tax_included,
            advance: advance || x.advance,
            tender: x.tender.map(tender),
        })
    });
    Line {
        id: l.line,
        // A text that no order can have as its id names no order.
        order: l.order.filter(|o| field::is_id(o)),
        order_line: l.order_line.filter(|o| !o.is_empty()),
        sku: l.sku,
        quantity: l.quantity,
        reason: l.reason,
        kind: l.kind,
        claimed: l.claimed_unit_price,
        outcome: l.outcome,
        keep: l.keep,
        exchange,
        grade: l.grade,
        also: None,
    }
}

/// Whether a line says which line of which order it is, so that the order can say what was sold on it.
fn names_order_line(l: &RequestedLine) -> bool {
    l.order.as_deref().is_some_and(field::is_id) && l.order_line.as_ref().is_some_and(|o| !o.is_empty())
}
