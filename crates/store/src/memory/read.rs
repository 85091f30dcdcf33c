//! Reading what is held.

use super::state::{Partition, State};
use super::{Memory, PLACE};
use crate::counts::state_name;
use crate::{Counts, Hit, Reader, Scan, Scanned, StoreError};
use hub::batch::{CaseId, Found, Head, Key, Part, Pos, ReceivedState, SEEN_WITH_CASE, StoredCase};
use retail::envelope::Name;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

/// Reads a [`Memory`].
#[derive(Debug)]
pub struct MemoryReader {
    memory: Memory,
    frozen: Option<State>,
}

impl MemoryReader {
    pub(super) const fn of(memory: Memory) -> Self {
        Self { memory, frozen: None }
    }

    fn see<T>(&self, f: impl FnOnce(&State) -> T) -> T {
        match &self.frozen {
            Some(state) => f(state),
            None => f(&self.memory.lock().state),
        }
    }
}

impl Reader for MemoryReader {
    fn load(&mut self, part: Part, keys: &[Key]) -> Result<Vec<Found>, StoreError> {
        Ok(self.see(|s| {
            let none = Partition::default();
            let p = s.parts.get(&part).unwrap_or(&none);
            keys.iter().map(|k| look_up(p, k)).collect()
        }))
    }

    fn head(&mut self, part: Part) -> Result<(u64, Head), StoreError> {
        Ok(self.see(|s| s.parts.get(&part).map(|p| (p.epoch, p.head)).unwrap_or_default()))
    }

    fn parts(&mut self) -> Result<Vec<Part>, StoreError> {
        // A partition that only got mail so far was never claimed.
        Ok(self.see(|s| s.parts.iter().filter(|(_, p)| p.epoch > 0).map(|(n, _)| *n).collect()))
    }

    fn scan(&mut self, part: Part, what: Scan, after: u64, limit: usize) -> Result<Vec<Scanned>, StoreError> {
        self.see(|s| {
            s.parts.get(&part).map_or_else(|| Ok(Vec::new()), |p| walk(p, part, &what, after, limit))
        })
    }

    fn find_case(&mut self, tenant: &str, value: &str) -> Result<Vec<Hit>, StoreError> {
        Ok(self.see(|s| find(s, tenant, value)))
    }

    fn counts(&mut self) -> Result<Counts, StoreError> {
        Ok(self.see(count))
    }

    fn freeze(&mut self) -> Result<(), StoreError> {
        if self.frozen.is_none() {
            let now = self.memory.lock().state.clone();
            self.frozen = Some(now);
        }
        Ok(())
    }

    fn thaw(&mut self) -> Result<(), StoreError> {
        self.frozen = None;
        Ok(())
    }
}

fn look_up(p: &Partition, wanted: &Key) -> Found {
    match wanted {
        Key::Case(name) => p.case_of(name).map_or(Found::Nothing, |row| {
            let mut seen: Vec<_> = p
                .seen
                .range((row.id, [0; 16])..=(row.id, [255; 16]))
                .take(SEEN_WITH_CASE + 1)
                .map(|((_, key), (body, _))| (*key, *body))
                .collect();
            let seen_complete = seen.len() <= SEEN_WITH_CASE;
            seen.truncate(SEEN_WITH_CASE);
            Found::Case(Box::new(StoredCase { row: row.clone(), seen, seen_complete }))
        }),
        Key::Row(case, key) => p.rows.get(&(*case, key.clone())).cloned().map_or(Found::Nothing, Found::Row),
        Key::Seen(case, key) => {
            p.seen.get(&(*case, *key)).map_or(Found::Nothing, |(body, _)| Found::Seen(*body))
        }
    }
}

/// # Errors
/// When a case's journal rows do not hang together.
pub(super) fn walk(
    p: &Partition,
    part: Part,
    what: &Scan,
    after: u64,
    limit: usize,
) -> Result<Vec<Scanned>, StoreError> {
    Ok(match what {
        Scan::Journal => beyond(&p.journal, after).cloned().map(Scanned::Journal).take(limit).collect(),
        Scan::JournalOf(case) => return journal_of(p, part, *case, after, limit),
        Scan::Received(state) => beyond(&p.received, after)
            .filter(|r| state.is_none_or(|s| r.state == s))
            .cloned()
            .map(Scanned::Received)
            .take(limit)
            .collect(),
        Scan::Outbox => {
            beyond(&p.outbox, after).map(|r| Scanned::Outbox(Box::new(r.clone()))).take(limit).collect()
        }
        Scan::OutboxOf(case) => beyond(&p.outbox, after)
            .filter(|r| r.case == *case)
            .map(|r| Scanned::Outbox(Box::new(r.clone())))
            .take(limit)
            .collect(),
        Scan::Mail(from) => p
            .mail
            .range((Excluded((*from, after)), Unbounded))
            .take_while(|((sender, _), _)| sender == from)
            .map(|(_, m)| Scanned::Mail(Box::new(m.clone())))
            .take(limit)
            .collect(),
        Scan::Marks => p
            .marks
            .iter()
            .map(|(from, pos)| Scanned::Mark { from: *from, pos: *pos })
            .filter(|m| m.number() > after)
            .take(limit)
            .collect(),
        Scan::Timers => beyond(&p.cases, after)
            .filter_map(|c| c.due.map(|due| Scanned::Timer { case: c.id, due, name: c.name.clone() }))
            .take(limit)
            .collect(),
        Scan::Cases { open } => beyond(&p.cases, after)
            .filter(|c| c.open || !open)
            .map(|c| Scanned::Case(Box::new(c.clone())))
            .take(limit)
            .collect(),
        Scan::Exceptions { open } => (1..)
            .zip(&p.exceptions)
            .filter(|(n, (_, closed))| *n > after && (closed.is_none() || !open))
            .map(|(number, (row, closed))| Scanned::Exception {
                number,
                row: Box::new(row.clone()),
                closed: *closed,
            })
            .take(limit)
            .collect(),
        Scan::Balances { account, unit } => p
            .balances
            .range((Excluded((account.clone(), unit.clone())), Unbounded))
            .map(|((account, unit), value)| Scanned::Balance {
                account: account.clone(),
                unit: unit.clone(),
                value: *value,
            })
            .take(limit)
            .collect(),
        Scan::Rows { case, key } => p
            .rows
            .range((Excluded((*case, key.clone())), Unbounded))
            .take_while(|((id, _), _)| id == case)
            .map(|((_, key), body)| Scanned::Row { key: key.clone(), body: body.clone() })
            .take(limit)
            .collect(),
        Scan::Seen { case, key } => p
            .seen
            .range((Excluded((*case, *key)), Unbounded))
            .take_while(|((id, _), _)| id == case)
            .map(|((_, key), (body, pos))| Scanned::Seen { key: *key, body: *body, pos: *pos })
            .take(limit)
            .collect(),
    })
}

fn beyond<V>(rows: &BTreeMap<u64, V>, after: u64) -> impl Iterator<Item = &V> {
    rows.range((Excluded(after), Unbounded)).map(|(_, v)| v)
}

fn journal_of(
    p: &Partition,
    part: Part,
    case: CaseId,
    after: Pos,
    limit: usize,
) -> Result<Vec<Scanned>, StoreError> {
    let mut at = if after == 0 {
        p.cases.get(&case).map_or(0, |c| c.last)
    } else {
        p.journal.get(&after).map_or(0, |r| r.prev)
    };
    let mut out = Vec::new();
    while at != 0 && out.len() < limit {
        let row = p.journal.get(&at).filter(|r| r.case == case && r.prev < at).ok_or_else(|| {
            StoreError::damaged(
                format!("journal row {at} of partition {part} is not one of case {case}"),
                PLACE,
            )
        })?;
        at = row.prev;
        out.push(Scanned::Journal(row.clone()));
    }
    Ok(out)
}

fn find(s: &State, tenant: &str, value: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (part, p) in &s.parts {
        let named = p.routes.iter().filter(|(n, _)| n.tenant == tenant && n.value == value);
        for (matched, id) in named.flat_map(|(n, cases)| cases.keys().map(move |id| (n, id))) {
            if let Some(c) = p.cases.get(id) {
                let matched: Name = matched.clone();
                hits.push(Hit { part: *part, case: *id, matched, name: c.name.clone() });
            }
        }
    }
    hits.sort();
    hits
}

fn count(s: &State) -> Counts {
    let mut c = Counts::default();
    for p in s.parts.values() {
        c.cases += p.head.cases;
        c.received += p.head.received;
        c.journal += p.head.pos;
        c.mail += p.mail.len() as u64;
        for case in p.cases.values().filter(|c| c.open) {
            *c.open_cases.entry(case.name.kind.clone()).or_default() += 1;
        }
        for row in p.outbox.values() {
            *c.outbox.entry(state_name(row.state).to_owned()).or_default() += 1;
        }
        for row in p.received.values() {
            match row.state {
                ReceivedState::Waiting => c.waiting += 1,
                ReceivedState::Parked => c.parked += 1,
                ReceivedState::Decided => {}
            }
        }
        for (e, _) in p.exceptions.iter().filter(|(_, closed)| closed.is_none()) {
            *c.exceptions.entry(e.code.clone()).or_default() += 1;
        }
        c.bytes +=
            p.cases.values().map(|r| r.body.len() + r.doc.as_ref().map_or(0, Vec::len)).sum::<usize>() as u64;
        c.bytes += p.received.values().map(|r| r.body.len()).sum::<usize>() as u64;
        c.bytes += p.journal.values().map(|r| r.body.len()).sum::<usize>() as u64;
        c.bytes += p.rows.values().map(Vec::len).sum::<usize>() as u64;
    }
    c
}
