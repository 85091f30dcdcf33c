//! Bundles: sold as one line, kept, shipped and given back by component. A bundle's line is replaced by its
//! components when the order is taken in, each with its share of the money.

use super::doc::Line;
use super::events::Component;
use crate::out::Res;
use crate::read::{MAX_LINES, MAX_QUANTITY};
use hub::process::Fault;
use retail::money::{Currency, Money, UnitPrice};
use serde::{Deserialize, Serialize};

/// A line as it was sold, before its components took its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    #[serde(rename = "i")]
    pub id: String,
    #[serde(rename = "s")]
    pub sku: String,
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// How many were sold.
    #[serde(rename = "q")]
    pub quantity: i64,
    #[serde(rename = "a")]
    pub charge: i64,
    #[serde(rename = "x")]
    pub tax: i64,
    /// Component lines with the units of each that one bundle holds.
    #[serde(rename = "c")]
    pub components: Vec<(String, i64)>,
}

/// Splits an amount by weights: every part is its exact share rounded down, and the minor units left over go to
/// the largest remainders, the first of equals before the others. The parts add up to the amount.
#[must_use]
pub fn split(amount: i64, weights: &[i64]) -> Vec<i64> {
    let all: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    if all <= 0 {
        // Nothing to go by: all of it stays together.
        return (0..weights.len()).map(|i| if i == 0 { amount } else { 0 }).collect();
    }
    let exact = |w: &i64| i128::from(amount) * i128::from(*w);
    let mut parts: Vec<i64> =
        weights.iter().map(|w| i64::try_from(exact(w).div_euclid(all)).unwrap_or(i64::MAX)).collect();
    let left = i128::from(amount) - parts.iter().map(|p| i128::from(*p)).sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(weights.get(*i).map(|w| exact(w).rem_euclid(all))));
    for i in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        if let Some(part) = parts.get_mut(i) {
            *part += 1;
        }
    }
    parts
}

/// The component lines of a bundle and what is remembered of it. Tax is split by the same shares; a component's tax
/// is never more than its charge.
///
/// # Errors
/// `line_count`, `duplicate_line`, `bad_data` when the components do not make lines.
pub(super) fn expand(
    line: &Line,
    components: Vec<Component>,
    currency: Currency,
) -> Res<(Bundle, Vec<Line>)> {
    if components.is_empty() || components.len() > MAX_LINES {
        let why = format!("bundle {:?} has {} components", line.id, components.len());
        return Err(Fault::new("line_count", why));
    }
    let shares: Vec<i64> = components.iter().map(|c| c.share).collect();
    let charges = split(line.charge, &shares);
    // By the charges rather than the shares, so that the tax stays within each of them.
    let taxes = split(line.tax, if line.charge > 0 { &charges } else { &shares });
    let mut lines = Vec::with_capacity(components.len());
    let mut bundle = Bundle {
        id: line.id.clone(),
        sku: line.sku.clone(),
        title: line.title.clone(),
        quantity: line.quantity,
        charge: line.charge,
        tax: line.tax,
        components: Vec::with_capacity(components.len()),
    };
    for ((c, charge), tax) in components.into_iter().zip(charges).zip(taxes) {
        let quantity = c.quantity.checked_mul(line.quantity).filter(|n| *n <= MAX_QUANTITY);
        let Some(quantity) = quantity else {
            let why = format!("component {:?} of bundle {:?}: `quantity` is too large", c.line, line.id);
            return Err(Fault::new("bad_data", why));
        };
        bundle.components.push((c.line.clone(), c.quantity));
        lines.push(Line {
            id: c.line,
            sku: c.sku,
            title: c.title,
            category: if c.category.is_empty() { line.category.clone() } else { c.category },
            quantity,
            unit_price: UnitPrice::each(Money::new(charge, currency), quantity),
            charge,
            discount: 0,
            tax,
            parent: Some(line.id.clone()),
            // They were stated of the bundle, and no rule says how they fall on its parts.
            prices: Vec::new(),
            ..line.clone()
        });
    }
    Ok((bundle, lines))
}

/// What `n` more units of a line cost at the price of those that were sold: charge and tax, to the nearest unit.
#[must_use]
pub fn more(line: &Line, n: i64) -> (i64, i64) {
    let at = |minor: i64| {
        let (units, of) = (i128::from(n), i128::from(line.quantity.max(1)));
        let sum = (i128::from(minor) * units * 2 + of).div_euclid(of * 2);
        i64::try_from(sum).unwrap_or(i64::MAX)
    };
    let charge = at(line.charge);
    (charge, at(line.tax).min(charge))
}

impl Bundle {
    /// How many whole bundles some units of its components make: `units` says how many there are of a line.
    #[must_use]
    pub fn whole(&self, units: impl Fn(&str) -> i64) -> i64 {
        let of = self.components.iter().map(|(line, per)| units(line) / (*per).max(1));
        of.min().unwrap_or(0).clamp(0, self.quantity)
    }

    /// How many bundles some units of its components touch, whole or in part.
    #[must_use]
    pub fn touched(&self, units: impl Fn(&str) -> i64) -> i64 {
        let of = self.components.iter().map(|(line, per)| {
            let per = (*per).max(1);
            (units(line) + per - 1) / per
        });
        of.max().unwrap_or(0).clamp(0, self.quantity)
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn parts_add_up_and_lie_within_one_unit_of_their_share() {
        let mut seed = 7_u64;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((seed >> 33) % below).unwrap()
        };
        for _ in 0..20_000 {
            let amount = next(1_000_000);
            let weights: Vec<i64> = (0..=next(9)).map(|_| next(1_000)).collect();
            let parts = split(amount, &weights);
            assert_eq!(parts.iter().sum::<i64>(), amount, "{amount} by {weights:?}");
            let all: i64 = weights.iter().sum();
            for (part, weight) in parts.iter().zip(&weights).filter(|_| all > 0) {
                let off = i128::from(*part) * i128::from(all) - i128::from(amount) * i128::from(*weight);
                assert!(off.abs() < i128::from(all), "{part} of {amount} by {weight} of {all}");
            }
        }
        assert_eq!(split(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(split(5, &[0, 0]), [5, 0]);
    }
}
