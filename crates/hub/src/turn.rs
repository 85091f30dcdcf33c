//! One turn: decides what can be decided on committed state and makes a batch of it.

use crate::batch::{
    Batch, CaseId, CaseRow, CommandId, Digest, ExceptionChange, Head, Key, MailRow, ReceivedRow,
    ReceivedState, RowChange,
};
use crate::cache::Entry;
use crate::hub::{Hub, MessageAfter, Pending};
use crate::io::Effect;
use crate::process::{Process, Rows, Stimulus, digest};
use crate::queue::{Origin, Work};
use crate::unbroken::unbroken;
use retail::envelope::Name;
use retail::time::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// What a turn has decided so far. Later decisions of the same turn see earlier ones: they commit together.
pub(crate) struct Turn<S, R> {
    pub head: Head,
    pub batch: Batch,
    pub cases: BTreeMap<Name, Entry<S>>,
    pub rows: BTreeMap<(CaseId, String), Option<R>>,
    pub seen: BTreeMap<(CaseId, Digest), Digest>,
    pub balances: BTreeMap<(String, String), i64>,
    pub aliases: Vec<(Name, Name)>,
    pub messages: BTreeMap<u64, MessageAfter>,
    pub withdraw: Vec<(Name, String)>,
    pub works: Vec<Work>,
    pub mail: Vec<MailRow>,
    pub unnamed: Vec<Work>,
    pub wanted: Vec<Key>,
    /// Messages that hold no event and are taken in as they are.
    pub whole: Vec<u64>,
    /// Open commands that a case ordered again.
    pub again: Vec<CommandId>,
    /// What this turn changes of the keys under which commands are open.
    pub keys: BTreeMap<(Name, String), Option<CommandId>>,
}

/// Whether a work could be decided.
pub(crate) enum Ready {
    Done,
    /// It must wait for these.
    Wants(Vec<Key>),
    /// No case has its name yet, and it may not open one.
    Unnamed,
}

impl<P: Process> Hub<P> {
    /// Decides what is ready and asks the store to commit it.
    pub(crate) fn turn(&mut self, now: Time) {
        if self.nothing_to_do(now) {
            return;
        }
        let mut turn = Turn {
            head: self.head,
            batch: Batch { part: self.part, epoch: self.epoch, from: self.head, ..Batch::default() },
            cases: BTreeMap::new(),
            rows: BTreeMap::new(),
            seen: BTreeMap::new(),
            balances: BTreeMap::new(),
            aliases: Vec::new(),
            messages: BTreeMap::new(),
            withdraw: Vec::new(),
            works: Vec::new(),
            mail: Vec::new(),
            unnamed: Vec::new(),
            wanted: Vec::new(),
            whole: Vec::new(),
            again: Vec::new(),
            keys: BTreeMap::new(),
        };
        let mut blocked = BTreeSet::new();
        let first = std::mem::take(&mut self.queues.first);
        self.queues.first = self.decide_all(&mut turn, first, &mut blocked, now);
        self.decide_mail(&mut turn, &mut blocked, now);
        let intake = std::mem::take(&mut self.queues.intake);
        self.queues.intake = self.decide_all(&mut turn, intake, &mut blocked, now);
        self.expire_unnamed(&mut turn, now);
        turn.whole = std::mem::take(&mut self.whole);
        for id in turn.whole.clone() {
            self.finish_event(&mut turn, id, None, now);
        }
        self.take_in_waiting(&mut turn);
        let wanted = std::mem::take(&mut turn.wanted);
        self.ask(wanted);
        self.commit(turn, now);
    }

    /// Most steps bring nothing that a turn could decide: an answer that changes a lane, a tick too early.
    fn nothing_to_do(&self, now: Time) -> bool {
        self.queues.is_empty()
            && self.whole.is_empty()
            && self.moves.is_empty()
            && self.alarms.is_empty()
            && !self.unnamed.values().any(|works| self.waited_too_long(works, now))
    }

    fn decide_all(
        &mut self,
        turn: &mut Turn<P::State, P::Row>,
        works: VecDeque<Work>,
        blocked: &mut BTreeSet<Name>,
        now: Time,
    ) -> VecDeque<Work> {
        let mut kept = VecDeque::new();
        for work in works {
            if turn.works.len() >= self.plan.batch_max || blocked.contains(&work.name) {
                blocked.insert(work.name.clone());
                kept.push_back(work);
                continue;
            }
            match self.decide(turn, &work, now) {
                Ready::Done => turn.works.push(work),
                Ready::Unnamed => turn.unnamed.push(work),
                Ready::Wants(keys) => {
                    turn.wanted.extend(keys);
                    blocked.insert(work.name.clone());
                    kept.push_back(work);
                }
            }
        }
        kept
    }

    /// Mail is taken in strictly in its sender's order, so that one mark says how far.
    fn decide_mail(&mut self, turn: &mut Turn<P::State, P::Row>, blocked: &mut BTreeSet<Name>, now: Time) {
        let parts: Vec<_> = self.queues.mail.keys().copied().collect();
        for part in parts {
            let mut last = None;
            while turn.works.len() + turn.mail.len() < self.plan.batch_max {
                let Some(row) = self.queues.mail.get_mut(&part).and_then(VecDeque::pop_front) else { break };
                let work = Work {
                    name: row.to.clone(),
                    stimulus: Stimulus::Mail {
                        from: row.from.clone(),
                        kind: row.kind.clone(),
                        data: row.data.clone(),
                    },
                    origin: Origin::Mail { from: part, pos: row.pos, cause: row.cause },
                };
                let ready = if blocked.contains(&work.name) {
                    Ready::Wants(Vec::new())
                } else {
                    self.decide(turn, &work, now)
                };
                if let Ready::Wants(keys) = ready {
                    turn.wanted.extend(keys);
                    blocked.insert(work.name);
                    if let Some(queue) = self.queues.mail.get_mut(&part) {
                        queue.push_front(row);
                    }
                    break;
                }
                last = Some(row.pos);
                turn.mail.push(row);
            }
            if let Some(pos) = last {
                turn.batch.taken.push((part, pos));
            }
        }
    }

    /// One stimulus against what is committed and what this turn has decided.
    fn decide(&mut self, turn: &mut Turn<P::State, P::Row>, work: &Work, now: Time) -> Ready {
        let absent = Entry::absent();
        let entry = match turn.cases.get(&work.name).or_else(|| self.cache.cases.peek(&work.name)) {
            Some(entry) => entry,
            None => return Ready::Wants(vec![Key::Case(work.name.clone())]),
        };
        if entry.id == 0 {
            if matches!(work.stimulus, Stimulus::Timer) {
                return Ready::Done;
            }
            if !self.process.opens(&work.name.kind) {
                return match work.origin {
                    Origin::Message { .. } => Ready::Unnamed,
                    _ => self.park(turn, work, &absent, "unknown_case", "no case has this name", now),
                };
            }
        }
        if let Origin::Message { message, index } = &work.origin {
            match self.seen(turn, entry, *message, *index) {
                Seen::New => {}
                Seen::Ask(key) => return Ready::Wants(vec![key]),
                Seen::Repeat => {
                    self.finish_event(turn, *message, None, now);
                    return Ready::Done;
                }
                Seen::Clash(why) => {
                    let reason = ("event_key_reused".to_owned(), why);
                    self.finish_event(turn, *message, Some(reason), now);
                    return Ready::Done;
                }
            }
        }
        let mut rows: Rows<P::Row> = BTreeMap::new();
        loop {
            let needs = || self.process.needs(&work.name, entry.state.as_ref(), &rows, &work.stimulus);
            let wanted = match unbroken(needs) {
                Ok(wanted) => wanted,
                Err(fault) => {
                    let entry = entry.clone();
                    return self.park(turn, work, &entry, fault.code, &fault.why, now);
                }
            };
            if wanted.is_empty() {
                break;
            }
            let mut missing = Vec::new();
            for key in wanted {
                // A case that opens now has no rows.
                if entry.ver == 0 && !turn.cases.contains_key(&work.name) {
                    rows.insert(key, None);
                    continue;
                }
                let at = (entry.id, key);
                match turn.rows.get(&at).or_else(|| self.cache.rows.peek(&at)) {
                    Some(row) => {
                        let row = row.clone();
                        rows.insert(at.1, row);
                    }
                    None => missing.push(Key::Row(at.0, at.1)),
                }
            }
            if !missing.is_empty() {
                return Ready::Wants(missing);
            }
        }
        let decide = || self.process.decide(&work.name, entry.state.as_ref(), &rows, &work.stimulus, now);
        let decided = unbroken(decide);
        let base = entry.without_state();
        match decided.and_then(|decision| crate::books::balanced(&decision.entries).map(|()| decision)) {
            Ok(decision) => self.record(turn, work, base, decision, now),
            Err(fault) => {
                let entry = entry.clone();
                return self.park(turn, work, &entry, fault.code, &fault.why, now);
            }
        }
        if let Origin::Message { message, .. } = &work.origin {
            self.finish_event(turn, *message, None, now);
        }
        Ready::Done
    }

    fn seen(
        &self,
        turn: &Turn<P::State, P::Row>,
        entry: &Entry<P::State>,
        message: u64,
        index: usize,
    ) -> Seen {
        let Some(message) = self.messages.get(&message) else { return Seen::Repeat };
        let (key, said) = message.digests(index);
        let known = turn.seen.get(&(entry.id, key)).copied().or_else(|| entry.seen.said(&key));
        let known = match known {
            Some(known) => Some(known),
            None if entry.seen_complete || entry.id == 0 => None,
            None => match self.cache.seen.peek(&(entry.id, key)) {
                Some(found) => *found,
                None => return Seen::Ask(Key::Seen(entry.id, key)),
            },
        };
        match known {
            None => Seen::New,
            // Earlier versions remembered the bytes.
            Some(known) if known == said || known == digest(&[&message.body]) => Seen::Repeat,
            Some(_) => Seen::Clash(format!(
                "{} said something else under the key {} it had used before",
                message.connection, message.key
            )),
        }
    }

    /// Counts one event of a message as decided, taking the message in if it was not.
    pub(crate) fn finish_event(
        &mut self,
        turn: &mut Turn<P::State, P::Row>,
        id: u64,
        parked: Option<(String, String)>,
        now: Time,
    ) {
        let Some(after) = self.message_after(turn, id) else { return };
        after.left = after.left.saturating_sub(1);
        if parked.is_some() {
            after.parked = parked;
        }
        if after.left > 0 {
            return;
        }
        let after = after.clone();
        let Some(message) = self.messages.get(&id) else { return };
        let about = format!("received/{}/{}", self.part, after.pos);
        for code in &message.reopened {
            if after.parked.as_ref().is_none_or(|(parked, _)| parked != code) {
                let (about, code) = (about.clone(), code.clone());
                let pos = turn.head.pos;
                turn.batch.exceptions.push(ExceptionChange::Close { about, code, at: now, pos });
            }
        }
        if let Some((code, why)) = &after.parked {
            let cause = format!("{} message {}: {why}", message.connection, message.key);
            let next = format!(
                "correct the mapping or the sender's data, then `crossdock exceptions --replay {}/{}`",
                self.part, after.pos
            );
            let row = self.alarm(about, code.clone(), cause, "integration", &next, now, turn.head.pos);
            turn.batch.exceptions.push(row);
        }
    }

    /// How a message stands in this turn, giving it a position when it has none.
    pub(crate) fn message_after<'t>(
        &self,
        turn: &'t mut Turn<P::State, P::Row>,
        id: u64,
    ) -> Option<&'t mut MessageAfter> {
        let message = self.messages.get(&id)?;
        let head = &mut turn.head;
        Some(turn.messages.entry(id).or_insert_with(|| {
            let fresh = message.pos == 0;
            if fresh {
                head.received += 1;
            }
            let pos = if fresh { head.received } else { message.pos };
            MessageAfter { pos, left: message.left, parked: message.parked.clone(), fresh }
        }))
    }

    /// Messages that a batch has passed over once are taken in undecided, so that their senders are answered.
    fn take_in_waiting(&mut self, turn: &mut Turn<P::State, P::Row>) {
        let waiting: BTreeSet<u64> = self
            .queues
            .intake
            .iter()
            .chain(&turn.unnamed)
            .filter_map(|work| match work.origin {
                Origin::Message { message, .. } => Some(message),
                _ => None,
            })
            .collect();
        let unnamed: BTreeSet<u64> = turn
            .unnamed
            .iter()
            .filter_map(|work| match work.origin {
                Origin::Message { message, .. } => Some(message),
                _ => None,
            })
            .collect();
        for id in waiting {
            let Some(message) = self.messages.get_mut(&id) else { continue };
            message.passed += 1;
            if message.pos == 0 && (message.passed > 1 || unnamed.contains(&id)) {
                self.message_after(turn, id);
            }
        }
    }

    fn commit(&mut self, mut turn: Turn<P::State, P::Row>, now: Time) {
        turn.batch.outbox.append(&mut self.moves);
        let alarms = std::mem::take(&mut self.alarms);
        turn.batch.exceptions.extend(alarms.iter().cloned());
        let idle = turn.works.is_empty()
            && turn.mail.is_empty()
            && turn.messages.is_empty()
            && turn.batch.outbox.is_empty()
            && turn.batch.exceptions.is_empty();
        if idle {
            let unnamed = std::mem::take(&mut turn.unnamed);
            self.keep_unnamed(unnamed, now);
            return;
        }
        if let Err(why) = self.encode(&mut turn) {
            self.stopped = true;
            self.effects.push(Effect::Stop { why });
            return;
        }
        let Turn {
            head,
            mut batch,
            cases,
            rows,
            seen,
            balances,
            aliases,
            messages,
            withdraw,
            works,
            mail,
            unnamed,
            whole,
            again,
            ..
        } = turn;
        batch.to = head;
        batch.balances = balances
            .into_iter()
            .filter(|(_, delta)| *delta != 0)
            .map(|((account, unit), delta)| crate::batch::BalanceChange { account, unit, delta })
            .collect();
        let batch = Arc::new(batch);
        self.effects.push(Effect::Commit(Arc::clone(&batch)));
        self.pending = Some(Pending {
            batch,
            works,
            mail,
            cases,
            rows,
            seen,
            aliases,
            messages,
            withdraw,
            unnamed,
            alarms,
            whole,
            again,
        });
    }

    /// Writes what the turn changed as bytes: one row per case, however many stimuli it took in.
    fn encode(&self, turn: &mut Turn<P::State, P::Row>) -> Result<(), String> {
        let fail = |name: &Name, fault: &crate::process::Fault| {
            format!("the state of {name} cannot be written: {}: {}", fault.code, fault.why)
        };
        for (name, entry) in &mut turn.cases {
            let Some(state) = &entry.state else { continue };
            let body = self.process.encode(state).map_err(|fault| fail(name, &fault))?;
            let doc = if entry.doc_stored {
                None
            } else {
                self.process.encode_doc(state).map_err(|fault| fail(name, &fault))?
            };
            entry.doc_stored |= doc.is_some();
            turn.batch.cases.push(CaseRow {
                id: entry.id,
                name: name.clone(),
                ver: entry.ver,
                last: entry.last,
                due: entry.due,
                open: entry.open,
                body,
                doc,
            });
        }
        for ((case, key), row) in &turn.rows {
            let body = match row {
                None => None,
                Some(row) => Some(self.process.encode_row(row).map_err(|f| {
                    format!("row {key} of case {case} cannot be written: {}: {}", f.code, f.why)
                })?),
            };
            turn.batch.rows.push(RowChange { case: *case, key: key.clone(), body });
        }
        for (id, after) in &turn.messages {
            let state = match (after.left, &after.parked) {
                (0, Some(_)) => ReceivedState::Parked,
                (0, None) => ReceivedState::Decided,
                _ => ReceivedState::Waiting,
            };
            if !after.fresh {
                turn.batch.settled.push((after.pos, state));
            } else if let Some(message) = self.messages.get(id) {
                turn.batch.received.push(ReceivedRow {
                    pos: after.pos,
                    at: message.at,
                    connection: message.connection.clone(),
                    key: message.key.clone(),
                    headers: message.headers.clone(),
                    body: message.body.clone(),
                    state,
                });
            }
        }
        turn.batch.received.sort_by_key(|row| row.pos);
        Ok(())
    }
}

/// What a case remembers of a message.
enum Seen {
    New,
    Ask(Key),
    Repeat,
    Clash(String),
}
