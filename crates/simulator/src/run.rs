//! One run: hub, store and vendors in one loop under virtual time.

use crate::canonical::Canonical;
use crate::chance::Chance;
use crate::faults::Faults;
use crate::judge;
use crate::owners::Owner;
use crate::polls::{self, Asking};
use crate::queue::{Agenda, Happening};
use crate::shoppers::Shoppers;
use crate::systems::Systems;
use crate::watch::Watch;
use hub::batch::Part;
use hub::part_of;
use hub::process::Process as _;
use lookalikes::{Request, Response, World};
use retail::time::Span;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
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
    /// Whether people work too: stock adjusted by hand, holds, disputes, credits, lowered quantities.
    pub people: bool,
    /// Whether the vendors take commands as they are instead of requests that connectors make of them. They execute
    /// no payments as a shop, so `shopify` says nothing then.
    pub canonical: bool,
}

impl Setup {
    /// What a seed runs where nothing else is said: hubs of one and of four partitions in turn, and every eighth with
    /// a shop that speaks Shopify.
    #[must_use]
    pub fn of(seed: u64, orders: u32, bad: bool) -> Self {
        Self {
            seed,
            orders,
            faults: if bad { Faults::bad(seed) } else { Faults::none() },
            parts: if seed.is_multiple_of(2) { 4 } else { 1 },
            keep: false,
            shopify: seed % 8 > 5,
            people: false,
            canonical: false,
        }
    }
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
    pub marks: BTreeMap<String, u64>,
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
    pub systems: Systems,
    pub wired: Arc<Wired>,
    pub store: Box<dyn Store>,
    pub reader: Box<dyn Reader>,
    pub owner: Option<Owner>,
    /// Another has taken over from it, and it does not know.
    pub former: Option<Owner>,
    /// How far the clock of the machine is ahead.
    pub skew: i64,
    /// Counts the processes so far.
    pub life: u32,
    pub token: u64,
    /// Which delivery waits for a token.
    pub waiting: BTreeMap<u64, u64>,
    /// The message behind a token, by its partition.
    pub told: BTreeMap<u64, (Part, String, String)>,
    /// How many answers a delivery still waits for.
    pub owed: BTreeMap<u64, u32>,
    pub asking: Vec<Asking>,
    /// Which question a token's message was an answer to.
    pub asked: BTreeMap<u64, usize>,
    /// When the payment provider was first shown a key.
    pub keys_shown: BTreeMap<String, i64>,
    pub shoppers: Shoppers,
    /// Keys of what persons asked and know to be on disk.
    pub heard: BTreeSet<String>,
    /// Until when the store cannot be reached, milliseconds.
    pub away: i64,
    /// Partitions that another has claimed from the process that runs.
    pub taken: BTreeSet<Part>,
    pub disputed: BTreeSet<String>,
    /// Orders on which a customer or a clerk has claimed something.
    pub claimed: BTreeSet<String>,
    /// Orders of which money went back by other hands: nothing more is claimed on them.
    pub settled_elsewhere: BTreeSet<String>,
    pub calm: bool,
    pub marks: BTreeMap<String, u64>,
    pub watch: Watch,
    pub crashes: u32,
    pub failures: Vec<String>,
    /// Journal rows, counted by the judge.
    pub turns: u64,
    /// When the vendors next do something by themselves, if that is known.
    world_due: Option<Option<i64>>,
    stuck: u32,
    hash: sha2::Sha256,
    history: Vec<String>,
}

/// Counts something that was reached.
pub fn count(marks: &mut BTreeMap<String, u64>, what: &str) {
    match marks.get_mut(what) {
        Some(times) => *times += 1,
        None => {
            marks.insert(what.to_owned(), 1);
        }
    }
}

/// Runs a seed from the first order to rest.
///
/// # Errors
/// When the built-in estate or connectors do not compile: a fault of this program, not of the run.
pub fn simulate(setup: Setup) -> Result<Outcome, String> {
    simulate_on(setup, Box::new(Memory::new()))
}

/// The same on any empty store.
///
/// # Errors
/// As [`simulate`], or when the store cannot be read.
pub fn simulate_on(setup: Setup, store: Box<dyn Store>) -> Result<Outcome, String> {
    let mut run = run(setup, store)?;
    if run.failures.is_empty() {
        judge::judge(&mut run)?;
    }
    Ok(run.finish())
}

/// The same, with all that the judge saw.
///
/// # Errors
/// As [`simulate`].
pub fn simulate_with_evidence(setup: Setup) -> Result<(Outcome, verify::Evidence), String> {
    let mut run = run(setup, Box::new(Memory::new()))?;
    let evidence = judge::gather(&mut run)?;
    judge::judge(&mut run)?;
    Ok((run.finish(), evidence))
}

fn run(setup: Setup, store: Box<dyn Store>) -> Result<Run, String> {
    let setup = Setup { shopify: setup.shopify && !setup.canonical, ..setup };
    let wired = crate::estate::wired(setup.parts, setup.shopify)?;
    let (systems, asking) = if setup.canonical {
        let vendors = Canonical::new(setup.seed, setup.faults);
        (Systems::Canonical(Box::new(vendors)), polls::asking_plainly())
    } else {
        let mut config = crate::estate::world(setup.seed);
        setup.faults.apply(&mut config);
        (Systems::Lookalikes(Box::new(World::new(config))), polls::asking(&wired))
    };
    let reader = store.reader().map_err(|error| error.to_string())?;
    let mut run = Run {
        setup,
        faults: setup.faults,
        chance: Chance::new(setup.seed),
        now: BEGIN,
        agenda: Agenda::default(),
        systems,
        wired,
        store,
        reader,
        owner: None,
        former: None,
        skew: 0,
        life: 0,
        token: 0,
        waiting: BTreeMap::new(),
        told: BTreeMap::new(),
        owed: BTreeMap::new(),
        asking,
        asked: BTreeMap::new(),
        keys_shown: BTreeMap::new(),
        heard: BTreeSet::new(),
        away: 0,
        taken: BTreeSet::new(),
        claimed: BTreeSet::new(),
        settled_elsewhere: BTreeSet::new(),
        disputed: BTreeSet::new(),
        shoppers: Shoppers::new(setup.orders),
        calm: false,
        marks: BTreeMap::new(),
        watch: Watch::new(setup.shopify),
        crashes: 0,
        failures: Vec::new(),
        turns: 0,
        world_due: None,
        stuck: 0,
        hash: <sha2::Sha256 as sha2::Digest>::new(),
        history: Vec::new(),
    };
    run.start()?;
    run.open_shop();
    run.go()?;
    Ok(run)
}

impl Run {
    /// A step: what it was goes into the trace as bytes, and as a line where the history is kept.
    pub fn trace(&mut self, what: &[&[u8]], line: impl FnOnce() -> String) {
        use sha2::Digest as _;
        self.hash.update(self.now.to_le_bytes());
        for part in what {
            self.hash.update(part.len().to_le_bytes());
            self.hash.update(part);
        }
        if self.setup.keep {
            self.history.push(format!("{:>10} {}", self.now - BEGIN, line()));
        }
    }

    /// A step that is rare enough to be written out for the trace too.
    pub fn note(&mut self, line: impl FnOnce() -> String) {
        let line = line();
        self.trace(&[line.as_bytes()], || line.clone());
    }

    pub fn mark(&mut self, what: &str) {
        count(&mut self.marks, what);
    }

    /// Takes down what is wrong now.
    pub fn see(&mut self, checked: Result<(), String>) {
        if let Err(why) = checked {
            self.note(|| format!("WRONG: {why}"));
            self.failures.push(why);
        }
    }

    /// The vendors may have done something.
    pub fn look_at_vendors(&mut self) {
        let checked = self.watch.vendors(&self.systems);
        self.see(checked);
    }

    fn go(&mut self) -> Result<(), String> {
        loop {
            let owner = self.owner.as_ref().and_then(Owner::wake);
            let former = self.former.as_ref().and_then(Owner::wake);
            let due = [self.agenda.next_at(), owner, former, self.world_due(), self.next_question()];
            let Some(next) = due.into_iter().flatten().min() else {
                return Ok(());
            };
            // What is wrong makes more wrong: the history ends where it was seen first.
            if !self.failures.is_empty() {
                return Ok(());
            }
            if self.resting(next)? {
                return Ok(());
            }
            self.stuck = if next > self.now { 0 } else { self.stuck + 1 };
            if self.stuck > STUCK {
                let hubs = self.owner.iter().flat_map(|owner| owner.hubs.iter());
                let loads: Vec<_> = hubs.map(|hub| (hub.load(self.clock()), hub.wake())).collect();
                let vendors = self.world_due();
                self.failures.push(format!("time stands still: {loads:?}, vendors next at {vendors:?}"));
                return Ok(());
            }
            self.now = self.now.max(next);
            if self.now - BEGIN > LONGEST.0 {
                self.failures.push(format!("not at rest after {} simulated days", LONGEST.0 / 86_400_000));
                return Ok(());
            }
            if self.world_due().is_some_and(|at| at <= self.now) {
                self.world_due = None;
                let due = self.systems.due(self.now);
                self.look_at_vendors();
                for message in due {
                    let at = self.now + self.chance.between(1, 40);
                    self.agenda.put(at, Happening::Deliver(Box::new(message)));
                }
            }
            self.ask();
            self.tick();
            if self.agenda.next_at().is_some_and(|at| at <= self.now)
                && let Some(happening) = self.agenda.pop()
            {
                self.happen(happening)?;
            }
            self.strike();
        }
    }

    /// What may go wrong between any two happenings.
    fn strike(&mut self) {
        if self.owner.is_none() {
            return;
        }
        if self.chance.strikes(self.faults.clock) {
            self.set_clock();
        }
        if self.chance.strikes(self.faults.asleep) {
            self.fall_asleep();
        } else if self.chance.strikes(self.faults.crash) {
            self.crash();
        }
    }

    /// When the vendors next do something by themselves.
    fn world_due(&mut self) -> Option<i64> {
        *self.world_due.get_or_insert_with(|| self.systems.next_due())
    }

    /// Asks a vendor's system something; what it does next by itself may have changed then.
    pub fn handle(&mut self, request: &Request) -> Response {
        let Systems::Lookalikes(world) = &self.systems else { return Response::default() };
        let response = world.handle(self.now, request);
        self.stirred();
        response
    }

    /// A vendor was asked something: it may have done it, and may have more to do.
    pub fn stirred(&mut self) {
        self.world_due = None;
        self.look_at_vendors();
    }

    /// What became of a webhook.
    pub fn delivered(&mut self, delivery: u64, status: Option<u16>) {
        self.world_due = None;
        self.systems.delivered(delivery, self.now, status);
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
            self.systems.calm();
            self.world_due = None;
            self.clock_is(0);
            self.ask_for_the_last_time();
            self.note(|| "calm: no more faults".to_owned());
        }
        let idle = self.agenda.next_at().is_none()
            && self.all_asked()
            && next - self.now > 1_000
            && self.former.is_none()
            && self
                .owner
                .as_ref()
                .is_some_and(|owner| owner.hubs.iter().all(|hub| hub.load(owner.clock(self.now)).at_rest()));
        if !idle {
            return Ok(false);
        }
        let vendors = self.systems.idle(self.now);
        let counts = self.reader.counts().map_err(|error| error.to_string())?;
        Ok(vendors.pending == 0 && vendors.in_flight == 0 && counts.open_cases.values().sum::<u64>() == 0)
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
