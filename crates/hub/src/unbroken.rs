//! What to make of a decision that breaks off.

use crate::process::Fault;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a part of a decision that may break off, which is then a fault like any other: what it was to take in is
/// parked at the first try, since it would break off each time and take all other cases of the partition with it.
/// Nothing is left half done, because a decision changes nothing until it is whole.
pub(crate) fn unbroken<T>(part: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(part)).unwrap_or_else(|said| {
        let said = said.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let said = said.unwrap_or_else(|| "see the hub's log".to_owned());
        Err(Fault::new("decision_broke_off", format!("the decision broke off, which is a bug: {said}")))
    })
}
