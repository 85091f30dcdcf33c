//! The transition tables are the code's own.

use flows::{order, refund, returns};

/// Whether a move stands in the table of its process.
pub fn meant(process: &str, from: &str, on: &str, to: &str) -> bool {
    let table = match process {
        "order" => order::TABLE,
        "return" => returns::TABLE,
        _ => refund::TABLE,
    };
    table.iter().any(|t| t.from == from && t.on == on && t.to == to)
}
