//! A small world in memory: cases are stored as bytes and read back for every turn, mail is delivered in order
//! per sender, one command per object is open at a time.

pub mod checks;
mod decided;
mod pool_moves;
pub mod rules;
pub mod samples;
pub mod stand_in;
pub mod systems;

use crate::failing::{self, How, Strike};
use books::{Account, TieOut};
use flows::{Flows, Policy, State};
use hub::process::{Decision, Fault, Process, Rows, Stimulus};
use retail::envelope::{Command, Event, Json, Name, Outcome, json};
use retail::time::{Span, Time};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use systems::{Happened, Systems};

pub const TENANT: &str = "acme";

/// A seeded source of choices (splitmix64).
#[derive(Clone, Debug)]
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }

    /// True `percent` times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A number from `from` to `to`.
    pub fn within(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.below(usize::try_from(to - from + 1).unwrap())).unwrap()
    }
}

/// A case as stored.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    pub body: Vec<u8>,
    pub doc: Option<Vec<u8>>,
    pub due: Option<Time>,
    pub open: bool,
    pub turns: u32,
}

pub struct World {
    pub flows: Flows,
    pub now: Time,
    /// The case that changed last.
    pub last: Option<Name>,
    pub cases: BTreeMap<Name, Stored>,
    pub rows: BTreeMap<(Name, String), Vec<u8>>,
    /// Per (sender, receiver).
    pub mail: BTreeMap<(Name, Name), VecDeque<Stimulus>>,
    /// Per object: the case and its command.
    pub outbox: BTreeMap<String, VecDeque<(Name, Command)>>,
    /// Events and outcomes on their way.
    pub coming: Vec<(Name, Stimulus)>,
    pub systems: Systems,
    /// Plays the orders' part in credits of every kind and in exchanges, where a test wants to look at it.
    pub stand_in: Option<stand_in::StandIn>,
    pub totals: TieOut,
    pub entries: Vec<hub::process::Entry>,
    pub facts: Vec<(Name, &'static str, Value)>,
    pub commands: Vec<(Name, Command)>,
    /// Further names that cases have taken.
    pub names: BTreeSet<Name>,
    pub exceptions: BTreeSet<(Name, &'static str)>,
    pub raised: BTreeSet<&'static str>,
    pub parked: Vec<(Name, String, Fault)>,
    pub moves: BTreeSet<(&'static str, String, String, String)>,
    /// A step that something happens to.
    pub strike: Option<Strike>,
    decided: decided::Decided,
}

pub fn name(kind: &str, value: &str) -> Name {
    Name::new(TENANT, kind, value)
}

pub fn raw(value: &Value) -> Json {
    json(value).unwrap()
}

pub fn at(text: &str) -> Time {
    Time::parse(text).unwrap()
}

/// When the worlds begin.
pub fn start() -> Time {
    at("2011-01-10T09:00:00Z")
}

pub fn event(kind: &str, on: Name, occurred: Time, data: &Value) -> Stimulus {
    Stimulus::Event(Event { kind: kind.to_owned(), name: on, occurred, data: raw(data) })
}

impl World {
    pub fn new(policy: Policy) -> Self {
        Self {
            flows: Flows { policy },
            now: start(),
            last: None,
            cases: BTreeMap::new(),
            rows: BTreeMap::new(),
            mail: BTreeMap::new(),
            outbox: BTreeMap::new(),
            coming: Vec::new(),
            systems: Systems::default(),
            stand_in: None,
            totals: TieOut::default(),
            entries: Vec::new(),
            facts: Vec::new(),
            names: BTreeSet::new(),
            commands: Vec::new(),
            exceptions: BTreeSet::new(),
            raised: BTreeSet::new(),
            parked: Vec::new(),
            moves: BTreeSet::new(),
            strike: None,
            decided: decided::Decided::new(),
        }
    }

    /// Two warehouses with this many units of each SKU in the first, and nothing in the second.
    pub fn stocked(units: &[(&str, i64)]) -> Self {
        let mut world = Self::new(Policy::simple("uk", &["north", "south"]));
        world.supply("north", units);
        world
    }

    /// Supply comes to a place.
    pub fn supply(&mut self, place: &str, units: &[(&str, i64)]) {
        let lines: Vec<Value> = units
            .iter()
            .map(|(sku, quantity)| serde_json::json!({"sku": sku, "quantity": quantity}))
            .collect();
        let n = self.facts.len();
        let data = serde_json::json!({"receipt": format!("po-{place}-{n}"), "place": place, "lines": lines});
        self.tell("stock.received", name("pool", "main"), &data);
    }

    /// An event happens now and is taken in.
    pub fn tell(&mut self, kind: &str, on: Name, data: &Value) {
        let stimulus = event(kind, on.clone(), self.now, data);
        self.deliver(&on, &stimulus).unwrap();
    }

    /// An event happens now and is refused.
    pub fn refused(&mut self, kind: &str, on: Name, data: &Value) -> Fault {
        let before = self.cases.get(&on).map(|c| c.body.clone());
        let stimulus = event(kind, on.clone(), self.now, data);
        let fault = self.deliver(&on, &stimulus).unwrap_err();
        assert_eq!(self.cases.get(&on).map(|c| c.body.clone()), before, "a refused event changes nothing");
        fault
    }

    pub fn state(&self, of: &Name) -> Option<State> {
        let stored = self.cases.get(of)?;
        Some(self.flows.decode(of, &stored.body, stored.doc.as_deref()).unwrap())
    }

    /// One turn. What cannot be taken in is parked.
    pub fn deliver(&mut self, to: &Name, stimulus: &Stimulus) -> Result<(), Fault> {
        self.now = self.now.plus(Span::seconds(1));
        let state = self.state(to);
        let mut rows: Rows<flows::Row> = Rows::new();
        loop {
            let needs = self.flows.needs(to, state.as_ref(), &rows, stimulus)?;
            if needs.is_empty() {
                break;
            }
            for key in needs {
                let stored = self.rows.get(&(to.clone(), key.clone()));
                let row = stored.map(|body| self.flows.decode_row(to, &key, body).unwrap());
                assert!(rows.insert(key.clone(), row).is_none(), "{key} was asked for twice");
            }
        }
        let decided = self.flows.decide(to, state.as_ref(), &rows, stimulus, self.now);
        self.decided.take(&self.flows, (to, stimulus, self.now), &decided);
        let decision = match decided {
            Ok(decision) => decision,
            Err(fault) => {
                self.parked.push((to.clone(), flows::transition::label(stimulus), fault.clone()));
                return Err(fault);
            }
        };
        if let Stimulus::Event(event) = stimulus {
            crate::recorder::event(&event.kind, event.data.get());
        }
        self.apply(to, state.as_ref(), stimulus, decision);
        Ok(())
    }

    fn apply(&mut self, to: &Name, before: Option<&State>, on: &Stimulus, d: Decision<State, flows::Row>) {
        self.names.extend(d.names.iter().cloned());
        self.note_move(to, before, on, &d.state);
        self.last = Some(to.clone());
        let stored = self.cases.entry(to.clone()).or_default();
        stored.body = self.flows.encode(&d.state).unwrap();
        if stored.doc.is_none() {
            stored.doc = self.flows.encode_doc(&d.state).unwrap();
        }
        stored.due = d.due;
        stored.open = d.open;
        stored.turns += 1;
        let back = self.flows.decode(to, &stored.body, stored.doc.as_deref()).unwrap();
        assert_eq!(back, d.state, "a state reads back as it was written");
        self.note_pool_moves(to, on, &d.rows);
        for (key, row) in d.rows {
            match row {
                Some(row) => self.rows.insert((to.clone(), key), self.flows.encode_row(&row).unwrap()),
                None => self.rows.remove(&(to.clone(), key)),
            };
        }
        for key in d.withdraw {
            self.withdraw(&key);
        }
        for command in d.commands {
            crate::recorder::command(&command.op, command.args.get());
            let listed = flows::reference::process(&to.kind).unwrap().commands;
            let is = |c: &flows::reference::Ordered| c.op == command.op && c.role == command.role;
            assert!(listed.iter().any(is), "{} orders {} of {}", to.kind, command.op, command.role);
            self.commands.push((to.clone(), command.clone()));
            let object = format!("{}/{}/{}", command.role, command.at, command.object);
            self.outbox.entry(object).or_default().push_back((to.clone(), command));
        }
        for message in d.messages {
            let stimulus =
                Stimulus::Mail { from: to.clone(), kind: message.kind.to_owned(), data: message.data };
            self.mail.entry((to.clone(), message.to)).or_default().push_back(stimulus);
        }
        for e in d.entries {
            let entry = books::Entry {
                entity: e.entity.clone(),
                memo: e.memo.clone(),
                reference: e.reference.clone(),
                occurred: e.occurred,
                posted_on: e.posted_on.clone(),
                late: e.late,
                lines: e.lines.clone(),
            };
            self.totals.add(&entry).unwrap();
            self.entries.push(e);
        }
        for fact in d.facts {
            self.facts.push((to.clone(), fact.kind, serde_json::from_str(fact.data.get()).unwrap()));
        }
        for code in d.clear {
            // A pool does not remember whether a publication was refused, and clears whenever one went through.
            let open = self.exceptions.remove(&(to.clone(), code));
            assert!(open || code == "stock_not_published", "{code} of {to} was not open");
        }
        for alarm in d.raise {
            assert!(!alarm.cause.is_empty() && !alarm.next_step.is_empty());
            crate::pages::holds(&to.kind, alarm.code, alarm.owner, &alarm.next_step);
            let owners = [
                "operations",
                "finance",
                "integration",
                "customer_service",
                "warehouse",
                "inventory",
                "commerce",
            ];
            assert!(owners.contains(&alarm.owner), "{} belongs to {}", alarm.code, alarm.owner);
            self.exceptions.insert((to.clone(), alarm.code));
            self.raised.insert(alarm.code);
        }
    }

    /// Every move of a status must be one of the table, whether or not the decision would have been refused.
    fn note_move(&mut self, of: &Name, before: Option<&State>, on: &Stimulus, after: &State) {
        let (table, first) = match after {
            State::Order(_) => ("order", "awaited"),
            State::Return(_) => ("return", "none"),
            State::Refund(_) => ("refund", "awaited"),
            State::Pool(_) | State::Difference(_) => return,
        };
        let policy = &self.flows.policy;
        let known = before.filter(|s| has_doc(s));
        let (from, to) =
            (known.map_or(first, |s| flows::views::status(policy, s)), flows::views::status(policy, after));
        if from != to && has_doc(after) {
            let on = flows::transition::label(on);
            self.moves.insert((table, from.to_owned(), on, to.to_owned()));
        }
        assert_eq!(of.kind, table);
    }

    fn withdraw(&mut self, key: &str) {
        for queue in self.outbox.values_mut() {
            if let Some(i) = queue.iter().position(|(_, c)| c.key == key) {
                let (case, c) = queue.remove(i).unwrap();
                let outcome = Outcome::Refused { code: "withdrawn".into(), message: "not sent".into() };
                let stimulus = Stimulus::Outcome { op: c.op, key: c.key, object: c.object, outcome };
                self.coming.push((case, stimulus));
            }
        }
    }

    /// How many things could happen next. Mail and outcomes keep their order; events do not.
    pub fn choices(&self) -> usize {
        let mail = self.mail.values().filter(|q| !q.is_empty()).count();
        let busy = |o: &String| self.systems.busy.contains(o);
        let commands = self.outbox.iter().filter(|(o, q)| !q.is_empty() && !busy(o)).count();
        mail + commands + self.coming.len()
    }

    /// Lets the `n`th of the choices happen.
    pub fn happen(&mut self, n: usize) {
        let mut n = n;
        let keys: Vec<(Name, Name)> =
            self.mail.iter().filter(|(_, q)| !q.is_empty()).map(|(k, _)| k.clone()).collect();
        if n < keys.len() {
            let stimulus = self.mail.get_mut(&keys[n]).unwrap().pop_front().unwrap();
            let to = keys[n].1.clone();
            if stand_in::takes(self, &keys[n], &stimulus) {
                return;
            }
            self.deliver(&to, &stimulus).unwrap_or_else(|f| panic!("mail {stimulus:?} to {to}: {f:?}"));
            return;
        }
        n -= keys.len();
        let objects: Vec<String> = self
            .outbox
            .iter()
            .filter(|(o, q)| !q.is_empty() && !self.systems.busy.contains(*o))
            .map(|(o, _)| o.clone())
            .collect();
        if n < objects.len() {
            self.execute(&objects[n]);
            return;
        }
        n -= objects.len();
        let (to, stimulus) = self.coming.remove(n);
        self.arrive(&to, &stimulus);
    }

    /// An outcome or event arrives. Events that a system had no right to send are parked, as they would be.
    fn arrive(&mut self, to: &Name, stimulus: &Stimulus) {
        if let Stimulus::Outcome { outcome, object, op, .. } = stimulus
            && !matches!(outcome, Outcome::Unknown { .. } | Outcome::Accepted { .. })
        {
            let role = self.systems.role_of(op);
            let roles = if op == "update_return" { vec![role, "storefront/"] } else { vec![role] };
            let freed = |o: &String| roles.iter().any(|r| o.starts_with(r)) && o.ends_with(object.as_str());
            self.systems.busy.retain(|o| !freed(o));
        }
        let taken = self.deliver(to, stimulus);
        if let (Err(fault), Stimulus::Outcome { key, .. }) = (taken, stimulus) {
            panic!("the outcome of {key}: {fault:?}");
        }
    }

    fn execute(&mut self, object: &str) {
        let (case, command) = self.outbox.get_mut(object).unwrap().pop_front().unwrap();
        self.systems.busy.insert(object.to_owned());
        let struck = self.strike.as_mut().and_then(|strike| strike.strikes(&case, &command));
        let mut happened = match struck {
            Some(How::Fail) => Happened { outcomes: vec![failing::refused()], events: Vec::new() },
            _ => self.systems.execute(&command, self.now),
        };
        match struck {
            Some(How::Lose) => {
                let (op, key, object) = (command.op.clone(), command.key.clone(), command.object.clone());
                let outcome = Outcome::Unknown { why: "no answer".into() };
                self.arrive(&case, &Stimulus::Outcome { op, key, object, outcome });
            }
            Some(How::Repeat) => happened.events = [&happened.events[..]; 3].concat(),
            Some(How::Reverse) => happened.events.extend(failing::taken_back(self, &case)),
            Some(How::Fail) | None => {}
        }
        for outcome in happened.outcomes {
            let (op, key, object) = (command.op.clone(), command.key.clone(), command.object.clone());
            self.coming.push((case.clone(), Stimulus::Outcome { op, key, object, outcome }));
        }
        for (kind, on, data) in happened.events {
            self.coming.push((on.clone(), event(kind, on, self.now, &data)));
        }
    }

    /// The test gives a silent system's answer.
    pub fn outcome(&mut self, key: &str, outcome: Outcome) {
        let (case, c) = self.commands.iter().rev().find(|(_, c)| c.key == key).cloned().unwrap();
        let stimulus = Stimulus::Outcome { op: c.op, key: c.key, object: c.object, outcome };
        self.arrive(&case, &stimulus);
    }

    pub fn answer(&mut self, key: &str, result: &Value) {
        self.outcome(key, Outcome::Done { result: raw(result) });
    }

    pub fn refuse(&mut self, key: &str, code: &str) {
        self.outcome(key, Outcome::Refused { code: code.into(), message: "no".into() });
    }

    /// Lets everything happen in the order in which it came about, until nothing is left.
    pub fn settle(&mut self) {
        for _ in 0..100_000 {
            if self.choices() == 0 {
                return;
            }
            self.happen(0);
        }
        panic!("the world does not come to rest");
    }

    /// Lets everything happen in an order of the seed's choosing.
    pub fn settle_by(&mut self, rng: &mut Rng) {
        for _ in 0..100_000 {
            let n = self.choices();
            if n == 0 {
                return;
            }
            self.happen(rng.below(n));
        }
        panic!("the world does not come to rest");
    }

    /// Waits until the next timer and lets it ring; `false` when there is none before `until`.
    pub fn ring(&mut self, until: Time) -> bool {
        let next = self.cases.iter().filter_map(|(n, c)| c.due.map(|d| (d, n.clone()))).min();
        let Some((due, to)) = next.filter(|(due, _)| *due <= until) else { return false };
        self.now = self.now.max(due);
        self.cases.get_mut(&to).unwrap().due = None;
        self.deliver(&to, &Stimulus::Timer).unwrap();
        true
    }

    /// Waits for a span of time, with all that happens in it.
    pub fn wait(&mut self, span: Span) {
        let until = self.now.plus(span);
        self.settle();
        while self.ring(until) {
            self.settle();
        }
        self.now = self.now.max(until);
    }

    pub fn show(&self, kind: &str, value: &str) -> Value {
        let name = name(kind, value);
        flows::views::show(&self.flows.policy, &name, &self.state(&name).unwrap())
    }

    pub fn status(&self, kind: &str, value: &str) -> String {
        flows::views::status(&self.flows.policy, &self.state(&name(kind, value)).unwrap()).to_owned()
    }

    pub fn open(&self, kind: &str, value: &str) -> bool {
        self.cases[&name(kind, value)].open
    }

    /// A counter of an order's or return's line.
    pub fn line(&self, kind: &str, value: &str, line: &str, counter: &str) -> i64 {
        let show = self.show(kind, value);
        let lines = show["lines"].as_array().unwrap();
        let line = lines.iter().find(|l| l["line"] == line).unwrap();
        line[counter].as_i64().unwrap_or_else(|| panic!("no counter {counter} in {line}"))
    }

    pub fn total(&self, account: &Account, unit: &str) -> i64 {
        i64::try_from(self.totals.of(account, unit)).unwrap()
    }

    /// Facts of a kind.
    pub fn facts_of(&self, kind: &str) -> Vec<Value> {
        self.facts.iter().filter(|f| f.1 == kind).map(|f| f.2.clone()).collect()
    }

    /// Arguments of all commands of an operation.
    pub fn args_of(&self, op: &str) -> Vec<Value> {
        let of = self.commands.iter().filter(|(_, c)| c.op == op);
        of.map(|(_, c)| serde_json::from_str(c.args.get()).unwrap()).collect()
    }

    /// Codes of open exceptions.
    pub fn exceptions(&self) -> Vec<&'static str> {
        self.exceptions.iter().map(|e| e.1).collect()
    }
}

/// Every move of every test must stand in the tables.
impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            for (table, from, on, to) in &self.moves {
                assert!(crate::tables::meant(table, from, on, to), "{table}: {on} takes {from} to {to}");
            }
            self.decided.hold();
        }
    }
}

fn has_doc(state: &State) -> bool {
    match state {
        State::Order(s) => s.doc.is_some(),
        State::Return(s) => s.doc.is_some(),
        State::Refund(s) => s.doc.is_some(),
        State::Pool(_) | State::Difference(_) => true,
    }
}
