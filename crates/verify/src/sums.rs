//! The sums of rows and the totals of tables, as `docs/journal.md` states them.

use crate::rules;
use crate::stored::Item;
use std::collections::BTreeMap;

/// The tables in the order in which a head keeps their totals.
const TOTALLED: [&str; 14] = [
    "balance",
    "cases",
    "doc",
    "exception",
    "journal",
    "mail",
    "mark",
    "outbox",
    "received",
    "route",
    "rows",
    "seen",
    "symbol",
    "unsettled",
];

/// The checksum of one row while its columns are read.
pub(crate) struct Summing(crc32fast::Hasher);

impl Summing {
    pub fn new(table: &str) -> Self {
        let mut sum = Self(crc32fast::Hasher::new());
        sum.bytes(2, Some(table.as_bytes()));
        sum
    }

    /// A number, or none.
    pub fn int(&mut self, n: Option<i64>) {
        match n {
            None => self.0.update(&[0]),
            Some(n) => {
                self.0.update(&[1]);
                self.0.update(&n.to_le_bytes());
            }
        }
    }

    /// A text (2) or bytes (3), or none.
    pub fn bytes(&mut self, what: u8, bytes: Option<&[u8]>) {
        let Some(bytes) = bytes else { return self.int(None) };
        self.0.update(&[what]);
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }
}

/// What the heads say that is left in each table, and what is found there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    kept: BTreeMap<&'static str, u64>,
    found: BTreeMap<&'static str, u64>,
    rows: u64,
}

impl Totals {
    /// Takes in what a head keeps.
    pub fn head(&mut self, stored: Option<&[u8]>) {
        let numbers = stored.unwrap_or_default().chunks_exact(8);
        for (table, bytes) in TOTALLED.iter().zip(numbers) {
            let total = self.kept.entry(table).or_default();
            *total = total.wrapping_add(bytes.iter().rev().fold(0, |n, byte| (n << 8) | u64::from(*byte)));
        }
    }

    /// Takes in a row; answers whether it is as it was written. One without a sum is of an earlier release.
    pub fn row(&mut self, table: &'static str, sum: Summing, stored: Option<i64>) -> bool {
        let Some(stored) = stored else { return true };
        self.rows += 1;
        let total = self.found.entry(table).or_default();
        *total = total.wrapping_add(spread(stored));
        i64::from(sum.0.finalize()) == stored
    }

    pub fn finish(&self, take: &mut dyn FnMut(Item<'_>)) {
        take(Item::Checked { rule: rules::STORE_ROW, rows: self.rows });
        for table in TOTALLED {
            let of = |totals: &BTreeMap<&str, u64>| totals.get(table).copied().unwrap_or(0);
            take(Item::Total { table, kept: of(&self.kept), found: of(&self.found) });
        }
    }
}

/// What a row adds to its table's total: the last step of SplitMix64 over its sum.
const fn spread(sum: i64) -> u64 {
    let mut n = sum.cast_unsigned().wrapping_add(0x9E37_79B9_7F4A_7C15);
    n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    n ^ (n >> 31)
}

/// Tells of a row that is not as it was written.
pub(crate) fn told(table: &'static str, row: &str, take: &mut dyn FnMut(Item<'_>)) {
    take(Item::Damaged { rule: rules::STORE_ROW, table, row, why: "its checksum differs" });
}
