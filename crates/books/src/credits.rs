//! The standard entries of what a credit comes to, other than money paid back by a tender's executor: a fee kept,
//! store credit issued, value carried to an exchange, goodwill, money that was paid before anything was sold.

use crate::account::Account;
use crate::draft::{Entry, Posting, Unbalanced};
use retail::money::Money;

impl Posting<'_> {
    /// Part of a granted credit was kept as a fee.
    ///
    /// # Errors
    /// As [`crate::Draft::done`]; so for every verb here.
    pub fn fee_withheld(&self, amount: Money) -> Result<Entry, Unbalanced> {
        self.money("fee_withheld", Account::RefundsPayable, Account::FeesWithheld, amount)
    }

    /// A fee that was kept is owed again: the exact reverse of [`Posting::fee_withheld`].
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn fee_returned(&self, amount: Money) -> Result<Entry, Unbalanced> {
        self.money("fee_returned", Account::FeesWithheld, Account::RefundsPayable, amount)
    }

    /// A granted credit was given as store credit.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn store_credit_issued(&self, amount: Money) -> Result<Entry, Unbalanced> {
        self.money("store_credit_issued", Account::RefundsPayable, Account::StoredValue, amount)
    }

    /// Store credit reported as issued turned out not to stand: the exact reverse of
    /// [`Posting::store_credit_issued`].
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn store_credit_reversed(&self, amount: Money) -> Result<Entry, Unbalanced> {
        self.money("store_credit_reversed", Account::StoredValue, Account::RefundsPayable, amount)
    }

    /// Something was given that was not owed for goods: an expense, owed to the customer.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn goodwill_granted(&self, amount: Money) -> Result<Entry, Unbalanced> {
        self.money("goodwill_granted", Account::Goodwill, Account::RefundsPayable, amount)
    }

    /// Money was captured for what was never sold and is owed back.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn surplus_granted(&self, amount: Money) -> Result<Entry, Unbalanced> {
        self.money("surplus_granted", Account::Receivable, Account::RefundsPayable, amount)
    }

    /// An exchange order gives back what had been carried to it; the order that it came from owes it again. With the
    /// refund that the exchange order posts for it, `clearing` comes to nothing.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn refund_taken_over(&self, clearing: &str, amount: Money) -> Result<Entry, Unbalanced> {
        self.money(
            "refund_taken_over",
            Account::Provider(clearing.to_owned()),
            Account::RefundsPayable,
            amount,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Periods, TieOut};
    use retail::money::Currency;
    use retail::time::Time;

    fn gbp(minor: i64) -> Money {
        Money::new(minor, Currency::GBP)
    }

    fn posting(periods: &Periods) -> Posting<'_> {
        Posting { entity: "uk", reference: "shop-1", occurred: Time(0), recorded: Time(0), periods }
    }

    #[test]
    fn a_credit_of_every_kind_of_settlement_leaves_nothing_owed() {
        let periods = Periods::open();
        let p = posting(&periods);
        let mut totals = TieOut::default();
        for entry in [
            p.credit_granted(gbp(500), gbp(100)),
            p.fee_withheld(gbp(50)),
            p.store_credit_issued(gbp(150)),
            p.refund_paid("exchange", gbp(300)),
            p.refund_paid("stripe", gbp(100)),
            p.goodwill_granted(gbp(20)),
            p.refund_paid("stripe", gbp(20)),
        ] {
            totals.add(&entry.unwrap()).unwrap();
        }
        let total = |account| totals.of(&account, "GBP");
        assert_eq!(total(Account::RefundsPayable), 0);
        assert_eq!(total(Account::FeesWithheld), -50);
        assert_eq!(total(Account::StoredValue), -150);
        assert_eq!(total(Account::Goodwill), 20);
        assert!(totals.unbalanced().is_empty());
    }

    #[test]
    fn an_exchange_and_its_return_leave_nothing_in_clearing() {
        let periods = Periods::open();
        let p = posting(&periods);
        let mut totals = TieOut::default();
        for entry in [
            p.refund_paid("exchange", gbp(300)),
            p.captured("exchange", gbp(300)),
            p.refund_taken_over("exchange", gbp(120)),
            p.refund_paid("exchange", gbp(120)),
        ] {
            totals.add(&entry.unwrap()).unwrap();
        }
        assert_eq!(totals.of(&Account::Provider("exchange".into()), "GBP"), 0);
    }

    #[test]
    fn store_credit_taken_back_undoes_exactly_its_issue() {
        let periods = Periods::open();
        let p = posting(&periods);
        let there = p.store_credit_issued(gbp(7)).unwrap();
        let back: Vec<_> = p.store_credit_reversed(gbp(7)).unwrap().lines;
        assert_eq!(there.lines, back.into_iter().map(|(a, u, n)| (a, u, -n)).collect::<Vec<_>>());
    }

    #[test]
    fn a_surplus_given_back_leaves_the_customer_owing_nothing() {
        let periods = Periods::open();
        let p = posting(&periods);
        let mut totals = TieOut::default();
        for entry in [
            p.captured("stripe", gbp(100)),
            p.order_invoiced(gbp(60), gbp(0)),
            p.surplus_granted(gbp(40)),
            p.refund_paid("stripe", gbp(40)),
        ] {
            totals.add(&entry.unwrap()).unwrap();
        }
        let total = |account| totals.of(&account, "GBP");
        assert_eq!((total(Account::Receivable), total(Account::RefundsPayable)), (0, 0));
        assert_eq!(total(Account::Provider("stripe".into())), 60);
    }
}
