//! Local times of a seller, made into instants.
//!
//! Trade files carry local time without a zone. The zone is given as an offset and, where clocks are changed, by
//! the European rule (directive 2000/84/EC: the last Sundays of March and October, 01:00 UTC).

use retail::time::Time;

/// A local calendar day: days since 1970-01-01.
pub type Day = i64;

/// How times are written in a file, and what they mean.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clock {
    format: String,
    /// Minutes that local time is ahead of UTC in winter.
    offset: i64,
    summer: bool,
}

const MINUTE: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// Days since 1970-01-01 of a civil date (Howard Hinnant, "chrono-compatible low-level date algorithms").
pub(crate) fn days_of(year: i64, month: i64, day: i64) -> Day {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// The last Sunday of a month of 31 days.
fn last_sunday(year: i64, month: i64) -> Day {
    let last = days_of(year, month, 31);
    // 1970-01-01 was a Thursday: day + 4 is 0 modulo 7 on Sundays.
    last - (last + 4).rem_euclid(7)
}

impl Clock {
    /// `format` holds `%Y %m %d %H %M %S` and literal characters; `offset` is `+HH:MM` or `-HH:MM`; `summer` is
    /// `none` or `eu`.
    ///
    /// # Errors
    /// A sentence naming what cannot be read.
    pub fn new(format: &str, offset: &str, summer: &str) -> Result<Self, String> {
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c == '%' {
                let field = chars.next().unwrap_or(' ');
                if !"YmdHMS".contains(field) {
                    return Err(format!("time.format '{format}': %{field} is not one of %Y %m %d %H %M %S"));
                }
            }
        }
        if !(format.contains("%Y") && format.contains("%m") && format.contains("%d")) {
            return Err(format!("time.format '{format}' wants %Y, %m and %d"));
        }
        let summer = match summer {
            "none" => false,
            "eu" => true,
            other => return Err(format!("time.summer '{other}' is neither none nor eu")),
        };
        let bad = || format!("time.offset '{offset}' is not written like +01:00");
        let minutes = |text: &str| -> Option<i64> {
            let (h, m) = text.split_once(':')?;
            let (h, m): (i64, i64) = (h.parse().ok()?, m.parse().ok()?);
            ((0..=14).contains(&h) && (0..60).contains(&m)).then_some(h * 60 + m)
        };
        let offset = match offset.split_at_checked(1) {
            Some(("+", rest)) => minutes(rest).ok_or_else(bad)?,
            Some(("-", rest)) => -minutes(rest).ok_or_else(bad)?,
            _ => return Err(bad()),
        };
        Ok(Self { format: format.to_owned(), offset, summer })
    }

    /// Reads a local time: the instant and the local day. `None` where the text does not follow the format or
    /// names no date.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<(Time, Day)> {
        let mut rest = text;
        let (mut year, mut month, mut day, mut hour, mut minute, mut second) = (0, 0, 0, 0, 0, 0);
        let mut format = self.format.chars();
        while let Some(c) = format.next() {
            if c != '%' {
                rest = rest.strip_prefix(c)?;
                continue;
            }
            let field = format.next()?;
            let most = if field == 'Y' { 4 } else { 2 };
            let end = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
            let value: i64 = rest.get(..end)?.parse().ok()?;
            rest = rest.get(end..)?;
            match field {
                'Y' => year = value,
                'm' => month = value,
                'd' => day = value,
                'H' => hour = value,
                'M' => minute = value,
                _ => second = value,
            }
        }
        let longest = match month {
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let known = (1..=12).contains(&month) && (1..=longest).contains(&day);
        if !rest.is_empty() || !known || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let date = days_of(year, month, day);
        let local = date * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000;
        let winter = local - self.offset * MINUTE;
        let from = last_sunday(year, 3) * DAY_MS + 60 * MINUTE;
        let to = last_sunday(year, 10) * DAY_MS + 60 * MINUTE;
        // In the hour that occurs twice in October the first one is meant.
        let ahead = self.summer && winter >= from && winter - 60 * MINUTE < to;
        Some((Time(if ahead { winter - 60 * MINUTE } else { winter }), date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn london() -> Clock {
        Clock::new("%Y-%m-%d %H:%M:%S", "+00:00", "eu").unwrap()
    }

    fn utc(text: &str) -> Option<Time> {
        Time::parse(text)
    }

    #[test]
    fn summer_time_begins_and_ends_on_the_last_sundays() {
        let at = |text: &str| london().read(text).map(|(t, _)| t);
        assert_eq!(at("2010-12-01 08:26:00"), utc("2010-12-01T08:26:00Z"));
        assert_eq!(at("2011-03-27 00:59:59"), utc("2011-03-27T00:59:59Z"));
        assert_eq!(at("2011-03-27 02:00:00"), utc("2011-03-27T01:00:00Z"));
        assert_eq!(at("2011-07-01 12:00:00"), utc("2011-07-01T11:00:00Z"));
        assert_eq!(at("2011-10-30 00:30:00"), utc("2011-10-29T23:30:00Z"));
        assert_eq!(at("2011-10-30 02:00:00"), utc("2011-10-30T02:00:00Z"));
    }

    #[test]
    fn the_day_is_the_local_one() {
        let berlin = Clock::new("%d.%m.%Y %H:%M", "+01:00", "eu").unwrap();
        let (at, day) = berlin.read("1.7.2011 00:30").unwrap();
        assert_eq!(Some(at), utc("2011-06-30T22:30:00Z"));
        assert_eq!(day, days_of(2011, 7, 1));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for bad in ["", "2011-02-29 10:00:00", "2011-13-01 10:00:00", "2011-01-01", "2011-01-01 10:00:00 x"] {
            assert_eq!(london().read(bad), None, "{bad}");
        }
        for (format, offset, summer) in [
            ("%Q", "+00:00", "eu"),
            ("%H:%M", "+00:00", "eu"),
            ("%Y%m%d", "00:00", "eu"),
            ("%Y%m%d", "+00:00", "us"),
        ] {
            assert!(Clock::new(format, offset, summer).is_err(), "{format} {offset} {summer}");
        }
    }
}
