//! Which moves of a difference are meant.

use crate::transition::{Transition, moves};

/// Every move of a difference, and upon what.
pub const TABLE: &[Transition] = moves! {
    "difference.found" { gone => found; }
    "difference.gone" { found => gone; }
};
