//! Texts as small numbers: an order's id or a SKU is named in a dozen rows, and a year of trade has millions.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// A text's number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) struct Id(u32);

impl Id {
    /// The empty text's.
    pub const NONE: Self = Self(0);
}

#[derive(Clone, Debug)]
pub(crate) struct Texts {
    ids: HashMap<Arc<str>, Id>,
    all: Vec<Arc<str>>,
}

impl Default for Texts {
    fn default() -> Self {
        let empty: Arc<str> = Arc::from("");
        Self { ids: HashMap::from([(Arc::clone(&empty), Id::NONE)]), all: vec![empty] }
    }
}

impl Texts {
    pub fn id(&mut self, text: &str) -> Id {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = Id(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        let kept: Arc<str> = Arc::from(text);
        self.all.push(Arc::clone(&kept));
        self.ids.insert(kept, id);
        id
    }

    /// The number of a text that was named before.
    pub fn known(&self, text: &str) -> Option<Id> {
        self.ids.get(text).copied()
    }

    pub fn text(&self, id: Id) -> &str {
        self.all.get(id.0 as usize).map_or("", |t| t)
    }
}

/// A number that stands for a value; the same in every run.
pub(crate) fn print<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut h = DefaultHasher::new();
    value.hash(&mut h);
    h.finish()
}
