//! Where inspected units go: the warehouse is told, the ERP gets the receipt, and what is put back on sale is
//! back in stock only once the warehouse has done it.

use super::documents;
use super::events::Decided;
use super::state::Disposal;
use super::turn::Turn;
use crate::out::Res;
use crate::stock::messages::{Restocked, Returned};
use hub::process::Fault;
use retail::returns::Disposition;

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
    let back = Returned { rma: t.rma().to_owned(), id: said.to_owned(), at: Some(t.occurred), lines };
    t.out.tell(&t.name.tenant, ("pool", pool), "stock.returned", &back)
}

/// A person has decided where units in quarantine or refurbishing finally go.
pub(super) fn decided(t: &mut Turn<'_>, event: &Decided) -> Res {
    t.same(&event.rma)?;
    let Some(d) = position(t, &event.id) else {
        let why = format!("return {} has no disposition {:?}", t.name.value, event.id);
        return Err(Fault::new("unknown_disposition", why));
    };
    let Some(disposal) = t.body.disposals.get_mut(d) else { return Ok(()) };
    if !disposal.done {
        let why =
            format!("{:?} is not done yet; decide once the warehouse has set the units apart", event.id);
        return Err(Fault::new("not_disposed_yet", why));
    }
    let (moved, kept): (Vec<_>, Vec<_>) =
        std::mem::take(&mut disposal.lines).into_iter().partition(|l| l.3.interim().is_some());
    disposal.lines = kept;
    let (place, receipt) = (disposal.place.clone(), disposal.receipt.clone());
    if moved.is_empty() {
        // Said again, it changes nothing.
        return Ok(());
    }
    let lines = moved.into_iter().map(|l| (l.0, l.1, l.2, event.disposition)).collect();
    t.out.clear("units_in_quarantine");
    order(t, Disposal { place, receipt, lines, done: false })
}
