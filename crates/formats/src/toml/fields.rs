//! A table whose fields are taken one by one.

use super::fault::nearest;
use super::node::{Node, Text};
use super::reading::Reading;
use ::toml::de::DeTable;
use std::collections::BTreeSet;

/// A table whose fields are taken one by one; what is left at the end is refused.
#[derive(Debug)]
pub struct Fields<'a> {
    reading: &'a Reading<'a>,
    /// Where it stands: `op.refund`; empty for the whole text.
    pub path: String,
    start: usize,
    /// `None` for a section that was left out.
    table: Option<&'a DeTable<'a>>,
    asked: BTreeSet<&'static str>,
}

/// The path of a field in a table.
fn within(path: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    match (path.is_empty(), plain) {
        (true, true) => name.to_owned(),
        (false, true) => format!("{path}.{name}"),
        (true, false) => format!("{name:?}"),
        (false, false) => format!("{path}.{name:?}"),
    }
}

impl<'a> Fields<'a> {
    pub(super) fn new(
        reading: &'a Reading<'a>,
        path: String,
        start: usize,
        table: Option<&'a DeTable<'a>>,
    ) -> Self {
        Self { reading, path, start, table, asked: BTreeSet::new() }
    }

    /// What the table is part of.
    #[must_use]
    pub fn reading(&self) -> &'a Reading<'a> {
        self.reading
    }

    /// Byte offset of the table, or of the one around a section that was left out.
    #[must_use]
    pub fn start(&self) -> usize {
        self.start
    }

    /// A field, if it is there.
    pub fn get(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.asked.insert(name);
        let (_, value) = self.table?.iter().find(|(key, _)| key.get_ref() == name)?;
        Some(Node::new(self.reading, within(&self.path, name), value))
    }

    /// A field that must be there; `hint` shows how it is written.
    pub fn need(&mut self, name: &'static str, hint: &str) -> Option<Node<'a>> {
        let node = self.get(name);
        if node.is_none() {
            self.reading.fault(self.start, &within(&self.path, name), "missing", hint);
        }
        node
    }

    /// A table that may be left out: then it reads like an empty one, so that defaults are written once.
    /// `None` only when something else than a table stands there.
    pub fn section(&mut self, name: &'static str) -> Option<Self> {
        match self.get(name) {
            Some(node) => node.fields(),
            None => Some(Self::new(self.reading, within(&self.path, name), self.start, None)),
        }
    }

    /// Something that the language has and this version does not run. It is refused rather than accepted and
    /// left out; `hint` says what to use instead.
    pub fn unavailable(&mut self, name: &'static str, hint: &str) {
        let Some((key, _)) = self.table.and_then(|table| table.iter().find(|(key, _)| key.get_ref() == name))
        else {
            return;
        };
        self.asked.insert(name);
        let path = within(&self.path, name);
        let message = format!("{name} is not available in this version");
        self.reading.fault(key.span().start, &path, message, hint);
    }

    /// Every entry in the order of the text, for tables whose names are the author's.
    #[must_use]
    pub fn entries(&self) -> Vec<(Text<'a>, Node<'a>)> {
        let mut all: Vec<_> = self
            .table
            .into_iter()
            .flatten()
            .map(|(key, value)| {
                let path = within(&self.path, key.get_ref());
                let start = key.span().start;
                let name = Text { value: key.get_ref(), path: path.clone(), start, exact: false };
                (name, Node::new(self.reading, path, value))
            })
            .collect();
        all.sort_by_key(|(name, _)| name.start);
        all
    }

    /// Something is wrong with the table as a whole.
    pub fn fault(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.reading.fault(self.start, &self.path, message, hint);
    }

    /// Something is wrong with a field that may not be there.
    pub fn fault_in(&self, name: &str, message: impl Into<String>, hint: impl Into<String>) {
        let found = self.table.and_then(|table| table.iter().find(|(key, _)| key.get_ref() == name));
        let start = found.map_or(self.start, |(_, value)| value.span().start);
        self.reading.fault(start, &within(&self.path, name), message, hint);
    }

    /// Refuses every field that was not asked for, offering the nearest that was.
    pub fn done(self) {
        for (key, _) in self.table.into_iter().flatten() {
            let name: &str = key.get_ref();
            if self.asked.contains(name) {
                continue;
            }
            let hint = match nearest(name, self.asked.iter().copied()) {
                Some(near) => near.to_owned(),
                None => self.asked.iter().copied().collect::<Vec<_>>().join(", "),
            };
            self.reading.fault(key.span().start, &within(&self.path, name), "there is no such field", hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::toml::{Fields, read};

    fn told(text: &str, walk: impl for<'r> FnOnce(Fields<'r>)) -> Vec<String> {
        let read = read("a", text, |fields| {
            walk(fields);
            Some(())
        });
        read.err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_missing_and_what_nobody_asked_for_are_told_together() {
        let told = told("[op]\nsetle = 1\n[\"x y\"]\n", |mut fields| {
            let mut op = fields.section("op").unwrap();
            assert!(op.need("settle", "settle = \"60s\"").is_none());
            op.done();
            fields.done();
        });
        assert_eq!(
            told,
            [
                "a:1:1: op.settle: missing; try: settle = \"60s\"",
                "a:2:1: op.setle: there is no such field; try: settle",
                "a:3:2: \"x y\": there is no such field; try: op",
            ]
        );
    }

    #[test]
    fn a_section_left_out_reads_like_an_empty_one() {
        let told = told("x = 1\n", |mut fields| {
            let mut hub = fields.section("hub").unwrap();
            assert!(hub.get("listen").is_none());
            assert!(hub.entries().is_empty());
            hub.fault_in("token", "missing", "");
            hub.done();
            assert!(fields.section("x").is_none());
        });
        assert_eq!(told, ["a:1:1: hub.token: missing", "a:1:5: x: a table is needed, not an integer"]);
    }

    #[test]
    fn what_this_version_does_not_run_is_refused_with_a_way_out() {
        let told = told("[session]\n", |mut fields| {
            fields.unavailable("session", "a program of its own");
            fields.unavailable("poll", "");
            fields.done();
        });
        assert_eq!(
            told,
            ["a:1:2: session: session is not available in this version; try: a program of its own"]
        );
    }

    #[test]
    fn entries_come_in_the_order_of_the_text() {
        told("[m]\nzeta = 1\nalpha = 2\n", |mut fields| {
            let names: Vec<_> = fields.section("m").unwrap().entries().iter().map(|(n, _)| n.value).collect();
            assert_eq!(names, ["zeta", "alpha"]);
        });
    }
}
