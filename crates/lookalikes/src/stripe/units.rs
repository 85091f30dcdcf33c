//! Stripe's amounts against minor units. They agree but for currencies that Stripe writes with other decimals than
//! ISO 4217 has: ISK and UGX with two instead of none, MGA with none instead of two (docs.stripe.com/currencies,
//! zero-decimal and special cases). Intents and refunds hold Stripe's amounts, the ledger minor units.

/// Minor units as Stripe writes them.
pub(crate) fn stripe(currency: &str, minor: i64) -> i64 {
    match currency.to_ascii_uppercase().as_str() {
        "ISK" | "UGX" => minor.saturating_mul(100),
        "MGA" => minor / 100,
        _ => minor,
    }
}

/// Stripe's amount in minor units.
pub(crate) fn iso(currency: &str, amount: i64) -> i64 {
    match currency.to_ascii_uppercase().as_str() {
        "ISK" | "UGX" => amount / 100,
        "MGA" => amount.saturating_mul(100),
        _ => amount,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_currencies_come_back_as_they_were() {
        for (currency, minor, written) in [
            ("GBP", 1299, 1299),
            ("JPY", 500, 500),
            ("KWD", 1250, 1250),
            ("ISK", 500, 50_000),
            ("MGA", 1200, 12),
        ] {
            assert_eq!(stripe(currency, minor), written, "{currency}");
            assert_eq!(iso(currency, written), minor, "{currency}");
        }
    }
}
