//! Finds the shortest failing history of a seed: fewer orders, then fewer kinds of faults.

use crate::run::{Outcome, Setup, simulate};

/// The smallest run near `failing` that still fails, with its history kept.
///
/// # Errors
/// As [`simulate`].
pub fn shortest(failing: Setup) -> Result<(Setup, Outcome), String> {
    let mut best = failing;
    // Failures need not grow with the number of orders, so every smaller number is tried, smallest first.
    let mut tried = 1;
    while tried < best.orders {
        let setup = Setup { orders: tried, ..best };
        if !simulate(setup)?.failures.is_empty() {
            best = setup;
            break;
        }
        tried += (best.orders / 50).max(1);
    }
    let mut shrinking = true;
    while shrinking {
        shrinking = false;
        for faults in best.faults.fewer() {
            let setup = Setup { faults, ..best };
            if !simulate(setup)?.failures.is_empty() {
                best = setup;
                shrinking = true;
                break;
            }
        }
    }
    let outcome = simulate(Setup { keep: true, ..best })?;
    Ok((best, outcome))
}
