//! A manifest, compiled. Reading it finds every fault at once; running it later finds none of its own.

mod build;
mod call;
mod event;
mod list;
mod map;
mod op;
mod poll;
mod reference;
mod wake;

pub(crate) use build::{compile, parse_rate};
pub use map::ValueMap;
pub use reference::reference;
pub(crate) use wake::Wake;

use crate::jq::Program;
use crate::sign::Scheme;
use crate::template::Template;
use retail::listing::ListKind;
use retail::time::Span;
use std::collections::BTreeMap;

/// How far a connector has been tried.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Support {
    /// Against the real system.
    Certified,
    /// Against real, recorded payloads.
    Recorded,
    /// From documentation alone.
    Documented,
}

impl Support {
    /// The word in a manifest.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Certified => "certified",
            Self::Recorded => "recorded",
            Self::Documented => "documented",
        }
    }
}

/// The vendor's version of its interface, for which the connector is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// As the vendor names it.
    pub api: String,
    /// The day (`2027-04-01`) from which the vendor no longer answers it.
    pub sunset: Option<String>,
}

/// A setting or secret that a connection must bring.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// What it is, for whoever fills it in.
    pub about: String,
    /// True where the connector works without it.
    pub optional: bool,
}

/// How sending again is kept from doing twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strategy {
    /// The vendor remembers a key for `keeps` from its first use.
    Key { keeps: Span },
    /// Looked up by our reference, then created.
    Reference,
    /// Read, then compared and set; the newest target wins.
    State,
    /// Written under an id of ours; may be repeated freely.
    Name,
    /// Nothing helps: a person decides.
    None,
}

impl Strategy {
    /// The word in a manifest.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Key { .. } => "key",
            Self::Reference => "reference",
            Self::State => "state",
            Self::Name => "name",
            Self::None => "none",
        }
    }
}

/// One canonical operation that a connector offers.
#[derive(Debug)]
pub struct Op {
    pub name: String,
    /// The role whose operation it is.
    pub role: String,
    pub idempotency: Strategy,
    /// The vendor's longest execution plus its index lag: absence is proof only after it. Present wherever
    /// there is a look-up; a connection's setting may say otherwise for its system.
    pub(crate) settle: Option<Knob<Span>>,
    /// After this long without an answer a person must look.
    pub give_up: Option<Span>,
    pub(crate) plan: Plan,
}

impl Op {
    /// True where the effect can be looked up.
    #[must_use]
    pub fn has_find(&self) -> bool {
        self.plan.find.is_some()
    }
}

#[derive(Debug)]
pub(crate) struct Plan {
    pub key_header: Option<String>,
    pub timeout: Span,
    pub lookups: Vec<Lookup>,
    pub find: Option<Find>,
    pub stages: Vec<Stage>,
    pub accepted_if: Option<Program>,
    pub refused_if: Option<Program>,
    pub refused_code: Option<Program>,
    pub result: ResultFrom,
}

impl Plan {
    /// That of a question: nothing is looked up or done.
    fn bare(timeout: Span) -> Self {
        Self {
            key_header: None,
            timeout,
            lookups: Vec::new(),
            find: None,
            stages: Vec::new(),
            accepted_if: None,
            refused_if: None,
            refused_code: None,
            result: ResultFrom::Body,
        }
    }
}

#[derive(Debug)]
pub(crate) enum ResultFrom {
    /// What the last answer said, as it said it.
    Body,
    Program(Program),
}

#[derive(Debug)]
pub(crate) struct Find {
    pub call: Call,
    pub page: Option<Program>,
    pub matching: Option<Program>,
    /// What all pages together are made of: everything that it gives is found, as one list.
    pub gather: Option<Program>,
    pub absent_if: Option<Program>,
    /// Over what was found: whether the thing itself is not among it. What was found is kept.
    pub none_if: Option<Program>,
    /// Whether it is looked for before a first send too.
    pub first: bool,
}

#[derive(Debug)]
pub(crate) struct Stage {
    pub done_if: Option<Program>,
    pub call: Call,
    pub found: Option<Program>,
}

#[derive(Debug)]
pub(crate) struct Lookup {
    pub name: String,
    pub call: Call,
    pub take: Program,
    /// The code with which the command is refused when there is no such value.
    pub absent: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub method: &'static str,
    pub path: Template,
    pub query: Option<Program>,
    pub body: Body,
    pub headers: Vec<(String, Template)>,
}

#[derive(Debug)]
pub(crate) enum Body {
    None,
    /// The command's arguments, as they came.
    Args,
    Program(Program),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Encode {
    Json,
    Form,
    None,
}

#[derive(Debug)]
pub(crate) struct Http {
    pub base: Template,
    pub encode: Encode,
    pub headers: Vec<(String, Template)>,
    pub timeout: Span,
}

/// A limit that stands in the manifest or comes from the connection's settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Knob<T> {
    pub conf: Option<String>,
    pub default: T,
}

#[derive(Debug)]
pub(crate) struct LimitRules {
    pub rate: Knob<Option<f64>>,
    pub in_flight: Knob<u32>,
    pub cost: Option<Cost>,
}

/// A budget in the vendor's own unit, read off its answers.
#[derive(Debug)]
pub(crate) struct Cost {
    /// What is left of it.
    pub left: Program,
    /// How much of it comes back in a second.
    pub restore: Program,
    /// How much is to be left: below it the system is given time.
    pub keep: u32,
}

/// What an answer means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    Done,
    Accepted,
    Refused,
    Throttled,
    Unknown,
    Unauthorised,
    /// Our own fault: a person must look.
    Fault,
    /// Find, and go on from there.
    Again,
}

#[derive(Debug)]
pub(crate) struct Rule {
    /// Statuses for which the rule is asked at all; empty means all.
    pub statuses: Vec<u16>,
    pub when: Option<Program>,
    pub class: Class,
    pub code: Option<Program>,
    pub message: Option<Program>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Signature {
    pub scheme: Scheme,
    /// The name of the connection's secret.
    pub secret: String,
    pub tolerance: Span,
}

#[derive(Debug)]
pub(crate) enum Dedupe {
    /// Members of the message, joined.
    Pointers(Vec<Vec<String>>),
    Program(Program),
}

#[derive(Debug)]
pub(crate) struct EventRule {
    pub kind: String,
    pub signature: Signature,
    pub dedupe: std::sync::Arc<Dedupe>,
    pub way: Way,
}

#[derive(Debug)]
pub(crate) enum Way {
    /// The data of a CloudEvent, kept as it came.
    /// Named by the first of these whose members are all there.
    Passthrough(Vec<PassedName>),
    Mapped(Box<Mapped>),
}

#[derive(Debug)]
pub(crate) struct Mapped {
    pub when: Option<Program>,
    pub map: Program,
    pub name: Program,
    pub occurred: Option<Program>,
    pub first_counts: bool,
}

/// How an event that passes through is named: a kind, and pieces whose texts are joined to a value.
#[derive(Debug)]
pub(crate) struct PassedName {
    pub kind: String,
    pub pieces: Vec<NameFrom>,
}

#[derive(Debug)]
pub(crate) enum NameFrom {
    Pointer(Vec<String>),
    Template(Template),
}

/// A question for messages that a system should have sent by itself.
#[derive(Debug)]
pub(crate) struct Poll {
    pub name: String,
    pub every: Knob<Span>,
    /// A setting without which the system is not asked.
    pub only_with: Option<String>,
    /// How far before a cursor that is a time each run begins.
    pub overlap: Option<Knob<Span>>,
    pub call: Call,
    /// The messages of a page, each `{headers?, body}`.
    pub items: Program,
    /// Where to go on after the page.
    pub cursor: Program,
    /// Whether asking again at once brings more.
    pub more: Option<Program>,
    pub plan: Plan,
}

/// A question for what a system says it has.
#[derive(Debug)]
pub(crate) struct List {
    pub kind: ListKind,
    /// A setting without which the system is not asked.
    pub only_with: Option<String>,
    pub call: Call,
    /// What the next page is asked for with; none where there is no more.
    pub page: Option<Program>,
    /// Over an answer, whatever its status: whether it says that the system keeps no such list.
    pub none_if: Option<Program>,
    /// The rows of a page.
    pub rows: Program,
    pub plan: Plan,
}

/// A whole connector, compiled.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub name: String,
    pub roles: Vec<String>,
    pub support: Support,
    pub version: Option<Version>,
    pub conf: BTreeMap<String, Setting>,
    pub secrets: BTreeMap<String, Setting>,
    pub maps: BTreeMap<String, ValueMap>,
    pub http: Http,
    pub limits: LimitRules,
    pub rules: Vec<Rule>,
    pub ops: Vec<Op>,
    pub events: Vec<EventRule>,
    pub polls: Vec<Poll>,
    pub lists: Vec<List>,
    pub unmeant: Unmeant,
    /// What messages without an event wake, and what those bear that may.
    pub wakes: Vec<Wake>,
    pub waking: Option<Signature>,
}

/// What becomes of messages that no event is made of.
#[derive(Debug, Default)]
pub(crate) struct Unmeant {
    /// Tells a message's topic, and how that is written in the manifest.
    pub topic: Option<(String, Program)>,
    /// Topics that are left alone: whole, or up to a `*` at the end.
    pub leaves: Vec<String>,
    /// Over the message: whether this one is left alone, whatever its topic.
    pub leaves_if: Option<Program>,
}

impl Unmeant {
    /// Whether messages of a topic are of no concern.
    pub fn leaves(&self, topic: &str) -> bool {
        self.leaves.iter().any(|left| match left.strip_suffix('*') {
            Some(start) => topic.starts_with(start),
            None => left == topic,
        })
    }
}
