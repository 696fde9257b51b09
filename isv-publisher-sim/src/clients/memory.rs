//! What was fetched once and may be asked for again: a small map behind a lock. Called by `marketplace` and `keys`.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

/// More entries than this are not remembered at once.
const REMEMBERED_MAX: usize = 256;

/// Remembers values by their name.
pub(super) struct Memory<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Memory<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Memory<K, V> {
    /// The value, if it is remembered.
    pub(super) fn recall(&self, key: &K) -> Option<V> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Remembers a value in place of the one before. A full memory forgets everything first.
    pub(super) fn remember(&self, key: K, value: V) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= REMEMBERED_MAX {
            map.clear();
        }
        map.insert(key, value);
    }

    /// Forgets a value.
    pub(super) fn forget(&self, key: &K) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}
