//! What was promised under settings that have changed since. An order notes the revision under which it was placed;
//! what may come back of it, until when and at what fee, stays as it was promised then.

use super::{Policy, ReturnPolicy};
use crate::out::Res;
use hub::process::Fault;

impl Policy {
    /// What was promised about returns to orders placed under a revision. 0 is no revision: the present settings.
    #[must_use]
    pub fn promised(&self, revision: u32) -> &ReturnPolicy {
        self.former.get(&revision).unwrap_or(&self.returns)
    }

    /// Refuses a revision whose text is not kept: nobody knows what it promised.
    pub(crate) fn knows(&self, revision: u32) -> Res {
        if revision == 0 || revision == self.revision || self.former.contains_key(&revision) {
            return Ok(());
        }
        let why = format!(
            "the order was placed under revision {revision} of the settings, which is not known; put \
             revisions/{revision:04}.toml of the data folder back and start the hub again"
        );
        Err(Fault::new("revision_unknown", why))
    }
}
