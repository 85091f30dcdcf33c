//! Compiles the manifest's head: name, roles, settings, HTTP, limits, classes.

use super::{Class, Cost, Encode, Http, Knob, LimitRules, Manifest, Rule, Setting, Support, Version, event};
use crate::Folder;
use crate::jq::{Library, Origin, Program};
use crate::template::{Part, Piece, Template, plain_member, split};
use formats::toml::{Fault, Fields, Node, Reading, Source, Text, nearest, parse_span_ms};
use retail::time::Span;
use std::collections::BTreeMap;

/// The one file every connector has.
pub(crate) const MANIFEST: &str = "connector.toml";

/// What to do where a manifest is not enough.
pub(super) const OWN_PROGRAM: &str = "a program of its own on the canonical contract";

/// A mapping longer than this wants a program of its own on the canonical contract.
const JQ_LINES: usize = 60;

/// What the parts of a manifest are compiled with.
pub(crate) struct Build<'a> {
    pub reading: &'a Reading<'a>,
    library: Library<'a>,
    files: &'a BTreeMap<String, String>,
    pub conf: BTreeMap<String, Setting>,
    pub secrets: BTreeMap<String, Setting>,
}

/// Where a template stands decides what may fill it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Base,
    Path,
    Header,
    Name,
}

pub(crate) fn compile(folder: &Folder) -> Result<Manifest, Vec<Fault>> {
    let Some(text) = folder.files.get(MANIFEST) else {
        let whole = Source { file: MANIFEST, text: "" };
        return Err(vec![whole.fault(0, "", "the folder has no manifest", "a file connector.toml")]);
    };
    formats::toml::read(MANIFEST, text, |root| read(root, folder))
}

fn read<'a>(mut root: Fields<'a>, folder: &'a Folder) -> Option<Manifest> {
    let reading = root.reading();
    let conf = root.get("conf").map(|node| settings(&node)).unwrap_or_default();
    let secrets = root.get("secret").map(|node| settings(&node)).unwrap_or_default();
    let maps = root.get("map").map(|node| super::map::maps(&node)).unwrap_or_default();
    let build = Build { reading, library: Library::new(&folder.files), files: &folder.files, conf, secrets };
    build.lengths();

    let name =
        root.need("name", "name = \"stripe\"").and_then(|node| node.text()).map(|text| text.value.to_owned());
    let roles = root.need("roles", "roles = [\"payments\"]").map(|node| roles(&node));
    let words = [Support::Certified, Support::Recorded, Support::Documented].map(|s| (s.word(), s));
    let support = root.need("support", "support = \"recorded\"").and_then(|node| node.word(&words));
    let version = root.get("version").and_then(|node| version(&node));
    for concept in ["session", "lookup", "page", "envelope"] {
        root.unavailable(concept, OWN_PROGRAM);
    }
    let http_node = root.get("http");
    let http = http_node.as_ref().and_then(|node| build.http(node));
    let limits = root.get("limits").map(|node| build.limits(&node)).unwrap_or_default();
    let rules = root.get("classify").map(|node| node.items()).unwrap_or_default();
    let rules: Vec<Option<Rule>> = rules.iter().map(|node| build.rule(node)).collect();
    let roles = roles.unwrap_or_default();
    let encode = http.as_ref().map_or(Encode::Json, |http| http.encode);
    let timeout = http.as_ref().map_or(TIMEOUT, |http| http.timeout);
    let op_node = root.get("op");
    if let (Some(node), None) = (&op_node, &http_node) {
        node.fault("operations need an [http] table", "[http] with base = \"{conf.url}\"");
    }
    let ops =
        op_node.and_then(|node| node.fields()).map(|fields| build.ops(&fields, &roles, encode, timeout));
    let poll_node = root.get("poll");
    let polls = poll_node.as_ref().map(names).unwrap_or_default();
    let intake = root.get("intake").and_then(|node| build.intake(&node, &polls)).unwrap_or_default();
    let nodes = root.get("event").map(|node| node.items()).unwrap_or_default();
    let events: Vec<_> = nodes.iter().map(|node| build.event(node, &intake)).collect();
    event::clashes(&nodes, &events);
    if let (Some(node), None) = (&poll_node, &http_node) {
        node.fault("a poll needs an [http] table", "[http] with base = \"{conf.url}\"");
    }
    let polls = poll_node.and_then(|node| node.fields()).map(|fields| build.polls(&fields, encode, timeout));
    let list_node = root.get("list");
    if let (Some(node), None) = (&list_node, &http_node) {
        node.fault("a list needs an [http] table", "[http] with base = \"{conf.url}\"");
    }
    let lists = list_node.and_then(|node| node.fields()).map(|fields| build.lists(&fields, encode, timeout));
    root.done();
    Some(Manifest {
        name: name?,
        roles,
        support: support?,
        version,
        conf: build.conf,
        secrets: build.secrets,
        maps,
        http: http.unwrap_or_else(|| Http {
            base: Template { parts: vec![Part::Url] },
            encode: Encode::None,
            headers: Vec::new(),
            timeout: TIMEOUT,
        }),
        limits,
        rules: rules.into_iter().collect::<Option<_>>()?,
        ops: ops.unwrap_or_default().into_iter().collect::<Option<_>>()?,
        events: events.into_iter().collect::<Option<_>>()?,
        unmeant: intake.unmeant,
        wakes: intake.wakes,
        waking: intake.signature,
        polls: polls.unwrap_or_default().into_iter().collect::<Option<_>>()?,
        lists: lists.unwrap_or_default().into_iter().collect::<Option<_>>()?,
    })
}

/// How long an answer is waited for where the manifest does not say.
const TIMEOUT: Span = Span::seconds(30);

impl Default for LimitRules {
    fn default() -> Self {
        Self {
            rate: Knob { conf: None, default: None },
            in_flight: Knob { conf: None, default: 8 },
            cost: None,
        }
    }
}

/// The names of the entries of a table; what else stands there is told by whoever reads it.
fn names(node: &Node<'_>) -> Vec<String> {
    let entries = node.is_table().then(|| node.fields()).flatten().map(|fields| fields.entries());
    entries.into_iter().flatten().map(|(name, _)| name.value.to_owned()).collect()
}

fn settings(node: &Node<'_>) -> BTreeMap<String, Setting> {
    let Some(fields) = node.fields() else { return BTreeMap::new() };
    let read = |(name, node): (Text<'_>, Node<'_>)| {
        let setting = if node.is_table() {
            let mut fields = node.fields()?;
            let about = fields.need("about", "about = \"what it is\"").and_then(|node| node.text());
            let optional = fields.get("optional").is_some_and(|node| node.yes());
            fields.done();
            Setting { about: about?.value.to_owned(), optional }
        } else {
            Setting { about: node.text()?.value.to_owned(), optional: false }
        };
        Some((name.value.to_owned(), setting))
    };
    fields.entries().into_iter().filter_map(read).collect()
}

fn roles(node: &Node<'_>) -> Vec<String> {
    let found: Vec<String> =
        node.items().iter().filter_map(|item| item.text().map(|t| t.value.to_owned())).collect();
    if found.is_empty() && node.is_array() {
        node.fault("a connector plays at least one role", "roles = [\"erp\"]");
    }
    found
}

fn version(node: &Node<'_>) -> Option<Version> {
    let mut fields = node.fields()?;
    let api = fields.need("api", "api = \"2026-04\"").and_then(|node| node.text());
    let sunset = fields.get("sunset").and_then(|node| {
        let text = node.text()?;
        let midnight = format!("{}T00:00:00Z", text.value);
        if retail::time::Time::parse(&midnight).is_none() {
            node.fault(format!("{:?} is not a day", text.value), "2027-04-01");
        }
        Some(text.value.to_owned())
    });
    fields.done();
    Some(Version { api: api?.value.to_owned(), sunset })
}

impl<'a> Build<'a> {
    fn lengths(&self) {
        for (file, text) in self.files.iter().filter(|(file, _)| file.ends_with(".jq")) {
            let code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
            let lines = text.lines().filter(code).count();
            if lines > JQ_LINES {
                let message = format!("{lines} lines of jq are more than the {JQ_LINES} a mapping may have");
                self.reading.push(Source { file, text }.fault(0, "", message, OWN_PROGRAM));
            }
        }
    }

    /// A program, inline or in a file of the folder (`order.jq`).
    pub fn program(&self, node: &Node<'_>) -> Option<Program> {
        let text = node.text()?;
        let is_file = text.value.ends_with(".jq") && !text.value.contains([' ', '|', '{', '(']);
        let compiled = if is_file {
            let Some(code) = self.files.get(text.value) else {
                let files = self.files.keys().map(String::as_str).filter(|f| f.ends_with(".jq"));
                let hint = nearest(text.value, files).map_or("a .jq file beside the manifest", |near| near);
                node.fault(format!("there is no file {} in this folder", text.value), hint);
                return None;
            };
            let source = Source { file: text.value, text: code };
            self.library.compile(code, Origin { source, start: 0, exact: true, path: &text.path })
        } else {
            self.inline(text.value, &text.path, text.start, text.exact)
        };
        compiled.map_err(|faults| faults.into_iter().for_each(|fault| self.reading.push(fault))).ok()
    }

    fn inline(&self, code: &str, path: &str, start: usize, exact: bool) -> Result<Program, Vec<Fault>> {
        self.library.compile(code, Origin { source: self.reading.source, start, exact, path })
    }

    pub fn template(&self, node: &Node<'_>, place: Place) -> Option<Template> {
        let text = node.text()?;
        let at = |offset: usize| if text.exact { text.start + offset } else { text.start };
        let fault = |offset: usize, message: String, hint: &str| {
            self.reading.fault(at(offset), &text.path, message, hint)
        };
        let pieces = match split(text.value) {
            Ok(pieces) => pieces,
            Err(offset) => {
                fault(offset, "a brace without its partner".to_owned(), "{{ and }} for braces themselves");
                return None;
            }
        };
        let mut parts = Vec::new();
        let mut sound = true;
        for piece in pieces {
            let part = match piece {
                Piece::Text(text) => Some(Part::Text(text.to_owned())),
                Piece::Brace(brace) => Some(Part::Text(brace.to_string())),
                Piece::Hole(inside, offset) => self.hole(inside, offset, place, &text, &fault),
            };
            match part {
                Some(part) => parts.push(part),
                None => sound = false,
            }
        }
        sound.then_some(Template { parts })
    }

    fn hole(
        &self,
        inside: &str,
        offset: usize,
        place: Place,
        text: &Text<'_>,
        fault: &impl Fn(usize, String, &str),
    ) -> Option<Part> {
        let declared = |table: &'static str, name: &str, known: &BTreeMap<String, Setting>| {
            if known.contains_key(name) {
                return true;
            }
            let near = nearest(name, known.keys().map(String::as_str));
            let hint =
                near.map_or_else(|| format!("[{table}] {name} = \"what it is\""), |n| format!("{table}.{n}"));
            fault(offset, format!("{table}.{name} is not declared"), &hint);
            false
        };
        if inside == "conf.url" {
            return Some(Part::Url);
        }
        if let Some(name) = inside.strip_prefix("conf.") {
            return declared("conf", name, &self.conf).then(|| Part::Conf(name.to_owned()));
        }
        if let Some(name) = inside.strip_prefix("secret.") {
            if place != Place::Header {
                fault(
                    offset,
                    "a secret may stand in a header only: addresses are logged".to_owned(),
                    "[http] headers",
                );
                return None;
            }
            return declared("secret", name, &self.secrets).then(|| Part::Secret(name.to_owned()));
        }
        if !inside.starts_with('.') || place == Place::Base {
            let hint = if place == Place::Base {
                "{conf.name}"
            } else {
                "{conf.name}, {secret.name}, or jq that begins with a dot: {.args.id}"
            };
            fault(offset, format!("`{inside}` cannot fill a place here"), hint);
            return None;
        }
        if let Some(steps) = plain_member(inside) {
            return Some(Part::Member(steps));
        }
        let start = if text.exact { text.start + offset } else { text.start };
        match self.inline(inside, &text.path, start, text.exact) {
            Ok(program) => Some(Part::Expression(program)),
            Err(faults) => {
                faults.into_iter().for_each(|fault| self.reading.push(fault));
                None
            }
        }
    }

    pub fn headers(&self, node: Option<Node<'_>>) -> Vec<(String, Template)> {
        let entries = node.and_then(|node| node.fields()).map(|fields| fields.entries()).unwrap_or_default();
        let read = |(name, node): (Text<'_>, Node<'_>)| {
            let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
            if name.value.is_empty() || !name.value.chars().all(token) {
                node.fault(format!("{:?} is not a header's name", name.value), "");
                return None;
            }
            Some((name.value.to_owned(), self.template(&node, Place::Header)?))
        };
        entries.into_iter().filter_map(read).collect()
    }

    fn http(&self, node: &Node<'_>) -> Option<Http> {
        let mut fields = node.fields()?;
        let base =
            fields.need("base", "base = \"{conf.url}\"").and_then(|node| self.template(&node, Place::Base));
        let encode = match fields.get("encode") {
            None => Some(Encode::Json),
            Some(node) => encode(&node),
        };
        let headers = self.headers(fields.get("headers"));
        let timeout = fields.get("timeout").map_or(Some(TIMEOUT), |node| node.span_ms().map(Span));
        fields.unavailable("envelope", OWN_PROGRAM);
        fields.unavailable("soap", OWN_PROGRAM);
        fields.done();
        Some(Http { base: base?, encode: encode?, headers, timeout: timeout? })
    }

    fn limits(&self, node: &Node<'_>) -> LimitRules {
        let mut rules = LimitRules::default();
        let Some(mut fields) = node.fields() else { return rules };
        if let Some(knob) =
            fields.get("rate").and_then(|node| self.knob(&node, Some(None), |node| rate(node).map(Some)))
        {
            rules.rate = knob;
        }
        if let Some(knob) =
            fields.get("in_flight").and_then(|node| self.knob(&node, None, |node| node.count()))
        {
            rules.in_flight = knob;
        }
        rules.cost = fields.get("cost").and_then(|node| self.cost(&node));
        fields.done();
        rules
    }

    fn cost(&self, node: &Node<'_>) -> Option<Cost> {
        let mut fields = node.fields()?;
        let left = fields
            .need("left", "left = '.body.extensions.cost.throttleStatus.currentlyAvailable'")
            .and_then(|node| self.program(&node));
        let restore = fields
            .need("restore", "restore = '.body.extensions.cost.throttleStatus.restoreRate': in a second")
            .and_then(|node| self.program(&node));
        let keep =
            fields.need("keep", "keep = 200: what a costly call may need").and_then(|node| node.count());
        fields.done();
        Some(Cost { left: left?, restore: restore?, keep: keep? })
    }

    /// A limit as it stands, or `{ conf = "name", default = … }`; `without` is the default's default.
    pub fn knob<T>(
        &self,
        node: &Node<'_>,
        without: Option<T>,
        read: impl Fn(&Node<'_>) -> Option<T>,
    ) -> Option<Knob<T>> {
        if !node.is_table() {
            return Some(Knob { conf: None, default: read(node)? });
        }
        let mut fields = node.fields()?;
        let conf = fields.need("conf", "conf = \"rate\"").and_then(|node| {
            let name = node.text()?.value.to_owned();
            if !self.conf.contains_key(&name) {
                node.fault(format!("conf.{name} is not declared"), format!("[conf] {name} = \"what it is\""));
            }
            Some(name)
        });
        let default = match (fields.get("default"), without) {
            (Some(node), _) => read(&node),
            (None, Some(without)) => Some(without),
            (None, None) => fields.need("default", "default = 8").and_then(|node| read(&node)),
        };
        fields.done();
        Some(Knob { conf: Some(conf?), default: default? })
    }

    fn rule(&self, node: &Node<'_>) -> Option<Rule> {
        let mut fields = node.fields()?;
        let statuses = fields.get("status").map(|node| statuses(&node)).unwrap_or_default();
        let when = fields.get("when");
        if when.is_none() && statuses.is_empty() {
            fields.fault("a rule needs `when` or `status`", "status = [404, 409] or when = '.body.error'");
        }
        let when = when.map(|node| self.program(&node));
        let class = fields.need("class", "class = \"refused\"").and_then(|node| node.word(&CLASSES));
        let code = fields.get("code").map(|node| self.program(&node));
        let message = fields.get("message").map(|node| self.program(&node));
        fields.done();
        let whole = |part: Option<Option<Program>>| part.map_or(Some(None), |inner| inner.map(Some));
        Some(Rule {
            statuses,
            when: whole(when)?,
            class: class?,
            code: whole(code)?,
            message: whole(message)?,
        })
    }

    /// An optional program: absent is fine, faulty is not.
    pub fn optional(&self, fields: &mut Fields<'_>, name: &'static str) -> Option<Option<Program>> {
        match fields.get(name) {
            None => Some(None),
            Some(node) => self.program(&node).map(Some),
        }
    }
}

const CLASSES: [(&str, Class); 8] = [
    ("done", Class::Done),
    ("accepted", Class::Accepted),
    ("refused", Class::Refused),
    ("throttled", Class::Throttled),
    ("unknown", Class::Unknown),
    ("unauthorised", Class::Unauthorised),
    ("fault", Class::Fault),
    ("again", Class::Again),
];

fn encode(node: &Node<'_>) -> Option<Encode> {
    if node.text().is_some_and(|text| text.value == "xml") {
        node.fault("xml is not available in this version", "json, form or none");
        return None;
    }
    node.word(&[("json", Encode::Json), ("form", Encode::Form), ("none", Encode::None)])
}

fn statuses(node: &Node<'_>) -> Vec<u16> {
    let read = |item: &Node<'_>| {
        let status = item.count()?;
        match u16::try_from(status) {
            Ok(status) if (100..600).contains(&status) => Some(status),
            _ => {
                item.fault(format!("{status} is not an HTTP status"), "100 to 599");
                None
            }
        }
    };
    node.items().iter().filter_map(read).collect()
}

/// `90/s`, `2/m`, `6000/5m`: calls per second.
fn rate(node: &Node<'_>) -> Option<f64> {
    let text = node.text()?;
    let parsed = parse_rate(text.value);
    if parsed.is_none() {
        node.fault(format!("{:?} is not a rate", text.value), "90/s or 6000/5m");
    }
    parsed
}

/// Calls per second of `90/s`, `2/m`, `6000/5m`.
pub(crate) fn parse_rate(text: &str) -> Option<f64> {
    let (count, per) = text.split_once('/')?;
    let per = if per.starts_with(|c: char| c.is_ascii_digit()) {
        parse_span_ms(per)?
    } else {
        parse_span_ms(&format!("1{per}"))?
    };
    let count: u32 = count.trim().parse().ok().filter(|n| *n > 0)?;
    let millis = u32::try_from(per).ok().filter(|ms| *ms > 0)?;
    Some(f64::from(count) * 1_000.0 / f64::from(millis))
}
