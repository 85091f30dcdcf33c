//! A batch against what is held: all checks first, then all writes, none of which can fail.

use super::state::{Partition, State};
use crate::check::{moved, movements, sorted};
use hub::batch::{Batch, CaseRow, CommitAnswer, ExceptionChange, OutboxChange, ReceivedState};
use std::collections::BTreeSet;

impl State {
    /// Commits a well-formed batch, or says why not and changes nothing.
    pub(super) fn apply(&mut self, b: &Batch) -> CommitAnswer {
        let Some(p) = self.parts.get_mut(&b.part).filter(|p| p.epoch == b.epoch && p.head == b.from) else {
            return CommitAnswer::Fenced;
        };
        let clash: Vec<_> = b.cases.iter().filter(|c| !stands(p, c)).map(|c| c.id).collect();
        if !clash.is_empty() {
            return CommitAnswer::Clash(sorted(clash));
        }
        let mut marks = BTreeSet::new();
        if let Some(s) =
            b.seen.iter().find(|s| p.seen.contains_key(&(s.case, s.key)) || !marks.insert((s.case, s.key)))
        {
            return CommitAnswer::Clash(vec![s.case]);
        }
        let mut balances = Vec::new();
        for ((account, unit), by) in movements(b) {
            let id = (account.to_owned(), unit.to_owned());
            match moved(account, unit, p.balances.get(&id).copied().unwrap_or(0), by) {
                Ok(value) => balances.push((id, value)),
                Err(why) => return CommitAnswer::Failed(why),
            }
        }
        write(p, b);
        p.balances.extend(balances);
        for m in &b.mail {
            self.parts.entry(m.to_part).or_default().mail.insert((m.from_part, m.pos), m.clone());
        }
        if let Some(p) = self.parts.get_mut(&b.part) {
            for (from, pos) in &b.taken {
                let mark = p.marks.entry(*from).or_default();
                *mark = (*mark).max(*pos);
                p.mail.retain(|(sender, at), _| sender != from || at > pos);
            }
        }
        CommitAnswer::Yes
    }
}

/// Whether a case stands as the batch expects.
fn stands(p: &Partition, c: &CaseRow) -> bool {
    match p.cases.get(&c.id) {
        Some(stored) => c.ver > 1 && stored.ver == c.ver - 1,
        None => c.ver == 1 && !p.routes.contains_key(&c.name),
    }
}

fn write(p: &mut Partition, b: &Batch) {
    p.head = b.to;
    for c in &b.cases {
        write_case(p, c);
    }
    p.journal.extend(b.journal.iter().map(|r| (r.pos, r.clone())));
    p.received.extend(b.received.iter().map(|r| (r.pos, r.clone())));
    for (pos, state) in &b.settled {
        settle(p, *pos, *state);
    }
    p.seen.extend(b.seen.iter().map(|s| ((s.case, s.key), (s.body, s.pos))));
    for (name, case) in &b.routes {
        p.routes.entry(name.clone()).or_default().entry(*case).or_insert(false);
    }
    for row in &b.rows {
        let id = (row.case, row.key.clone());
        match &row.body {
            Some(body) => p.rows.insert(id, body.clone()),
            None => p.rows.remove(&id),
        };
    }
    for change in &b.outbox {
        match change {
            OutboxChange::Put(row) => {
                p.outbox.insert(row.id, (**row).clone());
            }
            OutboxChange::Move { id, state, attempts } => {
                // One that is not there was settled: an answer after its verdict changes nothing.
                if let Some(row) = p.outbox.get_mut(id) {
                    (row.state, row.attempts) = (*state, *attempts);
                }
            }
            OutboxChange::Delete(id) => {
                p.outbox.remove(id);
            }
        }
    }
    for change in &b.exceptions {
        write_exception(p, change);
    }
}

fn write_case(p: &mut Partition, c: &CaseRow) {
    let stored = p.cases.entry(c.id).or_insert_with(|| CaseRow { doc: None, ..c.clone() });
    // The name under which it was opened and a document once written stay.
    *stored = CaseRow {
        name: stored.name.clone(),
        doc: c.doc.clone().or_else(|| stored.doc.take()),
        ..CaseRow { doc: None, ..c.clone() }
    };
    if c.ver == 1 {
        p.routes.entry(c.name.clone()).or_default().insert(c.id, true);
    }
}

fn settle(p: &mut Partition, pos: u64, state: ReceivedState) {
    if let Some(row) = p.received.get_mut(&pos) {
        row.state = state;
    }
}

fn write_exception(p: &mut Partition, change: &ExceptionChange) {
    let open = |about: &str, code: &str| {
        p.exceptions.iter().position(|(e, closed)| closed.is_none() && e.about == about && e.code == code)
    };
    match change {
        ExceptionChange::Raise(e) => {
            if open(&e.about, &e.code).is_none() {
                p.exceptions.push(((**e).clone(), None));
            }
        }
        ExceptionChange::Close { about, code, at, pos } => {
            if let Some((_, closed)) = open(about, code).and_then(|n| p.exceptions.get_mut(n)) {
                *closed = Some((*at, *pos));
            }
        }
    }
}
