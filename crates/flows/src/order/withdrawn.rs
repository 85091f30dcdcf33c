//! What the pool takes back: units that it had reserved for the order and that are not there.

use super::counts::{put, sum, take_at};
use super::pool;
use super::state::Units;
use super::turn::Turn;
use crate::out::Res;
use crate::stock::messages::{GivenUp, Withdrawn};

/// The exception of units that a warehouse was asked for and that are not there.
pub(super) const CODE: &str = "stock_withdrawn";

/// The units that are not passed on wait again: the pool looks for others. Those that the order management or a
/// warehouse has been asked for may still be found by whoever picks them: the warehouse ships them or reports them
/// short, and a person knows that it may come to that.
pub(super) fn withdrawn(t: &mut Turn<'_>, message: &Withdrawn) -> Res {
    let (mut gone, mut asked): (Vec<Units>, Vec<String>) = (Vec::new(), Vec::new());
    for l in &message.lines {
        let line = t.goods(&l.line, &l.sku)?;
        let place = t.body.place(&l.place);
        let mut left = l.quantity;
        for units in [&mut t.body.reserved, &mut t.body.stuck] {
            let mut here: Vec<Units> = units.extract_if(.., |u| u.1 == place).collect();
            let taken = take_at(&mut here, line, Some(place), left);
            put(units, here);
            left -= sum(&taken);
            put(&mut gone, taken);
        }
        let released = t.body.released_of(line).min(left);
        if released > 0 {
            asked.push(format!("{released} of {} at {}", l.sku, l.place));
        }
    }
    if !asked.is_empty() {
        let cause = format!(
            "the warehouse was asked for units that a count says are not there: {}",
            asked.join(", ")
        );
        let next = "have the warehouse ship the units if it has them, or report them short, so that others are found";
        t.out.raise(CODE, "warehouse", cause, next);
    }
    if gone.is_empty() {
        return Ok(());
    }
    let (order, lines) = (t.order().to_owned(), pool::named(t, &gone)?);
    t.pool("stock.given_up", &GivenUp { order, lines })
}

/// Nothing of the order is with anybody who could look for it any more: what was asked for was cancelled and is back.
pub(super) fn forget(t: &mut Turn<'_>) {
    if (0_u16..).take(t.doc.lines.len()).all(|line| t.body.released_of(line) == 0) {
        t.out.clear(CODE);
    }
}
