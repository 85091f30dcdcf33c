//! One run: hub, store and vendors in one loop under virtual time.

use crate::chance::Chance;
use crate::faults::Faults;
use crate::judge;
use crate::polls::{self, Asking};
use crate::queue::{Agenda, Happening};
use crate::shoppers::Shoppers;
use flows::Flows;
use hub::batch::{Batch, CommitAnswer, Key, Part};
use hub::io::{Dispatch, Effect, Input, Mode, Reply};
use hub::process::Process as _;
use hub::{Hub, part_of};
use lookalikes::World;
use retail::time::{Span, Time};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Memory, Reader, Store};
use wiring::Wired;

/// When every run begins: 2026-01-05T09:00:00Z, a Monday.
const BEGIN: i64 = 1_767_603_600_000;
/// A run that has not come to rest by then never will.
const LONGEST: Span = Span::days(200);

/// So many happenings at one instant mean that nothing moves any more.
const STUCK: u32 = 100_000;

/// What is to be run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setup {
    pub seed: u64,
    pub orders: u32,
    pub faults: Faults,
    pub parts: Part,
    /// Whether every step is kept as text, to be shown.
    pub keep: bool,
    /// Whether the shop speaks Shopify both ways, and collects every other order's payment itself.
    pub shopify: bool,
}

/// What came of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    pub seed: u64,
    pub orders: u32,
    pub returns: u32,
    /// What is wrong; empty for a clean run.
    pub failures: Vec<String>,
    /// Journal rows written.
    pub turns: u64,
    pub crashes: u32,
    /// How often each rare thing was reached.
    pub marks: BTreeMap<&'static str, u64>,
    /// SHA-256 over every step: equal for equal runs.
    pub trace: String,
    #[serde(skip)]
    pub history: Vec<String>,
    /// Simulated time, in seconds.
    pub simulated_s: i64,
}

/// A run under way.
pub(crate) struct Run {
    pub setup: Setup,
    pub faults: Faults,
    pub chance: Chance,
    pub now: i64,
    pub agenda: Agenda,
    pub world: World,
    pub wired: Arc<Wired>,
    pub store: Memory,
    pub reader: Box<dyn Reader>,
    pub hubs: Vec<Hub<Flows>>,
    pub life: u32,
    pub token: u64,
    /// Which delivery waits for a token.
    pub waiting: BTreeMap<u64, u64>,
    /// How many answers a delivery still waits for.
    pub owed: BTreeMap<u64, u32>,
    pub asking: Vec<Asking>,
    /// Which question a token's message was an answer to.
    pub asked: BTreeMap<u64, usize>,
    pub shoppers: Shoppers,
    pub calm: bool,
    pub marks: BTreeMap<&'static str, u64>,
    pub crashes: u32,
    pub failures: Vec<String>,
    /// Journal rows, counted by the judge.
    pub turns: u64,
    stuck: u32,
    hash: sha2::Sha256,
    history: Vec<String>,
}

/// Runs a seed from the first order to rest.
///
/// # Errors
/// When the built-in estate or connectors do not compile: a fault of this program, not of the run.
pub fn simulate(setup: Setup) -> Result<Outcome, String> {
    simulate_with_evidence(setup).map(|(outcome, _)| outcome)
}

/// The same, with all that the judge saw.
///
/// # Errors
/// As [`simulate`].
pub fn simulate_with_evidence(setup: Setup) -> Result<(Outcome, verify::Evidence), String> {
    let wired = crate::estate::wired(setup.parts, setup.shopify)?;
    let asking = polls::asking(&wired);
    let mut config = crate::estate::world(setup.seed);
    setup.faults.apply(&mut config);
    let store = Memory::new();
    let reader = store.reader().map_err(|error| error.to_string())?;
    let mut run = Run {
        setup,
        faults: setup.faults,
        chance: Chance::new(setup.seed),
        now: BEGIN,
        agenda: Agenda::default(),
        world: World::new(config),
        wired,
        store,
        reader,
        hubs: Vec::new(),
        life: 0,
        token: 0,
        waiting: BTreeMap::new(),
        owed: BTreeMap::new(),
        asking,
        asked: BTreeMap::new(),
        shoppers: Shoppers::new(setup.orders),
        calm: false,
        marks: BTreeMap::new(),
        crashes: 0,
        failures: Vec::new(),
        turns: 0,
        stuck: 0,
        hash: <sha2::Sha256 as sha2::Digest>::new(),
        history: Vec::new(),
    };
    run.start()?;
    run.open_shop();
    run.go()?;
    let evidence = judge::judge(&mut run)?;
    Ok((run.finish(), evidence))
}

impl Run {
    pub fn note(&mut self, line: impl FnOnce() -> String) {
        use sha2::Digest as _;
        let line = format!("{:>10} {}", self.now - BEGIN, line());
        self.hash.update(line.as_bytes());
        if self.setup.keep {
            self.history.push(line);
        }
    }

    pub fn mark(&mut self, what: &'static str) {
        *self.marks.entry(what).or_default() += 1;
    }

    pub fn at(&self) -> Time {
        Time(self.now)
    }

    /// A new life: claims every partition and steps new hubs over what is on disk.
    pub fn start(&mut self) -> Result<(), String> {
        self.life += 1;
        self.hubs.clear();
        let life = self.life;
        for part in 0..self.setup.parts {
            let recovered = self
                .store
                .claim(part, "simulated", self.at(), Span::days(1_000))
                .map_err(|error| error.to_string())?;
            let waiting = recovered.waiting.clone();
            let plan = self.wired.plan.clone();
            let flows = self.wired.flows.clone();
            self.hubs.push(Hub::new(part, self.setup.parts, flows, plan, recovered, self.at()));
            self.agenda.put(self.now, Happening::Hub { life, part, input: Input::Tick });
            for row in waiting {
                self.mark("received_before_a_crash");
                let parts = self.setup.parts;
                let received = wiring::again(&self.wired, row, part, parts);
                self.agenda
                    .put(self.now, Happening::Hub { life, part, input: Input::Received(Box::new(received)) });
            }
        }
        self.ask_anew();
        self.note(|| format!("start: life {life}"));
        Ok(())
    }

    fn crash(&mut self) {
        self.life += 1;
        self.crashes += 1;
        self.hubs.clear();
        let life = self.life;
        self.note(|| format!("crash: life {life} begins with nothing"));
        for delivery in std::mem::take(&mut self.waiting).into_values() {
            if self.owed.remove(&delivery).is_some() {
                self.world.delivered(delivery, self.now, None);
            }
        }
        self.owed.clear();
        let pause = self.chance.between(50, 5_000);
        self.agenda.put(self.now + pause, Happening::Start);
    }

    fn go(&mut self) -> Result<(), String> {
        loop {
            let hubs = self.hubs.iter().filter_map(Hub::wake).map(|at| at.0).min();
            let due = [self.agenda.next_at(), hubs, self.world.next_due(), self.next_question()];
            let Some(next) = due.into_iter().flatten().min() else {
                return Ok(());
            };
            // What is wrong once is usually wrong again and again.
            if self.failures.len() > 20 {
                return Ok(());
            }
            if self.resting(next)? {
                return Ok(());
            }
            self.stuck = if next > self.now { 0 } else { self.stuck + 1 };
            if self.stuck > STUCK {
                let loads: Vec<_> =
                    self.hubs.iter().map(|hub| (hub.load(Time(self.now)), hub.wake())).collect();
                self.failures.push(format!(
                    "time stands still: {loads:?}, vendors next at {:?}",
                    self.world.next_due()
                ));
                return Ok(());
            }
            self.now = self.now.max(next);
            if self.now - BEGIN > LONGEST.0 {
                self.failures.push(format!("not at rest after {} simulated days", LONGEST.0 / 86_400_000));
                return Ok(());
            }
            if self.world.next_due().is_some_and(|at| at <= self.now) {
                for delivery in self.world.due(self.now) {
                    let at = self.now + self.chance.between(1, 40);
                    self.agenda.put(at, Happening::Deliver(Box::new(delivery)));
                }
            }
            self.ask();
            let woken: Vec<usize> = (0..self.hubs.len())
                .filter(|n| self.hubs[*n].wake().is_some_and(|at| at.0 <= self.now))
                .collect();
            for part in woken {
                self.step(part, Input::Tick);
            }
            if self.agenda.next_at().is_some_and(|at| at <= self.now)
                && let Some(happening) = self.agenda.pop()
            {
                self.happen(happening)?;
            }
            if !self.hubs.is_empty() && self.chance.strikes(self.faults.crash) {
                self.crash();
            }
        }
    }

    /// Whether nothing is left to do that belongs to this run. Timers far off, such as an exchange of a lease,
    /// do not count once every order, return and refund is closed.
    fn resting(&mut self, next: i64) -> Result<bool, String> {
        if !self.shoppers.done() {
            return Ok(false);
        }
        if !self.calm {
            self.calm = true;
            self.faults = Faults::none();
            let mut config = self.world.config();
            self.faults.apply(&mut config);
            self.world.configure(config);
            self.ask_for_the_last_time();
            self.note(|| "calm: no more faults".to_owned());
        }
        let idle = self.agenda.next_at().is_none()
            && self.all_asked()
            && next - self.now > 1_000
            && !self.hubs.is_empty()
            && self.hubs.iter().all(|hub| hub.load(Time(self.now)).at_rest());
        if !idle {
            return Ok(false);
        }
        let world = self.world.idle(self.now);
        let counts = self.reader.counts().map_err(|error| error.to_string())?;
        Ok(world.pending == 0 && world.in_flight == 0 && counts.open_cases.values().sum::<u64>() == 0)
    }

    fn happen(&mut self, happening: Happening) -> Result<(), String> {
        match happening {
            Happening::Hub { life, part, input } if life == self.life => self.step(usize::from(part), input),
            Happening::Commit { life, part, batch } if life == self.life => self.commit(life, part, &batch),
            Happening::Load { life, part, keys } if life == self.life => self.load(life, part, keys)?,
            Happening::ReadHead { life, part } if life == self.life => {
                let (epoch, head) = self.reader.head(part).map_err(|error| error.to_string())?;
                self.soon(life, part, Input::HeadIs { epoch, head });
            }
            Happening::Call { life, part, id, run, request } => self.call(life, part, id, run, &request),
            Happening::Answer { life, part, id, mut run, answer } if life == self.life => {
                match run.next(Some(answer), self.at()) {
                    link::Next::Done(outcome) => {
                        let pause = run.pause();
                        self.agenda.put(
                            self.now,
                            Happening::Hub { life, part, input: Input::Answered { id, outcome, pause } },
                        );
                    }
                    link::Next::Send(request) => self.send(life, part, id, run, request),
                }
            }
            Happening::Deliver(delivery) => self.deliver(*delivery),
            Happening::Impatient { delivery } if self.owed.remove(&delivery).is_some() => {
                self.mark("sender_gave_up_waiting");
                self.world.delivered(delivery, self.now, None);
            }
            Happening::Shopper => self.shop(),
            Happening::Start => self.start()?,
            // It belonged to a process that has died, or its sender has been answered.
            _ => {}
        }
        Ok(())
    }

    /// Hands the hub an input now.
    pub fn give(&mut self, part: Part, input: Input) {
        let life = self.life;
        self.agenda.put(self.now, Happening::Hub { life, part, input });
    }

    fn soon(&mut self, life: u32, part: Part, input: Input) {
        let at = self.now + self.chance.between(0, 3);
        self.agenda.put(at, Happening::Hub { life, part, input });
    }

    fn step(&mut self, part: usize, input: Input) {
        let now = self.at();
        let life = self.life;
        let Some(hub) = self.hubs.get_mut(part) else { return };
        let effects = hub.step(now, input);
        let number = Part::try_from(part).unwrap_or(0);
        for effect in effects {
            match effect {
                Effect::Load(keys) => {
                    let at = self.now + self.chance.between(0, 3);
                    self.agenda.put(at, Happening::Load { life, part: number, keys });
                }
                Effect::Commit(batch) => {
                    let at = self.now + self.chance.between(0, 5);
                    self.agenda.put(at, Happening::Commit { life, part: number, batch });
                }
                Effect::ReadHead => {
                    let at = self.now + self.chance.between(0, 3);
                    self.agenda.put(at, Happening::ReadHead { life, part: number });
                }
                Effect::Send(dispatch) => self.dispatch(number, *dispatch),
                Effect::Reply { token, reply } => self.reply(token, reply),
                // One instant, so that mail keeps its order.
                Effect::Post { to, mail } => {
                    self.agenda.put(self.now, Happening::Hub { life, part: to, input: Input::Mail(mail) });
                }
                Effect::Stop { why } => {
                    self.note(|| format!("stop: {why}"));
                    if self.faults == Faults::none() || !why.contains("claimed") {
                        self.failures.push(format!("the hub stopped: {why}"));
                    }
                    self.mark("fenced_owner_stopped");
                    self.crash();
                    return;
                }
            }
        }
    }

    fn commit(&mut self, life: u32, part: Part, batch: &Arc<Batch>) {
        if self.chance.strikes(self.faults.fenced) {
            self.mark("claimed_by_another");
            let at = self.at();
            if let Err(error) = self.store.claim(part, "simulated", at, Span::days(1_000)) {
                self.failures.push(format!("a second claim failed: {error}"));
            }
        }
        let answer = if self.chance.strikes(self.faults.commit_failed) {
            self.mark("commit_failed");
            CommitAnswer::Failed("simulated: the disk is full".to_owned())
        } else if self.chance.strikes(self.faults.commit_unknown) {
            self.mark("commit_unknown");
            if self.chance.strikes(50_000) {
                self.store.commit(&[batch.as_ref()]);
            }
            CommitAnswer::Unknown("simulated: the connection was cut".to_owned())
        } else {
            self.store.commit(&[batch.as_ref()]).pop().unwrap_or(CommitAnswer::Failed("no answer".to_owned()))
        };
        if answer == CommitAnswer::Yes {
            for row in &batch.journal {
                self.note(|| format!("turn {part}/{} {}", row.pos, judge::headline(&row.body)));
            }
        }
        if let CommitAnswer::Clash(cases) = &answer {
            self.failures.push(format!("a single owner's batch clashed on cases {cases:?}"));
        }
        self.soon(life, part, Input::Committed(answer));
    }

    fn load(&mut self, life: u32, part: Part, keys: Vec<Key>) -> Result<(), String> {
        let input = if self.chance.strikes(self.faults.load_failed) {
            self.mark("load_failed");
            Input::LoadFailed(keys)
        } else {
            let found = self.reader.load(part, &keys).map_err(|error| error.to_string())?;
            Input::Loaded(keys.into_iter().zip(found).collect())
        };
        self.soon(life, part, input);
        Ok(())
    }

    fn dispatch(&mut self, part: Part, dispatch: Dispatch) {
        let life = self.life;
        let id = dispatch.id;
        let mode = match dispatch.mode {
            Mode::First => link::Mode::First,
            Mode::Find => link::Mode::Find,
        };
        if dispatch.mode == Mode::Find {
            self.mark("looked_up");
        }
        if dispatch.renewed.is_some() {
            self.mark("key_renewed");
        }
        self.note(|| {
            format!("send {} {} attempt {} {mode:?}", dispatch.system, dispatch.command.key, dispatch.attempt)
        });
        let Some(connection) = self.wired.connections.get(&dispatch.system) else {
            self.failures.push(format!("no connection {}", dispatch.system));
            return;
        };
        let started =
            connection.connector.start(&dispatch.command, mode, &connection.endpoint, dispatch.renewed);
        let outcome = match started {
            Ok(mut run) => match run.next(None, Time(self.now)) {
                link::Next::Send(request) => return self.send(life, part, id, Box::new(run), request),
                link::Next::Done(outcome) => outcome,
            },
            Err(outcome) => outcome,
        };
        let pause = None;
        self.agenda
            .put(self.now, Happening::Hub { life, part, input: Input::Answered { id, outcome, pause } });
    }

    fn reply(&mut self, token: u64, reply: Reply) {
        if let Some(n) = self.asked.remove(&token) {
            self.page_reply(n, &reply);
            return;
        }
        let Some(delivery) = self.waiting.remove(&token) else { return };
        let Some(owed) = self.owed.get_mut(&delivery) else { return };
        if reply != Reply::Taken {
            self.owed.remove(&delivery);
            self.world.delivered(delivery, self.now, Some(503));
            return;
        }
        *owed -= 1;
        if *owed == 0 {
            self.owed.remove(&delivery);
            // The 2xx may get lost on its way.
            if self.chance.strikes(self.faults.answer_lost) {
                self.mark("webhook_answer_lost");
                self.world.delivered(delivery, self.now, None);
            } else {
                self.world.delivered(delivery, self.now, Some(200));
            }
        }
    }

    /// The partition of a name.
    pub fn part(&self, name: &retail::envelope::Name) -> Part {
        part_of(self.wired.flows.family(name), self.setup.parts)
    }

    fn finish(self) -> Outcome {
        use sha2::Digest as _;
        let hash: [u8; 32] = self.hash.finalize().into();
        Outcome {
            seed: self.setup.seed,
            orders: self.shoppers.placed(),
            returns: self.shoppers.returned(),
            failures: self.failures,
            turns: self.turns,
            crashes: self.crashes,
            marks: self.marks,
            trace: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            history: self.history,
            simulated_s: (self.now - BEGIN) / 1_000,
        }
    }
}
