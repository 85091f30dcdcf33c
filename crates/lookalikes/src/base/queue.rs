//! The queue of webhooks to one destination: first in, first out, retried until taken.
//!
//! How the vendors do it, and how it is scaled here (`Retry` in the configuration): Shopify tries again 8 times
//! over 4 hours and then gives up, deleting a subscription made through its API (shopify.dev changelog,
//! 2024-09-10); Stripe tries for up to 3 days with growing pauses, the sandbox 3 times over some hours
//! (dev.to/shannonllc, checked 2026-09-27); Standard Webhooks asks for growing pauses over days. In a lab the
//! pauses are fractions of a second, and by default a sender never gives up.

use crate::base::system::System;
use crate::config::{Link, Retry};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

/// A webhook to be posted now. What became of it goes to `World::delivered` under its `id`.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Unique in the world, the same over retries.
    pub id: u64,
    pub system: System,
    /// The path on the hub: `/in/shop`.
    pub url_path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

/// What is sent: bytes that were made when it happened, or the number of a thing that its system writes out
/// when it is sent, which saves memory where thousands wait.
#[derive(Clone, Debug)]
pub enum Payload {
    Ready(Bytes),
    Later(u32),
}

/// One webhook in the queue.
#[derive(Clone, Debug)]
pub struct Item {
    pub id: u64,
    /// The sender's id of the event; the same on a retry and on a duplicate.
    pub event: String,
    /// Shopify's topic, Stripe's or CloudEvents' type.
    pub kind: &'static str,
    /// When the event came about, by the business clock.
    pub triggered: i64,
    pub created: i64,
    due: i64,
    attempts: u32,
    pub payload: Payload,
}

/// Sizes of a queue.
#[derive(Clone, Copy, Debug, Default)]
pub struct QueueState {
    pub pending: usize,
    pub in_flight: usize,
    pub failed: usize,
    pub next: Option<i64>,
    pub oldest: Option<i64>,
}

/// Webhooks waiting, in flight and given up.
#[derive(Debug)]
pub struct Outbox {
    system: System,
    /// One at a time, the next only after the one before was taken.
    ordered: bool,
    in_flight: usize,
    retry: Retry,
    waiting: BTreeMap<u64, Item>,
    ready: BTreeSet<(i64, u64)>,
    flying: BTreeMap<u64, Item>,
    failed: Vec<Item>,
    next: u64,
}

impl Outbox {
    pub fn new(system: System, link: &Link) -> Self {
        let mut outbox = Self {
            system,
            ordered: false,
            in_flight: 1,
            retry: link.retry.clone(),
            waiting: BTreeMap::new(),
            ready: BTreeSet::new(),
            flying: BTreeMap::new(),
            failed: Vec::new(),
            next: 0,
        };
        outbox.configure(link);
        outbox
    }

    pub fn configure(&mut self, link: &Link) {
        self.ordered = link.ordered;
        self.in_flight = link.in_flight.max(1);
        self.retry = link.retry.clone();
    }

    /// The system an id of a delivery belongs to.
    #[must_use]
    pub fn owner(id: u64) -> Option<System> {
        System::ALL.into_iter().find(|s| s.number() == id >> 48)
    }

    /// Puts a webhook at the end, to be sent at `due`.
    pub fn put(
        &mut self,
        now: i64,
        due: i64,
        event: &str,
        kind: &'static str,
        triggered: i64,
        payload: Payload,
    ) {
        self.next += 1;
        let id = (self.system.number() << 48) | self.next;
        let item =
            Item { id, event: event.to_owned(), kind, triggered, created: now, due, attempts: 0, payload };
        self.wait(item);
    }

    fn wait(&mut self, item: Item) {
        self.ready.insert((item.due, item.id));
        self.waiting.insert(item.id, item);
    }

    /// The next webhook that may go now; it counts as in flight from here on.
    pub fn take(&mut self, now: i64) -> Option<Item> {
        let (due, id) = self.head()?;
        if due > now {
            return None;
        }
        self.ready.remove(&(due, id));
        let item = self.waiting.remove(&id)?;
        self.flying.insert(id, item.clone());
        Some(item)
    }

    /// The next in line, if there is room for one more in flight.
    fn head(&self) -> Option<(i64, u64)> {
        let room = if self.ordered { 1 } else { self.in_flight };
        if self.flying.len() >= room {
            return None;
        }
        if self.ordered {
            self.waiting.first_key_value().map(|(id, item)| (item.due, *id))
        } else {
            self.ready.first().copied()
        }
    }

    /// What became of a delivery: 2xx ends it; anything else, or no answer, has it sent again later.
    pub fn settle(&mut self, id: u64, now: i64, status: Option<u16>) {
        let Some(mut item) = self.flying.remove(&id) else { return };
        if status.is_some_and(|s| (200..300).contains(&s)) {
            return;
        }
        item.attempts += 1;
        if self.retry.tries > 0 && item.attempts >= self.retry.tries {
            self.failed.push(item);
            return;
        }
        item.due = now.saturating_add(self.retry.pause(item.attempts));
        self.wait(item);
    }

    /// Puts back what was given up. How many that were.
    pub fn resend(&mut self, now: i64) -> usize {
        let failed = std::mem::take(&mut self.failed);
        let count = failed.len();
        for item in failed {
            self.wait(Item { due: now, attempts: 0, ..item });
        }
        count
    }

    pub fn state(&self) -> QueueState {
        let oldest = self.waiting.first_key_value().map(|(_, i)| i.created);
        let flying = self.flying.first_key_value().map(|(_, i)| i.created);
        QueueState {
            pending: self.waiting.len(),
            in_flight: self.flying.len(),
            failed: self.failed.len(),
            next: self.head().map(|(due, _)| due),
            oldest: [oldest, flying].into_iter().flatten().min(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(ordered: bool, in_flight: usize, tries: u32) -> Outbox {
        let retry = Retry { first_ms: 100, factor: 2, max_ms: 300, tries };
        let link = Link { ordered, in_flight, retry, ..Link::default() };
        let mut outbox = Outbox::new(System::Erp, &link);
        for n in 1..=3 {
            outbox.put(0, 0, &format!("e{n}"), "k", 0, Payload::Later(n));
        }
        outbox
    }

    fn taken(outbox: &mut Outbox, now: i64) -> Vec<(u64, String)> {
        std::iter::from_fn(|| outbox.take(now)).map(|i| (i.id, i.event)).collect()
    }

    #[test]
    fn ordered_sends_the_next_only_after_the_one_before_was_taken() {
        let mut outbox = outbox(true, 8, 0);
        let first = taken(&mut outbox, 0);
        assert_eq!(first.len(), 1);
        assert_eq!(outbox.state().next, None);
        outbox.settle(first[0].0, 0, Some(503));
        assert!(taken(&mut outbox, 99).is_empty(), "the second must not pass the first");
        assert_eq!(outbox.state().next, Some(100));
        let again = taken(&mut outbox, 100);
        assert_eq!(again[0], first[0]);
        outbox.settle(again[0].0, 100, Some(204));
        assert_eq!(taken(&mut outbox, 100)[0].1, "e2");
    }

    #[test]
    fn unordered_sends_up_to_the_limit_and_pauses_longer_each_time() {
        let mut outbox = outbox(false, 2, 0);
        let first = taken(&mut outbox, 0);
        assert_eq!(first.len(), 2);
        outbox.settle(first[0].0, 0, None);
        let third = taken(&mut outbox, 0);
        assert_eq!(third[0].1, "e3", "the one that waits does not hold up the others");
        outbox.settle(first[1].0, 0, Some(200));
        outbox.settle(third[0].0, 0, Some(200));
        let mut now = 0;
        for pause in [100, 200, 300, 300] {
            assert_eq!(outbox.state().next, Some(now + pause));
            now += pause;
            let again = taken(&mut outbox, now);
            assert_eq!(again, [first[0].clone()]);
            outbox.settle(again[0].0, now, Some(500));
        }
    }

    #[test]
    fn one_that_is_given_up_can_be_sent_again_by_hand() {
        let mut outbox = outbox(true, 1, 1);
        let first = taken(&mut outbox, 0);
        outbox.settle(first[0].0, 0, Some(500));
        assert_eq!((outbox.state().failed, outbox.state().pending), (1, 2));
        assert_eq!(outbox.resend(5), 1);
        assert_eq!((outbox.state().failed, outbox.state().pending), (0, 3));
        assert_eq!(taken(&mut outbox, 5)[0].1, "e1");
        assert_eq!(Outbox::owner(first[0].0), Some(System::Erp));
    }
}
