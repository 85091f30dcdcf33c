//! Which moves of an order's status are meant.

use crate::transition::Transition;

/// Every move of an order's status, and upon what.
pub const TABLE: &[Transition] = &[];
