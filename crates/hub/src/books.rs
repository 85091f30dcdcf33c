//! An entry that does not balance is a bug of the decision; it is never written.

use crate::process::{Entry, Fault};
use std::collections::BTreeMap;

pub(crate) fn balanced(entries: &[Entry]) -> Result<(), Fault> {
    for entry in entries {
        let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
        for (_, unit, amount) in &entry.lines {
            *sums.entry(unit).or_default() += i128::from(*amount);
        }
        if let Some((unit, sum)) = sums.into_iter().find(|(_, sum)| *sum != 0) {
            let why = format!("entry {} of {} is off by {sum} {unit}", entry.memo, entry.reference);
            return Err(Fault::new("unbalanced_entry", why));
        }
    }
    Ok(())
}
