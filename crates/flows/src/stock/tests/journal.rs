//! What a reader of the journal knows: on hand from the entries, reservations and queues from the facts. Written
//! without the code under test.

use super::super::audit;
use super::super::state::{OrderRow, Position};
use super::{Pool, Row, State, Turn};
use books::rules::{self, Breach, EndingFacts};
use serde_json::Value;
use std::collections::BTreeMap;

/// (order, line, SKU, place).
type Key = (String, String, String, String);

#[derive(Debug, Default)]
pub struct Journal {
    /// Balance per (account, unit).
    pub balances: BTreeMap<(String, String), i64>,
    /// Per reservation: reserved, shipped, released.
    pub held: BTreeMap<Key, [i64; 3]>,
    /// Per SKU: (order, line, quantity), oldest first.
    pub queues: BTreeMap<String, Vec<(String, String, i64)>>,
    /// Whether demand may be served out of turn: channels have limits, or supply was promised.
    pub unordered: bool,
}

fn rows<'v>(data: &'v Value, name: &str) -> impl Iterator<Item = &'v Vec<Value>> {
    data[name].as_array().into_iter().flatten().map(|l| l.as_array().unwrap())
}

fn text(v: &Value) -> String {
    v.as_str().unwrap().to_owned()
}

impl Journal {
    pub fn add(&mut self, turn: &Turn) {
        for entry in &turn.entries {
            let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
            for (account, unit, amount) in &entry.lines {
                *self.balances.entry((account.clone(), unit.clone())).or_default() += amount;
                *sums.entry(unit).or_default() += amount;
            }
            assert!(sums.values().all(|n| *n == 0), "entry does not balance: {entry:?}");
        }
        // Units may be supplied to several orders in one turn: the queue of each SKU gives way from its head.
        let mut given: BTreeMap<String, BTreeMap<(String, String), i64>> = BTreeMap::new();
        let mut requeued = Vec::new();
        // Units of a SKU that an order takes over from its checkout's hold: these it may have before who waits.
        let mut taken: BTreeMap<String, i64> = BTreeMap::new();
        for fact in &turn.facts {
            let data: Value = serde_json::from_str(fact.data.get()).unwrap();
            let order = data["order"].as_str().unwrap_or_default().to_owned();
            let key = |l: &[Value]| (order.clone(), text(&l[0]), text(&l[1]), text(&l[2]));
            match fact.kind {
                "stock.reserved" => {
                    for l in rows(&data, "lines") {
                        let waiting = self.queues.get(l[1].as_str().unwrap()).map_or(0, Vec::len);
                        let own = taken.get_mut(&text(&l[1])).filter(|n| **n > 0);
                        let from_hold = own.is_some();
                        if let Some(n) = own {
                            *n -= l[3].as_i64().unwrap();
                        }
                        assert!(self.unordered || waiting == 0 || from_hold, "overtaken");
                        self.held.entry(key(l)).or_default()[0] += l[3].as_i64().unwrap();
                    }
                    for l in rows(&data, "short") {
                        let wait = (order.clone(), text(&l[0]), l[2].as_i64().unwrap());
                        self.queues.entry(text(&l[1])).or_default().push(wait);
                    }
                }
                "stock.supplied" => {
                    for l in rows(&data, "lines") {
                        let n = l[3].as_i64().unwrap();
                        self.held.entry(key(l)).or_default()[0] += n;
                        let of = (order.clone(), text(&l[0]));
                        *given.entry(text(&l[1])).or_default().entry(of).or_default() += n;
                    }
                }
                "stock.shipped" => {
                    let ended = if data["ended"].is_array() { "ended" } else { "lines" };
                    for l in rows(&data, ended) {
                        self.held.entry(key(l)).or_default()[1] += l[3].as_i64().unwrap();
                    }
                    self.unqueue(&order, &data, "waited");
                }
                "stock.released" => {
                    for l in rows(&data, "lines") {
                        self.held.entry(key(l)).or_default()[2] += l[3].as_i64().unwrap();
                    }
                    self.unqueue(&order, &data, "waiting");
                }
                "stock.held" => {
                    let order = format!("~{}", data["hold"].as_str().unwrap());
                    for l in rows(&data, "lines") {
                        let key = (order.clone(), text(&l[0]), text(&l[1]), text(&l[2]));
                        self.held.entry(key).or_default()[0] += l[3].as_i64().unwrap();
                    }
                }
                "stock.hold_ended" => {
                    let order = format!("~{}", data["hold"].as_str().unwrap());
                    for l in rows(&data, "lines") {
                        if data["how"] == "taken_over" {
                            *taken.entry(text(&l[1])).or_default() += l[3].as_i64().unwrap();
                        }
                        let key = (order.clone(), text(&l[0]), text(&l[1]), text(&l[2]));
                        self.held.entry(key).or_default()[2] += l[3].as_i64().unwrap();
                    }
                }
                "stock.found_missing" | "stock.given_up" => {
                    for l in rows(&data, "lines") {
                        self.held.entry(key(l)).or_default()[2] += l[3].as_i64().unwrap();
                        requeued.push((text(&l[1]), (order.clone(), text(&l[0]), l[3].as_i64().unwrap())));
                    }
                }
                _ => {}
            }
        }
        for (sku, mut wait) in requeued {
            // What lost units is looked after line by line, before all others.
            if let Some(n) = given.get_mut(&sku).and_then(|g| g.get_mut(&(wait.0.clone(), wait.1.clone()))) {
                let taken = wait.2.min(*n);
                wait.2 -= taken;
                *n -= taken;
            }
            if wait.2 > 0 {
                self.queues.entry(sku).or_default().insert(0, wait);
            }
        }
        for (sku, given) in given {
            self.give_way(&sku, given);
        }
    }

    fn unqueue(&mut self, order: &str, data: &Value, name: &str) {
        for l in rows(data, name) {
            let queue = self.queues.entry(text(&l[1])).or_default();
            let mut left = l[2].as_i64().unwrap();
            for w in queue.iter_mut().filter(|w| w.0 == order && w.1 == text(&l[0])) {
                let n = w.2.min(left);
                w.2 -= n;
                left -= n;
            }
            assert_eq!(left, 0, "gave up units that did not wait");
            queue.retain(|w| w.2 > 0);
        }
    }

    /// What was given of a SKU is exactly the head of its queue.
    fn give_way(&mut self, sku: &str, mut given: BTreeMap<(String, String), i64>) {
        let queue = self.queues.entry(sku.to_owned()).or_default();
        given.retain(|_, n| *n > 0);
        if self.unordered {
            for w in queue.iter_mut() {
                let n = given.get_mut(&(w.0.clone(), w.1.clone()));
                if let Some(n) = n {
                    let taken = w.2.min(*n);
                    w.2 -= taken;
                    *n -= taken;
                }
            }
            queue.retain(|w| w.2 > 0);
            given.retain(|_, n| *n > 0);
        }
        while let Some(first) = queue.first_mut() {
            let Some(n) = given.get_mut(&(first.0.clone(), first.1.clone())) else { break };
            let taken = first.2.min(*n);
            first.2 -= taken;
            *n -= taken;
            let exhausted = *n == 0;
            let served = first.2 == 0;
            if exhausted {
                given.remove(&(first.0.clone(), first.1.clone()));
            }
            if !served {
                break;
            }
            queue.remove(0);
        }
        assert!(given.is_empty(), "{sku}: served out of turn: {given:?}; waiting: {queue:?}");
    }
}

/// The rules S1, S2, S4 and S6, and that rows and journal say the same.
pub fn check(pool: &Pool) {
    let Some(state) = pool.state() else { return };
    let (mut positions, mut orders) = (Vec::new(), Vec::new());
    let mut skus: BTreeMap<String, Position> = BTreeMap::new();
    let mut transit: BTreeMap<String, i64> = BTreeMap::new();
    for (key, row) in pool.all_rows() {
        match row {
            Row::Position(p) => {
                let sku = key.strip_prefix("p/").unwrap();
                check_queue(pool, &state, sku, &p);
                positions.extend(audit::positions(&pool.policy, &state, sku, &p));
                skus.insert(sku.to_owned(), p);
            }
            Row::Order(o) => orders.push((key.strip_prefix("r/").unwrap().to_owned(), o)),
            Row::Transfer(t) => {
                for (sku, _, shipped, received, lost) in t.lines {
                    *transit.entry(sku).or_default() += if t.ours { shipped } else { 0 } - received - lost;
                }
            }
            Row::Seen | Row::Chunk(_) | Row::Due(_) | Row::Supply(_) => {}
        }
    }
    for (sku, n) in transit {
        let balance = pool.journal.balances.get(&("units.transit".to_owned(), sku.clone())).copied();
        assert_eq!(balance.unwrap_or(0), n, "{sku} in transit");
    }
    check_shares(&orders, &skus);
    for p in &positions {
        let account = (format!("units.place.{}", p.place), p.sku.clone());
        let balance = pool.journal.balances.get(&account).copied().unwrap_or(0);
        assert_eq!(p.on_hand, balance, "S6: {} at {}", p.sku, p.place);
        let (place, tag) = p.place.split_once('/').unwrap_or((&p.place, ""));
        let spot = skus[&p.sku].find(state.place(place).unwrap(), tag).unwrap();
        let known = state.excess.contains(&(p.sku.clone(), spot));
        assert_eq!(known, p.short > 0, "a shortage stands as such: {p:?}");
    }
    let reservations: Vec<_> = (orders.iter())
        .flat_map(|(order, row)| audit::reservations(&state, order, row, |sku| skus.get(sku)))
        .collect();
    let mut breaches: Vec<Breach> = positions.iter().flat_map(rules::s1).collect();
    breaches.extend(rules::s2(&positions, &reservations));
    let mut open: BTreeMap<Key, i64> = BTreeMap::new();
    for r in reservations {
        *open.entry((r.order, r.line, r.sku, r.place)).or_default() += r.quantity;
    }
    for (key, [reserved, shipped, released]) in &pool.journal.held {
        breaches.extend(rules::s4(&EndingFacts {
            order: key.0.clone(),
            line: key.1.clone(),
            place: key.3.clone(),
            reserved: *reserved,
            shipped: *shipped,
            released: *released,
            open: open.remove(key).unwrap_or(0),
        }));
    }
    assert!(open.is_empty(), "reservations that the journal does not know: {open:?}");
    assert_eq!(breaches, []);
}

/// Nothing that a channel may have is left while its demand waits, and no supply is promised beyond what is open.
fn check_queue(pool: &Pool, state: &State, sku: &str, p: &Position) {
    for w in &p.waiting {
        let free = audit::available_to(&pool.policy, state, (sku, p), &w.channel);
        assert!(free == 0, "{sku}: {free} free to {:?} while {w:?} waits", w.channel);
    }
    let queue: Vec<_> = p.waiting.iter().map(|w| (w.order.clone(), w.line.clone(), w.quantity)).collect();
    assert_eq!(queue, pool.journal.queues.get(sku).cloned().unwrap_or_default(), "{sku}");
    let mut promised: BTreeMap<usize, i64> = BTreeMap::new();
    for (_, s, n) in super::super::supply::promises(p) {
        assert!(n > 0);
        *promised.entry(s).or_default() += n;
    }
    for (s, n) in promised {
        assert!(n <= p.supplies[s].3, "S1: {n} promised of {:?}", p.supplies[s]);
    }
}

/// What channels hold by a SKU's row is what their orders hold.
fn check_shares(orders: &[(String, OrderRow)], skus: &BTreeMap<String, Position>) {
    let mut held: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for (_, row) in orders.iter().filter(|(_, row)| !row.channel.is_empty()) {
        for (_, sku, _, n) in &row.held {
            *held.entry((sku, &row.channel)).or_default() += n;
        }
    }
    let noted =
        skus.iter().flat_map(|(sku, p)| p.shares.iter().map(move |(c, n)| ((sku.as_str(), c.as_str()), *n)));
    assert_eq!(held, noted.collect(), "what channels hold");
}
