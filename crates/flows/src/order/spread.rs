//! What somebody says of a line, said of the lines that stand for it: a bundle's components, and those that raised
//! its quantity later.

use super::turn::Turn;
use crate::out::Res;

/// Units of each line that `quantity` units of a named line mean. Each takes what it has room for; what nobody has
/// room for stays with the first.
pub(super) fn spread(
    t: &Turn<'_>,
    named: &str,
    quantity: i64,
    room: impl Fn(u16) -> i64,
) -> Res<Vec<(u16, i64)>> {
    let Some(bundle) = t.doc.bundle(named) else { return one(t, named, quantity, &room) };
    let mut all = Vec::new();
    for (line, per) in &bundle.components {
        all.extend(one(t, line, quantity.saturating_mul(*per), &room)?);
    }
    Ok(all)
}

fn one(t: &Turn<'_>, named: &str, quantity: i64, room: &impl Fn(u16) -> i64) -> Res<Vec<(u16, i64)>> {
    let first = t.line(named)?;
    let (mut left, mut parts) = (quantity, Vec::new());
    for i in t.doc.same(named) {
        let n = left.min(room(i)).max(0);
        if n > 0 {
            parts.push((i, n));
            left -= n;
        }
    }
    if left > 0 {
        match parts.iter_mut().find(|p| p.0 == first) {
            Some(p) => p.1 += left,
            None => parts.insert(0, (first, left)),
        }
    }
    Ok(parts)
}
