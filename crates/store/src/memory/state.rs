//! What a store in memory holds.

use hub::batch::{
    CaseId, CaseRow, CommandId, Digest, ExceptionRow, Head, JournalRow, MailRow, OutboxRow, Part, Pos,
    ReceivedRow,
};
use retail::envelope::Name;
use retail::time::Time;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub parts: BTreeMap<Part, Partition>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Partition {
    pub epoch: u64,
    pub node: String,
    pub until: Time,
    pub head: Head,
    /// With their documents.
    pub cases: BTreeMap<CaseId, CaseRow>,
    /// Whether the case was opened under the name.
    pub routes: BTreeMap<Name, BTreeMap<CaseId, bool>>,
    pub received: BTreeMap<Pos, ReceivedRow>,
    pub seen: BTreeMap<(CaseId, Digest), (Digest, Pos)>,
    pub journal: BTreeMap<Pos, JournalRow>,
    pub outbox: BTreeMap<CommandId, OutboxRow>,
    /// Mail to this partition, by sender and position.
    pub mail: BTreeMap<(Part, Pos), MailRow>,
    pub marks: BTreeMap<Part, Pos>,
    pub rows: BTreeMap<(CaseId, String), Vec<u8>>,
    pub balances: BTreeMap<(String, String), i64>,
    /// Number n is at n - 1.
    pub exceptions: Vec<(ExceptionRow, Option<(Time, Pos)>)>,
}

impl State {
    pub(super) fn lease(&mut self, part: Part, epoch: u64, until: Time) -> bool {
        match self.parts.get_mut(&part) {
            Some(p) if p.epoch == epoch => {
                p.until = until;
                true
            }
            _ => false,
        }
    }
}

impl Partition {
    /// The case that a name leads to: the one that was opened under it, else the latest that took it.
    pub(super) fn case_of(&self, name: &Name) -> Option<&CaseRow> {
        let (id, _) = self.routes.get(name)?.iter().max_by_key(|(id, own)| (**own, **id))?;
        self.cases.get(id)
    }
}
