//! Instants and durations as plain numbers. Nothing here reads a clock: time comes in as a value.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 text wherever people or
/// other systems read it, so that a payload never leaves the zone open.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub i64);

/// A span in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub i64);

impl Span {
    #[must_use]
    pub const fn millis(ms: i64) -> Self {
        Self(ms)
    }
    #[must_use]
    pub const fn seconds(s: i64) -> Self {
        Self(s * 1_000)
    }
    #[must_use]
    pub const fn minutes(m: i64) -> Self {
        Self::seconds(m * 60)
    }
    #[must_use]
    pub const fn hours(h: i64) -> Self {
        Self::minutes(h * 60)
    }
    #[must_use]
    pub const fn days(d: i64) -> Self {
        Self::hours(d * 24)
    }
}

impl Time {
    /// Reads RFC 3339 text with its zone; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok().map(Self)
    }

    /// Later by `span`, staying at the ends of the range rather than wrapping.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The span from `earlier` to this instant; negative when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|at| at.format(&Rfc3339).ok());
        match text {
            Some(text) => f.write_str(&text),
            None => write!(f, "{}ms", self.0),
        }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        Self::parse(&text)
            .ok_or_else(|| de::Error::custom(format!("{text:?} is not an RFC 3339 time with a zone")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pitfall_26_a_zone_is_honoured_and_demanded() {
        assert_eq!(Time::parse("2011-01-18T10:01:00+01:00"), Time::parse("2011-01-18T09:01:00Z"));
        assert_eq!(Time::parse("2011-01-18T10:01:00"), None);
        assert_eq!(
            Time::parse("2011-01-18T10:01:00Z").map(|t| t.to_string()).as_deref(),
            Some("2011-01-18T10:01:00Z")
        );
    }
}
