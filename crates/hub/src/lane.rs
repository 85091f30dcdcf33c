//! A lane: everything that goes to one system. It decides what may be sent next and when.
//!
//! One command per object is open at a time, in the order in which they were ordered. Look-ups go first.
//! Classes have guaranteed shares; an idle class lends its share. A breaker stops a system that fails.

use crate::batch::CommandId;
use crate::io::Mode;
use crate::plan::SystemSpec;
use retail::envelope::Class;
use retail::time::{Span, Time};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Guaranteed shares, in picks per round: refunds first, bulk last.
const SHARES: [(Class, u32); 5] =
    [(Class::Refund, 4), (Class::Checkout, 4), (Class::Fulfilment, 4), (Class::Status, 2), (Class::Bulk, 1)];

/// How an attempt went, as far as the lane cares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// The system answered sensibly.
    Fine,
    /// It asked to wait.
    Throttled(Option<Span>),
    /// It did not answer, or answered that it is broken.
    Failing,
    /// It does not accept our credentials: nothing that is sent now can be done.
    Unwelcome,
}

/// How long a lane waits at first after its credentials were refused; a person has to do something.
const UNWELCOME: Span = Span::seconds(30);

#[derive(Clone, Debug)]
pub struct Lane {
    spec: SystemSpec,
    ready: BTreeMap<Class, VecDeque<CommandId>>,
    /// Look-ups and repeats that wait for their time.
    later: BTreeSet<(Time, CommandId)>,
    later_mode: BTreeMap<CommandId, (Time, Mode)>,
    finds: VecDeque<CommandId>,
    /// Per object, the open command first and those behind it.
    objects: BTreeMap<String, VecDeque<(CommandId, Class)>>,
    flying: BTreeSet<CommandId>,
    credit: BTreeMap<Class, u32>,
    not_before: Time,
    failures: u32,
    /// Calls that may start now, in thousandths, and when that was reckoned.
    tokens: i64,
    reckoned: Time,
}

impl Lane {
    #[must_use]
    pub fn new(spec: SystemSpec) -> Self {
        Self {
            spec: SystemSpec { ops: BTreeMap::new(), ..spec },
            ready: BTreeMap::new(),
            later: BTreeSet::new(),
            later_mode: BTreeMap::new(),
            finds: VecDeque::new(),
            objects: BTreeMap::new(),
            flying: BTreeSet::new(),
            credit: BTreeMap::new(),
            not_before: Time(i64::MIN),
            failures: 0,
            tokens: 1_000,
            reckoned: Time(i64::MIN),
        }
    }

    /// The system's limits, without its operations.
    #[must_use]
    pub const fn spec(&self) -> &SystemSpec {
        &self.spec
    }

    /// Takes in a command; it may be picked once it is the first of its object.
    pub fn queue(&mut self, id: CommandId, class: Class, object: &str) {
        let behind = self.objects.entry(object.to_owned()).or_default();
        behind.push_back((id, class));
        if behind.len() == 1 {
            self.ready.entry(class).or_default().push_back(id);
        }
    }

    /// Takes in a command that may already have been sent: it holds its object and is tried at `at`.
    pub fn resume(&mut self, id: CommandId, class: Class, object: &str, mode: Mode, at: Time) {
        let behind = self.objects.entry(object.to_owned()).or_default();
        behind.push_back((id, class));
        if behind.len() == 1 {
            self.later(id, mode, at);
        } else {
            self.later_mode.insert(id, (at, mode));
        }
    }

    /// Takes in a command that waits for a person or a verdict: it only holds its object.
    pub fn hold(&mut self, id: CommandId, class: Class, object: &str) {
        self.objects.entry(object.to_owned()).or_default().push_back((id, class));
    }

    /// The command is tried again at `at`.
    pub fn later(&mut self, id: CommandId, mode: Mode, at: Time) {
        if let Some((old, _)) = self.later_mode.insert(id, (at, mode)) {
            self.later.remove(&(old, id));
        }
        self.later.insert((at, id));
    }

    /// Whether the command has not been handed out; if so it is taken off the lane.
    pub fn withdraw(&mut self, id: CommandId, object: &str) -> bool {
        let queued = self.ready.values().any(|q| q.contains(&id))
            || self.objects.get(object).is_some_and(|o| {
                o.iter().skip(1).any(|(other, _)| *other == id) && !self.later_mode.contains_key(&id)
            });
        if queued {
            for queue in self.ready.values_mut() {
                queue.retain(|other| *other != id);
            }
            self.settled(id, object);
        }
        queued
    }

    /// The command is over: the next one of its object may go.
    pub fn settled(&mut self, id: CommandId, object: &str) {
        self.flying.remove(&id);
        if let Some((at, _)) = self.later_mode.remove(&id) {
            self.later.remove(&(at, id));
        }
        self.finds.retain(|other| *other != id);
        let Some(behind) = self.objects.get_mut(object) else { return };
        let was_first = behind.front().is_some_and(|(first, _)| *first == id);
        behind.retain(|(other, _)| *other != id);
        match behind.front() {
            None => {
                self.objects.remove(object);
            }
            Some((next, class)) if was_first => {
                let (next, class) = (*next, *class);
                match self.later_mode.get(&next) {
                    Some((at, _)) => {
                        self.later.insert((*at, next));
                    }
                    None => self.ready.entry(class).or_default().push_back(next),
                }
            }
            Some(_) => {}
        }
    }

    /// An attempt came to an end; the lane learns how the system is doing.
    pub fn landed(&mut self, id: CommandId, health: Health, now: Time) {
        self.flying.remove(&id);
        match health {
            Health::Fine => self.failures = 0,
            Health::Throttled(wait) => {
                let wait = wait.unwrap_or(self.spec.backoff);
                self.not_before = self.not_before.max(now.plus(wait));
            }
            Health::Unwelcome => {
                self.failures = self.failures.max(self.spec.breaker).saturating_add(1);
                let rounds = self.failures.saturating_sub(self.spec.breaker).min(6);
                let pause = Span(UNWELCOME.0.saturating_mul(1_i64 << (rounds - 1)));
                self.not_before = self.not_before.max(now.plus(pause));
            }
            Health::Failing => {
                self.failures = self.failures.saturating_add(1);
                if self.failures >= self.spec.breaker {
                    let rounds = self.failures - self.spec.breaker;
                    let pause = crate::plan::backoff(&self.spec, rounds + 2, id, now);
                    self.not_before = self.not_before.max(pause);
                }
            }
        }
    }

    /// The clock was set: what waits does so for as long as before.
    pub fn clock_set(&mut self, by: Span) {
        self.not_before = self.not_before.plus(by);
        self.later = self.later.iter().map(|(at, id)| (at.plus(by), *id)).collect();
        for (at, _) in self.later_mode.values_mut() {
            *at = at.plus(by);
        }
        if self.reckoned.0 != i64::MIN {
            self.reckoned = self.reckoned.plus(by);
        }
    }

    /// The system told that its budget is spent.
    pub fn rest(&mut self, pause: Option<Span>, now: Time) {
        if let Some(pause) = pause {
            self.not_before = self.not_before.max(now.plus(pause));
        }
    }

    /// What may be sent now. Each command comes back through [`Lane::landed`].
    pub fn pick(&mut self, now: Time) -> Vec<(CommandId, Mode)> {
        while let Some((at, id)) = self.later.first().copied() {
            if at > now {
                break;
            }
            self.later.remove(&(at, id));
            self.finds.push_back(id);
        }
        let mut picked = Vec::new();
        if self.not_before > now {
            return picked;
        }
        // Most lanes have nothing to send most of the time.
        if self.finds.is_empty() && self.ready.values().all(VecDeque::is_empty) {
            self.credit.clear();
            return picked;
        }
        while self.flying.len() < self.most() && self.take_token(now) {
            let next = match self.finds.pop_front() {
                Some(id) => {
                    let mode = self.later_mode.remove(&id).map_or(Mode::Find, |(_, mode)| mode);
                    Some((id, mode))
                }
                None => self.next_ready().map(|id| (id, Mode::First)),
            };
            let Some((id, mode)) = next else {
                self.tokens = self.tokens.saturating_add(1_000);
                break;
            };
            self.flying.insert(id);
            picked.push((id, mode));
        }
        picked
    }

    /// With the breaker half open a single probe goes out; a look-up serves where one waits.
    fn most(&self) -> usize {
        if self.failures >= self.spec.breaker { 1 } else { self.spec.in_flight as usize }
    }

    fn next_ready(&mut self) -> Option<CommandId> {
        for _ in 0..2 {
            for (class, share) in SHARES {
                let credit = self.credit.entry(class).or_insert(share);
                let Some(queue) = self.ready.get_mut(&class) else { continue };
                if *credit > 0
                    && let Some(id) = queue.pop_front()
                {
                    *credit -= 1;
                    return Some(id);
                }
            }
            self.credit.clear();
        }
        None
    }

    fn take_token(&mut self, now: Time) -> bool {
        let Some(rate) = self.spec.rate else { return true };
        if self.reckoned.0 == i64::MIN {
            self.reckoned = now;
        }
        let gained = now.since(self.reckoned).0.saturating_mul(i64::from(rate));
        self.tokens = self.tokens.saturating_add(gained).min(i64::from(rate) * 1_000);
        self.reckoned = now;
        if self.tokens < 1_000 {
            return false;
        }
        self.tokens -= 1_000;
        true
    }

    /// When something may become sendable without further input.
    #[must_use]
    pub fn wake(&self) -> Option<Time> {
        let waiting = !self.finds.is_empty() || self.ready.values().any(|q| !q.is_empty());
        let timed = self.later.first().map(|(at, _)| *at);
        // With as many under way as may be, only an answer makes room.
        let room = waiting && self.flying.len() < self.most();
        let paused = room.then(|| self.not_before.max(self.next_token()));
        [timed, paused].into_iter().flatten().min()
    }

    fn next_token(&self) -> Time {
        match self.spec.rate {
            Some(rate) if rate > 0 && self.tokens < 1_000 => {
                self.reckoned.plus(Span((1_000 - self.tokens) / i64::from(rate) + 1))
            }
            _ => Time(i64::MIN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(in_flight: u32) -> Lane {
        Lane::new(SystemSpec { in_flight, ..SystemSpec::default() })
    }

    #[test]
    fn one_command_per_object_is_open_at_a_time() {
        let mut lane = lane(8);
        lane.queue(1, Class::Checkout, "order/1");
        lane.queue(2, Class::Checkout, "order/1");
        lane.queue(3, Class::Checkout, "order/2");
        assert_eq!(lane.pick(Time(0)), [(1, Mode::First), (3, Mode::First)]);
        lane.landed(1, Health::Fine, Time(1));
        assert_eq!(lane.pick(Time(1)), [], "landed is not settled: an unknown blocks its object");
        lane.settled(1, "order/1");
        assert_eq!(lane.pick(Time(1)), [(2, Mode::First)]);
    }

    #[test]
    fn bulk_neither_starves_nor_crowds_out_refunds() {
        let mut lane = lane(1);
        for id in 0..40 {
            lane.queue(id, if id < 20 { Class::Bulk } else { Class::Refund }, &format!("o/{id}"));
        }
        let mut order = Vec::new();
        for step in 0..10 {
            for (id, _) in lane.pick(Time(step)) {
                lane.landed(id, Health::Fine, Time(step));
                lane.settled(id, &format!("o/{id}"));
                order.push(id >= 20);
            }
        }
        assert_eq!(order.iter().filter(|refund| **refund).count(), 8);
    }

    #[test]
    fn a_system_whose_budget_is_spent_rests() {
        let mut lane = Lane::new(SystemSpec::default());
        lane.queue(1, Class::Checkout, "a");
        lane.rest(Some(Span::seconds(2)), Time(0));
        lane.rest(None, Time(0));
        assert_eq!(lane.pick(Time(1_999)), []);
        assert_eq!(lane.pick(Time(2_000)), [(1, Mode::First)]);
    }

    #[test]
    fn a_failing_system_is_left_alone_and_then_probed_once() {
        let mut lane = lane(8);
        for id in 0..10 {
            lane.queue(id, Class::Status, &format!("o/{id}"));
        }
        for (id, _) in lane.pick(Time(0)) {
            lane.landed(id, Health::Failing, Time(0));
        }
        assert_eq!(lane.pick(Time(1)), []);
        let wake = lane.wake().unwrap();
        assert_eq!(lane.pick(wake).len(), 1);
    }

    #[test]
    fn while_a_probe_is_under_way_nothing_wakes_the_lane() {
        let spec = SystemSpec { in_flight: 8, rate: Some(100), breaker: 1, ..SystemSpec::default() };
        let mut lane = Lane::new(spec);
        lane.queue(1, Class::Status, "a");
        lane.pick(Time(0));
        lane.landed(1, Health::Failing, Time(0));
        lane.queue(2, Class::Status, "b");
        lane.queue(3, Class::Status, "c");
        let at = lane.wake().unwrap();
        assert_eq!(lane.pick(at), [(2, Mode::First)]);
        assert_eq!(lane.wake(), None, "its answer does");
        lane.landed(2, Health::Fine, at);
        assert!(lane.wake().is_some());
    }

    #[test]
    fn a_rate_is_kept_and_a_look_up_goes_first() {
        let mut lane = Lane::new(SystemSpec { rate: Some(2), in_flight: 100, ..SystemSpec::default() });
        for id in 0..9 {
            lane.queue(id, Class::Status, &format!("o/{id}"));
        }
        lane.resume(99, Class::Status, "o/99", Mode::Find, Time(0));
        assert_eq!(lane.pick(Time(0)), [(99, Mode::Find)]);
        assert_eq!(lane.pick(Time(400)), []);
        assert_eq!(lane.pick(Time(500)).len(), 1);
        assert_eq!(lane.pick(Time(1_500)).len(), 2);
    }

    #[test]
    fn only_what_was_never_handed_out_can_be_withdrawn() {
        let mut lane = lane(1);
        lane.queue(1, Class::Status, "o/1");
        lane.queue(2, Class::Status, "o/1");
        lane.pick(Time(0));
        assert!(!lane.withdraw(1, "o/1"));
        assert!(lane.withdraw(2, "o/1"));
    }
}
