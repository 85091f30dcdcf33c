//! What an incoming message means: signature over the raw bytes, the key under which a repeat is known,
//! and the canonical events in it.
//!
//! A program of an event sees `.path`, `.headers` (names in lower case), `.body`, and, in `name` and
//! `occurred`, `.data`, the canonical data that `map` made.

use crate::core::Core;
use crate::http::{Endpoint, InboundRequest};
use crate::jq::{Failed, Given, Program, kind, plain};
use crate::json::{self, Malformed};
use crate::manifest::{Dedupe, EventRule, Mapped, NameFrom, PassedName, Poll, Wake, Way};
use crate::scene::{setting, text, word};
use crate::sign::{Unsigned, digest};
use crate::template::Part;
use bytes::Bytes;
use jaq_json::{Map, Num, Val};
use retail::envelope::{Event, Json, Name};
use retail::time::Time;
use serde_json::value::RawValue;
use std::cell::LazyCell;

/// What becomes of an incoming message.
#[derive(Debug)]
pub enum Intake {
    /// Not taken: to be answered with `status` (400, 401).
    Refused { status: u16, code: &'static str, why: String },
    /// Well signed, and of no concern to any event: to be answered with 2xx.
    Ignored { why: String },
    /// Well signed, and saying only that something changed: to be answered with 2xx, and these polls of its connection
    /// to be asked at once.
    Wakes { polls: Vec<String> },
    /// Taken; a repeat is known by `key`. Where the first counts, a later one is a repeat whatever it says.
    Taken { key: String, events: Vec<Event>, first_counts: bool },
    /// Well signed, and not understood: to be kept and shown to a person. `why` names the field.
    Parked { key: String, code: &'static str, why: String },
}

/// Takes one message in; `sent` is what is signed.
pub(crate) fn intake(
    core: &Core,
    request: &InboundRequest<'_>,
    sent: &[u8],
    endpoint: &Endpoint,
    now: Time,
    tenant: &str,
) -> Intake {
    match signed(core, request, sent, endpoint, now) {
        Ok(signed) => {
            let wakes = core.waking.is_some_and(|n| signed[n]);
            understand(core, request, endpoint, now, tenant, &signed, wakes)
        }
        Err(refused) => refused,
    }
}

/// The same without looking at signatures, for a message whose signature was checked when it came. It wakes nothing:
/// what a poll brings must not wake it again.
pub(crate) fn again(
    core: &Core,
    request: &InboundRequest<'_>,
    endpoint: &Endpoint,
    now: Time,
    tenant: &str,
) -> Intake {
    understand(core, request, endpoint, now, tenant, &vec![true; core.signatures.len()], false)
}

fn understand(
    core: &Core,
    request: &InboundRequest<'_>,
    endpoint: &Endpoint,
    now: Time,
    tenant: &str,
    signed: &[bool],
    wakes: bool,
) -> Intake {
    let rules: Vec<&EventRule> = core
        .manifest
        .events
        .iter()
        .enumerate()
        .filter(|(n, _)| signed[core.signed_by[*n]])
        .map(|(_, rule)| rule)
        .collect();
    if rules.is_empty() && !wakes {
        return Intake::Ignored { why: "no event is signed this way".to_owned() };
    }
    let message = Message { core, request, endpoint, now, tenant, wakes };
    if !core.passing.is_empty() {
        match message.passing(core, signed) {
            Some(Ok(taken)) => return taken,
            Some(Err(malformed)) => return message.malformed(&rules, &malformed),
            None => {}
        }
    }
    match json::parse(&Bytes::copy_from_slice(request.body)) {
        Ok(body) => message.mapped(core, &rules, body),
        Err(malformed) => message.malformed(&rules, &malformed),
    }
}

/// Maps a message by the event called `kind` alone, without signature and `when`: for trying a mapping.
pub(crate) fn map_one(
    core: &Core,
    kind: &str,
    request: &InboundRequest<'_>,
    endpoint: &Endpoint,
    now: Time,
    tenant: &str,
) -> Result<Event, String> {
    let Some(rule) = core.manifest.events.iter().find(|rule| rule.kind == kind) else {
        let known: Vec<&str> = core.manifest.events.iter().map(|rule| rule.kind.as_str()).collect();
        return Err(format!("there is no event {kind} in this connector; it has {}", known.join(", ")));
    };
    let message = Message { core, request, endpoint, now, tenant, wakes: false };
    let body = json::parse(&Bytes::copy_from_slice(request.body)).map_err(|wrong| wrong.to_string())?;
    match &rule.way {
        Way::Passthrough(names) => {
            let text = std::str::from_utf8(request.body).map_err(|wrong| wrong.to_string())?;
            message.pass(&rule.kind, names, &Envelope::of(text))
        }
        Way::Mapped(mapped) => {
            let input = message.input(body);
            message.event(&rule.kind, mapped, &message.given(), &input).map_err(|failed| failed.to_string())
        }
    }
}

/// Which of the connector's signatures the message bears, over its bytes as they were sent.
fn signed(
    core: &Core,
    request: &InboundRequest<'_>,
    sent: &[u8],
    endpoint: &Endpoint,
    now: Time,
) -> Result<Vec<bool>, Intake> {
    let mut why = None;
    let mut verify = |signature: &crate::manifest::Signature| {
        let secrets = endpoint.accepted(&signature.secret, now);
        let verdict = signature.scheme.verify(request.headers, sent, &secrets, signature.tolerance, now);
        if let Err(wrong) = verdict {
            why.get_or_insert(wrong);
        }
        verdict.is_ok()
    };
    let signed: Vec<bool> = core.signatures.iter().map(&mut verify).collect();
    if signed.contains(&true) {
        return Ok(signed);
    }
    Err(match why {
        Some(why) => {
            let code = if why == Unsigned::NoSecret { "no_secret" } else { "bad_signature" };
            Intake::Refused { status: 401, code, why: why.why().to_owned() }
        }
        None => Intake::Refused {
            status: 400,
            code: "no_events",
            why: "the connector takes no messages".to_owned(),
        },
    })
}

/// The members of a message that passes through, found in one pass.
struct Envelope<'t>(Vec<(&'t str, &'t str)>);

impl<'t> Envelope<'t> {
    fn of(text: &'t str) -> Self {
        Self(json::members(text))
    }

    fn raw(&self, name: &str) -> Option<&'t str> {
        self.0
            .iter()
            .find(|(key, _)| key.len() == name.len() + 2 && &key[1..key.len() - 1] == name)
            .map(|(_, raw)| *raw)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.raw(name).and_then(json::text_of).filter(|text| !text.is_empty())
    }

    /// The text at a pointer, if there is one that is not empty.
    fn at(&self, path: &[String]) -> Option<String> {
        let (first, rest) = path.split_first()?;
        json::find(self.raw(first)?, rest).and_then(json::text_of).filter(|text| !text.is_empty())
    }
}

struct Message<'a> {
    core: &'a Core,
    request: &'a InboundRequest<'a>,
    endpoint: &'a Endpoint,
    now: Time,
    tenant: &'a str,
    /// Whether it may wake polls.
    wakes: bool,
}

fn pointer(path: &[String]) -> String {
    path.iter().fold(String::new(), |out, step| out + "/" + step)
}

impl Message<'_> {
    fn given(&self) -> Given<'_> {
        let conf = LazyCell::new(Box::new(|| self.core.conf(self.endpoint)) as Box<dyn FnOnce() -> Val>);
        Given { conf, key: Val::Null, now: text(&self.now.to_string()) }
    }

    fn input(&self, body: Val) -> Val {
        let mut headers = Map::default();
        for (name, value) in self.request.headers {
            headers.entry(text(&name.to_ascii_lowercase())).or_insert_with(|| text(value));
        }
        let mut map = Map::default();
        map.insert(word("path"), text(self.request.path));
        map.insert(word("headers"), Val::obj(headers));
        map.insert(word("body"), body);
        Val::obj(map)
    }

    fn parked(&self, key: Option<String>, code: &'static str, why: String) -> Intake {
        Intake::Parked { key: key.unwrap_or_else(|| digest(self.request.body)), code, why }
    }

    /// A body that cannot be read is kept for a person; one that is nested without end is not.
    fn malformed(&self, rules: &[&EventRule], wrong: &Malformed) -> Intake {
        if matches!(wrong, Malformed::TooDeep { .. }) {
            return Intake::Refused { status: 400, code: wrong.code(), why: wrong.to_string() };
        }
        let (given, input) = (self.given(), self.input(Val::Null));
        // What only says that something changed need not say it in JSON.
        let woken = self.woken(&given, &input, true).or_else(|| self.woken(&given, &input, false));
        if let Some(Ok(woken)) = woken {
            return woken;
        }
        let key = rules.first().and_then(|rule| match &*rule.dedupe {
            Dedupe::Program(program) => key_of(program, &given, &input).ok(),
            Dedupe::Pointers(_) => None,
        });
        self.parked(key, wrong.code(), wrong.to_string())
    }

    /// The way of a message in the hub's own shape; `None` where no event passes through under its type.
    fn passing(&self, core: &Core, signed: &[bool]) -> Option<Result<Intake, Malformed>> {
        if let Err(wrong) = json::check(self.request.body) {
            return Some(Err(wrong));
        }
        let envelope = Envelope::of(std::str::from_utf8(self.request.body).ok()?);
        let n = *core.passing.get(&envelope.text("type")?)?;
        if !signed[core.signed_by[n]] {
            return None;
        }
        let rule = &core.manifest.events[n];
        let (Dedupe::Pointers(paths), Way::Passthrough(names)) = (&*rule.dedupe, &rule.way) else {
            return None;
        };
        let mut key = String::with_capacity(64);
        for path in paths {
            let Some(part) = envelope.at(path) else {
                return Some(Ok(self.parked(
                    None,
                    "no_dedupe_key",
                    format!("{} is missing or empty", pointer(path)),
                )));
            };
            join(&mut key, &part);
        }
        Some(Ok(match self.pass(&rule.kind, names, &envelope) {
            Ok(event) => Intake::Taken { key, events: vec![event], first_counts: false },
            Err(why) => self.parked(Some(key), "mapping_failed", why),
        }))
    }

    /// Takes a CloudEvent's data as it came (CloudEvents 1.0, structured JSON).
    fn pass(&self, kind: &str, names: &[PassedName], envelope: &Envelope<'_>) -> Result<Event, String> {
        let version = envelope.text("specversion").ok_or("/specversion is missing")?;
        if version != "1.0" {
            return Err(format!("/specversion is {version:?}, and only 1.0 is known"));
        }
        let time = envelope.text("time").ok_or("/time is missing")?;
        let occurred = Time::parse(&time)
            .ok_or_else(|| format!("/time: {time:?} is not an RFC 3339 time with a zone"))?;
        let data = envelope
            .raw("data")
            .filter(|data| data.starts_with('{'))
            .ok_or("/data is missing or no object")?;
        Ok(Event {
            kind: kind.to_owned(),
            name: self.passed_name(names, envelope)?,
            occurred,
            data: raw(data.to_owned())?,
        })
    }

    /// The first name whose members are all there; where none is, what the first of them lacks.
    fn passed_name(&self, names: &[PassedName], envelope: &Envelope<'_>) -> Result<Name, String> {
        let mut lacks = None;
        for name in names {
            let pieces = name.pieces.iter().map(|piece| self.name_piece(piece, envelope));
            match pieces.collect::<Result<String, String>>() {
                Ok(value) => return Ok(Name::new(self.tenant, name.kind.as_str(), value)),
                Err(why) => lacks = lacks.or(Some(why)),
            }
        }
        Err(lacks.unwrap_or_else(|| "the event has no name".to_owned()))
    }

    fn name_piece(&self, piece: &NameFrom, envelope: &Envelope<'_>) -> Result<String, String> {
        match piece {
            NameFrom::Pointer(path) => {
                envelope.at(path).ok_or_else(|| format!("{} is missing or empty", pointer(path)))
            }
            NameFrom::Template(template) => template.parts.iter().try_fold(String::new(), |mut out, part| {
                match part {
                    Part::Text(text) => out.push_str(text),
                    Part::Conf(name) => {
                        let value = setting(self.endpoint, name);
                        out.push_str(&value.ok_or_else(|| format!("the connection has no conf.{name}"))?);
                    }
                    _ => return Err("a name takes settings only".to_owned()),
                }
                Ok(out)
            }),
        }
    }

    fn mapped(&self, core: &Core, rules: &[&EventRule], body: Val) -> Intake {
        let given = self.given();
        let input = self.input(body);
        let mut key = None;
        let mut events = Vec::new();
        let mut first_counts = false;
        for rule in rules {
            let (Way::Mapped(mapped), Dedupe::Program(dedupe)) = (&rule.way, &*rule.dedupe) else { continue };
            let concerned = match &mapped.when {
                Some(when) => when.holds(&given, input.clone()),
                None => Ok(true),
            };
            if matches!(concerned, Ok(false)) {
                continue;
            }
            if key.is_none() {
                match key_of(dedupe, &given, &input) {
                    Ok(found) => key = Some(found),
                    Err(failed) => return self.parked(None, "no_dedupe_key", failed.to_string()),
                }
            }
            first_counts |= mapped.first_counts;
            match concerned.and_then(|_| self.event(&rule.kind, mapped, &given, &input)) {
                Ok(event) => events.push(event),
                Err(failed) => return self.parked(key, "mapping_failed", failed.to_string()),
            }
        }
        match key {
            Some(key) => Intake::Taken { key, events, first_counts },
            None => self.unmeant(core, rules, &given, &input),
        }
    }

    /// A message that no event is made of: left alone where the connector says so, else kept for a person, since
    /// the sender will not send it again.
    fn unmeant(&self, core: &Core, rules: &[&EventRule], given: &Given<'_>, input: &Val) -> Intake {
        let unmeant = &core.manifest.unmeant;
        let mut asleep = None;
        match self.woken(given, input, true) {
            Some(Ok(woken)) => return woken,
            Some(Err(why)) => asleep = Some(why),
            None => {}
        }
        let (field, topic) = match &unmeant.topic {
            Some((field, program)) => (field.clone(), program.text(given, input.clone()).ok()),
            None => {
                let envelope = std::str::from_utf8(self.request.body).map(Envelope::of);
                ("/type".to_owned(), envelope.ok().and_then(|envelope| envelope.text("type")))
            }
        };
        if let Some(topic) = topic.as_deref().filter(|topic| unmeant.leaves(topic)) {
            return Intake::Ignored { why: format!("messages of {topic:?} are left alone") };
        }
        // What the rule cannot read is not left alone.
        let left = |program: &Program| program.holds(given, input.clone()).unwrap_or(false);
        if unmeant.leaves_if.as_ref().is_some_and(left) {
            return Intake::Ignored { why: format!("{field}: such a message is left alone") };
        }
        match self.woken(given, input, false) {
            Some(Ok(woken)) => return woken,
            Some(Err(why)) => asleep = asleep.or(Some(why)),
            None => {}
        }
        let key = rules.iter().find_map(|rule| match &*rule.dedupe {
            Dedupe::Program(program) => key_of(program, given, input).ok(),
            Dedupe::Pointers(_) => None,
        });
        let why = match topic {
            _ if asleep.is_some() => asleep.unwrap_or_default(),
            Some(topic) => format!("{field}: {topic:?} makes no event of this connector"),
            None => format!("{field} is missing, so no event is meant"),
        };
        self.parked(key, "no_event", why)
    }

    /// The polls that the message wakes by rules with a condition, or by the one without. `None` where it wakes none,
    /// an error where it means polls that this connection is not asked by.
    fn woken(&self, given: &Given<'_>, input: &Val, conditional: bool) -> Option<Result<Intake, String>> {
        let manifest = &self.core.manifest;
        let meant: Vec<&Wake> = manifest
            .wakes
            .iter()
            .filter(|wake| self.wakes && wake.when.is_some() == conditional)
            .filter(|wake| wake.concerns(given, input))
            .collect();
        let polls =
            manifest.polls.iter().filter(|poll| meant.iter().any(|wake| wake.polls.contains(&poll.name)));
        let (wanted, asleep): (Vec<&Poll>, Vec<&Poll>) = polls.partition(|poll| poll.wanted(self.endpoint));
        if !wanted.is_empty() {
            return Some(Ok(Intake::Wakes { polls: wanted.iter().map(|poll| poll.name.clone()).collect() }));
        }
        let poll = asleep.first()?;
        let setting = poll.only_with.as_deref().unwrap_or_default();
        Some(Err(format!(
            "it says that something changed, and poll {} is not asked: set conf.{setting} of the connection",
            poll.name
        )))
    }

    fn event(&self, kind: &str, mapped: &Mapped, given: &Given<'_>, input: &Val) -> Result<Event, Failed> {
        let Mapped { map, name, occurred, .. } = mapped;
        let data = map.first(given, input.clone())?;
        if !matches!(data, Val::Obj(_)) {
            return Err(
                map.failed(format!("gave {} where the event's data, an object, is needed", told(&data)))
            );
        }
        let written = json::write(&data).and_then(raw).map_err(|why| map.failed(why))?;
        let mut with_data = match input {
            Val::Obj(members) => Map::clone(members),
            _ => Map::default(),
        };
        with_data.insert(word("data"), data);
        let with_data = Val::obj(with_data);
        let named = name.first(given, with_data.clone())?;
        let named = name_of(&named, self.tenant)
            .ok_or_else(|| name.failed("a name is a kind and a value, two texts"))?;
        let occurred = match occurred.as_ref() {
            None => self.now,
            Some(program) => {
                let value = program.first(given, with_data)?;
                time_of(&value).ok_or_else(|| {
                    program.failed(format!("{value} is no time: RFC 3339 with a zone, or Unix seconds"))
                })?
            }
        };
        Ok(Event { kind: kind.to_owned(), name: named, occurred, data: written })
    }
}

fn told(value: &Val) -> &'static str {
    if matches!(value, Val::Null) { "null or nothing at all" } else { kind(value) }
}

fn raw(text: String) -> Result<Json, String> {
    RawValue::from_string(text).map_err(|wrong| wrong.to_string())
}

fn name_of(value: &Val, tenant: &str) -> Option<Name> {
    let Val::Arr(pair) = value else { return None };
    let [kind, value] = pair.as_slice() else { return None };
    let text = |value: &Val| plain(value).filter(|text| !text.is_empty());
    Some(Name::new(tenant, text(kind)?, text(value)?))
}

fn time_of(value: &Val) -> Option<Time> {
    match value {
        Val::TStr(bytes) => Time::parse(std::str::from_utf8(bytes).ok()?),
        Val::Num(Num::Int(seconds)) => i64::try_from(*seconds).ok()?.checked_mul(1_000).map(Time),
        _ => None,
    }
}

/// The key under which a repeat is known: a text, or several joined.
fn key_of(program: &Program, given: &Given<'_>, input: &Val) -> Result<String, Failed> {
    let value = program.first(given, input.clone())?;
    let parts = match &value {
        Val::Arr(parts) => parts.iter().collect(),
        one => vec![one],
    };
    let mut key = String::new();
    for part in parts {
        let part = plain(part).filter(|part| !part.is_empty());
        join(&mut key, &part.ok_or_else(|| program.failed("gave nothing by which a repeat would be known"))?);
    }
    if key.is_empty() {
        Err(program.failed("gave nothing by which a repeat would be known"))
    } else {
        Ok(key)
    }
}

/// Adds a part so that no two lists of parts make one key.
fn join(key: &mut String, part: &str) {
    if !key.is_empty() {
        key.push(' ');
    }
    if part.contains([' ', '%']) {
        key.push_str(&part.replace('%', "%25").replace(' ', "%20"));
    } else {
        key.push_str(part);
    }
}
