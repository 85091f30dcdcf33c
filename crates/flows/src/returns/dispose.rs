//! Where inspected units go: the warehouse is told, the ERP gets the receipt, and what is put back on sale is
//! back in stock only once the warehouse has done it.

use super::documents;
use super::events::{Decided, Refurbished};
use super::state::Disposal;
use super::turn::Turn;
use crate::out::Res;
use crate::stock::messages::{Restocked, Returned, ShelfTouched};
use hub::process::Fault;
use retail::returns::{Disposition, LineOutcome};
use std::collections::BTreeSet;
use std::sync::Arc;

fn id(t: &Turn<'_>, d: usize) -> String {
    format!("{}-D{}", t.name.value, d + 1)
}

/// The disposition that an id `{rma}-D{n}` speaks of.
pub(super) fn position(t: &Turn<'_>, said: &str) -> Option<usize> {
    (0..t.body.disposals.len()).find(|d| id(t, *d) == said)
}

/// Orders a disposition.
pub(super) fn order(t: &mut Turn<'_>, disposal: Disposal) -> Res {
    let id = id(t, t.body.disposals.len());
    documents::dispose(t, &id, &disposal)?;
    documents::receipt(t, &id, &disposal)?;
    t.body.disposals.push(disposal);
    Ok(())
}

/// Orders again what was refused.
pub(super) fn again(t: &mut Turn<'_>, op: &str, said: &str) -> Res {
    let found = position(t, said).and_then(|d| t.body.disposals.get(d)).cloned();
    match (found, op) {
        (Some(disposal), "dispose") => documents::dispose(t, said, &disposal),
        (Some(disposal), _) => documents::receipt(t, said, &disposal),
        (None, _) => Ok(()),
    }
}

/// The warehouse has done it: every unit is where it belongs, in the books too. The pool posts what it gets.
pub(super) fn done(t: &mut Turn<'_>, said: &str) -> Res {
    let Some(d) = position(t, said) else { return Ok(()) };
    let Some(disposal) = t.body.disposals.get_mut(d).filter(|d| !d.done) else { return Ok(()) };
    disposal.done = true;
    let disposal = disposal.clone();
    let of = |to: Disposition| disposal.of(to).map(|l| (l.1.as_str(), l.2));
    t.out.post(t.posting().destroyed(of(Disposition::Destroy)))?;
    t.out.post(t.posting().sent_back(of(Disposition::ReturnToCustomer)))?;
    t.out.post(t.posting().vendor_returned(of(Disposition::VendorReturn)))?;
    t.out.fact("return.goods_disposed", &serde_json::json!({"disposition": said}))?;
    let lines: Vec<Restocked> = disposal
        .of(Disposition::Restock)
        .map(|l| Restocked {
            sku: l.1.clone(),
            place: disposal.place.clone(),
            quantity: l.2,
            ..Restocked::default()
        })
        .collect();
    if lines.is_empty() {
        return Ok(());
    }
    let Some(pool) = t.policy.pool_of_place(&disposal.place) else {
        t.out.raise(
            "no_pool",
            "integration",
            format!("{} restocked units at {}, which belongs to no pool", t.name.value, disposal.place),
            "give the place to a pool and adjust its stock",
        );
        return Ok(());
    };
    // The warehouse has only said that it is done, not when.
    let back = Returned { rma: t.rma().to_owned(), id: said.to_owned(), at: None, lines };
    t.out.tell(&t.name.tenant, ("pool", pool), "stock.returned", &back)
}

/// The storefront that the return was asked of has booked it: where it keeps stock by place, the pool tells it what
/// is there now.
pub(super) fn shelf_touched(t: &mut Turn<'_>) -> Res {
    let Some(channel) = t.doc.source.clone().filter(|source| t.policy.keeps_places(source)) else {
        return Ok(());
    };
    let known = (0_u16..).take(t.doc.lines.len()).filter_map(|line| t.body.sku(&t.doc, line));
    let skus: BTreeSet<String> = known.map(str::to_owned).collect();
    let pool = t.policy.pool_of(&channel);
    let touched = ShelfTouched { channel: channel.clone(), skus: skus.into_iter().collect() };
    t.out.tell(&t.name.tenant, ("pool", pool), "stock.shelf_touched", &touched)
}

/// A person has decided where units in quarantine or refurbishing finally go: all of a disposition, or some.
pub(super) fn decided(t: &mut Turn<'_>, event: &Decided) -> Res {
    t.same(&event.rma)?;
    let disposition = event.disposition;
    let by = event.by.as_deref();
    let Some(lines) = &event.lines else {
        return follow(t, &event.id, by, |_| Some(disposition));
    };
    let mut left: Vec<(String, String, i64)> =
        lines.iter().map(|l| (l.line.clone(), l.sku.clone(), l.quantity)).collect();
    let disposal = set_apart(t, &event.id)?;
    let mut moved = Vec::new();
    for l in &mut disposal.lines {
        if l.3.interim().is_none() || l.3 == disposition {
            continue;
        }
        for x in left.iter_mut().filter(|x| x.0 == l.0 && x.1 == l.1) {
            let n = l.2.min(x.2);
            (l.2, x.2) = (l.2 - n, x.2 - n);
            if n > 0 {
                moved.push((l.0.clone(), l.1.clone(), n, disposition));
            }
        }
    }
    if let Some(x) = left.iter().find(|x| x.2 > 0) {
        let why = format!("{:?} has {} units of {:?} less that are set apart", event.id, x.2, x.1);
        return Err(Fault::new("not_set_apart", why));
    }
    disposal.lines.retain(|l| l.2 > 0);
    let (place, receipt) = (disposal.place.clone(), disposal.receipt.clone());
    said(t, by)?;
    order(t, Disposal { place, receipt, lines: moved, done: false })
}

/// Units are refurbished: a customer's repair goes back to the customer, the rest where policy says.
pub(super) fn refurbished(t: &mut Turn<'_>, event: &Refurbished) -> Res {
    t.same(&event.rma)?;
    let rest = t.policy.returns.rules.refurbished;
    let doc = Arc::clone(&t.doc);
    let repair = |l: &(String, String, i64, Disposition)| {
        doc.lines.iter().any(|x| x.id == l.0 && x.outcome == LineOutcome::Repair)
    };
    follow(t, &event.id, event.by.as_deref(), |l| {
        let done = l.3 == Disposition::Refurbish;
        done.then(|| if repair(l) { Disposition::ReturnToCustomer } else { rest })
    })
}

/// The disposition that set units apart; it must be done.
fn set_apart<'t>(t: &'t mut Turn<'_>, id: &str) -> Res<&'t mut Disposal> {
    let unknown = Fault::new("unknown_disposition", format!("return {} has no disposition {id:?}", t.rma()));
    let Some(disposal) = position(t, id).and_then(|d| t.body.disposals.get_mut(d)) else {
        return Err(unknown);
    };
    if disposal.done {
        return Ok(disposal);
    }
    let why = format!("{id:?} is not done yet; decide once the warehouse has set the units apart");
    Err(Fault::new("not_disposed_yet", why))
}

/// Moves units that are set apart on to where `to` says. Said again, it changes nothing.
fn follow(
    t: &mut Turn<'_>,
    id: &str,
    by: Option<&str>,
    to: impl Fn(&(String, String, i64, Disposition)) -> Option<Disposition>,
) -> Res {
    let disposal = set_apart(t, id)?;
    let mut moved = Vec::new();
    disposal.lines.retain(|l| {
        let next = l.3.interim().and_then(|_| to(l)).filter(|next| *next != l.3);
        moved.extend(next.map(|next| (l.0.clone(), l.1.clone(), l.2, next)));
        next.is_none()
    });
    let (place, receipt) = (disposal.place.clone(), disposal.receipt.clone());
    if moved.is_empty() {
        return Ok(());
    }
    said(t, by)?;
    order(t, Disposal { place, receipt, lines: moved, done: false })
}

fn said(t: &mut Turn<'_>, by: Option<&str>) -> Res {
    t.out.clear("units_in_quarantine");
    t.out.fact("return.disposition_decided", &serde_json::json!({"by": by}))
}
