//! What orders pay for each other: an exchange is paid by the credit of the order that it came from, over an account
//! that is nobody's money.

use crate::report::Findings;
use crate::rules;
use std::collections::BTreeMap;

/// The account of it.
pub(crate) const EXCHANGE: &str = "provider.exchange";

#[derive(Clone, Debug, Default)]
pub(crate) struct Clearing {
    sums: BTreeMap<String, i64>,
}

impl Clearing {
    pub fn posted(&mut self, account: &str, unit: &str, amount: i64) {
        if account == EXCHANGE {
            *self.sums.entry(unit.to_owned()).or_default() += amount;
        }
    }

    /// Judges it, once nothing is under way.
    pub fn finish(&self, quiet: bool, findings: &mut Findings) {
        findings.checked(rules::BOOKS_CLEARED, 1);
        for (unit, sum) in self.sums.iter().filter(|(_, sum)| quiet && **sum != 0) {
            findings.breach(
                rules::BOOKS_CLEARED,
                EXCHANGE,
                format!("0 {unit}"),
                sum.to_string(),
                "entries in the journal",
            );
        }
    }
}
