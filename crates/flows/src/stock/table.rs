//! What becomes of a unit that an order wants, and upon what. A pool itself has no status.

use crate::transition::{Transition, moves};

/// Every move of a wanted unit. Supply that comes in any way serves demand that waits, in order of arrival.
pub const TABLE: &[Transition] = moves! {
    "stock.reserve" { wanted => reserved waiting; }
    "stock.received" { waiting => reserved; }
    "stock.returned" { waiting => reserved; }
    "stock.counted" { waiting => reserved; }
    "stock.adjusted" { waiting => reserved; }
    "stock.missing" { reserved => waiting; waiting => reserved; }
    "stock.release" { reserved => released; waiting => released reserved; }
    "stock.ship" { reserved => shipped; waiting => shipped reserved; }
};
