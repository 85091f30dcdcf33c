//! Writing a decision, or the reason there is none, into the batch.

use crate::batch::{
    CommandId, CommandState, ExceptionChange, ExceptionRow, JournalRow, MailRow, OutboxChange, OutboxRow,
    Pos, SEEN_WITH_CASE, SeenRow,
};
use crate::cache::{Entry, Marks};
use crate::hub::Hub;
use crate::plan::Strategy;
use crate::process::{Decision, Process, Stimulus};
use crate::queue::{Origin, Work};
use crate::record::{CommandRecord, InputRecord, MessageRecord, ParkedRecord, TurnRecord, VERSION};
use crate::turn::{Ready, Turn};
use retail::envelope::{Command, Event, Name};
use retail::time::Time;

impl<P: Process> Hub<P> {
    /// A stimulus as the journal keeps it, where that is not as it is.
    fn kept(&self, stimulus: &Stimulus) -> Option<Stimulus> {
        let Stimulus::Event(event) = stimulus else { return None };
        let data = self.process.journalled(&event.data)?;
        Some(Stimulus::Event(Event { data, ..event.clone() }))
    }

    /// A command as the journal keeps it, where that is not as it is.
    fn kept_command(&self, command: &Command) -> Option<Command> {
        let args = self.process.journalled(&command.args)?;
        Some(Command { args, ..command.clone() })
    }

    /// Writes a decision: journal, state, commands, mail, books, names and exceptions of one stimulus.
    pub(crate) fn record(
        &self,
        turn: &mut Turn<P::State, P::Row>,
        work: &Work,
        base: Entry<P::State>,
        decision: Decision<P::State, P::Row>,
        now: Time,
    ) {
        turn.head.pos += 1;
        let pos = turn.head.pos;
        let (mut entry, prev) = self.touch(turn, work, base);
        self.remember(turn, work, &mut entry);
        // What ends in this turn is over before anything is ordered: the same key may be ordered anew.
        for key in decision.settle {
            let key = (work.name.clone(), key);
            if let Some(id) = self.open_under(turn, &key) {
                turn.batch.outbox.push(OutboxChange::Delete(id));
                turn.keys.insert(key, None);
            }
        }
        self.end_command(turn, work, now);
        let mut commands = Vec::with_capacity(decision.commands.len());
        for command in decision.commands {
            let key = (work.name.clone(), command.key.clone());
            // Ordered again while the first is still open: one parked is tried again, never sent beside itself.
            if let Some(id) = self.open_under(turn, &key) {
                turn.again.push(id);
                continue;
            }
            turn.head.commands += 1;
            let id = turn.head.commands;
            turn.keys.insert(key, Some(id));
            let system = self.plan.system(&command.role, &command.at).unwrap_or_default();
            let strategy = self.plan.op(system, &command.op).strategy;
            let state = match strategy {
                _ if system.is_empty() => CommandState::Parked,
                // What a second call would repeat is marked before it can be sent.
                Strategy::Reference | Strategy::None => CommandState::Marked,
                _ => CommandState::Queued,
            };
            if system.is_empty() {
                let cause =
                    format!("no system plays {} {:?}, so {} waits", command.role, command.at, command.op);
                let next = "name the system in the estate, then retry the command";
                let about = work.name.to_string();
                let code = format!("command_parked:{}", command.key);
                turn.batch.exceptions.push(self.alarm(about, code, cause, "integration", next, now, pos));
            }
            commands.push((id, system.to_owned(), command, state));
        }
        let mut mail = Vec::with_capacity(decision.messages.len());
        for message in decision.messages {
            turn.head.mail += 1;
            mail.push(MailRow {
                from_part: self.part,
                to_part: self.part_of(&message.to),
                pos: turn.head.mail,
                cause: pos,
                from: work.name.clone(),
                to: message.to,
                kind: message.kind.to_owned(),
                data: message.data,
            });
        }
        let kept = self.kept(&work.stimulus);
        let kept_commands: Vec<Option<Command>> =
            commands.iter().map(|(_, _, command, _)| self.kept_command(command)).collect();
        let record = TurnRecord {
            v: VERSION,
            case: &work.name,
            cause: work.origin.cause(self.received_pos(turn, work)),
            input: InputRecord::from(kept.as_ref().unwrap_or(&work.stimulus)),
            parked: None,
            facts: &decision.facts,
            commands: commands
                .iter()
                .zip(&kept_commands)
                .map(|((id, system, command, _), kept)| {
                    let command = kept.as_ref().unwrap_or(command);
                    CommandRecord { id: *id, system, command }
                })
                .collect(),
            entries: &decision.entries,
            messages: mail
                .iter()
                .map(|m| MessageRecord {
                    to: &m.to,
                    part: m.to_part,
                    pos: m.pos,
                    kind: &m.kind,
                    data: &m.data,
                })
                .collect(),
            raised: &decision.raise,
            cleared: &decision.clear,
            open: decision.open,
            due: decision.due,
        };
        self.journal(turn, entry.id, prev, now, &record);
        for (id, _, command, state) in commands {
            turn.batch.outbox.push(OutboxChange::Put(Box::new(OutboxRow {
                id,
                case: entry.id,
                name: work.name.clone(),
                cause: pos,
                created: now,
                state,
                attempts: 0,
                command,
            })));
        }
        turn.batch.mail.extend(mail);
        for posting in &decision.entries {
            for (account, unit, amount) in &posting.lines {
                let key = (format!("{}/{account}", posting.entity), unit.clone());
                *turn.balances.entry(key).or_default() += amount;
            }
        }
        for (key, row) in decision.rows {
            turn.rows.insert((entry.id, key), row);
        }
        for name in decision.names {
            turn.batch.routes.push((name.clone(), entry.id));
            turn.aliases.push((name, work.name.clone()));
        }
        for alarm in decision.raise {
            let about = work.name.to_string();
            let row = self.alarm(
                about,
                alarm.code.to_owned(),
                alarm.cause,
                alarm.owner,
                &alarm.next_step,
                now,
                pos,
            );
            turn.batch.exceptions.push(row);
        }
        for code in decision.clear {
            let about = work.name.to_string();
            turn.batch.exceptions.push(ExceptionChange::Close { about, code: code.to_owned(), at: now, pos });
        }
        turn.withdraw.extend(decision.withdraw.into_iter().map(|key| (work.name.clone(), key)));
        entry.last = pos;
        entry.due = decision.due;
        entry.open = decision.open;
        entry.state = Some(decision.state);
        turn.cases.insert(work.name.clone(), entry);
    }

    /// Keeps a stimulus that could not be taken in, with its reason; the case stays as it was.
    pub(crate) fn park(
        &mut self,
        turn: &mut Turn<P::State, P::Row>,
        work: &Work,
        base: &Entry<P::State>,
        code: &str,
        why: &str,
        now: Time,
    ) -> Ready {
        turn.head.pos += 1;
        let pos = turn.head.pos;
        let kept = self.kept(&work.stimulus);
        // A timer that cannot be taken in has rung all the same: it would ring again at once, and for ever.
        let due = if matches!(work.stimulus, Stimulus::Timer) { None } else { base.due };
        let record = TurnRecord {
            v: VERSION,
            case: &work.name,
            cause: work.origin.cause(self.received_pos(turn, work)),
            input: InputRecord::from(kept.as_ref().unwrap_or(&work.stimulus)),
            parked: Some(ParkedRecord { code, why }),
            facts: &[],
            commands: Vec::new(),
            entries: &[],
            messages: Vec::new(),
            raised: &[],
            cleared: &[],
            open: base.open,
            due,
        };
        if base.state.is_some() {
            let (mut entry, prev) = self.touch(turn, work, base.without_state());
            self.journal(turn, entry.id, prev, now, &record);
            entry.state.clone_from(&base.state);
            entry.last = pos;
            entry.due = due;
            turn.cases.insert(work.name.clone(), entry);
        } else {
            self.journal(turn, 0, 0, now, &record);
        }
        if let Origin::Message { message, .. } = &work.origin {
            self.finish_event(turn, *message, Some((code.to_owned(), why.to_owned())), now);
        } else {
            let cause = format!("{} could not be taken in: {why}", work.stimulus_name());
            let next = "look at the case with trace, correct the cause, then replay";
            let about = work.name.to_string();
            turn.batch.exceptions.push(self.alarm(
                about,
                code.to_owned(),
                cause,
                "integration",
                next,
                now,
                pos,
            ));
        }
        self.end_command(turn, work, now);
        Ready::Done
    }

    /// The case's entry for this turn, its version raised once however many stimuli it takes in, and its last
    /// journal position.
    fn touch(
        &self,
        turn: &mut Turn<P::State, P::Row>,
        work: &Work,
        base: Entry<P::State>,
    ) -> (Entry<P::State>, Pos) {
        let entry = match turn.cases.remove(&work.name) {
            Some(entry) => entry,
            None => {
                let mut entry = base;
                if entry.id == 0 {
                    turn.head.cases += 1;
                    entry.id = turn.head.cases;
                }
                entry.ver += 1;
                entry
            }
        };
        let prev = entry.last;
        (entry, prev)
    }

    /// Marks a message as taken in by its case. One that was parked is not marked: it may be replayed.
    fn remember(&self, turn: &mut Turn<P::State, P::Row>, work: &Work, entry: &mut Entry<P::State>) {
        if let Origin::Message { message, index } = &work.origin
            && let Some(message) = self.messages.get(message)
        {
            let (key, body) = message.digests(*index);
            turn.batch.seen.push(SeenRow { case: entry.id, key, body, pos: turn.head.pos });
            turn.seen.insert((entry.id, key), body);
            entry.seen.take_in(key, body);
            if entry.seen.len() > SEEN_WITH_CASE {
                entry.seen = Marks::default();
                entry.seen_complete = false;
            }
        }
    }

    fn journal(
        &self,
        turn: &mut Turn<P::State, P::Row>,
        case: u64,
        prev: Pos,
        now: Time,
        record: &TurnRecord<'_>,
    ) {
        // Every part of a record is text, numbers and JSON already read: writing it cannot fail.
        let body = serde_json::to_vec(record).unwrap_or_default();
        let row = JournalRow { pos: turn.head.pos, case, prev, at: now, body };
        turn.head.hash = row.hash_onto(&turn.head.hash);
        turn.batch.journal.push(row);
    }

    fn received_pos(&self, turn: &mut Turn<P::State, P::Row>, work: &Work) -> Pos {
        match &work.origin {
            Origin::Message { message, .. } => {
                self.message_after(turn, *message).map_or(0, |after| after.pos)
            }
            _ => 0,
        }
    }

    /// The command that a case has open under a key once this turn is on disk.
    fn open_under(&self, turn: &Turn<P::State, P::Row>, key: &(Name, String)) -> Option<CommandId> {
        match turn.keys.get(key) {
            Some(now) => *now,
            None => self.keys.get(key).copied(),
        }
    }

    /// A final outcome ends its command, and with it any exception that the command raised.
    fn end_command(&self, turn: &mut Turn<P::State, P::Row>, work: &Work, now: Time) {
        let Origin::Command { id, ends: true, .. } = &work.origin else { return };
        turn.batch.outbox.push(OutboxChange::Delete(*id));
        let Some(row) = self.outbox.get(id) else { return };
        turn.keys.insert((row.name.clone(), row.command.key.clone()), None);
        if self.alarmed.contains(id) {
            turn.batch.exceptions.push(ExceptionChange::Close {
                about: row.name.to_string(),
                code: format!("command_parked:{}", row.command.key),
                at: now,
                pos: turn.head.pos,
            });
        }
    }

    #[allow(clippy::too_many_arguments)]
    pub(crate) fn alarm(
        &self,
        about: String,
        code: String,
        cause: String,
        owner: &str,
        next_step: &str,
        now: Time,
        pos: Pos,
    ) -> ExceptionChange {
        ExceptionChange::Raise(Box::new(ExceptionRow {
            part: self.part,
            about,
            code,
            cause,
            owner: owner.to_owned(),
            next_step: next_step.to_owned(),
            opened: now,
            pos,
        }))
    }
}
