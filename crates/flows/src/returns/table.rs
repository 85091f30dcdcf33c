//! Which moves of a return's customer status are meant. The other two statuses follow the goods and the money
//! and have no table of their own.

use crate::transition::Transition;

/// Every move of a return's customer status, and upon what.
pub const TABLE: &[Transition] = &[];
