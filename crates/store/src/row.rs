//! A row as its columns, and its checksum: CRC-32 over the table's name and every column, kept in the row's last
//! column, `sum`. One rule for all tables of both databases, so that a byte that a disk or a hand has changed is found
//! wherever it stands, also where it still reads. A row without a sum is one that an earlier release wrote.
//!
//! What is changed in part keeps the difference: see [`changed`].

use std::borrow::Cow;

/// One column of a row, as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Cell<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
    Blob(Cow<'a, [u8]>),
}

/// The columns of a row, in the table's order and without its sum.
pub(crate) type Row<'a> = Vec<Cell<'a>>;

/// A checksum while it is made.
pub(crate) struct Summing(crc32fast::Hasher);

impl Summing {
    pub(crate) fn new(table: &str) -> Self {
        let mut sum = Self(crc32fast::Hasher::new());
        sum.text(table);
        sum
    }

    pub(crate) fn null(&mut self) {
        self.0.update(&[0]);
    }

    pub(crate) fn int(&mut self, n: i64) {
        self.0.update(&[1]);
        self.0.update(&n.to_le_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(2, text.as_bytes());
    }

    pub(crate) fn blob(&mut self, bytes: &[u8]) {
        self.bytes(3, bytes);
    }

    fn bytes(&mut self, what: u8, bytes: &[u8]) {
        self.0.update(&[what]);
        self.0.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        self.0.update(bytes);
    }

    pub(crate) fn done(self) -> i64 {
        i64::from(self.0.finalize())
    }
}

/// The checksum of a row.
pub(crate) fn sum(table: &str, row: &[Cell<'_>]) -> i64 {
    let mut sum = Summing::new(table);
    for cell in row {
        match cell {
            Cell::Null => sum.null(),
            Cell::Int(n) => sum.int(*n),
            Cell::Text(text) => sum.text(text),
            Cell::Blob(bytes) => sum.blob(bytes),
        }
    }
    sum.done()
}

/// The sum of a row that was `old`, with the sum `stored`, and becomes `new`. Columns that are carried over were not
/// looked at: where one of them was damaged, the new sum is as wrong as the old one was, and the damage stays to be found.
pub(crate) fn changed(table: &str, stored: Option<i64>, old: &[Cell<'_>], new: &[Cell<'_>]) -> i64 {
    let made = sum(table, new);
    stored.map_or(made, |stored| stored ^ sum(table, old) ^ made)
}

/// What is said of a row whose sum is another.
pub(crate) fn damaged(table: &str) -> String {
    format!("a row of {table} is not as it was written: its checksum differs")
}

impl From<i64> for Cell<'_> {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

impl From<u16> for Cell<'_> {
    fn from(n: u16) -> Self {
        Self::Int(n.into())
    }
}

impl From<u32> for Cell<'_> {
    fn from(n: u32) -> Self {
        Self::Int(n.into())
    }
}

/// Numbers of a well-formed batch are far below 2^63.
impl From<u64> for Cell<'_> {
    fn from(n: u64) -> Self {
        Self::Int(n.cast_signed())
    }
}

impl From<Option<i64>> for Cell<'_> {
    fn from(n: Option<i64>) -> Self {
        n.map_or(Self::Null, Self::Int)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<Cow<'a, str>> for Cell<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Cell<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(bytes.into())
    }
}

impl From<Vec<u8>> for Cell<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_rows_share_a_sum_by_how_their_columns_are_cut() {
        let rows: [&[Cell<'_>]; 6] = [
            &["ab".into(), "c".into()],
            &["a".into(), "bc".into()],
            &[Cell::from(&b"ab"[..]), "c".into()],
            &[Cell::Null, 0_i64.into()],
            &[0_i64.into(), Cell::Null],
            &[0_i64.into(), 0_i64.into()],
        ];
        let sums: std::collections::BTreeSet<i64> = rows.iter().map(|row| sum("mail", row)).collect();
        assert_eq!(sums.len(), rows.len());
        assert_ne!(sum("mail", rows[0]), sum("mark", rows[0]), "a row is one of its table");
    }

    #[test]
    fn a_change_in_part_neither_makes_nor_mends_damage() {
        let (old, new): ([Cell<'_>; 2], [Cell<'_>; 2]) =
            ([7_i64.into(), 1_i64.into()], [7_i64.into(), 2_i64.into()]);
        let stored = sum("outbox", &old);
        assert_eq!(changed("outbox", Some(stored), &old, &new), sum("outbox", &new));
        let (damaged, moved): ([Cell<'_>; 2], [Cell<'_>; 2]) =
            ([6_i64.into(), 1_i64.into()], [6_i64.into(), 2_i64.into()]);
        assert_ne!(changed("outbox", Some(stored), &damaged, &moved), sum("outbox", &moved));
        assert_eq!(changed("outbox", None, &damaged, &moved), sum("outbox", &moved));
    }
}
