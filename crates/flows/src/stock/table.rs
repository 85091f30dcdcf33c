//! What becomes of a unit that an order wants, and upon what. A pool itself has no status.

use crate::transition::{Transition, moves};

/// Every move of a wanted unit. Supply that comes in any way serves demand that waits, in order of
/// arrival. A checkout's hold is a reservation that is released when its order takes it over, when it expires, or when
/// its units are not there.
pub const TABLE: &[Transition] = moves! {
    "stock.reserve" { wanted => reserved waiting; waiting => reserved; reserved => released; }
    "stock.reserve_more" { wanted => reserved waiting; }
    "stock.hold_requested" { wanted => reserved; }
    "stock.hold_released" { reserved => released; waiting => reserved; }
    "stock.received" { waiting => reserved; }
    "stock.returned" { waiting => reserved; }
    "stock.counted" { waiting => reserved; reserved => released; }
    "stock.adjusted" { waiting => reserved; reserved => released; }
    "stock.transfer_shipped" { reserved => released; }
    "stock.transfer_received" { waiting => reserved; }
    "stock.missing" { reserved => waiting; waiting => reserved; }
    "stock.given_up" { reserved => waiting; waiting => reserved; }
    "stock.release" { reserved => released; waiting => released reserved; }
    "stock.ship" { reserved => shipped; waiting => shipped reserved; }
    "timer" { reserved => released; waiting => reserved; }
};
