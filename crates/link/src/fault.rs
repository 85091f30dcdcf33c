//! What is wrong with a connector's folder, and where exactly. Integrators live in these messages.

use std::fmt;

/// One thing wrong in a connector's folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The file, as the folder names it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Which field of the manifest: `op.refund.settle`; empty for the file as a whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl Fault {
    /// The same fault with the file named from further out, for example `connectors/stripe`.
    #[must_use]
    pub fn under(mut self, folder: &str) -> Self {
        self.file = format!("{}/{}", folder.trim_end_matches('/'), self.file);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if !self.hint.is_empty() {
            write!(f, "; try: {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

/// A text with a name, in which positions are found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

impl Source<'_> {
    /// Line and column, from 1, of a byte offset.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[start..].chars().count() + 1)
    }

    pub fn fault(
        &self,
        offset: usize,
        path: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Fault {
        let (line, column) = self.place(offset);
        Fault {
            file: self.file.to_owned(),
            line,
            column,
            path: path.to_owned(),
            message: message.into(),
            hint: hint.into(),
        }
    }
}

/// Collects every fault, so that a manifest is corrected in one go.
#[derive(Default, Debug)]
pub(crate) struct Faults(pub Vec<Fault>);

impl Faults {
    pub fn push(&mut self, fault: Fault) {
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }

    /// In reading order.
    pub fn into_sorted(mut self) -> Vec<Fault> {
        self.0
            .sort_by(|a, b| (&a.file, a.line, a.column, &a.path).cmp(&(&b.file, b.line, b.column, &b.path)));
        self.0
    }
}

/// The known name nearest to a mistyped one, if it is near.
pub(crate) fn nearest<'n>(wrong: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    known
        .into_iter()
        .map(|name| (distance(wrong, name), name))
        .filter(|(far, name)| *far <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(x != *y)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_from_one() {
        let source = Source { file: "a.toml", text: "ü = 1\nab = 2\n" };
        assert_eq!(source.place(0), (1, 1));
        assert_eq!(source.place(2), (1, 2));
        assert_eq!(source.place(10), (2, 4));
        assert_eq!(source.place(99), (3, 1));
    }

    #[test]
    fn a_near_name_is_offered_and_a_far_one_is_not() {
        assert_eq!(nearest("setle", ["settle", "give_up"]), Some("settle"));
        assert_eq!(nearest("colour", ["settle", "give_up"]), None);
    }

    #[test]
    fn a_fault_reads_like_a_compiler_s() {
        let fault = Source { file: "connector.toml", text: "a\nbcd" }.fault(
            3,
            "op.refund.settle",
            "missing",
            "settle = \"60s\"",
        );
        assert_eq!(
            fault.under("connectors/stripe/").to_string(),
            "connectors/stripe/connector.toml:2:2: op.refund.settle: missing; try: settle = \"60s\""
        );
    }
}
