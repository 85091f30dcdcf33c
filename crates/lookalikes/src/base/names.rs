//! Texts that occur again and again, kept once.

use std::collections::BTreeMap;

/// The number of a kept text. Number 0 is the empty text.
pub(crate) type NameId = u32;

/// Texts by number and back.
#[derive(Debug)]
pub(crate) struct Names {
    texts: Vec<Box<str>>,
    ids: BTreeMap<Box<str>, NameId>,
}

impl Default for Names {
    fn default() -> Self {
        Self { texts: vec!["".into()], ids: BTreeMap::from([("".into(), 0)]) }
    }
}

impl Names {
    /// The number of a text, which is kept from now on.
    pub(crate) fn id(&mut self, text: &str) -> NameId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let Ok(id) = NameId::try_from(self.texts.len()) else { return 0 };
        self.texts.push(text.into());
        self.ids.insert(text.into(), id);
        id
    }

    pub(crate) fn text(&self, id: NameId) -> &str {
        self.texts.get(id as usize).map_or("", AsRef::as_ref)
    }
}
