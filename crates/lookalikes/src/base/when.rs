//! RFC 3339 from and to milliseconds.

/// Days since 1970-01-01 of a civil date (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn days(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// Milliseconds since 1970 as UTC text, with milliseconds only where there are any.
pub(crate) fn text(ms: i64) -> String {
    let (year, month, day) = civil(ms.div_euclid(86_400_000));
    let rest = ms.rem_euclid(86_400_000);
    let (hour, minute, second, milli) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    let mut out = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if milli != 0 {
        out.push_str(&format!(".{milli:03}"));
    }
    out.push('Z');
    out
}

fn digits(text: &str, from: usize, to: usize) -> Option<i64> {
    let part = text.get(from..to)?;
    if part.bytes().all(|b| b.is_ascii_digit()) { part.parse().ok() } else { None }
}

/// RFC 3339 with a zone, to milliseconds since 1970; finer parts of a second are cut off.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let separators = [(4, "-"), (7, "-"), (13, ":"), (16, ":")];
    if !separators.iter().all(|(at, s)| text.get(*at..at + 1) == Some(s)) {
        return None;
    }
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' ')) {
        return None;
    }
    let (year, month, day) = (digits(text, 0, 4)?, digits(text, 5, 7)?, digits(text, 8, 10)?);
    let (hour, minute, second) = (digits(text, 11, 13)?, digits(text, 14, 16)?, digits(text, 17, 19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut milli = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let end = fraction.bytes().take_while(u8::is_ascii_digit).count();
        milli = format!("{:0<3}", fraction.get(..end)?).get(..3)?.parse().ok()?;
        rest = fraction.get(end..)?;
    }
    let offset = match rest.as_bytes().first()? {
        b'Z' | b'z' if rest.len() == 1 => 0,
        sign @ (b'+' | b'-') if rest.len() == 6 && rest.get(3..4) == Some(":") => {
            let minutes = digits(rest, 1, 3)? * 60 + digits(rest, 4, 6)?;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + (minute - offset) * 60 + second;
    Some(seconds * 1000 + milli)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments_are_read_and_written() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("2010-12-01T08:26:00Z"), Some(1_291_191_960_000));
        assert_eq!(parse("2021-12-31T19:00:00-05:00"), parse("2022-01-01T00:00:00Z"));
        assert_eq!(parse("2024-02-29T12:00:00.25+01:00"), Some(1_709_204_400_250));
        assert_eq!(text(1_291_191_960_000), "2010-12-01T08:26:00Z");
        assert_eq!(text(1_709_204_400_250), "2024-02-29T11:00:00.250Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for bad in ["", "2010-12-01", "2010-12-01T08:26:00", "2010-13-01T08:26:00Z", "2010-12-01T08:26:00+1"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for day in 0..146_097 {
            let ms = day * 86_400_000;
            assert_eq!(parse(&text(ms)), Some(ms));
        }
    }
}
