//! A toy process (a counter that orders one call per event) and a driver without faults or threads.

mod kept;

use hub::Hub;
use hub::batch::{Batch, CommitAnswer, Found, Key, MailRow, OutboxChange, OutboxRow, Recovered, StoredCase};
use hub::io::{Dispatch, Effect, Input, Received, Reply, Understood};
use hub::plan::{OpSpec, Plan, Strategy, SystemSpec};
use hub::process::{Alarm, Decision, Entry, Fault, Message, Process, Rows, Stimulus};
use retail::envelope::{Class, Command, Event, Json, Name, Outcome, json};
use retail::time::{Span, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Counts what it takes in; `word`s: `bad` is refused, `burst` breaks off, as does the timer of `fuse`, `tell` sends
/// mail to `case/b`, `off` books a lopsided entry. A call refused as `again` is ordered anew at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Toy;

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Seen {
    pub log: Vec<String>,
}

impl Process for Toy {
    type State = Seen;
    type Row = String;

    fn family<'a>(&self, name: &'a Name) -> &'a str {
        &name.value
    }
    fn opens(&self, kind: &str) -> bool {
        kind == "case"
    }
    fn decode(&self, _: &Name, body: &[u8], _: Option<&[u8]>) -> Result<Seen, Fault> {
        serde_json::from_slice(body).map_err(|e| Fault::new("unreadable", e.to_string()))
    }
    fn encode(&self, state: &Seen) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(state).map_err(|e| Fault::new("unwritable", e.to_string()))
    }
    fn encode_doc(&self, _: &Seen) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }
    fn journalled(&self, data: &Json) -> Option<Json> {
        (data.get() == "\"secret\"").then(|| json("-").unwrap())
    }
    fn decode_row(&self, _: &Name, _: &str, body: &[u8]) -> Result<String, Fault> {
        Ok(String::from_utf8_lossy(body).into_owned())
    }
    fn encode_row(&self, row: &String) -> Result<Vec<u8>, Fault> {
        Ok(row.clone().into_bytes())
    }
    fn needs(
        &self,
        _: &Name,
        _: Option<&Seen>,
        rows: &Rows<String>,
        _: &Stimulus,
    ) -> Result<Vec<String>, Fault> {
        Ok(if rows.contains_key("last") { Vec::new() } else { vec!["last".to_owned()] })
    }
    fn decide(
        &self,
        name: &Name,
        state: Option<&Seen>,
        rows: &Rows<String>,
        stimulus: &Stimulus,
        _: Time,
    ) -> Result<Decision<Seen, String>, Fault> {
        let mut state = state.cloned().unwrap_or_default();
        assert_eq!(
            rows.get("last").cloned().flatten(),
            state.log.last().cloned(),
            "rows and state commit together"
        );
        let word = match stimulus {
            Stimulus::Event(event) => event.kind.clone(),
            Stimulus::Outcome { outcome, .. } => match outcome {
                Outcome::Done { .. } => "done".to_owned(),
                Outcome::Refused { code, .. } => format!("refused {code}"),
                Outcome::Unknown { .. } => "unknown".to_owned(),
                other => format!("{other:?}"),
            },
            Stimulus::Mail { kind, from, .. } => format!("{kind} from {}", from.value),
            Stimulus::Timer => "timer".to_owned(),
        };
        if word == "bad" {
            return Err(Fault::new("bad_word", "say anything else"));
        }
        assert_ne!(word, "burst", "the toy's own");
        assert!(word != "timer" || state.log.last().is_none_or(|last| last != "fuse"), "the toy's own");
        state.log.push(word.clone());
        let mut decision = Decision::of(state, word != "close");
        decision.rows.push(("last".to_owned(), Some(word.clone())));
        let command = |key: &str| Command {
            role: "erp".to_owned(),
            at: String::new(),
            op: "call".to_owned(),
            object: name.value.clone(),
            key: key.to_owned(),
            class: Class::Status,
            args: json("x").unwrap(),
        };
        match word.as_str() {
            "call" | "refused again" => decision.commands.push(command("call:1")),
            "whisper" => {
                let whole = json("secret").unwrap();
                decision.commands.push(Command { args: whole, ..command("call:3") });
            }
            "second" => decision.commands.push(command("call:2")),
            "withdraw" => decision.withdraw.push("call:2".to_owned()),
            "tell" => decision.messages.push(Message {
                to: Name::new("main", "case", "b"),
                kind: "told",
                data: json("x").unwrap(),
            }),
            "wait" | "fuse" => decision.due = Some(Time(5_000)),
            "named" => decision.names.push(Name::new("main", "alias", "z")),
            "alarm" => decision.raise.push(Alarm {
                code: "alarm",
                cause: "asked for".to_owned(),
                owner: "operations",
                next_step: "nothing".to_owned(),
            }),
            "off" => decision.entries.push(Entry {
                entity: "main".to_owned(),
                memo: "off".to_owned(),
                reference: name.value.clone(),
                occurred: Time(0),
                posted_on: "2026-01-01".to_owned(),
                late: false,
                lines: vec![("sales".to_owned(), "GBP".to_owned(), 1)],
            }),
            _ => {}
        }
        Ok(decision)
    }
}

/// What is durable, and a hub over it.
pub struct Bench {
    pub hub: Hub<Toy>,
    pub now: Time,
    pub cases: BTreeMap<Name, StoredCase>,
    pub routes: BTreeMap<Name, Name>,
    pub rows: BTreeMap<(u64, String), Vec<u8>>,
    pub outbox: BTreeMap<u64, OutboxRow>,
    pub mail: BTreeMap<u64, MailRow>,
    pub batches: Vec<Arc<Batch>>,
    pub sent: Vec<Dispatch>,
    pub replies: Vec<(u64, Reply)>,
    pub stopped: Option<String>,
    /// Answers for the next commits; `Yes` when there is none. The batch is kept when `keeps` says so.
    pub answers: Vec<(CommitAnswer, bool)>,
    /// Whether what the store found is told only by [`Bench::load`].
    pub slow: bool,
    /// Commits that get no answer, where there may be some.
    pub unheard: Option<Vec<Arc<Batch>>>,
    found: Vec<(Key, Found)>,
    plan: Plan,
}

pub fn plan(strategy: Strategy, finds: bool) -> Plan {
    let op = OpSpec { strategy, finds, settle: Span::seconds(10), ..OpSpec::default() };
    let system = SystemSpec { ops: [("call".to_owned(), op)].into(), in_flight: 1, ..SystemSpec::default() };
    Plan {
        routes: [("erp".to_owned(), [(String::new(), "erp".to_owned())].into())].into(),
        systems: [("erp".to_owned(), system)].into(),
        ..Plan::sized()
    }
}

impl Bench {
    pub fn new(plan: Plan) -> Self {
        Self {
            hub: Hub::new(0, 1, Toy, plan.clone(), Recovered { epoch: 1, ..Recovered::default() }, Time(0)),
            now: Time(0),
            cases: BTreeMap::new(),
            routes: BTreeMap::new(),
            rows: BTreeMap::new(),
            outbox: BTreeMap::new(),
            mail: BTreeMap::new(),
            batches: Vec::new(),
            sent: Vec::new(),
            replies: Vec::new(),
            stopped: None,
            answers: Vec::new(),
            slow: false,
            unheard: None,
            found: Vec::new(),
            plan,
        }
    }

    /// As if the process had been killed and started again.
    pub fn restart(&mut self) {
        let head = self.batches.last().map(|batch| batch.to).unwrap_or_default();
        let recovered = Recovered {
            epoch: 1,
            head,
            outbox: self.outbox.values().cloned().collect(),
            mail: self.mail.values().cloned().collect(),
            timers: self
                .cases
                .iter()
                .filter_map(|(name, case)| case.row.due.map(|due| (due, name.clone())))
                .collect(),
            ..Recovered::default()
        };
        self.hub = Hub::new(0, 1, Toy, self.plan.clone(), recovered, self.now);
        self.step(Input::Tick);
    }

    pub fn event(&mut self, token: u64, name: (&str, &str), key: &str, kind: &str) {
        self.receive(token, name, key, kind, None, Understood::Events);
    }

    /// The same, where the first message of a key counts.
    pub fn first(&mut self, token: u64, name: (&str, &str), key: &str, kind: &str) {
        self.receive(token, name, key, kind, None, Understood::First);
    }

    /// A message that was parked is mapped again.
    pub fn replay(&mut self, token: u64, name: (&str, &str), key: &str, kind: &str, pos: u64, code: &str) {
        self.receive(token, name, key, kind, Some((pos, code)), Understood::Events);
    }

    fn receive(
        &mut self,
        token: u64,
        name: (&str, &str),
        key: &str,
        kind: &str,
        parked: Option<(u64, &str)>,
        meant: fn(Vec<Event>) -> Understood,
    ) {
        let event = Event {
            kind: kind.to_owned(),
            name: Name::new("main", name.0, name.1),
            occurred: Time(0),
            data: json("x").unwrap(),
        };
        self.step(Input::Received(Box::new(Received {
            token: Some(token),
            stored: parked.map(|(pos, _)| pos),
            connection: "shop".to_owned(),
            key: key.to_owned(),
            headers: "{}".to_owned(),
            body: kind.as_bytes().to_vec(),
            understood: meant(vec![event]),
            reopened: parked.iter().map(|(_, code)| (*code).to_owned()).collect(),
        })));
    }

    pub fn answer(&mut self, outcome: Outcome) {
        let id = self.sent.last().unwrap().id;
        self.step(Input::Answered { id, outcome, pause: None });
    }

    pub fn tick(&mut self, now: i64) {
        self.now = Time(now);
        self.step(Input::Tick);
    }

    pub fn log(&self, value: &str) -> Vec<String> {
        let case = &self.cases[&Name::new("main", "case", value)];
        Toy.decode(&case.row.name, &case.row.body, None).unwrap().log
    }

    /// What a slow store found arrives, as it was when it was asked for.
    pub fn load(&mut self) {
        self.slow = false;
        let found = std::mem::take(&mut self.found);
        self.step(Input::Loaded(found));
    }

    /// Commits that were unheard of are done.
    pub fn written(&mut self, batches: &[Arc<Batch>]) {
        for batch in batches {
            self.keep(batch);
            self.step(Input::Committed(CommitAnswer::Yes));
        }
    }

    pub fn step(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for effect in self.hub.step(self.now, input) {
                match effect {
                    Effect::Load(keys) => {
                        let found: Vec<_> =
                            keys.into_iter().map(|key| (key.clone(), self.find(&key))).collect();
                        if self.slow {
                            self.found.extend(found);
                        } else {
                            inputs.push(Input::Loaded(found));
                        }
                    }
                    Effect::Commit(batch) => {
                        if let Some(unheard) = &mut self.unheard {
                            unheard.push(batch);
                            continue;
                        }
                        let (answer, keeps) = if self.answers.is_empty() {
                            (CommitAnswer::Yes, true)
                        } else {
                            self.answers.remove(0)
                        };
                        if keeps {
                            self.keep(&batch);
                        }
                        inputs.push(Input::Committed(answer));
                    }
                    Effect::ReadHead => {
                        let head = self.batches.last().map(|batch| batch.to).unwrap_or_default();
                        inputs.push(Input::HeadIs { epoch: 1, head });
                    }
                    Effect::Send(dispatch) => self.sent.push(*dispatch),
                    Effect::Reply { token, reply } => self.replies.push((token, reply)),
                    Effect::Post { .. } => panic!("there is one partition"),
                    Effect::Stop { why } => self.stopped = Some(why),
                }
            }
        }
    }

    fn find(&self, key: &Key) -> Found {
        let found = match key {
            Key::Case(name) => {
                let name = self.routes.get(name).unwrap_or(name);
                self.cases.get(name).map(|case| Found::Case(Box::new(case.clone())))
            }
            Key::Row(case, row) => self.rows.get(&(*case, row.clone())).cloned().map(Found::Row),
            Key::Seen(..) => None,
        };
        found.unwrap_or(Found::Nothing)
    }

    fn keep(&mut self, batch: &Arc<Batch>) {
        let head = self.batches.last().map(|batch| batch.to).unwrap_or_default();
        assert_eq!(batch.from, head, "every batch follows the one before");
        for row in &batch.cases {
            let seen = self.cases.get(&row.name).map(|case| case.seen.clone()).unwrap_or_default();
            let case = StoredCase { row: row.clone(), seen, seen_complete: true };
            self.cases.insert(row.name.clone(), case);
        }
        for mark in &batch.seen {
            let case = self.cases.values_mut().find(|case| case.row.id == mark.case).unwrap();
            case.seen.push((mark.key, mark.body));
        }
        for (alias, id) in &batch.routes {
            let name = self.cases.values().find(|case| case.row.id == *id).unwrap().row.name.clone();
            self.routes.insert(alias.clone(), name);
        }
        for row in &batch.rows {
            match &row.body {
                Some(body) => self.rows.insert((row.case, row.key.clone()), body.clone()),
                None => self.rows.remove(&(row.case, row.key.clone())),
            };
        }
        for change in &batch.outbox {
            match change {
                OutboxChange::Put(row) => {
                    self.outbox.insert(row.id, (**row).clone());
                }
                OutboxChange::Move { id, state, attempts } => {
                    let row = self.outbox.get_mut(id).unwrap();
                    (row.state, row.attempts) = (*state, *attempts);
                }
                OutboxChange::Delete(id) => {
                    self.outbox.remove(id);
                }
            }
        }
        for row in &batch.mail {
            self.mail.insert(row.pos, row.clone());
        }
        for (_, upto) in &batch.taken {
            self.mail.retain(|pos, _| pos > upto);
        }
        self.batches.push(Arc::clone(batch));
    }
}
