//! Events: what an incoming message means.

use super::build::{Build, OWN_PROGRAM, Place};
use super::{Dedupe, EventRule, Mapped, NameFrom, PassedName, Signature, Unmeant, Wake, Way};
use crate::json::pieces;
use crate::sign::{SCHEMES, Scheme, TOKEN, TOLERANCE};
use crate::template::Part;
use formats::toml::{Fields, Node};
use retail::time::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What `[intake]` says for all events that do not say it themselves.
#[derive(Default)]
pub(crate) struct Intake {
    pub signature: Option<Signature>,
    dedupe: Option<Arc<Dedupe>>,
    pub unmeant: Unmeant,
    pub wakes: Vec<Wake>,
}

impl Build<'_> {
    /// `polls` are the names of those that a message may wake.
    pub(crate) fn intake(&self, node: &Node<'_>, polls: &[String]) -> Option<Intake> {
        let mut fields = node.fields()?;
        let signature = fields.get("signature").and_then(|node| self.signature(&node));
        let dedupe = fields.get("dedupe").and_then(|node| self.dedupe(&node));
        let topic = fields.get("topic").and_then(|node| {
            let written = node.text()?.value.to_owned();
            self.program(&node).map(|program| (written, program))
        });
        let leaves = fields.get("leaves");
        if leaves.is_some() && topic.is_none() {
            fields.fault_in("topic", "missing, as topics are left", "topic = '.headers[\"x-topic\"]'");
        }
        let leaves = leaves.map(|node| node.items()).unwrap_or_default();
        let leaves = leaves.iter().filter_map(|node| Some(node.text()?.value.to_owned())).collect();
        let leaves_if = self.optional(&mut fields, "leaves_if");
        let wakes = self.wakes(&mut fields, polls);
        if !wakes.is_empty() && signature.is_none() {
            fields.fault_in(
                "signature",
                "missing: a message that wakes a poll bears one too",
                "signature = { kind = \"standard-webhooks\", secret = \"{secret.hook}\" }",
            );
        }
        fields.done();
        Some(Intake {
            signature,
            wakes: wakes.into_iter().collect::<Option<_>>()?,
            dedupe: dedupe.map(Arc::new),
            unmeant: Unmeant { topic, leaves, leaves_if: leaves_if? },
        })
    }

    fn signature(&self, node: &Node<'_>) -> Option<Signature> {
        let mut fields = node.fields()?;
        let scheme = self.scheme(&mut fields);
        let secret = fields.need("secret", "secret = \"{secret.hook}\"").and_then(|node| {
            let template = self.template(&node, Place::Header)?;
            match template.parts.as_slice() {
                [Part::Secret(name)] => Some(name.clone()),
                _ => {
                    node.fault("a signature's secret is one secret of the connection", "{secret.hook}");
                    None
                }
            }
        });
        let tolerance = fields.get("tolerance").map_or(Some(TOLERANCE), |node| node.span_ms().map(Span));
        fields.done();
        Some(Signature { scheme: scheme?, secret: secret?, tolerance: tolerance? })
    }

    fn scheme(&self, fields: &mut Fields<'_>) -> Option<Scheme> {
        let kind = fields.need("kind", "kind = \"standard-webhooks\"")?;
        let named = kind.word(&SCHEMES);
        let token = kind.text().is_some_and(|kind| kind.value == TOKEN);
        let hint = "header = \"x-hook-token\"";
        let header = if token { Some(fields.need("header", hint)?) } else { fields.get("header") };
        let Some(node) = header else { return named.map(|named| named("")) };
        let written = node.text()?.value;
        if !token {
            node.fault("only kind = \"token\" names its header; the other kinds have their own", "no header");
            return None;
        }
        if !is_header(written) {
            node.fault(format!("{written:?} is not the name of a header"), hint);
            return None;
        }
        named.map(|named| named(written))
    }

    /// A jq program, or a list of JSON pointers into the message.
    fn dedupe(&self, node: &Node<'_>) -> Option<Dedupe> {
        if !node.is_array() {
            return self.program(node).map(Dedupe::Program);
        }
        let items = node.items();
        if items.is_empty() {
            node.fault("no member names the message", "[\"/source\", \"/id\"]");
        }
        items.iter().map(pointer).collect::<Option<Vec<_>>>().map(Dedupe::Pointers)
    }

    pub(crate) fn event(&self, node: &Node<'_>, intake: &Intake) -> Option<EventRule> {
        let mut fields = node.fields()?;
        let kind = fields.need("type", "type = \"order.submitted\"").and_then(|node| {
            let text = node.text()?;
            let word =
                |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if text.value.split('.').count() != 2 || !text.value.split('.').all(word) {
                node.fault(format!("{:?} is not the name of an event", text.value), "order.submitted");
            }
            Some(text.value.to_owned())
        });
        fields.unavailable("fetch", OWN_PROGRAM);
        let signature = match fields.get("signature") {
            Some(node) => self.signature(&node),
            None if intake.signature.is_some() => intake.signature.clone(),
            None => {
                let hint = "signature = { kind = \"standard-webhooks\", secret = \"{secret.hook}\" }, here or in [intake]";
                fields.need("signature", hint);
                None
            }
        };
        let dedupe = match fields.get("dedupe") {
            Some(node) => self.dedupe(&node).map(Arc::new),
            None if intake.dedupe.is_some() => intake.dedupe.clone(),
            None => {
                fields.need("dedupe", "dedupe = '.body.id', here or in [intake]");
                None
            }
        };
        let passthrough = fields.get("passthrough").is_some_and(|node| node.yes());
        if passthrough && matches!(dedupe.as_deref(), Some(Dedupe::Program(_))) {
            fields.fault(
                "a message that passes through is named by members, not by jq",
                "dedupe = [\"/source\", \"/id\"]",
            );
        }
        if !passthrough && matches!(dedupe.as_deref(), Some(Dedupe::Pointers(_))) {
            fields.fault("a message that is mapped is named by jq, not by members", "dedupe = '.body.id'");
        }
        let way = if passthrough { self.passing(&mut fields) } else { self.mapped(&mut fields) };
        fields.done();
        Some(EventRule { kind: kind?, signature: signature?, dedupe: dedupe?, way: way? })
    }

    fn passing(&self, fields: &mut Fields<'_>) -> Option<Way> {
        let first = fields.need("name", "name = [\"order\", \"/data/order\"]")?;
        let otherwise = fields.get("otherwise");
        let names = std::iter::once(first).chain(otherwise).map(|node| self.passed_name(&node));
        names.collect::<Option<Vec<_>>>().map(Way::Passthrough)
    }

    fn passed_name(&self, node: &Node<'_>) -> Option<PassedName> {
        let items = node.items();
        let [kind, from @ ..] = items.as_slice() else { return no_name(node) };
        if from.is_empty() {
            return no_name(node);
        }
        let kind = kind.text()?.value.to_owned();
        let pieces = from.iter().map(|from| self.name_piece(from)).collect::<Option<Vec<_>>>()?;
        Some(PassedName { kind, pieces })
    }

    fn name_piece(&self, from: &Node<'_>) -> Option<NameFrom> {
        if from.text()?.value.starts_with('/') {
            return pointer(from).map(NameFrom::Pointer);
        }
        let template = self.template(from, Place::Name)?;
        if template.parts.iter().any(|part| matches!(part, Part::Member(_) | Part::Expression(_))) {
            from.fault(
                "a name that passes through takes settings only",
                "\"/data/order\" or \"{conf.pool}\"",
            );
        }
        Some(NameFrom::Template(template))
    }

    fn mapped(&self, fields: &mut Fields<'_>) -> Option<Way> {
        let when = self.optional(fields, "when");
        let map = fields.need("map", "map = \"order.jq\"").and_then(|node| self.program(&node));
        let name =
            fields.need("name", "name = '[\"order\", .data.order]'").and_then(|node| self.program(&node));
        let occurred = self.optional(fields, "occurred");
        let first_counts = fields.get("first_counts").is_some_and(|node| node.yes());
        Some(Way::Mapped(Box::new(Mapped {
            when: when?,
            map: map?,
            name: name?,
            occurred: occurred?,
            first_counts,
        })))
    }
}

fn is_header(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn no_name<T>(node: &Node<'_>) -> Option<T> {
    node.fault("a name is a kind and where its value stands", "name = [\"order\", \"/data/order\"]");
    None
}

/// Two events that pass through under one type could not be told apart.
pub(crate) fn clashes(nodes: &[Node<'_>], events: &[Option<EventRule>]) {
    let mut seen = BTreeMap::new();
    for (n, (node, event)) in nodes.iter().zip(events).enumerate() {
        let Some(EventRule { kind, way: Way::Passthrough(_), .. }) = event else { continue };
        if let Some(first) = seen.insert(kind.as_str(), n) {
            node.fault(format!("{kind} passes through already, by event[{first}]"), "one of the two");
        }
    }
}

fn pointer(node: &Node<'_>) -> Option<Vec<String>> {
    let text = node.text()?;
    let found = pieces(text.value);
    if found.is_none() {
        node.fault(format!("{:?} is not a JSON pointer", text.value), "/data/order");
    }
    found
}
