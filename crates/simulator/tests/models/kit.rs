//! A small world around a real hub over the real store in memory, and every choice that can be made in it. What a
//! model check looks at is what this code does: nothing of a hub, a flow or a store is written a second time here.

use crate::choice::{Call, Choice, Written};
use crate::said::{done, message, outbox};
use hub::Hub;
use hub::batch::{Batch, CommitAnswer, Head, Part};
use hub::io::{Dispatch, Effect, Input, Mode, Reply};
use hub::plan::{Plan, Strategy};
use hub::process::Process;
use retail::envelope::{Event, Outcome};
use retail::time::{Span, Time};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::Hasher;
use std::sync::Arc;
use store::{Fault, Memory, Reader, Scan, Scanned, Store};

/// The partition that is looked at.
pub const PART: Part = 0;
/// How long a claim still holds when its owner falls asleep.
const LEASE: Span = Span::seconds(20);
/// How long after that it may still not know.
const RENEWED: Span = Span::seconds(2);
/// A request is carried out within this time of being sent, or never.
const TRAVELS: Span = Span::seconds(4);
/// What was done is found by a look-up after this time at the latest.
const LAGS: Span = Span::seconds(4);
/// A store answers an owner that holds its lease within this time. Without a bound a hub that goes on looking things up
/// beside a commit would do so for ever.
const WRITES: Span = Span::seconds(12);
/// What plans must declare: how long an execution and the look-up's lag take at most.
pub const SETTLE: Span = Span::seconds(10);

/// A message that the world sends the hub.
#[derive(Clone, Debug)]
pub struct Script {
    pub event: Event,
    /// It tells of a deed, and cannot come before that.
    pub after: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Told {
    No,
    Asked,
    Taken,
}

/// Something that a system did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deed {
    pub op: String,
    pub key: String,
    pub object: String,
    renewed: Option<Time>,
    at: Time,
}

#[derive(Clone, Debug)]
struct Flight {
    owner: usize,
    sent: Time,
    /// Whether its owner held the lease when it wanted it sent.
    leased: bool,
    done: bool,
    dispatch: Dispatch,
}

/// A process that steps a hub.
#[derive(Clone, Debug)]
struct Owner<P: Process> {
    hub: Hub<P>,
    /// When it last held its partition for certain.
    since: Time,
    commit: Option<Arc<Batch>>,
    asks: bool,
    /// When it began to wait for the store.
    waits: Time,
    stopped: bool,
}

/// Everything there is, but for what only judges.
#[derive(Clone, Debug)]
struct Scene<P: Process> {
    now: Time,
    memory: Memory,
    owners: Vec<Owner<P>>,
    told: Vec<Told>,
    flights: Vec<Flight>,
    late: Vec<Flight>,
    deeds: Vec<Deed>,
    troubles: u8,
    takeovers: u8,
}

/// What does not change in a world.
#[derive(Debug)]
pub struct Frame<P> {
    pub process: P,
    pub plan: Plan,
    pub script: Vec<Script>,
    pub memory: Memory,
    /// At most so many troubles in one history: commits and calls that go wrong, deaths.
    pub troubles: u8,
    /// Whether deaths are among them.
    pub dies: bool,
    pub takeovers: u8,
    /// How many partitions there are.
    pub parts: Part,
    /// What must hold beside the rules of the kit, once it is written.
    pub holds: fn(&Memory, &[Deed]) -> Result<(), String>,
}

/// A moment of a history.
#[derive(Clone)]
pub struct World<P: Process> {
    scene: Scene<P>,
    digest: u64,
    pub broken: Option<String>,
    pub marks: BTreeSet<&'static str>,
}

impl<P: Process> Debug for World<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:x} {:?} {:?}", self.digest, self.broken, self.scene.deeds)
    }
}

impl<P: Process> PartialEq for World<P> {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl<P: Process> std::hash::Hash for World<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.digest);
    }
}

impl<P: Process + Clone + Debug> World<P> {
    pub fn begin(frame: &Frame<P>) -> Self {
        let scene = Scene {
            now: Time(0),
            memory: frame.memory.snapshot(),
            owners: Vec::new(),
            told: vec![Told::No; frame.script.len()],
            flights: Vec::new(),
            late: Vec::new(),
            deeds: Vec::new(),
            troubles: frame.troubles,
            takeovers: frame.takeovers,
        };
        let mut world = Self { scene, digest: 0, broken: None, marks: BTreeSet::new() };
        world.start(frame, "first");
        world.sealed()
    }

    pub fn choices(&self, frame: &Frame<P>, out: &mut Vec<Choice>) {
        let s = &self.scene;
        if self.broken.is_some() {
            return;
        }
        if let Some(n) = s.told.iter().position(|told| *told == Told::No)
            && frame.script[n].after.is_none_or(|key| s.deeds.iter().any(|deed| deed.key == key))
        {
            out.push(Choice::Tell(n));
        }
        for (n, owner) in s.owners.iter().enumerate().filter(|(_, owner)| !owner.stopped) {
            if owner.asks {
                out.push(Choice::ReadHead(n));
            } else if owner.commit.is_some() {
                out.push(Choice::Commit(n, Written::Yes));
                if s.troubles > 0 {
                    let bad = [Written::Failed, Written::UnknownKept, Written::UnknownLost];
                    out.extend(bad.map(|fate| Choice::Commit(n, fate)));
                }
            }
        }
        for (n, flight) in s.flights.iter().enumerate() {
            out.extend(self.fates(flight).into_iter().map(|fate| Choice::Call(n, fate)));
        }
        out.extend((0..s.late.len()).map(Choice::Late));
        if self.wake().is_some() {
            out.push(Choice::Pass);
        }
        if s.troubles > 0 && frame.dies {
            out.push(Choice::Crash);
        }
        if s.takeovers > 0 {
            out.push(Choice::TakeOver);
        }
    }

    fn fates(&self, flight: &Flight) -> Vec<Call> {
        let s = &self.scene;
        let find = flight.dispatch.mode == Mode::Find;
        let in_time = s.now.since(flight.sent).0 <= TRAVELS.0;
        // Who slept through its lease sends nothing; what it had sent before that is on its way.
        if !flight.leased {
            return vec![Call::NotSent];
        }
        let mut fates = Vec::new();
        if flight.done || in_time || find {
            fates.push(Call::Answered);
        }
        if !flight.done && in_time && !find && s.troubles + s.takeovers > 0 {
            fates.push(Call::Done);
        }
        if s.troubles > 0 || !(flight.done || in_time || find) {
            fates.push(Call::Lost);
        }
        if s.troubles > 0 && !flight.done {
            fates.push(Call::Throttled);
            let key = &flight.dispatch.command.key;
            let fresh = |deed: &Deed| deed.key == *key && s.now.since(deed.at).0 < LAGS.0;
            if find && s.deeds.iter().any(fresh) {
                fates.push(Call::Lags);
            }
        }
        fates
    }

    const fn former(&self, owner: usize) -> bool {
        owner + 1 < self.scene.owners.len()
    }

    fn wake(&self) -> Option<Time> {
        let s = &self.scene;
        let live = s.owners.iter().filter(|owner| !owner.stopped);
        let wake = live.filter_map(|owner| owner.hub.wake()).filter(|at| *at > s.now).min();
        let owner = s.owners.last()?;
        let bound = (owner.commit.is_some() || owner.asks).then(|| owner.waits.plus(WRITES));
        wake.filter(|at| bound.is_none_or(|bound| *at <= bound))
    }

    pub fn choose(&self, frame: &Frame<P>, choice: Choice) -> Self {
        let mut next = self.clone();
        next.scene.memory = self.scene.memory.snapshot();
        match choice {
            Choice::Tell(n) => next.tell(frame, n),
            Choice::Commit(n, fate) => next.commit(frame, n, fate),
            Choice::ReadHead(n) => {
                let (epoch, head) = next.reader().head(PART).unwrap();
                next.scene.owners[n].asks = false;
                next.step(frame, n, Input::HeadIs { epoch, head });
            }
            Choice::Call(n, fate) => next.call(frame, n, fate),
            Choice::Late(n) => {
                let flight = next.scene.late.remove(n);
                next.marks.insert("late");
                next.carry_out(frame, &flight.dispatch);
            }
            Choice::Pass => {
                let to = next.wake().unwrap();
                next.pass(to);
                next.retire();
                for owner in 0..next.scene.owners.len() {
                    next.step(frame, owner, Input::Tick);
                }
            }
            Choice::Crash => {
                next.scene.troubles -= 1;
                let owner = next.scene.owners.len() - 1;
                next.scene.owners.truncate(owner);
                let (gone, here): (Vec<_>, _) =
                    std::mem::take(&mut next.scene.flights).into_iter().partition(|f| f.owner == owner);
                next.scene.flights = here;
                next.abandon(gone);
                next.marks.insert("crash");
                next.start(frame, "first");
            }
            Choice::TakeOver => {
                next.scene.takeovers -= 1;
                let now = next.scene.now;
                next.scene.owners.last_mut().unwrap().since = now;
                let to = now.plus(LEASE);
                next.pass(to);
                next.start(frame, "second");
                let former = next.scene.owners.len() - 2;
                next.step(frame, former, Input::Tick);
            }
        }
        next.sealed()
    }

    fn sealed(mut self) -> Self {
        // Every field of a hub and of the store is shown by `Debug`, so what shows alike goes on alike.
        let mut hash = std::hash::DefaultHasher::new();
        hash.write(format!("{:?}{:?}", self.scene, self.broken).as_bytes());
        self.digest = hash.finish();
        self
    }

    /// Whether nothing is left to be done.
    pub fn at_rest(&self) -> bool {
        let owner = self.scene.owners.last().unwrap();
        !owner.stopped && owner.hub.load(self.scene.now).queued == 0 && owner.commit.is_none()
    }

    /// How much was done.
    pub fn deeds(&self) -> usize {
        self.scene.deeds.len()
    }

    /// Commands that are not settled.
    pub fn open(&self) -> Vec<hub::batch::OutboxRow> {
        outbox(&self.scene.memory)
    }

    /// How many messages there are in its script.
    pub fn told(&self) -> usize {
        self.scene.told.len()
    }

    pub fn taken(&self) -> bool {
        self.scene.told.iter().all(|told| *told == Told::Taken)
    }

    fn reader(&self) -> Box<dyn Reader> {
        self.scene.memory.reader().unwrap()
    }

    fn fail(&mut self, why: String) {
        self.broken.get_or_insert(why);
    }

    fn start(&mut self, frame: &Frame<P>, node: &str) {
        let now = self.scene.now;
        let ttl = Span(0);
        let recovered = self.scene.memory.claim(PART, node, now, ttl).unwrap();
        let waiting = recovered.waiting.clone();
        let hub = Hub::new(PART, frame.parts, frame.process.clone(), frame.plan.clone(), recovered, now);
        self.scene.owners.push(Owner {
            hub,
            since: now,
            commit: None,
            asks: false,
            waits: now,
            stopped: false,
        });
        for told in &mut self.scene.told {
            if *told == Told::Asked {
                *told = Told::No;
            }
        }
        let owner = self.scene.owners.len() - 1;
        for row in waiting {
            let script = frame.script.iter().find(|script| script.event.kind == row.key).unwrap();
            self.step(frame, owner, message(&script.event, None, Some(row.pos)));
        }
        self.step(frame, owner, Input::Tick);
    }

    fn tell(&mut self, frame: &Frame<P>, n: usize) {
        self.scene.told[n] = Told::Asked;
        let owner = self.scene.owners.len() - 1;
        let token = u64::try_from(n).unwrap();
        self.step(frame, owner, message(&frame.script[n].event, Some(token), None));
    }

    fn commit(&mut self, frame: &Frame<P>, n: usize, fate: Written) {
        if fate != Written::Yes {
            self.scene.troubles -= 1;
        }
        let batch = self.scene.owners[n].commit.take().unwrap();
        let before = self.head();
        match fate {
            Written::Yes => {}
            Written::Failed => self.scene.memory.plan(Fault::Refused),
            Written::UnknownKept => self.scene.memory.plan(Fault::LostAfter),
            Written::UnknownLost => self.scene.memory.plan(Fault::LostBefore),
        }
        let answer = self.scene.memory.commit(&[&batch]).remove(0);
        let moved = self.head() != before;
        if self.former(n) {
            self.marks.insert("former_commits");
            if moved || answer == CommitAnswer::Yes {
                self.fail(format!("an owner that was taken over from wrote: {answer:?}"));
            }
        } else if let CommitAnswer::Fenced | CommitAnswer::Clash(_) = answer {
            self.fail(format!("the owner was refused: {answer:?}"));
        }
        self.marks.insert(match (&answer, moved) {
            (CommitAnswer::Unknown(_), true) => "unknown_written",
            (CommitAnswer::Unknown(_), false) => "unknown_lost",
            (CommitAnswer::Failed(_), _) => "commit_failed",
            (CommitAnswer::Fenced, _) => "fenced",
            _ => "written",
        });
        let held = (frame.holds)(&self.scene.memory, &self.scene.deeds);
        if let Err(why) = held {
            self.fail(why);
        }
        self.step(frame, n, Input::Committed(answer));
    }

    fn head(&self) -> (u64, Head) {
        self.reader().head(PART).unwrap()
    }

    fn call(&mut self, frame: &Frame<P>, n: usize, fate: Call) {
        let mut flight = self.scene.flights.remove(n);
        let find = flight.dispatch.mode == Mode::Find;
        if matches!(fate, Call::Lost | Call::Throttled | Call::Lags) {
            self.scene.troubles = self.scene.troubles.saturating_sub(1);
        }
        let outcome = match fate {
            Call::Done => {
                self.carry_out(frame, &flight.dispatch);
                flight.done = true;
                self.scene.flights.insert(n, flight);
                return;
            }
            Call::Answered if find && !self.scene.deeds.iter().any(|deed| same(deed, &flight.dispatch)) => {
                self.marks.insert("absent");
                Outcome::Absent
            }
            Call::Answered => {
                if find {
                    self.marks.insert("found");
                } else if !flight.done {
                    self.carry_out(frame, &flight.dispatch);
                }
                done()
            }
            Call::Lost => {
                self.marks.insert(if flight.done { "lost_after" } else { "lost_before" });
                if !find {
                    self.abandon(vec![flight.clone()]);
                }
                Outcome::Unknown { why: "no answer".to_owned() }
            }
            Call::Throttled => Outcome::Throttled { retry_after: None },
            Call::NotSent => {
                self.marks.insert("not_sent_without_a_lease");
                Outcome::Throttled { retry_after: None }
            }
            Call::Lags => {
                self.marks.insert("lags");
                Outcome::Absent
            }
        };
        let id = flight.dispatch.id;
        self.step(frame, flight.owner, Input::Answered { id, outcome, pause: None });
    }

    /// Nobody waits for these any more; the system may carry them out all the same.
    fn abandon(&mut self, flights: Vec<Flight>) {
        let now = self.scene.now;
        let may = |f: &Flight| !f.done && f.dispatch.mode == Mode::First && now.since(f.sent).0 <= TRAVELS.0;
        self.scene.late.extend(flights.into_iter().filter(may));
    }

    fn carry_out(&mut self, frame: &Frame<P>, dispatch: &Dispatch) {
        let (command, renewed, now) = (&dispatch.command, dispatch.renewed, self.scene.now);
        let of_key = |deed: &&Deed| deed.key == command.key;
        match frame.plan.op(&dispatch.system, &command.op).strategy {
            // A write under an id of ours is the same write again.
            Strategy::Name | Strategy::State if self.scene.deeds.iter().any(|deed| of_key(&deed)) => {
                self.marks.insert("written_again");
                return;
            }
            Strategy::Key { keeps } => {
                let mut of_it = self.scene.deeds.iter().filter(of_key).filter(|d| d.renewed == renewed);
                if of_it.any(|deed| now.since(deed.at).0 < keeps.0) {
                    self.marks.insert("key_remembered");
                    return;
                }
            }
            _ => {}
        }
        if let Some(deed) = self.scene.deeds.iter().find(of_key) {
            let why = format!("{} was done at {:?} and again at {now:?}", command.key, deed.at);
            self.fail(why);
        }
        self.scene.deeds.push(Deed {
            op: command.op.clone(),
            key: command.key.clone(),
            object: command.object.clone(),
            renewed,
            at: now,
        });
    }

    /// Who was taken over from learns that when it renews its lease, at the latest.
    fn retire(&mut self) {
        let now = self.scene.now;
        let last = self.scene.owners.len() - 1;
        for owner in &mut self.scene.owners[..last] {
            if now.since(owner.since).0 > LEASE.0 + RENEWED.0 {
                (owner.stopped, owner.commit, owner.asks) = (true, None, false);
            }
        }
    }

    /// Time passes. What was not carried out in time never is.
    fn pass(&mut self, to: Time) {
        self.scene.now = to;
        self.scene.late.retain(|flight| to.since(flight.sent).0 <= TRAVELS.0);
    }

    fn step(&mut self, frame: &Frame<P>, n: usize, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            if self.scene.owners[n].stopped {
                return;
            }
            let effects = self.scene.owners[n].hub.step(self.scene.now, input);
            for effect in effects {
                match effect {
                    Effect::Load(keys) => {
                        let found = self.reader().load(PART, &keys).unwrap();
                        inputs.push(Input::Loaded(keys.into_iter().zip(found).collect()));
                    }
                    Effect::Commit(batch) => {
                        let waits = self.scene.now;
                        let owner = &mut self.scene.owners[n];
                        (owner.commit, owner.waits) = (Some(batch), waits);
                    }
                    Effect::ReadHead => {
                        let waits = self.scene.now;
                        let owner = &mut self.scene.owners[n];
                        (owner.asks, owner.waits) = (true, waits);
                    }
                    Effect::Send(dispatch) => self.send(n, *dispatch),
                    Effect::Reply { token, reply } => self.reply(frame, n, token, reply),
                    Effect::Post { to, .. } => {
                        if to == PART {
                            self.fail("mail to oneself is posted".to_owned());
                        }
                    }
                    Effect::Stop { why } => self.stop(n, &why),
                }
            }
        }
    }

    fn stop(&mut self, n: usize, why: &str) {
        if !self.former(n) {
            self.fail(format!("the owner stopped: {why}"));
        }
        self.marks.insert("former_stopped");
        let owner = &mut self.scene.owners[n];
        (owner.stopped, owner.commit, owner.asks) = (true, None, false);
    }

    fn send(&mut self, n: usize, dispatch: Dispatch) {
        self.marks.insert(match (dispatch.mode, dispatch.renewed, dispatch.attempt) {
            (Mode::Find, ..) => "looked_up",
            (_, Some(_), _) => "renewed",
            (_, None, 1) => "sent",
            _ => "sent_again",
        });
        if !self.former(n) {
            let open = self.open();
            let command = &dispatch.command;
            if !open.iter().any(|row| row.id == dispatch.id) {
                self.fail(format!("{} was sent and is not on disk", command.key));
            }
            let before = open.iter().find(|row| row.id < dispatch.id && row.command.object == command.object);
            if let Some(row) = before {
                self.fail(format!("{} was sent before {} was settled", command.key, row.command.key));
            }
        }
        let leased = !self.former(n);
        self.scene.flights.push(Flight { owner: n, sent: self.scene.now, leased, done: false, dispatch });
    }

    fn reply(&mut self, frame: &Frame<P>, n: usize, token: u64, reply: Reply) {
        let at = usize::try_from(token).unwrap();
        if reply != Reply::Taken {
            self.fail(format!("message {at} was answered {reply:?}"));
            return;
        }
        let key = &frame.script[at].event.kind;
        let rows = self.reader().scan(PART, Scan::Received(None), 0, 100).unwrap();
        let kept = rows.iter().any(|row| matches!(row, Scanned::Received(row) if row.key == *key));
        if !kept {
            self.fail(format!("{key} was answered by owner {n} and is not on disk"));
        }
        self.scene.told[at] = Told::Taken;
    }
}

fn same(deed: &Deed, dispatch: &Dispatch) -> bool {
    deed.key == dispatch.command.key
}
