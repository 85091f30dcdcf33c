//! Prices as decimal text, amounts as whole minor units. No floating point.

use std::fmt;

/// A decimal number: `units` of ten to the minus `scale`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Decimal {
    units: i128,
    scale: u32,
}

impl Decimal {
    /// Plain decimal text, `-12.345`; up to 12 decimals and 18 digits in all.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, plain) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        let digits = whole.len() + fraction.len();
        let all_digits = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
        if whole.is_empty() || digits > 18 || fraction.len() > 12 || !all_digits {
            return None;
        }
        let units: i128 = format!("{whole}{fraction}").parse().ok()?;
        Some(Self {
            units: if negative { -units } else { units },
            scale: u32::try_from(fraction.len()).ok()?,
        })
    }

    /// This many units of it in minor units, rounded once, half away from zero.
    pub(crate) fn times(self, quantity: i64, decimals: u32) -> Option<i64> {
        self.scaled(i128::from(quantity), decimals)
    }

    fn scaled(self, by: i128, decimals: u32) -> Option<i64> {
        let value = self.units.checked_mul(by)?.checked_mul(10i128.checked_pow(decimals)?)?;
        i64::try_from(divide(value, 10i128.checked_pow(self.scale)?)).ok()
    }

    /// This rate of an amount, on top of it.
    pub(crate) fn of(self, amount: i64) -> Option<i64> {
        self.scaled(i128::from(amount), 0)
    }

    /// The share of an amount that already holds this rate: `amount × rate / (1 + rate)`.
    pub(crate) fn within(self, amount: i64) -> Option<i64> {
        let one = 10i128.checked_pow(self.scale)?;
        let whole = one.checked_add(self.units).filter(|w| *w > 0)?;
        i64::try_from(divide(i128::from(amount).checked_mul(self.units)?, whole)).ok()
    }
}

/// Division rounded half away from zero; the divisor is positive.
fn divide(value: i128, by: i128) -> i128 {
    let half = by / 2;
    if value >= 0 { (value + half) / by } else { -((-value + half) / by) }
}

/// How many decimals amounts in a currency have (ISO 4217 list one).
pub(crate) fn decimals(currency: &str) -> u32 {
    match currency.to_ascii_uppercase().as_str() {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Minor units written with the currency's decimals: 1299 with 2 is `12.99`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Major {
    pub minor: i64,
    pub decimals: u32,
}

impl fmt::Display for Major {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = 10u64.pow(self.decimals.min(6));
        let value = self.minor.unsigned_abs();
        let sign = if self.minor < 0 { "-" } else { "" };
        if by == 1 {
            return write!(f, "{sign}{value}");
        }
        let width = usize::try_from(self.decimals).unwrap_or(2);
        write!(f, "{sign}{}.{:0width$}", value / by, value % by)
    }
}

impl serde::Serialize for Major {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(price: &str, quantity: i64, decimals: u32) -> i64 {
        Decimal::parse(price).and_then(|p| p.times(quantity, decimals)).unwrap()
    }

    #[test]
    fn a_line_rounds_once_and_half_away_from_zero() {
        assert_eq!(times("2.55", 6, 2), 1530);
        assert_eq!(times("0.001", 5, 2), 1);
        assert_eq!(times("0.001", 4, 2), 0);
        assert_eq!(times("2.755", 1, 2), 276);
        assert_eq!(times("2.755", 2, 2), 551);
        assert_eq!(times("-2.755", 1, 2), -276);
        assert_eq!(times("1.5", 1, 0), 2);
        assert_eq!(times("1.2345", 1, 3), 1235);
    }

    #[test]
    fn tax_is_taken_out_of_or_put_upon_an_amount() {
        let rate = Decimal::parse("0.2").unwrap();
        assert_eq!(rate.within(1530), Some(255));
        assert_eq!(rate.of(1275), Some(255));
        assert_eq!(rate.within(1), Some(0));
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for bad in ["", ".5", "1e3", "1,5", "--1", "1.0000000000001", "NaN", "+1"] {
            assert_eq!(Decimal::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn amounts_are_written_with_their_currency_s_decimals() {
        let show = |minor, currency| Major { minor, decimals: decimals(currency) }.to_string();
        assert_eq!(show(1299, "GBP"), "12.99");
        assert_eq!(show(5, "EUR"), "0.05");
        assert_eq!(show(-5, "EUR"), "-0.05");
        assert_eq!(show(1299, "JPY"), "1299");
        assert_eq!(show(1299, "KWD"), "1.299");
    }
}
