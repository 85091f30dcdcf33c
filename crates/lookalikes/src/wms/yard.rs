//! What order management hears from the warehouses: whose goods have left, and when.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Shared by the warehouses and order management of one world.
#[derive(Clone, Debug, Default)]
pub(crate) struct Yard(Arc<Mutex<BTreeMap<Box<str>, i64>>>);

impl Yard {
    /// Goods of an order left at this time.
    pub(crate) fn left(&self, order: &str, now: i64) {
        let mut yard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = yard.get_mut(order) {
            *last = now.max(*last);
        } else {
            yard.insert(order.into(), now);
        }
    }

    /// Whether goods of an order left at that time or later.
    pub(crate) fn left_since(&self, order: &str, since: i64) -> bool {
        let yard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        yard.get(order).is_some_and(|last| *last >= since)
    }
}
