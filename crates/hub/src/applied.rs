//! What follows when a batch is on disk, or clashed.

use crate::batch::{CaseId, CommandState, Key, MailRow, OutboxChange, Part};
use crate::hub::Hub;
use crate::io::{Effect, Reply};
use crate::process::{Process, Stimulus};
use crate::queue::{Origin, Work};
use crate::turn::Turn;
use retail::envelope::Outcome;
use retail::time::Time;
use std::collections::BTreeMap;

impl<P: Process> Hub<P> {
    pub(crate) fn applied(&mut self, now: Time) {
        let Some(pending) = self.pending.take() else { return };
        let batch = pending.batch;
        self.head = batch.to;
        for (name, entry) in pending.cases {
            self.stale(|| Key::Case(name.clone()));
            self.set_timer(&name, entry.due);
            self.cache.cases.put(name, entry);
        }
        for ((case, key), row) in pending.rows {
            self.stale(|| Key::Row(case, key.clone()));
            self.cache.rows.put((case, key), row);
        }
        for ((case, key), body) in pending.seen {
            self.stale(|| Key::Seen(case, key));
            self.cache.seen.put((case, key), Some(body));
        }
        for (id, after) in pending.messages {
            let Some(message) = self.messages.get_mut(&id) else { continue };
            message.pos = after.pos;
            message.left = after.left;
            message.parked = after.parked;
            let token = message.token.take();
            if after.left == 0 {
                self.messages.remove(&id);
            }
            self.reply(token, Reply::Taken);
        }
        self.keep_unnamed(pending.unnamed, now);
        for (alias, name) in pending.aliases {
            self.stale(|| Key::Case(alias.clone()));
            self.cache.cases.forget(&alias);
            for (_, mut work) in self.unnamed.remove(&alias).unwrap_or_default() {
                work.name = name.clone();
                self.queues.intake.push_back(work);
            }
            // What came while its name was being looked up waits in the queue under that name.
            self.rename(&alias, &name);
            self.cache.aliases.put(alias, name);
        }
        for (part, pos) in &batch.taken {
            self.marks.insert(*part, *pos);
        }
        for change in &batch.outbox {
            match change {
                OutboxChange::Put(row) => self.admit((**row).clone()),
                OutboxChange::Move { .. } => {}
                OutboxChange::Delete(id) => self.dismiss(*id),
            }
        }
        for (name, key) in pending.withdraw {
            self.withdraw(&name, key);
        }
        for id in pending.again {
            self.try_again(now, id);
        }
        self.send_mail(&batch.mail);
    }

    /// A load under way that was read before this commit must not overwrite it.
    fn stale(&mut self, key: impl FnOnce() -> Key) {
        // Mostly nothing is being loaded.
        if self.loading.is_empty() {
            return;
        }
        if let Some(stale) = self.loading.get_mut(&key()) {
            *stale = true;
        }
    }

    fn send_mail(&mut self, mail: &[MailRow]) {
        let mut away: BTreeMap<Part, Vec<MailRow>> = BTreeMap::new();
        let mut own = Vec::new();
        for row in mail {
            if row.to_part == self.part {
                own.push(row.clone());
            } else {
                away.entry(row.to_part).or_default().push(row.clone());
            }
        }
        self.take_mail(own);
        for (to, mail) in away {
            self.effects.push(Effect::Post { to, mail });
        }
    }

    fn withdraw(&mut self, name: &retail::envelope::Name, key: String) {
        let Some(id) = self.keys.get(&(name.clone(), key)).copied() else { return };
        let Some(row) = self.outbox.get(&id) else { return };
        let system = self.plan.system(&row.command.role, &row.command.at).unwrap_or_default();
        let object = row.command.object.clone();
        let unsent = matches!(row.state, CommandState::Queued | CommandState::Marked) && row.attempts == 0;
        let removed = unsent && self.lanes.get_mut(system).is_some_and(|lane| lane.withdraw(id, &object));
        if removed {
            let outcome =
                Outcome::Refused { code: "withdrawn".to_owned(), message: "it had not been sent".to_owned() };
            self.tell(id, outcome, true);
        }
    }

    /// The store found these cases changed: what was decided on them is decided again on what is stored.
    pub(crate) fn clashed(&mut self, ids: &[CaseId]) {
        let Some(pending) = self.pending.take() else { return };
        for (name, entry) in &pending.cases {
            if ids.contains(&entry.id) {
                self.cache.cases.forget(name);
            }
        }
        for work in pending.works.into_iter().rev().chain(pending.unnamed) {
            match work.origin {
                Origin::Message { .. } => self.queues.intake.push_front(work),
                _ => self.queues.first.push_front(work),
            }
        }
        for row in pending.mail.into_iter().rev() {
            self.queues.mail.entry(row.from_part).or_default().push_front(row);
        }
        let wanted = pending.cases.into_keys().map(Key::Case).collect();
        for change in &pending.batch.outbox {
            if let OutboxChange::Move { .. } = change {
                self.moves.push(change.clone());
            }
        }
        self.alarms.extend(pending.alarms);
        self.whole.extend(pending.whole);
        self.ask(wanted);
    }

    pub(crate) fn keep_unnamed(&mut self, works: Vec<Work>, now: Time) {
        for work in works {
            self.unnamed.entry(work.name.clone()).or_default().push((now, work));
        }
    }

    /// Whether the first of these has waited for its name for as long as any may.
    pub(crate) fn waited_too_long(&self, works: &[(Time, Work)], now: Time) -> bool {
        works.first().is_some_and(|(since, _)| now.since(*since) >= self.plan.unnamed_max)
    }

    /// A message whose name nobody took in time goes to a person.
    pub(crate) fn expire_unnamed(&mut self, turn: &mut Turn<P::State, P::Row>, now: Time) {
        let expired: Vec<_> = self
            .unnamed
            .iter()
            .filter(|(_, works)| self.waited_too_long(works, now))
            .map(|(name, _)| name.clone())
            .collect();
        for name in expired {
            for (_, work) in self.unnamed.remove(&name).unwrap_or_default() {
                if let Origin::Message { message, .. } = work.origin {
                    let why = format!("no case has taken the name {name}");
                    self.finish_event(turn, message, Some(("unknown_name".to_owned(), why)), now);
                }
            }
        }
    }

    /// Queues an outcome for the case that ordered the command.
    pub(crate) fn tell(&mut self, id: u64, outcome: Outcome, ends: bool) {
        let Some(row) = self.outbox.get(&id) else { return };
        let work = Work {
            name: row.name.clone(),
            stimulus: Stimulus::Outcome {
                op: row.command.op.clone(),
                key: row.command.key.clone(),
                object: row.command.object.clone(),
                outcome,
            },
            origin: Origin::Command { id, cause: row.cause, ends },
        };
        let name = work.name.clone();
        self.queues.first.push_back(work);
        self.ask(vec![Key::Case(name)]);
    }
}
