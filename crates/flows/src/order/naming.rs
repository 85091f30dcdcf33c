//! The hub's own numbers for what an order brings about, and finding things by them.

use super::turn::Turn;
use crate::out::Res;
use hub::process::Fault;

/// `{order}-R{n}`
pub(super) fn release_id(t: &Turn<'_>, r: usize) -> String {
    format!("{}-R{}", t.name.value, r + 1)
}

/// `{order}-F{n}`
pub(super) fn fulfilment_id(t: &Turn<'_>, f: usize) -> String {
    format!("{}-F{}", t.name.value, f + 1)
}

/// `{order}-X{n}`
pub(super) fn cancellation_id(t: &Turn<'_>, c: usize) -> String {
    format!("{}-X{}", t.name.value, c + 1)
}

/// `{order}-C{n}`
pub(super) fn credit_id(t: &Turn<'_>, c: usize) -> String {
    format!("{}-C{}", t.name.value, c + 1)
}

/// The position that an id `{order}-{letter}{n}` speaks of, if it is one of `count`.
fn position(t: &Turn<'_>, id: &str, letter: char, count: usize) -> Option<usize> {
    let n = id.strip_prefix(t.name.value.as_str())?.strip_prefix('-')?.strip_prefix(letter)?;
    let at = n.parse::<usize>().ok()?.checked_sub(1)?;
    (at < count && !n.starts_with(['0', '+'])).then_some(at)
}

pub(super) fn release_at(t: &Turn<'_>, id: &str) -> Res<usize> {
    position(t, id, 'R', t.body.releases.len()).ok_or_else(|| {
        Fault::new("unknown_release", format!("order {} made no release {id:?}", t.name.value))
    })
}

pub(super) fn fulfilment_at(t: &Turn<'_>, id: &str) -> Res<usize> {
    position(t, id, 'F', t.body.fulfilments.len()).ok_or_else(|| {
        Fault::new("unknown_fulfilment", format!("order {} made no fulfilment order {id:?}", t.name.value))
    })
}

/// Refuses what came under this order's name and speaks of another.
pub(super) fn same_order(t: &Turn<'_>, said: &str) -> Res {
    if said == t.name.value {
        return Ok(());
    }
    let why = format!("it says {said:?} and came under the name of {:?}", t.name.value);
    Err(Fault::new("order_differs", why))
}
