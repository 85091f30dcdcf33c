//! Finds the shortest failing history of a seed: fewer orders, fewer kinds of faults, rarer ones.

use crate::run::{Outcome, Setup, simulate};

/// The smallest run near `failing` that still fails, with its history kept up to where it does.
///
/// # Errors
/// As [`simulate`].
pub fn shortest(failing: Setup) -> Result<(Setup, Outcome), String> {
    let mut best = fewest_orders(failing)?;
    let mut shrinking = true;
    while shrinking {
        shrinking = false;
        for faults in best.faults.fewer().into_iter().chain(best.faults.rarer()) {
            let setup = Setup { faults, ..best };
            if !simulate(setup)?.failures.is_empty() {
                best = setup;
                shrinking = true;
                break;
            }
        }
    }
    // With fewer faults fewer orders may do.
    best = fewest_orders(best)?;
    let outcome = simulate(Setup { keep: true, ..best })?;
    Ok((best, outcome))
}

/// Failures need not grow with the number of orders, so every smaller number is tried, smallest first.
fn fewest_orders(failing: Setup) -> Result<Setup, String> {
    let mut tried = 1;
    while tried < failing.orders {
        let setup = Setup { orders: tried, ..failing };
        if !simulate(setup)?.failures.is_empty() {
            return Ok(setup);
        }
        tried += (failing.orders / 50).max(1);
    }
    Ok(failing)
}
