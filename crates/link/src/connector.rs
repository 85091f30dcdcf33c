//! A connector: a folder of data, compiled once, run by many.

use crate::core::Core;
use crate::http::{Answer, Endpoint, HttpRequest, InboundRequest};
use crate::intake::{self, Intake};
use crate::list::Listing;
use crate::manifest::{self, Knob, Op, Setting, Support, ValueMap, Version};
use crate::poll::{self, Polled};
use crate::request::fault;
use crate::run::{Mode, Run};
use crate::scene::setting;
use formats::toml::Fault;
use retail::envelope::{Command, Event, Outcome};
use retail::listing::ListKind;
use retail::time::{Span, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The files of a connector as texts; reading them from wherever they lie is the caller's.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Folder {
    /// Path within the folder (`connector.toml`, `cases/refund.json`) to text.
    pub files: BTreeMap<String, String>,
}

/// How much a system may be asked at once.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limits {
    /// Calls per second; none means no limit of its own.
    pub rate_per_second: Option<f64>,
    /// Calls under way at the same time.
    pub in_flight: u32,
}

/// A compiled connector. Cheap to clone; may be shared between threads.
#[derive(Clone, Debug)]
pub struct Connector {
    core: Arc<Core>,
}

impl Connector {
    /// Compiles a folder. Files of `overlay` take the place of those with the same path, so that a
    /// retailer's own mapping stands beside the connector and not in it; the manifest itself cannot be
    /// overlaid.
    ///
    /// # Errors
    /// Every fault of the folder at once, each with its place.
    pub fn compile(folder: &Folder, overlay: Option<&Folder>) -> Result<Self, Vec<Fault>> {
        let manifest = match overlay {
            None => manifest::compile(folder)?,
            Some(overlay) => {
                let mut merged = folder.clone();
                for (path, text) in &overlay.files {
                    let known = folder.files.contains_key(path) && path.as_str() != "connector.toml";
                    if path.ends_with(".jq") && known {
                        merged.files.insert(path.clone(), text.clone());
                        continue;
                    }
                    let hint = "the name of one of the connector's .jq files";
                    return Err(vec![Fault {
                        file: path.clone(),
                        line: 1,
                        column: 1,
                        path: String::new(),
                        message:
                            "an overlay takes the place of a mapping, and the connector has none of this name"
                                .to_owned(),
                        hint: hint.to_owned(),
                    }]);
                }
                manifest::compile(&merged)?
            }
        };
        Ok(Self { core: Arc::new(Core::new(manifest)) })
    }

    /// The vendor's or product's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.core.manifest.name
    }

    /// The roles it plays.
    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.core.manifest.roles
    }

    /// How far it has been tried.
    #[must_use]
    pub fn support(&self) -> Support {
        self.core.manifest.support
    }

    /// The vendor's interface version, where it has one.
    #[must_use]
    pub fn version(&self) -> Option<&Version> {
        self.core.manifest.version.as_ref()
    }

    /// The settings that a connection brings.
    #[must_use]
    pub fn conf(&self) -> &BTreeMap<String, Setting> {
        &self.core.manifest.conf
    }

    /// The secrets that a connection brings.
    #[must_use]
    pub fn secrets(&self) -> &BTreeMap<String, Setting> {
        &self.core.manifest.secrets
    }

    /// What it translates by; a connection may bring entries of its own, as `conf.maps`.
    #[must_use]
    pub fn maps(&self) -> &BTreeMap<String, ValueMap> {
        &self.core.manifest.maps
    }

    /// Its operations, in the manifest's order.
    #[must_use]
    pub fn ops(&self) -> &[Op] {
        &self.core.manifest.ops
    }

    /// The operation of this name.
    #[must_use]
    pub fn op(&self, name: &str) -> Option<&Op> {
        self.core.ops.get(name).map(|n| &self.core.manifest.ops[*n])
    }

    /// The types of event that it can take in, each once.
    #[must_use]
    pub fn events(&self) -> Vec<&str> {
        let mut kinds: Vec<&str> =
            self.core.manifest.events.iter().map(|event| event.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The limits as the manifest states them.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits_for(&Endpoint::default())
    }

    /// The limits of one connection: a setting may raise or lower what the manifest states.
    #[must_use]
    pub fn limits_for(&self, endpoint: &Endpoint) -> Limits {
        let rules = &self.core.manifest.limits;
        Limits {
            rate_per_second: own(&rules.rate, endpoint, |text| manifest::parse_rate(text).map(Some)),
            in_flight: own(&rules.in_flight, endpoint, |text| text.parse().ok().filter(|n| *n > 0)),
        }
    }

    /// How long after an operation may have been sent its absence is proof; `None` where nothing can be looked up.
    #[must_use]
    pub fn settle_for(&self, op: &Op, endpoint: &Endpoint) -> Option<Span> {
        op.settle.as_ref().map(|knob| own(knob, endpoint, span))
    }

    /// Begins a command. `renewed`: when it was proven that nothing sent under its keys so far was done; the vendor
    /// then sees a key of that generation.
    ///
    /// # Errors
    /// The outcome at once, where there is nothing to send: the connector has no such operation, or the
    /// operation can neither be looked up nor repeated (`nothing_to_look_up`).
    pub fn start(
        &self,
        command: &Command,
        mode: Mode,
        endpoint: &Arc<Endpoint>,
        renewed: Option<Time>,
    ) -> Result<Run, Outcome> {
        let Some(op) = self.core.ops.get(&command.op) else {
            return Err(fault(
                "unknown_operation",
                format!("{} has no operation {}", self.name(), command.op),
            ));
        };
        Run::new(Arc::clone(&self.core), *op, command, mode, endpoint, renewed)
    }

    /// Takes an incoming message in. Limiting its size is the caller's.
    #[must_use]
    pub fn intake(
        &self,
        request: &InboundRequest<'_>,
        endpoint: &Endpoint,
        now: Time,
        tenant: &str,
    ) -> Intake {
        intake::intake(&self.core, request, request.body, endpoint, now, tenant)
    }

    /// The same for a message whose body is not what came over the wire: it was compressed, or something in it
    /// was masked. `sent` is what did come, and what is signed.
    #[must_use]
    pub fn intake_as_sent(
        &self,
        request: &InboundRequest<'_>,
        sent: &[u8],
        endpoint: &Endpoint,
        now: Time,
        tenant: &str,
    ) -> Intake {
        intake::intake(&self.core, request, sent, endpoint, now, tenant)
    }

    /// Whether messages are signed with the secret of this name.
    #[must_use]
    pub fn verifies_with(&self, secret: &str) -> bool {
        self.core.signatures.iter().any(|signature| signature.secret == secret)
    }

    /// Maps again a message that was taken in before; its signature was checked then and may since have grown
    /// too old to pass.
    #[must_use]
    pub fn understand(
        &self,
        request: &InboundRequest<'_>,
        endpoint: &Endpoint,
        now: Time,
        tenant: &str,
    ) -> Intake {
        intake::again(&self.core, request, endpoint, now, tenant)
    }

    /// Maps a message by one event alone, without signature, key or `when`: for trying a mapping by hand.
    ///
    /// # Errors
    /// In words, naming the field that could not be mapped.
    pub fn map(
        &self,
        event: &str,
        request: &InboundRequest<'_>,
        endpoint: &Endpoint,
        now: Time,
        tenant: &str,
    ) -> Result<Event, String> {
        intake::map_one(&self.core, event, request, endpoint, now, tenant)
    }

    /// What the system is asked for beside what it sends by itself.
    #[must_use]
    pub fn polls(&self) -> Vec<&str> {
        self.core.manifest.polls.iter().map(|poll| poll.name.as_str()).collect()
    }

    /// What a connection is asked for, and how often: (name, pause).
    #[must_use]
    pub fn polls_for(&self, endpoint: &Endpoint) -> Vec<(&str, Span)> {
        let wanted = self.core.manifest.polls.iter().filter(|poll| poll.wanted(endpoint));
        wanted.map(|poll| (poll.name.as_str(), own(&poll.every, endpoint, span))).collect()
    }

    /// How far before a cursor that is a time a poll's runs begin: systems stamp a change when it is begun and list it
    /// when it is committed. Zero where the manifest says nothing.
    #[must_use]
    pub fn overlap_for(&self, name: &str, endpoint: &Endpoint) -> Span {
        let knob = self.poll_called(name).ok().and_then(|poll| poll.overlap.as_ref());
        knob.map_or(Span(0), |knob| own(knob, endpoint, span))
    }

    /// Where a run begins that goes on from `cursor`: at the cursor, or before it by the poll's overlap where it is a
    /// time. Only a run's first page begins so; the pages after it go on from what the one before said.
    #[must_use]
    pub fn begin(&self, name: &str, cursor: Option<&str>, endpoint: &Endpoint) -> Option<String> {
        let overlap = self.overlap_for(name, endpoint);
        let cursor = cursor?;
        let begun = Time::parse(cursor).filter(|_| overlap.0 > 0);
        Some(begun.map_or_else(|| cursor.to_owned(), |at| at.plus(Span(-overlap.0)).to_string()))
    }

    /// The request for the messages after `cursor`; `None` for the first ever.
    ///
    /// # Errors
    /// In words: there is no such poll, or its request cannot be made.
    pub fn poll(
        &self,
        name: &str,
        cursor: Option<&str>,
        endpoint: &Endpoint,
        now: Time,
    ) -> Result<HttpRequest, String> {
        poll::request(&self.core, self.poll_called(name)?, cursor, endpoint, now)
    }

    /// What the answer to that request brought.
    #[must_use]
    pub fn polled(
        &self,
        name: &str,
        cursor: Option<&str>,
        endpoint: &Endpoint,
        now: Time,
        answer: Answer,
    ) -> Polled {
        match self.poll_called(name) {
            Ok(poll) => poll::read(&self.core, poll, cursor, endpoint, now, answer),
            Err(why) => Polled::Failed { why, retry_after: None },
        }
    }

    /// What the system can be asked to list.
    #[must_use]
    pub fn lists(&self) -> Vec<ListKind> {
        self.core.manifest.lists.iter().map(|list| list.kind).collect()
    }

    /// What a connection's system is asked to list.
    #[must_use]
    pub fn lists_for(&self, endpoint: &Endpoint) -> Vec<ListKind> {
        let lists = self.core.manifest.lists.iter();
        lists.filter(|list| list.wanted(endpoint)).map(|list| list.kind).collect()
    }

    /// Begins to ask for a list; `None` where the connector has none of the kind. Rows older than `since` may be left
    /// out by the system.
    #[must_use]
    pub fn list(&self, kind: ListKind, since: Option<Time>, endpoint: &Endpoint) -> Option<Listing> {
        let at = self.core.manifest.lists.iter().position(|list| list.kind == kind)?;
        Some(Listing::new(Arc::clone(&self.core), at, since, endpoint.clone()))
    }

    fn poll_called(&self, name: &str) -> Result<&manifest::Poll, String> {
        let found = self.core.manifest.polls.iter().find(|poll| poll.name == name);
        found.ok_or_else(|| format!("{} has no poll {name}", self.name()))
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }
}

/// What a knob stands at for a connection.
fn own<T: Copy>(knob: &Knob<T>, endpoint: &Endpoint, read: impl Fn(&str) -> Option<T>) -> T {
    let set = knob.conf.as_ref().and_then(|name| setting(endpoint, name)).and_then(|text| read(&text));
    set.unwrap_or(knob.default)
}

/// A span as a setting writes it, longer than nothing.
fn span(text: &str) -> Option<Span> {
    formats::toml::parse_span_ms(text).map(Span).filter(|span| span.0 > 0)
}
