//! What a partition's commits have left in each table, as one number: every row's sum, spread over 64 bits, added when
//! the row is written and taken off when it is written over or deleted. The totals of all heads together are those of
//! all rows. A row that is gone, was never committed or is from an earlier time, with a sum that fits, shows in them;
//! no row by itself can tell.

/// The tables that are totalled, in the order in which a head keeps them: all but the heads themselves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Table {
    Balance,
    Cases,
    Doc,
    Exception,
    Journal,
    Mail,
    Mark,
    Outbox,
    Received,
    Route,
    Rows,
    Seen,
    /// SQLite's alone.
    Symbol,
    Unsettled,
}

const TABLES: usize = Table::Unsettled as usize + 1;

impl Table {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Balance => "balance",
            Self::Cases => "cases",
            Self::Doc => "doc",
            Self::Exception => "exception",
            Self::Journal => "journal",
            Self::Mail => "mail",
            Self::Mark => "mark",
            Self::Outbox => "outbox",
            Self::Received => "received",
            Self::Route => "route",
            Self::Rows => "rows",
            Self::Seen => "seen",
            Self::Symbol => "symbol",
            Self::Unsettled => "unsettled",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Totals([u64; TABLES]);

impl Totals {
    /// A row was written.
    pub(crate) fn add(&mut self, table: Table, sum: i64) {
        let total = &mut self.0[table as usize];
        *total = total.wrapping_add(spread(sum));
    }

    /// A row that stood there is gone or written over. One that an earlier release wrote was never added.
    pub(crate) fn take(&mut self, table: Table, sum: Option<i64>) {
        if let Some(sum) = sum {
            let total = &mut self.0[table as usize];
            *total = total.wrapping_sub(spread(sum));
        }
    }

    /// As a head keeps them.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|total| total.to_le_bytes()).collect()
    }

    /// What [`Totals::bytes`] made; nothing yet where a head has none.
    ///
    /// # Errors
    /// When they are of another number of tables.
    pub(crate) fn read(stored: Option<&[u8]>) -> Result<Self, String> {
        let Some(stored) = stored else { return Ok(Self::default()) };
        let (totals, rest) = stored.as_chunks::<8>();
        match <&[[u8; 8]; TABLES]>::try_from(totals) {
            Ok(totals) if rest.is_empty() => Ok(Self(totals.map(u64::from_le_bytes))),
            _ => Err(format!("the totals of a head have {} bytes", stored.len())),
        }
    }
}

/// SplitMix64's last step: two rows that changed alike must not cancel each other out, as their bare sums would.
const fn spread(sum: i64) -> u64 {
    let mut n = sum.cast_unsigned().wrapping_add(0x9E37_79B9_7F4A_7C15);
    n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::sum;

    #[test]
    fn what_was_written_over_and_deleted_leaves_nothing() {
        let mut totals = Totals::default();
        totals.add(Table::Outbox, 7);
        totals.add(Table::Outbox, 9);
        totals.take(Table::Outbox, Some(7));
        assert_ne!(totals, Totals::default());
        assert_eq!(Totals::read(Some(&totals.bytes())), Ok(totals));
        totals.take(Table::Outbox, Some(9));
        totals.take(Table::Outbox, None);
        assert_eq!(totals, Totals::default());
        assert_eq!(Totals::read(None), Ok(totals));
        assert!(Totals::read(Some(&[0; 7])).is_err() && Totals::read(Some(&[0; 121])).is_err());
    }

    #[test]
    fn two_rows_that_go_back_alike_do_not_cancel_out() {
        let row = |id: i64, state: i64| sum("outbox", &[id.into(), state.into()]);
        let (mut now, mut before) = (Totals::default(), Totals::default());
        for id in [1, 2] {
            now.add(Table::Outbox, row(id, 2));
            before.add(Table::Outbox, row(id, 1));
        }
        assert_ne!(now, before);
    }
}
