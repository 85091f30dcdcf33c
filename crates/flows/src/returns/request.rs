//! A return is requested: written down, and the orders it concerns are asked.

use super::events::{Requested, RequestedLine};
use super::state::{Answer, Asked, Counters, DOC_VERSION, Doc, Line, State, VERSION};
use super::turn::Turn;
use super::{advance, decide};
use crate::early::Early;
use crate::messages::{Check, CheckLine};
use crate::out::{Out, Res};
use crate::policy::Policy;
use crate::read::{MAX_LINES, field, read};
use hub::process::Fault;
use retail::envelope::{Event, Name};
use retail::money::UnitPrice;
use retail::time::Time;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Opens the return and takes in what came before it.
pub(super) fn open<'a>(
    policy: &'a Policy,
    name: &'a Name,
    mut state: State,
    event: &Event,
    now: Time,
) -> Res<Turn<'a>> {
    let doc = understand(name, read(&event.kind, &event.data)?)?;
    let early = std::mem::take(&mut state.body.early);
    state.body.version = VERSION;
    state.body.since = now.0;
    state.body.lines = vec![Counters::default(); doc.lines.len()];
    let out = Out::default();
    let mut t =
        Turn { policy, name, now, occurred: event.occurred, doc: Arc::new(doc), body: state.body, out };
    let doc = Arc::clone(&t.doc);
    t.out.clear("return_not_requested");
    t.out.fact(
        "return.opened",
        &serde_json::json!({"lines": doc.lines.len(), "regime": doc.regime, "notice": doc.notice}),
    )?;
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
fn ask(t: &mut Turn<'_>) -> Res {
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

/// A second request changes nothing; one that differs is shown to a person.
pub(super) fn again(t: &mut Turn<'_>, event: &Event) -> Res {
    let doc = understand(t.name, read(&event.kind, &event.data)?)?;
    if doc != *t.doc {
        t.out.raise(
            "return_changed",
            "customer_service",
            format!("return {} was requested again with other contents", t.name.value),
            "cancel the return and have the customer request it anew",
        );
    }
    Ok(())
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
    let regime = r.regime.unwrap_or_else(|| first.kind.regime());
    let lines = r.lines.into_iter().map(|l| Line {
        id: l.line,
        // A text that no order can have as its id names no order.
        order: l.order.filter(|o| field::is_id(o)),
        order_line: l.order_line.filter(|o| !o.is_empty()),
        sku: l.sku,
        quantity: l.quantity,
        reason: l.reason,
        kind: l.kind,
        claimed: l.claimed_unit_price,
    });
    Ok(Doc {
        version: DOC_VERSION,
        requested_at: r.requested_at,
        regime,
        notice: r.notice_at.unwrap_or(r.requested_at),
        customer: r.customer,
        lines: lines.collect(),
    })
}

/// Whether a line says which line of which order it is, so that the order can say what was sold on it.
fn names_order_line(l: &RequestedLine) -> bool {
    l.order.as_deref().is_some_and(field::is_id) && l.order_line.as_ref().is_some_and(|o| !o.is_empty())
}
