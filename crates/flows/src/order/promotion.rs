//! A promotion that breaks: lines that were kept had a discount because others were bought with them, and those
//! others came back. The discount of what is kept is taken back within the credit, never beyond it.

use super::credit::Credit;
use super::crediting::tax_in;
use super::doc::{Doc, Line};
use super::prices::{Kind, Price};
use super::turn::Turn;
use crate::policy::PromotionBreak;
use std::sync::Arc;

/// Takes back, out of a credit for units that came back, the discounts that kept lines no longer qualify for. A
/// promotion holds while each line that qualified for it has a unit left.
pub(super) fn break_for(t: &mut Turn<'_>, credit: &mut Credit) {
    if t.policy.credits.promotion_break == PromotionBreak::Keep {
        return;
    }
    let doc = Arc::clone(&t.doc);
    let gone = |id: &str| {
        doc.line(id).is_some_and(|i| {
            t.body.lines.get(usize::from(i)).is_some_and(|l| {
                let placed = doc.lines.get(usize::from(i)).map_or(0, |d| d.quantity);
                l.credited > 0 && l.credited + l.cancelled >= placed
            })
        })
    };
    let mut broken = Vec::new();
    for (i, line) in (0_u16..).zip(&doc.lines) {
        let Some(counters) = t.body.lines.get(usize::from(i)) else { continue };
        for price in line.prices.iter().filter(|p| p.kind == Kind::Discount) {
            let Some(promotion) = price.promotion.as_deref() else { continue };
            let known = t.body.broken.iter().any(|b| b.0 == i && b.1 == promotion);
            let breaks = price.qualifies.iter().any(|q| *q != line.id && gone(q));
            let (from, to) = (counters.credited, counters.shipped);
            if known || !breaks || from >= to {
                continue;
            }
            let (amount, tax) = discount(&doc, line, price);
            let kept = |minor| doc.money(minor).share(from, to, line.quantity).minor;
            let amount_back = kept(amount).min(credit.amount);
            if amount_back <= 0 {
                continue;
            }
            let tax_back = tax_in(amount_back, (amount, tax));
            broken.push((i, promotion.to_owned()));
            for n in credit.values.len()..credit.lines.len() {
                credit.values.push(credit.value(&doc, n));
            }
            credit.lines.push((String::new(), i, from, to));
            credit.values.push((-amount_back, -tax_back));
            credit.amount -= amount_back;
            credit.tax -= tax_back;
        }
    }
    t.body.broken.extend(broken);
}

/// What a discount took off a line, tax included, and the tax in it. Prices are stated as the order states its
/// amounts: with the tax within, or without it.
fn discount(doc: &Doc, line: &Line, price: &Price) -> (i64, i64) {
    let off = -price.amount;
    let stated: i64 = line.prices.iter().filter(|p| p.kind != Kind::Tax).map(|p| p.amount).sum();
    if stated == line.charge {
        return (off, tax_in(off, (line.charge, line.tax)));
    }
    let tax = tax_in(off, (line.charge - line.tax, line.tax));
    (doc.money(off + tax).minor, tax)
}
