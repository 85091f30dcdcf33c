//! Posting days: which day a fact is posted to, once its period may be closed.

use retail::time::Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeMap;
use std::fmt;
use time::{Date, Month};

const DAY_MS: i64 = 86_400_000;
/// Julian day number of 1970-01-01.
const EPOCH: i64 = 2_440_588;

/// A calendar day: days since 1970-01-01. Written `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

impl Day {
    /// The day of an instant at a fixed distance from UTC, in minutes (east is positive).
    #[must_use]
    pub const fn of(at: Time, east_minutes: i32) -> Self {
        Self(at.0.saturating_add(east_minutes as i64 * 60_000).div_euclid(DAY_MS))
    }

    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return None;
        }
        let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
        let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
        Some(Self(i64::from(date.to_julian_day()) - EPOCH))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date =
            i32::try_from(self.0.saturating_add(EPOCH)).ok().and_then(|n| Date::from_julian_day(n).ok());
        match date {
            Some(date) => write!(f, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day()),
            None => write!(f, "day {}", self.0),
        }
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("{text:?} is not a day (YYYY-MM-DD)")))
    }
}

/// Which days of each legal entity's books are closed, and where its days begin. An entity that is not
/// listed has all days open and days by UTC.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Periods(BTreeMap<String, Calendar>);

/// One entity's calendar.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Calendar {
    /// Distance from UTC in minutes, east positive. Fixed over the year: a day boundary that moves with
    /// summer time is not modelled.
    #[serde(default)]
    east_minutes: i32,
    /// (last closed day, since when it is closed).
    #[serde(default)]
    closings: Vec<(Day, Time)>,
}

impl Periods {
    /// All days open, by UTC.
    #[must_use]
    pub fn open() -> Self {
        Self::default()
    }

    /// Days of this entity begin `east_minutes` before those of UTC.
    #[must_use]
    pub fn zone(mut self, entity: &str, east_minutes: i32) -> Self {
        self.0.entry(entity.to_owned()).or_default().east_minutes = east_minutes;
        self
    }

    /// The entity's days up to and including `until` are closed to whatever is recorded from `since` on.
    #[must_use]
    pub fn close(mut self, entity: &str, until: Day, since: Time) -> Self {
        self.0.entry(entity.to_owned()).or_default().closings.push((until, since));
        self
    }

    /// The day that a fact is posted to, and whether that is later than the day it occurred because that one
    /// was closed when the fact was recorded.
    #[must_use]
    pub fn post(&self, entity: &str, occurred: Time, recorded: Time) -> (Day, bool) {
        let Some(calendar) = self.0.get(entity) else { return (Day::of(occurred, 0), false) };
        let day = Day::of(occurred, calendar.east_minutes);
        let closed =
            calendar.closings.iter().filter(|(_, since)| *since <= recorded).map(|(until, _)| *until).max();
        match closed {
            Some(until) if day <= until => (until.next(), true),
            _ => (day, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn a_closed_day_posts_to_the_first_open_one_and_is_late() {
        let periods =
            Periods::open().close("uk", Day::parse("2010-12-31").unwrap(), at("2011-01-10T00:00:00Z"));
        let december = at("2010-12-30T12:00:00Z");
        let before = periods.post("uk", december, at("2011-01-09T23:59:59Z"));
        let after = periods.post("uk", december, at("2011-01-10T00:00:00Z"));
        assert_eq!((before.0.to_string().as_str(), before.1), ("2010-12-30", false));
        assert_eq!((after.0.to_string().as_str(), after.1), ("2011-01-01", true));
        let january = at("2011-01-02T12:00:00Z");
        let open = periods.post("uk", january, at("2011-01-10T00:00:00Z"));
        assert_eq!((open.0.to_string().as_str(), open.1), ("2011-01-02", false), "a day after it is open");
        assert!(
            !periods.post("de", december, at("2011-02-01T00:00:00Z")).1,
            "another entity's books are open"
        );
    }

    #[test]
    fn pitfall_26_the_business_day_is_the_entitys() {
        let periods = Periods::open().zone("jp", 9 * 60);
        let late_evening_utc = at("2010-12-01T16:00:00Z");
        assert_eq!(periods.post("jp", late_evening_utc, late_evening_utc).0.to_string(), "2010-12-02");
        assert_eq!(periods.post("uk", late_evening_utc, late_evening_utc).0.to_string(), "2010-12-01");
    }

    #[test]
    fn days_read_back_as_written() {
        for text in ["1970-01-01", "2012-02-29", "1969-12-31", "2100-03-01"] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        for bad in ["2011-02-29", "2011-2-9", "2011-02-09T00:00:00Z", ""] {
            assert_eq!(Day::parse(bad), None);
        }
    }
}
