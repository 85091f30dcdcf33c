//! What a system will do later.

use std::collections::BTreeMap;

/// Deeds by the time they are due; equal times in the order they were put in.
#[derive(Debug)]
pub struct Agenda<A> {
    deeds: BTreeMap<(i64, u64), (i64, A)>,
    next: u64,
}

impl<A> Default for Agenda<A> {
    fn default() -> Self {
        Self { deeds: BTreeMap::new(), next: 0 }
    }
}

impl<A> Agenda<A> {
    /// Notes a deed for `now + delay_ms`.
    pub fn put(&mut self, now: i64, delay_ms: u64, deed: A) {
        let due = now.saturating_add(i64::try_from(delay_ms).unwrap_or(i64::MAX));
        self.deeds.insert((due, self.next), (now, deed));
        self.next += 1;
    }

    /// The first deed whose time has come.
    pub fn take(&mut self, now: i64) -> Option<A> {
        let (due, _) = *self.deeds.first_key_value()?.0;
        if due > now { None } else { self.deeds.pop_first().map(|(_, (_, deed))| deed) }
    }

    pub fn state(&self) -> AgendaState {
        AgendaState {
            waiting: self.deeds.len(),
            next: self.deeds.first_key_value().map(|((due, _), _)| *due),
            oldest: self.deeds.first_key_value().map(|(_, (noted, _))| *noted),
        }
    }
}

/// How much is noted, when the first deed is due, when it was noted.
#[derive(Clone, Copy, Debug, Default)]
pub struct AgendaState {
    pub waiting: usize,
    pub next: Option<i64>,
    pub oldest: Option<i64>,
}
