//! Two returns in one parcel: what a receipt or an inspection says of another return's lines is passed on to it. It
//! counts there once, whoever passes it on and however often.

use super::events::{Inspected, InspectedLine, Received, ReceivedLine};
use super::turn::Turn;
use crate::out::Res;
use std::collections::BTreeMap;

fn others<'l, T: Clone>(
    rma: &str,
    lines: &'l [T],
    of: impl Fn(&'l T) -> Option<&'l String>,
) -> BTreeMap<&'l String, Vec<T>> {
    let mut others: BTreeMap<&String, Vec<T>> = BTreeMap::new();
    for l in lines {
        if let Some(other) = of(l).filter(|other| *other != rma) {
            others.entry(other).or_default().push(l.clone());
        }
    }
    others
}

pub(super) fn received(t: &mut Turn<'_>, event: &Received) -> Res {
    for (rma, lines) in others(t.rma(), &event.lines, |l: &ReceivedLine| l.rma.as_ref()) {
        let said = Received {
            receipt: event.receipt.clone(),
            rma: Some(rma.clone()),
            place: event.place.clone(),
            received_at: event.received_at,
            order: event.order.clone(),
            tracking: None,
            lines,
        };
        t.out.tell(&t.name.tenant, ("return", rma), "return.received", &said)?;
    }
    Ok(())
}

pub(super) fn inspected(t: &mut Turn<'_>, event: &Inspected) -> Res {
    for (rma, lines) in others(t.rma(), &event.lines, |l: &InspectedLine| l.rma.as_ref()) {
        let said = Inspected {
            inspection: event.inspection.clone(),
            rma: Some(rma.clone()),
            place: event.place.clone(),
            receipt: event.receipt.clone(),
            lines,
        };
        t.out.tell(&t.name.tenant, ("return", rma), "return.inspected", &said)?;
    }
    Ok(())
}
