//! The vendors' ledgers, condensed so that two runs can be compared although their timing differed.
//!
//! Rows are added up by what the business calls them, never by numbers that a run deals out in the order in which
//! things happened: shipments, releases, fulfilment orders and credits are numbered as they come, so what they
//! carry is summed by order (and SKU, and place). Each kind of row has a rule in [`RULES`]; kinds without one depend
//! on timing by their nature (`stock_published`, cancellations of releases that crossed a shipment) and are left out.
//!
//! A condensed kind is the list of (key, sum), sorted by key, with the key's parts joined by `|`: its number of
//! entries, the sum of the sums, and the SHA-256 of `{key}\t{sum}\n` for each entry.

use crate::live::lab_api::Row;
use crate::live::report::Vendor;
use std::collections::BTreeMap;

/// What rows are added up by.
#[derive(Clone, Copy, Debug)]
enum Key {
    Order,
    OrderSku,
    OrderSkuPlace,
    Reference,
    ReferenceSku,
    /// With what was done with the units.
    ReferenceSkuDetail,
    Sku,
}

/// What is added up.
#[derive(Clone, Copy, Debug)]
enum Value {
    /// Minor units.
    Amount,
    Quantity,
}

/// (system, kind, key, value). A system of `wms` stands for both warehouses.
const RULES: &[(&str, &str, Key, Value)] = &[
    ("shop", "order_placed", Key::Order, Value::Amount),
    ("shop", "shipment_reported", Key::Order, Value::Quantity),
    ("shop", "cancellation_reported", Key::Order, Value::Quantity),
    ("shop", "refund_reported", Key::Order, Value::Amount),
    ("stripe", "authorised", Key::Order, Value::Amount),
    ("stripe", "captured", Key::Order, Value::Amount),
    ("stripe", "voided", Key::Order, Value::Amount),
    ("stripe", "refunded", Key::Order, Value::Amount),
    ("stripe", "refund_failed", Key::Order, Value::Amount),
    ("erp", "sales_order", Key::Order, Value::Amount),
    ("erp", "sales_order_cancelled", Key::Order, Value::Quantity),
    ("erp", "delivery", Key::OrderSku, Value::Quantity),
    ("erp", "invoice", Key::Order, Value::Amount),
    ("erp", "return_order", Key::Reference, Value::Quantity),
    ("erp", "return_receipt", Key::ReferenceSkuDetail, Value::Quantity),
    ("erp", "credit_memo", Key::Order, Value::Amount),
    ("oms", "release", Key::Order, Value::Quantity),
    ("oms", "allocation", Key::OrderSkuPlace, Value::Quantity),
    ("wms", "opening", Key::Sku, Value::Quantity),
    ("wms", "stock_received", Key::ReferenceSku, Value::Quantity),
    ("wms", "fulfilment", Key::Order, Value::Quantity),
    ("wms", "shipment", Key::OrderSku, Value::Quantity),
    ("wms", "short", Key::OrderSku, Value::Quantity),
    ("wms", "expected_return", Key::Reference, Value::Quantity),
    ("wms", "return_received", Key::ReferenceSku, Value::Quantity),
    ("wms", "disposition", Key::ReferenceSkuDetail, Value::Quantity),
    ("wms", "adjustment", Key::ReferenceSku, Value::Quantity),
    ("returns", "return_requested", Key::Reference, Value::Quantity),
    ("returns", "approved", Key::Reference, Value::Quantity),
    ("returns", "declined", Key::Reference, Value::Quantity),
    ("returns", "rejected", Key::Reference, Value::Quantity),
    ("returns", "refunded", Key::Reference, Value::Amount),
    ("returns", "completed", Key::Reference, Value::Quantity),
    ("tax", "tax_committed", Key::Order, Value::Amount),
    ("tax", "tax_refunded", Key::Order, Value::Amount),
    ("giftcards", "authorised", Key::Order, Value::Amount),
    ("giftcards", "captured", Key::Order, Value::Amount),
    ("giftcards", "refunded", Key::Order, Value::Amount),
    ("giftcards", "issued", Key::Order, Value::Amount),
];

/// The systems that every rehearsal has. Those of a whole estate are read too where it is whole.
pub(crate) const SYSTEMS: [&str; 7] = ["shop", "stripe", "erp", "oms", "wms-north", "wms-south", "returns"];

/// One system's ledger while it is read.
#[derive(Debug)]
pub(crate) struct Ledger {
    system: &'static str,
    sums: BTreeMap<&'static str, BTreeMap<Box<str>, i64>>,
    rows: BTreeMap<String, u64>,
}

impl Ledger {
    pub(crate) fn of(system: &'static str) -> Self {
        Self { system, sums: BTreeMap::new(), rows: BTreeMap::new() }
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, row: &Row) {
        *self.rows.entry(row.kind.clone()).or_default() += 1;
        let family = if self.system.starts_with("wms-") { "wms" } else { self.system };
        let rule = RULES.iter().find(|(system, kind, _, _)| *system == family && *kind == row.kind);
        let Some((_, kind, key, value)) = rule else { return };
        let key = match key {
            Key::Order => row.order.clone(),
            Key::OrderSku => format!("{}|{}", row.order, row.sku),
            Key::OrderSkuPlace => format!("{}|{}|{}", row.order, row.sku, row.place),
            Key::Reference => row.reference.clone(),
            Key::ReferenceSku => format!("{}|{}", row.reference, row.sku),
            Key::ReferenceSkuDetail => format!("{}|{}|{}", row.reference, row.sku, row.detail),
            Key::Sku => row.sku.clone(),
        };
        let value = match value {
            Value::Amount => row.amount,
            Value::Quantity => row.quantity,
        };
        *self.sums.entry(kind).or_default().entry(key.into()).or_default() += value.unwrap_or(0);
    }

    /// How many rows of a kind there are.
    pub(crate) fn rows(&self, kind: &str) -> u64 {
        self.rows.get(kind).copied().unwrap_or(0)
    }

    /// The sum over a kind.
    pub(crate) fn sum(&self, kind: &str) -> i64 {
        self.sums.get(kind).map_or(0, |entries| entries.values().sum())
    }

    /// The sums of a kind by key.
    pub(crate) fn entries(&self, kind: &str) -> Option<&BTreeMap<Box<str>, i64>> {
        self.sums.get(kind)
    }

    /// Every kind, condensed.
    pub(crate) fn condensed(&self) -> BTreeMap<String, Vendor> {
        let condense = |entries: &BTreeMap<Box<str>, i64>| {
            let tally = books::tally(entries.iter().map(|(key, sum)| (key.as_ref(), *sum)));
            let sum = i64::try_from(tally.sum).unwrap_or(i64::MAX);
            Vendor { count: tally.count, sum, sha256: tally.sha256 }
        };
        self.sums.iter().map(|(kind, entries)| ((*kind).to_owned(), condense(entries))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str, reference: &str, order: &str, sku: &str, quantity: i64) -> Row {
        let text = str::to_owned;
        Row {
            kind: text(kind),
            reference: text(reference),
            order: text(order),
            sku: text(sku),
            quantity: Some(quantity),
            ..Row::default()
        }
    }

    fn condensed(system: &'static str, rows: &[Row]) -> BTreeMap<String, Vendor> {
        let mut ledger = Ledger::of(system);
        rows.iter().for_each(|r| ledger.add(r));
        ledger.condensed()
    }

    #[test]
    fn how_an_order_was_split_over_shipments_does_not_matter() {
        let once = condensed(
            "wms-north",
            &[row("shipment", "S-1", "shop-1", "A", 5), row("shipment", "S-2", "shop-2", "A", 1)],
        );
        let split = condensed(
            "wms-north",
            &[
                row("shipment", "S-9", "shop-2", "A", 1),
                row("shipment", "S-1", "shop-1", "A", 2),
                row("shipment", "S-3", "shop-1", "A", 3),
            ],
        );
        assert_eq!(once, split);
        assert_eq!((once["shipment"].count, once["shipment"].sum), (2, 6));
        let other = condensed(
            "wms-north",
            &[row("shipment", "S-1", "shop-1", "A", 4), row("shipment", "S-2", "shop-2", "A", 2)],
        );
        assert_eq!(other["shipment"].sum, 6);
        assert_ne!(once, other);
    }

    #[test]
    fn a_kind_that_depends_on_timing_is_counted_and_left_out() {
        let mut ledger = Ledger::of("shop");
        ledger.add(&row("stock_published", "P-1", "", "", 3));
        ledger.add(&row("shipment_reported", "S-1", "shop-1", "", 3));
        assert_eq!(ledger.rows("stock_published"), 1);
        assert_eq!(ledger.condensed().keys().collect::<Vec<_>>(), ["shipment_reported"]);
        assert_eq!(ledger.sum("shipment_reported"), 3);
    }

    #[test]
    fn every_rule_names_a_system_that_is_read() {
        for (system, kind, _, _) in RULES {
            assert!(
                SYSTEMS
                    .iter()
                    .chain(&crate::live::whole::SYSTEMS)
                    .any(|s| s == system || s.starts_with(&format!("{system}-"))),
                "{system} {kind}"
            );
        }
    }
}
