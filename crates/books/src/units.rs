//! The standard entries of units, a verb each: every unit is always somewhere.

use crate::account::{Account, Unit};
use crate::draft::{Entry, Posting, Unbalanced};

/// Some units of a SKU at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moved<'a> {
    /// Where they are, or go to, or come from: the verb says which.
    pub place: &'a str,
    pub sku: &'a str,
    /// Base units; negative only for [`Posting::adjusted`].
    pub quantity: i64,
}

impl Posting<'_> {
    fn units<'m>(
        &self,
        memo: &str,
        moves: impl IntoIterator<Item = Moved<'m>>,
        from: impl Fn(&str) -> Account,
        to: impl Fn(&str) -> Account,
    ) -> Result<Entry, Unbalanced> {
        let mut draft = self.draft(memo);
        for m in moves {
            let unit = Unit::Sku(m.sku.to_owned());
            draft =
                draft.debit(to(m.place), unit.clone(), m.quantity).credit(from(m.place), unit, m.quantity);
        }
        draft.done()
    }

    /// Supply arrived at a place.
    ///
    /// # Errors
    /// As [`crate::Draft::done`]; so for every verb here.
    pub fn received<'m>(&self, moves: impl IntoIterator<Item = Moved<'m>>) -> Result<Entry, Unbalanced> {
        self.units("received", moves, |_| Account::Supply, place)
    }

    /// Units left a place for the customer.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn shipped<'m>(&self, moves: impl IntoIterator<Item = Moved<'m>>) -> Result<Entry, Unbalanced> {
        self.units("shipped", moves, place, |_| Account::Customer)
    }

    /// A place could not find units it was to ship.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn missing<'m>(&self, moves: impl IntoIterator<Item = Moved<'m>>) -> Result<Entry, Unbalanced> {
        self.units("missing", moves, place, |_| Account::Lost)
    }

    /// A count or an adjustment changed what a place has; positive is more.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn adjusted<'m>(
        &self,
        memo: &str,
        moves: impl IntoIterator<Item = Moved<'m>>,
    ) -> Result<Entry, Unbalanced> {
        self.units(memo, moves, |_| Account::Adjustment, place)
    }

    /// Units left a place for another: they are in transit.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn transfer_shipped<'m>(
        &self,
        moves: impl IntoIterator<Item = Moved<'m>>,
    ) -> Result<Entry, Unbalanced> {
        self.units("transfer_shipped", moves, place, |_| Account::Transit)
    }

    /// Units that were in transit arrived at a place.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn transfer_received<'m>(
        &self,
        moves: impl IntoIterator<Item = Moved<'m>>,
    ) -> Result<Entry, Unbalanced> {
        self.units("transfer_received", moves, |_| Account::Transit, place)
    }

    /// Units were lost in transit; (SKU, quantity) each.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn transfer_lost<'m>(
        &self,
        units: impl IntoIterator<Item = (&'m str, i64)>,
    ) -> Result<Entry, Unbalanced> {
        self.units("transfer_lost", nowhere(units), |_| Account::Transit, |_| Account::Lost)
    }

    /// Units that were given up for lost in transit turned up.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn transfer_found<'m>(
        &self,
        units: impl IntoIterator<Item = (&'m str, i64)>,
    ) -> Result<Entry, Unbalanced> {
        self.units("transfer_found", nowhere(units), |_| Account::Lost, |_| Account::Transit)
    }

    /// Returned units went back on sale at a place.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn restocked<'m>(&self, moves: impl IntoIterator<Item = Moved<'m>>) -> Result<Entry, Unbalanced> {
        self.units("restocked", moves, |_| Account::Inspection, place)
    }

    /// Units came back from the customer; (SKU, quantity) each. They are in inspection until disposed of.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn return_received<'m>(
        &self,
        units: impl IntoIterator<Item = (&'m str, i64)>,
    ) -> Result<Entry, Unbalanced> {
        self.units("return_received", nowhere(units), |_| Account::Customer, |_| Account::Inspection)
    }

    /// Returned units were destroyed.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn destroyed<'m>(
        &self,
        units: impl IntoIterator<Item = (&'m str, i64)>,
    ) -> Result<Entry, Unbalanced> {
        self.units("destroyed", nowhere(units), |_| Account::Inspection, |_| Account::Destroyed)
    }

    /// Returned units were sent back to the customer.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn sent_back<'m>(
        &self,
        units: impl IntoIterator<Item = (&'m str, i64)>,
    ) -> Result<Entry, Unbalanced> {
        self.units("sent_back", nowhere(units), |_| Account::Inspection, |_| Account::Customer)
    }

    /// Returned units went on to their vendor.
    ///
    /// # Errors
    /// As [`crate::Draft::done`].
    pub fn vendor_returned<'m>(
        &self,
        units: impl IntoIterator<Item = (&'m str, i64)>,
    ) -> Result<Entry, Unbalanced> {
        self.units("vendor_returned", nowhere(units), |_| Account::Inspection, |_| Account::Vendor)
    }
}

fn place(name: &str) -> Account {
    Account::Place(name.to_owned())
}

fn nowhere<'m>(units: impl IntoIterator<Item = (&'m str, i64)>) -> impl Iterator<Item = Moved<'m>> {
    units.into_iter().map(|(sku, quantity)| Moved { place: "", sku, quantity })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Periods, TieOut};
    use retail::time::Time;

    #[test]
    fn a_unit_is_always_somewhere() {
        let periods = Periods::open();
        let p = Posting {
            entity: "uk",
            reference: "shop-1",
            occurred: Time(0),
            recorded: Time(0),
            periods: &periods,
        };
        let at = |place, quantity| [Moved { place, sku: "85123A", quantity }];
        let mut totals = TieOut::default();
        for entry in [
            p.received(at("north", 10)),
            p.transfer_shipped(at("north", 5)),
            p.transfer_received(at("south", 3)),
            p.transfer_lost([("85123A", 2)]),
            p.transfer_found([("85123A", 1)]),
            p.transfer_received(at("south", 1)),
            p.shipped(at("south", 3)),
            p.return_received([("85123A", 3)]),
            p.restocked(at("north", 1)),
            p.destroyed([("85123A", 1)]),
            p.sent_back([("85123A", 1)]),
            p.missing(at("north", 1)),
            p.adjusted("counted", at("south", -1)),
        ] {
            totals.add(&entry.unwrap()).unwrap();
        }
        let total = |account| totals.of(&account, "85123A");
        assert_eq!(total(place("north")), 5);
        assert_eq!(total(Account::Transit), 0);
        assert_eq!(total(place("south")), 0);
        assert_eq!(total(Account::Customer), 1);
        assert_eq!(total(Account::Inspection), 0);
        assert_eq!(total(Account::Destroyed), 1);
        assert_eq!(total(Account::Lost), 2);
        assert_eq!(total(Account::Adjustment), 1);
        assert_eq!(total(Account::Supply), -10);
        assert!(totals.unbalanced().is_empty());
    }
}
