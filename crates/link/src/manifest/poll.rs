//! Polls: asking a system for the messages that it should have sent, so that one it never sent is found.

use super::build::Build;
use super::{Encode, Knob, Plan, Poll};
use formats::toml::{Fields, Node};
use retail::time::Span;

/// How often a system is asked where the manifest does not say.
const EVERY: Span = Span::seconds(300);

impl Build<'_> {
    pub(crate) fn polls(&self, fields: &Fields<'_>, encode: Encode, timeout: Span) -> Vec<Option<Poll>> {
        let read = |name: &str, node: &Node<'_>| self.poll(name, node, encode, timeout);
        fields.entries().iter().map(|(name, node)| read(name.value, node)).collect()
    }

    fn poll(&self, name: &str, node: &Node<'_>, encode: Encode, timeout: Span) -> Option<Poll> {
        let mut fields = node.fields()?;
        let span = |node: &Node<'_>| {
            let span = node.span_ms().map(Span)?;
            if span.0 <= 0 {
                node.fault("a poll needs time between two calls", "every = \"5m\"");
            }
            Some(span)
        };
        let every = match fields.get("every") {
            Some(node) => self.knob(&node, Some(EVERY), span),
            None => Some(Knob { conf: None, default: EVERY }),
        };
        let only_with = self.only_with(&mut fields);
        let overlap =
            fields.get("overlap").map(|node| self.knob(&node, None, |node| node.span_ms().map(Span)));
        let timeout = fields.get("timeout").map_or(Some(timeout), |node| node.span_ms().map(Span));
        let call = self.call(&mut fields, encode);
        let items = fields
            .need("items", "items = '.body.items[] | {body: .}': the messages in an answer")
            .and_then(|node| self.program(&node));
        let cursor = fields
            .need("cursor", "cursor = '.body.next': where to go on, null where nothing was new")
            .and_then(|node| self.program(&node));
        let more = self.optional(&mut fields, "more");
        fields.done();
        Some(Poll {
            name: name.to_owned(),
            every: every?,
            only_with,
            overlap: overlap.map_or(Some(None), |knob| knob.map(Some))?,
            items: items?,
            cursor: cursor?,
            more: more?,
            call: call?,
            plan: Plan::bare(timeout?),
        })
    }

    /// The setting without which a connection's system is not asked.
    pub(crate) fn only_with(&self, fields: &mut Fields<'_>) -> Option<String> {
        let node = fields.get("only_with")?;
        let name = node.text()?.value.to_owned();
        if !self.conf.contains_key(&name) {
            node.fault(format!("conf.{name} is not declared"), format!("[conf] {name} = \"what it is\""));
        }
        Some(name)
    }
}
