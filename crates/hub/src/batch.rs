//! What one turn wants to survive, and what a store gives back. A batch commits whole or not at all.

use retail::envelope::{Command, Name};
use retail::time::Time;
use serde::{Deserialize, Serialize};

/// A partition: the unit of ownership. Cases of one family share one.
pub type Part = u16;
/// A case's number, in order of arrival within its partition.
pub type CaseId = u64;
/// A position in a partition's journal, dense from 1.
pub type Pos = u64;
/// A command's number within its partition, rising.
pub type CommandId = u64;
/// The first 16 bytes of a SHA-256.
pub type Digest = [u8; 16];

/// Where a partition stands. Every commit moves it, under the owner's epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Head {
    /// Position of the last journal row.
    pub pos: Pos,
    /// Position of the last received message.
    pub received: Pos,
    /// Number of the last case opened.
    pub cases: CaseId,
    /// Number of the last command.
    pub commands: CommandId,
    /// Position of the last mail sent.
    pub mail: Pos,
    /// Hash of the last journal row: SHA-256(previous hash, then the row as [`JournalRow::hash_onto`] says).
    pub hash: [u8; 32],
}

/// Everything that one turn writes, in one transaction.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub part: Part,
    /// The owner's epoch; a store answers [`CommitAnswer::Fenced`] when it is not the partition's present one.
    pub epoch: u64,
    /// Head before: a store answers [`CommitAnswer::Fenced`] when the stored one differs.
    pub from: Head,
    /// Head after.
    pub to: Head,
    pub received: Vec<ReceivedRow>,
    /// Received rows (of earlier batches) whose state changes now.
    pub settled: Vec<(Pos, ReceivedState)>,
    pub seen: Vec<SeenRow>,
    pub cases: Vec<CaseRow>,
    pub rows: Vec<RowChange>,
    pub journal: Vec<JournalRow>,
    pub outbox: Vec<OutboxChange>,
    /// Mail sent by this turn, to this partition or another.
    pub mail: Vec<MailRow>,
    /// High-water marks: all mail of that partition up to that position has been taken in. A store keeps the
    /// mark per (from, to) and deletes the mail.
    pub taken: Vec<(Part, Pos)>,
    /// Further names of a case.
    pub routes: Vec<(Name, CaseId)>,
    pub balances: Vec<BalanceChange>,
    pub exceptions: Vec<ExceptionChange>,
}

/// A store's answer to one batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CommitAnswer {
    Yes,
    /// Another owner has claimed the partition, or the head moved: nothing was written, and this owner must stop.
    Fenced,
    /// These cases have another version than the batch expected: nothing was written.
    Clash(Vec<CaseId>),
    /// The connection was lost at commit: read the head to learn which.
    Unknown(String),
    /// The store refused for a reason that waiting may mend (disk full, fsync error): nothing was written.
    Failed(String),
}

/// How far a received message has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceivedState {
    Waiting = 0,
    Decided = 1,
    Parked = 2,
}

/// A message as it came, before anyone understood it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceivedRow {
    pub pos: Pos,
    pub at: Time,
    /// The connection it came in on.
    pub connection: String,
    /// The sender's key of the message.
    pub key: String,
    /// Headers that a mapping may read, as a JSON object.
    pub headers: String,
    pub body: Vec<u8>,
    pub state: ReceivedState,
}

/// That a case has taken in a message: (connection, key) hashed, and the body's hash to tell a repeat from a clash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SeenRow {
    pub case: CaseId,
    pub key: Digest,
    pub body: Digest,
    pub pos: Pos,
}

/// A case's changing part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseRow {
    pub id: CaseId,
    pub name: Name,
    /// Version after this batch; 1 for a case that opens. A store checks that the stored one is `ver - 1`.
    pub ver: u64,
    /// Its last journal row.
    pub last: Pos,
    /// When its earliest timer is due.
    pub due: Option<Time>,
    /// Whether the case is still in progress.
    pub open: bool,
    pub body: Vec<u8>,
    /// What was placed, written once: `None` leaves a stored one as it is.
    pub doc: Option<Vec<u8>>,
}

/// A row of a case that is too large to be one value, such as a pool's stock positions. `None` deletes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowChange {
    pub case: CaseId,
    pub key: String,
    pub body: Option<Vec<u8>>,
}

/// One turn of one case. The body is JSON; see `docs/journal.md`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JournalRow {
    pub pos: Pos,
    pub case: CaseId,
    /// The case's previous journal row, 0 when this is its first.
    pub prev: Pos,
    pub at: Time,
    pub body: Vec<u8>,
}

/// Where a command stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CommandState {
    /// Not sent since it was queued, or proven not done.
    Queued,
    /// About to be sent; written before sending for operations that a second call would repeat.
    Marked,
    /// May have been done; `since` is the last moment it may have been sent.
    Unknown { since: Time },
    /// Taken; the verdict is awaited until then.
    Accepted { until: Time },
    /// A person must decide.
    Parked,
}

/// A command that is not settled.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    pub id: CommandId,
    pub case: CaseId,
    pub name: Name,
    /// Journal row that ordered it.
    pub cause: Pos,
    pub created: Time,
    pub state: CommandState,
    pub attempts: u32,
    pub command: Command,
}

/// A change of the outbox.
#[derive(Clone, Debug)]
pub enum OutboxChange {
    Put(Box<OutboxRow>),
    /// Only the state and the attempts of a stored row change.
    Move {
        id: CommandId,
        state: CommandState,
        attempts: u32,
    },
    /// Settled.
    Delete(CommandId),
}

/// A message between cases. At least once; the receiver keeps a high-water mark per sending partition.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MailRow {
    pub from_part: Part,
    pub to_part: Part,
    /// Position in the sender's mail, dense from 1 per sending partition.
    pub pos: Pos,
    /// Journal row that sent it.
    pub cause: Pos,
    pub from: Name,
    pub to: Name,
    pub kind: String,
    pub data: retail::envelope::Json,
}

/// A balance moves by `delta`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BalanceChange {
    /// `{legal entity}/{account}`.
    pub account: String,
    /// A currency, or an SKU for accounts of units.
    pub unit: String,
    pub delta: i64,
}

/// Something a person must see.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExceptionRow {
    pub part: Part,
    /// What it hangs on: a case's name, a received message or a command.
    pub about: String,
    /// Stable code, for example `stock_short`.
    pub code: String,
    pub cause: String,
    /// Who must act: `operations`, `finance`, `integration`, `customer_service`.
    pub owner: String,
    pub next_step: String,
    pub opened: Time,
    pub pos: Pos,
}

/// One exception per (about, code) is open at a time; raising it again changes nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExceptionChange {
    Raise(Box<ExceptionRow>),
    Close { about: String, code: String, at: Time, pos: Pos },
}

/// What a hub asks a store for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Key {
    /// A case by any of its names.
    Case(Name),
    /// Rows of a case.
    Row(CaseId, String),
    /// Whether a case has taken in a message; asked only where a case has more than [`SEEN_WITH_CASE`].
    Seen(CaseId, Digest),
}

/// How many taken-in messages are loaded together with their case.
pub const SEEN_WITH_CASE: usize = 64;

/// A store's answer to a [`Key`].
#[derive(Clone, Debug)]
pub enum Found {
    /// No such case, row or mark.
    Nothing,
    Case(Box<StoredCase>),
    Row(Vec<u8>),
    Seen(Digest),
}

/// A case as stored.
#[derive(Clone, Debug)]
pub struct StoredCase {
    /// As committed; `doc` is filled whenever one was ever written.
    pub row: CaseRow,
    pub seen: Vec<(Digest, Digest)>,
    /// Whether `seen` is all there is.
    pub seen_complete: bool,
}

/// What a new owner reads before its first turn.
#[derive(Clone, Debug, Default)]
pub struct Recovered {
    pub epoch: u64,
    pub head: Head,
    pub outbox: Vec<OutboxRow>,
    pub timers: Vec<(Time, Name)>,
    pub mail: Vec<MailRow>,
    /// Highest mail position taken in, per sending partition.
    pub marks: Vec<(Part, Pos)>,
    /// Received and not decided; the driver maps them again.
    pub waiting: Vec<ReceivedRow>,
}

impl JournalRow {
    /// The hash of this row after a row whose hash was `previous`: SHA-256 over `previous`, position, case,
    /// previous position and time as big-endian 64-bit numbers, then the body.
    #[must_use]
    pub fn hash_onto(&self, previous: &[u8; 32]) -> [u8; 32] {
        use sha2::Digest as _;
        let mut h = sha2::Sha256::new();
        h.update(previous);
        for n in [self.pos, self.case, self.prev, self.at.0.cast_unsigned()] {
            h.update(n.to_be_bytes());
        }
        h.update(&self.body);
        h.finalize().into()
    }
}
