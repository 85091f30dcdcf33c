//! What was promised under settings that have changed since. An order notes the revision under which it was placed;
//! what may come back of it, until when and at what fee, stays as it was promised then.

use super::{Policy, ReturnPolicy};

impl Policy {
    /// What was promised about returns to orders placed under a revision. 0 is no revision: the present settings.
    #[must_use]
    pub fn promised(&self, revision: u32) -> &ReturnPolicy {
        self.former.get(&revision).unwrap_or(&self.returns)
    }

    /// Whether it is known what a revision promised.
    pub(crate) fn knows(&self, revision: u32) -> bool {
        revision == 0 || revision == self.revision || self.former.contains_key(&revision)
    }
}
