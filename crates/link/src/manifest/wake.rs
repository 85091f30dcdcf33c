//! Messages that say only that something changed: what it is comes from a poll, which they wake.

use super::Poll;
use super::build::Build;
use crate::http::Endpoint;
use crate::jq::{Given, Program};
use crate::scene::setting;
use formats::toml::{Fields, Node, nearest};
use jaq_json::Val;

/// Polls that a message wakes of which no event is made.
#[derive(Debug)]
pub(crate) struct Wake {
    /// Over the message; without it, every one that is not left alone.
    pub when: Option<Program>,
    pub polls: Vec<String>,
}

impl Wake {
    /// Whether it is meant by a message. One that the condition cannot read is not.
    pub fn concerns(&self, given: &Given<'_>, input: &Val) -> bool {
        self.when.as_ref().is_none_or(|when| when.holds(given, input.clone()).unwrap_or(false))
    }
}

impl Poll {
    /// Whether a connection is asked by it.
    pub fn wanted(&self, endpoint: &Endpoint) -> bool {
        wanted(self.only_with.as_ref(), endpoint)
    }
}

/// Whether a connection wants what is asked only with a setting.
pub(super) fn wanted(only_with: Option<&String>, endpoint: &Endpoint) -> bool {
    only_with.is_none_or(|name| setting(endpoint, name).is_some_and(|set| set != "false"))
}

impl Build<'_> {
    /// `wakes = ["orders"]` and each `[[intake.wake]]`; `known` are the manifest's polls.
    pub(super) fn wakes(&self, fields: &mut Fields<'_>, known: &[String]) -> Vec<Option<Wake>> {
        let general = fields.get("wakes").map(|node| Some(Wake { when: None, polls: polls(&node, known)? }));
        let rules = fields.get("wake").map(|node| node.items()).unwrap_or_default();
        let rule = |node: &Node<'_>| {
            let mut fields = node.fields()?;
            let when = fields
                .need("when", "when = '.headers[\"x-topic\"] == \"order.changed\"'")
                .and_then(|node| self.program(&node));
            let polls = fields.need("polls", "polls = [\"orders\"]").and_then(|node| polls(&node, known));
            fields.done();
            Some(Wake { when: Some(when?), polls: polls? })
        };
        rules.iter().map(rule).chain(general).collect()
    }
}

fn polls(node: &Node<'_>, known: &[String]) -> Option<Vec<String>> {
    let items = node.items();
    if items.is_empty() && node.is_array() {
        node.fault("no poll is named", "[\"orders\"]");
    }
    let read = |item: &Node<'_>| {
        let name = item.text()?.value;
        if !known.iter().any(|poll| poll == name) {
            let near = nearest(name, known.iter().map(String::as_str));
            let hint = near.map_or_else(|| format!("[poll.{name}]"), str::to_owned);
            item.fault(format!("there is no poll {name}"), hint);
        }
        Some(name.to_owned())
    };
    items.iter().map(read).collect()
}
