//! What a reader can walk through, and what it finds there.

use hub::batch::{
    CaseId, CaseRow, Digest, ExceptionRow, JournalRow, MailRow, OutboxRow, Part, Pos, ReceivedRow,
    ReceivedState,
};
use retail::envelope::Name;
use retail::time::Time;

/// What to walk through, in rising order of the number named, unless said otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scan {
    /// Journal rows, by position.
    Journal,
    /// Journal rows of one case, **newest first**, by position: the number is that of the oldest one had so
    /// far, 0 to begin with the newest.
    JournalOf(CaseId),
    /// Received messages, by position; all of them or those in one state.
    Received(Option<ReceivedState>),
    /// Commands that are not settled, by id.
    Outbox,
    /// The same of one case.
    OutboxOf(CaseId),
    /// Mail from that partition to the scanned one that has not been taken in, by position.
    Mail(Part),
    /// High-water marks of the scanned partition; the number is the sending partition **plus 1**.
    Marks,
    /// Cases that want to be woken, by case.
    Timers,
    /// Cases; all of them or only those in progress.
    Cases { open: bool },
    /// Exceptions, by their number in the partition; all that ever were or only those open.
    Exceptions { open: bool },
    /// Balances whose (account, unit) is greater than this, in that order. The number is ignored.
    Balances { account: String, unit: String },
    /// Rows of a case whose key is greater than this, by key. The number is ignored.
    Rows { case: CaseId, key: String },
    /// Marks of messages that a case has taken in whose key is greater than this. The number is ignored.
    Seen { case: CaseId, key: Digest },
}

impl Scan {
    /// All balances.
    #[must_use]
    pub const fn balances() -> Self {
        Self::Balances { account: String::new(), unit: String::new() }
    }

    /// All rows of a case.
    #[must_use]
    pub const fn rows(case: CaseId) -> Self {
        Self::Rows { case, key: String::new() }
    }
}

/// One row found by a [`Scan`].
#[derive(Clone, Debug)]
pub enum Scanned {
    Journal(JournalRow),
    Received(ReceivedRow),
    Outbox(Box<OutboxRow>),
    Mail(Box<MailRow>),
    Mark {
        from: Part,
        pos: Pos,
    },
    Timer {
        case: CaseId,
        due: Time,
        name: Name,
    },
    /// A case with its document.
    Case(Box<CaseRow>),
    /// `closed` says when and by which journal row; `number` is dense from 1 per partition.
    Exception {
        number: u64,
        row: Box<ExceptionRow>,
        closed: Option<(Time, Pos)>,
    },
    Balance {
        account: String,
        unit: String,
        value: i64,
    },
    Row {
        key: String,
        body: Vec<u8>,
    },
    Seen {
        key: Digest,
        body: Digest,
        pos: Pos,
    },
}

impl Scanned {
    /// The number to go on after; 0 for rows that go by text.
    #[must_use]
    pub fn number(&self) -> u64 {
        match self {
            Self::Journal(row) => row.pos,
            Self::Received(row) => row.pos,
            Self::Outbox(row) => row.id,
            Self::Mail(row) => row.pos,
            Self::Mark { from, .. } => u64::from(*from) + 1,
            Self::Timer { case, .. } => *case,
            Self::Case(row) => row.id,
            Self::Exception { number, .. } => *number,
            Self::Balance { .. } | Self::Row { .. } | Self::Seen { .. } => 0,
        }
    }
}
