//! Who steps the hubs: a process that begins, dies, sleeps or has its clock set, and one that another has taken over
//! from and that does not know it yet.

use crate::judge;
use crate::queue::Happening;
use crate::run::Run;
use flows::Flows;
use hub::Hub;
use hub::io::{Effect, Input};
use retail::time::{Span, Time};

/// How long a claim holds without being renewed, as in the real driver.
const LEASE_MS: i64 = 30_000;
/// How often it is renewed there: who sleeps loses it so much earlier at most.
const RENEWED_MS: i64 = 10_000;

/// A process that steps hubs.
#[derive(Debug)]
pub struct Owner {
    pub life: u32,
    pub hubs: Vec<Hub<Flows>>,
    /// When each hub wants to be stepped, by its clock: asked once a step, since asking costs as much as stepping.
    pub wakes: Vec<Option<Time>>,
    /// It does nothing until then: its machine stands still.
    pub asleep: i64,
    /// It holds its partitions until then.
    pub lease: i64,
    /// How far its clock is ahead of the truth.
    pub skew: i64,
}

impl Owner {
    /// What its clock shows.
    pub const fn clock(&self, now: i64) -> Time {
        Time(now + self.skew)
    }

    /// When one of its hubs wants to be stepped, by the true clock.
    pub fn wake(&self) -> Option<i64> {
        let wake = self.wakes.iter().flatten().map(|at| at.0.saturating_sub(self.skew)).min();
        wake.map(|at| at.max(self.asleep))
    }

    /// Steps one of its hubs.
    pub fn step(&mut self, now: i64, part: usize, input: Input) -> Vec<Effect> {
        let clock = self.clock(now);
        let (Some(hub), Some(wake)) = (self.hubs.get_mut(part), self.wakes.get_mut(part)) else {
            return Vec::new();
        };
        let effects = hub.step(clock, input);
        *wake = hub.wake();
        effects
    }
}

impl Run {
    /// The process of that life, if it lives.
    pub fn owner_of(&mut self, life: u32) -> Option<&mut Owner> {
        [&mut self.owner, &mut self.former].into_iter().flatten().find(|owner| owner.life == life)
    }

    /// What the clock of the process shows, or the true time where there is none.
    pub fn clock(&self) -> Time {
        self.owner.as_ref().map_or(Time(self.now), |owner| owner.clock(self.now))
    }

    /// Whether a process is there to be asked.
    pub const fn up(&self) -> bool {
        match &self.owner {
            Some(owner) => owner.asleep <= self.now,
            None => false,
        }
    }

    /// A new life: claims every partition and steps new hubs over what is on disk.
    pub fn start(&mut self) -> Result<(), String> {
        self.life += 1;
        let (life, skew) = (self.life, self.skew);
        let clock = Time(self.now + skew);
        // What a dead process leaves behind must make sense to whoever looks at it then.
        if life > 1 && self.chance.strikes(10_000) {
            self.mark("judged_under_way");
            judge::left_behind(self)?;
        }
        let mut hubs = Vec::new();
        for part in 0..self.setup.parts {
            let recovered = self
                .store
                .claim(part, "simulated", clock, Span::days(1_000))
                .map_err(|error| error.to_string())?;
            let waiting = recovered.waiting.clone();
            let plan = self.wired.plan.clone();
            let flows = self.wired.flows.clone();
            hubs.push(Hub::new(part, self.setup.parts, flows, plan, recovered, clock));
            self.agenda.put(self.now, Happening::Hub { life, part, input: Input::Tick });
            for row in waiting {
                self.mark("received_before_a_crash");
                let received = self.again(row, part);
                self.agenda
                    .put(self.now, Happening::Hub { life, part, input: Input::Received(Box::new(received)) });
            }
        }
        let wakes = hubs.iter().map(Hub::wake).collect();
        self.owner = Some(Owner { life, hubs, wakes, asleep: 0, lease: i64::MAX, skew });
        self.taken.clear();
        self.ask_anew();
        self.note(|| format!("start: life {life}"));
        Ok(())
    }

    /// The process dies. A commit that it was at may still reach the disk.
    pub fn crash(&mut self) {
        self.crashes += 1;
        self.mark("crash");
        self.owner = None;
        self.note(|| "crash".to_owned());
        for delivery in std::mem::take(&mut self.waiting).into_values() {
            if self.owed.remove(&delivery).is_some() {
                self.delivered(delivery, None);
            }
        }
        self.owed.clear();
        let pause = self.chance.between(50, 5_000);
        self.agenda.put(self.now + pause, Happening::Start);
    }

    /// The process stands still for a while. Where that outlasts its lease another takes over, and for a while there
    /// are two.
    pub fn fall_asleep(&mut self) {
        let long = self.former.is_none() && self.chance.strikes(50_000);
        if !long {
            let until = self.now + self.chance.between(100, LEASE_MS - RENEWED_MS);
            if let Some(owner) = &mut self.owner {
                owner.asleep = owner.asleep.max(until);
            }
            self.mark("owner_slept");
            self.note(|| format!("asleep until {until}"));
            return;
        }
        let Some(mut owner) = self.owner.take() else { return };
        owner.lease = self.now + self.chance.between(LEASE_MS - RENEWED_MS, LEASE_MS);
        // It mostly wakes just when the other is at what it left behind.
        let late = if self.chance.strikes(50_000) { 2_000 } else { 60_000 };
        owner.asleep = owner.lease + self.chance.between(0, late);
        let taken_over = owner.lease + self.chance.between(0, 1_000);
        let (life, wakes) = (owner.life, owner.asleep);
        self.mark("owner_slept_through_its_lease");
        self.note(|| format!("life {life} asleep until {wakes}, taken over at {taken_over}"));
        self.agenda.put(taken_over, Happening::Start);
        // Its lease is not renewed then, which ends it.
        self.agenda.put(wakes + RENEWED_MS, Happening::Retire { life });
        self.former = Some(owner);
        // Another machine has a clock of its own.
        self.skew = 0;
        self.waiting.clear();
    }

    /// Who was taken over from learns that, at the latest when it renews its lease.
    pub fn retire(&mut self, life: u32) {
        if self.former.as_ref().is_some_and(|former| former.life == life) {
            self.former = None;
            self.mark("former_owner_retired");
            self.note(|| format!("life {life} retires"));
        }
    }

    /// Somebody sets the clock: mostly by seconds, at times by much more, forth and back.
    pub fn set_clock(&mut self) {
        let most = [2_000, 30_000, 600_000, 7_200_000][usize::try_from(self.chance.up_to(3)).unwrap_or(0)];
        let skew = self.chance.between(-most, most);
        self.mark(if skew < self.skew { "clock_set_back" } else { "clock_set_forward" });
        self.clock_is(skew);
        let noticed = self.now + self.chance.between(1_000, 600_000);
        self.agenda.put(noticed, Happening::ClockRight);
    }

    /// The clock is off by so much from now on.
    pub fn clock_is(&mut self, skew: i64) {
        if self.skew == skew {
            return;
        }
        self.note(|| format!("the clock is {skew} ms ahead"));
        let by = Span(skew - self.skew);
        self.skew = skew;
        let Some(owner) = &mut self.owner else { return };
        owner.skew = skew;
        for part in 0..owner.hubs.len() {
            self.step(self.life, part, Input::ClockSet(by));
        }
    }
}
