//! Changes an order's lines after it was placed: adds lines, raises or lowers quantities. Units that are added are
//! lines of their own, so that what was charged for the others still adds up; units that are taken off are
//! cancelled. What cannot be done any more is shown to a person, and the rest is done.

use super::bundle::{self, Bundle};
use super::counts::settled;
use super::doc::Line;
use super::state::{Cancellation, CancellationState, Counters, Erp};
use super::turn::Turn;
use super::wishes::{LinesChanged, Quantity};
use super::{cancel, documents, lines, naming, pool, submit, tenders};
use crate::out::Res;
use crate::read::{MAX_AMOUNT, MAX_LINES, field};
use hub::process::Fault;
use serde::Serialize;
use std::sync::Arc;

/// How the key of a cancellation begins that a change made.
const KEY: &str = "change:";

#[derive(Serialize)]
struct Added<'a> {
    change: &'a str,
    line: &'a str,
    sku: &'a str,
    kind: retail::order::LineKind,
    quantity: i64,
    amount: i64,
    tax: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    raises: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'a str>,
}

#[derive(Serialize)]
struct Expanded<'a> {
    line: &'a str,
    lines: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    line: &'a str,
    sku: &'a str,
    kind: retail::order::LineKind,
    quantity: i64,
    amount: i64,
    tax: i64,
}

/// Says which components took the place of bundles.
pub(super) fn bundles(t: &mut Turn<'_>, bundles: &[Bundle]) -> Res {
    let doc = Arc::clone(&t.doc);
    for b in bundles {
        let parts = doc.lines.iter().filter(|l| l.parent.as_deref() == Some(b.id.as_str()));
        let lines = parts.map(|l| Part {
            line: &l.id,
            sku: &l.sku,
            kind: l.kind_of(),
            quantity: l.quantity,
            amount: l.charge,
            tax: l.tax,
        });
        t.out.fact("order.bundle_expanded", &Expanded { line: &b.id, lines: lines.collect() })?;
    }
    Ok(())
}

/// Takes a change in, once. Quantities are what is wanted in all, so an older wish never overwrites a newer one;
/// lines that are added are there or not, whenever that is heard.
pub(super) fn changed(t: &mut Turn<'_>, event: LinesChanged) -> Res {
    naming::same_order(t, &event.order)?;
    if t.body.amended.changes.contains(&event.id) {
        return Ok(());
    }
    let over = t.body.completed || settled(&t.doc, &t.body);
    let mut conflicts = Vec::new();
    let (mut added, bundles) = lines::read(event.add, t.doc.currency)?;
    let known = |t: &Turn<'_>, id: &str| t.doc.line(id).is_some() || t.doc.bundle(id).is_some();
    added.retain(|l| {
        let twice = known(t, &l.id);
        if let Some(there) = t.doc.line(&l.id).and_then(|i| t.doc.lines.get(usize::from(i)))
            && there != l
        {
            conflicts.push(format!("line {:?} is there already with other contents", l.id));
        }
        !twice
    });
    let new: Vec<Bundle> = bundles.into_iter().filter(|b| !known(t, &b.id)).collect();
    let mut wishes: Vec<(u16, i64, i64)> = Vec::new();
    for q in components(t, &event.change)? {
        if is_newer(t, &q.line) {
            quantity(t, &q, &mut added, &mut wishes)?;
        }
    }
    if over && !added.is_empty() {
        conflicts.push(format!("{} lines cannot be added: the order is over", added.len()));
        added.clear();
    }
    if !t.body.completed {
        for tender in event.tenders {
            let tender = submit::tender(tender, t.doc.currency)?;
            if !t.doc.tenders.iter().any(|x| x.payment == tender.payment) {
                tenders::add(t, tender);
            }
        }
    }
    if t.doc.lines.len() + added.len() > MAX_LINES {
        let why = format!("with it the order would have more than {MAX_LINES} lines");
        return Err(Fault::new("line_count", why));
    }
    let units = (added.iter().map(|l| l.quantity).sum::<i64>(), wishes.iter().map(|w| w.1).sum::<i64>());
    let fact =
        serde_json::json!({"change": event.id, "added": units.0, "taken_off": units.1, "by": event.by});
    t.out.fact("order.lines_changed", &fact)?;
    let more = !added.is_empty();
    add(t, &event.id, added, if over { Vec::new() } else { new })?;
    if more {
        tenders::cover(t)?;
    }
    if !wishes.is_empty() {
        let (key, reason) = (format!("{KEY}{}", event.id), "changed".to_owned());
        let state = CancellationState::Open;
        t.body.cancellations.push(Cancellation { key, reason, lines: wishes, state });
    }
    t.body.amended.changes.push(event.id);
    if !conflicts.is_empty() {
        conflict(t, &conflicts.join("; "));
    }
    Ok(())
}

/// A wish for bundles is one for their components.
fn components(t: &Turn<'_>, wishes: &[Quantity]) -> Res<Vec<Quantity>> {
    let mut all: Vec<Quantity> = Vec::with_capacity(wishes.len());
    for q in wishes {
        match t.doc.bundle(&q.line) {
            Some(b) => all.extend(b.components.iter().map(|(line, per)| Quantity {
                line: line.clone(),
                quantity: q.quantity.saturating_mul(*per),
                amount: None,
                tax: None,
            })),
            None => all.push(q.clone()),
        }
    }
    for (i, q) in all.iter().enumerate() {
        if all.iter().take(i).any(|x| x.line == q.line) {
            return Err(Fault::new("duplicate_line", format!("line {:?} stands in it twice", q.line)));
        }
    }
    Ok(all)
}

/// Whether nothing younger has set the line's quantity; if so, this has.
fn is_newer(t: &mut Turn<'_>, line: &str) -> bool {
    let now = t.occurred.0;
    match t.body.amended.set_at.iter_mut().find(|s| s.0 == line) {
        Some(s) if s.1 > now => false,
        Some(s) => {
            s.1 = now;
            true
        }
        None => {
            t.body.amended.set_at.push((line.to_owned(), now));
            true
        }
    }
}

/// Makes of a wished quantity what is to be added or taken off.
fn quantity(t: &Turn<'_>, wish: &Quantity, added: &mut Vec<Line>, wishes: &mut Vec<(u16, i64, i64)>) -> Res {
    let first = t.line(&wish.line)?;
    let same: Vec<u16> = t.doc.same(&wish.line).collect();
    let stands = |i: u16| cancel::stands(t, i) - cancel::wished(t, i);
    let present: i64 = same.iter().map(|i| stands(*i)).sum();
    if wish.quantity > present {
        added.push(raise(t, first, wish, wish.quantity - present, added)?);
        return Ok(());
    }
    let mut off = present - wish.quantity;
    // What came last goes first, and of it what has not left.
    for left_only in [true, false] {
        for i in same.iter().rev() {
            let taken: i64 = wishes.iter().filter(|w| w.0 == *i).map(|w| w.1).sum();
            let there = if left_only { cancel::left(t, *i) - cancel::wished(t, *i) } else { stands(*i) };
            let n = off.min(there - taken).max(0);
            if n > 0 {
                match wishes.iter_mut().find(|w| w.0 == *i) {
                    Some(w) => w.1 += n,
                    None => wishes.push((*i, n, 0)),
                }
                off -= n;
            }
        }
    }
    Ok(())
}

/// The line that raises another by `n` units.
fn raise(t: &Turn<'_>, of: u16, wish: &Quantity, n: i64, added: &[Line]) -> Res<Line> {
    let base = t.placed(of)?;
    let taken =
        |id: &str| t.doc.line(id).is_some() || t.doc.bundle(id).is_some() || added.iter().any(|l| l.id == id);
    let id = (2..).map(|k: u32| format!("{}.{k}", base.id)).find(|id| !taken(id)).unwrap_or_default();
    if !field::is_id(&id) {
        return Err(Fault::new("bad_data", format!("line {:?} is too long a name to be raised", base.id)));
    }
    let (charge, tax) = match (wish.amount, wish.tax) {
        (None, None) => bundle::more(base, n),
        (amount, tax) => (amount.unwrap_or_else(|| bundle::more(base, n).0), tax.unwrap_or(0)),
    };
    if !(0..=MAX_AMOUNT).contains(&charge) || !(0..=charge).contains(&tax) {
        let why = format!("line {:?}: a tax of {tax} in a charge of {charge} for {n} more units", base.id);
        return Err(Fault::new("tax_differs", why));
    }
    let raises = Some(base.known_as().to_owned());
    Ok(Line { id, quantity: n, charge, tax, discount: 0, raises, prices: Vec::new(), ..base.clone() })
}

/// Adds lines: booked, and asked of the pool.
fn add(t: &mut Turn<'_>, change: &str, added: Vec<Line>, new: Vec<Bundle>) -> Res {
    if added.is_empty() {
        return Ok(());
    }
    let from = t.doc.lines.len();
    let value: i64 = added.iter().map(|l| l.charge).sum();
    for l in &added {
        let fact = Added {
            change,
            line: &l.id,
            sku: &l.sku,
            kind: l.kind_of(),
            quantity: l.quantity,
            amount: l.charge,
            tax: l.tax,
            raises: l.raises.as_deref(),
            parent: l.parent.as_deref(),
        };
        t.out.fact("order.line_added", &fact)?;
    }
    t.out.post(t.posting().order_booked(t.doc.money(value)))?;
    let doc = Arc::make_mut(&mut t.doc);
    doc.lines.extend(added.iter().cloned());
    doc.bundles.extend(new.iter().cloned());
    t.body.lines.extend(added.iter().map(|_| Counters::default()));
    t.body.amended.lines.extend(added);
    t.body.amended.bundles.extend(new);
    pool::reserve_more(t, change, from)
}

/// Shows what of a change cannot be done any more.
pub(super) fn conflict(t: &mut Turn<'_>, what: &str) {
    t.out.raise(
        "change_conflicts",
        "customer_service",
        format!("a change of order {} came too late in part: {what}", t.name.value),
        "settle what is left with the customer, by a return, a new order or the carrier; the rest was done",
    );
}

/// Whether a cancellation is of units that a change took off: the storefront knows of it.
pub(super) fn made(cancellation: &Cancellation) -> bool {
    cancellation.key.starts_with(KEY)
}

/// Tells the ERP of lines that its sales order was not written with, and of a changed address.
pub(super) fn tell_erp(t: &mut Turn<'_>) -> Res {
    if t.body.erp != Erp::Done {
        return Ok(());
    }
    let from = t.body.amended.told.last().map_or_else(|| documents::written(t), |told| told.1);
    let to = u16::try_from(t.doc.lines.len()).unwrap_or(u16::MAX);
    if from == to && !t.body.amended.untold {
        return Ok(());
    }
    let address = std::mem::take(&mut t.body.amended.untold);
    t.body.amended.told.push((from, to, address));
    documents::amend_sales_order(t, t.body.amended.told.len() - 1)
}
