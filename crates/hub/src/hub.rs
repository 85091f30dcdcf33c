//! One partition's hub: a value that is stepped. See [`Hub::step`].

use crate::batch::{
    Batch, CaseId, CommandId, CommandState, CommitAnswer, Digest, ExceptionChange, Head, Key, MailRow,
    OutboxChange, OutboxRow, Part, Pos, Recovered,
};
use crate::cache::{Cache, Entry};
use crate::io::{Effect, Input, Load, Received, Reply, Wake};
use crate::lane::Lane;
use crate::plan::Plan;
use crate::process::Process;
use crate::queue::{Message, Queues, Work};
use retail::envelope::Name;
use retail::time::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The owner of one partition.
#[derive(Clone, Debug)]
pub struct Hub<P: Process> {
    pub(crate) part: Part,
    pub(crate) parts: Part,
    pub(crate) process: P,
    pub(crate) plan: Plan,
    pub(crate) epoch: u64,
    /// As committed.
    pub(crate) head: Head,
    pub(crate) cache: Cache<P::State, P::Row>,
    pub(crate) queues: Queues,
    pub(crate) messages: BTreeMap<u64, Message>,
    pub(crate) next_message: u64,
    /// Messages that hold no event: parked ones, to be taken in as a whole.
    pub(crate) whole: Vec<u64>,
    /// Events whose name no case has taken yet.
    pub(crate) unnamed: BTreeMap<Name, Vec<(Time, Work)>>,
    pub(crate) lanes: BTreeMap<String, Lane>,
    pub(crate) outbox: BTreeMap<CommandId, OutboxRow>,
    /// Open commands by key, to settle or withdraw them.
    pub(crate) keys: BTreeMap<(Name, String), CommandId>,
    pub(crate) parked: BTreeSet<CommandId>,
    /// Commands that have raised an exception, closed when they settle.
    pub(crate) alarmed: BTreeSet<CommandId>,
    /// Systems that were heard of since the start, and whether they refuse our credentials.
    pub(crate) unwelcome: BTreeMap<String, bool>,
    /// Commands of which a look-up has found nothing.
    pub(crate) absences: BTreeMap<CommandId, crate::answer::Absence>,
    pub(crate) timers: BTreeSet<(Time, Name)>,
    pub(crate) due: BTreeMap<Name, Time>,
    /// Keys asked for, and whether a commit has made the answer stale.
    pub(crate) loading: BTreeMap<Key, bool>,
    pub(crate) pending: Option<Pending<P::State, P::Row>>,
    pub(crate) marks: BTreeMap<Part, Pos>,
    /// Outbox changes and exceptions that come from no decision and go with the next batch.
    pub(crate) moves: Vec<OutboxChange>,
    pub(crate) alarms: Vec<ExceptionChange>,
    /// Loads that failed are tried again then.
    pub(crate) load_retry: Option<Time>,
    /// A batch that was not written is handed over again then.
    pub(crate) commit_retry: Option<Time>,
    pub(crate) stopped: bool,
    pub(crate) effects: Vec<Effect>,
}

/// A batch under way and what follows when it is on disk.
#[derive(Clone, Debug)]
pub(crate) struct Pending<S, R> {
    pub batch: Arc<Batch>,
    /// What was decided, to be decided again should the store name a clash.
    pub works: Vec<Work>,
    pub mail: Vec<MailRow>,
    pub cases: BTreeMap<Name, Entry<S>>,
    pub rows: BTreeMap<(CaseId, String), Option<R>>,
    pub seen: BTreeMap<(CaseId, Digest), Digest>,
    pub aliases: Vec<(Name, Name)>,
    /// How each message touched stands after this batch.
    pub messages: BTreeMap<u64, MessageAfter>,
    pub withdraw: Vec<(Name, String)>,
    /// Works that wait for a case to take their name.
    pub unnamed: Vec<Work>,
    /// Exceptions that came from no decision, and messages that hold no event.
    pub alarms: Vec<ExceptionChange>,
    pub whole: Vec<u64>,
    /// Open commands that a case ordered again.
    pub again: Vec<CommandId>,
}

/// How a message stands after the batch.
#[derive(Clone, Debug)]
pub(crate) struct MessageAfter {
    pub pos: Pos,
    pub left: usize,
    pub parked: Option<(String, String)>,
    /// Whether this batch writes its row.
    pub fresh: bool,
}

impl<P: Process> Hub<P> {
    /// A new owner's hub over what it recovered. Messages in `recovered.waiting` are mapped again by the driver
    /// and come as [`Input::Received`] with their position.
    pub fn new(part: Part, parts: Part, process: P, plan: Plan, recovered: Recovered, now: Time) -> Self {
        let cache = Cache::new(plan.cache_cases, plan.cache_rows);
        let mut hub = Self {
            part,
            parts,
            process,
            epoch: recovered.epoch,
            head: recovered.head,
            cache,
            queues: Queues::default(),
            messages: BTreeMap::new(),
            next_message: 1,
            whole: Vec::new(),
            unnamed: BTreeMap::new(),
            lanes: plan.systems.iter().map(|(name, spec)| (name.clone(), Lane::new(spec.clone()))).collect(),
            plan,
            outbox: BTreeMap::new(),
            keys: BTreeMap::new(),
            parked: BTreeSet::new(),
            alarmed: BTreeSet::new(),
            unwelcome: BTreeMap::new(),
            absences: BTreeMap::new(),
            timers: BTreeSet::new(),
            due: BTreeMap::new(),
            loading: BTreeMap::new(),
            pending: None,
            marks: recovered.marks.into_iter().collect(),
            moves: Vec::new(),
            alarms: Vec::new(),
            load_retry: None,
            commit_retry: None,
            stopped: false,
            effects: Vec::new(),
        };
        for (due, name) in recovered.timers {
            hub.set_timer(&name, Some(due));
        }
        hub.take_mail(recovered.mail);
        for row in recovered.outbox {
            hub.resume(row, now);
        }
        hub
    }

    /// Takes one input in and answers with what is to be done. Deterministic: equal hubs given equal inputs at
    /// equal times answer with equal effects.
    pub fn step(&mut self, now: Time, input: Input) -> Vec<Effect> {
        if self.stopped {
            return Vec::new();
        }
        match input {
            Input::Received(message) => self.receive(now, *message),
            Input::Loaded(found) => self.loaded(found),
            Input::LoadFailed(keys) => {
                for key in keys {
                    self.loading.remove(&key);
                }
                self.load_retry = Some(now.plus(Span::millis(200)));
            }
            Input::Committed(answer) => self.committed(now, answer),
            Input::HeadIs { epoch, head } => self.head_is(now, epoch, head),
            Input::Answered { id, outcome, pause } => self.answered(now, id, outcome, pause),
            Input::Mail(rows) => self.take_mail(rows),
            Input::Retry { id, token } => self.retry(now, id, token),
            Input::Noticed(notice) => self.noticed(now, *notice),
            Input::ClockSet(by) => self.clock_set(by),
            Input::Tick => {}
        }
        self.fire_timers(now);
        if self.load_retry.is_some_and(|at| at <= now) {
            self.load_retry = None;
        }
        // Only a batch that is known not to be written: one of which nothing is known may be at the store still.
        if self.commit_retry.is_some_and(|at| at <= now) {
            self.commit_retry = None;
            if let Some(pending) = &self.pending {
                self.effects.push(Effect::Commit(Arc::clone(&pending.batch)));
            }
        }
        if self.pending.is_none() && self.load_retry.is_none() && !self.stopped {
            self.turn(now);
        }
        self.dispatch(now);
        std::mem::take(&mut self.effects)
    }

    /// When [`Input::Tick`] is wanted at the latest, if nothing else happens.
    pub fn wake(&self) -> Wake {
        let timer = self.timers.first().map(|(at, _)| *at);
        let lanes = self.lanes.values().filter_map(Lane::wake).min();
        let unnamed = self.unnamed.values().filter_map(|works| works.first()).map(|(since, _)| *since).min();
        let unnamed = unnamed.map(|since| since.plus(self.plan.unnamed_max));
        [timer, lanes, self.load_retry, self.commit_retry, unnamed].into_iter().flatten().min()
    }

    /// How busy this hub is.
    pub fn load(&self, now: Time) -> Load {
        let soon = now.plus(Span::minutes(1));
        Load {
            queued: self.queues.len(),
            commands: self.outbox.len() - self.parked.len(),
            parked: self.parked.len(),
            unnamed: self.unnamed.values().map(Vec::len).sum(),
            committing: self.pending.is_some(),
            timers_soon: self.timers.range(..(soon, Name::new("", "", ""))).count(),
            pos: self.head.pos,
        }
    }

    /// The process it serves.
    pub const fn process(&self) -> &P {
        &self.process
    }

    /// The partition that a name belongs to.
    pub fn part_of(&self, name: &Name) -> Part {
        part_of(self.process.family(name), self.parts)
    }

    fn receive(&mut self, now: Time, message: Received) {
        let busy =
            self.queues.intake.len() >= self.plan.intake_max || self.outbox.len() >= self.plan.outbox_max;
        if busy
            && message.stored.is_none()
            && let Some(token) = message.token
        {
            self.effects.push(Effect::Reply { token, reply: Reply::Busy });
            return;
        }
        self.enqueue_message(message, now);
    }

    pub(crate) fn set_timer(&mut self, name: &Name, due: Option<Time>) {
        if self.due.get(name).copied() == due {
            return;
        }
        if let Some(old) = self.due.remove(name) {
            self.timers.remove(&(old, name.clone()));
        }
        if let Some(due) = due {
            self.due.insert(name.clone(), due);
            self.timers.insert((due, name.clone()));
        }
    }

    fn fire_timers(&mut self, now: Time) {
        while let Some((at, _)) = self.timers.first()
            && *at <= now
        {
            let Some((_, name)) = self.timers.pop_first() else { break };
            self.due.remove(&name);
            self.queues.first.push_back(Work {
                name,
                stimulus: crate::process::Stimulus::Timer,
                origin: crate::queue::Origin::Timer,
            });
        }
    }

    /// Absence is proof once nothing was heard for long enough, and a lane waits for as long as it was told: a clock
    /// that is set makes neither shorter nor longer. What is due at a date stays due at that date.
    fn clock_set(&mut self, by: Span) {
        for retry in [&mut self.load_retry, &mut self.commit_retry] {
            *retry = retry.map(|at| at.plus(by));
        }
        for lane in self.lanes.values_mut() {
            lane.clock_set(by);
        }
        for row in self.outbox.values_mut() {
            if let CommandState::Unknown { since: at } | CommandState::Accepted { until: at } = &mut row.state
            {
                *at = at.plus(by);
            }
        }
        for absence in self.absences.values_mut() {
            absence.asked = absence.asked.plus(by);
        }
    }

    fn committed(&mut self, now: Time, answer: CommitAnswer) {
        match answer {
            CommitAnswer::Yes => self.applied(now),
            CommitAnswer::Fenced => self.stop("another owner has claimed this partition".to_owned()),
            CommitAnswer::Clash(ids) => self.clashed(&ids),
            CommitAnswer::Unknown(_) => self.effects.push(Effect::ReadHead),
            // It would fail for ever: a bug that must be seen.
            CommitAnswer::Failed(why) if why.contains("not well formed") => self.stop(why),
            CommitAnswer::Failed(_) => self.commit_retry = Some(now.plus(Span::millis(500))),
        }
    }

    fn head_is(&mut self, now: Time, epoch: u64, head: Head) {
        let Some(pending) = &self.pending else { return };
        if epoch != self.epoch {
            self.stop("another owner has claimed this partition".to_owned());
        } else if head == pending.batch.to && head != pending.batch.from {
            self.applied(now);
        } else if head == pending.batch.from {
            // Not written; or one that moves no head, which may be written twice.
            self.effects.push(Effect::Commit(Arc::clone(&pending.batch)));
        } else {
            self.stop("the stored head is neither before nor after the batch".to_owned());
        }
    }

    fn stop(&mut self, why: String) {
        self.stopped = true;
        self.pending = None;
        self.effects.clear();
        self.effects.push(Effect::Stop { why });
    }
}

/// The partition of a family among `parts`: FNV-1a, which never changes.
#[must_use]
pub fn part_of(family: &str, parts: Part) -> Part {
    let mut h: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in family.bytes() {
        h = (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    Part::try_from(h % u64::from(parts.max(1))).unwrap_or(0)
}
