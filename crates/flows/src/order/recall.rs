//! Takes released units back: from the order management while it has not allocated them, else from the warehouse.
//! Both can only cancel a whole release or fulfilment order; what was not to be cancelled is released again.

use super::counts::put;
use super::naming::{fulfilment_id, release_id};
use super::state::{FulfilmentState as F, ReleaseState as R};
use super::turn::Turn;
use super::{label, release, vendor};
use crate::out::{Res, To};
use crate::pending::Pending;
use retail::envelope::Class;
use serde::Serialize;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Cancel<'a> {
    id: &'a str,
    order: &'a str,
    reason: &'a str,
}

/// Recalls whatever holds units of a line.
pub(super) fn recall(t: &mut Turn<'_>, line: u16) -> Res {
    for r in 0..t.body.releases.len() {
        let Some(release) = t.body.releases.get_mut(r) else { continue };
        if release.0 == R::Asked && release.1.iter().any(|u| u.0 == line) {
            release.0 = R::Recalled;
            ask_release(t, r)?;
        }
    }
    for f in 0..t.body.fulfilments.len() {
        let Some(fulfilment) = t.body.fulfilments.get_mut(f) else { continue };
        if fulfilment.2 == F::Open && fulfilment.3.iter().any(|u| u.0 == line) {
            fulfilment.2 = F::Recalled;
            ask_fulfilment(t, f)?;
        }
    }
    Ok(())
}

/// Cancels a release. While it is not known whether the order management has it, it is only withdrawn: if it was
/// not sent its outcome says so, and if it was it is cancelled once it is known to be there.
pub(super) fn ask_release(t: &mut Turn<'_>, r: usize) -> Res {
    let id = release_id(t, r);
    if withdrawn(t, format!("release_order:{id}")) {
        return Ok(());
    }
    let (order, object) = (t.order(), format!("order/{}", t.order()));
    let to = To { role: "oms", at: "", object: &object, class: Class::Fulfilment };
    t.command(to, "cancel_release", &id, &Cancel { id: &id, order, reason: "cancelled" })
}

/// Cancels a fulfilment order, in the same way.
pub(super) fn ask_fulfilment(t: &mut Turn<'_>, f: usize) -> Res {
    let id = fulfilment_id(t, f);
    if label::recalled(t, f)? || withdrawn(t, format!("create_fulfilment:{id}")) {
        return Ok(());
    }
    let place = t.body.fulfilments.get(f).map(|f| t.body.place_name(f.0).to_owned()).unwrap_or_default();
    let (order, object) = (t.order(), format!("fulfilment/{id}"));
    let to = To { role: "wms", at: &place, object: &object, class: Class::Fulfilment };
    t.command(to, "cancel_fulfilment", &id, &Cancel { id: &id, order, reason: "cancelled" })
}

/// Withdraws a command whose outcome is still to come; `false` when it is known.
fn withdrawn(t: &mut Turn<'_>, create: String) -> bool {
    let waits = t.body.pending.get(&create).is_some_and(|p| *p != Pending::Refused);
    if waits {
        t.out.withdraw.push(create);
    }
    waits
}

/// A release is over without having been allocated, or with nothing of it at a warehouse: its units are merely
/// reserved again, wishes are served from them and the rest is released anew.
pub(super) fn release_ended(t: &mut Turn<'_>, r: usize) {
    if let Some(release) = t.body.releases.get_mut(r) {
        release.0 = R::Ended;
        let units = std::mem::take(&mut release.1);
        put(&mut t.body.reserved, units);
    }
    for f in &mut t.body.fulfilments {
        if usize::from(f.1) == r && f.2 == F::Held {
            f.2 = F::Ended;
            let units = std::mem::take(&mut f.3);
            put(&mut t.body.reserved, units);
        }
    }
}

/// The order management would not cancel. What it has allocated meanwhile goes on, less what is to be cancelled;
/// else the allocation is awaited.
pub(super) fn release_kept(t: &mut Turn<'_>, r: usize) -> Res {
    let held: Vec<usize> = (0..t.body.fulfilments.len())
        .filter(|f| t.body.fulfilments.get(*f).is_some_and(|f| usize::from(f.1) == r && f.2 == F::Held))
        .collect();
    if let Some(release) = t.body.releases.get_mut(r)
        && release.0 == R::Recalled
    {
        release.0 = if held.is_empty() { R::TooLate } else { R::Ended };
    }
    for f in held {
        fulfilment_ended(t, f)?;
    }
    Ok(())
}

/// A fulfilment order is over without having shipped the rest. What is to be cancelled is merely reserved again;
/// for the remainder the order management's allocation still stands, so it becomes a new fulfilment order at the
/// same place. When nothing of a release is left anywhere and nothing of it shipped, the order management is told.
pub(super) fn fulfilment_ended(t: &mut Turn<'_>, f: usize) -> Res {
    let Some(fulfilment) = t.body.fulfilments.get_mut(f) else { return Ok(()) };
    fulfilment.2 = F::Ended;
    let (place, r, units) = (fulfilment.0, fulfilment.1, std::mem::take(&mut fulfilment.3));
    release::open(t, place, r, units)?;
    let mut of_release = t.body.fulfilments.iter().filter(|x| x.1 == r);
    if r != vendor::NO_RELEASE && of_release.all(|x| x.2 == F::Ended && !x.4) {
        ask_release(t, usize::from(r))?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<Cancel<'_>>("cancel_release"), command::<Cancel<'_>>("cancel_fulfilment")]
}
