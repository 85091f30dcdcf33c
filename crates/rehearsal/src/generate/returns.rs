//! What comes back of an order.

use crate::generate::basket;
use crate::generate::catalogue::Catalogue;
use crate::generate::chance::Chance;
use crate::wire::{NewOrder, NewReturn, NewReturnLine};
use retail::time::Span;

/// Orders in a thousand that come back, of those that can. One in eight has nothing that lives in the first
/// warehouse, so that 16 of 100 orders come back over all.
const RATE: u64 = 182;

const REASONS: [(&str, &str); 6] = [
    ("withdrawal", "changed_mind"),
    ("withdrawal", "wrong_size"),
    ("commercial", "style"),
    ("withdrawal", "not_as_described"),
    ("defect", "defective"),
    ("defect", "damaged_in_transit"),
];

/// The return of the n-th order, if there is one.
pub(crate) fn of(catalogue: &Catalogue, seed: u64, n: u64, order: &NewOrder) -> Option<NewReturn> {
    let mut chance = Chance::new(seed, 4, n);
    if !chance.permille(RATE) {
        return None;
    }
    let source: u64 = order.source_id.parse().ok()?;
    let mut lines = Vec::new();
    for (at, line) in (1_u64..).zip(&order.lines) {
        let can = catalogue.get(&line.sku).is_some_and(|a| !a.second);
        // Most who send something back keep something; who could send back nothing so far sends this.
        if !can || !(lines.is_empty() || chance.permille(350)) {
            continue;
        }
        let (kind, reason) = *chance.pick(&REASONS, &REASONS[0]);
        let units = chance.below(line.quantity.unsigned_abs());
        lines.push(NewReturnLine {
            line: at.to_string(),
            order: Some(format!("shop-{source}")),
            // The storefront numbers the lines of an order: order id x 10,000 + 1, 2, ...
            order_line: Some((source * 10_000 + at).to_string()),
            sku: line.sku.clone(),
            quantity: 1 + i64::try_from(units).unwrap_or(0),
            reason,
            r#type: kind,
            claimed_unit_price: None,
        });
    }
    let asked = basket::moment(n, Span::days(3));
    let customer = order.customer.clone();
    (!lines.is_empty()).then(|| NewReturn {
        rma: format!("RMA-{source}"),
        requested_at: asked.to_string(),
        customer,
        lines,
    })
}
