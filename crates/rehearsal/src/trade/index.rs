//! Which orders a customer has placed for a SKU: 16 bytes a line.

use crate::trade::names::NameId;
use crate::trade::year::{Class, Trade};
use retail::time::Time;

/// Orders by (customer, SKU), oldest first.
#[derive(Debug)]
pub struct SalesIndex {
    rows: Vec<(NameId, NameId, u32)>,
}

impl SalesIndex {
    /// Indexes all orders of named customers.
    #[must_use]
    pub fn of(trade: &Trade) -> Self {
        let mut rows = Vec::new();
        for (number, invoice) in (0_u32..).zip(&trade.invoices) {
            if invoice.class == Class::Sale && invoice.customer != 0 {
                rows.extend(trade.ordered(invoice).map(|l| (invoice.customer, l.sku, number)));
            }
        }
        let at = |number: u32| trade.invoices.get(number as usize).map_or(Time(0), |i| i.at);
        rows.sort_unstable_by_key(|(customer, sku, number)| (*customer, *sku, at(*number), *number));
        rows.dedup();
        rows.shrink_to_fit();
        Self { rows }
    }

    /// Orders of this customer with this SKU that were placed before a moment (not in the same minute as it, as
    /// stamps are whole minutes), oldest first.
    #[must_use]
    pub fn earlier(&self, trade: &Trade, customer: NameId, sku: NameId, before: Time) -> Vec<u32> {
        let from = self.rows.partition_point(|(c, s, _)| (*c, *s) < (customer, sku));
        let own = self.rows.iter().skip(from).take_while(|(c, s, _)| (*c, *s) == (customer, sku));
        own.map(|(_, _, number)| *number)
            .filter(|number| trade.invoices.get(*number as usize).is_some_and(|i| i.at < before))
            .collect()
    }
}
