//! Texts that occur many times, kept once.

use std::collections::HashMap;
use std::sync::Arc;

/// Stands for a text. 0 is the empty text.
pub type NameId = u32;

/// Texts by number and numbers by text.
#[derive(Debug)]
pub struct Names {
    ids: HashMap<Arc<str>, NameId>,
    texts: Vec<Arc<str>>,
}

impl Default for Names {
    fn default() -> Self {
        let empty: Arc<str> = Arc::from("");
        Self { ids: HashMap::from([(Arc::clone(&empty), 0)]), texts: vec![empty] }
    }
}

impl Names {
    /// The number of a text, a new one where it was not seen before.
    pub fn id(&mut self, text: &str) -> NameId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = NameId::try_from(self.texts.len()).unwrap_or(NameId::MAX);
        let text: Arc<str> = Arc::from(text);
        self.ids.insert(Arc::clone(&text), id);
        self.texts.push(text);
        id
    }

    /// The number of a text that was seen before.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<NameId> {
        self.ids.get(text).copied()
    }

    /// The text of a number; empty for one that was never given out.
    #[must_use]
    pub fn text(&self, id: NameId) -> &str {
        self.texts.get(id as usize).map_or("", |t| t)
    }
}
