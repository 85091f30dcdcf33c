//! Money in minor units with its currency, and prices as decimals. A line rounds once.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 code. Its exponent says how many decimals an amount has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Codes with other than two decimals (ISO 4217, list one, 2026).
const ZERO: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
    "XOF",
];
const THREE: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

impl Currency {
    pub const GBP: Self = Self(*b"GBP");
    pub const EUR: Self = Self(*b"EUR");
    pub const JPY: Self = Self(*b"JPY");
    pub const KWD: Self = Self(*b"KWD");

    /// Reads three upper-case letters.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// How many decimals an amount in this currency has: 0, 2 or 3.
    #[must_use]
    pub fn decimals(self) -> u32 {
        let code = self.code();
        if ZERO.contains(&code) || code == "XPF" {
            0
        } else if THREE.contains(&code) {
            3
        } else {
            2
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("{text:?} is not an ISO 4217 code")))
    }
}

/// An exact amount: whole minor units (pence, yen, fils) of one currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// Why two amounts could not be added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MoneyError {
    /// The two amounts are in different currencies.
    Mixed(Currency, Currency),
    /// The sum does not fit 64 bits.
    Overflow,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mixed(a, b) => write!(f, "amounts in {a} and {b} cannot be added"),
            Self::Overflow => f.write_str("the amount is too large"),
        }
    }
}

impl std::error::Error for MoneyError {}

impl Money {
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// # Errors
    /// When the currencies differ or the sum overflows.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed(self.currency, other.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency: self.currency })
    }

    /// # Errors
    /// When the currencies differ or the difference overflows.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.plus(Self {
            minor: other.minor.checked_neg().ok_or(MoneyError::Overflow)?,
            currency: other.currency,
        })
    }

    /// The part of this amount that belongs to units `from..to` of `of`. Shares of consecutive ranges add
    /// up exactly to the whole, so the last unit carries the rounding (invariant M5, pitfall 9).
    #[must_use]
    pub fn share(self, from: i64, to: i64, of: i64) -> Self {
        let upto = |n: i64| -> i64 {
            if of <= 0 {
                return 0;
            }
            let n = i128::from(n.clamp(0, of));
            i64::try_from((i128::from(self.minor) * n).div_euclid(i128::from(of))).unwrap_or(i64::MAX)
        };
        Self { minor: upto(to) - upto(from), currency: self.currency }
    }

    /// Reads an amount written as a decimal, such as `12.50`; refuses more decimals than the currency has.
    #[must_use]
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        let mut value = Decimal::from_str(text).ok()?;
        value.rescale(value.scale().max(currency.decimals()));
        let scaled = value.checked_mul(Decimal::from(10_u64.pow(currency.decimals())))?;
        scaled.fract().is_zero().then(|| scaled.to_i64())?.map(|minor| Self { minor, currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = Decimal::new(self.minor, self.currency.decimals());
        write!(f, "{value} {}", self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The price of one unit, as an exact decimal; it may have more decimals than its currency. Written as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitPrice(pub Decimal);

impl UnitPrice {
    /// Reads decimal text; NaN, exponents beyond range and empty text are `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Decimal::from_str(text).ok().map(Self)
    }

    /// What each of `quantity` units comes to, with four decimals more than the currency has.
    #[must_use]
    pub fn each(sum: Money, quantity: i64) -> Self {
        let decimals = sum.currency.decimals();
        let minor = Decimal::from(sum.minor) / Decimal::from(quantity.max(1));
        Self((minor / Decimal::from(10_u64.pow(decimals))).round_dp(decimals + 4).normalize())
    }

    /// `quantity` units at this price, rounded once, half away from zero. `None` when it does not fit.
    #[must_use]
    pub fn times(self, quantity: i64, currency: Currency) -> Option<Money> {
        let exact = self.0.checked_mul(Decimal::from(quantity))?;
        let minor = exact
            .checked_mul(Decimal::from(10_u64.pow(currency.decimals())))?
            .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
            .to_i64()?;
        Some(Money { minor, currency })
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for UnitPrice {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for UnitPrice {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("{text:?} is not a decimal price")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_follow_the_currency() {
        assert_eq!(Money::parse("12.5", Currency::GBP), Some(Money::new(1250, Currency::GBP)));
        assert_eq!(Money::parse("12", Currency::JPY), Some(Money::new(12, Currency::JPY)));
        assert_eq!(Money::parse("1.234", Currency::KWD), Some(Money::new(1234, Currency::KWD)));
        assert_eq!(Money::parse("1.2", Currency::JPY), None);
        assert_eq!(Money::parse("1.234", Currency::GBP), None);
        for bad in ["NaN", "1e308", "", "12,5", "99999999999999999999999"] {
            assert_eq!(Money::parse(bad, Currency::GBP), None, "{bad}");
        }
    }

    #[test]
    fn a_line_rounds_once() {
        let price = UnitPrice::parse("0.001").unwrap();
        assert_eq!(price.times(5, Currency::GBP), Some(Money::new(1, Currency::GBP)));
        assert_eq!(price.times(4, Currency::GBP), Some(Money::new(0, Currency::GBP)));
        assert_eq!(price.times(1_000, Currency::GBP), Some(Money::new(100, Currency::GBP)));
    }

    #[test]
    fn shares_add_up_to_the_last_penny() {
        let line = Money::new(1_001, Currency::GBP);
        let sum: i64 = (0..7).map(|n| line.share(n, n + 1, 7).minor).sum();
        assert_eq!(sum, 1_001);
        assert_eq!(line.share(0, 7, 7), line);
        assert_eq!(line.share(3, 3, 7).minor, 0);
    }

    #[test]
    fn currencies_do_not_mix() {
        let pence = Money::new(1, Currency::GBP);
        assert_eq!(
            pence.plus(Money::new(1, Currency::EUR)),
            Err(MoneyError::Mixed(Currency::GBP, Currency::EUR))
        );
        assert_eq!(Money::new(i64::MAX, Currency::GBP).plus(pence), Err(MoneyError::Overflow));
    }
}
