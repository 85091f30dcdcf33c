//! Credits: what is owed back, why, and how it was settled.

use crate::ids::{CreditId, LineId, OrderId, ReturnLineId, Rma};
use crate::money::{Currency, Money, MoneyError};
use serde::{Deserialize, Serialize};

words! {
    /// Why something is owed back.
    CreditKind {
        Return = "return",
        Cancellation = "cancellation",
        PriceAdjustment = "price_adjustment",
        /// Given without being owed; it has a limit of its own.
        Goodwill = "goodwill",
        /// Shipping or handling that was charged.
        Shipping = "shipping",
        /// Units that left and never arrived.
        LostParcel = "lost_parcel",
    }
}

/// What a credit line is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cites {
    /// Units that came back.
    ReturnLine { rma: Rma, line: ReturnLineId, order_line: LineId, quantity: i64 },
    /// An order line without a return: a cancellation, a price adjustment, a kept line whose promotion broke.
    OrderLine { line: LineId, quantity: i64 },
    /// The order as a whole.
    Nothing,
}

/// A line of a credit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CreditLine {
    pub cites: Cites,
    /// Tax included. Negative where returning goods takes a discount back.
    pub amount: Money,
    /// The tax in it.
    pub tax: Money,
}

/// What an order granted back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Credit {
    pub id: CreditId,
    pub order: OrderId,
    pub kind: CreditKind,
    pub currency: Currency,
    pub lines: Vec<CreditLine>,
    pub settlements: Vec<Settlement>,
}

/// How part of a credit was settled.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Settlement {
    /// Money back through a tender's executor; counts once it is paid.
    Refund { reference: String, amount: Money, paid: bool },
    /// A gift card or store credit was issued.
    StoredValue { reference: String, amount: Money },
    /// Set against what the customer owes for an exchange.
    Exchange { order: OrderId, amount: Money },
    /// Set against an open invoice.
    Receivable { reference: String, amount: Money },
    /// Kept as a fee.
    FeeWithheld { reason: String, amount: Money },
}

impl Settlement {
    #[must_use]
    pub const fn amount(&self) -> Money {
        match self {
            Self::Refund { amount, .. }
            | Self::StoredValue { amount, .. }
            | Self::Exchange { amount, .. }
            | Self::Receivable { amount, .. }
            | Self::FeeWithheld { amount, .. } => *amount,
        }
    }

    /// Whether it has happened; a refund that is not paid yet has not.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        match self {
            Self::Refund { paid, .. } => *paid,
            Self::StoredValue { .. }
            | Self::Exchange { .. }
            | Self::Receivable { .. }
            | Self::FeeWithheld { .. } => true,
        }
    }
}

impl Credit {
    /// The sum of its lines, tax included.
    ///
    /// # Errors
    /// When a line is in another currency or the sum overflows.
    pub fn amount(&self) -> Result<Money, MoneyError> {
        self.lines.iter().try_fold(Money::zero(self.currency), |sum, line| sum.plus(line.amount))
    }

    /// What is not settled yet.
    ///
    /// # Errors
    /// As [`Credit::amount`].
    pub fn unsettled(&self) -> Result<Money, MoneyError> {
        let done = self.settlements.iter().filter(|s| s.is_done());
        done.map(Settlement::amount).try_fold(self.amount()?, Money::minus)
    }

    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.unsettled().is_ok_and(Money::is_zero)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbp(minor: i64) -> Money {
        Money::new(minor, Currency::GBP)
    }

    #[test]
    fn a_credit_is_settled_when_its_parts_add_up_and_have_happened() {
        let line = |cites, amount| CreditLine { cites, amount: gbp(amount), tax: gbp(0) };
        let mut credit = Credit {
            id: "shop-1-C1".into(),
            order: "shop-1".into(),
            kind: CreditKind::Return,
            currency: Currency::GBP,
            lines: vec![
                line(
                    Cites::ReturnLine {
                        rma: "RMA-1".into(),
                        line: "1".into(),
                        order_line: "2".into(),
                        quantity: 1,
                    },
                    1_000,
                ),
                // The kept line loses the discount that the returned one had earned it.
                line(Cites::OrderLine { line: "3".into(), quantity: 1 }, -200),
            ],
            settlements: vec![
                Settlement::FeeWithheld { reason: "return postage".into(), amount: gbp(100) },
                Settlement::Refund { reference: "re_1".into(), amount: gbp(700), paid: false },
            ],
        };
        assert_eq!(credit.amount(), Ok(gbp(800)));
        assert_eq!(credit.unsettled(), Ok(gbp(700)));
        assert!(!credit.is_settled());
        credit.settlements[1] = Settlement::Refund { reference: "re_1".into(), amount: gbp(700), paid: true };
        assert!(credit.is_settled());
        credit
            .settlements
            .push(Settlement::StoredValue { reference: "gc_1".into(), amount: Money::new(1, Currency::EUR) });
        assert!(!credit.is_settled(), "another currency settles nothing");
    }
}
