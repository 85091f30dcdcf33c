//! What a line's charge is made of. Stated by whoever took the order, kept end to end, and checked to add up.
//!
//! A tax of which a marketplace is liable is between the marketplace and the customer: it is kept and shown, and
//! it is part of neither the line's charge nor its tax, so that it never stands in the retailer's books.

use retail::order::Liable;
use serde::{Deserialize, Serialize};

/// One part of a line's price. Amounts are minor units of the order's currency.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
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
