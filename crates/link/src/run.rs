//! One command's run against one system: find, the first stage that is not done, and again, until there
//! is an outcome. `next` takes an answer and gives the next request; nothing in here waits or sends.
//!
//! There is no step pointer to be stored: after a crash the same operation is run again in
//! [`Mode::Find`], and what is found says where to go on.

use crate::classify::{Verdict, verdict};
use crate::core::Core;
use crate::http::{Answer, Endpoint, HttpRequest};
use crate::jq::{Failed, Program, plain};
use crate::json::write;
use crate::manifest::{Class, Cost, Find, Op, ResultFrom, Strategy};
use crate::request::{build, fault, unmapped};
use crate::scene::Scene;
use bytes::Bytes;
use jaq_json::Val;
use retail::envelope::{Command, Json, Outcome};
use retail::time::{Span, Time};
use std::fmt;
use std::sync::Arc;

/// Whether the command may already have been sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// It was never sent.
    First,
    /// It may have been: look before doing anything. Where the operation has no look-up and may be
    /// repeated (by key or name), it is simply sent again.
    Find,
}

/// What to do next.
#[derive(Debug)]
pub enum Next {
    /// Send this and come back with its answer.
    Send(HttpRequest),
    Done(Outcome),
}

/// A find that gathers more than this is a fault of the manifest.
const GATHERED: usize = 10_000;
/// A find that runs over more pages than this is a fault of the manifest.
const PAGES: u32 = 100;
/// So often an answer may say "again" before the outcome is left open.
const AGAIN: u32 = 3;

/// A command being carried out. May be moved between threads; holds no jq value between two calls.
pub struct Run {
    core: Arc<Core>,
    op: usize,
    mode: Mode,
    command: Command,
    endpoint: Arc<Endpoint>,
    /// The generation of the key that the vendor sees.
    renewed: Option<Time>,
    pause: Option<Span>,
    state: State,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("key", &self.command.key)
            .field("mode", &self.mode)
            .field("at", &self.state.at)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum At {
    Start,
    Lookup(usize),
    Find,
    Stage(usize),
    Ended,
}

#[derive(Debug)]
struct State {
    at: At,
    find_next: bool,
    /// Stages that were answered as done in this run.
    ran: Vec<bool>,
    agains: u32,
    pages: u32,
    /// JSON texts, since jq values do not outlive a call.
    found: Option<String>,
    lookups: Vec<String>,
    matches: Vec<String>,
    /// What was answered last by a stage.
    last: Vec<u8>,
}

/// What is known about the effect when a read goes wrong.
#[derive(Clone, Copy)]
struct Known {
    /// A stage was done in this very run.
    begun: bool,
    mode: Mode,
}

impl Run {
    pub(crate) fn new(
        core: Arc<Core>,
        op: usize,
        command: &Command,
        mode: Mode,
        endpoint: &Arc<Endpoint>,
        renewed: Option<Time>,
    ) -> Result<Self, Outcome> {
        let plan = &core.manifest.ops[op];
        let strategy = plan.idempotency;
        if mode == Mode::Find && plan.plan.find.is_none() && strategy == Strategy::None {
            return Err(fault(
                "nothing_to_look_up",
                format!("{} can neither be looked up nor repeated", plan.name),
            ));
        }
        let find_next = plan
            .plan
            .find
            .as_ref()
            .is_some_and(|find| mode == Mode::Find || strategy == Strategy::State || find.first);
        let ran = vec![false; plan.plan.stages.len()];
        let state = State {
            at: At::Start,
            find_next,
            ran,
            agains: 0,
            pages: 0,
            found: None,
            lookups: Vec::new(),
            matches: Vec::new(),
            last: Vec::new(),
        };
        let (command, endpoint) = (command.clone(), Arc::clone(endpoint));
        Ok(Self { core, op, mode, command, endpoint, renewed, pause: None, state })
    }

    /// The next request, or the outcome. The first call takes no answer, every later one the answer to
    /// the request before. After the outcome there is nothing more to ask.
    pub fn next(&mut self, answer: Option<Answer>, now: Time) -> Next {
        let Self { core, op, mode, command, endpoint, renewed, pause, state } = self;
        let mut scene = Scene::new(core, command, endpoint, now);
        let op = &core.manifest.ops[*op];
        let mut step =
            Step { core, op, mode: *mode, command, renewed: *renewed, state, scene: &mut scene, now };
        step.restore();
        let request = step.take(answer).and_then(|request| request.map_or_else(|| step.go_on(), Ok));
        *pause = core.manifest.limits.cost.as_ref().and_then(|cost| exhausted(cost, step.scene));
        match request.and_then(|request| step.save().map(|()| request)) {
            Ok(request) => Next::Send(request),
            Err(outcome) => {
                state.at = At::Ended;
                Next::Done(outcome)
            }
        }
    }
}

impl Run {
    /// How long the system wants to be left alone after its last answer, by the budget that it told.
    #[must_use]
    pub const fn pause(&self) -> Option<Span> {
        self.pause
    }
}

/// How long it takes until what is to be left of a budget is there again; `None` where it is, or nothing is told.
#[allow(clippy::cast_possible_truncation)]
fn exhausted(cost: &Cost, scene: &Scene<'_>) -> Option<Span> {
    // Only a wait is reckoned here, so that a budget that cannot be read is no budget.
    let read = |program: &Program| -> Option<f64> {
        let value = scene.first(program).ok()?;
        plain(&value)?.parse::<f64>().ok().filter(|n| n.is_finite())
    };
    let short = f64::from(cost.keep) - read(&cost.left)?;
    let restore = read(&cost.restore)?;
    (short > 0.0 && restore > 0.0).then(|| Span((short / restore * 1_000.0).min(60_000.0).ceil() as i64))
}

struct Step<'r, 's> {
    core: &'r Core,
    op: &'r Op,
    mode: Mode,
    command: &'r Command,
    renewed: Option<Time>,
    state: &'r mut State,
    scene: &'r mut Scene<'s>,
    now: Time,
}

type Request = Result<HttpRequest, Outcome>;

impl Step<'_, '_> {
    fn restore(&mut self) {
        let parsed =
            |text: &String| crate::json::parse(&Bytes::copy_from_slice(text.as_bytes())).unwrap_or_default();
        self.scene.find(self.state.found.as_ref().map(parsed).unwrap_or_default());
        for (lookup, value) in self.op.plan.lookups.iter().zip(&self.state.lookups) {
            self.scene.look_up(&lookup.name, parsed(value));
        }
    }

    /// Keeps what the next call needs. A value that cannot be written (a floating-point number) is a fault
    /// of the program that made it.
    fn save(&mut self) -> Result<(), Outcome> {
        self.state.found = Some(kept(&format!("op.{}: what is found", self.op.name), self.scene.found())?);
        Ok(())
    }

    fn known(&self) -> Known {
        Known { begun: self.state.ran.contains(&true), mode: self.mode }
    }

    /// Takes the answer to the last request in. A request comes back where the same read goes on.
    fn take(&mut self, answer: Option<Answer>) -> Result<Option<HttpRequest>, Outcome> {
        let Some(answer) = answer else {
            return if self.state.at == At::Start {
                Ok(None)
            } else {
                Err(fault("out_of_turn", "an answer is missing"))
            };
        };
        let at = self.state.at;
        if matches!(at, At::Start | At::Ended) {
            return Err(fault("out_of_turn", "an answer came, but nothing was asked"));
        }
        let verdict = match answer {
            Answer::Response { status, headers, body } => {
                self.scene.answered(status, headers, body);
                None
            }
            Answer::NotSent { why } => Some((Class::Throttled, why)),
            Answer::Lost { why } => Some((Class::Unknown, why)),
        };
        let verdict = match verdict {
            Some((class, message)) => {
                Verdict { class, code: "no_answer".to_owned(), message, retry_after: None }
            }
            None if at == At::Find && self.absent()? => return self.not_found().map(|()| None),
            None => verdict_of(self)?,
        };
        match at {
            At::Lookup(n) => self.take_lookup(n, verdict).map(|()| None),
            At::Find => self.take_page(verdict),
            At::Stage(n) => self.take_stage(n, verdict).map(|()| None),
            At::Start | At::Ended => Ok(None),
        }
    }

    fn absent(&self) -> Result<bool, Outcome> {
        let rule = self.op.plan.find.as_ref().and_then(|find| find.absent_if.as_ref());
        rule.map_or(Ok(false), |program| self.scene.holds(program)).map_err(|failed| unmapped(&failed))
    }

    fn take_lookup(&mut self, n: usize, verdict: Verdict) -> Result<(), Outcome> {
        let lookup = &self.op.plan.lookups[n];
        if verdict.class != Class::Done {
            return Err(read_failed(&format!("the look-up of {}", lookup.name), verdict, self.known()));
        }
        let value = self.scene.first(&lookup.take).map_err(|failed| unmapped(&failed))?;
        if let (Val::Null, Some(code)) = (&value, &lookup.absent) {
            let verdict = Verdict {
                class: Class::Refused,
                code: code.clone(),
                message: format!("the system knows no {} for this", lookup.name),
                retry_after: None,
            };
            return Err(read_failed(&format!("the look-up of {}", lookup.name), verdict, self.known()));
        }
        self.state.lookups.push(kept(&format!("op.{}.lookup.{}.take", self.op.name, lookup.name), &value)?);
        self.scene.look_up(&lookup.name, value);
        Ok(())
    }

    fn take_page(&mut self, verdict: Verdict) -> Result<Option<HttpRequest>, Outcome> {
        let Some(find) = &self.op.plan.find else { return Ok(None) };
        if verdict.class != Class::Done {
            return Err(read_failed("the look-up", verdict, self.known()));
        }
        let (most, each) = match &find.gather {
            Some(program) => (GATHERED, Some(program)),
            None => (1, find.matching.as_ref()),
        };
        let matches = match each {
            Some(program) => self.scene.some(program, most + 1).map_err(|failed| unmapped(&failed))?,
            None => vec![self.scene.body().clone()],
        };
        let real = matches.into_iter().filter(|value| !matches!(value, Val::Null | Val::Bool(false)));
        for value in real {
            self.state.matches.push(kept(&format!("op.{}.find.match", self.op.name), &value)?);
        }
        if self.state.matches.len() > most {
            if find.gather.is_some() {
                let why = format!("the look-up of {} gathers more than {GATHERED} things", self.op.name);
                return Err(fault("too_many_pages", why));
            }
            let message = format!(
                "more than one thing over there carries {}: look at them before anything is sent",
                self.command.key
            );
            return Err(fault("ambiguous", message));
        }
        let next = find.page.as_ref().map(|program| self.scene.first(program)).transpose();
        let next = next
            .map_err(|failed| unmapped(&failed))?
            .filter(|value| !matches!(value, Val::Null | Val::Bool(false)));
        if let Some(params) = next {
            self.state.pages += 1;
            if self.state.pages >= PAGES {
                return Err(fault(
                    "too_many_pages",
                    format!("the look-up of {} runs over {PAGES} pages", self.op.name),
                ));
            }
            self.scene.turn_to(params.clone());
            return build(self.core, &self.op.plan, &find.call, self.scene, Some(&params), None).map(Some);
        }
        if find.gather.is_some() {
            let list = format!("[{}]", std::mem::take(&mut self.state.matches).join(","));
            self.scene.find(crate::json::parse(&Bytes::from(list)).unwrap_or_default());
            return self.seen(find).map(|()| None);
        }
        match self.state.matches.pop() {
            Some(found) => {
                self.scene.find(crate::json::parse(&Bytes::from(found)).unwrap_or_default());
                self.seen(find).map(|()| None)
            }
            None => self.not_found().map(|()| None),
        }
    }

    /// Something was found; whether it is what was looked for, a rule of the look-up may say.
    fn seen(&mut self, find: &Find) -> Result<(), Outcome> {
        let none = find.none_if.as_ref().map_or(Ok(false), |program| self.scene.holds(program));
        if none.map_err(|failed| unmapped(&failed))? { self.missing() } else { Ok(()) }
    }

    fn not_found(&mut self) -> Result<(), Outcome> {
        self.scene.find(Val::Null);
        self.missing()
    }

    /// What was looked for is not there: what that means depends on why it was looked for.
    fn missing(&self) -> Result<(), Outcome> {
        if self.known().begun {
            return Err(Outcome::Unknown {
                why: format!("{} was answered as done, but cannot be found yet", self.op.name),
            });
        }
        if self.state.agains > 0 || self.mode == Mode::First {
            return Ok(());
        }
        Err(Outcome::Absent)
    }

    fn take_stage(&mut self, n: usize, verdict: Verdict) -> Result<(), Outcome> {
        let begun = self.known().begun;
        let open = |why: String| Outcome::Unknown { why };
        let partly = |message: &str| {
            open(format!(
                "stage {} of {} was not done ({message}) after an earlier one was",
                n + 1,
                self.op.name
            ))
        };
        match verdict.class {
            Class::Done => {}
            Class::Accepted => {
                let result = json_of(&self.scene.raw).or_else(|| retail::envelope::json("").ok());
                return Err(
                    result.map_or_else(|| open(verdict.message), |result| Outcome::Accepted { result })
                );
            }
            Class::Refused => return Err(Outcome::Refused { code: verdict.code, message: verdict.message }),
            Class::Throttled if begun => return Err(partly(&verdict.message)),
            Class::Throttled => return Err(Outcome::Throttled { retry_after: verdict.retry_after }),
            Class::Unknown => return Err(open(verdict.message)),
            Class::Unauthorised => return Err(unauthorised(&verdict)),
            Class::Fault => return Err(fault(&verdict.code, verdict.message)),
            Class::Again if self.op.plan.find.is_none() => {
                return Err(Outcome::Throttled { retry_after: verdict.retry_after });
            }
            Class::Again => {
                self.state.agains += 1;
                if self.state.agains > AGAIN {
                    return Err(open(format!(
                        "answered {AGAIN} times that it must be tried again: {}",
                        verdict.message
                    )));
                }
                self.state.find_next = true;
                return Ok(());
            }
        }
        self.state.ran[n] = true;
        self.state.last = self.scene.raw.to_vec();
        match &self.op.plan.stages[n].found {
            Some(program) => {
                let found = self.scene.first(program).map_err(|failed| unmapped(&failed))?;
                self.scene.find(found);
            }
            None if self.op.plan.find.is_some() => self.state.find_next = true,
            // Without a look-up nothing asks for what is found but the result, which may be the body itself.
            None if matches!(self.op.plan.result, ResultFrom::Body) => {}
            None => {
                let found = self.scene.body().clone();
                self.scene.find(found);
            }
        }
        Ok(())
    }

    /// The next request: a value to look up, the find, or the first stage that is not done.
    fn go_on(&mut self) -> Request {
        let plan = &self.op.plan;
        if let Some(lookup) = plan.lookups.get(self.state.lookups.len()) {
            self.state.at = At::Lookup(self.state.lookups.len());
            return build(self.core, plan, &lookup.call, self.scene, None, None);
        }
        if let (true, Some(find)) = (self.state.find_next, &plan.find) {
            self.state.find_next = false;
            self.state.pages = 0;
            self.state.matches.clear();
            self.state.at = At::Find;
            return build(self.core, plan, &find.call, self.scene, None, None);
        }
        for (n, stage) in plan.stages.iter().enumerate() {
            let done = match &stage.done_if {
                Some(program) => self.scene.holds(program).map_err(|failed| unmapped(&failed))?,
                None => self.state.ran[n] || !matches!(self.scene.found(), Val::Null | Val::Bool(false)),
            };
            if done {
                continue;
            }
            if self.state.ran[n] {
                let why = format!(
                    "stage {} of {} was answered as done, but is not seen done yet",
                    n + 1,
                    self.op.name
                );
                return Err(Outcome::Unknown { why });
            }
            self.state.at = At::Stage(n);
            // Later stages call other things: their keys must differ from the first one's.
            let mut key =
                if n == 0 { self.command.key.clone() } else { format!("{}/{}", self.command.key, n + 1) };
            if let Some(renewed) = self.renewed {
                key = format!("{key}~{}", renewed.0);
            }
            self.scene.send_under(&key);
            return build(self.core, plan, &stage.call, self.scene, None, Some(key));
        }
        Err(self.settled().unwrap_or_else(|failed| unmapped(&failed)))
    }

    /// Every stage is done: what there is to say about it.
    fn settled(&self) -> Result<Outcome, Failed> {
        let plan = &self.op.plan;
        if plan.refused_if.as_ref().map_or(Ok(false), |program| self.scene.holds(program))? {
            let code = plan.refused_code.as_ref().map(|program| self.scene.text(program)).transpose()?;
            let code = code.unwrap_or_else(|| "refused".to_owned());
            return Ok(Outcome::Refused {
                message: format!("{} was taken and then failed: {code}", self.op.name),
                code,
            });
        }
        let result = match &plan.result {
            ResultFrom::Body => json_of(&self.state.last),
            ResultFrom::Program(program) => {
                let value = self.scene.first(program)?;
                serde_json::value::RawValue::from_string(write(&value).map_err(|why| program.failed(why))?)
                    .ok()
            }
        };
        let Some(result) = result else {
            return Ok(fault(
                "mapping_failed",
                format!("op.{}.result: the answer's body is not JSON", self.op.name),
            ));
        };
        let accepted = plan.accepted_if.as_ref().map_or(Ok(false), |program| self.scene.holds(program))?;
        Ok(if accepted { Outcome::Accepted { result } } else { Outcome::Done { result } })
    }
}

fn verdict_of(step: &Step<'_, '_>) -> Result<Verdict, Outcome> {
    verdict(&step.core.manifest.rules, step.scene, step.now).map_err(|failed| unmapped(&failed))
}

fn kept(what: &str, value: &Val) -> Result<String, Outcome> {
    write(value).map_err(|why| fault("mapping_failed", format!("{what}: {why}")))
}

fn json_of(bytes: &[u8]) -> Option<Json> {
    serde_json::value::RawValue::from_string(String::from_utf8(bytes.to_vec()).ok()?).ok()
}

fn unauthorised(verdict: &Verdict) -> Outcome {
    fault("unauthorised", format!("{}: the connection's credentials are not accepted", verdict.message))
}

/// A read that brought nothing. It changed nothing either, so what it means depends on whether an effect
/// may be out there: if so, the command stays open; a refusal of the *look-up* never settles it.
fn read_failed(what: &str, verdict: Verdict, known: Known) -> Outcome {
    let open = known.begun || known.mode == Mode::Find;
    let why = format!("{what}: {}", verdict.message);
    match verdict.class {
        Class::Unauthorised => unauthorised(&verdict),
        Class::Fault => fault(&verdict.code, why),
        Class::Throttled if !known.begun => Outcome::Throttled { retry_after: verdict.retry_after },
        _ if open => Outcome::Unknown { why },
        Class::Refused => Outcome::Refused { code: verdict.code, message: why },
        _ => Outcome::Throttled { retry_after: verdict.retry_after },
    }
}
