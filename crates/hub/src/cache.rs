//! Committed state kept in memory: cases, rows and marks, in two generations so that what is used stays.

use crate::batch::{CaseId, CaseRow, Digest, Pos};
use retail::envelope::Name;
use retail::time::Time;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A case as last committed; `id` 0 means that the store has none under this name.
#[derive(Clone, Debug)]
pub struct Entry<S> {
    pub id: CaseId,
    pub ver: u64,
    pub last: Pos,
    pub due: Option<Time>,
    pub open: bool,
    pub state: Option<S>,
    pub doc_stored: bool,
    pub seen: Marks,
    /// Whether `seen` is all there is.
    pub seen_complete: bool,
}

impl<S> Entry<S> {
    pub const fn absent() -> Self {
        Self {
            id: 0,
            ver: 0,
            last: 0,
            due: None,
            open: false,
            state: None,
            doc_stored: false,
            seen: Marks::none(),
            seen_complete: true,
        }
    }

    /// All but the state, which a decision replaces.
    pub fn without_state(&self) -> Self {
        Self {
            id: self.id,
            ver: self.ver,
            last: self.last,
            due: self.due,
            open: self.open,
            state: None,
            doc_stored: self.doc_stored,
            seen: self.seen.clone(),
            seen_complete: self.seen_complete,
        }
    }

    pub fn stored(row: &CaseRow, state: S, seen: Vec<(Digest, Digest)>, complete: bool) -> Self {
        Self {
            id: row.id,
            ver: row.ver,
            last: row.last,
            due: row.due,
            open: row.open,
            state: Some(state),
            doc_stored: row.doc.is_some(),
            seen: Marks(Some(Arc::new(seen))),
            seen_complete: complete,
        }
    }
}

/// What a case remembers of messages, few enough to be looked through. Every decision copies the entry that it is
/// about and few of them are about a message, so that the marks are shared until one is added.
#[derive(Clone, Debug, Default)]
pub struct Marks(Option<Arc<Vec<(Digest, Digest)>>>);

impl Marks {
    pub const fn none() -> Self {
        Self(None)
    }

    /// What the message of this key said.
    pub fn said(&self, key: &Digest) -> Option<Digest> {
        self.0.iter().flat_map(|marks| marks.iter()).find(|(known, _)| known == key).map(|(_, said)| *said)
    }

    /// Remembers a message of a key that has none yet.
    pub fn take_in(&mut self, key: Digest, said: Digest) {
        Arc::make_mut(self.0.get_or_insert_default()).push((key, said));
    }

    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |marks| marks.len())
    }
}

/// A map that forgets what has not been used for a whole generation.
#[derive(Clone, Debug)]
pub struct Generations<K, V> {
    young: BTreeMap<K, V>,
    old: BTreeMap<K, V>,
    most: usize,
}

impl<K: Ord + Clone, V> Generations<K, V> {
    pub const fn new(most: usize) -> Self {
        Self { young: BTreeMap::new(), old: BTreeMap::new(), most }
    }

    /// Reads and keeps from being forgotten.
    pub fn get(&mut self, key: &K) -> Option<&V> {
        if let Some(value) = self.old.remove(key) {
            self.put(key.clone(), value);
        }
        self.young.get(key)
    }

    /// Reads without counting as use.
    pub fn peek(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    pub fn has(&self, key: &K) -> bool {
        self.young.contains_key(key) || self.old.contains_key(key)
    }

    pub fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.most.div_ceil(2) {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.insert(key, value);
    }

    pub fn forget(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }
}

/// All that a hub keeps of committed state.
#[derive(Clone, Debug)]
pub struct Cache<S, R> {
    pub cases: Generations<Name, Entry<S>>,
    pub rows: Generations<(CaseId, String), Option<R>>,
    pub seen: Generations<(CaseId, Digest), Option<Digest>>,
    /// Further names to the name a case opened under.
    pub aliases: Generations<Name, Name>,
}

impl<S, R> Cache<S, R> {
    pub const fn new(cases: usize, rows: usize) -> Self {
        Self {
            cases: Generations::new(cases),
            rows: Generations::new(rows),
            seen: Generations::new(rows),
            aliases: Generations::new(cases),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_outlives_what_is_not() {
        let mut map = Generations::new(4);
        for n in 0..10 {
            map.put(n, n);
            assert_eq!(map.get(&0), Some(&0));
        }
        assert!(!map.has(&1));
        assert!(map.has(&9));
    }
}
