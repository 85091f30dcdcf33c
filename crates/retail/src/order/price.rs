//! What a line costs, by its parts: never only a net figure.

use crate::ids::LineId;
use crate::money::{Money, MoneyError};
use serde::{Deserialize, Serialize};

words! {
    /// Who owes a tax to the authority.
    Liable {
        Seller = "seller",
        /// A marketplace that the law makes liable.
        Marketplace = "marketplace",
        /// Reverse charge.
        Buyer = "buyer",
    }
}

/// What a part of a price is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PriceKind {
    /// Quantity at list price.
    List,
    /// Taken off; its amount is negative.
    Discount {
        /// The promotion that gave it, if one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        promotion: Option<String>,
        /// The lines that together qualified for it: returning one may break the promotion for the rest.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        qualified: Vec<LineId>,
    },
    Tax {
        /// Country or state, ISO 3166.
        jurisdiction: String,
        liable: Liable,
        /// Whether the other parts contain it already, as list prices do in Europe.
        included: bool,
    },
    Duty,
    Fee,
}

/// One part of a line's price, in shop currency, with the same in presentment currency where that differs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PriceComponent {
    #[serde(flatten)]
    pub kind: PriceKind,
    pub amount: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presentment: Option<Money>,
}

impl PriceComponent {
    #[must_use]
    pub const fn list(amount: Money) -> Self {
        Self { kind: PriceKind::List, amount, presentment: None }
    }

    /// What it adds to what the customer pays: an included tax adds nothing.
    #[must_use]
    pub const fn charged(&self) -> Money {
        match self.kind {
            PriceKind::Tax { included: true, .. } => Money::zero(self.amount.currency),
            PriceKind::Tax { included: false, .. }
            | PriceKind::List
            | PriceKind::Discount { .. }
            | PriceKind::Duty
            | PriceKind::Fee => self.amount,
        }
    }
}

/// What the customer pays for all parts together. `None` when there are none.
///
/// # Errors
/// When the parts are in different currencies or the sum overflows.
pub fn charge(parts: &[PriceComponent]) -> Result<Option<Money>, MoneyError> {
    let mut sum: Option<Money> = None;
    for part in parts {
        sum = Some(match sum {
            None => part.charged(),
            Some(so_far) => so_far.plus(part.charged())?,
        });
    }
    Ok(sum)
}

/// The tax among the parts, included or not. `None` when there are no parts.
///
/// # Errors
/// As [`charge`].
pub fn tax(parts: &[PriceComponent]) -> Result<Option<Money>, MoneyError> {
    let Some(first) = parts.first() else { return Ok(None) };
    let mut sum = Money::zero(first.amount.currency);
    for part in parts.iter().filter(|p| matches!(p.kind, PriceKind::Tax { .. })) {
        sum = sum.plus(part.amount)?;
    }
    Ok(Some(sum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn gbp(minor: i64) -> Money {
        Money::new(minor, Currency::GBP)
    }

    fn parts(included: bool) -> Vec<PriceComponent> {
        let part = |kind, amount| PriceComponent { kind, amount: gbp(amount), presentment: None };
        vec![
            PriceComponent::list(gbp(1_200)),
            part(
                PriceKind::Discount {
                    promotion: Some("3for2".into()),
                    qualified: vec!["1".into(), "2".into()],
                },
                -180,
            ),
            part(PriceKind::Tax { jurisdiction: "GB".into(), liable: Liable::Seller, included }, 170),
        ]
    }

    #[test]
    fn an_included_tax_is_not_charged_twice() {
        assert_eq!(charge(&parts(true)), Ok(Some(gbp(1_020))));
        assert_eq!(charge(&parts(false)), Ok(Some(gbp(1_190))));
        assert_eq!(tax(&parts(true)), Ok(Some(gbp(170))));
        assert_eq!(charge(&[]), Ok(None));
    }

    #[test]
    fn parts_in_two_currencies_do_not_add() {
        let mut mixed = parts(true);
        mixed[1].amount = Money::new(-180, Currency::EUR);
        assert_eq!(charge(&mixed), Err(MoneyError::Mixed(Currency::GBP, Currency::EUR)));
    }

    #[test]
    fn parts_read_back_as_written() {
        let text = serde_json::to_string(&parts(false)).unwrap();
        assert!(text.contains(r#""kind":"discount","promotion":"3for2""#), "{text}");
        assert_eq!(serde_json::from_str::<Vec<PriceComponent>>(&text).unwrap(), parts(false));
    }
}
