//! Walks a manifest's TOML by hand, so that every fault is found at once, each with its place, and no
//! field is accepted that nobody asked for.

use crate::fault::{Faults, Source, nearest};
use retail::time::Span;
use std::cell::RefCell;
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One manifest being read.
pub(crate) struct Reading<'a> {
    pub source: Source<'a>,
    faults: RefCell<Faults>,
}

/// A table whose fields are taken one by one.
pub(crate) struct Fields<'a> {
    reading: &'a Reading<'a>,
    pub path: String,
    start: usize,
    table: &'a DeTable<'a>,
    asked: BTreeSet<&'static str>,
}

/// One value with its field's path.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    reading: &'a Reading<'a>,
    pub path: String,
    value: &'a Spanned<DeValue<'a>>,
}

/// A text, and where it begins in the manifest.
#[derive(Clone)]
pub(crate) struct Text<'a> {
    pub value: &'a str,
    pub path: String,
    pub start: usize,
    /// True where it stands there letter by letter, without escapes.
    pub exact: bool,
}

impl<'a> Reading<'a> {
    pub fn new(source: Source<'a>) -> Self {
        Self { source, faults: RefCell::default() }
    }

    pub fn fault(&self, offset: usize, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.push(self.source.fault(offset, path, message, hint));
    }

    pub fn push(&self, fault: crate::Fault) {
        self.faults.borrow_mut().push(fault);
    }

    pub fn into_faults(self) -> Faults {
        self.faults.into_inner()
    }

    pub fn root(&'a self, table: &'a DeTable<'a>) -> Fields<'a> {
        Fields { reading: self, path: String::new(), start: 0, table, asked: BTreeSet::new() }
    }
}

fn within(path: &str, name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    match (path.is_empty(), plain) {
        (true, true) => name.to_owned(),
        (false, true) => format!("{path}.{name}"),
        (true, false) => format!("{name:?}"),
        (false, false) => format!("{path}.{name:?}"),
    }
}

impl<'a> Fields<'a> {
    pub fn get(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.asked.insert(name);
        let (_, value) = self.table.iter().find(|(key, _)| key.get_ref() == name)?;
        Some(Node { reading: self.reading, path: within(&self.path, name), value })
    }

    /// A field that must be there; `hint` shows how it is written.
    pub fn need(&mut self, name: &'static str, hint: &str) -> Option<Node<'a>> {
        let node = self.get(name);
        if node.is_none() {
            self.reading.fault(self.start, &within(&self.path, name), "missing", hint);
        }
        node
    }

    /// A concept of the manifest language that this version does not run. It is refused rather than
    /// accepted and left out.
    pub fn unavailable(&mut self, name: &'static str) {
        if let Some((key, _)) = self.table.iter().find(|(key, _)| key.get_ref() == name) {
            self.asked.insert(name);
            let path = within(&self.path, name);
            self.reading.fault(
                key.span().start,
                &path,
                format!("{name} is not available in this version"),
                "a program of its own on the canonical contract",
            );
        }
    }

    /// Every entry, for tables whose names are the author's.
    pub fn entries(&self) -> Vec<(Text<'a>, Node<'a>)> {
        let mut all: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| {
                let path = within(&self.path, key.get_ref());
                let name =
                    Text { value: key.get_ref(), path: path.clone(), start: key.span().start, exact: false };
                (name, Node { reading: self.reading, path, value })
            })
            .collect();
        all.sort_by_key(|(name, _)| name.start);
        all
    }

    pub fn fault(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.reading.fault(self.start, &self.path, message, hint);
    }

    /// Refuses every field that was not asked for.
    pub fn done(self) {
        for (key, _) in self.table {
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

impl<'a> Node<'a> {
    pub fn start(&self) -> usize {
        self.value.span().start
    }

    pub fn fault(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.reading.fault(self.start(), &self.path, message, hint);
    }

    fn wrong(&self, wanted: &str) {
        self.fault(format!("{wanted} is needed, not {}", article(self.value.get_ref().type_str())), "");
    }

    pub fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    pub fn is_array(&self) -> bool {
        self.value.get_ref().is_array()
    }

    pub fn text(&self) -> Option<Text<'a>> {
        let Some(value) = self.value.get_ref().as_str() else {
            self.wrong("text");
            return None;
        };
        let span = self.value.span();
        let raw = self.reading.source.text.get(span.clone()).unwrap_or_default();
        let quotes = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
        let newline =
            if quotes == 3 { raw[3..].len() - raw[3..].trim_start_matches(['\r', '\n']).len() } else { 0 };
        let inside = raw.get(quotes + newline.min(2)..).unwrap_or_default();
        let exact = inside.starts_with(value);
        Some(Text {
            value,
            path: self.path.clone(),
            start: if exact { span.start + raw.len() - inside.len() } else { span.start },
            exact,
        })
    }

    pub fn yes(&self) -> bool {
        let value = self.value.get_ref().as_bool();
        if value.is_none() {
            self.wrong("true or false");
        }
        value == Some(true)
    }

    /// A whole number from 1 on.
    pub fn count(&self) -> Option<u32> {
        let number = self.value.get_ref().as_integer().map(|n| u32::from_str_radix(n.as_str(), n.radix()));
        match number {
            Some(Ok(n)) if n > 0 => Some(n),
            Some(_) => {
                self.fault("a whole number from 1 on is needed", "");
                None
            }
            None => {
                self.wrong("a whole number");
                None
            }
        }
    }

    pub fn fields(&self) -> Option<Fields<'a>> {
        let Some(table) = self.value.get_ref().as_table() else {
            self.wrong("a table");
            return None;
        };
        Some(Fields {
            reading: self.reading,
            path: self.path.clone(),
            start: self.start(),
            table,
            asked: BTreeSet::new(),
        })
    }

    pub fn items(&self) -> Vec<Node<'a>> {
        let Some(items) = self.value.get_ref().as_array() else {
            self.wrong("a list");
            return Vec::new();
        };
        let node = |(n, value)| Node { reading: self.reading, path: format!("{}[{n}]", self.path), value };
        items.iter().enumerate().map(node).collect()
    }

    /// A span such as `500ms`, `60s`, `5m`, `24h`, `30d`.
    pub fn span(&self) -> Option<Span> {
        let text = self.text()?;
        let parsed = span(text.value);
        if parsed.is_none() {
            self.fault(format!("{:?} is not a span of time", text.value), "500ms, 60s, 5m, 24h or 30d");
        }
        parsed
    }

    /// One of several words.
    pub fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text.value).map(|(_, meant)| *meant);
        if found.is_none() {
            let all = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            let near = nearest(text.value, words.iter().map(|(word, _)| *word)).map_or(all, str::to_owned);
            self.fault(format!("{:?} is not known here", text.value), near);
        }
        found
    }
}

pub(crate) fn span(text: &str) -> Option<Span> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let count: i64 = text[..digits].parse().ok()?;
    let unit = match &text[digits..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    count.checked_mul(unit).map(Span)
}

fn article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}
