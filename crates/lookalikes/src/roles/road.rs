//! What the carrier gets from the warehouses: parcels that have left.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shared by the warehouses and the carrier of one world: tracking number, order, and when it was handed over.
#[derive(Clone, Debug, Default)]
pub(crate) struct Road(Arc<Mutex<VecDeque<(String, String, i64)>>>);

impl Road {
    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, String, i64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A parcel is handed to the carrier.
    pub(crate) fn hand_over(&self, tracking: &str, order: &str, now: i64) {
        self.lock().push_back((tracking.to_owned(), order.to_owned(), now));
    }

    /// The carrier takes the next parcel.
    pub(crate) fn take(&self) -> Option<(String, String, i64)> {
        self.lock().pop_front()
    }

    /// How many wait, and since when the first does.
    pub(crate) fn waiting(&self) -> (usize, Option<i64>) {
        let parcels = self.lock();
        (parcels.len(), parcels.front().map(|parcel| parcel.2))
    }
}
