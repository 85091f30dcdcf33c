//! Making an entry: lines are added, and only a balanced set comes out.

use crate::account::{Account, Unit};
use crate::periods::Periods;
use retail::time::Time;
use std::collections::BTreeMap;
use std::fmt;

/// One balanced entry. Lines sum to zero per unit; accounts and units are written as text, as they are stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Legal entity whose books it stands in.
    pub entity: String,
    /// What it records, for example `shipped`.
    pub memo: String,
    /// The business object, for example the order's id.
    pub reference: String,
    pub occurred: Time,
    /// The day it is posted to, `YYYY-MM-DD`.
    pub posted_on: String,
    /// Whether it was posted later than it occurred because its period was closed.
    pub late: bool,
    /// (account, currency or SKU, signed amount: debit positive). No line is zero. Empty when the fact moved
    /// nothing, such as an order of no value; such an entry need not be posted.
    pub lines: Vec<(String, String, i64)>,
}

/// Why lines did not make an entry. Always a bug in whoever drew them up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unbalanced {
    /// Debits less credits of a unit are not zero.
    Off {
        /// What the entry was to record.
        memo: String,
        /// Currency or SKU.
        unit: String,
        /// Debits less credits.
        by: i128,
    },
    /// Money on an account of units, or units on an account of money.
    WrongKind { account: Account, unit: Unit },
    /// A sum does not fit 64 bits.
    Overflow { account: Account, unit: Unit },
}

impl fmt::Display for Unbalanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off { memo, unit, by } => {
                write!(f, "the entry {memo:?} is off by {by} {unit}; debits must equal credits")
            }
            Self::WrongKind { account, unit } => write!(f, "the account {account} cannot hold {unit}"),
            Self::Overflow { account, unit } => {
                write!(f, "the amount of {unit} on {account} exceeds 64 bits")
            }
        }
    }
}

impl std::error::Error for Unbalanced {}

/// What all entries about one fact have in common: whose books, about what, and its dates. The standard
/// entries are its methods.
#[derive(Clone, Copy, Debug)]
pub struct Posting<'a> {
    /// Legal entity whose books it stands in.
    pub entity: &'a str,
    /// The business object, for example the order's id.
    pub reference: &'a str,
    /// When it happened.
    pub occurred: Time,
    /// When the hub learned of it.
    pub recorded: Time,
    pub periods: &'a Periods,
}

impl Posting<'_> {
    /// An entry other than the standard ones.
    #[must_use]
    pub fn draft(&self, memo: &str) -> Draft {
        Draft::new(self.entity, memo, self.reference, self.occurred, self.recorded, self.periods)
    }
}

/// An entry being drawn up. Amounts on the same account and unit add up; a negative debit is a credit.
#[derive(Clone, Debug)]
pub struct Draft {
    entry: Entry,
    lines: BTreeMap<(Account, Unit), i128>,
}

impl Draft {
    #[must_use]
    pub fn new(
        entity: &str,
        memo: &str,
        reference: &str,
        occurred: Time,
        recorded: Time,
        periods: &Periods,
    ) -> Self {
        let (day, late) = periods.post(entity, occurred, recorded);
        let entry = Entry {
            entity: entity.to_owned(),
            memo: memo.to_owned(),
            reference: reference.to_owned(),
            occurred,
            posted_on: day.to_string(),
            late,
            lines: Vec::new(),
        };
        Self { entry, lines: BTreeMap::new() }
    }

    #[must_use]
    pub fn debit(mut self, account: Account, unit: Unit, amount: i64) -> Self {
        *self.lines.entry((account, unit)).or_default() += i128::from(amount);
        self
    }

    #[must_use]
    pub fn credit(mut self, account: Account, unit: Unit, amount: i64) -> Self {
        *self.lines.entry((account, unit)).or_default() -= i128::from(amount);
        self
    }

    /// # Errors
    /// When debits and credits of a unit differ, an account is given the wrong kind of unit, or a sum does
    /// not fit. Nothing of the entry may then be posted.
    pub fn done(self) -> Result<Entry, Unbalanced> {
        let mut sums: BTreeMap<Unit, i128> = BTreeMap::new();
        let mut entry = self.entry;
        for ((account, unit), amount) in self.lines {
            if account.holds_units() != matches!(unit, Unit::Sku(_)) {
                return Err(Unbalanced::WrongKind { account, unit });
            }
            if amount == 0 {
                continue;
            }
            let Ok(fits) = i64::try_from(amount) else {
                return Err(Unbalanced::Overflow { account, unit });
            };
            entry.lines.push((account.to_string(), unit.to_string(), fits));
            *sums.entry(unit).or_default() += amount;
        }
        match sums.into_iter().find(|(_, sum)| *sum != 0) {
            Some((unit, by)) => Err(Unbalanced::Off { memo: entry.memo, unit: unit.to_string(), by }),
            None => Ok(entry),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use retail::money::Currency;

    fn draft() -> Draft {
        Draft::new("uk", "test", "shop-1", Time(0), Time(0), &Periods::open())
    }

    const GBP: Unit = Unit::Currency(Currency::GBP);

    #[test]
    fn each_unit_must_balance_by_itself() {
        let off = draft()
            .debit(Account::Receivable, GBP, 100)
            .credit(Account::Sales, Unit::Currency(Currency::EUR), 100)
            .done();
        assert_eq!(off, Err(Unbalanced::Off { memo: "test".into(), unit: "EUR".into(), by: -100 }));
    }

    #[test]
    fn lines_of_one_account_add_up_and_zeros_vanish() {
        let entry = draft()
            .debit(Account::Receivable, GBP, 100)
            .debit(Account::Receivable, GBP, 20)
            .credit(Account::Sales, GBP, 120)
            .credit(Account::Tax, GBP, 0)
            .done()
            .unwrap();
        let lines = [("receivable".into(), "GBP".into(), 120), ("sales".into(), "GBP".into(), -120)];
        assert_eq!(entry.lines, lines);
    }

    #[test]
    fn money_and_units_are_kept_apart() {
        let sku = Unit::Sku("85123A".into());
        assert!(matches!(
            draft().debit(Account::Sales, sku.clone(), 1).credit(Account::Supply, sku, 1).done(),
            Err(Unbalanced::WrongKind { account: Account::Sales, .. })
        ));
        assert!(matches!(
            draft().debit(Account::Lost, GBP, 1).credit(Account::Sales, GBP, 1).done(),
            Err(Unbalanced::WrongKind { account: Account::Lost, .. })
        ));
    }

    #[test]
    fn sums_beyond_64_bits_are_refused() {
        let entry = draft()
            .debit(Account::Receivable, GBP, i64::MAX)
            .debit(Account::Receivable, GBP, 1)
            .credit(Account::Sales, GBP, i64::MAX)
            .credit(Account::Rounding, GBP, 1);
        assert!(matches!(entry.done(), Err(Unbalanced::Overflow { account: Account::Receivable, .. })));
    }
}
