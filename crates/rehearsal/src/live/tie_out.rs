//! The hub's accounts as a tie-out, and the comparison of two.

use crate::live::hub_api::Balance;
use crate::live::report::{Report, TieOutReport, Vendor};
use std::collections::{BTreeMap, BTreeSet};

/// The accounts, added up; and whether each entity's balance in every currency and every SKU.
pub(crate) fn accounts(balances: &[Balance]) -> (BTreeMap<String, BTreeMap<String, i64>>, bool) {
    let mut accounts: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    let mut sums: BTreeMap<(&str, bool, &str), i64> = BTreeMap::new();
    for row in balances {
        let (entity, account) = row.account.split_once('/').unwrap_or(("", &row.account));
        // A SKU may be spelled like a currency: money and units are summed apart.
        let units = account.starts_with("units.");
        let unit = if units { "units" } else { row.unit.as_str() };
        *accounts.entry(row.account.clone()).or_default().entry(unit.to_owned()).or_default() += row.balance;
        *sums.entry((entity, units, &row.unit)).or_default() += row.balance;
    }
    let balanced = sums.values().all(|sum| *sum == 0);
    (accounts, balanced)
}

/// In what two runs of the same trade differ; empty when their books and every vendor's ledger tie.
#[must_use]
pub fn same_tie_out(a: &Report, b: &Report) -> Vec<String> {
    let (a, b): (&TieOutReport, &TieOutReport) = (&a.books.tie_out, &b.books.tie_out);
    let mut differences = Vec::new();
    let accounts: BTreeSet<&String> = a.accounts.keys().chain(b.accounts.keys()).collect();
    for account in accounts {
        let (of_a, of_b) = (a.accounts.get(account), b.accounts.get(account));
        let units: BTreeSet<&String> = of_a.into_iter().chain(of_b).flat_map(BTreeMap::keys).collect();
        for unit in units {
            let value =
                |of: Option<&BTreeMap<String, i64>>| of.and_then(|u| u.get(unit)).copied().unwrap_or(0);
            let (one, other) = (value(of_a), value(of_b));
            if one != other {
                differences.push(format!("account {account}, {unit}: {one} and {other}"));
            }
        }
    }
    let systems: BTreeSet<&String> = a.vendors.keys().chain(b.vendors.keys()).collect();
    for system in systems {
        let (of_a, of_b) = (a.vendors.get(system), b.vendors.get(system));
        let kinds: BTreeSet<&String> = of_a.into_iter().chain(of_b).flat_map(BTreeMap::keys).collect();
        for kind in kinds {
            let (one, other) = (of_a.and_then(|k| k.get(kind)), of_b.and_then(|k| k.get(kind)));
            if one != other {
                differences.push(format!("{system} {kind}: {} and {}", shown(one), shown(other)));
            }
        }
    }
    differences
}

fn shown(vendor: Option<&Vendor>) -> String {
    vendor.map_or("none".to_owned(), |v| format!("{} entries, sum {}, {:.12}", v.count, v.sum, v.sha256))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balance(account: &str, unit: &str, balance: i64) -> Balance {
        Balance { account: account.into(), unit: unit.into(), balance }
    }

    #[test]
    fn units_are_added_up_over_skus_and_every_sku_must_balance() {
        let rows = [
            balance("main/sales", "GBP", -100),
            balance("main/provider.stripe", "GBP", 100),
            balance("main/units.supply", "A", -3),
            balance("main/units.supply", "GBP", -2),
            balance("main/units.customer", "A", 3),
            balance("main/units.customer", "GBP", 2),
        ];
        let (sums, balanced) = accounts(&rows);
        assert!(balanced);
        assert_eq!(sums["main/units.supply"]["units"], -5);
        assert_eq!(sums["main/sales"]["GBP"], -100);
        let mut off = rows.to_vec();
        off[4].balance = 2;
        off[5].balance = 3;
        assert!(!accounts(&off).1, "one SKU's surplus does not make up for another's lack");
    }

    #[test]
    fn every_difference_is_named() {
        let mut a = Report::default();
        let vendor = Vendor { count: 2, sum: 10, sha256: "ab".into() };
        a.books.tie_out.vendors.insert("erp".into(), BTreeMap::from([("invoice".into(), vendor.clone())]));
        a.books.tie_out.accounts.insert("main/tax".into(), BTreeMap::from([("GBP".into(), 5)]));
        let mut b = a.clone();
        b.throughput.seconds = 9.0;
        assert_eq!(same_tie_out(&a, &b), Vec::<String>::new());
        b.books.tie_out.accounts.clear();
        let other = Vendor { sha256: "cd".into(), ..vendor };
        b.books.tie_out.vendors.insert("erp".into(), BTreeMap::from([("invoice".into(), other)]));
        b.books.tie_out.vendors.insert("oms".into(), BTreeMap::from([("release".into(), Vendor::default())]));
        let differences = same_tie_out(&a, &b);
        assert_eq!(differences.len(), 3, "{differences:?}");
        assert!(differences[0].contains("main/tax, GBP: 5 and 0"));
        assert!(differences[2].contains("oms release: none and 0 entries"));
    }
}
