//! Which units of an order a return line means: of the line that it names and those that raised it, of whichever
//! lines carried its SKU, or of a bundle's components.

use super::bundle::Bundle;
use super::turn::Turn;
use crate::messages::CheckLine;

/// Units per line that may come back for a return line; `held` are those that lines before it have.
pub(super) fn meant(t: &Turn<'_>, l: &CheckLine, held: &[(String, u16, i64)]) -> Vec<(u16, i64)> {
    let taken = |i: u16| held.iter().filter(|h| h.1 == i).map(|h| h.2).sum::<i64>();
    let free = |i: u16| (t.body.returnable(i) - taken(i)).max(0);
    if let Some(bundle) = bundle(t, l) {
        return whole(t, bundle, l.quantity, free);
    }
    let (mut left, mut parts) = (l.quantity, Vec::new());
    for (i, d) in (0_u16..).zip(&t.doc.lines) {
        let named =
            |id: &String| *id == d.id || d.raises.as_ref() == Some(id) || d.parent.as_ref() == Some(id);
        let is = (l.order_line.is_some() || l.sku.is_some())
            && l.order_line.as_ref().is_none_or(named)
            && l.sku.as_ref().is_none_or(|sku| *sku == d.sku);
        let n = left.min(free(i));
        if is && n > 0 {
            parts.push((i, n));
            left -= n;
        }
    }
    parts
}

/// The bundle that a return line names as a whole: by its line, or by its SKU where no line has that.
fn bundle<'d>(t: &'d Turn<'_>, l: &CheckLine) -> Option<&'d Bundle> {
    let fits = |b: &&Bundle| {
        l.order_line.as_ref().is_none_or(|id| *id == b.id) && l.sku.as_ref().is_none_or(|sku| *sku == b.sku)
    };
    let named = l.order_line.is_some()
        || l.sku.as_ref().is_some_and(|sku| !t.doc.lines.iter().any(|d| d.sku == *sku));
    t.doc.bundles.iter().filter(|_| named).find(fits)
}

/// The components of as many whole bundles as all components of them may come back.
fn whole(t: &Turn<'_>, bundle: &Bundle, wanted: i64, free: impl Fn(u16) -> i64) -> Vec<(u16, i64)> {
    let of = |line: &str| t.doc.same(line).map(&free).sum::<i64>();
    let most = bundle.components.iter().map(|(line, per)| of(line) / (*per).max(1)).min().unwrap_or(0);
    let n = wanted.min(most);
    let mut parts = Vec::new();
    for (line, per) in &bundle.components {
        let mut left = n.saturating_mul(*per);
        for i in t.doc.same(line) {
            let m = left.min(free(i));
            if m > 0 {
                parts.push((i, m));
                left -= m;
            }
        }
    }
    parts
}
