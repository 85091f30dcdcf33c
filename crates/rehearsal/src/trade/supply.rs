//! How much stock there is when the year begins, and what is received while it runs.
//!
//! A trade file says nothing of stock. So that shorts occur and end, the first warehouse opens with 60 % of what
//! the year sells of a SKU, the second with 30 %, and the rest is received at the first one 14 trading days
//! after that SKU's first sale, or after the last day where the year ends before. Both shares are rounded down.

use crate::trade::clock::Day;
use crate::trade::names::NameId;
use crate::trade::year::Trade;
use crate::wire::Units;
use std::collections::BTreeMap;

const FIRST_PERCENT: i64 = 60;
const SECOND_PERCENT: i64 = 30;
/// Trading days from a SKU's first sale to the receipt of the rest.
const AFTER_DAYS: usize = 14;

/// What is received at the first warehouse at one time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    pub id: String,
    pub lines: Vec<Units>,
}

/// The plan of a year.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Supply {
    /// At the first warehouse before the first day.
    pub first: Vec<Units>,
    /// At the second.
    pub second: Vec<Units>,
    /// Before the orders of a trading day.
    pub receipts: BTreeMap<Day, Receipt>,
    /// After the last day.
    pub rest: Option<Receipt>,
}

impl Supply {
    /// Plans the stock of goods that a year needs, no unit more.
    #[must_use]
    pub fn plan(trade: &Trade) -> Self {
        let days = trade.days();
        let mut sold: BTreeMap<NameId, (i64, usize)> = BTreeMap::new();
        for (number, (_, invoices)) in days.iter().enumerate() {
            let invoices = invoices.iter().filter_map(|i| trade.invoices.get(*i as usize));
            for line in invoices.flat_map(|i| trade.ordered(i)) {
                if trade.map.kind(trade.skus.text(line.sku)).is_stocked() {
                    sold.entry(line.sku).or_insert((0, number)).0 += line.quantity;
                }
            }
        }
        let mut by_name: Vec<(&str, i64, usize)> =
            sold.iter().map(|(sku, (units, first))| (trade.skus.text(*sku), *units, *first)).collect();
        by_name.sort_unstable();
        let mut supply = Self::default();
        for (sku, units, first_sale) in by_name {
            let units_of = |quantity| Units { sku: sku.to_owned(), quantity };
            let first = units * FIRST_PERCENT / 100;
            let second = units * SECOND_PERCENT / 100;
            supply.first.extend((first > 0).then(|| units_of(first)));
            supply.second.extend((second > 0).then(|| units_of(second)));
            let rest = units - first - second;
            if rest <= 0 {
                continue;
            }
            match days.get(first_sale + AFTER_DAYS) {
                Some((day, _)) => {
                    let id = || format!("supply-{}", first_sale + AFTER_DAYS + 1);
                    let receipt = supply
                        .receipts
                        .entry(*day)
                        .or_insert_with(|| Receipt { id: id(), lines: Vec::new() });
                    receipt.lines.push(units_of(rest));
                }
                None => {
                    let id = "supply-rest".to_owned();
                    supply
                        .rest
                        .get_or_insert_with(|| Receipt { id, lines: Vec::new() })
                        .lines
                        .push(units_of(rest));
                }
            }
        }
        supply
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trade::ColumnMap;

    #[test]
    fn the_plan_adds_up_to_what_is_sold() {
        let mut csv =
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n".to_owned();
        for day in 1..=20 {
            csv += &format!("{day},A,a,7,2011-01-{day:02} 10:00:00,1,1,UK\n");
        }
        csv += "21,X,b,1,2011-01-20 11:00:00,1,1,UK\n21,POST,p,1,2011-01-20 11:00:00,1,1,UK\n";
        csv += "C22,A,a,-7,2011-01-20 12:00:00,1,1,UK\n";
        let trade = Trade::read(csv.as_bytes(), ColumnMap::online_retail().unwrap()).unwrap();
        let supply = Supply::plan(&trade);
        let units = |sku: &str, quantity| Units { sku: sku.into(), quantity };
        assert_eq!(supply.first, [units("A", 84)]);
        assert_eq!(supply.second, [units("A", 42)]);
        let (day, receipt) = supply.receipts.first_key_value().unwrap();
        assert_eq!((*day, &receipt.lines), (trade.invoices[14].day, &vec![units("A", 14)]));
        assert_eq!(supply.rest.unwrap().lines, [units("X", 1)]);
    }
}
