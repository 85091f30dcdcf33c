//! The standard entries of disputes: the executor holds captured money back, and gives it back or keeps it.

use crate::account::Account;
use crate::draft::{Entry, Posting, Unbalanced};
use retail::money::Money;

impl Posting<'_> {
    /// A customer disputes a payment: its executor holds the amount back.
    ///
    /// # Errors
    /// As [`crate::Draft::done`]; so for every verb here.
    pub fn dispute_opened(&self, executor: &str, amount: Money) -> Result<Entry, Unbalanced> {
        let (held, with) = (Account::Disputed(executor.to_owned()), Account::Provider(executor.to_owned()));
        self.money("dispute_opened", held, with, amount)
    }

    /// A dispute was won: the money is with the executor again, the exact reverse of [`Posting::dispute_opened`].
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn dispute_won(&self, executor: &str, amount: Money) -> Result<Entry, Unbalanced> {
        let (held, with) = (Account::Disputed(executor.to_owned()), Account::Provider(executor.to_owned()));
        self.money("dispute_won", with, held, amount)
    }

    /// A dispute was lost: what was held back went to the customer.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn dispute_lost(&self, executor: &str, amount: Money) -> Result<Entry, Unbalanced> {
        let held = Account::Disputed(executor.to_owned());
        self.money("dispute_lost", Account::DisputeLosses, held, amount)
    }

    /// A lost dispute turned out otherwise: the exact reverse of [`Posting::dispute_lost`].
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn dispute_reopened(&self, executor: &str, amount: Money) -> Result<Entry, Unbalanced> {
        let held = Account::Disputed(executor.to_owned());
        self.money("dispute_reopened", held, Account::DisputeLosses, amount)
    }

    /// What was lost to a dispute has paid a credit that was owed anyway.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn credit_settled_by_dispute(&self, amount: Money) -> Result<Entry, Unbalanced> {
        self.money("credit_settled_by_dispute", Account::RefundsPayable, Account::DisputeLosses, amount)
    }

    /// A dispute that had paid a credit was won after all: the exact reverse of
    /// [`Posting::credit_settled_by_dispute`].
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn credit_unsettled_by_dispute(&self, amount: Money) -> Result<Entry, Unbalanced> {
        self.money("credit_unsettled_by_dispute", Account::DisputeLosses, Account::RefundsPayable, amount)
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

    fn after(entries: impl Fn(&Posting<'_>) -> Vec<Result<Entry, Unbalanced>>) -> TieOut {
        let periods = Periods::open();
        let p = Posting {
            entity: "uk",
            reference: "shop-1",
            occurred: Time(0),
            recorded: Time(0),
            periods: &periods,
        };
        let mut totals = TieOut::default();
        for entry in entries(&p) {
            totals.add(&entry.unwrap()).unwrap();
        }
        totals
    }

    fn assert_nothing_moved(totals: &TieOut) {
        let stripe = || "stripe".to_owned();
        for account in [Account::DisputeLosses, Account::Disputed(stripe()), Account::Provider(stripe())] {
            assert_eq!(totals.of(&account, "GBP"), 0, "{account}");
        }
    }

    #[test]
    fn won_it_is_as_if_it_had_never_been() {
        let totals = after(|p| vec![p.dispute_opened("stripe", gbp(9)), p.dispute_won("stripe", gbp(9))]);
        assert_nothing_moved(&totals);
    }

    #[test]
    fn lost_it_is_a_loss_unless_it_paid_what_was_owed() {
        let stripe = || "stripe".to_owned();
        let totals = after(|p| vec![p.dispute_opened("stripe", gbp(9)), p.dispute_lost("stripe", gbp(9))]);
        assert_eq!(totals.of(&Account::DisputeLosses, "GBP"), 9);
        assert_eq!(totals.of(&Account::Disputed(stripe()), "GBP"), 0);
        assert_eq!(totals.of(&Account::Provider(stripe()), "GBP"), -9);
        let totals = after(|p| {
            vec![
                p.credit_granted(gbp(7), gbp(0)),
                p.dispute_opened("stripe", gbp(9)),
                p.dispute_lost("stripe", gbp(9)),
                p.credit_settled_by_dispute(gbp(7)),
            ]
        });
        assert_eq!(totals.of(&Account::RefundsPayable, "GBP"), 0);
        assert_eq!(totals.of(&Account::DisputeLosses, "GBP"), 2);
    }

    #[test]
    fn a_loss_taken_back_can_still_be_won() {
        let totals = after(|p| {
            vec![
                p.dispute_opened("stripe", gbp(9)),
                p.dispute_lost("stripe", gbp(9)),
                p.dispute_reopened("stripe", gbp(9)),
                p.dispute_won("stripe", gbp(9)),
            ]
        });
        assert_nothing_moved(&totals);
    }
}
