//! Operations: `find` plus ordered stages.

use super::build::{Build, OWN_PROGRAM};
use super::{Encode, Find, Lookup, Op, Plan, ResultFrom, Stage, Strategy};
use formats::toml::{Fields, Node};
use retail::time::Span;

/// More than this wants a program of its own on the canonical contract.
const STAGES: usize = 6;

impl Build<'_> {
    pub(crate) fn ops(
        &self,
        fields: &Fields<'_>,
        roles: &[String],
        encode: Encode,
        timeout: Span,
    ) -> Vec<Option<Op>> {
        fields
            .entries()
            .iter()
            .map(|(name, node)| self.op(name.value, node, roles, encode, timeout))
            .collect()
    }

    fn op(&self, name: &str, node: &Node<'_>, roles: &[String], encode: Encode, timeout: Span) -> Option<Op> {
        let mut fields = node.fields()?;
        let role = self.role(&mut fields, roles);
        let lookups = fields.get("lookup").and_then(|node| node.fields()).map(|lookups| {
            lookups
                .entries()
                .iter()
                .map(|(name, node)| self.lookup(name.value, node, encode))
                .collect::<Vec<_>>()
        });
        let find = fields.get("find").map(|node| self.find(&node, encode));
        let (strategy, key_header) = self.strategy(&mut fields, find.is_some());
        let stages = match fields.need("stage", "[[op.name.stage]] with post = \"/path\"") {
            Some(node) => self.stages(&node, find.is_some(), encode),
            None => None,
        };
        let settle = fields.get("settle").map(|node| self.knob(&node, None, |node| node.span_ms().map(Span)));
        if find.is_some() && settle.is_none() {
            let path = format!("{}.settle", fields.path);
            let hint = "settle = \"60s\": the vendor's longest execution plus its index lag";
            self.reading.fault(
                node.start(),
                &path,
                "missing: where there is a look-up, absence is proof only after it",
                hint,
            );
        }
        let give_up = fields.get("give_up").map(|node| node.span_ms().map(Span));
        let timeout = fields.get("timeout").map_or(Some(timeout), |node| node.span_ms().map(Span));
        let accepted_if = self.optional(&mut fields, "accepted_if");
        let refused_if = self.optional(&mut fields, "refused_if");
        let refused_code = self.optional(&mut fields, "refused_code");
        let result =
            match fields.need("result", "result = '{ref: .found.id}', or \"body\" for the answer as it is") {
                Some(node) if node.text().is_some_and(|text| text.value == "body") => {
                    if find.is_some() {
                        node.fault(
                        "with a find, the result is read off .found: the last answer may be the look-up's",
                        "'.found'",
                    );
                    }
                    Some(ResultFrom::Body)
                }
                Some(node) => self.program(&node).map(ResultFrom::Program),
                None => None,
            };
        fields.done();
        Some(Op {
            name: name.to_owned(),
            role: role?,
            idempotency: strategy?,
            settle: settle.map_or(Some(None), |knob| knob.map(Some))?,
            give_up: give_up.map_or(Some(None), |span| span.map(Some))?,
            plan: Plan {
                key_header,
                timeout: timeout?,
                lookups: lookups.unwrap_or_default().into_iter().collect::<Option<_>>()?,
                find: find.map_or(Some(None), |find| find.map(Some))?,
                stages: stages?,
                accepted_if: accepted_if?,
                refused_if: refused_if?,
                refused_code: refused_code?,
                result: result?,
            },
        })
    }

    fn role(&self, fields: &mut Fields<'_>, roles: &[String]) -> Option<String> {
        match (fields.get("role"), roles) {
            (Some(node), _) => {
                let text = node.text()?;
                if !roles.iter().any(|role| role == text.value) {
                    node.fault(format!("the connector does not play {:?}", text.value), roles.join(", "));
                }
                Some(text.value.to_owned())
            }
            (None, [only]) => Some(only.clone()),
            (None, []) => None,
            (None, _) => {
                let hint = format!("role = {:?}", roles[0]);
                fields.fault("the connector plays several roles: say whose operation this is", hint);
                None
            }
        }
    }

    fn strategy(&self, fields: &mut Fields<'_>, has_find: bool) -> (Option<Strategy>, Option<String>) {
        let hint = "idempotency = { by = \"key\", header = \"Idempotency-Key\", keeps = \"24h\" }";
        let Some(node) = fields.need("idempotency", hint) else { return (None, None) };
        let Some(mut fields) = node.fields() else { return (None, None) };
        let words = [("key", 0), ("reference", 1), ("state", 2), ("name", 3), ("none", 4)];
        let by = fields.need("by", "key, reference, state, name or none").and_then(|node| node.word(&words));
        let header = fields.get("header").and_then(|node| node.text()).map(|text| text.value.to_owned());
        let keeps = match by {
            Some(0) => fields.need("keeps", "keeps = \"24h\": how long the vendor remembers a key"),
            Some(_) => None,
            // What the strategy is meant to be is not known, so this may well belong to it.
            None => fields.get("keeps"),
        };
        let keeps = keeps.and_then(|node| node.span_ms().map(Span));
        fields.done();
        let strategy = match by {
            Some(0) => keeps.map(|keeps| Strategy::Key { keeps }),
            Some(1) if !has_find => {
                node.fault("by reference means looking it up first, and there is no find", "[op.name.find]");
                None
            }
            Some(1) => Some(Strategy::Reference),
            Some(2) => Some(Strategy::State),
            Some(3) => Some(Strategy::Name),
            Some(_) => Some(Strategy::None),
            None => None,
        };
        (strategy, header)
    }

    fn find(&self, node: &Node<'_>, encode: Encode) -> Option<Find> {
        let mut fields = node.fields()?;
        let call = self.call(&mut fields, encode);
        let page = self.optional(&mut fields, "page");
        let matching = self.optional(&mut fields, "match");
        let gather = self.optional(&mut fields, "gather");
        if matches!((&matching, &gather), (Some(Some(_)), Some(Some(_)))) {
            fields
                .fault("one of match and gather: one thing is found, or a list", "gather = '.body.items[]'");
        }
        let absent_if = self.optional(&mut fields, "absent_if");
        let none_if = self.optional(&mut fields, "none_if");
        let first = fields.get("first").is_some_and(|node| node.yes());
        fields.done();
        Some(Find {
            call: call?,
            page: page?,
            matching: matching?,
            gather: gather?,
            absent_if: absent_if?,
            none_if: none_if?,
            first,
        })
    }

    fn stages(&self, node: &Node<'_>, has_find: bool, encode: Encode) -> Option<Vec<Stage>> {
        let items = node.items();
        if items.is_empty() && node.is_array() {
            node.fault("an operation has at least one stage", "");
        }
        if items.len() > STAGES {
            let message = format!("{} stages are more than the {STAGES} an operation may have", items.len());
            items[STAGES].fault(message, OWN_PROGRAM);
        }
        let stage = |(n, node): (usize, &Node<'_>)| {
            let mut fields = node.fields()?;
            let done_if = self.optional(&mut fields, "done_if");
            if n > 0 && matches!(done_if, Some(None)) {
                let hint = "done_if = '.found.state != \"draft\"'";
                fields.fault("a later stage must say over what is found whether it is done", hint);
            }
            if n > 0 && !has_find {
                fields.fault("several stages need a find, to go on after a crash", "[op.name.find]");
            }
            let call = self.call(&mut fields, encode);
            let found = self.optional(&mut fields, "found");
            fields.done();
            Some(Stage { done_if: done_if?, call: call?, found: found? })
        };
        items.iter().enumerate().map(stage).collect()
    }

    fn lookup(&self, name: &str, node: &Node<'_>, encode: Encode) -> Option<Lookup> {
        let mut fields = node.fields()?;
        let call = self.call(&mut fields, encode);
        let take = fields.need("take", "take = '.body.items[0].id'").and_then(|node| self.program(&node));
        let absent = fields.get("absent").map(|node| {
            let code = node
                .text()?
                .value
                .strip_prefix("refused:")
                .filter(|code| !code.is_empty())
                .map(str::to_owned);
            if code.is_none() {
                node.fault("what is absent can only be refused", "absent = \"refused:unknown_customer\"");
            }
            code
        });
        fields.done();
        let absent = absent.map_or(Some(None), |code| code.map(Some));
        Some(Lookup { name: name.to_owned(), call: call?, take: take?, absent: absent? })
    }
}
