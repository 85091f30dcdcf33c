//! The transition tables are the code's own.

use flows::{difference, order, refund, returns, stock};

/// Whether a move stands in the table of its process.
pub fn meant(process: &str, from: &str, on: &str, to: &str) -> bool {
    let table = match process {
        "order" => order::TABLE,
        "return" => returns::TABLE,
        "pool" => stock::TABLE,
        "difference" => difference::TABLE,
        _ => refund::TABLE,
    };
    table.iter().any(|t| t.from == from && t.on == on && t.to == to)
}
