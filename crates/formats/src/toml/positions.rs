//! Where every field stood, for faults that show only once the text has been read.

use super::fault::Fault;
use super::fields::Fields;
use super::node::Node;
use std::collections::BTreeMap;

/// Where every field of a text stood. Kept with what was read, so that a check that needs more than the text
/// (a folder, another file) can still name the line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Positions {
    file: String,
    places: BTreeMap<String, (usize, usize)>,
}

impl Positions {
    /// Remembers every field of a table and of all below it.
    #[must_use]
    pub fn of(fields: &Fields<'_>) -> Self {
        let mut all = Self { file: fields.reading().source.file.to_owned(), places: BTreeMap::new() };
        all.add(fields);
        all
    }

    fn add(&mut self, fields: &Fields<'_>) {
        for (_, node) in fields.entries() {
            self.add_node(&node);
        }
    }

    fn add_node(&mut self, node: &Node<'_>) {
        self.places.insert(node.path.clone(), node.reading().source.place(node.start()));
        if node.is_array() {
            node.items().iter().for_each(|item| self.add_node(item));
        } else if let Some(fields) = node.is_table().then(|| node.fields()).flatten() {
            self.add(&fields);
        }
    }

    /// Line and column, from 1, of a field such as `connection[2].conf.pool`; of the nearest field around it
    /// where it was left out; of the beginning of the text where there is none.
    #[must_use]
    pub fn place(&self, path: &str) -> (usize, usize) {
        let around = |outer: &str| {
            path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.places
            .iter()
            .filter(|(outer, _)| around(outer))
            .max_by_key(|(outer, _)| outer.len())
            .map_or((1, 1), |(_, place)| *place)
    }

    /// A fault at a field.
    #[must_use]
    pub fn fault(&self, path: &str, message: impl Into<String>, hint: impl Into<String>) -> Fault {
        let (line, column) = self.place(path);
        Fault {
            file: self.file.clone(),
            line,
            column,
            path: path.to_owned(),
            message: message.into(),
            hint: hint.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toml::read;

    #[test]
    fn a_field_that_was_left_out_stands_where_the_one_around_it_does() {
        let text = "[[c]]\nname = \"a\"\n[[c]]\nname = \"b\"\nconf = { x = 1 }\n[\"o.p\"]\n";
        let positions = read("e.toml", text, |fields| Some(Positions::of(&fields))).unwrap();
        assert_eq!(positions.place("c[1].name"), (4, 8));
        assert_eq!(positions.place("c[1].conf.x"), (5, 14));
        assert_eq!(positions.place("c[1].conf.y"), (5, 8));
        assert_eq!(positions.place("c[1].url"), (3, 1));
        assert_eq!(positions.place("cc"), (1, 1));
        assert_eq!(
            positions.fault("c[1].url", "missing", "url").to_string(),
            "e.toml:3:1: c[1].url: missing; try: url"
        );
    }
}
