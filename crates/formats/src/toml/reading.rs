//! One text being read, and the door for whoever needs no more than that.

use super::fault::{Fault, Faults, Source};
use super::fields::Fields;
use ::toml::Spanned;
use ::toml::de::DeTable;
use std::cell::RefCell;

/// One text being read, and what was found wrong in it so far.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The text and its name.
    pub source: Source<'a>,
    faults: RefCell<Faults>,
}

impl<'a> Reading<'a> {
    /// Nothing is wrong yet.
    #[must_use]
    pub fn new(source: Source<'a>) -> Self {
        Self { source, faults: RefCell::default() }
    }

    /// Parses the text. Every place that is not TOML is a fault of its own; then there is no table, since a
    /// field that was not understood would look like one that is missing.
    #[must_use]
    pub fn parse(&self) -> Option<Spanned<DeTable<'a>>> {
        let (table, errors) = DeTable::parse_recoverable(self.source.text);
        for error in &errors {
            let offset = error.span().map_or(0, |span| span.start);
            self.fault(offset, "", format!("not TOML: {}", error.message()), "");
        }
        errors.is_empty().then_some(table)
    }

    /// Something is wrong at a byte offset.
    pub fn fault(&self, offset: usize, path: &str, message: impl Into<String>, hint: impl Into<String>) {
        self.push(self.source.fault(offset, path, message, hint));
    }

    /// Something is wrong, perhaps in another file.
    pub fn push(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// Whether anything is wrong so far.
    #[must_use]
    pub fn faulty(&self) -> bool {
        !self.faults.borrow().0.is_empty()
    }

    /// What was found wrong.
    #[must_use]
    pub fn into_faults(self) -> Faults {
        self.faults.into_inner()
    }

    /// The fields of the whole text.
    #[must_use]
    pub fn root(&'a self, table: &'a DeTable<'a>) -> Fields<'a> {
        Fields::new(self, String::new(), 0, Some(table))
    }
}

/// Reads a text: parses it, walks it, and answers with the value or with everything that is wrong.
///
/// # Errors
/// All faults, in reading order. A `walk` that gives no value without saying why is itself a fault.
pub fn read<T>(
    file: &str,
    text: &str,
    walk: impl for<'r> FnOnce(Fields<'r>) -> Option<T>,
) -> Result<T, Vec<Fault>> {
    let source = Source { file, text };
    let reading = Reading::new(source);
    let value = match reading.parse() {
        Some(table) => walk(reading.root(table.get_ref())),
        None => None,
    };
    let faults = reading.into_faults().into_sorted();
    match value {
        Some(value) if faults.is_empty() => Ok(value),
        None if faults.is_empty() => Err(vec![source.fault(0, "", "the file cannot be read", "")]),
        _ => Err(faults),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told<T>(read: Result<T, Vec<Fault>>) -> Vec<String> {
        read.err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_place_that_is_not_toml_is_told() {
        let told = told(read("a.toml", "a = \nb = 1\nb = 2\n", |_| Some(())));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].starts_with("a.toml:1:") && told[1].starts_with("a.toml:3:1: not TOML: "),
            "{told:?}"
        );
    }

    #[test]
    fn a_value_with_a_fault_is_no_value() {
        let walk = |fields: Fields<'_>| {
            fields.fault("wrong", "right");
            Some(1)
        };
        assert_eq!(told(read("a.toml", "", walk)), ["a.toml:1:1: wrong; try: right"]);
    }

    #[test]
    fn no_value_without_a_reason_is_told_too() {
        assert_eq!(told(read("a.toml", "", |_| None::<()>)), ["a.toml:1:1: the file cannot be read"]);
    }
}
