//! What waits for a person, counted.

use crate::live::hub_api::OpenException;
use std::collections::BTreeMap;

/// Open exceptions by their code.
pub(crate) fn by_kind(open: &[OpenException]) -> BTreeMap<String, u64> {
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for exception in open {
        *kinds.entry(exception.code.clone()).or_default() += 1;
    }
    kinds
}
