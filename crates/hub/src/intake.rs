//! Taking messages and mail in, and answering loads.

use crate::batch::{CaseId, Found, Key, MailRow};
use crate::cache::Entry;
use crate::hub::Hub;
use crate::io::{Effect, Received, Reply, Understood};
use crate::process::{Process, Stimulus, said};
use crate::queue::{Message, Origin, Work};
use retail::time::Time;

impl<P: Process> Hub<P> {
    pub(crate) fn enqueue_message(&mut self, received: Received, now: Time) {
        let id = self.next_message;
        self.next_message += 1;
        let said = said(&received.understood, &received.body);
        let (events, parked) = match received.understood {
            Understood::Events(events) | Understood::First(events) => (events, None),
            Understood::Parked { code, why } => (Vec::new(), Some((code, why))),
        };
        self.messages.insert(
            id,
            Message {
                pos: received.stored.unwrap_or(0),
                at: now,
                token: received.token,
                said,
                connection: received.connection,
                key: received.key,
                headers: received.headers,
                body: received.body,
                left: events.len(),
                parked,
                reopened: received.reopened,
                passed: 0,
            },
        );
        if events.is_empty() {
            self.whole.push(id);
        }
        let mut wanted = Vec::new();
        for (index, event) in events.into_iter().enumerate() {
            let name = self.cache.aliases.get(&event.name).cloned().unwrap_or_else(|| event.name.clone());
            wanted.push(Key::Case(name.clone()));
            let origin = Origin::Message { message: id, index };
            self.queues.intake.push_back(Work { name, stimulus: Stimulus::Event(event), origin });
        }
        self.ask(wanted);
    }

    /// Mail comes in order per sender; what was taken in before a restart is passed over.
    pub(crate) fn take_mail(&mut self, rows: Vec<MailRow>) {
        let mut wanted = Vec::new();
        for row in rows {
            let taken = self.marks.get(&row.from_part).copied().unwrap_or(0);
            let queue = self.queues.mail.entry(row.from_part).or_default();
            let newest = queue.back().map_or(taken, |last| last.pos.max(taken));
            if row.to_part != self.part || row.pos <= newest {
                continue;
            }
            wanted.push(Key::Case(row.to.clone()));
            queue.push_back(row);
        }
        self.ask(wanted);
    }

    /// Asks the store for what is neither in memory nor asked for.
    pub(crate) fn ask(&mut self, keys: Vec<Key>) {
        let mut wanted = Vec::new();
        for key in keys {
            let known = match &key {
                Key::Case(name) => self.cache.cases.has(name) || self.cache.aliases.has(name),
                Key::Row(case, row) => self.cache.rows.has(&(*case, row.clone())),
                Key::Seen(case, digest) => self.cache.seen.has(&(*case, *digest)),
            };
            if !known && !self.loading.contains_key(&key) {
                self.loading.insert(key.clone(), false);
                wanted.push(key);
            }
        }
        if !wanted.is_empty() {
            self.effects.push(Effect::Load(wanted));
        }
    }

    pub(crate) fn loaded(&mut self, found: Vec<(Key, Found)>) {
        let mut again = Vec::new();
        for (key, found) in found {
            match self.loading.remove(&key) {
                // A commit has changed it since it was read.
                Some(true) => again.push(key),
                Some(false) => self.take_loaded(key, found),
                None => {}
            }
        }
        self.ask(again);
    }

    fn take_loaded(&mut self, key: Key, found: Found) {
        match (key, found) {
            (Key::Case(name), Found::Case(stored)) => {
                let opened = stored.row.name.clone();
                if opened != name {
                    self.cache.aliases.put(name.clone(), opened.clone());
                    self.rename(&name, &opened);
                }
                if self.cache.cases.has(&opened) {
                    return;
                }
                match self.process.decode(&opened, &stored.row.body, stored.row.doc.as_deref()) {
                    Ok(state) => {
                        let entry = Entry::stored(&stored.row, state, stored.seen, stored.seen_complete);
                        self.cache.cases.put(opened, entry);
                    }
                    Err(fault) => {
                        self.halt(&format!("case {opened} cannot be read: {}: {}", fault.code, fault.why))
                    }
                }
            }
            (Key::Case(name), _) => self.cache.cases.put(name, Entry::absent()),
            (Key::Row(case, row), Found::Row(body)) => match self.decode_row(case, &row, &body) {
                Ok(value) => self.cache.rows.put((case, row), Some(value)),
                Err(why) => self.halt(&why),
            },
            (Key::Row(case, row), _) => self.cache.rows.put((case, row), None),
            (Key::Seen(case, digest), Found::Seen(body)) => self.cache.seen.put((case, digest), Some(body)),
            (Key::Seen(case, digest), _) => self.cache.seen.put((case, digest), None),
        }
    }

    fn decode_row(&self, case: CaseId, row: &str, body: &[u8]) -> Result<P::Row, String> {
        let name = retail::envelope::Name::new("", "", case.to_string());
        self.process.decode_row(&name, row, body).map_err(|fault| {
            format!("row {row} of case {case} cannot be read: {}: {}", fault.code, fault.why)
        })
    }

    /// Work queued under a further name moves to the name its case opened under.
    pub(crate) fn rename(&mut self, from: &retail::envelope::Name, to: &retail::envelope::Name) {
        for work in self.queues.intake.iter_mut().filter(|work| work.name == *from) {
            work.name = to.clone();
        }
    }

    /// Stored state that this version cannot read: going on would lose it.
    fn halt(&mut self, why: &str) {
        self.stopped = true;
        self.effects.push(Effect::Stop { why: why.to_owned() });
    }

    pub(crate) fn reply(&mut self, token: Option<u64>, reply: Reply) {
        if let Some(token) = token {
            self.effects.push(Effect::Reply { token, reply });
        }
    }
}
