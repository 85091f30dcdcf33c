//! The standard entries of money, a verb each. Amounts are what the fact is worth, positive.

use crate::account::{Account, Unit};
use crate::draft::{Entry, Posting, Unbalanced};
use retail::money::Money;

impl Posting<'_> {
    pub(crate) fn money(
        &self,
        memo: &str,
        debit: Account,
        credit: Account,
        amount: Money,
    ) -> Result<Entry, Unbalanced> {
        let unit = Unit::Currency(amount.currency);
        self.draft(memo).debit(debit, unit.clone(), amount.minor).credit(credit, unit, amount.minor).done()
    }

    /// An order was accepted: its total (tax included) is open.
    ///
    /// # Errors
    /// As [`crate::Draft::done`]; so for every verb here.
    pub fn order_booked(&self, total: Money) -> Result<Entry, Unbalanced> {
        self.money("order_booked", Account::OrdersOpen, Account::OrdersBooked, total)
    }

    /// Part or all of an order was cancelled before it was invoiced: that much (tax included) is no longer open.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn order_unbooked(&self, total: Money) -> Result<Entry, Unbalanced> {
        self.money("order_unbooked", Account::OrdersBooked, Account::OrdersOpen, total)
    }

    /// A share of an order was invoiced: `net` without tax and `tax` are owed, and their sum is no longer open.
    ///
    /// # Errors
    /// As [`crate::Draft::done`]; also when the two are in different currencies.
    pub fn order_invoiced(&self, net: Money, tax: Money) -> Result<Entry, Unbalanced> {
        let (n, t) = (Unit::Currency(net.currency), Unit::Currency(tax.currency));
        // Line by line in each amount's own currency, so that mixed currencies fail to balance on tax.
        self.draft("order_invoiced")
            .debit(Account::Receivable, n.clone(), net.minor)
            .debit(Account::Receivable, n.clone(), tax.minor)
            .credit(Account::Sales, n.clone(), net.minor)
            .credit(Account::Tax, t.clone(), tax.minor)
            .debit(Account::OrdersBooked, n.clone(), net.minor)
            .debit(Account::OrdersBooked, t.clone(), tax.minor)
            .credit(Account::OrdersOpen, n, net.minor)
            .credit(Account::OrdersOpen, t, tax.minor)
            .done()
    }

    /// The executor of a tender took the money.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn captured(&self, executor: &str, amount: Money) -> Result<Entry, Unbalanced> {
        self.money("captured", Account::Provider(executor.to_owned()), Account::Receivable, amount)
    }

    /// A capture that had been reported turned out not to stand: the exact reverse of [`Posting::captured`].
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn capture_reversed(&self, executor: &str, amount: Money) -> Result<Entry, Unbalanced> {
        self.money("capture_reversed", Account::Receivable, Account::Provider(executor.to_owned()), amount)
    }

    /// An order granted a credit: `net` without tax and its `tax` are owed to the customer.
    ///
    /// # Errors
    /// As [`crate::Draft::done`]; also when the two are in different currencies.
    pub fn credit_granted(&self, net: Money, tax: Money) -> Result<Entry, Unbalanced> {
        self.credit("credit_granted", net, tax, 1)
    }

    /// A granted credit was taken back before anything was paid: the exact reverse of [`Posting::credit_granted`].
    ///
    /// # Errors
    /// As [`Posting::credit_granted`].
    pub fn credit_withdrawn(&self, net: Money, tax: Money) -> Result<Entry, Unbalanced> {
        self.credit("credit_withdrawn", net, tax, -1)
    }

    fn credit(&self, memo: &str, net: Money, tax: Money, sign: i64) -> Result<Entry, Unbalanced> {
        let (n, t) = (Unit::Currency(net.currency), Unit::Currency(tax.currency));
        let (net, tax) = (net.minor.saturating_mul(sign), tax.minor.saturating_mul(sign));
        self.draft(memo)
            .debit(Account::Returns, n.clone(), net)
            .debit(Account::Tax, t, tax)
            .credit(Account::RefundsPayable, n.clone(), net)
            .credit(Account::RefundsPayable, n, tax)
            .done()
    }

    /// The executor paid a refund out.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn refund_paid(&self, executor: &str, amount: Money) -> Result<Entry, Unbalanced> {
        self.money("refund_paid", Account::RefundsPayable, Account::Provider(executor.to_owned()), amount)
    }

    /// A refund reported as paid turned out to have failed: the exact reverse of [`Posting::refund_paid`].
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn refund_reversed(&self, executor: &str, amount: Money) -> Result<Entry, Unbalanced> {
        self.money("refund_reversed", Account::Provider(executor.to_owned()), Account::RefundsPayable, amount)
    }

    /// Somebody else had the executor pay a refund (a dashboard, a till): recorded, not repeated.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn refunded_elsewhere(&self, executor: &str, amount: Money) -> Result<Entry, Unbalanced> {
        self.money(
            "refunded_elsewhere",
            Account::RefundsPayable,
            Account::Provider(executor.to_owned()),
            amount,
        )
    }

    /// A difference below one minor unit per line was written off; positive when the customer owed too much.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn rounded(&self, difference: Money) -> Result<Entry, Unbalanced> {
        self.money("rounded", Account::Rounding, Account::Receivable, difference)
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

    #[test]
    fn an_order_invoiced_paid_and_refunded_leaves_only_sales_returns_and_nothing_owed() {
        let periods = Periods::open();
        let p = Posting {
            entity: "uk",
            reference: "shop-1",
            occurred: Time(0),
            recorded: Time(0),
            periods: &periods,
        };
        let mut totals = TieOut::default();
        for entry in [
            p.order_booked(gbp(1_200)),
            p.order_invoiced(gbp(750), gbp(150)),
            p.order_unbooked(gbp(300)),
            p.captured("stripe", gbp(900)),
            p.credit_granted(gbp(250), gbp(50)),
            p.refund_paid("stripe", gbp(300)),
        ] {
            totals.add(&entry.unwrap()).unwrap();
        }
        let total = |account| totals.of(&account, "GBP");
        assert_eq!(total(Account::OrdersOpen), 0);
        assert_eq!(total(Account::OrdersBooked), 0);
        assert_eq!(total(Account::Receivable), 0);
        assert_eq!(total(Account::RefundsPayable), 0);
        assert_eq!(total(Account::Sales), -750);
        assert_eq!(total(Account::Returns), 250);
        assert_eq!(total(Account::Tax), -100);
        assert_eq!(total(Account::Provider("stripe".into())), 600);
        assert!(totals.unbalanced().is_empty());
    }

    #[test]
    fn a_reversal_undoes_exactly_what_it_names() {
        let periods = Periods::open();
        let p = Posting {
            entity: "uk",
            reference: "shop-1",
            occurred: Time(0),
            recorded: Time(0),
            periods: &periods,
        };
        let pairs = [
            [p.refund_paid("stripe", gbp(7)), p.refund_reversed("stripe", gbp(7))],
            [p.captured("stripe", gbp(7)), p.capture_reversed("stripe", gbp(7))],
            [p.credit_granted(gbp(5), gbp(1)), p.credit_withdrawn(gbp(5), gbp(1))],
            [p.order_booked(gbp(9)), p.order_unbooked(gbp(9))],
        ];
        for [there, back] in pairs {
            let mirrored: Vec<_> = back.unwrap().lines.into_iter().map(|(a, u, n)| (a, u, -n)).collect();
            assert_eq!(there.unwrap().lines, mirrored);
        }
    }

    #[test]
    fn tax_in_another_currency_is_refused() {
        let periods = Periods::open();
        let p = Posting {
            entity: "uk",
            reference: "shop-1",
            occurred: Time(0),
            recorded: Time(0),
            periods: &periods,
        };
        assert!(p.order_invoiced(gbp(5), Money::new(1, Currency::EUR)).is_err());
        assert!(p.credit_granted(gbp(5), Money::new(1, Currency::EUR)).is_err());
    }
}
