//! Drop-shipping: no pool keeps the units; the vendor stands for them, and gets a fulfilment order as a warehouse
//! does, without the order management.

use super::counts::{put, sum};
use super::delivery::Supply;
use super::release;
use super::state::Units;
use super::turn::Turn;
use crate::out::Res;
use std::sync::Arc;

/// Stands in a fulfilment order for the release that it does not come from.
pub(super) const NO_RELEASE: u16 = u16::MAX;

/// Counts what waits on drop-shipped lines as reserved with their vendors.
pub(super) fn reserve(t: &mut Turn<'_>) {
    let doc = Arc::clone(&t.doc);
    for (i, l) in (0_u16..).zip(&doc.lines).filter(|(_, l)| l.is_goods() && l.supply == Supply::Dropship) {
        let waits = t.body.waiting(&doc, i);
        if waits > 0 {
            let place = t.body.place(l.vendor.as_deref().unwrap_or_default());
            put(&mut t.body.reserved, [Units(i, place, waits)]);
        }
    }
}

/// Whether a vendor ships them.
pub(super) fn ships(t: &Turn<'_>, units: &Units) -> bool {
    t.doc.lines.get(usize::from(units.0)).is_some_and(|l| l.supply == Supply::Dropship)
}

/// Releases units to their vendors.
pub(super) fn release(t: &mut Turn<'_>, units: Vec<Units>) -> Res {
    let mut left = units;
    while let Some(first) = left.first().copied() {
        let (share, rest): (Vec<Units>, Vec<Units>) = left.into_iter().partition(|u| u.1 == first.1);
        left = rest;
        release::open(t, first.1, NO_RELEASE, share)?;
    }
    Ok(())
}

/// A vendor has not got them. Nobody else has either: they wait for a person.
pub(super) fn short(t: &mut Turn<'_>, fulfilment: &str, units: Vec<Units>) {
    if units.is_empty() {
        return;
    }
    t.out.raise(
        "vendor_short",
        "operations",
        format!("the vendor cannot ship {} units of {fulfilment}", sum(&units)),
        "ask the vendor for a date and request a retry of the order then, or cancel the lines",
    );
    put(&mut t.body.stuck, units);
}
