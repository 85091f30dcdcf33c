//! What a line's charge is made of. Stated by whoever took the order, kept end to end, and checked to add up.
//!
//! A tax of which a marketplace is liable is between the marketplace and the customer: it is kept and shown, and
//! it is part of neither the line's charge nor its tax, so that it never stands in the retailer's books.

use super::events::SubmittedLine;
use crate::out::Res;
use crate::read::MAX_AMOUNT;
use hub::process::Fault;
use retail::order::Liable;
use serde::{Deserialize, Serialize};

/// One part of a line's price. Amounts are minor units of the order's currency.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Price {
    pub kind: Kind,
    /// Below zero for a discount, and only there.
    pub amount: i64,
    /// The promotion that gave a discount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion: Option<String>,
    /// The lines that together qualified for it: returning one may break the promotion for the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub qualifies: Vec<String>,
    /// Country or state of a tax, ISO 3166.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<String>,
    /// The tax's rate as decimal text, for example `0.2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// Who owes a tax to its authority; the seller where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liable: Option<Liable>,
}

/// What a part of a price is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Quantity at list price.
    List,
    Discount,
    Tax,
    Duty,
    Fee,
}

impl Price {
    /// Whether it is a tax that a marketplace or the buyer owes, and so none of the retailer's money.
    #[must_use]
    pub fn is_not_ours(&self) -> bool {
        self.kind == Kind::Tax && self.liable.is_some_and(|l| l != Liable::Seller)
    }
}

/// Refuses parts that do not add up to their line: all but taxes to its `amount`, which has the tax within or not
/// as the line says, and the retailer's own taxes to its `tax`.
pub(super) fn check(line: &SubmittedLine) -> Res {
    if line.prices.is_empty() {
        return Ok(());
    }
    let differs = |why: String| Err(Fault::new("components_differ", format!("line {:?}: {why}", line.line)));
    let (mut net, mut tax) = (0_i64, 0_i64);
    for p in &line.prices {
        let bounds = if p.kind == Kind::Discount { -MAX_AMOUNT..=0 } else { 0..=MAX_AMOUNT };
        if !bounds.contains(&p.amount) {
            return differs(format!(
                "a {:?} of {}; a discount is below zero, all else is not",
                p.kind, p.amount
            ));
        }
        match p.kind {
            Kind::Tax if p.is_not_ours() => {}
            Kind::Tax => tax = tax.saturating_add(p.amount),
            _ => net = net.saturating_add(p.amount),
        }
    }
    if tax != line.tax {
        return differs(format!("its tax is {} and its tax components add up to {tax}", line.tax));
    }
    if net != line.amount {
        return differs(format!("its amount is {} and its components add up to {net}", line.amount));
    }
    Ok(())
}

/// The promotions that a line was given, each with what it took off.
pub(super) fn discounts(prices: &[Price]) -> impl Iterator<Item = (&str, i64)> {
    let given = prices.iter().filter(|p| p.kind == Kind::Discount);
    given.map(|p| (p.promotion.as_deref().unwrap_or_default(), -p.amount))
}
